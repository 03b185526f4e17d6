//! Which computer stands at which address, as far as records tell.
//!
//! Best evidence first: the computer's own account used Kerberos from there; a client there called itself so. NTLM of a
//! computer's account is no evidence: a relayed one comes from the address of the relay. Addresses of VPNs, proxies and NAT
//! show by several computers at once, and are nobody's.
//!
//! Bounds: `AT_ADDRESS` computers for each address, `PLACES` addresses for each computer, `MOST` computers.

use super::seen::{Activity, SeenSet};
use crate::base::by_id::ById;
use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::{HostId, SourceId};
use crate::model::logon_type::LogonType;
use crate::model::world::World;
use rustc_hash::{FxHashMap, FxHasher};
use std::collections::hash_map::Entry;
use std::hash::Hasher;

/// Computers remembered of one address; of more, the one unseen for longest is forgotten.
const AT_ADDRESS: usize = 8;
/// Addresses remembered of one computer.
const PLACES: usize = 32;
const MOST: usize = 65_536;
/// Sightings nearer than this are one: most events of a busy computer then change nothing here.
const GRAIN: Span = Span::minutes(10);
/// Older sightings say nothing of who is there: leases end.
const FRESH: Span = Span::days(7);
/// Two computers at one address within this time share it.
const AT_ONCE: Span = Span::hours(1);

/// A computer's short name as one number: `FS01`, `fs01.corp.local`, `FS01$@CORP` and `\\FS01` are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComputerKey(pub u64);

impl ComputerKey {
    /// Nothing where no name is left.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let name = text.trim_start_matches('\\').split(['.', '@', '$']).next().filter(|name| !name.is_empty())?;
        let mut hasher = FxHasher::default();
        name.bytes().for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
        Some(Self(hasher.finish()))
    }
}

/// What one event tells of where a computer is.
#[derive(Clone, Copy, Debug)]
pub struct Sighted {
    pub source: SourceId,
    pub key: ComputerKey,
    /// As the record writes it.
    pub name: Symbol,
    /// By its own account; else a client only says so.
    pub own: bool,
}

impl Sighted {
    #[must_use]
    pub fn of(step: &Step<'_>) -> Option<Self> {
        let event = step.event();
        let source = step.row.source.some().filter(|_| event.outcome != Outcome::Failure && step.is_remote())?;
        let ticket = matches!(event.kind, EventKind::TicketGranting | EventKind::ServiceTicket);
        if step.user.is_computer {
            let kerberos = ticket || (event.logon_type == LogonType::Network && step.raw(event.package).eq_ignore_ascii_case("Kerberos"));
            let name = event.account.user;
            return kerberos.then(|| Some(Self { source, key: ComputerKey::of(step.raw(name))?, name, own: true }))?;
        }
        if ticket || event.workstation.is_none() {
            return None;
        }
        let key = ComputerKey::of(step.raw(event.workstation))?;
        // Logons at the screen and by Remote Desktop name the host itself.
        let is_host = step.usual.machines.key_of(step.row.host) == Some(key);
        (!is_host).then_some(Self { source, key, name: event.workstation, own: false })
    }
}

/// A computer at an address.
#[derive(Clone, Copy, Debug)]
pub struct Sighting {
    pub key: ComputerKey,
    pub name: Symbol,
    pub own: bool,
    pub activity: Activity,
}

/// What is known of one computer.
#[derive(Clone, Debug, Default)]
pub struct Computer {
    /// Where its own account was met.
    pub own: SeenSet<SourceId>,
    /// Where clients used its name.
    pub claimed: SeenSet<SourceId>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Machines {
    at: ById<Vec<Sighting>>,
    computers: FxHashMap<ComputerKey, Computer>,
    /// Nothing for a name that several hosts have.
    hosts: FxHashMap<ComputerKey, HostId>,
    keys: ById<ComputerKey>,
}

impl Machines {
    /// Learns the name of a host that writes a log.
    #[inline]
    pub(in crate::detect) fn meet(&mut self, world: &World, host: HostId) {
        if host.is_some() && self.keys.get(host.index()).is_none() {
            self.add(world, host);
        }
    }
    #[cold]
    fn add(&mut self, world: &World, host: HostId) {
        let Some(key) = world.tables.host(host).and_then(|row| ComputerKey::of(world.raw(row.name))) else { return };
        self.keys.entry(host.index(), || key);
        match self.hosts.entry(key) {
            Entry::Vacant(place) => _ = place.insert(host),
            Entry::Occupied(mut place) => _ = place.insert(HostId::NONE),
        }
    }
    #[must_use]
    pub fn key_of(&self, host: HostId) -> Option<ComputerKey> {
        self.keys.get(host.index()).copied()
    }
    /// The host of a name, where it writes a log and no other has the name.
    #[must_use]
    pub fn host(&self, key: ComputerKey) -> Option<HostId> {
        self.hosts.get(&key)?.some()
    }
    #[must_use]
    pub fn computer(&self, key: ComputerKey) -> Option<&Computer> {
        self.computers.get(&key)
    }
    /// Computers met at an address, in no order.
    #[must_use]
    pub fn met_at(&self, source: SourceId) -> &[Sighting] {
        self.at.get(source.index()).map_or(&[], Vec::as_slice)
    }
    /// The computer that is at an address now: nobody where several share it or where nothing fresh tells.
    #[must_use]
    pub fn at(&self, source: SourceId, now: Timestamp) -> Option<&Sighting> {
        let fresh = |own: bool| {
            let met = self.met_at(source).iter();
            met.filter(move |met| met.own == own && met.activity.last_at().is_some_and(|last| (now - last).abs() <= FRESH))
        };
        let own = fresh(true).next().is_some();
        let last = |met: &&Sighting| met.activity.last_at();
        let newest = fresh(own).max_by_key(last)?;
        let shared =
            fresh(own).any(|met| met.key != newest.key && last(&newest).zip(last(&met)).is_some_and(|(one, other)| one - other <= AT_ONCE));
        (!shared).then_some(newest)
    }
    /// The host a source is: by what is at its address, or by the name that stands in place of one.
    #[must_use]
    pub fn host_of(&self, world: &World, source: SourceId, now: Timestamp) -> Option<HostId> {
        let row = world.tables.source(source)?;
        let key = match row.address {
            Some(_) => self.at(source, now)?.key,
            None => ComputerKey::of(world.raw(row.text))?,
        };
        self.host(key)
    }
    pub(in crate::detect) fn learn(&mut self, sighted: Sighted, at: Timestamp) {
        let Some(list) = self.at.entry(sighted.source.index(), Vec::new) else { return };
        let known = list.iter_mut().find(|met| met.key == sighted.key && met.own == sighted.own);
        match known {
            Some(met) if met.activity.last_at().is_some_and(|last| at - last < GRAIN && at >= last) => return,
            Some(met) => met.activity.add(at),
            None => {
                if list.len() >= AT_ADDRESS
                    && let Some(oldest) = (0..list.len()).min_by_key(|place| list.get(*place).and_then(|met| met.activity.last_at()))
                {
                    list.swap_remove(oldest);
                }
                let mut activity = Activity::NONE;
                activity.add(at);
                list.push(Sighting { key: sighted.key, name: sighted.name, own: sighted.own, activity });
            }
        }
        let computer = self.computers.entry(sighted.key).or_default();
        let places = if sighted.own { &mut computer.own } else { &mut computer.claimed };
        places.add(sighted.source, at, PLACES);
    }
    pub(super) fn forget(&mut self, limit: Timestamp) {
        self.at.retain(|list| {
            list.retain(|met| met.activity.last_at() >= Some(limit));
            !list.is_empty()
        });
        self.computers.retain(|_, computer| {
            computer.own.forget_before(limit);
            computer.claimed.forget_before(limit);
            !(computer.own.is_empty() && computer.claimed.is_empty())
        });
        shed(&mut self.computers, MOST, |computer| computer.own.activity.last_at().max(computer.claimed.activity.last_at()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::parse("2024-01-01T00:00:00Z").unwrap() + Span::hours(hours)
    }

    fn sighted(source: usize, name: &str, own: bool) -> Sighted {
        Sighted { source: SourceId::new(source), key: ComputerKey::of(name).unwrap(), name: Symbol::NONE, own }
    }

    #[test]
    fn all_spellings_of_a_computer_are_one() {
        let key = ComputerKey::of("fs01");
        assert!(["FS01", "FS01$", "fs01$@CORP.LOCAL", "fs01.corp.local", "\\\\FS01"].into_iter().all(|name| ComputerKey::of(name) == key));
        assert!(ComputerKey::of("fs02") != key && ComputerKey::of("$").is_none() && ComputerKey::of("").is_none());
    }

    #[test]
    fn an_address_is_of_who_was_met_there_last_and_of_nobody_where_several_are() {
        let mut machines = Machines::default();
        machines.learn(sighted(1, "pc01", true), at(0));
        machines.learn(sighted(1, "pc02", true), at(30));
        let who = |machines: &Machines, hours| machines.at(SourceId::new(1), at(hours)).map(|met| met.key);
        assert_eq!(who(&machines, 31), ComputerKey::of("pc02"));
        assert_eq!(who(&machines, 24 * 9), None, "leases end");
        machines.learn(sighted(1, "pc01", true), at(30));
        assert_eq!(who(&machines, 31), None, "shared");
        machines.learn(sighted(2, "kali", false), at(0));
        machines.learn(sighted(2, "pc03", true), at(0));
        assert_eq!(machines.at(SourceId::new(2), at(1)).map(|met| met.key), ComputerKey::of("pc03"), "a claim counts less");
    }

    #[test]
    fn an_address_keeps_a_bounded_number_of_computers() {
        let mut machines = Machines::default();
        for number in 0..100 {
            machines.learn(sighted(1, &format!("pc{number}"), true), at(number));
        }
        assert_eq!(machines.met_at(SourceId::new(1)).len(), AT_ADDRESS);
    }
}
