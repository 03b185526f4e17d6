//! What the sessions and events of one account, host or source add up to.
//!
//! Made by walking its chains, newest first, and kept up by walking only what is new. The newest `AT_ONCE` rows are walked
//! when the page is opened, which it does not notice; where there are more, a thread of its own walks up to `WALKED`, and the
//! page says of how many it tells. Nothing is walked while drawing.

use super::super::Ctx;
use super::super::accounts::AccountKind;
use super::super::list::Kind as _;
use super::outcomes::Strip;
use super::tally::Tallies;
use crate::model::ids::{AccountId, AnomalyId, EventId, HostId, SourceId, VisitId};
use crate::model::involved::Entity;
use crate::model::visit::Visit;
use crate::model::world::{Row, Tables};
use std::borrow::Cow;

/// Events, and sessions, walked at most.
pub const WALKED: usize = 50_000;

/// Of these so many while a key waits: each row lies somewhere else in memory, and so many are read in a millisecond or two.
pub const AT_ONCE: usize = 4_000;

/// Whose page it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Account(AccountId),
    Host(HostId),
    Source(SourceId),
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Digest {
    /// Oldest first, so that new ones are appended.
    events: Vec<EventId>,
    visits: Vec<VisitId>,
    /// Older ones were left out.
    pub cut: bool,
    /// A longer walk would find more of them.
    is_short: bool,
    /// The longer walk was asked for.
    is_asked: bool,
    pub accounts: Tallies,
    pub hosts: Tallies,
    pub sources: Tallies,
    /// Of a source: what happened when.
    pub strip: Strip,
    /// Worst first, then newest.
    pub anomalies: Vec<AnomalyId>,
    seen: usize,
    /// Something was counted since the order was made.
    is_unsorted: bool,
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
        self.walk(subject, tables, AT_ONCE);
        let options = (ctx.options.machine_accounts, ctx.options.built_in_accounts);
        if self.is_unsorted || self.options != Some(options) {
            (self.is_unsorted, self.options) = (false, Some(options));
            self.sort(ctx);
            self.strip.make(&[&self.accounts, &self.hosts]);
        }
        self.take_anomalies(subject, tables);
    }
    /// All that a page tells of, but for its order: for a thread of its own.
    #[must_use]
    pub fn whole(subject: Subject, tables: &Tables) -> Self {
        let mut digest = Self { merged: tables.merged_accounts, ..Self::default() };
        digest.walk(subject, tables, WALKED);
        digest
    }
    /// The longer walk is wanted; said once.
    pub const fn take_wish(&mut self) -> bool {
        let is_new = self.is_short && !self.is_asked;
        self.is_asked |= is_new;
        is_new
    }
    /// Takes in what is new; at the beginning `at_first` rows.
    fn walk(&mut self, subject: Subject, tables: &Tables, at_first: usize) {
        // What went from memory is counted still, but cannot be listed.
        let kept = EventId::new(tables.events.first_kept());
        if self.events.first().is_some_and(|first| *first < kept) {
            self.events.retain(|id| *id >= kept);
        }
        self.seen = tables.events.len();
        let limit = |is_first: bool| if is_first { at_first } else { WALKED };
        let events = self.take_events(subject, tables, limit(self.events.is_empty()));
        let visits = self.take_visits(subject, tables, limit(self.visits.is_empty()));
        self.is_unsorted |= events || visits;
    }
    fn take_events(&mut self, subject: Subject, tables: &Tables, limit: usize) -> bool {
        let known = self.events.last().copied();
        let fresh = |(id, _): &(EventId, Cow<'_, Row>)| known.is_none_or(|known| *id > known);
        let mut new: Vec<EventId> = Vec::new();
        let is_source = matches!(subject, Subject::Source(_));
        let mut take = |walk: &mut dyn Iterator<Item = (EventId, Cow<'_, Row>)>| {
            for (id, row) in walk {
                if new.len() >= limit {
                    (self.cut, self.is_short) = (true, self.is_short || limit < WALKED);
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
    fn take_visits(&mut self, subject: Subject, tables: &Tables, limit: usize) -> bool {
        let known = self.visits.last().copied();
        let mut new: Vec<VisitId> = Vec::new();
        let mut take = |walk: &mut dyn Iterator<Item = (VisitId, Cow<'_, Visit>)>| {
            for (id, visit) in walk {
                if known.is_some_and(|known| id <= known) {
                    break;
                }
                if new.len() >= limit {
                    (self.cut, self.is_short) = (true, self.is_short || limit < WALKED);
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
        // Findings grow: one that did not concern the subject may do so later, so all of its own are read again.
        let entity = match subject {
            Subject::Account(id) => Entity::Account(id),
            Subject::Host(id) => Entity::Host(id),
            Subject::Source(id) => Entity::Source(id),
        };
        self.anomalies = tables.anomalies_of(entity).map(|(id, _)| id).collect();
        // Accounts that became one have each their own list.
        self.anomalies.sort_unstable();
        self.anomalies.dedup();
        for anomaly in self.anomalies.iter().filter_map(|id| tables.anomaly(*id)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;
    use crate::model::event::AuthEvent;
    use crate::model::host::Host;

    /// A host with so many events, by five accounts in turn.
    fn busy(events: usize) -> Tables {
        let mut tables = Tables::default();
        let host = HostId::new(tables.hosts.push(Host::default()));
        for number in 0..events {
            let at = crate::base::time::Timestamp::default() + Span::seconds(i64::try_from(number).unwrap());
            let before = number.checked_sub(1).map_or(EventId::NONE, EventId::new);
            let id = tables.events.push(Row {
                event: AuthEvent { at, ..AuthEvent::default() },
                counted: Default::default(),
                account: AccountId::new(number % 5),
                host,
                source: SourceId::NONE,
                session: Default::default(),
                visit: Default::default(),
                previous_of_account: EventId::NONE,
                previous_of_host: before,
                previous_of_source: EventId::NONE,
                previous_of_session: EventId::NONE,
            });
            tables.hosts.get_mut(0).unwrap().last_event = EventId::new(id);
        }
        tables
    }

    #[test]
    fn the_newest_rows_come_at_once_and_the_others_later() {
        let (subject, tables) = (Subject::Host(HostId::new(0)), busy(AT_ONCE * 3));
        let mut digest = Digest::default();
        digest.walk(subject, &tables, AT_ONCE);
        assert_eq!((digest.events(), digest.cut), (AT_ONCE, true));
        assert_eq!((digest.take_wish(), digest.take_wish()), (true, false), "asked once");
        let mut whole = Digest::whole(subject, &tables);
        assert_eq!((whole.events(), whole.cut, whole.take_wish()), (AT_ONCE * 3, false, false));
        assert_eq!(whole.event(0), digest.event(0));
        let of = |digest: &Digest| digest.accounts.list.iter().map(|tally| tally.events as usize).sum::<usize>();
        assert_eq!((of(&digest), of(&whole)), (AT_ONCE, AT_ONCE * 3));
        // What came while it was counted is taken in behind it.
        let later = busy(AT_ONCE * 3 + 70);
        whole.walk(subject, &later, AT_ONCE);
        assert_eq!((whole.events(), of(&whole), whole.cut), (AT_ONCE * 3 + 70, AT_ONCE * 3 + 70, false));
        let mut few = Digest::default();
        few.walk(subject, &busy(AT_ONCE), AT_ONCE);
        assert!(!few.cut && !few.take_wish());
    }
}
