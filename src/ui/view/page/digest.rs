//! What the sessions and events of one account, host or source add up to.
//!
//! Made by walking its chains, newest first, and kept up by walking only what is new; the first walk stops after
//! `WALKED` rows, and the page says so. Nothing is walked while drawing.

use super::super::Ctx;
use super::super::accounts::AccountKind;
use super::super::list::Kind as _;
use super::outcomes::Strip;
use super::tally::Tallies;
use crate::model::ids::{AccountId, AnomalyId, EventId, HostId, SourceId, VisitId};
use crate::model::visit::Visit;
use crate::model::world::{Row, Tables};

/// Events, and sessions, walked at first.
pub const WALKED: usize = 50_000;

/// Whose page it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Account(AccountId),
    Host(HostId),
    Source(SourceId),
}

/// See the module.
#[derive(Debug, Default)]
pub struct Digest {
    /// Oldest first, so that new ones are appended.
    events: Vec<EventId>,
    visits: Vec<VisitId>,
    /// Older ones were left out.
    pub cut: bool,
    pub accounts: Tallies,
    pub hosts: Tallies,
    pub sources: Tallies,
    /// Of a source: what happened when.
    pub strip: Strip,
    /// Worst first, then newest.
    pub anomalies: Vec<AnomalyId>,
    seen: usize,
    /// Rows that were merged, of all accounts, when it was made.
    merged: usize,
    /// Switches the order was made by: accounts that lists hide stand last here.
    options: Option<(bool, bool)>,
}

impl Digest {
    /// The event at a place of the list that stands newest first.
    #[must_use]
    pub fn event(&self, row: usize) -> Option<EventId> {
        self.events.get(self.events.len().checked_sub(row + 1)?).copied()
    }
    #[must_use]
    pub fn visit(&self, row: usize) -> Option<VisitId> {
        self.visits.get(self.visits.len().checked_sub(row + 1)?).copied()
    }
    #[must_use]
    pub const fn events(&self) -> usize {
        self.events.len()
    }
    #[must_use]
    pub const fn visits(&self) -> usize {
        self.visits.len()
    }
    /// Takes in what came since the last call.
    pub fn extend(&mut self, subject: Subject, ctx: &Ctx<'_>) {
        let tables = &ctx.snapshot.tables;
        // A replay went back, or what was counted as two accounts is one.
        if tables.events.len() < self.seen || tables.merged_accounts != self.merged {
            *self = Self { merged: tables.merged_accounts, ..Self::default() };
        }
        self.seen = tables.events.len();
        let options = (ctx.options.machine_accounts, ctx.options.built_in_accounts);
        let new = [self.take_events(subject, tables), self.take_visits(subject, tables)];
        if new.contains(&true) || self.options != Some(options) {
            self.options = Some(options);
            self.sort(ctx);
            self.strip.make(&[&self.accounts, &self.hosts]);
        }
        self.take_anomalies(subject, tables);
    }
    fn take_events(&mut self, subject: Subject, tables: &Tables) -> bool {
        let known = self.events.last().copied();
        let fresh = |(id, _): &(EventId, &Row)| known.is_none_or(|known| *id > known);
        let mut new: Vec<EventId> = Vec::new();
        let is_source = matches!(subject, Subject::Source(_));
        let mut take = |walk: &mut dyn Iterator<Item = (EventId, &Row)>| {
            for (id, row) in walk {
                if new.len() >= WALKED {
                    self.cut = true;
                    break;
                }
                new.push(id);
                self.accounts.count(tables.account_id(row.account).index(), &row.event);
                self.hosts.count(row.host.index(), &row.event);
                self.sources.count(row.source.index(), &row.event);
                if is_source {
                    self.strip.count(&row.event);
                }
            }
        };
        match subject {
            Subject::Account(id) => take(&mut tables.events_of_account(id).take_while(fresh)),
            Subject::Host(id) => take(&mut tables.events_of_host(id).take_while(fresh)),
            Subject::Source(id) => take(&mut tables.events_of_source(id).take_while(fresh)),
        }
        let changed = !new.is_empty();
        self.events.extend(new.into_iter().rev());
        changed
    }
    fn take_visits(&mut self, subject: Subject, tables: &Tables) -> bool {
        let known = self.visits.last().copied();
        let mut new: Vec<VisitId> = Vec::new();
        let mut take = |walk: &mut dyn Iterator<Item = (VisitId, &Visit)>| {
            for (id, visit) in walk {
                if known.is_some_and(|known| id <= known) {
                    break;
                }
                if new.len() >= WALKED {
                    self.cut = true;
                    break;
                }
                new.push(id);
                for (tallies, row) in [
                    (&mut self.accounts, tables.account_id(visit.account).index()),
                    (&mut self.hosts, visit.host.index()),
                    (&mut self.sources, visit.source.index()),
                ] {
                    if let Some(tally) = tallies.of(row) {
                        tally.sessions = tally.sessions.saturating_add(1);
                        tally.last = tally.last.max(Some(visit.start));
                    }
                }
            }
        };
        match subject {
            Subject::Account(id) => take(&mut tables.visits_of_account(id)),
            Subject::Host(id) => take(&mut tables.visits_of_host(id)),
            Subject::Source(id) => take(&mut tables.visits_of_source(id)),
        }
        let changed = !new.is_empty();
        self.visits.extend(new.into_iter().rev());
        changed
    }
    fn take_anomalies(&mut self, subject: Subject, tables: &Tables) {
        // Findings grow: one that did not concern the subject may do so later, so all are looked at again.
        self.anomalies.clear();
        for (index, anomaly) in tables.anomalies.iter().enumerate() {
            let concerns = match subject {
                Subject::Account(id) => anomaly.accounts.iter().any(|other| tables.account_id(*other) == tables.account_id(id)),
                Subject::Host(id) => anomaly.hosts.contains(&id),
                Subject::Source(id) => anomaly.sources.contains(&id),
            };
            if !concerns {
                continue;
            }
            self.anomalies.push(AnomalyId::new(index));
            let rows = anomaly.accounts.iter().map(|id| (0, tables.account_id(*id).index()));
            let rows = rows.chain(anomaly.hosts.iter().map(|id| (1, id.index())));
            for (which, row) in rows.chain(anomaly.sources.iter().map(|id| (2, id.index()))) {
                let tallies = match which {
                    0 => &mut self.accounts,
                    1 => &mut self.hosts,
                    _ => &mut self.sources,
                };
                // Only those that were met with the subject are marked.
                if tallies.knows(row)
                    && let Some(tally) = tallies.of(row)
                {
                    tally.worst = tally.worst.max(Some(anomaly.severity));
                }
            }
        }
        self.anomalies.sort_by_key(|id| {
            let rank = tables.anomaly(*id).map(|anomaly| (anomaly.severity, anomaly.score, anomaly.at));
            (std::cmp::Reverse(rank), *id)
        });
    }
    fn sort(&mut self, ctx: &Ctx<'_>) {
        self.accounts.sort(|row| AccountKind::is_hidden(row, ctx));
        self.hosts.sort(|_| false);
        self.sources.sort(|_| false);
    }
}
