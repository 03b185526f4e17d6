//! A range of time being selected: from the column where it began to the cursor.
//!
//! The range has whole seconds as soon as a column is a second wide, so that what is counted here, what the filter leaves
//! and what stands in the columns are the same events.

use super::Timeline;
use super::draw;
use super::lanes::{Geometry, Scene, density, severities};
use super::window::Window;
use crate::base::text;
use crate::base::time::{Span, TICKS_PER_SECOND, Timestamp};
use crate::engine::handle::Command;
use crate::model::lane::Lane;
use crate::store::Phase;
use crate::ui::action::Action;
use crate::ui::effect::Effect;
use crate::ui::theme::Meaning;
use crate::ui::view::Ctx;
use ratatui::buffer::Buffer;

/// The column a selection began in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brush {
    from: Timestamp,
    to: Timestamp,
}

/// Up to the next whole second, where a column is a second or wider: the seconds that begin in the columns.
fn whole(at: Timestamp, column: Span) -> Timestamp {
    if column < Span::seconds(1) {
        return at;
    }
    (at + Span::ticks(TICKS_PER_SECOND - 1)).bucket(Span::seconds(1))
}

/// A filter text with this range as its time.
#[must_use]
pub fn timed(text: &str, from: Timestamp, to: Timestamp) -> String {
    let last = to - Span::ticks(1);
    let write = |at: Timestamp, up: bool| {
        let second = at.bucket(Span::seconds(1));
        let is_whole = if up { last + Span::ticks(1) == second + Span::seconds(1) } else { at == second };
        let rest = (at - second).as_ticks();
        let words = second.rfc3339();
        let words = words.split('.').next().unwrap_or_default();
        if is_whole { format!("{words}Z") } else { format!("{words}.{rest:07}Z") }
    };
    crate::query::retimed(text, &write(from, false), &write(last, true))
}

impl Timeline {
    /// Begins a selection at the cursor, or leaves the one there is.
    pub(super) fn select(&mut self, ctx: &Ctx<'_>, window: Window) -> Vec<Effect> {
        if self.brush.take().is_some() {
            return Vec::new();
        }
        let at = self.at(ctx, window);
        self.put(ctx, window, at);
        let columns = Geometry::of(ctx).columns;
        let column = window.column(at, columns);
        self.brush = Some(Brush { from: window.begin_of(column, columns), to: window.begin_of(column + 1, columns) });
        Vec::new()
    }
    /// What is selected.
    #[must_use]
    pub fn range(&self, ctx: &Ctx<'_>, window: Window) -> Option<(Timestamp, Timestamp)> {
        let brush = self.brush?;
        let columns = Geometry::of(ctx).columns;
        let column = window.column(self.at(ctx, window), columns);
        let (from, to) = (brush.from.min(window.begin_of(column, columns)), brush.to.max(window.begin_of(column + 1, columns)));
        let wide = Span::ticks(window.width().as_ticks() / i64::from(columns.max(1)));
        let (from, to) = (whole(from, wide), whole(to, wide));
        Some((from, to.max(from + Span::ticks(1))))
    }
    /// What keys do while a range is selected; `None`: what they always do.
    pub(super) fn brushing(&mut self, action: Action, ctx: &Ctx<'_>, window: Window) -> Option<Vec<Effect>> {
        let (from, to) = self.range(ctx, window)?;
        let far = i64::from(Geometry::of(ctx).columns / 10).max(1);
        match action {
            Action::PanLeft => Some(self.step(ctx, window, -far)),
            Action::PanRight => Some(self.step(ctx, window, far)),
            Action::NavOpen => {
                self.brush = None;
                let text = timed(ctx.filter.map_or("", |filter| filter.text()), from, to);
                let words = format!("only {}: u takes the filter back", range_words(ctx, from, to));
                Some(vec![Effect::SetFilter(text), Effect::Say(words)])
            }
            Action::WindowRange => {
                self.brush = None;
                let at = self.at(ctx, window);
                self.put(ctx, Window::new(from, to), at);
                Some(vec![Effect::Say(format!("{}: - zooms out, z a shows all", range_words(ctx, from, to)))])
            }
            Action::ReplayLoop => {
                if !matches!(ctx.snapshot.phase, Phase::Replay { .. }) {
                    return Some(vec![Effect::Say("only a replay can be looped: r starts one from the cursor".to_owned())]);
                }
                self.brush = None;
                self.held = false;
                let words = format!("looping {}: B ends it", range_words(ctx, from, to));
                Some(vec![Effect::Engine(Command::Loop(Some((from, to)))), Effect::Say(words)])
            }
            Action::PopupDismiss | Action::TimeSelect => {
                self.brush = None;
                Some(Vec::new())
            }
            _ => None,
        }
    }
    /// The range in one line: its ends, its length, what is in it.
    pub(super) fn told(&self, ctx: &Ctx<'_>, window: Window) -> Option<String> {
        let (from, to) = self.range(ctx, window)?;
        let (events, failures) = Lane::ALL.into_iter().fold((0_u64, 0_u64), |(events, failures), lane| {
            let total = density(ctx).total(lane, from, to);
            (events + u64::from(total.events()), failures + u64::from(total.failures))
        });
        let (found, capped) = severities(ctx, from, to);
        let found = found.values().sum::<u32>();
        // The sums know whole seconds only.
        let about = if (to - from).as_ticks() % TICKS_PER_SECOND == 0 { "" } else { "~" };
        Some(format!(
            "{}, {}, {about}{}, {about}{}, {}  (Enter: filter, z v: zoom, B: loop in a replay, Esc)",
            range_words(ctx, from, to),
            (to - from).words(),
            number(events, "event"),
            number(failures, "failure"),
            if capped { format!("{}+ anomalies", text::count(u64::from(found))) } else { number(u64::from(found), "anomaly") },
        ))
    }
}

fn number(count: u64, what: &str) -> String {
    let many = if what == "anomaly" { "anomalies".to_owned() } else { format!("{what}s") };
    format!("{} {}", text::count(count), if count == 1 { what } else { &many })
}

/// `03-14 09:12:00 .. 09:30:00Z`.
fn range_words(ctx: &Ctx<'_>, from: Timestamp, to: Timestamp) -> String {
    let zone = ctx.zone;
    let second = if zone.local(from).date() == zone.local(to).date() { zone.clock(to) } else { ctx.day_clock(to) };
    format!("{} .. {second}", ctx.day_clock(from).trim_end_matches('Z'))
}

/// Draws the selection: a ruler from end to end, and its ends through all lanes. It does not rely on colour.
pub fn draw(buffer: &mut Buffer, ctx: &Ctx<'_>, scene: &Scene, (from, to): (Timestamp, Timestamp)) {
    let geometry = &scene.geometry;
    let last = i64::from(geometry.columns.saturating_sub(1));
    let column = |at: Timestamp| scene.window.column(at, geometry.columns);
    let (first, end) = (column(from), column(to - Span::ticks(1)));
    if end < 0 || first > last {
        return;
    }
    let clamped = |column: i64| u16::try_from(column.clamp(0, last)).unwrap_or(0);
    let (left, right) = (clamped(first), clamped(end));
    let style = ctx.theme.style(Meaning::Strong);
    let ruler = geometry.foot().unwrap_or_else(|| geometry.axis());
    let (top, height) = geometry.body();
    for column in left..=right {
        draw::sign(buffer, geometry.x(column), ruler, ctx.glyphs.horizontal, style);
        // Also the densities stand out, where attributes are seen.
        for (line, y) in scene.lines.iter().zip(top..top.saturating_add(height)) {
            if let (super::lanes::Line::Density(_), Some(cell)) = (line, buffer.cell_mut((geometry.x(column), y))) {
                cell.set_style(ctx.theme.style(Meaning::Cursor));
            }
        }
    }
    for (column, shown, sign) in [(left, first >= 0, ctx.glyphs.range_begin), (right, end <= last, ctx.glyphs.range_end)] {
        if !shown {
            continue;
        }
        draw::sign(buffer, geometry.x(column), ruler, sign, style);
        for y in (top..top.saturating_add(height)).take(scene.lines.len()) {
            // Words are not cut in two.
            let is_blank = |x: u16| buffer.cell((x, y)).is_none_or(|cell| cell.symbol() == " ");
            let x = geometry.x(column);
            if is_blank(x) && is_blank(x.saturating_sub(1)) && is_blank(x + 1) {
                draw::sign(buffer, geometry.x(column), y, ctx.glyphs.vertical, style);
            }
        }
    }
}
