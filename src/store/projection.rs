//! What a filter leaves: matching events and entities, and their densities.
//!
//! Made off the screen's thread and extended as the snapshot grows: only rows that were not looked at yet are tested.

use super::Snapshot;
use super::density::Density;
use crate::base::segments::SegVec;
use crate::model::ids::{AnomalyId, EventId};
use crate::query::Filter;

/// The rows a filter lets through.
#[derive(Clone, Debug, Default)]
pub struct Projection {
    /// Tells what it leaves from what other filters leave (`Filter::key`).
    pub key: String,
    pub filter: Option<Filter>,
    /// Matching events, oldest first.
    pub events: SegVec<EventId>,
    /// Densities of the matching events; anomaly marks of matching anomalies.
    pub density: Density,
    /// Matching accounts, hosts, sources: those with a matching event.
    accounts: Vec<u32>,
    hosts: Vec<u32>,
    sources: Vec<u32>,
    looked_at: usize,
    anomalies_looked_at: usize,
}

fn bump(counts: &mut Vec<u32>, index: usize) {
    if index >= u32::MAX as usize {
        return;
    }
    if counts.len() <= index {
        counts.resize(index + 1, 0);
    }
    if let Some(count) = counts.get_mut(index) {
        *count = count.saturating_add(1);
    }
}

impl Projection {
    #[must_use]
    pub fn new(key: String, filter: Filter) -> Self {
        Self { key, filter: Some(filter), ..Self::default() }
    }
    /// The rows as they are now; see `SegVec::share`.
    #[must_use]
    pub fn share(&mut self) -> Self {
        Self {
            key: self.key.clone(),
            filter: self.filter.clone(),
            events: self.events.share(),
            density: self.density.share(),
            accounts: self.accounts.clone(),
            hosts: self.hosts.clone(),
            sources: self.sources.clone(),
            looked_at: self.looked_at,
            anomalies_looked_at: self.anomalies_looked_at,
        }
    }
    /// Tests the rows that came since the last call; at most `most` of them, so that a caller can be stopped between.
    /// Says whether everything of the snapshot was looked at.
    pub fn extend(&mut self, snapshot: &Snapshot, most: usize) -> bool {
        let Some(filter) = &self.filter else { return true };
        let (names, tables) = (&snapshot.names, &snapshot.tables);
        // Those that were let go before cannot be tested any more.
        self.looked_at = self.looked_at.max(tables.events.first_kept());
        for row in tables.events.iter_from(self.looked_at).take(most) {
            if filter.matches_event(EventId::new(self.looked_at), names, tables) {
                self.events.push(EventId::new(self.looked_at));
                self.density.count_event(&row.event);
                bump(&mut self.accounts, row.account.index());
                bump(&mut self.hosts, row.host.index());
                bump(&mut self.sources, row.source.index());
            }
            self.looked_at += 1;
        }
        for anomaly in tables.anomalies.iter_from(self.anomalies_looked_at) {
            let place = snapshot.marks.place(AnomalyId::new(self.anomalies_looked_at));
            self.anomalies_looked_at += 1;
            if let (Some((Some(lane), at)), true) = (place, filter.matches_anomaly(anomaly, names, tables)) {
                self.density.mark(lane, at, anomaly.severity);
            }
        }
        self.let_go(EventId::new(tables.events.first_kept()));
        self.looked_at >= tables.events.len()
    }
    /// The first place whose event is not older than `first`; those before may have been let go.
    #[must_use]
    pub fn first_from(&self, first: EventId) -> usize {
        let (mut low, mut high) = (self.events.first_kept(), self.events.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.events.get(middle).is_some_and(|id| *id < first) { low = middle + 1 } else { high = middle }
        }
        low
    }
    /// What names a row that went is of no use.
    fn let_go(&mut self, first: EventId) {
        if first.index() > 0 {
            self.events.keep_newest(self.events.len() - self.first_from(first));
        }
    }
    #[must_use]
    pub const fn looked_at(&self) -> usize {
        self.looked_at
    }
    /// Matching events of an account.
    #[must_use]
    pub fn of_account(&self, index: usize) -> u32 {
        self.accounts.get(index).copied().unwrap_or(0)
    }
    #[must_use]
    pub fn of_host(&self, index: usize) -> u32 {
        self.hosts.get(index).copied().unwrap_or(0)
    }
    #[must_use]
    pub fn of_source(&self, index: usize) -> u32 {
        self.sources.get(index).copied().unwrap_or(0)
    }
}
