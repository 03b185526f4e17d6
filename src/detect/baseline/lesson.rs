//! What one event teaches about its account, its host and its source.

use super::machines::Sighted;
use super::profile::{Dimension, Value};
use crate::base::time::Timestamp;
use crate::detect::step::Step;
use crate::model::event::{EventKind, Outcome, SignIn, SignInCategory, Tri};
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHasher;
use std::hash::{Hash as _, Hasher as _};
use std::net::IpAddr;

/// Whether a person is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Person,
    Run,
    /// The event says nothing about hours.
    Neither,
}

/// Dimensions that one event can teach.
const MOST: usize = 18;

/// The lesson of one event.
#[derive(Clone, Debug)]
pub struct Lesson {
    pub at: Timestamp,
    pub account: AccountId,
    pub host: HostId,
    pub source: SourceId,
    pub presence: Presence,
    /// Of the week, where the account lives.
    pub hour: usize,
    /// Which computer is where.
    pub sighted: Option<Sighted>,
    values: [Option<(Dimension, Value)>; MOST],
    used: usize,
}

/// Whether an event teaches at all: a success of somebody.
fn teaches(step: &Step<'_>) -> bool {
    let event = step.event();
    step.row.account.is_some()
        && match event.kind {
            EventKind::Logon | EventKind::SessionReconnected | EventKind::RdpSessionReconnected | EventKind::RdpSessionLogon => true,
            EventKind::RdpAuthenticated | EventKind::TicketGranting | EventKind::ServiceTicket | EventKind::SignIn => {
                event.outcome == Outcome::Success
            }
            _ => false,
        }
}

/// What an event would teach, and in which hour, as one number; nothing when it teaches nothing. The same lesson twice in
/// an hour counts once, so that a flood does not teach more than a visit, and costs no more than this number.
#[must_use]
pub fn fingerprint(step: &Step<'_>) -> Option<u64> {
    if !teaches(step) {
        return None;
    }
    let (row, event) = (step.row, step.event());
    let mut hasher = FxHasher::default();
    (row.account, row.host, row.source, event.kind, event.logon_type, event.restricted_admin).hash(&mut hasher);
    hasher.write_i64(event.at.as_unix_seconds().div_euclid(3_600));
    for symbol in
        [event.package, event.lm_package, event.logon_process, event.workstation, event.target, event.certificate, event.outbound_user]
    {
        hasher.write_usize(symbol.index());
    }
    if let Some(sign_in) = step.sign_in() {
        (sign_in.category, sign_in.asn, client(sign_in)).hash(&mut hasher);
        for symbol in [
            sign_in.country,
            sign_in.city,
            sign_in.device_id,
            sign_in.app_id.or(sign_in.app),
            sign_in.resource_id.or(sign_in.resource),
            sign_in.client_app,
            sign_in.protocol,
            sign_in.incoming_token,
            sign_in.credential().unwrap_or_default(),
            sign_in.credential_type,
            sign_in.token_protection,
        ] {
            hasher.write_usize(symbol.index());
        }
    }
    Some(hasher.finish())
}

/// Lessons taught lately, by their fingerprints; one that lost its place is taught once more.
#[derive(Debug)]
pub struct Recent {
    places: Box<[u64; Self::PLACES]>,
}

impl Default for Recent {
    fn default() -> Self {
        Self { places: Box::new([0; Self::PLACES]) }
    }
}

impl Recent {
    const PLACES: usize = 16_384;

    /// False for a lesson that was taught in the same hour.
    pub fn takes(&mut self, fingerprint: u64) -> bool {
        let place = usize::try_from(fingerprint >> 48).unwrap_or(0) % Self::PLACES;
        self.places.get_mut(place).is_some_and(|known| std::mem::replace(known, fingerprint) != fingerprint)
    }
}

impl Lesson {
    /// What `step` teaches; nothing when it is no success of somebody.
    #[must_use]
    pub fn of(step: &Step<'_>) -> Option<Self> {
        if !teaches(step) {
            return None;
        }
        let (event, account) = (step.event(), step.row.account);
        let mut lesson = Self {
            at: event.at,
            account,
            host: step.row.host,
            source: step.row.source,
            presence: Presence::Neither,
            hour: 0,
            sighted: None,
            values: [None; MOST],
            used: 0,
        };
        match event.kind {
            EventKind::Logon => lesson.logon(step),
            EventKind::SessionReconnected | EventKind::RdpSessionReconnected | EventKind::RdpSessionLogon => {
                lesson.presence = Presence::Person;
                lesson.host_used(step);
                lesson.rdp(step);
            }
            // The same logon is told elsewhere, with its time; where only this log is kept, it still shows who went where.
            EventKind::RdpAuthenticated => {
                lesson.host_used(step);
                lesson.rdp(step);
            }
            EventKind::TicketGranting | EventKind::ServiceTicket => lesson.ticket(step),
            EventKind::SignIn => lesson.sign_in(step, step.sign_in()?),
            _ => return None,
        }
        lesson.sighted = Sighted::of(step);
        if lesson.presence != Presence::Neither {
            lesson.hour = step.hour_of_week();
        }
        Some(lesson)
    }
    #[cfg(test)]
    pub(in crate::detect) fn made(account: AccountId, at: Timestamp, dimension: Dimension, value: Value) -> Self {
        let (host, source) = (HostId::NONE, SourceId::NONE);
        let mut lesson =
            Self { at, account, host, source, presence: Presence::Neither, hour: 0, sighted: None, values: [None; MOST], used: 0 };
        lesson.teach(dimension, value);
        lesson
    }
    pub fn values(&self) -> impl Iterator<Item = (Dimension, Value)> {
        self.values.iter().copied().flatten()
    }
    fn teach(&mut self, dimension: Dimension, value: Value) {
        if let Some(place) = self.values.get_mut(self.used) {
            *place = Some((dimension, value));
            self.used += 1;
        }
    }
    fn text(&mut self, dimension: Dimension, symbol: crate::base::intern::Symbol) {
        if symbol.is_some() {
            self.teach(dimension, Value::Text(symbol));
        }
    }
    fn logon(&mut self, step: &Step<'_>) {
        let event = step.event();
        let kind = event.logon_type;
        self.presence = match kind {
            // Who unlocks is there as much as who logs on, and many lock their desktop in the evening for weeks.
            LogonType::Interactive
            | LogonType::RemoteInteractive
            | LogonType::CachedInteractive
            | LogonType::CachedRemoteInteractive
            | LogonType::Unlock
            | LogonType::CachedUnlock => Presence::Person,
            LogonType::Network | LogonType::Batch | LogonType::Service | LogonType::NetworkCleartext => Presence::Run,
            _ => Presence::Neither,
        };
        self.teach(Dimension::LogonType, Value::LogonType(kind));
        if kind == LogonType::RemoteInteractive && event.restricted_admin != Tri::Unknown {
            self.teach(Dimension::RdpMode, Value::Number(event.restricted_admin as u32));
        }
        match kind {
            LogonType::Network | LogonType::NetworkCleartext => {
                if let Some(host) = step.row.host.some() {
                    self.teach(Dimension::Reached, Value::Host(host));
                    if step.is_kerberos() {
                        self.teach(Dimension::Kerberos, Value::Host(host));
                    } else if step.is_ntlm() {
                        self.teach(Dimension::Ntlm, Value::Host(host));
                    }
                }
            }
            LogonType::NewCredentials => {
                self.host_used(step);
                self.teach(Dimension::Outbound, Value::Texts(event.host, step.world.names.fold(event.outbound_user)));
            }
            _ => self.host_used(step),
        }
        if matches!(kind, LogonType::RemoteInteractive | LogonType::CachedRemoteInteractive) {
            self.rdp(step);
        } else {
            self.from(step);
        }
        self.text(Dimension::Package, event.lm_package.or(event.package));
        self.text(Dimension::Workstation, event.workstation);
    }
    fn host_used(&mut self, step: &Step<'_>) {
        if let Some(host) = step.row.host.some() {
            self.teach(Dimension::Host, Value::Host(host));
        }
    }
    fn rdp(&mut self, step: &Step<'_>) {
        if let Some(source) = step.row.source.some().filter(|_| !step.is_from_loopback()) {
            self.teach(Dimension::RdpSource, Value::Source(source));
        }
        self.from(step);
    }
    fn from(&mut self, step: &Step<'_>) {
        if step.is_from_loopback() {
            return;
        }
        if let Some(source) = step.row.source.some() {
            self.teach(Dimension::Source, Value::Source(source));
        }
        if let Some(address) = step.event().address {
            self.teach(Dimension::Subnet, subnet(address));
        }
        let place = step.place();
        if place.asn != 0 {
            self.teach(Dimension::Asn, Value::Number(place.asn));
        }
        self.text(Dimension::Country, place.country);
        if let Some(coordinates) = place.coordinates {
            self.teach(Dimension::Place, cell(coordinates));
        }
    }
    fn ticket(&mut self, step: &Step<'_>) {
        let event = step.event();
        self.from(step);
        if event.kind == EventKind::ServiceTicket {
            self.text(Dimension::Service, event.target);
        }
        self.text(Dimension::Certificate, event.certificate);
    }
    fn sign_in(&mut self, step: &Step<'_>, sign_in: &SignIn) {
        self.presence = match sign_in.category {
            SignInCategory::Interactive | SignInCategory::Adfs => Presence::Person,
            SignInCategory::NonInteractive => Presence::Neither,
            SignInCategory::ServicePrincipal | SignInCategory::ManagedIdentity => Presence::Run,
        };
        self.from(step);
        self.text(Dimension::Device, sign_in.device_id);
        if let Some(client) = client(sign_in) {
            self.teach(Dimension::Client, client);
        }
        self.text(Dimension::App, sign_in.app_id.or(sign_in.app));
        self.text(Dimension::Resource, sign_in.resource_id.or(sign_in.resource));
        self.text(Dimension::ClientApp, sign_in.client_app);
        self.text(Dimension::Protocol, sign_in.protocol);
        self.text(Dimension::IncomingToken, sign_in.incoming_token);
        self.text(Dimension::Credential, sign_in.credential().unwrap_or_default());
        self.text(Dimension::CredentialType, sign_in.credential_type);
        self.text(Dimension::TokenProtection, sign_in.token_protection);
    }
}

/// System and product of the client; nothing where neither is stated.
#[must_use]
pub fn client(sign_in: &SignIn) -> Option<Value> {
    (sign_in.system.is_some() || sign_in.client.is_some()).then_some(Value::Texts(sign_in.system, sign_in.client))
}

/// The /24 of an IPv4 address, the /48 of an IPv6 one.
#[must_use]
pub fn subnet(address: IpAddr) -> Value {
    Value::Subnet(match address {
        IpAddr::V4(address) => u64::from(u32::from(address) >> 8),
        IpAddr::V6(address) => (1 << 63) | u64::try_from(u128::from(address) >> 80).unwrap_or(0),
    })
}

/// The whole degrees of a place: some 100 km, as far off as addresses are placed anyway.
#[must_use]
pub fn cell(coordinates: (f32, f32)) -> Value {
    #[allow(clippy::cast_possible_truncation)] // degrees
    let whole = |degrees: f32| degrees.round() as i16;
    Value::Cell(whole(coordinates.0), whole(coordinates.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_is_taught_once_until_another_takes_its_place() {
        let mut recent = Recent::default();
        let (one, elsewhere) = (7 << 48, 8 << 48);
        assert!(recent.takes(one) && recent.takes(elsewhere));
        assert!(!recent.takes(one) && !recent.takes(elsewhere));
        assert!(recent.takes(one + 1), "at the same place");
        assert!(recent.takes(one));
    }
}
