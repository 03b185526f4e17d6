//! Sessions as shown: what a person would call one session, made of logon sessions.
//!
//! One desktop is one visit, however many `LogonId`s Windows gave it (the two halves of a UAC pair, the throw-away logons of
//! unlocks and reconnects); so are a run of network logons of one account from one source, the life of a service, and
//! everything issued from one Entra sign-in. On screen a visit is called a session, and its `Session`s are its logons.

use crate::base::intern::Symbol;
use crate::base::time::Timestamp;
use crate::model::anomaly::Severity;
use crate::model::ids::{AccountId, EventId, HostId, SessionId, SourceId, VisitId};
use crate::model::lane::Lane;
use crate::model::logon_type::LogonType;
use crate::model::session::SessionEnd;

/// What makes the logons of a visit one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VisitKind {
    /// One logon session stands for itself.
    #[default]
    Single,
    /// A desktop, at the console or by Remote Desktop.
    Desktop,
    /// Logons of one account on one host from one source without a long gap.
    Run,
    /// An Entra `sessionId`.
    SignIn,
}

/// What a desktop is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    Active,
    Locked,
    /// Its programs and credentials stay on the host.
    Disconnected,
}

/// One session as shown.
#[derive(Clone, Debug)]
pub struct Visit {
    pub kind: VisitKind,
    pub lane: Lane,
    pub logon_type: LogonType,
    pub account: AccountId,
    /// `NONE` for Entra.
    pub host: HostId,
    pub source: SourceId,
    pub workstation: Symbol,
    pub start: Timestamp,
    /// Of a run: the end of its last logon so far.
    pub end: Option<Timestamp>,
    pub end_reason: SessionEnd,
    /// Logon sessions in it; 0 where only Remote Desktop records tell of it.
    pub logons: u32,
    pub open_logons: u32,
    pub first_session: SessionId,
    /// Newest logon session; each points to the one before.
    pub last_session: SessionId,
    /// The visit that started it (runas, services).
    pub parent: VisitId,
    /// When it became what; nothing for what is active from start to end as far as is known.
    pub states: Option<Box<Vec<(Timestamp, State)>>>,
    /// A 4672 named one of its logons.
    pub privileged: bool,
    /// Newest of its events that belong to none of its logons; each points to the one before.
    pub last_event: EventId,
    pub anomalies: u32,
    pub worst: Option<Severity>,
    /// The visit before this one of the same account, host, source.
    pub previous_of_account: VisitId,
    pub previous_of_host: VisitId,
    pub previous_of_source: VisitId,
}

impl Visit {
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.end_reason, SessionEnd::Open)
    }
    /// Its locked and disconnected stretches, each with its end if that was seen.
    pub fn stretches(&self) -> impl DoubleEndedIterator<Item = (State, Timestamp, Option<Timestamp>)> + '_ {
        let states = self.states.as_deref().map_or(&[][..], Vec::as_slice);
        let until = |number: usize| states.get(number + 1).map(|(at, _)| *at).or(self.end);
        states
            .iter()
            .enumerate()
            .map(move |(number, (from, state))| (*state, *from, until(number)))
            .filter(|(state, ..)| *state != State::Active)
    }
    /// What it is in after all events so far.
    #[must_use]
    pub fn state(&self) -> State {
        self.states.as_deref().and_then(|states| states.last()).map_or(State::Active, |(_, state)| *state)
    }
    /// End, or `now` while it is open.
    #[must_use]
    pub fn end_or(&self, now: Timestamp) -> Timestamp {
        self.end.unwrap_or_else(|| now.max(self.start))
    }
}
