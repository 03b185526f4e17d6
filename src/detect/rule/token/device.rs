//! Which host a device of Entra is: both are called by the name of the computer.

use crate::detect::step::{Step, UserKey};
use crate::model::ids::HostId;
use crate::model::visit::{Visit, VisitKind};
use rustc_hash::{FxHashMap, FxHasher};
use std::borrow::Cow;
use std::hash::Hasher;

/// Hosts remembered; beyond, new ones are not known.
const MOST: usize = 262_144;

/// The short name of a computer as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceKey(u64);

impl DeviceKey {
    /// Of a name in lower case.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let mut hasher = FxHasher::default();
        hasher.write(name.split('.').next().unwrap_or(name).as_bytes());
        Self(hasher.finish())
    }
    /// The device that a sign-in claims.
    #[must_use]
    pub fn of_sign_in(step: &Step<'_>) -> Option<Self> {
        let name = step.sign_in().map(|sign_in| sign_in.device_name).filter(|name| name.is_some())?;
        Some(Self::of(step.raw(step.world.names.fold(name))))
    }
    /// The host that wrote the record.
    #[must_use]
    pub fn of_host(step: &Step<'_>) -> Option<Self> {
        Some(Self::of(step.raw(step.host()?.name)))
    }
}

/// Hosts by the name that devices have.
#[derive(Debug, Default)]
pub struct Hosts(FxHashMap<DeviceKey, HostId>);

impl Hosts {
    pub fn learn(&mut self, step: &Step<'_>) {
        if let (Some(key), Some(host)) = (DeviceKey::of_host(step), step.row.host.some())
            && self.0.len() < MOST
        {
            self.0.insert(key, host);
        }
    }
    #[must_use]
    pub fn get(&self, key: DeviceKey) -> Option<HostId> {
        self.0.get(&key).copied()
    }
}

/// Desktops of the user of `step` on a host, newest first. Names are compared without their domain, as Entra and Windows
/// write them.
pub fn desktops<'a>(step: &'a Step<'a>, host: HostId) -> impl Iterator<Item = Cow<'a, Visit>> {
    let tables = &step.world.tables;
    let is_user = move |visit: &Visit| {
        visit.account == step.row.account
            || tables.account(visit.account).is_some_and(|account| UserKey::of(step.world, account.user) == step.user_key())
    };
    tables.visits_of_host(host).take(64).map(|(_, visit)| visit).filter(move |visit| visit.kind == VisitKind::Desktop && is_user(visit))
}
