//! What all inputs together have of each log: one line for each computer and channel, whatever files it came in.
//!
//! A gap of one file that another file fills is no gap, so gaps are told of a log, not of a file. Names are compared
//! without case, as Windows does.

use super::ids::InputId;
use super::input::InputStatus;
use super::log::{Clear, LogStatus, STEPS_KEPT, StepBack};
use super::runs::{Gap, Numbers, Runs};
use crate::base::intern::{Names, Symbol};
use crate::base::time::{Span, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// One computer and channel in all inputs.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// As the records write them.
    pub computer: String,
    pub channel: String,
    pub inputs: Vec<InputId>,
    pub records: u64,
    pub events: u64,
    pub late: u64,
    pub duplicates: u64,
    pub out_of_order: u64,
    /// At least so many different event ids.
    pub kinds: u32,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub numbers: Numbers,
    /// What every input saw, for `numbers`.
    runs: Runs,
    pub steps_back: u64,
    /// The largest `STEPS_KEPT`.
    pub steps: Vec<StepBack>,
    /// With the input that tells it, oldest first, each once.
    pub clears: Vec<(InputId, Clear)>,
}

/// The first record after a clear is written in the same moment.
const CLEARED_WITHIN: Span = Span::seconds(2);

impl Coverage {
    /// The computer as `Host::name` has it.
    #[must_use]
    pub fn host(&self) -> String {
        key(&self.computer, "").0
    }
    /// Records of the log were left out on purpose: by a filter, by event id.
    #[must_use]
    pub const fn is_selection(&self) -> bool {
        self.numbers.is_selection()
    }
    /// Gaps that are a loss: none where the records are a selection.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        if self.is_selection() { &[] } else { &self.numbers.gaps }
    }
    /// Places and records that are missing; 0 where the records are a selection.
    #[must_use]
    pub const fn missing(&self) -> (u64, u64) {
        if self.is_selection() { (0, 0) } else { (self.numbers.holes, self.numbers.missing) }
    }
    /// The log clear that made the gap.
    #[must_use]
    pub fn cleared(&self, gap: &Gap) -> Option<&Clear> {
        self.clears.iter().map(|(_, clear)| clear).find(|clear| gap.after <= clear.at && clear.at <= gap.before + CLEARED_WITHIN)
    }
    fn add(&mut self, input: InputId, log: &LogStatus) {
        if self.inputs.last() != Some(&input) {
            self.inputs.push(input);
        }
        self.records += log.records;
        self.events += log.events;
        self.late += log.late;
        self.duplicates += log.duplicates;
        self.out_of_order += log.out_of_order();
        self.kinds = self.kinds.max(log.kinds());
        self.first = [self.first, log.first].into_iter().flatten().min();
        self.last = self.last.max(log.last);
        self.runs.merge(&log.runs);
        let (count, steps) = log.clock_steps();
        self.steps_back += count;
        self.steps.extend(steps);
    }
    fn conclude(&mut self) {
        self.numbers = self.runs.numbers();
        // Two files of the same log tell the same step.
        self.steps.sort_by_key(|step| (std::cmp::Reverse(step.by()), step.record, step.from));
        let told = self.steps.len();
        self.steps.dedup();
        self.steps_back -= (told - self.steps.len()) as u64;
        self.steps.truncate(STEPS_KEPT);
        self.clears.sort_by_key(|(input, clear)| (clear.at, clear.record, input.index()));
        // Shapes write the same time with different precision, some without the record number.
        self.clears.dedup_by(|(_, next), (_, known)| {
            let same = next.at - known.at < Span::seconds(1) && (next.record == known.record || next.record == 0 || known.record == 0);
            known.record = if same { known.record.max(next.record) } else { known.record };
            same
        });
    }
}

type Key = (String, String);

fn key(computer: &str, channel: &str) -> Key {
    (computer.trim().trim_end_matches('.').to_lowercase(), channel.to_lowercase())
}

/// Every log, by computer, then channel.
#[must_use]
pub fn coverage(inputs: &[InputStatus], names: &Names) -> Vec<Coverage> {
    covered(inputs, names, |_| true)
}

/// The logs that this input has or tells of, as all inputs together have them.
#[must_use]
pub fn coverage_of(input: &InputStatus, inputs: &[InputStatus], names: &Names) -> Vec<Coverage> {
    let logs = input.logs.iter().map(|log| (log.computer, log.channel));
    let clears = input.clear_list.iter().map(|clear| (clear.computer, clear.channel));
    let own: BTreeSet<Key> = logs.chain(clears).map(|(computer, channel)| key(names.raw(computer), names.raw(channel))).collect();
    covered(inputs, names, |log| own.contains(log))
}

/// Every log by its computer, whose name is folded as `Host::name` is.
#[must_use]
pub fn coverage_by_host(inputs: &[InputStatus], names: &Names) -> BTreeMap<String, Vec<Coverage>> {
    let mut hosts: BTreeMap<String, Vec<Coverage>> = BTreeMap::new();
    for log in coverage(inputs, names) {
        hosts.entry(log.host()).or_default().push(log);
    }
    hosts
}

/// The logs of one computer under any of its names, which are folded as `Host::name` is.
#[must_use]
pub fn coverage_of_host(computer: &[&str], inputs: &[InputStatus], names: &Names) -> Vec<Coverage> {
    covered(inputs, names, |(of, _)| computer.contains(&of.as_str()))
}

fn covered(inputs: &[InputStatus], names: &Names, wanted: impl Fn(&Key) -> bool) -> Vec<Coverage> {
    let mut all: BTreeMap<Key, Coverage> = BTreeMap::new();
    let mut take = |computer: Symbol, channel: Symbol, add: &mut dyn FnMut(&mut Coverage)| {
        let (computer, channel) = (names.raw(computer), names.raw(channel));
        let key = key(computer, channel);
        if wanted(&key) {
            let new = || Coverage { computer: computer.to_owned(), channel: channel.to_owned(), ..Coverage::default() };
            add(all.entry(key).or_insert_with(new));
        }
    };
    for input in inputs {
        for log in input.logs.iter() {
            take(log.computer, log.channel, &mut |known| known.add(input.id, log));
        }
        for clear in &input.clear_list {
            // A clear is worth telling also of a log that was not given.
            take(clear.computer, clear.channel, &mut |known| known.clears.push((input.id, *clear)));
        }
    }
    let conclude = |mut log: Coverage| {
        log.conclude();
        log
    };
    all.into_values().map(conclude).collect()
}
