//! What one worker made of one block of an input: events, the names in them, and a tally of everything else.

use crate::base::intern::{Interner, Symbol};
use crate::model::event::{AuthEvent, EventKind, Provenance};
use crate::model::fields::{Family, Fields, RecordSink, Unreadable};
use crate::model::ids::InputId;
use crate::model::input::{PlaceKind, Tally};
use crate::model::log::{Clear, LogStatus};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The events of one block, in the order of the input.
#[derive(Debug, Default)]
pub struct Batch {
    pub input: InputId,
    pub names: Interner,
    pub events: Vec<AuthEvent>,
    /// Without the logs, which `finish` puts there; the texts are of the batch.
    pub tally: Tally,
    logs: Vec<LogStatus>,
    /// Places in `logs`, and the log of the last record, which is nearly always that of the next one too.
    places: FxHashMap<(Symbol, Symbol), usize>,
    log: usize,
}

/// Records by which Windows says that others were lost: Security 1101, 4612 and 521.
fn says_that_records_were_lost(fields: &Fields<'_>) -> Option<&'static str> {
    let reason = match fields.event_id {
        1101 => "1101: audit events were dropped before they were written",
        4612 => "4612: audit messages were lost because the queue was full",
        521 => "521: the system could not write events to the Security log",
        _ => return None,
    };
    (fields.family == Family::Windows && fields.channel.eq_ignore_ascii_case("Security")).then_some(reason)
}

impl Batch {
    #[must_use]
    pub fn new(input: InputId) -> Self {
        Self { input, ..Self::default() }
    }
    /// A batch that goes on with the texts of an earlier one.
    #[must_use]
    pub fn with_names(input: InputId, names: Interner) -> Self {
        Self { input, names, ..Self::default() }
    }
    /// The names, the events and all that was counted.
    #[must_use]
    pub fn finish(mut self) -> (Interner, Vec<AuthEvent>, Tally) {
        self.tally.logs = Arc::new(self.logs);
        (self.names, self.events, self.tally)
    }
    /// Counts the record for its log.
    fn keep_log(&mut self, fields: &Fields<'_>) {
        let channel = super::windows::channel(fields);
        let is_same = self
            .logs
            .get(self.log)
            .is_some_and(|log| self.names.raw(log.channel) == channel && self.names.raw(log.computer) == fields.computer);
        if !is_same {
            let mut symbol = |text: &str| super::texts::as_it_is(text, &mut self.names);
            let (computer, channel) = (symbol(fields.computer), symbol(channel));
            self.log = *self.places.entry((computer, channel)).or_insert(self.logs.len());
            if self.log == self.logs.len() {
                self.logs.push(LogStatus::new(computer, channel));
            }
        }
        if let Some(log) = self.logs.get_mut(self.log) {
            match fields.at {
                Some(at) => log.see(fields.record, fields.event_id, at, fields.offset),
                None => log.see_timeless(),
            }
        }
    }
    fn clear(&mut self, event: &AuthEvent, computer: &str) {
        self.tally.clear(Clear {
            at: event.at,
            computer: self.names.intern(computer),
            channel: event.target,
            user: event.account.user,
            domain: event.account.domain,
            record: event.record,
            offset: event.provenance.offset,
            line: event.provenance.line,
        });
    }
}

impl RecordSink for Batch {
    fn record(&mut self, fields: &Fields<'_>) {
        self.tally.records += 1;
        self.tally.assumed_utc += u64::from(fields.assumed_utc);
        if fields.family == Family::Windows {
            self.keep_log(fields);
        }
        match self.tally.shapes.iter_mut().find(|(shape, _)| *shape == fields.shape) {
            Some((_, count)) => *count += 1,
            None => self.tally.shapes.push((fields.shape, 1)),
        }
        if let Some(mut event) = super::event(fields, &mut self.names) {
            event.provenance = Provenance { input: self.input, offset: fields.offset, line: fields.line };
            self.tally.event_at(event.at);
            if fields.family == Family::Windows
                && let Some(log) = self.logs.get_mut(self.log)
            {
                log.events += 1;
            }
            if event.kind == EventKind::LogCleared {
                self.clear(&event, fields.computer);
            }
            self.events.push(event);
        } else {
            self.tally.other += 1;
        }
        if let Some(reason) = says_that_records_were_lost(fields) {
            let (offset, line, record) = (fields.offset, fields.line, fields.record);
            self.tally.place(PlaceKind::Dropped, Unreadable { offset, line, record, reason: reason.to_owned() });
        }
    }
    fn unreadable(&mut self, what: Unreadable) {
        self.tally.place(PlaceKind::Unreadable, what);
    }
    fn recovered_in_slack(&mut self, count: u64) {
        self.tally.recovered_in_slack += count;
    }
    fn checksum_mismatch(&mut self, offset: u64, reason: &str) {
        self.tally.place(PlaceKind::Checksum, Unreadable { offset, line: 0, record: 0, reason: reason.to_owned() });
    }
    fn unknown(&mut self, offset: u64, line: u32, reason: &str) {
        self.tally.records += 1;
        self.tally.place(PlaceKind::Unknown, Unreadable { offset, line, record: 0, reason: reason.to_owned() });
    }
}
