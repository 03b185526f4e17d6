//! Counts of events by lane and time, summed beforehand at six widths, so that drawing a window costs its columns and
//! not its events.

use crate::base::segments::SegMap;
use crate::base::time::{Span, Timestamp};
use crate::model::anomaly::Severity;
use crate::model::event::{AuthEvent, Outcome};
use crate::model::lane::Lane;

/// Widths of the buckets, narrowest first.
pub const LEVELS: [Span; 6] = [Span::seconds(1), Span::seconds(10), Span::minutes(1), Span::minutes(10), Span::hours(1), Span::days(1)];

/// What one bucket, or one column of a lane, holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Events that are no failures.
    pub others: u32,
    pub failures: u32,
    /// Worst anomaly whose evidence falls here.
    pub worst: Option<Severity>,
}

impl Cell {
    #[must_use]
    pub const fn events(self) -> u32 {
        self.others.saturating_add(self.failures)
    }
    const fn add(&mut self, other: Self) {
        self.others = self.others.saturating_add(other.others);
        self.failures = self.failures.saturating_add(other.failures);
    }
    fn merge(&mut self, other: Self) {
        self.add(other);
        self.worst = self.worst.max(other.worst);
    }
}

/// Buckets of one lane by start, for each width. Each lane has its own: new buckets come at the end.
type Levels = [SegMap<Timestamp, Cell>; LEVELS.len()];

/// The sums.
#[derive(Clone, Debug, Default)]
pub struct Density {
    lanes: [Levels; Lane::COUNT],
}

impl Density {
    /// The sums as they are now, without a copy; see `SegVec::share`.
    #[must_use]
    pub fn share(&mut self) -> Self {
        Self { lanes: self.lanes.each_mut().map(|levels| levels.each_mut().map(SegMap::share)) }
    }
    /// Counts an event in its lane; events without a lane are not drawn in lanes.
    pub fn count_event(&mut self, event: &AuthEvent) {
        if let Some(lane) = event.lane() {
            self.count(lane, event.at, event.outcome == Outcome::Failure);
        }
    }
    pub fn count(&mut self, lane: Lane, at: Timestamp, failure: bool) {
        let one = Cell { others: u32::from(!failure), failures: u32::from(failure), worst: None };
        let Some(levels) = self.lanes.get_mut(lane.index()) else { return };
        for (level, size) in levels.iter_mut().zip(LEVELS) {
            level.update(at.bucket(size), Cell::default, |cell| cell.add(one));
        }
    }
    /// Marks an anomaly at its time.
    pub fn mark(&mut self, lane: Lane, at: Timestamp, severity: Severity) {
        let Some(levels) = self.lanes.get_mut(lane.index()) else { return };
        for (level, size) in levels.iter_mut().zip(LEVELS) {
            level.update(at.bucket(size), Cell::default, |cell| cell.worst = cell.worst.max(Some(severity)));
        }
    }
    /// The lane between `from` and `to` in `columns` equal columns.
    ///
    /// Reads the widest buckets that are not wider than a column, at most about ten for each column. Below one second a
    /// column the buckets of one second are drawn where they begin.
    #[must_use]
    pub fn columns(&self, lane: Lane, from: Timestamp, to: Timestamp, columns: usize) -> Vec<Cell> {
        let mut out = vec![Cell::default(); columns];
        let width = (to - from).as_ticks();
        let (Ok(count), true) = (i64::try_from(columns), width > 0 && columns > 0) else { return out };
        let column = width / count;
        let number = LEVELS.iter().rposition(|size| size.as_ticks() <= column).unwrap_or(0);
        let level = self.lanes.get(lane.index()).and_then(|levels| levels.get(number));
        let (Some(level), Some(size)) = (level, LEVELS.get(number)) else { return out };
        for (start, cell) in level.range(from.bucket(*size), to) {
            // A bucket that begins before the window belongs to the first column.
            let place = i128::from((start - from).as_ticks().max(0)) * i128::from(count) / i128::from(width);
            if let Some(into) = usize::try_from(place).ok().and_then(|place| out.get_mut(place)) {
                into.merge(*cell);
            }
        }
        out
    }
    /// Second of the newest event or mark of any lane.
    #[must_use]
    pub fn last(&self) -> Option<Timestamp> {
        self.lanes.iter().filter_map(|levels| levels.first()?.before(Timestamp::MAX).next()).map(|(at, _)| at).max()
    }
    /// Sum of a lane between two moments; exact to the minute at the borders when the window is longer than an hour.
    #[must_use]
    pub fn total(&self, lane: Lane, from: Timestamp, to: Timestamp) -> Cell {
        let columns = self.columns(lane, from, to, 240);
        columns.into_iter().fold(Cell::default(), |mut sum, cell| {
            sum.merge(cell);
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn every_event_falls_into_one_column_at_every_zoom() {
        let mut density = Density::default();
        let start = at("2026-03-14T00:00:00Z");
        for minute in 0..600 {
            density.count(Lane::Network, start + Span::minutes(minute), minute % 10 == 0);
            density.count(Lane::Batch, start + Span::minutes(minute), false);
        }
        for (to, columns, events) in
            [(start + Span::hours(10), 97, 600), (start + Span::hours(1), 60, 60), (start + Span::days(30), 80, 600)]
        {
            let cells = density.columns(Lane::Network, start, to, columns);
            assert_eq!(cells.len(), columns);
            assert_eq!(cells.iter().map(|cell| cell.events()).sum::<u32>(), events);
        }
        assert_eq!(density.total(Lane::Network, start, start + Span::hours(10)).failures, 60);
        assert_eq!(density.columns(Lane::Network, start, start, 10), vec![Cell::default(); 10]);
        assert_eq!(density.columns(Lane::Network, start, start + Span::hours(1), 0), vec![]);
    }

    #[test]
    fn an_anomaly_is_seen_at_every_zoom() {
        let mut density = Density::default();
        let when = at("2026-03-14T09:31:20Z");
        density.mark(Lane::RemoteInteractive, when, Severity::High);
        density.mark(Lane::RemoteInteractive, when, Severity::Low);
        for hours in [1, 24, 24 * 400] {
            let cells = density.columns(Lane::RemoteInteractive, when - Span::hours(hours), when + Span::hours(hours), 100);
            assert_eq!(cells.iter().filter(|cell| cell.worst == Some(Severity::High)).count(), 1, "{hours}");
        }
    }
}
