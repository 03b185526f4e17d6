//! Sources: logged on from.

use crate::base::intern::{Names, Symbol};
use crate::base::time::Timestamp;
use crate::model::anomaly::Severity;
use crate::model::ids::{EventId, SessionId, VisitId};
use std::net::IpAddr;

/// One address, or a claimed workstation name where no address was written.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub address: Option<IpAddr>,
    /// The name or other text where there is no address.
    pub text: Symbol,
    /// The workstation name last claimed from this address.
    pub workstation: Symbol,
    /// What the settings call the network of the address.
    pub network: Symbol,
    /// Country as Entra stated it last.
    pub country: Symbol,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub events: u32,
    pub successes: u32,
    pub failures: u32,
    /// Logon sessions.
    pub sessions: u32,
    /// Sessions as shown.
    pub visits: u32,
    pub anomalies: u32,
    pub worst: Option<Severity>,
    pub last_event: EventId,
    pub last_session: SessionId,
    pub last_visit: VisitId,
}

impl Source {
    #[must_use]
    pub fn name(&self, names: &Names) -> String {
        self.address.map_or_else(|| names.shown(self.text), |address| address.to_string())
    }
}
