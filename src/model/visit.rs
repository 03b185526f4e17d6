//! Sessions as shown: what a person would call one session, made of logon sessions.
//!
//! One desktop is one visit, however many `LogonId`s Windows gave it (the two halves of a UAC pair, the throw-away logons of
//! unlocks and reconnects); so are a run of network logons of one account from one source, the life of a service, and
//! everything issued from one Entra sign-in. On screen a visit is called a session, and its `Session`s are its logons.

mod bytes;

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::model::anomaly::Severity;
use crate::model::ids::{AccountId, EventId, HostId, SessionId, SourceId, VisitId};
use crate::model::lane::Lane;
use crate::model::logon_type::LogonType;
use crate::model::quality::Quality;
use crate::model::session::SessionEnd;

/// What makes the logons of a visit one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VisitKind {
    /// A logon, or a UAC pair, that stands for itself: runas, a service, a part of Windows.
    #[default]
    Single,
    /// A desktop, at the console or by Remote Desktop.
    Desktop,
    /// Network logons or tasks of one account on one host from one source, without a gap of `RUN_GAP`.
    Run,
    /// An Entra `sessionId`.
    SignIn,
}

impl VisitKind {
    pub const ALL: [Self; 4] = [Self::Single, Self::Desktop, Self::Run, Self::SignIn];

    /// The word in exports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Desktop => "desktop",
            Self::Run => "run",
            Self::SignIn => "sign_in",
        }
    }
}

/// A run goes on as long as the next logon begins within this after the newest one began or ended (reference R7).
pub const RUN_GAP: Span = Span::minutes(10);

/// Bounds of the classes of length by which visits are filed for timelines: shorter than a minute, an hour, a day.
pub const LENGTHS: [Span; 3] = [Span::minutes(1), Span::hours(1), Span::days(1)];

/// What a desktop is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    Active,
    /// The screen saver runs: nobody has touched it for a while.
    Idle,
    Locked,
    /// Its programs and credentials stay on the host.
    Disconnected,
}

impl State {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Idle => "screen saver",
            Self::Locked => "locked",
            Self::Disconnected => "disconnected",
        }
    }
}

/// One connection to a desktop: since when it is used from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    pub at: Timestamp,
    /// `NONE` is the screen of the host itself, or not known.
    pub source: SourceId,
    /// The name that the client claims.
    pub workstation: Symbol,
    /// The gateway between them, where the source is that of a Remote Desktop Gateway's client.
    pub gateway: SourceId,
}

/// What only desktops have.
#[derive(Clone, Debug, Default)]
pub struct Desktop {
    /// When it became what; nothing for what is active from start to end as far as is known.
    pub states: Vec<(Timestamp, State)>,
    /// From where it was used by Remote Desktop, by time; nothing for a desktop that only the console knows.
    pub clients: Vec<Client>,
    /// Terminal Services number of the desktop, where a record states it.
    pub ts_session: Option<u32>,
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
    /// `Missing` where it began before the log: then `start` is the earliest time from which the log tells of the host.
    pub start_quality: Quality,
    /// Of a run: when its newest logon began or ended so far, also while one of them is open.
    pub end: Option<Timestamp>,
    pub end_reason: SessionEnd,
    /// Logon sessions in it; 0 where no 4624 tells of it.
    pub logons: u32,
    pub open_logons: u32,
    /// Open logons with whose end it ends: all but the credential checks of unlocks, reconnects and Remote Desktop.
    pub held_by: u32,
    /// `NONE` as long as no 4624 tells of it.
    pub first_session: SessionId,
    /// Newest logon session; each points to the one before.
    pub last_session: SessionId,
    /// The visit that started it (runas, services).
    pub parent: VisitId,
    /// What only desktops have; see the methods that read it.
    pub desktop: Option<Box<Desktop>>,
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
    /// It turned out to be a part of this one, which has its logons now: it is shown nowhere.
    pub into: VisitId,
}

impl Visit {
    /// One of which nothing is known but who began it when and where; open, active, and without logons.
    #[must_use]
    pub fn new(kind: VisitKind, account: AccountId, host: HostId, source: SourceId, start: Timestamp) -> Self {
        Self {
            kind,
            lane: Lane::Interactive,
            logon_type: LogonType::None,
            account,
            host,
            source,
            workstation: Symbol::NONE,
            start,
            start_quality: Quality::Exact,
            end: (kind == VisitKind::Run).then_some(start),
            end_reason: SessionEnd::Open,
            logons: 0,
            open_logons: 0,
            held_by: 0,
            first_session: SessionId::NONE,
            last_session: SessionId::NONE,
            parent: VisitId::NONE,
            desktop: None,
            privileged: false,
            last_event: EventId::NONE,
            anomalies: 0,
            worst: None,
            previous_of_account: VisitId::NONE,
            previous_of_host: VisitId::NONE,
            previous_of_source: VisitId::NONE,
            into: VisitId::NONE,
        }
    }
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.end_reason, SessionEnd::Open) && self.into.is_none()
    }
    /// Not taken up by another visit.
    #[must_use]
    pub const fn is_shown(&self) -> bool {
        self.into.is_none()
    }
    /// When it became what; nothing for what is active from start to end as far as is known.
    #[must_use]
    pub fn states(&self) -> &[(Timestamp, State)] {
        self.desktop.as_ref().map_or(&[], |desktop| &desktop.states)
    }
    /// From where it was used by Remote Desktop, by time; nothing for a desktop that only the console knows.
    #[must_use]
    pub fn clients(&self) -> &[Client] {
        self.desktop.as_ref().map_or(&[], |desktop| &desktop.clients)
    }
    /// Terminal Services number of the desktop, where a record states it.
    #[must_use]
    pub fn ts_session(&self) -> Option<u32> {
        self.desktop.as_ref()?.ts_session
    }
    /// For writing what only desktops have.
    pub fn desktop_mut(&mut self) -> &mut Desktop {
        self.desktop.get_or_insert_default()
    }
    /// Its locked and disconnected stretches, each with its end if that was seen.
    pub fn stretches(&self) -> impl DoubleEndedIterator<Item = (State, Timestamp, Option<Timestamp>)> + '_ {
        let states = self.states();
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
        self.states().last().map_or(State::Active, |(_, state)| *state)
    }
    /// End, or `now` while it is open.
    #[must_use]
    pub fn end_or(&self, now: Timestamp) -> Timestamp {
        self.end.unwrap_or_else(|| now.max(self.start))
    }
}
