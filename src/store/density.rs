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
}

/// What a bucket counts: events that are no failures, and failures. Marks are few and stand elsewhere.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    others: u32,
    failures: u32,
}

/// Buckets of one lane by start, for each width. Each lane has its own: new buckets come at the end.
type Levels<T> = [SegMap<Timestamp, T>; LEVELS.len()];

/// What happened in a lane.
#[derive(Clone, Debug, Default)]
struct Sums {
    events: Levels<Count>,
    /// Worst anomaly whose evidence falls there.
    marks: Levels<Severity>,
}

/// The sums.
#[derive(Clone, Debug, Default)]
pub struct Density {
    lanes: [Sums; Lane::COUNT],
}

impl Density {
    /// The sums as they are now, without a copy; see `SegVec::share`.
    #[must_use]
    pub fn share(&mut self) -> Self {
        let share =
            |lane: &mut Sums| Sums { events: lane.events.each_mut().map(SegMap::share), marks: lane.marks.each_mut().map(SegMap::share) };
        Self { lanes: self.lanes.each_mut().map(share) }
    }
    /// Counts an event in its lane; events without a lane are not drawn in lanes.
    pub fn count_event(&mut self, event: &AuthEvent) {
        if let Some(lane) = event.lane() {
            self.count(lane, event.at, event.outcome == Outcome::Failure);
        }
    }
    pub fn count(&mut self, lane: Lane, at: Timestamp, failure: bool) {
        let Some(lane) = self.lanes.get_mut(lane.index()) else { return };
        for (level, size) in lane.events.iter_mut().zip(LEVELS) {
            level.update(at.bucket(size), Count::default, |count| {
                let of = if failure { &mut count.failures } else { &mut count.others };
                *of = of.saturating_add(1);
            });
        }
    }
    /// Marks an anomaly at its time.
    pub fn mark(&mut self, lane: Lane, at: Timestamp, severity: Severity) {
        let Some(lane) = self.lanes.get_mut(lane.index()) else { return };
        for (level, size) in lane.marks.iter_mut().zip(LEVELS) {
            level.update(at.bucket(size), || severity, |worst| *worst = severity.max(*worst));
        }
    }
    /// The lane between `from` and `to` in `columns` equal columns: every event in exactly one, that of its second.
    ///
    /// Reads the widest buckets that are not wider than a column, about ten for each column at most; a bucket that reaches
    /// over the border of a column is read by the narrower ones inside it, so that even columns show an even stream.
    /// Below one second a column the buckets of one second are drawn where they begin.
    #[must_use]
    pub fn columns(&self, lane: Lane, from: Timestamp, to: Timestamp, columns: usize) -> Vec<Cell> {
        let mut out = vec![Cell::default(); columns];
        let width = (to - from).as_ticks();
        let (Ok(count), true) = (i64::try_from(columns), width > 0 && columns > 0) else { return out };
        let number = LEVELS.iter().rposition(|size| size.as_ticks() <= width / count).unwrap_or(0);
        if let (Some(lane), Some(size)) = (self.lanes.get(lane.index()), LEVELS.get(number)) {
            let (stretch, sheet) = ((from.bucket(*size), to), Sheet { from, width, count });
            spread(&lane.events, number, stretch, &sheet, &mut |column, count| {
                if let Some(cell) = out.get_mut(column) {
                    cell.others = cell.others.saturating_add(count.others);
                    cell.failures = cell.failures.saturating_add(count.failures);
                }
            });
            spread(&lane.marks, number, stretch, &sheet, &mut |column, severity| {
                if let Some(cell) = out.get_mut(column) {
                    cell.worst = cell.worst.max(Some(*severity));
                }
            });
        }
        out
    }
    /// Second of the newest event or mark of any lane.
    #[must_use]
    pub fn last(&self) -> Option<Timestamp> {
        fn newest<T: Clone>(levels: &Levels<T>) -> Option<Timestamp> {
            levels.first()?.before(Timestamp::MAX).next().map(|(at, _)| at)
        }
        self.lanes.iter().filter_map(|lane| newest(&lane.events).max(newest(&lane.marks))).max()
    }
    /// A lane has events or marks.
    #[must_use]
    pub fn holds(&self, lane: Lane) -> bool {
        let has =
            |lane: &Sums| [lane.events.last().map(SegMap::len), lane.marks.last().map(SegMap::len)].iter().flatten().any(|days| *days > 0);
        self.lanes.get(lane.index()).is_some_and(has)
    }
    /// Sum of a lane between two moments, exact to the second.
    #[must_use]
    pub fn total(&self, lane: Lane, from: Timestamp, to: Timestamp) -> Cell {
        self.columns(lane, from, to, 1).first().copied().unwrap_or_default()
    }
}

/// Equal columns of time.
struct Sheet {
    from: Timestamp,
    width: i64,
    count: i64,
}

impl Sheet {
    fn column(&self, at: Timestamp) -> i128 {
        let ticks = (at - self.from).as_ticks();
        match ticks.checked_mul(self.count) {
            Some(place) => i128::from(place.div_euclid(self.width)),
            None => (i128::from(ticks) * i128::from(self.count)).div_euclid(i128::from(self.width)),
        }
    }
}

/// Hands over the buckets of a level that begin in `begin..end`, each with its column.
fn spread<T: Clone>(
    levels: &Levels<T>,
    number: usize,
    (begin, end): (Timestamp, Timestamp),
    sheet: &Sheet,
    hand: &mut impl FnMut(usize, &T),
) {
    let (Some(level), Some(size)) = (levels.get(number), LEVELS.get(number)) else { return };
    let buckets = |first: Timestamp, at: Timestamp| {
        usize::try_from((at - first).as_ticks() / size.as_ticks()).map_or(usize::MAX, |whole| whole.saturating_add(1))
    };
    for (start, cell) in level.slices(begin, end, buckets).flatten() {
        let start = *start;
        let column = sheet.column(start);
        if number > 0 && column != sheet.column(start + *size - Span::ticks(1)) {
            spread(levels, number - 1, (start, start + *size), sheet, hand);
            continue;
        }
        // The second that the window begins in belongs to its first column.
        let column = if column < 0 && start + *size > sheet.from { 0 } else { column };
        if let Ok(column) = usize::try_from(column) {
            hand(column, cell);
        }
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
    fn an_even_stream_is_even_at_every_zoom() {
        let mut density = Density::default();
        let start = at("2026-03-14T00:00:00Z");
        for second in 0..100_000 {
            density.count(Lane::Network, start + Span::seconds(second), false);
        }
        for (offset, width, columns) in
            [(17, 600, 95), (3_601, 5_000, 95), (7, 90_000, 95), (7, 90_000, 62), (59, 86_400, 13), (1, 99_000, 7)]
        {
            let from = start + Span::seconds(offset);
            let cells = density.columns(Lane::Network, from, from + Span::seconds(width), columns);
            assert_eq!(cells.iter().map(|cell| i64::from(cell.events())).sum::<i64>(), width);
            let counts = cells.iter().map(|cell| cell.events());
            // No column has more than one second more than another.
            assert!(counts.clone().max().unwrap() - counts.min().unwrap() <= 1, "{width} s in {columns} columns");
            assert_eq!(i64::from(density.total(Lane::Network, from, from + Span::seconds(width)).others), width);
        }
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
