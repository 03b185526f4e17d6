//! Everything that is known after the events so far: the tables, and the names in them.
//!
//! Only the writer has a `World`; screens and reports read a `Tables` and a `Names` out of a snapshot. Rows point to
//! the one before of the same account, host, source or session, so the newest of anything are read without a search.

use crate::base::intern::{Interner, Symbol};
use crate::base::segments::SegVec;
use crate::model::account::Account;
use crate::model::anomaly::Anomaly;
use crate::model::event::AuthEvent;
use crate::model::host::Host;
use crate::model::ids::{AccountId, AnomalyId, EventId, HostId, SessionId, SourceId};
use crate::model::session::Session;
use crate::model::source::Source;
use std::sync::Arc;

/// An event in its place.
#[derive(Clone, Debug)]
pub struct Row {
    pub event: AuthEvent,
    pub account: AccountId,
    pub host: HostId,
    pub source: SourceId,
    pub session: SessionId,
    pub previous_of_account: EventId,
    pub previous_of_host: EventId,
    pub previous_of_source: EventId,
    pub previous_of_session: EventId,
}

/// The tables. Cloning is cheap and gives a state that later events do not change.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    pub events: SegVec<Row>,
    pub sessions: SegVec<Session>,
    pub accounts: SegVec<Account>,
    pub hosts: SegVec<Host>,
    pub sources: SegVec<Source>,
    pub anomalies: SegVec<Arc<Anomaly>>,
}

impl Tables {
    #[must_use]
    pub fn event(&self, id: EventId) -> Option<&Row> {
        self.events.get(id.index())
    }
    #[must_use]
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(id.index())
    }
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(id.index())
    }
    #[must_use]
    pub fn host(&self, id: HostId) -> Option<&Host> {
        self.hosts.get(id.index())
    }
    #[must_use]
    pub fn source(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.index())
    }
    #[must_use]
    pub fn anomaly(&self, id: AnomalyId) -> Option<&Arc<Anomaly>> {
        self.anomalies.get(id.index())
    }
    fn chain(&self, from: EventId, previous: impl Fn(&Row) -> EventId) -> impl Iterator<Item = (EventId, &Row)> {
        std::iter::successors(self.event(from).map(|row| (from, row)), move |(_, row)| {
            let id = previous(row);
            self.event(id).map(|row| (id, row))
        })
    }
    /// Events of an account, newest first.
    pub fn events_of_account(&self, id: AccountId) -> impl Iterator<Item = (EventId, &Row)> {
        self.chain(self.account(id).map_or(EventId::NONE, |account| account.last_event), |row| row.previous_of_account)
    }
    /// Events of a host, newest first.
    pub fn events_of_host(&self, id: HostId) -> impl Iterator<Item = (EventId, &Row)> {
        self.chain(self.host(id).map_or(EventId::NONE, |host| host.last_event), |row| row.previous_of_host)
    }
    /// Events of a source, newest first.
    pub fn events_of_source(&self, id: SourceId) -> impl Iterator<Item = (EventId, &Row)> {
        self.chain(self.source(id).map_or(EventId::NONE, |source| source.last_event), |row| row.previous_of_source)
    }
    /// Events of a session, newest first.
    pub fn events_of_session(&self, id: SessionId) -> impl Iterator<Item = (EventId, &Row)> {
        self.chain(self.session(id).map_or(EventId::NONE, |session| session.last_event), |row| row.previous_of_session)
    }
    fn session_chain(&self, from: SessionId, previous: impl Fn(&Session) -> SessionId) -> impl Iterator<Item = (SessionId, &Session)> {
        std::iter::successors(self.session(from).map(|session| (from, session)), move |(_, session)| {
            let id = previous(session);
            self.session(id).map(|session| (id, session))
        })
    }
    /// Sessions of an account, newest first.
    pub fn sessions_of_account(&self, id: AccountId) -> impl Iterator<Item = (SessionId, &Session)> {
        self.session_chain(self.account(id).map_or(SessionId::NONE, |account| account.last_session), |session| session.previous_of_account)
    }
    /// Sessions of a host, newest first.
    pub fn sessions_of_host(&self, id: HostId) -> impl Iterator<Item = (SessionId, &Session)> {
        self.session_chain(self.host(id).map_or(SessionId::NONE, |host| host.last_session), |session| session.previous_of_host)
    }
    /// Sessions of a source, newest first.
    pub fn sessions_of_source(&self, id: SourceId) -> impl Iterator<Item = (SessionId, &Session)> {
        self.session_chain(self.source(id).map_or(SessionId::NONE, |source| source.last_session), |session| session.previous_of_source)
    }
}

/// What applying one event changed, for the stages after it.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub event: EventId,
    /// The session the event belongs to.
    pub session: SessionId,
    /// The event opened `session`.
    pub opened: bool,
    /// Sessions that ended by this event.
    pub closed: Vec<SessionId>,
    /// Sessions changed in another way (4672 after the logon, reconnect, pair found).
    pub touched: Vec<SessionId>,
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
    pub fn raw(&self, symbol: Symbol) -> &str {
        self.names.raw(symbol)
    }
}
