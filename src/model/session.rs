//! Sessions: one logon from its start to its end.

mod bytes;

use crate::base::intern::Symbol;
use crate::base::time::Timestamp;
use crate::base::unique::Unique;
use crate::model::anomaly::Severity;
use crate::model::attempt::Match;
use crate::model::credential::Credential;
use crate::model::event::{LogonId, Tri};
use crate::model::ids::{AccountId, EventId, HostId, LineageId, SessionId, SourceId, VisitId};
use crate::model::lane::Lane;
use crate::model::logon_type::LogonType;
use crate::model::quality::Quality;

/// How a session ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionEnd {
    /// No end was seen.
    #[default]
    Open,
    /// 4634.
    Logoff,
    /// 4647.
    UserLogoff,
    /// The host restarted; the end is an upper bound.
    Boot,
    /// The same `LogonId` was given to another logon; the end is an upper bound.
    Reused,
    /// LocalSessionManager 23, Winlogon 7002 or profile service 4 tell that its desktop is gone.
    Desktop,
    /// The host was shut down: System 6006, Kernel-General 13.
    Shutdown,
    /// The host restarted without a shutdown: Kernel-Power 41, EventLog 6008.
    Unclean,
}

impl SessionEnd {
    pub const ALL: [Self; 8] =
        [Self::Open, Self::Logoff, Self::UserLogoff, Self::Boot, Self::Reused, Self::Desktop, Self::Shutdown, Self::Unclean];

    /// The word in exports and on screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Logoff => "logoff",
            Self::UserLogoff => "user_logoff",
            Self::Boot => "boot",
            Self::Reused => "reused",
            Self::Desktop => "desktop_closed",
            Self::Shutdown => "shutdown",
            Self::Unclean => "unclean_restart",
        }
    }
    /// The end was concluded, not written by a logoff.
    #[must_use]
    pub const fn is_inferred(self) -> bool {
        self.quality().is_inferred()
    }
}

/// A stretch of time from its beginning to its end, if that was seen.
pub type Stretch = (Timestamp, Option<Timestamp>);

/// What only few logon sessions have.
#[derive(Clone, Debug, Default)]
pub struct Rare {
    /// Disconnected stretches of a Remote Desktop session; an open one has no end.
    pub disconnected: Vec<Stretch>,
    /// Entra `sessionId`, or `id` of the only row where the record has none.
    pub entra_session: Unique,
    /// Where its tokens come from; only of users of Entra.
    pub lineage: LineageId,
}

/// One logon session: one `LogonId` on one host since one boot, or one Entra `sessionId`.
#[derive(Clone, Debug)]
pub struct Session {
    pub lane: Lane,
    pub logon_type: LogonType,
    pub account: AccountId,
    /// `NONE` for Entra.
    pub host: HostId,
    pub source: SourceId,
    pub workstation: Symbol,
    pub logon_id: LogonId,
    /// Number of the host's boot in which it began.
    pub boot: u32,
    pub start: Timestamp,
    pub end: Option<Timestamp>,
    pub end_reason: SessionEnd,
    /// `ElevatedToken`, or the limited half of a pair.
    pub elevated: Tri,
    /// A 4672 named it, during it or up to 10 s before.
    pub privileged: bool,
    pub linked_logon_id: LogonId,
    /// The other half of the UAC pair.
    pub linked: SessionId,
    /// Session of `SubjectLogonId`: who started it (runas, services).
    pub parent: SessionId,
    pub package: Symbol,
    pub lm_package: Symbol,
    pub logon_process: Symbol,
    pub process: Symbol,
    pub credential: Credential,
    /// How its records of the authority (4768, 4769, 4776, 8004) were found; the best of them.
    pub authority: Match,
    /// What only few have; see the methods that read it.
    pub rare: Option<Box<Rare>>,
    /// Events that belong to it.
    pub events: u32,
    /// The record that opened it; a 4672 written before belongs to it too.
    pub first_event: EventId,
    /// Newest event; each points to the one before.
    pub last_event: EventId,
    pub anomalies: u32,
    pub worst: Option<Severity>,
    /// The session before this one of the same account, host, source.
    pub previous_of_account: SessionId,
    pub previous_of_host: SessionId,
    pub previous_of_source: SessionId,
    /// The session as shown that it is part of, and the logon session before it there.
    pub visit: VisitId,
    pub previous_of_visit: SessionId,
    /// How well it is known that it belongs there; exact for the first one.
    pub joined: Quality,
    /// A check of credentials on the way to its visit (unlock, reconnect, network level authentication): its end does not
    /// end the visit.
    pub passing: bool,
}

impl Session {
    /// A session in `lane` that was begun by the event `first`, with nothing else known of it.
    #[must_use]
    pub fn new(lane: Lane, (account, host, source): (AccountId, HostId, SourceId), start: Timestamp, first: EventId) -> Self {
        Self {
            lane,
            logon_type: LogonType::None,
            account,
            host,
            source,
            workstation: Symbol::NONE,
            logon_id: LogonId::NONE,
            boot: 0,
            start,
            end: None,
            end_reason: SessionEnd::Open,
            elevated: Tri::Unknown,
            privileged: false,
            linked_logon_id: LogonId::NONE,
            linked: SessionId::NONE,
            parent: SessionId::NONE,
            package: Symbol::NONE,
            lm_package: Symbol::NONE,
            logon_process: Symbol::NONE,
            process: Symbol::NONE,
            credential: Credential::default(),
            authority: Match::None,
            rare: None,
            events: 0,
            first_event: first,
            last_event: EventId::NONE,
            anomalies: 0,
            worst: None,
            previous_of_account: SessionId::NONE,
            previous_of_host: SessionId::NONE,
            previous_of_source: SessionId::NONE,
            visit: VisitId::NONE,
            previous_of_visit: SessionId::NONE,
            joined: Quality::Exact,
            passing: false,
        }
    }
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.end_reason, SessionEnd::Open)
    }
    /// Disconnected stretches of a Remote Desktop session; an open one has no end.
    #[must_use]
    pub fn disconnected(&self) -> &[Stretch] {
        self.rare.as_ref().map_or(&[], |rare| &rare.disconnected)
    }
    pub fn disconnected_mut(&mut self) -> &mut [Stretch] {
        self.rare.as_mut().map_or(&mut [], |rare| &mut rare.disconnected)
    }
    /// Entra `sessionId`, or `id` of the only row where the record has none; `NONE` for Windows.
    #[must_use]
    pub fn entra_session(&self) -> Unique {
        self.rare.as_ref().map_or(Unique::NONE, |rare| rare.entra_session)
    }
    /// Where its tokens come from; only of users of Entra.
    #[must_use]
    pub fn lineage(&self) -> LineageId {
        self.rare.as_ref().map_or(LineageId::NONE, |rare| rare.lineage)
    }
    /// For writing what only few have.
    pub fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }
    /// End, or `now` while it is open.
    #[must_use]
    pub fn end_or(&self, now: Timestamp) -> Timestamp {
        self.end.unwrap_or_else(|| now.max(self.start))
    }
}
