//! One session as a bar in a row: `[` begin, `]` end with a logoff, `<` began before, `>` open now, `?` end inferred,
//! `~` disconnected, `-` locked, `:` a run of logons; the letter of the worst anomaly stands before it.

use super::put;
use super::table::Look;
use crate::base::time::Timestamp;
use crate::model::visit::{RUN_GAP, Visit, VisitKind};
use crate::ui::theme::Meaning;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The time that the columns of a chart stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Window {
    /// Column of a moment among `width` columns; `None` outside.
    #[must_use]
    pub fn column(self, at: Timestamp, width: u16) -> Option<u16> {
        if at < self.from || at > self.to || width == 0 {
            return None;
        }
        let all = i128::from((self.to - self.from).as_ticks().max(1));
        let place = i128::from((at - self.from).as_ticks()) * i128::from(width) / all;
        Some(u16::try_from(place).unwrap_or(0).min(width - 1))
    }
}

/// Stretches of one session that are drawn, the newest.
const STRETCHES: usize = 256;

/// Draws a session into the one row of `area`.
pub fn draw(buffer: &mut Buffer, area: Rect, visit: &Visit, window: Window, now: Timestamp, look: Look<'_>) {
    let end = visit.end_or(now);
    if area.width == 0 || area.height == 0 || end < window.from || visit.start > window.to {
        return;
    }
    let first = window.column(visit.start, area.width);
    let last = window.column(end, area.width);
    let (left, right) = (first.unwrap_or(0), last.unwrap_or(area.width - 1));
    let style = look.theme.style(match visit.worst {
        Some(severity) => Meaning::Severity(severity),
        None if visit.is_open() => Meaning::Open,
        None if visit.end_reason.is_inferred() => Meaning::Uncertain,
        None => Meaning::Text,
    });
    let line = if visit.kind == VisitKind::Run { look.glyphs.bar_run } else { look.glyphs.bar };
    for column in left..=right {
        put(buffer, area.x + column, area.y, 1, line, style);
    }
    for (state, from, to) in visit.stretches().rev().take(STRETCHES) {
        let from = window.column(from.max(window.from), area.width);
        let to = window.column(to.unwrap_or(end).min(window.to), area.width);
        if let (Some(from), Some(to), Some(glyph)) = (from, to, look.glyphs.bar_of(state)) {
            for column in from..=to {
                put(buffer, area.x + column, area.y, 1, glyph, look.theme.style(Meaning::Uncertain));
            }
        }
    }
    let close = match last {
        _ if visit.is_open() && visit.end.is_some_and(|end| end + RUN_GAP < now) => look.glyphs.bar_inferred,
        _ if visit.is_open() => look.glyphs.bar_open,
        None => line,
        Some(_) if visit.end_quality().is_inferred() => look.glyphs.bar_inferred,
        Some(_) => look.glyphs.bar_end,
    };
    put(buffer, area.x + right, area.y, 1, close, style);
    if right > left || first.is_none() {
        put(buffer, area.x + left, area.y, 1, if first.is_some() { look.glyphs.bar_begin } else { look.glyphs.bar_before }, style);
    }
    if let (Some(severity), true) = (visit.worst, left > 0) {
        put(buffer, area.x + left - 1, area.y, 1, &severity.letter().to_string(), style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;
    use crate::model::anomaly::Severity;
    use crate::model::session::SessionEnd;
    use crate::ui::{glyph, theme::Theme};

    #[test]
    fn bars_show_how_a_session_began_and_ended() {
        let from = Timestamp::parse("2026-03-14T09:00:00Z").unwrap();
        let at = |minutes: i64| from + Span::minutes(minutes);
        let window = Window { from, to: at(20) };
        for (start, end, reason, worst, expected) in [
            (4, Some(10), SessionEnd::Logoff, None, "    [=====]         "),
            (-5, Some(10), SessionEnd::Boot, None, "<=========?         "),
            (4, None, SessionEnd::Open, Some(Severity::High), "   H[==============>"),
            (4, Some(40), SessionEnd::Logoff, None, "    [==============="),
            (4, Some(4), SessionEnd::Logoff, None, "    ]               "),
            (-9, Some(-5), SessionEnd::Logoff, None, "                    "),
            (30, Some(35), SessionEnd::Logoff, None, "                    "),
        ] {
            let area = Rect::new(0, 0, 20, 1);
            let mut buffer = Buffer::empty(area);
            let visit = Visit { start: at(start), end: end.map(at), end_reason: reason, worst, ..empty() };
            draw(&mut buffer, area, &visit, window, at(20), Look { theme: &Theme::default(), glyphs: &glyph::ASCII, focus: false });
            let drawn: String = buffer.content().iter().map(|cell| cell.symbol()).collect();
            assert_eq!(drawn, expected);
        }
    }

    fn empty() -> Visit {
        Visit {
            lane: crate::model::lane::Lane::Network,
            logons: 1,
            ..Visit::new(VisitKind::Single, Default::default(), Default::default(), Default::default(), Default::default())
        }
    }
}
