//! What came of the attempts of a source over time: failures, successes, and what was met for the first time.

use super::super::Ctx;
use super::tally::Tallies;
use crate::base::text;
use crate::base::time::{Span, Timestamp};
use crate::model::event::{AuthEvent, EventKind, Outcome};
use crate::ui::action::Action;
use crate::ui::theme::Meaning;
use crate::ui::view::timeline::level;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::collections::BTreeMap;

/// Cells of the strip, whatever the width of the screen: what they hold is summed when events come, not while drawing.
const CELLS: usize = 48;
/// Cells of the screen before the first.
const LABEL: u16 = 6;
/// Widths of a cell.
const WIDTHS: [Span; 10] = [
    Span::minutes(1),
    Span::minutes(5),
    Span::minutes(15),
    Span::hours(1),
    Span::hours(4),
    Span::hours(12),
    Span::days(1),
    Span::days(7),
    Span::days(30),
    Span::days(365),
];

/// Failures, successes, and accounts and hosts met for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    failures: u32,
    successes: u32,
    new: u32,
    /// Explicit credentials (4648): attempts whose outcome stands elsewhere.
    asked: u32,
}

/// Sums of minutes, and the cells made of them.
#[derive(Clone, Debug, Default)]
pub struct Strip {
    minutes: BTreeMap<Timestamp, Sum>,
    cells: Vec<Sum>,
    from: Timestamp,
    width: Span,
}

impl Strip {
    pub(super) fn count(&mut self, event: &AuthEvent) {
        let sum = self.minutes.entry(event.at.bucket(Span::minutes(1))).or_default();
        match event.outcome {
            Outcome::Failure => sum.failures = sum.failures.saturating_add(1),
            Outcome::Success => sum.successes = sum.successes.saturating_add(1),
            Outcome::None if event.kind == EventKind::ExplicitCredentials => sum.asked = sum.asked.saturating_add(1),
            Outcome::Interrupted | Outcome::None => {}
        }
    }
    /// Sums the minutes into cells that hold all of them.
    pub(super) fn make(&mut self, met: &[&Tallies]) {
        let (Some((first, _)), Some((last, _))) = (self.minutes.first_key_value(), self.minutes.last_key_value()) else { return };
        let cells = i64::try_from(CELLS).unwrap_or(1);
        let fits = |width: &Span| *last - first.bucket(*width) < *width * cells;
        self.width = WIDTHS.into_iter().find(fits).unwrap_or(Span::days(3_650));
        self.from = first.bucket(self.width);
        self.cells = vec![Sum::default(); CELLS];
        let (from, width) = (self.from, self.width);
        let place = |at: Timestamp| usize::try_from((at - from).as_ticks() / width.as_ticks().max(1)).unwrap_or(usize::MAX);
        for (at, sum) in &self.minutes {
            if let Some(cell) = self.cells.get_mut(place(*at)) {
                cell.failures = cell.failures.saturating_add(sum.failures);
                cell.successes = cell.successes.saturating_add(sum.successes);
                cell.asked = cell.asked.saturating_add(sum.asked);
            }
        }
        for first in met.iter().flat_map(|tallies| tallies.list.iter()).filter_map(|tally| tally.first) {
            if let Some(cell) = self.cells.get_mut(place(first)) {
                cell.new = cell.new.saturating_add(1);
            }
        }
    }
    /// `outcome per 5m  09:12 .. 13:12`
    #[must_use]
    pub fn title(&self, ctx: &Ctx<'_>) -> String {
        if self.cells.is_empty() {
            return "outcome over time".to_owned();
        }
        let to = self.from + self.width * i64::try_from(CELLS).unwrap_or(1);
        let word = |at| if self.width < Span::hours(1) { ctx.clock(at) } else { ctx.day_clock(at) };
        format!("outcome per {}  {} .. {}", self.width.words(), word(self.from), word(to))
    }
    /// When a cell begins.
    #[must_use]
    pub fn at(&self, cell: usize) -> Option<Timestamp> {
        (cell < self.cells.len()).then(|| self.from + self.width * i64::try_from(cell).unwrap_or(0))
    }
    /// `09:20:00Z .. 09:25:00Z: 36 failed, 2 ok, 3 met for the first time`; nothing where nothing happened.
    #[must_use]
    pub fn line(&self, cell: usize, ctx: &Ctx<'_>) -> Option<String> {
        let sum = self.cells.get(cell).filter(|sum| **sum != Sum::default())?;
        let from = self.at(cell)?;
        let part = |count: u32, words: &str| (count > 0).then(|| format!("{} {words}", text::count(u64::from(count))));
        let parts = [
            part(sum.failures, "failed"),
            part(sum.successes, "ok"),
            part(sum.asked, "with given credentials (4648)"),
            part(sum.new, "met for the first time"),
        ];
        let said: Vec<String> = parts.into_iter().flatten().collect();
        Some(format!("{} .. {}: {}", ctx.day_clock(from), ctx.day_clock(from + self.width), said.join(", ")))
    }
    /// All cells; those in which nothing happened are empty.
    pub fn lines(&self, ctx: &Ctx<'_>) -> impl Iterator<Item = String> {
        (0..self.cells.len()).map(|cell| self.line(cell, ctx).unwrap_or_default())
    }
    /// The cell at a place of the screen.
    #[must_use]
    pub fn hit(&self, area: Rect, at: Position) -> Option<usize> {
        let cell = usize::from(at.x.checked_sub(area.x.saturating_add(LABEL))?);
        (area.contains(at) && cell < self.cells.len()).then_some(cell)
    }
    /// The cell that a key leads to.
    #[must_use]
    pub fn step(&self, cell: usize, action: Action) -> usize {
        let last = self.cells.len().saturating_sub(1);
        match action {
            Action::CursorLeft => cell.saturating_sub(1),
            Action::CursorRight => cell.saturating_add(1).min(last),
            Action::CursorFirst => 0,
            Action::CursorLast => self.cells.iter().rposition(|sum| *sum != Sum::default()).unwrap_or(last),
            _ => cell,
        }
    }
    /// Three rows; a fourth where credentials were given without an outcome.
    pub(super) fn draw(&self, buffer: &mut Buffer, area: Rect, cursor: Option<usize>, ctx: &Ctx<'_>) {
        let asked = self.cells.iter().any(|sum| sum.asked > 0).then_some("4648");
        for (label, y) in ["fail", "ok", "new"].into_iter().chain(asked).zip(area.y..area.bottom()) {
            let part = |sum: &Sum| match label {
                "fail" => sum.failures,
                "ok" => sum.successes,
                "4648" => sum.asked,
                _ => sum.new,
            };
            put(buffer, area.x + 1, y, 5, label, ctx.theme.style(Meaning::Dim));
            let most = self.cells.iter().map(part).max().unwrap_or(0);
            for ((place, cell), x) in self.cells.iter().enumerate().zip(area.x + LABEL..area.right()) {
                let count = part(cell);
                let (glyph, meaning) = match label {
                    _ if count == 0 => (".", Meaning::Dim),
                    "fail" if count * 2 > most => (ctx.glyphs.density.last().copied().unwrap_or("#"), Meaning::Failure),
                    "fail" => (ctx.glyphs.failure, Meaning::Failure),
                    "new" => (ctx.glyphs.anomaly, Meaning::Strong),
                    _ => {
                        let levels = ctx.glyphs.density.len();
                        let level = level(count, most, levels).max(2).min(levels);
                        (level.checked_sub(1).and_then(|level| ctx.glyphs.density.get(level)).copied().unwrap_or("#"), Meaning::Success)
                    }
                };
                let style = ctx.theme.style(meaning);
                let style = if cursor == Some(place) { style.patch(ctx.theme.style(Meaning::Cursor)) } else { style };
                put(buffer, x, y, 1, glyph, style);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_attempts_lie_in_cells_whatever_time_they_span() {
        for hours in [0, 1, 30, 24 * 40, 24 * 3_000] {
            let mut strip = Strip::default();
            let start = Timestamp::parse("2026-03-14T09:19:40Z").unwrap();
            for (number, outcome) in [Outcome::Failure, Outcome::Failure, Outcome::Success].into_iter().enumerate() {
                let at = start + Span::hours(hours) * i64::try_from(number).unwrap();
                strip.count(&AuthEvent { at, outcome, ..AuthEvent::default() });
            }
            strip.make(&[]);
            let sum = |part: fn(&Sum) -> u32| strip.cells.iter().map(part).sum::<u32>();
            assert_eq!((sum(|cell| cell.failures), sum(|cell| cell.successes)), (2, 1), "{hours}");
            assert!(strip.from <= start && strip.cells.len() == CELLS);
        }
    }
}
