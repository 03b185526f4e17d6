//! Hosts and sources of events; accounts are joined in `account`.

use super::account::Accounts;
use super::class::Classes;
use super::settings::{Rules, Sources};
use crate::base::intern::{Interner, Symbol};
use crate::base::time::Timestamp;
use crate::model::event::{AuthEvent, EventKind};
use crate::model::host::Host;
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::model::source::Source;
use crate::model::world::World;
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// What is known of a host besides its row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HostNames {
    /// The name up to the first dot, folded: the domain of its local accounts.
    pub short: Symbol,
    /// What follows the first dot: the domain it belongs to.
    pub suffix: Symbol,
}

#[derive(Debug, Default)]
pub(super) struct Entities {
    hosts: FxHashMap<Symbol, HostId>,
    host_names: Vec<HostNames>,
    /// By `bits` of the address.
    addresses: FxHashMap<(u64, u64), SourceId>,
    source_texts: FxHashMap<Symbol, SourceId>,
    networks: Arc<Sources>,
    accounts: Accounts,
}

/// An address as two words, which are quickly hashed; IPv4 in the place that IPv6 has for it.
const fn bits(address: IpAddr) -> (u64, u64) {
    let bits = match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    ((bits >> 64) as u64, bits as u64)
}

/// The name up to the first dot and the rest; an address is all name.
pub(super) fn split_host(name: &str) -> (&str, &str) {
    match name.split_once('.') {
        Some((short, rest)) if name.parse::<IpAddr>().is_err() => (short, rest),
        _ => (name, ""),
    }
}

impl Entities {
    pub fn new(rules: Rules) -> Self {
        Self { accounts: Accounts::new(rules.accounts), networks: rules.sources, ..Self::default() }
    }
    pub const fn classes(&self) -> &Classes {
        &self.accounts.classes
    }
    /// See `Accounts::of_one_desktop`.
    pub fn of_one_desktop(&mut self, one: AccountId, other: AccountId, at: Timestamp, world: &mut World) {
        self.accounts.of_one_desktop(one, other, at, world);
    }
    /// What was merged since the last call.
    pub fn take_merged(&mut self) -> Vec<(AccountId, AccountId)> {
        std::mem::take(&mut self.accounts.merged)
    }
    pub fn host(&mut self, event: &AuthEvent, world: &mut World) -> HostId {
        if event.host.is_none() {
            return HostId::NONE;
        }
        let host = match self.hosts.get(&event.host) {
            Some(known) => *known,
            None => self.new_host(event.host, world),
        };
        let is_controller = matches!(
            event.kind,
            EventKind::TicketGranting
                | EventKind::ServiceTicket
                | EventKind::TicketRenewed
                | EventKind::PreAuthFailed
                | EventKind::NtlmPassedOn
        );
        if is_controller
            && world.tables.host(host).is_some_and(|row| !row.domain_controller)
            && let Some(row) = world.tables.hosts.get_mut(host.index())
        {
            row.domain_controller = true;
            let names = self.host_names.get(host.index()).copied().unwrap_or_default();
            self.accounts.is_controller(names, event.at, world);
        }
        host
    }
    fn new_host(&mut self, symbol: Symbol, world: &mut World) -> HostId {
        let id = HostId::new(world.tables.hosts.push(Host { name: symbol, ..Host::default() }));
        let name = world.names.raw(symbol).to_owned();
        let (short, suffix) = split_host(&name);
        self.host_names.push(HostNames { short: world.names.intern(short), suffix: world.names.intern(suffix) });
        self.hosts.insert(symbol, id);
        id
    }
    pub fn account(&mut self, event: &AuthEvent, host: HostId, world: &mut World) -> AccountId {
        if event.account.is_none() {
            return AccountId::NONE;
        }
        let names = self.host_names.get(host.index()).copied().unwrap_or_default();
        let is_controller = world.tables.host(host).is_some_and(|row| row.domain_controller);
        self.accounts.find(event, names, is_controller, world)
    }
    /// The address; else the text that stood in its place; else the workstation name the client claimed, unless that
    /// is the host itself (a logon at its own screen).
    pub fn source(&mut self, event: &AuthEvent, host: HostId, world: &mut World) -> SourceId {
        let source = if let Some(address) = event.address {
            let key = bits(address);
            match self.addresses.get(&key) {
                Some(known) => *known,
                None => {
                    let network = self.network(address, &mut world.names);
                    let id = SourceId::new(world.tables.sources.push(Source { address: Some(address), network, ..Source::default() }));
                    self.addresses.insert(key, id);
                    id
                }
            }
        } else {
            let text = event.address_text.or(self.claimed(event, host, &world.names));
            if text.is_none() {
                return SourceId::NONE;
            }
            *self
                .source_texts
                .entry(world.names.fold(text))
                .or_insert_with(|| SourceId::new(world.tables.sources.push(Source { text, ..Source::default() })))
        };
        let country = event.entra.as_deref().map_or(Symbol::NONE, |sign_in| sign_in.country);
        if let Some(row) = world.tables.source(source) {
            let workstation = event.workstation.or(row.workstation);
            let country = country.or(row.country);
            if (workstation != row.workstation || country != row.country)
                && let Some(row) = world.tables.sources.get_mut(source.index())
            {
                (row.workstation, row.country) = (workstation, country);
            }
        }
        source
    }
    /// What the settings call the smallest network the address lies in.
    fn network(&self, address: IpAddr, names: &mut Interner) -> Symbol {
        let holding = self.networks.networks.iter().filter(|(network, _)| network.0.holds(address));
        holding.max_by_key(|(network, _)| network.0.bits()).map_or(Symbol::NONE, |(_, name)| names.intern(name))
    }
    fn claimed(&self, event: &AuthEvent, host: HostId, names: &Interner) -> Symbol {
        let folded = names.fold(event.workstation);
        let is_itself = folded == event.host || self.host_names.get(host.index()).is_some_and(|host| host.short == folded);
        if is_itself { Symbol::NONE } else { event.workstation }
    }
}
