//! What was read of one log: the records that one computer wrote into one channel.
//!
//! Batches count into it and inputs add batches up, whatever the order in which pieces of an input come. Everything is
//! bounded: what is kept with its place has a limit, everything is counted.

use super::runs::Runs;
use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};

/// A clock that goes back by at least this much is worth telling; smaller steps are records written side by side, or a
/// clock being set right.
pub const STEP_BACK: Span = Span::minutes(1);
/// Steps back kept with their place for one log.
pub const STEPS_KEPT: usize = 16;
/// Log clears kept for one input.
pub const CLEARS_KEPT: usize = 100;

/// A record with a higher number and an earlier time than the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepBack {
    /// `EventRecordID` of the record with the earlier time.
    pub record: u64,
    pub from: Timestamp,
    pub to: Timestamp,
}

impl StepBack {
    #[must_use]
    pub fn by(&self) -> Span {
        self.from - self.to
    }
}

/// Security 1102, System 104: a log was cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clear {
    pub at: Timestamp,
    pub computer: Symbol,
    /// The log that was cleared, which need not be the one that tells it.
    pub channel: Symbol,
    /// Who did it, as far as the record says.
    pub user: Symbol,
    pub domain: Symbol,
    pub record: u64,
    pub offset: u64,
    pub line: u32,
}

/// A stretch of an input and the times at its two ends, which need not be the oldest and the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    from: u64,
    upto: u64,
    begins_at: Timestamp,
    ends_at: Timestamp,
    /// Record numbers at the two ends.
    first: u64,
    last: u64,
}

/// Stretches kept for one log until what lies between them is known.
const STRETCHES: usize = 64;

/// One computer and channel in one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogStatus {
    pub computer: Symbol,
    pub channel: Symbol,
    pub records: u64,
    pub events: u64,
    /// Events that came after the reorder window; they are stored and drawn.
    pub late: u64,
    /// Records that were there before.
    pub duplicates: u64,
    /// Oldest and newest time of a record.
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub runs: Runs,
    /// One bit for each event id seen, by its remainder of 64: how many kinds of records there are at least.
    ids: u64,
    /// Records older than the one before them, inside the stretches.
    disorder: u64,
    stretches: Vec<Stretch>,
    /// Clock steps back, the largest `STEPS_KEPT` of them.
    steps: Vec<StepBack>,
    steps_back: u64,
}

impl LogStatus {
    #[must_use]
    pub fn new(computer: Symbol, channel: Symbol) -> Self {
        Self { computer, channel, ..Self::default() }
    }
    /// Counts one record; to be called in the order of the input. Made to cost next to nothing.
    #[inline]
    pub fn see(&mut self, record: u64, event_id: u32, at: Timestamp, offset: u64) {
        self.records += 1;
        self.ids |= 1 << (event_id & 63);
        self.runs.see(record, at);
        match self.stretches.last_mut() {
            Some(stretch) if offset >= stretch.upto => {
                let before = std::mem::replace(&mut stretch.ends_at, at);
                let number = std::mem::replace(&mut stretch.last, record);
                stretch.upto = offset;
                if at < before {
                    self.went_back(number, record, before, at);
                } else if self.last < Some(at) {
                    self.last = Some(at);
                }
            }
            _ => self.begin(record, at, offset),
        }
    }
    /// A record without a readable time.
    pub fn see_timeless(&mut self) {
        self.records += 1;
    }
    #[cold]
    fn begin(&mut self, record: u64, at: Timestamp, offset: u64) {
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = self.last.max(Some(at));
        self.place(Stretch { from: offset, upto: offset, begins_at: at, ends_at: at, first: record, last: record });
    }
    #[cold]
    fn went_back(&mut self, before: u64, record: u64, from: Timestamp, to: Timestamp) {
        self.disorder += 1;
        self.first = self.first.map(|first| first.min(to));
        if let Some(step) = step_back(before, record, from, to) {
            self.steps_back += 1;
            self.keep_step(step);
        }
    }
    fn keep_step(&mut self, step: StepBack) {
        self.steps.push(step);
        largest(&mut self.steps);
    }
    /// Puts a stretch into its place. One that lies over another is of a file that was begun anew under the same path:
    /// what came before is settled.
    fn place(&mut self, stretch: Stretch) {
        let is_anew = self.stretches.iter().any(|known| known.from <= stretch.upto && stretch.from <= known.upto);
        if is_anew && let Some(settled) = self.settle(self.stretches.len()) {
            self.settle_between(&settled, &stretch);
            self.stretches = vec![stretch];
            return;
        }
        let place = self.stretches.partition_point(|known| known.from < stretch.from);
        self.stretches.insert(place, stretch);
        if self.stretches.len() > STRETCHES
            && let Some(settled) = self.settle(STRETCHES / 2)
        {
            self.stretches.splice(..STRETCHES / 2, [settled]);
        }
    }
    /// The first stretches as one.
    fn settle(&mut self, upto: usize) -> Option<Stretch> {
        let all = self.stretches.get(..upto)?.to_vec();
        for pair in all.windows(2) {
            if let [a, b] = pair {
                self.settle_between(a, b);
            }
        }
        let (a, b) = (all.first()?, all.last()?);
        Some(Stretch { upto: b.upto, ends_at: b.ends_at, last: b.last, ..*a })
    }
    fn settle_between(&mut self, a: &Stretch, b: &Stretch) {
        self.disorder += u64::from(b.begins_at < a.ends_at);
        if let Some(step) = a.step_to(b) {
            self.steps_back += 1;
            self.keep_step(step);
        }
    }
    /// Adds what was read of another piece of the same log in the same input.
    pub fn merge(&mut self, other: &Self) {
        self.records += other.records;
        self.events += other.events;
        self.late += other.late;
        self.duplicates += other.duplicates;
        self.first = match (self.first, other.first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.last = self.last.max(other.last);
        self.runs.merge(&other.runs);
        self.ids |= other.ids;
        self.disorder += other.disorder;
        for stretch in &other.stretches {
            self.place(*stretch);
        }
        self.steps_back += other.steps_back;
        for step in &other.steps {
            self.keep_step(*step);
        }
    }
    /// Records older than the one before them in the input.
    #[must_use]
    pub fn out_of_order(&self) -> u64 {
        self.disorder + pairs(&self.stretches).filter(|(a, b)| b.begins_at < a.ends_at).count() as u64
    }
    /// How often the clock went back by `STEP_BACK` or more, and the largest `STEPS_KEPT` of these steps.
    #[must_use]
    pub fn clock_steps(&self) -> (u64, Vec<StepBack>) {
        let between: Vec<StepBack> = pairs(&self.stretches).filter_map(|(a, b)| a.step_to(b)).collect();
        let count = self.steps_back + between.len() as u64;
        let mut steps = [self.steps.as_slice(), &between].concat();
        largest(&mut steps);
        (count, steps)
    }
    /// At least so many different event ids.
    #[must_use]
    pub const fn kinds(&self) -> u32 {
        self.ids.count_ones()
    }
}

impl Stretch {
    fn step_to(&self, next: &Self) -> Option<StepBack> {
        step_back(self.last, next.first, self.ends_at, next.begins_at)
    }
}

fn step_back(before: u64, record: u64, from: Timestamp, to: Timestamp) -> Option<StepBack> {
    (before > 0 && record > before && from - to >= STEP_BACK).then_some(StepBack { record, from, to })
}

fn largest(steps: &mut Vec<StepBack>) {
    steps.sort_by_key(|step| (std::cmp::Reverse(step.by()), step.record, step.from));
    steps.truncate(STEPS_KEPT);
}

fn pairs(stretches: &[Stretch]) -> impl Iterator<Item = (&Stretch, &Stretch)> {
    stretches.iter().zip(stretches.iter().skip(1))
}
