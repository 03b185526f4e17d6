//! Record numbers of one log in a few stretches, so that missing ones are known without keeping every number.
//!
//! Windows numbers the records of a log one after another, so a number that is nowhere is a fact about the evidence:
//! a lost chunk, a deleted record, a filtered export. Stretches may come in any order (pieces are decoded side by side,
//! archives after the live log) and give the same result; how many are kept is bounded: when a log has holes
//! everywhere, its smallest holes are only counted. Numbers that start again later in time (a cleared log) are a new
//! numbering, not a hole. Nothing here knows why something is missing.

use crate::base::time::{Span, Timestamp};

/// Record numbers without a hole, but for `holes` small ones that are only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub first: u64,
    pub last: u64,
    /// Oldest and newest time in it.
    pub begins_at: Timestamp,
    pub ends_at: Timestamp,
    /// Numbers that are there, at most `last - first + 1`.
    pub present: u64,
    pub holes: u64,
}

/// Numbers that no record has, between two that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// First and last number that is missing.
    pub first: u64,
    pub last: u64,
    /// Times of the records around it.
    pub after: Timestamp,
    pub before: Timestamp,
}

impl Gap {
    #[must_use]
    pub const fn missing(&self) -> u64 {
        self.last - self.first + 1
    }
}

/// What the numbers of a log say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    pub first: u64,
    pub last: u64,
    /// Different numbers that were seen.
    pub present: u64,
    /// Numbers that are missing between the first and the last of each numbering, and in how many places.
    pub missing: u64,
    pub holes: u64,
    /// The gaps that are known one by one, in the order of the log.
    pub gaps: Vec<Gap>,
    /// How often the numbers start again.
    pub restarts: u64,
}

impl Numbers {
    /// Holes everywhere are no loss: somebody chose the records (by event id, by account). Few records between holes,
    /// or very many tiny holes, is how that looks; a lost chunk of a log leaves long stretches around it.
    #[must_use]
    pub const fn is_selection(&self) -> bool {
        let stretch = self.present / (self.holes + 1);
        match self.holes {
            0 => false,
            1 | 2 => stretch < 4,
            holes => stretch < 16 || (holes >= 200 && self.missing / holes < 64),
        }
    }
}

/// Stretches kept for one log; when there are more, half of them are joined over the smallest holes.
const MOST: usize = 128;
/// Numbers that fall back this little, this soon, were written side by side; more is a new numbering.
const JITTER: u64 = 256;
const JITTER_FOR: Span = Span::seconds(10);

/// The record numbers of one log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// In order of time, then number.
    runs: Vec<Run>,
    /// The one that was added to last.
    open: usize,
    /// Holes up to this many numbers are only counted.
    floor: u64,
    /// No number that was seen is greater.
    highest: u64,
}

impl Run {
    #[must_use]
    pub const fn one(record: u64, at: Timestamp) -> Self {
        Self { first: record, last: record, begins_at: at, ends_at: at, present: 1, holes: 0 }
    }
    const fn span(&self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }
    fn order(&self) -> (Timestamp, u64, u64, Timestamp) {
        (self.begins_at, self.first, self.last, self.ends_at)
    }
    /// Numbers that overlap at times that overlap are the same records; at other times they are another numbering.
    fn overlaps(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last && self.begins_at <= other.ends_at && other.begins_at <= self.ends_at
    }
    const fn touches(&self, other: &Self) -> bool {
        self.last.saturating_add(1) == other.first || other.last.saturating_add(1) == self.first
    }
    const fn is_whole(&self) -> bool {
        self.present == self.span()
    }
    /// Takes in a run of the same numbering; a hole between the two is only counted from now on.
    fn join(&mut self, other: &Self) {
        if (self.first, self.last, self.present) != (other.first, other.last, other.present) {
            let between = self.first.max(other.first).saturating_sub(self.last.min(other.last));
            let overlap = (self.last.min(other.last) + 1).saturating_sub(self.first.max(other.first));
            // Which numbers a run with holes has is not known: what comes on top is taken to fill them.
            let twice = if self.is_whole() == other.is_whole() { overlap.min(self.present).min(other.present) } else { 0 };
            self.present = self.present.saturating_add(other.present) - twice;
            self.holes += other.holes + u64::from(between > 1);
            (self.first, self.last) = (self.first.min(other.first), self.last.max(other.last));
            self.present = self.present.min(self.span());
            let missing = self.span() - self.present;
            self.holes = self.holes.min(missing).max(u64::from(missing > 0));
        }
        (self.begins_at, self.ends_at) = (self.begins_at.min(other.begins_at), self.ends_at.max(other.ends_at));
    }
}

impl Runs {
    /// One record; 0 is no number. Meant for every record of a log: the next number costs a comparison.
    #[inline]
    pub fn see(&mut self, record: u64, at: Timestamp) {
        if let Some(run) = self.runs.get_mut(self.open)
            && run.last.wrapping_add(1) == record
        {
            run.last = record;
            run.present += 1;
            run.ends_at = run.ends_at.max(at);
            self.highest = self.highest.max(record);
            return;
        }
        self.see_elsewhere(record, at);
    }
    #[inline(never)]
    fn see_elsewhere(&mut self, record: u64, at: Timestamp) {
        if record == 0 {
            return;
        }
        if let Some(run) = self.runs.get_mut(self.open) {
            let step = if record > run.last { record - run.last } else { run.first.saturating_sub(record) };
            if (1..=self.floor + 1).contains(&step) && (record > run.last || self.runs.len() == 1) {
                if let Some(run) = self.runs.get_mut(self.open) {
                    run.join(&Run::one(record, at));
                }
                self.highest = self.highest.max(record);
                return;
            }
        }
        self.add(Run::one(record, at));
    }
    /// Takes in what another reader saw of the same log.
    pub fn merge(&mut self, other: &Self) {
        self.floor = self.floor.max(other.floor);
        for run in &other.runs {
            self.add(*run);
        }
    }
    fn add(&mut self, mut run: Run) {
        // Beyond all that is known it meets nothing: this is how the pieces of a log come, one behind the other.
        let is_beyond = self.highest.checked_add(1).is_some_and(|next| run.first > next);
        self.highest = self.highest.max(run.last);
        if is_beyond && self.runs.last().is_none_or(|last| last.order() < run.order()) {
            self.open = self.runs.len();
            self.runs.push(run);
            if self.runs.len() > MOST {
                self.join_small_holes();
            }
            return;
        }
        // What it overlaps first, then its nearest neighbour by number on either side.
        while let Some(place) = self.runs.iter().position(|known| known.overlaps(&run)) {
            let known = self.runs.remove(place);
            run.join(&known);
        }
        for _ in 0..2 {
            let near = |known: &Run| (known.begins_at - run.ends_at).max(run.begins_at - known.ends_at);
            let neighbour = self.runs.iter().enumerate().filter(|(_, known)| known.touches(&run)).min_by_key(|(_, known)| near(known));
            let Some(place) = neighbour.map(|(place, _)| place) else { break };
            let known = self.runs.remove(place);
            run.join(&known);
        }
        self.open = self.runs.partition_point(|known| known.order() < run.order());
        self.runs.insert(self.open, run);
        if self.runs.len() > MOST {
            self.join_small_holes();
        }
    }
    /// The runs by numbering, each in order of number.
    fn numberings(&self) -> Vec<Vec<Run>> {
        let mut all: Vec<Vec<Run>> = Vec::new();
        let (mut last, mut ends_at) = (0, Timestamp::default());
        for run in &self.runs {
            let falls_back = run.first <= last && run.begins_at > ends_at;
            let is_jitter = run.first > 1 && last.saturating_sub(run.first) <= JITTER && run.begins_at - ends_at <= JITTER_FOR;
            match all.last_mut() {
                Some(numbering) if !falls_back || is_jitter => {
                    numbering.push(*run);
                    (last, ends_at) = (last.max(run.last), ends_at.max(run.ends_at));
                }
                _ => {
                    all.push(vec![*run]);
                    (last, ends_at) = (run.last, run.ends_at);
                }
            }
        }
        for numbering in &mut all {
            numbering.sort_by_key(|run| (run.first, run.last));
            numbering.dedup_by(|next, before| {
                let meets = next.first <= before.last.saturating_add(1);
                if meets {
                    before.join(next);
                }
                meets
            });
        }
        all
    }
    #[cold]
    fn join_small_holes(&mut self) {
        let numberings = self.numberings();
        let between = |pair: &[Run]| match pair {
            [a, b] => b.first - a.last - 1,
            _ => 0,
        };
        let mut holes: Vec<u64> = numberings.iter().flat_map(|runs| runs.windows(2)).map(between).collect();
        holes.sort_unstable();
        // Numbers that start again more often than runs are kept are no numbers: the oldest are given up.
        let Some(floor) = holes.get(holes.len() / 2) else {
            self.runs.drain(..MOST / 2);
            self.open = self.runs.len().saturating_sub(1);
            return;
        };
        self.floor = self.floor.max(*floor);
        let newest = self.runs.get(self.open).copied();
        self.runs.clear();
        for numbering in numberings {
            let mut joined: Vec<Run> = Vec::new();
            for run in numbering {
                match joined.last_mut() {
                    Some(last) if run.first - last.last <= self.floor + 1 => last.join(&run),
                    _ => joined.push(run),
                }
            }
            self.runs.extend(joined);
        }
        self.runs.sort_by_key(Run::order);
        if self.runs.len() > MOST {
            self.runs.drain(..MOST / 2);
        }
        let holds =
            |run: &Run| newest.is_some_and(|newest| run.first <= newest.first && newest.last <= run.last && run.ends_at >= newest.ends_at);
        self.open = self.runs.iter().rposition(holds).unwrap_or(0);
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
    /// What the numbers say.
    #[must_use]
    pub fn numbers(&self) -> Numbers {
        let all = self.numberings();
        let mut numbers = Numbers {
            first: all.first().and_then(|runs| runs.first()).map_or(0, |run| run.first),
            last: all.last().and_then(|runs| runs.iter().map(|run| run.last).max()).unwrap_or(0),
            restarts: all.len().saturating_sub(1) as u64,
            ..Numbers::default()
        };
        for numbering in &all {
            for run in numbering {
                numbers.present += run.present;
                numbers.missing += run.span() - run.present;
                numbers.holes += run.holes;
            }
            for pair in numbering.windows(2) {
                let [before, after] = pair else { continue };
                let gap = Gap { first: before.last + 1, last: after.first - 1, after: before.ends_at, before: after.begins_at };
                numbers.missing += gap.missing();
                numbers.holes += 1;
                numbers.gaps.push(gap);
            }
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_700_000_000 + seconds).unwrap()
    }
    fn runs(records: impl IntoIterator<Item = (u64, i64)>) -> Runs {
        let mut runs = Runs::default();
        records.into_iter().for_each(|(record, seconds)| runs.see(record, at(seconds)));
        runs
    }
    /// One record a second, numbered as the seconds.
    fn plain(records: impl IntoIterator<Item = u64>) -> Runs {
        runs(records.into_iter().map(|record| (record, record.cast_signed())))
    }

    #[test]
    fn a_whole_log_has_no_gap_wherever_it_begins() {
        let numbers = plain(5_000..9_000).numbers();
        assert_eq!((numbers.first, numbers.last, numbers.present, numbers.missing), (5_000, 8_999, 4_000, 0));
        assert!(numbers.gaps.is_empty() && !numbers.is_selection());
    }

    #[test]
    fn a_lost_chunk_is_one_gap_with_its_place_and_times() {
        let numbers = plain((1..=500).chain(601..=900)).numbers();
        assert_eq!(numbers.gaps, [Gap { first: 501, last: 600, after: at(500), before: at(601) }]);
        assert_eq!((numbers.missing, numbers.holes), (100, 1));
        assert!(!numbers.is_selection());
    }

    #[test]
    fn an_archive_fills_the_gap_of_a_live_log() {
        let mut live = plain((1..=500).chain(601..=900));
        live.merge(&plain(450..=650));
        let numbers = live.numbers();
        assert_eq!((numbers.present, numbers.missing, numbers.holes), (900, 0, 0));
    }

    #[test]
    fn the_same_log_twice_says_the_same() {
        let one = plain((1..=500).chain(601..=900));
        let mut both = one.clone();
        both.merge(&one);
        assert_eq!(both.numbers(), one.numbers());
    }

    #[test]
    fn numbers_that_start_again_after_a_clear_are_no_gap() {
        let cleared =
            runs((1..=1_000).map(|n| (n, i64::try_from(n).unwrap())).chain((1..=1_500).map(|n| (n, 2_000 + i64::try_from(n).unwrap()))));
        let numbers = cleared.numbers();
        assert_eq!((numbers.restarts, numbers.missing, numbers.present), (1, 0, 2_500));
        // Read the other way round: the new log first, then an archive of the old one.
        let mut other = runs((1..=1_500).map(|n| (n, 2_000 + i64::try_from(n).unwrap())));
        other.merge(&plain(1..=1_000));
        assert_eq!(other.numbers(), numbers);
    }

    #[test]
    fn holes_everywhere_are_a_selection_and_few_holes_are_not() {
        let numbers = plain((1..100_000).filter(|n| n % 3 == 0)).numbers();
        assert!(numbers.is_selection(), "{numbers:?}");
        assert_eq!(numbers.present, 33_333);
        assert_eq!(numbers.missing, 66_664);
        assert!(plain([12, 97, 1_024]).numbers().is_selection());
        let damaged = plain((1..10_000).filter(|n| n / 100 % 7 != 3)).numbers();
        assert!(!damaged.is_selection(), "{} holes", damaged.holes);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let scattered = plain((1_u64..200_000).map(|n| n * n % 1_000_003).filter(|n| *n > 0));
        assert!(scattered.runs.len() <= MOST);
        let mut restarts = Runs::default();
        (0..10_000).for_each(|n| restarts.see(1, at(n * 100)));
        assert!(restarts.runs.len() <= MOST);
    }

    #[test]
    fn records_written_side_by_side_are_no_new_numbering() {
        let numbers = runs([(10, 5), (12, 3), (11, 4), (13, 6), (40, 5), (39, 7)]).numbers();
        assert_eq!((numbers.restarts, numbers.holes), (0, 1));
    }

    proptest! {
        /// Pieces of a log in any order say the same as the log read from its beginning.
        #[test]
        fn the_order_of_pieces_does_not_matter(
            order in Just((0..40_u64).collect::<Vec<_>>()).prop_shuffle(),
            lost in proptest::collection::btree_set(0..40_u64, 0..6),
            backwards: bool,
        ) {
            let piece = |number: u64| number * 150 + 1..number * 150 + 151;
            let straight = plain((0..40).filter(|number| !lost.contains(number)).flat_map(piece)).numbers();
            let mut mixed = Runs::default();
            for number in order.into_iter().filter(|number| !lost.contains(number)) {
                let records = piece(number);
                mixed.merge(&if backwards { plain(records.rev()) } else { plain(records) });
            }
            prop_assert_eq!(mixed.numbers(), straight);
        }
    }
}
