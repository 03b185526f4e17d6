//! The replay bar: where in the recording the clock stands, what was found so far, how fast it runs, what it loops.

use crate::base::text;
use crate::base::time::{Span, Timestamp};
use crate::model::anomaly::Severity;
use crate::store::Phase;
use crate::ui::app::{App, SPEEDS, speed_text};
use crate::ui::frame::put_right;
use crate::ui::theme::Meaning;
use crate::ui::view::timeline::{Window, axis, fitting};
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Anomalies marked on the bar, the newest.
const MARKS: usize = 2_000;

/// The columns of the bar, and the time they stand for.
struct Scale {
    x: u16,
    cells: u16,
    window: Window,
}

impl Scale {
    fn column(&self, at: Timestamp) -> u16 {
        let column = self.window.column(at, self.cells).clamp(0, i64::from(self.cells.saturating_sub(1)));
        u16::try_from(column).unwrap_or(0)
    }
}

/// The worst anomaly of each column that has one.
fn marks(app: &App, scale: &Scale) -> Vec<(u16, Severity)> {
    let mut marks: Vec<(u16, Severity)> = Vec::new();
    let (snapshot, end) = (&app.newest, crate::model::ids::AnomalyId::NONE);
    for (at, id) in snapshot.marks.before(Timestamp::MAX, end).take(MARKS) {
        let Some(anomaly) = snapshot.tables.anomaly(id) else { continue };
        let column = scale.column(at);
        match marks.last_mut() {
            Some((last, severity)) if *last == column => *severity = (*severity).max(anomaly.severity),
            _ => marks.push((column, anomaly.severity)),
        }
    }
    marks
}

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let Phase::Replay { speed, position, events, .. } = app.newest.phase else { return };
    let (theme, glyphs, playing) = (&app.scene.theme, app.scene.glyphs, &app.newest.playing);
    let percent = position.min(events).saturating_mul(100).checked_div(events).unwrap_or(0);
    let mut rows = area.rows();
    let above = if area.height >= 3 { rows.next() } else { None };
    let looped = if playing.looped.is_some() { "  loop" } else { "" };
    let tail = format!(" {percent:>3}%  {}{looped} ", speed_text(speed));
    let Some(row) = rows.next() else { return };
    let head = format!(" {} ", app.scene.zone.clock(app.newest.now));
    let start = row.x + put(buffer, row.x, row.y, row.width, &head, theme.style(Meaning::Strong));
    let end = put_right(buffer, row, &tail, theme.style(Meaning::Strong));
    let first = playing.from.or(app.newest.first).unwrap_or(app.newest.now);
    let last = playing.to.unwrap_or(app.newest.now).max(first);
    let cells = end.saturating_sub(start).saturating_sub(2);
    let scale = Scale { x: start + 1, cells, window: Window::new(first, last + Span::ticks(1)) };
    if cells > 0 {
        bar(app, buffer, row.y, &scale);
        let focus = if app.scrubbing { ("[", "]", Meaning::Strong) } else { (glyphs.vertical, glyphs.vertical, Meaning::Dim) };
        put(buffer, start, row.y, 1, focus.0, theme.style(focus.2));
        put(buffer, end.saturating_sub(1), row.y, 1, focus.1, theme.style(focus.2));
    }
    if let Some(above) = above {
        labels(app, buffer, above, &scale);
    }
    if let Some(row) = rows.next() {
        put(buffer, row.x, row.y, row.width, &said(app, speed, (position, events)), theme.style(Meaning::Text));
    }
}

/// Played, still to come, the clock, the ends of the loop, and what was found.
fn bar(app: &App, buffer: &mut Buffer, y: u16, scale: &Scale) {
    let (theme, glyphs) = (&app.scene.theme, app.scene.glyphs);
    let at = scale.column(app.newest.now);
    for cell in 0..scale.cells {
        let (sign, meaning) = if cell < at { (glyphs.bar, Meaning::Open) } else { (glyphs.horizontal, Meaning::Dim) };
        put(buffer, scale.x + cell, y, 1, sign, theme.style(meaning));
    }
    for (column, severity) in marks(app, scale) {
        put(buffer, scale.x + column, y, 1, glyphs.anomaly, theme.style(Meaning::Severity(severity)));
    }
    if let Some((from, to)) = app.newest.playing.looped {
        put(buffer, scale.x + scale.column(from), y, 1, glyphs.range_begin, theme.style(Meaning::Strong));
        put(buffer, scale.x + scale.column(to), y, 1, glyphs.range_end, theme.style(Meaning::Strong));
    }
    put(buffer, scale.x + at, y, 1, glyphs.cursor_bar, theme.style(Meaning::Strong));
}

/// A line across, with the times of the bar below it.
fn labels(app: &App, buffer: &mut Buffer, row: Rect, scale: &Scale) {
    let dim = app.scene.theme.style(Meaning::Dim);
    for x in row.left()..row.right() {
        put(buffer, x, row.y, 1, app.scene.glyphs.horizontal, dim);
    }
    let ticks = axis(scale.window, scale.cells, app.scene.zone);
    for (number, tick) in ticks.iter().enumerate() {
        let next = ticks.get(number + 1).map_or(scale.cells, |next| next.column);
        let label = fitting(&tick.label, next.saturating_sub(tick.column));
        if !label.is_empty() {
            put(buffer, scale.x + tick.column, row.y, 1, app.scene.glyphs.vertical, dim);
            put(buffer, scale.x + tick.column + 1, row.y, next - tick.column, label, dim);
        }
    }
}

/// What the row below the bar says.
fn said(app: &App, speed: f64, (position, events): (usize, usize)) -> String {
    let (zone, playing) = (app.scene.zone, &app.newest.playing);
    let counted = format!("event {} of {}", text::count(position as u64), text::count(events as u64));
    if let Some(goal) = playing.goal {
        return format!(" the state at {} is being built: {counted}", zone.date_time(goal));
    }
    let speeds: Vec<String> =
        SPEEDS.iter().map(|other| if *other == speed { format!("[{}]", speed_text(*other)) } else { speed_text(*other) }).collect();
    let mut words = format!(" speed {}   {counted}", speeds.join(" "));
    if let Some((from, to)) = playing.looped {
        words = format!("{words}   loop {} .. {} (B ends it)", zone.clock(from).trim_end_matches('Z'), zone.clock(to));
    } else if let Some((_, length)) = playing.skipped {
        words = format!("{words}   {} of quiet skipped", length.words());
    } else {
        let elapsed = app.newest.first.map_or(Span::default(), |first| app.newest.now - first);
        words = format!("{words}   {} in", elapsed.words());
    }
    words
}
