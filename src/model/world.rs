//! Everything that is known after the events so far: the tables, and the names in them.
//!
//! Only the writer has a `World`; screens and reports read a `Tables` and a `Names` out of a snapshot. Rows point to
//! the one before of the same account, host, source or session, so the newest of anything are read without a search.

use crate::base::intern::{Interner, Symbol};
use crate::base::segments::{SegMap, SegVec};
use crate::base::shelf::Shelf;
use crate::base::time::Timestamp;
use crate::model::account::Account;
use crate::model::anomaly::Anomaly;
use crate::model::attempt::{Attempt, Counted};
use crate::model::audited::Audited;
use crate::model::event::{AuthEvent, Outcome};
use crate::model::host::Host;
use crate::model::ids::{AccountId, AnomalyId, EventId, HostId, SessionId, SourceId, VisitId};
use crate::model::incident::Incident;
use crate::model::input::InputStatus;
use crate::model::involved::Entity;
use crate::model::lane::Lane;
use crate::model::lineage::Lineage;
use crate::model::place::Database;
use crate::model::rows::Rows;
use crate::model::session::Session;
use crate::model::sign_in_log::SignInLog;
use crate::model::source::Source;
use crate::model::status::Status;
use crate::model::visit::Visit;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::Arc;

/// An event in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub event: AuthEvent,
    /// It stands for an attempt to log on.
    pub counted: Counted,
    pub account: AccountId,
    pub host: HostId,
    pub source: SourceId,
    pub session: SessionId,
    /// The session as shown; also of events that belong to none of its logon sessions.
    pub visit: VisitId,
    pub previous_of_account: EventId,
    pub previous_of_host: EventId,
    pub previous_of_source: EventId,
    /// Before it in `session`, or among the events of `visit` that belong to no logon session.
    pub previous_of_session: EventId,
}

/// What counting all rows would give, counted while they pass: rows may be let go, counts not. Those of one host or source
/// stand in its row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Event times, not order of arrival.
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub events: u64,
    /// Attempts to log on, each counted once.
    pub successes: u64,
    pub failures: u64,
    pub interrupted: u64,
    /// Records of failures that state a code: one attempt may have several.
    pub codes: FxHashMap<Status, u64>,
    /// Sorts of records that were met.
    pub audited: Audited,
    /// Attempts, by lane index.
    pub failures_by_lane: [u64; Lane::COUNT],
}

impl Totals {
    #[inline]
    pub fn count(&mut self, event: &AuthEvent, counted: Counted) {
        self.first = Some(self.first.map_or(event.at, |first| first.min(event.at)));
        self.last = self.last.max(Some(event.at));
        self.events += 1;
        self.audited.see(event);
        self.interrupted += u64::from(event.outcome == Outcome::Interrupted);
        if event.outcome == Outcome::Failure && event.status.is_some() {
            *self.codes.entry(event.status).or_default() += 1;
        }
        if counted.account {
            self.successes += u64::from(counted.success);
            self.failures += u64::from(!counted.success);
            if let Some(lane) = event.lane().filter(|_| !counted.success) {
                self.lane(lane, 1);
            }
        }
    }
    /// A record of the authority counts no more.
    pub fn take_back(&mut self, counted: Counted) {
        if counted.account {
            self.successes = self.successes.saturating_sub(u64::from(counted.success));
            self.failures = self.failures.saturating_sub(u64::from(!counted.success));
            if !counted.success {
                self.lane(Lane::DomainController, -1);
            }
        }
    }
    fn lane(&mut self, lane: Lane, more: i64) {
        if let Some(failures) = self.failures_by_lane.get_mut(lane.index()) {
            *failures = failures.saturating_add_signed(more);
        }
    }
}

/// The tables. `share` gives a state that later events do not change.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// Old rows may have been let go: then `event` gives nothing for their ids.
    pub events: Rows,
    /// Counts of all events that were applied, also of those let go; nothing where rows were put in otherwise.
    pub totals: Option<Box<Totals>>,
    pub sessions: Shelf<Session>,
    pub visits: Shelf<Visit>,
    /// Runs of logons that are open, by lane index.
    pub open_runs: [u32; Lane::COUNT],
    pub accounts: SegVec<Account>,
    /// Rows of `accounts` that were merged into others.
    pub merged_accounts: usize,
    pub hosts: SegVec<Host>,
    pub sources: SegVec<Source>,
    pub anomalies: SegVec<Arc<Anomaly>>,
    /// See `Tables::anomalies_of`.
    pub involved: SegMap<(Entity, AnomalyId), ()>,
    /// Rows of incidents that turned out to be others stay.
    pub incidents: SegVec<Arc<Incident>>,
    /// Shared one by one: a lineage may be long, and few change between two shares.
    pub lineages: SegVec<Arc<Lineage>>,
    pub sign_in_log: Arc<SignInLog>,
    /// Databases that places of sources come from.
    pub databases: Arc<[Database]>,
    /// Where the events came from, as it was when this was shared.
    pub inputs: Arc<Vec<InputStatus>>,
}

impl Tables {
    /// The tables as they are now, without a copy of their rows; see `SegVec::share`.
    #[must_use]
    pub fn share(&mut self) -> Self {
        Self {
            events: self.events.share(),
            totals: self.totals.clone(),
            sessions: self.sessions.share(),
            visits: self.visits.share(),
            open_runs: self.open_runs,
            accounts: self.accounts.share(),
            merged_accounts: self.merged_accounts,
            hosts: self.hosts.share(),
            sources: self.sources.share(),
            anomalies: self.anomalies.share(),
            involved: self.involved.share(),
            incidents: self.incidents.share(),
            lineages: self.lineages.share(),
            sign_in_log: Arc::clone(&self.sign_in_log),
            databases: Arc::clone(&self.databases),
            inputs: Arc::clone(&self.inputs),
        }
    }
    #[must_use]
    #[inline]
    pub fn event(&self, id: EventId) -> Option<Cow<'_, Row>> {
        self.events.get(id.index())
    }
    #[must_use]
    #[inline]
    pub fn session(&self, id: SessionId) -> Option<Cow<'_, Session>> {
        self.sessions.get(id.index())
    }
    #[must_use]
    #[inline]
    pub fn visit(&self, id: VisitId) -> Option<Cow<'_, Visit>> {
        self.visits.get(id.index())
    }
    #[must_use]
    #[inline]
    pub fn host(&self, id: HostId) -> Option<&Host> {
        self.hosts.get(id.index())
    }
    #[must_use]
    #[inline]
    pub fn source(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.index())
    }
    #[must_use]
    pub fn anomaly(&self, id: AnomalyId) -> Option<&Arc<Anomaly>> {
        self.anomalies.get(id.index())
    }
    /// Rows that were not let go, in the order of applying.
    pub fn each_event(&self) -> impl Iterator<Item = (EventId, Cow<'_, Row>)> {
        let first = self.events.first_kept();
        self.events.iter().enumerate().map(move |(place, row)| (EventId::new(first + place), row))
    }
    /// All logon sessions, by id.
    pub fn each_session(&self) -> impl Iterator<Item = (SessionId, Cow<'_, Session>)> {
        self.sessions.iter().enumerate().map(|(place, session)| (SessionId::new(place), session))
    }
    fn chain(&self, from: EventId, previous: impl Fn(&Row) -> EventId) -> impl Iterator<Item = (EventId, Cow<'_, Row>)> {
        std::iter::successors(self.event(from).map(|row| (from, row)), move |(_, row)| {
            let id = previous(row);
            self.event(id).map(|row| (id, row))
        })
    }
    /// Events of a host, newest first.
    pub fn events_of_host(&self, id: HostId) -> impl Iterator<Item = (EventId, Cow<'_, Row>)> {
        self.chain(self.host(id).map_or(EventId::NONE, |host| host.last_event), |row| row.previous_of_host)
    }
    /// Events of a source, newest first.
    pub fn events_of_source(&self, id: SourceId) -> impl Iterator<Item = (EventId, Cow<'_, Row>)> {
        self.chain(self.source(id).map_or(EventId::NONE, |source| source.last_event), |row| row.previous_of_source)
    }
    /// Events of a session, newest first.
    pub fn events_of_session(&self, id: SessionId) -> impl Iterator<Item = (EventId, Cow<'_, Row>)> {
        self.chain(self.session(id).map_or(EventId::NONE, |session| session.last_event), |row| row.previous_of_session)
    }
    fn session_chain(
        &self,
        from: SessionId,
        previous: impl Fn(&Session) -> SessionId,
    ) -> impl Iterator<Item = (SessionId, Cow<'_, Session>)> {
        std::iter::successors(self.session(from).map(|session| (from, session)), move |(_, session)| {
            let id = previous(session);
            self.session(id).map(|session| (id, session))
        })
    }
    /// Sessions of a host, newest first.
    pub fn sessions_of_host(&self, id: HostId) -> impl Iterator<Item = (SessionId, Cow<'_, Session>)> {
        self.session_chain(self.host(id).map_or(SessionId::NONE, |host| host.last_session), |session| session.previous_of_host)
    }
    /// Logon sessions of a visit, newest first.
    pub fn sessions_of_visit(&self, id: VisitId) -> impl Iterator<Item = (SessionId, Cow<'_, Session>)> {
        self.session_chain(self.visit(id).map_or(SessionId::NONE, |visit| visit.last_session), |session| session.previous_of_visit)
    }
    /// Events of a visit that belong to none of its logon sessions, newest first.
    pub fn loose_events_of_visit(&self, id: VisitId) -> impl Iterator<Item = (EventId, Cow<'_, Row>)> {
        self.chain(self.visit(id).map_or(EventId::NONE, |visit| visit.last_event), |row| row.previous_of_session)
    }
    fn visit_chain(&self, from: VisitId, previous: impl Fn(&Visit) -> VisitId) -> impl Iterator<Item = (VisitId, Cow<'_, Visit>)> {
        std::iter::successors(self.visit(from).map(|visit| (from, visit)), move |(_, visit)| {
            let id = previous(visit);
            self.visit(id).map(|visit| (id, visit))
        })
        .filter(|(_, visit)| visit.is_shown())
    }
    /// All visits that are shown, by id: those that are part of another one are left out.
    pub fn visits(&self) -> impl Iterator<Item = (VisitId, Cow<'_, Visit>)> {
        self.visits.iter().enumerate().map(|(number, visit)| (VisitId::new(number), visit)).filter(|(_, visit)| visit.is_shown())
    }
    /// Visits of a host, newest first.
    pub fn visits_of_host(&self, id: HostId) -> impl Iterator<Item = (VisitId, Cow<'_, Visit>)> {
        self.visit_chain(self.host(id).map_or(VisitId::NONE, |host| host.last_visit), |visit| visit.previous_of_host)
    }
    /// Visits of a source, newest first.
    pub fn visits_of_source(&self, id: SourceId) -> impl Iterator<Item = (VisitId, Cow<'_, Visit>)> {
        self.visit_chain(self.source(id).map_or(VisitId::NONE, |source| source.last_visit), |visit| visit.previous_of_source)
    }
    /// Sessions of a source, newest first.
    pub fn sessions_of_source(&self, id: SourceId) -> impl Iterator<Item = (SessionId, Cow<'_, Session>)> {
        self.session_chain(self.source(id).map_or(SessionId::NONE, |source| source.last_session), |session| session.previous_of_source)
    }
}

/// What one event changed: mostly none or one, and only a restart changes many, so one costs no allocation.
#[derive(Clone, Debug)]
pub struct Few<T> {
    first: Option<T>,
    more: Vec<T>,
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self { first: None, more: Vec::new() }
    }
}

impl<T: Copy> Few<T> {
    pub fn push(&mut self, one: T) {
        match self.first {
            None => self.first = Some(one),
            Some(_) => self.more.push(one),
        }
    }
    pub fn iter(&self) -> impl Iterator<Item = T> {
        self.first.into_iter().chain(self.more.iter().copied())
    }
}

/// What applying one event changed, for the stages after it.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub event: EventId,
    /// The session the event belongs to.
    pub session: SessionId,
    /// The visit the event belongs to.
    pub visit: VisitId,
    /// Visits that began, or whose bounds changed, by this event.
    pub visits: Few<VisitId>,
    /// The event opened `session`.
    pub opened: bool,
    /// The newest event of the session before this one.
    pub previous_of_session: EventId,
    /// Sessions that ended by this event.
    pub closed: Few<SessionId>,
    /// Accounts that turned out to be others: the id that goes, the id that stays.
    pub merged: Vec<(AccountId, AccountId)>,
    /// Set for records of an attempt to log on that carry a verdict.
    pub attempt: Option<Attempt>,
    /// The record was applied before and changed nothing.
    pub duplicate: bool,
}

/// The writer's state: tables and the interner they speak.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub names: Interner,
    pub tables: Tables,
}

impl World {
    /// The raw text of a symbol; empty for `NONE`.
    #[must_use]
    #[inline]
    pub fn raw(&self, symbol: Symbol) -> &str {
        self.names.raw(symbol)
    }
}
