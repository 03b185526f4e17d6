//! Which machine stood behind an address at a time.
//!
//! Best evidence first: the machine's own account met there, the workstation name of the logon itself, the name another
//! record claimed. A name is what the client says of itself, so it is never exact.

use super::{Address, Ground, Machine, MachineId};
use crate::base::net::{AddressClass, class};
use crate::base::time::{Span, Timestamp};
use crate::model::host::Host;
use crate::model::ids::{AccountId, HostId, SourceId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::net::IpAddr;

/// A sighting this near says who had the address at a moment.
const AT_ONCE: Span = Span::minutes(10);
const NEAR: Span = Span::days(1);
/// Older sightings say nothing: leases end.
const FAR: Span = Span::days(7);

/// Where a logon came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From the host itself: no source, loopback, or its own address or name.
    Local,
    Machine(MachineId, Address),
    Unknown,
}

pub struct Places<'a> {
    pub ground: Ground<'a>,
    pub machines: Vec<Machine>,
    pub of_host: FxHashMap<HostId, MachineId>,
    /// By short name; `None` where several hosts have it.
    by_short: FxHashMap<String, Option<MachineId>>,
    of_account: FxHashMap<AccountId, MachineId>,
}

/// The name up to the first dot, lower case; an address is no name.
fn short(name: &str) -> Option<String> {
    let name = name.trim_start_matches('\\');
    if name.is_empty() || name.parse::<IpAddr>().is_ok() {
        return None;
    }
    Some(name.split('.').next().unwrap_or(name).to_lowercase())
}

impl<'a> Places<'a> {
    pub fn of(ground: Ground<'a>) -> Self {
        let mut places = Self {
            ground,
            machines: Vec::new(),
            of_host: FxHashMap::default(),
            by_short: FxHashMap::default(),
            of_account: FxHashMap::default(),
        };
        for (number, host) in ground.tables.hosts.iter().enumerate() {
            places.add_host(HostId::new(number), host);
        }
        let accounts: FxHashSet<AccountId> = ground.trails.came().map(|(account, _)| account).collect();
        let mut accounts: Vec<AccountId> = accounts.into_iter().collect();
        // Numbers of machines must not depend on the order of a hash.
        accounts.sort_unstable();
        for account in accounts {
            let Some(row) = ground.tables.account(account) else { continue };
            if let Some(machine) = places.named(ground.names.raw(row.user).trim_end_matches('$')) {
                places.of_account.insert(account, machine);
            }
        }
        places
    }
    fn add_host(&mut self, id: HostId, host: &Host) {
        let name = self.ground.names.raw(host.name);
        let short = short(name).unwrap_or_else(|| name.to_owned());
        let machine = self.machines.len();
        self.of_host.insert(id, machine);
        self.by_short.entry(short.clone()).and_modify(|known| *known = None).or_insert(Some(machine));
        self.machines.push(Machine { short, host: id });
    }
    /// The machine of a name, which need not have a log; `None` where the name is none or several hosts have it.
    pub fn named(&mut self, name: &str) -> Option<MachineId> {
        let short = short(name)?;
        if let Some(known) = self.by_short.get(&short) {
            return *known;
        }
        let machine = self.machines.len();
        self.by_short.insert(short.clone(), Some(machine));
        self.machines.push(Machine { short, host: HostId::NONE });
        Some(machine)
    }
    /// The host of a name that has a log.
    fn logged(&self, name: &str) -> Option<MachineId> {
        let machine = self.by_short.get(&short(name)?).copied().flatten()?;
        self.machines.get(machine).filter(|machine| machine.host.is_some()).map(|_| machine)
    }
    /// Where a logon on `own` came from at a time; `workstation` is what its record claims.
    pub fn origin(&self, source: SourceId, workstation: &str, own: MachineId, at: Timestamp) -> Origin {
        let Some(row) = self.ground.tables.source(source) else { return Origin::Local };
        let found = match row.address {
            Some(address) if class(address) == AddressClass::Loopback => return Origin::Local,
            Some(_) => self
                .held_by(source, at)
                .or_else(|| self.logged(workstation).map(|machine| (machine, Address::Claimed)))
                // What other records claim counts only where this one claims nothing.
                .or_else(|| {
                    let elsewhere = if workstation.is_empty() { self.ground.names.raw(row.workstation) } else { "" };
                    self.logged(elsewhere).map(|machine| (machine, Address::ClaimedElsewhere))
                }),
            None => {
                let text = self.ground.names.raw(row.text);
                // LocalSessionManager says LOCAL for the console.
                if text.eq_ignore_ascii_case("local") {
                    return Origin::Local;
                }
                self.logged(text).map(|machine| (machine, Address::Named))
            }
        };
        match found {
            // A host that names itself as the client is no proof: relays and attack tools do.
            Some((machine, address)) if machine == own && address.quality() == super::Quality::Exact => Origin::Local,
            Some((machine, _)) if machine == own => Origin::Unknown,
            Some((machine, address)) => Origin::Machine(machine, address),
            None => Origin::Unknown,
        }
    }
    /// The machine whose own account was met nearest to a time.
    fn held_by(&self, source: SourceId, at: Timestamp) -> Option<(MachineId, Address)> {
        let mut nearest: Option<(Span, AccountId, MachineId)> = None;
        let mut at_once: Vec<MachineId> = Vec::new();
        for holding in self.ground.trails.held(source) {
            let Some(machine) = self.of_account.get(&holding.account) else { continue };
            let away = if at < holding.first {
                holding.first - at
            } else if at > holding.last {
                at - holding.last
            } else {
                Span::ZERO
            };
            if away <= AT_ONCE && !at_once.contains(machine) {
                at_once.push(*machine);
            }
            if nearest.is_none_or(|(least, ..)| away < least) {
                nearest = Some((away, holding.account, *machine));
            }
        }
        let (away, account, machine) = nearest?;
        let others = u32::try_from(at_once.iter().filter(|other| **other != machine).count()).unwrap_or(u32::MAX);
        let crowded = self.ground.trails.held(source).len() >= super::trail::MOST_HOLDINGS;
        let address = match away {
            _ if others > 0 || crowded => Address::Shared(account, others.max(1)),
            away if away <= AT_ONCE => Address::Own(account),
            away if away <= NEAR => Address::OwnNear(account, away),
            away if away <= FAR => Address::OwnFar(account, away),
            _ => return None,
        };
        Some((machine, address))
    }
}
