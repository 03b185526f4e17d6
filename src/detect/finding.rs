//! What a detection hands over: the entities, the evidence, the sentence, and when a repeat is the same thing again.

use crate::base::time::{Span, Timestamp};
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::model::ids::{AccountId, EventId, HostId, SessionId, SourceId};

/// Who or what a finding is about, for telling repeats: any two numbers the detection chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Key(pub u64, pub u64);

impl Key {
    #[must_use]
    pub const fn of(first: usize, second: usize) -> Self {
        Self(first as u64, second as u64)
    }
}

/// One hit of a detection. A hit with a key that was hit before within its quiet time extends that anomaly.
#[derive(Clone, Debug)]
pub struct Finding {
    pub key: Key,
    pub quiet: Span,
    pub score: Score,
    pub accounts: Vec<AccountId>,
    pub hosts: Vec<HostId>,
    pub sources: Vec<SourceId>,
    pub sessions: Vec<SessionId>,
    /// Evidence, in any order; records of earlier hits may be repeated.
    pub records: Vec<EventId>,
    /// Records behind a first hit that `records` had no room for.
    pub unlisted: u32,
    pub first_at: Timestamp,
    pub why: String,
}

impl Finding {
    /// A finding about the account, host, source and session of the event at hand.
    #[must_use]
    pub fn new(step: &Step<'_>, key: Key, quiet: Span, score: Score, why: String) -> Self {
        Self {
            key,
            quiet,
            score,
            accounts: step.row.account.some().into_iter().collect(),
            hosts: step.row.host.some().into_iter().collect(),
            sources: step.row.source.some().into_iter().collect(),
            sessions: step.row.session.some().into_iter().collect(),
            records: vec![step.id],
            unlisted: 0,
            first_at: step.at(),
            why,
        }
    }
    /// A finding that no event at hand completed: something did not happen. `records` says since when it is known.
    #[must_use]
    pub fn at_tick(key: Key, quiet: Span, score: Score, why: String, since: Timestamp, records: Vec<EventId>) -> Self {
        Self {
            key,
            quiet,
            score,
            accounts: Vec::new(),
            hosts: Vec::new(),
            sources: Vec::new(),
            sessions: Vec::new(),
            records,
            unlisted: 0,
            first_at: since,
            why,
        }
    }
    /// With earlier records as evidence, and the moment of the first of them.
    #[must_use]
    pub fn since(mut self, first_at: Timestamp, records: impl IntoIterator<Item = EventId>) -> Self {
        self.first_at = self.first_at.min(first_at);
        self.records.extend(records);
        self
    }
    #[must_use]
    pub fn and_unlisted(mut self, records: u32) -> Self {
        self.unlisted = records;
        self
    }
    #[must_use]
    pub fn and_accounts(mut self, accounts: impl IntoIterator<Item = AccountId>) -> Self {
        add(&mut self.accounts, accounts, AccountId::is_some);
        self
    }
    #[must_use]
    pub fn and_hosts(mut self, hosts: impl IntoIterator<Item = HostId>) -> Self {
        add(&mut self.hosts, hosts, HostId::is_some);
        self
    }
    #[must_use]
    pub fn and_sources(mut self, sources: impl IntoIterator<Item = SourceId>) -> Self {
        add(&mut self.sources, sources, SourceId::is_some);
        self
    }
    #[must_use]
    pub fn and_sessions(mut self, sessions: impl IntoIterator<Item = SessionId>) -> Self {
        add(&mut self.sessions, sessions, SessionId::is_some);
        self
    }
}

/// Entities listed in one anomaly, of each sort.
const MOST_ENTITIES: usize = 256;

/// Appends what is new and is something; says which were added.
pub(super) fn add<T: Copy + PartialEq>(list: &mut Vec<T>, more: impl IntoIterator<Item = T>, is_some: impl Fn(T) -> bool) -> Vec<T> {
    let mut added = Vec::new();
    for item in more {
        if is_some(item) && list.len() < MOST_ENTITIES && !list.contains(&item) {
            list.push(item);
            added.push(item);
        }
    }
    added
}

/// Does what hardly any event comes to, away from the path that all events take: the code of all detections together is
/// many times what the first cache of a processor holds, and what is passed over unread costs as much as what is read.
#[cold]
#[inline(never)]
pub fn rarely<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// The hits of one event.
#[derive(Debug, Default)]
pub struct Findings {
    pub(super) list: Vec<Finding>,
}

impl Findings {
    pub fn push(&mut self, finding: Finding) {
        self.list.push(finding);
    }
}
