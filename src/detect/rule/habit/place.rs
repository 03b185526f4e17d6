//! What of the place of a logon its account never used.

use crate::detect::baseline::{Dimension, Profile, Value, subnet};
use crate::detect::step::Step;
use crate::model::event::EventKind;

/// Where nothing is known of a dimension, nothing of it is strange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strange {
    /// The autonomous system; the part of the address where it is not known; or the name of the computer it claims to come
    /// from. Exits of VPNs and proxies are no places.
    pub network: bool,
    /// The host, or the device of a sign-in; one without a device is nobody's own.
    pub host: bool,
}

impl Strange {
    #[must_use]
    pub fn of(step: &Step<'_>, usual: &Profile) -> Self {
        let is_new = |dimension, value| {
            let seen = usual.seen(dimension);
            !seen.is_empty() && !seen.contains(value)
        };
        let network = !step.source_tags().exit
            && match step.asn() {
                0 => step.is_remote() && step.event().address.is_some_and(|address| is_new(Dimension::Subnet, subnet(address))),
                asn => is_new(Dimension::Asn, Value::Number(asn)),
            };
        let claimed = step.event().workstation;
        let client = claimed.is_some() && step.is_remote() && is_new(Dimension::Workstation, Value::Text(claimed));
        let host = match step.sign_in() {
            Some(sign_in) => sign_in.device_id.is_none() || is_new(Dimension::Device, Value::Text(sign_in.device_id)),
            // Tickets are written by the domain controller, wherever the account is.
            None if matches!(step.event().kind, EventKind::TicketGranting | EventKind::ServiceTicket) => network,
            None => {
                let (desktops, reached) = (usual.seen(Dimension::Host), usual.seen(Dimension::Reached));
                let host = Value::Host(step.row.host);
                let is_known = desktops.contains(host) || reached.contains(host);
                !(is_known || desktops.is_empty() && reached.is_empty())
            }
        };
        Self { network: network || client, host }
    }
}
