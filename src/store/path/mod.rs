//! Paths: who reached what from where, hop by hop, and how well each step is known.
//!
//! ```text
//! trail: notes while events pass (addresses of machines, 4648, 4625)
//! place: which machine an address was at a time      edge: sessions, 4648 and failures as edges
//! join:  which edge an edge came out of, and why     pick: the trees of a question, ranked
//! ```
//!
//! An edge is a session as shown (network logons of one account, source and host without a gap of ten minutes are one), a
//! 4648 whose logon nobody recorded, a 4769 for a host whose log is not there, or a run of failures. An edge comes out of another when its source is the host that
//! other one reached, it starts inside it, and its account is the same or one that a 4648, a runas or a runas /netonly of
//! that session named (reference: R15, R16). What has no such evidence is not joined. Edges never come out of later ones,
//! so there are no cycles, and each has one place in the picture.
//!
//! The `Web` is worked out on demand from a snapshot, never while drawing. Its work is bounded by `limits`, and what was not
//! looked at is counted.

mod edge;
mod join;
pub mod pick;
mod place;
pub mod rank;
pub mod say;
mod ticket;
pub mod trail;

use crate::base::intern::{Names, Symbol};
use crate::base::time::{Span, Timestamp};
use crate::model::anomaly::Severity;
use crate::model::ids::{AccountId, EventId, HostId, SessionId, SourceId, VisitId};
use crate::model::logon_type::LogonType;
use crate::model::world::Tables;
use rustc_hash::FxHashMap;
use trail::Trails;

/// Capacities of one question.
pub mod limits {
    /// Newest sessions, 4648, 4769 and 4625 looked at, of each.
    pub const LOOKED_AT: usize = 400_000;
    /// Newest edges of each kind (sessions, 4648, failures) kept.
    pub const EDGES: usize = 20_000;
    /// Edges of one host and account that may be the one another came out of.
    pub const CANDIDATES: usize = 128;
    /// Branches shown of one place.
    pub const FAN_OUT: usize = 12;
    /// Branches of one tree.
    pub const NODES: usize = 400;
    /// Trees kept, the highest rank first.
    pub const TREES: usize = 200;
    /// Accounts told apart in one run of failures.
    pub const ACCOUNTS: usize = 64;
}

/// How well something is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// A record says it.
    Exact,
    /// Records say it, but another reading is possible.
    Likely,
    /// Nothing speaks against it.
    Guess,
}

impl Quality {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Likely => "likely",
            Self::Guess => "guess",
        }
    }
    /// What one join counts in the confidence of a path, which is the product of its joins. It orders paths; it is not a
    /// measured probability.
    #[must_use]
    pub const fn weight(self) -> f64 {
        match self {
            Self::Exact => 1.0,
            Self::Likely => 0.8,
            Self::Guess => 0.4,
        }
    }
}

/// A computer, with or without a log of its own.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Short name, lower case, as logs state it.
    pub short: String,
    /// `NONE`: no log of it was read.
    pub host: HostId,
}

/// Number of a machine in a `Web`.
pub type MachineId = usize;

/// A place an edge begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spot {
    Machine(MachineId),
    /// An address or name behind which no machine is known.
    Source(SourceId),
}

/// What an edge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// A session, or a run of network logons.
    Logon,
    /// A 4648 on the host it begins at; no logon was seen where it leads.
    Explicit,
    /// A run of 4769 for a host without a log: the ticket was given, what was done with it nobody recorded.
    Ticket,
    /// A run of 4625.
    Failed,
}

impl Way {
    /// Another host or the domain controller tells of it; no logon was seen where it leads.
    #[must_use]
    pub const fn is_attempt(self) -> bool {
        matches!(self, Self::Explicit | Self::Ticket)
    }
}

/// How the machine behind a source is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// The machine's own account was met there before and after, or within ten minutes.
    Own(AccountId),
    /// ... within a day; the span says how far away.
    OwnNear(AccountId, Span),
    /// ... within a week.
    OwnFar(AccountId, Span),
    /// This many other machines were met there about the same time.
    Shared(AccountId, u32),
    /// The logon's own record names the workstation, which is the client's claim.
    Claimed,
    /// Another record from the address names it.
    ClaimedElsewhere,
    /// The source is no address but this name.
    Named,
    /// Nothing to know: the edge stays on its host, or the record was written where it begins.
    Here,
}

impl Address {
    #[must_use]
    pub const fn quality(self) -> Quality {
        match self {
            Self::Own(_) | Self::Here => Quality::Exact,
            Self::OwnNear(..) | Self::Claimed | Self::Named => Quality::Likely,
            Self::OwnFar(..) | Self::Shared(..) | Self::ClaimedElsewhere => Quality::Guess,
        }
    }
}

/// How the account of the next edge belongs to the session it came out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Same,
    /// A 4648 of the session names this account and this server.
    Explicit(EventId),
    /// A 4648 of the session names this account, for another server.
    ExplicitElsewhere(EventId),
    /// `TargetOutboundUserName` of the type 9 logon.
    Outbound,
    /// A type 9 logon that does not state whose credentials it took.
    OutboundUnknown,
    /// `SubjectLogonId` of the record names the session.
    Started,
}

impl Who {
    #[must_use]
    pub const fn quality(self) -> Quality {
        match self {
            Self::Same | Self::Explicit(_) | Self::Outbound | Self::Started => Quality::Exact,
            Self::ExplicitElsewhere(_) => Quality::Likely,
            Self::OutboundUnknown => Quality::Guess,
        }
    }
}

/// How the start of the next edge lies to the session it came out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Inside,
    /// Inside, but the end of the session is concluded (restart, `LogonId` reused).
    InsideInferred,
    /// This long after a network logon, which is short by nature.
    After(Span),
}

impl When {
    #[must_use]
    pub const fn quality(self) -> Quality {
        match self {
            Self::Inside => Quality::Exact,
            Self::InsideInferred | Self::After(_) => Quality::Likely,
        }
    }
}

/// Why an edge came out of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Join {
    /// Number of the edge it came out of.
    pub from: usize,
    pub who: Who,
    pub when: When,
    /// Other sessions on the host it could have come out of as well.
    pub others: u32,
}

/// How often the same account went the same way before, in what was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before {
    pub times: u32,
    /// Days (UTC) before its own day.
    pub days: u32,
}

/// One step from a place to a host.
#[derive(Clone, Debug)]
pub struct Edge {
    pub way: Way,
    pub from: Spot,
    pub to: MachineId,
    /// It begins and ends on one host: a logon at its console, a service, a runas.
    pub is_local: bool,
    /// A Remote Desktop session that was there before is used from another place.
    pub is_reconnect: bool,
    /// How `from` is known; nothing where it is the source itself.
    pub address: Option<Address>,
    /// `NONE` where failures name no account.
    pub account: AccountId,
    /// Further accounts of failures, at most `limits::ACCOUNTS`.
    pub others: Vec<AccountId>,
    pub source: SourceId,
    pub workstation: Symbol,
    pub logon_type: LogonType,
    pub start: Timestamp,
    /// Start of the newest logon, time of the newest failure.
    pub last: Timestamp,
    /// `None` while a logon of it is open.
    pub end: Option<Timestamp>,
    pub end_is_inferred: bool,
    /// Sessions, 4648 or failures in it.
    pub count: u32,
    /// First session and logon session of it; `NONE` where it is none.
    pub visit: VisitId,
    pub session: SessionId,
    /// The record that opened it; the newest of several 4648 or failures.
    pub event: EventId,
    pub privileged: bool,
    pub worst: Option<Severity>,
    /// It leads to a domain controller.
    pub controller: bool,
    pub join: Option<Join>,
    pub before: Before,
}

impl Edge {
    /// How well the step from the edge before to this one is known. Without one before (`joined` is false) only the machine
    /// it came from can be uncertain; `None` where it is the source itself.
    #[must_use]
    pub fn quality(&self, joined: bool) -> Option<Quality> {
        let address = self.address.map(Address::quality);
        let proof = self.way.is_attempt().then_some(Quality::Likely);
        // What is not there is less than any quality.
        let Some(join) = self.join.filter(|_| joined) else { return address.max(proof) };
        let alone = if join.others > 0 { Quality::Likely } else { Quality::Exact };
        address.max(proof).max(Some(join.who.quality().max(join.when.quality()).max(alone)))
    }
    /// Accounts in it.
    #[must_use]
    pub fn accounts(&self) -> usize {
        usize::from(self.account.is_some()) + self.others.len()
    }
}

/// What paths are made from.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub tables: &'a Tables,
    pub names: &'a Names,
    pub trails: &'a Trails,
}

/// All edges of the newest stretch of the data, and what each came out of.
#[derive(Clone, Debug, Default)]
pub struct Web {
    pub machines: Vec<Machine>,
    /// By start.
    pub edges: Vec<Edge>,
    /// By number of an edge: those that came out of it.
    pub next: Vec<Vec<usize>>,
    /// Edge of a session as shown.
    pub of_visit: FxHashMap<VisitId, usize>,
    of_host: FxHashMap<HostId, MachineId>,
    /// Begin of the data, or of what was looked at of it.
    pub since: Timestamp,
    /// Sessions of machines and of Windows itself, which are no steps of anybody.
    pub machinery: u64,
    /// Older sessions that were not looked at.
    pub unseen: u64,
}

impl Web {
    /// Works out the edges that began until `until`.
    #[must_use]
    pub fn of(ground: Ground<'_>, until: Timestamp) -> Self {
        let mut places = place::Places::of(ground);
        let gathered = edge::gather(&mut places, until);
        join::all(&places, gathered)
    }
    #[must_use]
    pub fn machine_of(&self, host: HostId) -> Option<MachineId> {
        self.of_host.get(&host).copied()
    }
    #[must_use]
    pub fn edge(&self, number: usize) -> Option<&Edge> {
        self.edges.get(number)
    }
    #[must_use]
    pub fn machine(&self, number: MachineId) -> Option<&Machine> {
        self.machines.get(number)
    }
    /// What came out of an edge, by time.
    #[must_use]
    pub fn out_of(&self, number: usize) -> &[usize] {
        self.next.get(number).map_or(&[], Vec::as_slice)
    }
}
