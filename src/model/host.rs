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

/// One computer that writes logs, or the tenant of Entra sign-ins.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// Whole name in lower case, as `Computer` states it.
    pub name: Symbol,
    /// It wrote 4768 to 4771, or 8004.
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
