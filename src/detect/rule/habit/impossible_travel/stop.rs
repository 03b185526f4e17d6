//! Somebody at a place at a time.

use super::Settings;
use crate::base::intern::Symbol;
use crate::base::time::Timestamp;
use crate::detect::baseline::{Value, cell, lesson, subnet};
use crate::detect::step::Step;
use crate::model::account::AccountClass;
use crate::model::event::{EventKind, Outcome, SignIn, SignInCategory, Tri};
use crate::model::ids::{EventId, HostId, SessionId, SourceId};
use crate::model::logon_type::LogonType;

#[derive(Clone, Copy)]
pub struct Stop {
    pub at: Timestamp,
    pub event: EventId,
    pub source: SourceId,
    pub host: HostId,
    pub session: SessionId,
    pub subnet: Option<Value>,
    pub asn: u32,
    /// The autonomous system is a hosting or VPN provider's.
    pub is_hosting: bool,
    pub coordinates: (f32, f32),
    /// The place is within so many kilometres.
    pub error_km: f64,
    pub city: Symbol,
    pub country: Symbol,
    pub device: Symbol,
    pub is_managed: bool,
    pub client: Option<Value>,
    /// The operating system.
    pub system: Symbol,
}

impl Stop {
    /// A person's success at a known place.
    pub fn of(step: &Step<'_>, settings: &Settings) -> Option<Self> {
        if !is_of_person(step) {
            return None;
        }
        let place = step.place();
        // Web gateways and relays are where many people come out, and Microsoft's services act for a user.
        let coordinates = place.coordinates?;
        let network = step.site.network_class(place.asn);
        if network.is_shared() {
            return None;
        }
        let sign_in = step.sign_in();
        let error_km = match (place.radius_km, place.city.is_none() && place.country.is_some()) {
            (0, true) => settings.country_error_km,
            (0, false) => settings.error_km / 2.0,
            (radius, _) => f64::from(radius),
        };
        Some(Self {
            at: step.at(),
            event: step.id,
            source: step.row.source,
            host: step.row.host,
            session: step.row.session,
            subnet: step.event().address.map(subnet),
            asn: place.asn,
            is_hosting: network.is_rented(),
            coordinates,
            error_km,
            city: place.city,
            country: place.country,
            device: sign_in.map_or(Symbol::NONE, |sign_in| sign_in.device_id),
            is_managed: sign_in.is_some_and(|sign_in| sign_in.is_managed == Tri::Yes),
            client: sign_in.and_then(lesson::client),
            system: sign_in.map_or(Symbol::NONE, |sign_in| sign_in.operating_system),
        })
    }
    /// Of a phone or tablet.
    pub fn is_phone(&self, step: &Step<'_>) -> bool {
        is_phone(step.raw(self.system))
    }
    pub fn cell(&self) -> Value {
        cell(self.coordinates)
    }
    pub fn degrees(&self) -> (f64, f64) {
        (self.coordinates.0.into(), self.coordinates.1.into())
    }
}

/// Nothing says where the source is.
pub fn is_nowhere(step: &Step<'_>) -> bool {
    step.sign_in().is_none() && step.source().is_none_or(|source| source.place.coordinates.is_none())
}

/// `Ios`, `iOS 17`, `Android`, `IPadOS`.
fn is_phone(system: &str) -> bool {
    ["ios", "ipad", "android"].into_iter().any(|name| system.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)))
}

/// Two places as one number, whichever comes first: the way back is the same pair.
pub fn pair(one: &Stop, other: &Stop) -> u64 {
    let number = |stop: &Stop| match stop.cell() {
        Value::Cell(latitude, longitude) => u64::from(latitude.cast_unsigned()) << 16 | u64::from(longitude.cast_unsigned()),
        _ => 0,
    };
    let (one, other) = (number(one), number(other));
    one.min(other) << 32 | one.max(other)
}

/// A desktop held from afar.
pub fn is_desktop(step: &Step<'_>) -> bool {
    match step.event().kind {
        EventKind::Logon => matches!(step.event().logon_type, LogonType::RemoteInteractive | LogonType::CachedRemoteInteractive),
        EventKind::SessionReconnected | EventKind::RdpSessionLogon | EventKind::RdpSessionReconnected => step.is_remote(),
        _ => false,
    }
}

fn is_of_person(step: &Step<'_>) -> bool {
    let event = step.event();
    let is_presence = match event.kind {
        EventKind::SignIn => step.sign_in().is_some_and(|sign_in| event.outcome == Outcome::Success && is_presence(step, sign_in)),
        EventKind::Logon => matches!(
            event.logon_type,
            LogonType::Network | LogonType::NetworkCleartext | LogonType::RemoteInteractive | LogonType::CachedRemoteInteractive
        ),
        _ => true,
    };
    is_presence
        && step.row.source.is_some()
        && !step.account_tags().scanner
        && step.account().is_some_and(|account| matches!(account.class, AccountClass::Human | AccountClass::Unknown | AccountClass::Guest))
}

fn is_presence(step: &Step<'_>, sign_in: &SignIn) -> bool {
    match sign_in.category {
        SignInCategory::Interactive | SignInCategory::Adfs => true,
        // Confidential clients (web back ends) present a secret and their own address.
        SignInCategory::NonInteractive => sign_in.credential_key_id.is_none() && matches!(step.raw(sign_in.credential_type), "" | "none"),
        SignInCategory::ServicePrincipal | SignInCategory::ManagedIdentity => false,
    }
}
