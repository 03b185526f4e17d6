//! Hosts: logged on to.

use crate::base::intern::{Names, Symbol};
use crate::base::time::{Span, Timestamp};
use crate::model::anomaly::Severity;
use crate::model::ids::{EventId, HostId, SessionId, VisitId};
use crate::model::sightings::Sightings;
use std::sync::Arc;

/// How far a host's clock runs ahead of that of a domain controller, from records of both that tell of one logon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    pub against: HostId,
    /// Median of the newest pairs; below zero where the host is behind. Holds the few milliseconds a logon takes.
    pub ahead: Span,
    pub pairs: u32,
}

/// What a host is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostRole {
    Workstation,
    Server,
    DomainController,
    /// No record tells a workstation from a server.
    #[default]
    Unknown,
}

impl HostRole {
    pub const ALL: [Self; 4] = [Self::Workstation, Self::Server, Self::DomainController, Self::Unknown];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Workstation => "workstation",
            Self::Server => "server",
            Self::DomainController => "domain controller",
            Self::Unknown => "unknown",
        }
    }
}

/// What says that a name is one of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameEvidence {
    /// The short name is the first label of the only whole name that has it.
    Label,
    /// 6011.
    Renamed,
}

impl NameEvidence {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Label => "first label",
            Self::Renamed => "renamed, 6011",
        }
    }
}

/// Another name of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostName {
    pub name: Symbol,
    /// When the other of the two was met.
    pub since: Timestamp,
    pub by: NameEvidence,
}

/// One computer that writes logs, or the tenant of Entra sign-ins.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// Whole name in lower case, as `Computer` states it.
    pub name: Symbol,
    /// Other names of it, in order of finding; nothing while it has one.
    pub names: Option<Arc<Vec<HostName>>>,
    /// 6011 says that this machine goes on, or went before, as another row.
    pub renamed_to: HostId,
    pub renamed_from: HostId,
    pub kind: HostRole,
    /// Why it is of this kind; empty where nothing tells.
    pub kind_reason: &'static str,
    /// It wrote 4768 to 4771 or 8004, or the settings say so.
    pub domain_controller: bool,
    /// Boots seen; the number of the current one.
    pub boot: u32,
    pub booted_at: Option<Timestamp>,
    /// Against the domain controller that it has most pairs with.
    pub clock: Option<Clock>,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub events: u32,
    pub successes: u32,
    pub failures: u32,
    /// Logon sessions.
    pub sessions: u32,
    /// Sessions as shown.
    pub visits: u32,
    pub open_sessions: u32,
    /// Logon sessions of type 3, and how many of them a logoff ended.
    pub network_sessions: u32,
    pub network_logoffs: u32,
    /// What it was ever seen to write.
    pub seen: Option<Arc<Sightings>>,
    pub open_visits: u32,
    pub anomalies: u32,
    pub worst: Option<Severity>,
    pub last_event: EventId,
    pub last_session: SessionId,
    pub last_visit: VisitId,
}

impl Host {
    /// Other names that are kept.
    pub const NAMES_KEPT: usize = 8;

    /// The name and the other names of it.
    pub fn all_names(&self) -> impl Iterator<Item = Symbol> {
        std::iter::once(self.name).chain(self.aliases().map(|name| name.name))
    }
    /// Other names of it, in order of finding.
    pub fn aliases(&self) -> impl Iterator<Item = &HostName> {
        self.names.iter().flat_map(|names| names.iter())
    }
    /// The name up to the first dot, upper case, as analysts say it: `FS01`.
    #[must_use]
    pub fn short(&self, names: &Names) -> String {
        let name = names.shown(self.name);
        match name.split_once('.') {
            Some((short, _)) if name.parse::<std::net::IpAddr>().is_err() => short.to_uppercase(),
            _ => name.to_uppercase(),
        }
    }
}
