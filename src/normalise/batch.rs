//! What one worker made of one block of an input: events, the names in them, and a tally of everything else.

use crate::base::intern::{Interner, Symbol};
use crate::model::event::{AuthEvent, Provenance};
use crate::model::fields::{Family, Fields, RecordSink, Unreadable};
use crate::model::ids::InputId;
use crate::model::input::{LogStretch, REASONS_KEPT};
use rustc_hash::FxHashMap;

/// Counts of one block, added to the `InputStatus` of its input.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Records read, whatever they say.
    pub records: u64,
    /// Records of a known shape that are no logon records.
    pub other: u64,
    pub unreadable: u64,
    /// The first `REASONS_KEPT` unreadable places.
    pub reasons: Vec<Unreadable>,
    /// Readable records that no shape knows.
    pub unknown: u64,
    pub unknown_reasons: Vec<Unreadable>,
    pub recovered_in_slack: u64,
    /// Records by shape.
    pub shapes: Vec<(&'static str, u64)>,
    /// The logs of Windows records; the texts are of the batch.
    pub logs: Vec<LogStretch>,
}

/// The events of one block, in the order of the input.
#[derive(Debug, Default)]
pub struct Batch {
    pub input: InputId,
    pub names: Interner,
    pub events: Vec<AuthEvent>,
    pub tally: Tally,
    /// Places in `tally.logs`, and the log of the last record, which is nearly always that of the next one too.
    logs: FxHashMap<(Symbol, Symbol), usize>,
    log: usize,
}

impl Batch {
    #[must_use]
    pub fn new(input: InputId) -> Self {
        Self { input, ..Self::default() }
    }
    fn keep_time(&mut self, fields: &Fields<'_>) {
        let Some(at) = fields.at.filter(|_| fields.family == Family::Windows) else { return };
        let is_same = self
            .tally
            .logs
            .get(self.log)
            .is_some_and(|log| self.names.raw(log.channel) == fields.channel && self.names.raw(log.computer) == fields.computer);
        if !is_same {
            let (computer, channel) = (self.names.intern(fields.computer), self.names.intern(fields.channel));
            self.log = *self.logs.entry((computer, channel)).or_insert(self.tally.logs.len());
            if self.log == self.tally.logs.len() {
                self.tally.logs.push(LogStretch { computer, channel, begins_at: at, ends_at: at, out_of_order: 0 });
            }
        }
        if let Some(log) = self.tally.logs.get_mut(self.log) {
            log.out_of_order += u64::from(at < log.ends_at);
            log.ends_at = at;
        }
    }
}

impl RecordSink for Batch {
    fn record(&mut self, fields: &Fields<'_>) {
        self.tally.records += 1;
        self.keep_time(fields);
        match self.tally.shapes.iter_mut().find(|(shape, _)| *shape == fields.shape) {
            Some((_, count)) => *count += 1,
            None => self.tally.shapes.push((fields.shape, 1)),
        }
        match super::event(fields, &mut self.names) {
            Some(mut event) => {
                event.provenance = Provenance { input: self.input, offset: fields.offset, line: fields.line };
                self.events.push(event);
            }
            None => self.tally.other += 1,
        }
    }
    fn unreadable(&mut self, what: Unreadable) {
        self.tally.unreadable += 1;
        if self.tally.reasons.len() < REASONS_KEPT {
            self.tally.reasons.push(what);
        }
    }
    fn recovered_in_slack(&mut self, count: u64) {
        self.tally.recovered_in_slack += count;
    }
    fn unknown(&mut self, offset: u64, line: u32, reason: &str) {
        self.tally.records += 1;
        self.tally.unknown += 1;
        if self.tally.unknown_reasons.len() < REASONS_KEPT {
            self.tally.unknown_reasons.push(Unreadable { offset, line, record: 0, reason: reason.to_owned() });
        }
    }
}
