//! Sources: logged on from.

use crate::base::intern::{Names, Symbol};
use crate::base::time::Timestamp;
use crate::model::anomaly::Severity;
use crate::model::ids::{EventId, SessionId, VisitId};
use crate::model::place::Place;
use std::net::IpAddr;
use std::sync::Arc;

/// A workstation name that clients of one address claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub name: Symbol,
    pub first: Timestamp,
    pub last: Timestamp,
}

/// Names claimed earlier.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// At most `Source::CLAIMS_KEPT`.
    pub list: Vec<Claim>,
    /// Names beyond those.
    pub forgotten: u32,
}

/// One address, or a claimed workstation name where no address was written.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub address: Option<IpAddr>,
    /// The name or other text where there is no address.
    pub text: Symbol,
    /// The workstation name last claimed from this address.
    pub workstation: Symbol,
    /// When that name was claimed first and last.
    pub claimed: Option<(Timestamp, Timestamp)>,
    /// Names claimed before it.
    pub earlier_claims: Option<Arc<Claims>>,
    /// What the settings call the network of the address.
    pub network: Symbol,
    /// Country as Entra stated it last.
    pub country: Symbol,
    /// Number of the network as Entra stated it last; 0 where it did not.
    pub asn: u32,
    /// Where the address is, as the settings or a database of places say.
    pub place: Place,
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
    /// Earlier names that are kept.
    pub const CLAIMS_KEPT: usize = 8;

    /// The name claimed last.
    #[must_use]
    pub fn claim(&self) -> Option<Claim> {
        let (first, last) = self.claimed.filter(|_| self.workstation.is_some())?;
        Some(Claim { name: self.workstation, first, last })
    }
    /// All names claimed, the last one first.
    #[must_use]
    pub fn claims(&self) -> Vec<Claim> {
        let mut claims: Vec<Claim> = self.earlier_claims.iter().flat_map(|claims| claims.list.iter().copied()).collect();
        claims.extend(self.claim());
        claims.sort_by_key(|claim| (std::cmp::Reverse(claim.last), claim.first));
        claims
    }
    /// Names that were claimed and are not kept.
    #[must_use]
    pub fn forgotten_claims(&self) -> u32 {
        self.earlier_claims.as_deref().map_or(0, |claims| claims.forgotten)
    }
    /// It is known by something.
    #[must_use]
    pub const fn name_is_some(&self) -> bool {
        self.address.is_some() || self.text.is_some()
    }
    /// Country and network number as a record states them; what it leaves out, as the database says.
    #[must_use]
    pub fn whereabouts(&self) -> Place {
        Place { country: self.country, asn: self.asn, ..Place::default() }.or(self.place)
    }
    #[must_use]
    pub fn name(&self, names: &Names) -> String {
        self.address.map_or_else(|| names.shown(self.text), |address| address.to_string())
    }
}
