//! Hosts by their whole name.
//!
//! A short name and a whole one that begins with it are one host as long as no other whole name begins so. Event 6011 says
//! that a host has another name: what comes under the new name is of the same host, unless the new name was met before;
//! then the two rows stay, and say that they are one machine.

use super::super::settings;
use crate::base::intern::{Interner, Symbol};
use crate::base::time::Timestamp;
use crate::model::event::{AuthEvent, EventKind};
use crate::model::host::{Host, HostName, HostRole, NameEvidence};
use crate::model::ids::HostId;
use crate::model::world::World;
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// What is known of a host besides its row.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostNames {
    /// As the record writes it, in lower case.
    pub whole: Symbol,
    /// The name up to the first dot, folded: the domain of its local accounts.
    pub short: Symbol,
    /// What follows the first dot: the domain it belongs to.
    pub suffix: Symbol,
}

#[derive(Debug, Default)]
pub struct Hosts {
    settings: Arc<settings::Hosts>,
    by_name: FxHashMap<Symbol, HostId>,
    /// Hosts by the first label of their names.
    by_label: FxHashMap<Symbol, Vec<HostId>>,
    names: Vec<HostNames>,
    /// New names that 6011 announced, by their first label.
    renamed: FxHashMap<Symbol, HostId>,
}

/// The name up to the first dot and the rest; an address is all name.
pub fn split_host(name: &str) -> (&str, &str) {
    match name.split_once('.') {
        Some((short, rest)) if name.parse::<IpAddr>().is_err() => (short, rest),
        _ => (name, ""),
    }
}

/// Only domain controllers write such records.
pub const fn tells_controller(kind: EventKind) -> Option<&'static str> {
    Some(match kind {
        EventKind::TicketGranting => "wrote 4768",
        EventKind::ServiceTicket => "wrote 4769",
        EventKind::TicketRenewed => "wrote 4770",
        EventKind::PreAuthFailed => "wrote 4771",
        EventKind::NtlmPassedOn => "wrote 8004",
        _ => return None,
    })
}

/// The host is a domain controller; says whether that is new.
pub fn becomes_controller(host: HostId, reason: &'static str, world: &mut World) -> bool {
    if world.tables.host(host).is_none_or(|row| row.domain_controller && row.kind == HostRole::DomainController) {
        return false;
    }
    let Some(row) = world.tables.hosts.get_mut(host.index()) else { return false };
    let is_new = !row.domain_controller;
    row.domain_controller = true;
    (row.kind, row.kind_reason) = (HostRole::DomainController, reason);
    is_new
}

impl Hosts {
    pub fn new(settings: Arc<settings::Hosts>) -> Self {
        Self { settings, ..Self::default() }
    }
    pub fn names(&self, host: HostId) -> HostNames {
        self.names.get(host.index()).copied().unwrap_or_default()
    }
    pub fn find(&mut self, event: &AuthEvent, world: &mut World) -> HostId {
        if event.kind == EventKind::HostRenamed {
            self.rename(event, world);
        }
        match self.by_name.get(&event.host) {
            Some(known) => *known,
            None => self.meet(event.host, event.at, world),
        }
    }
    /// The host of a name that was not met so far.
    #[cold]
    #[inline(never)]
    fn meet(&mut self, name: Symbol, at: Timestamp, world: &mut World) -> HostId {
        let names = parts(name, &mut world.names);
        let alike = self.by_label.get(&names.short).map_or(&[][..], Vec::as_slice);
        let known = match alike {
            [one] if names.suffix.is_none() || self.names(*one).suffix.is_none() => Some((*one, NameEvidence::Label)),
            _ => self.renamed.remove(&names.short).map(|host| (host, NameEvidence::Renamed)),
        };
        let host = match known {
            Some((host, by)) => {
                self.also(host, names, by, at, world);
                host
            }
            None => self.add(names, world),
        };
        self.by_name.insert(name, host);
        host
    }
    fn add(&mut self, names: HostNames, world: &mut World) -> HostId {
        let (kind, kind_reason) = self.kind(world.raw(names.whole), world.raw(names.short));
        let domain_controller = kind == HostRole::DomainController;
        let row = Host { name: names.whole, kind, kind_reason, domain_controller, ..Host::default() };
        let host = HostId::new(world.tables.hosts.push(row));
        self.names.push(names);
        self.by_label.entry(names.short).or_default().push(host);
        host
    }
    /// By the settings, else by the name Windows gives to a client where nobody gives one.
    fn kind(&self, whole: &str, short: &str) -> (HostRole, &'static str) {
        let told = self.settings.kinds.iter().find(|(_, patterns)| patterns.iter().any(|glob| glob.matches(whole) || glob.matches(short)));
        match told {
            Some((kind, _)) => (kind.0, "said in the settings"),
            None if ["desktop-", "laptop-"].iter().any(|start| short.starts_with(start) && short.len() == 15) => {
                (HostRole::Workstation, "has the name Windows gives to clients")
            }
            None => (HostRole::Unknown, ""),
        }
    }
    /// The host has this name too. The whole name is the better one, and a new one the one that holds.
    fn also(&mut self, host: HostId, names: HostNames, by: NameEvidence, since: Timestamp, world: &mut World) {
        let Some(row) = world.tables.hosts.get_mut(host.index()) else { return };
        let own = self.names.get_mut(host.index());
        let takes_over = by == NameEvidence::Renamed || names.suffix.is_some();
        let other = if takes_over { row.name } else { names.whole };
        if takes_over {
            row.name = names.whole;
            if let Some(own) = own {
                *own = names;
            }
        }
        let list = Arc::make_mut(row.names.get_or_insert_default());
        if list.len() < Host::NAMES_KEPT && list.iter().all(|name| name.name != other) {
            list.push(HostName { name: other, since, by });
        }
        let known = self.by_label.entry(names.short).or_default();
        if !known.contains(&host) {
            known.push(host);
        }
    }
    /// 6011: the old name is what the client claimed, the new one the target.
    #[cold]
    #[inline(never)]
    fn rename(&mut self, event: &AuthEvent, world: &mut World) {
        let label = |name: Symbol, names: &mut Interner| parts(names.fold(name), names).short;
        let (old, new) = (label(event.workstation, &mut world.names), label(event.target, &mut world.names));
        let of = |label: Symbol| match self.by_label.get(&label).map_or(&[][..], Vec::as_slice) {
            [one] if label.is_some() => Some(*one),
            _ => None,
        };
        if old == new || new.is_none() {
            return;
        }
        match (of(old), of(new)) {
            (Some(before), None) => {
                self.renamed.insert(new, before);
            }
            (Some(before), Some(after)) if before != after => {
                if let Some(row) = world.tables.hosts.get_mut(before.index()) {
                    row.renamed_to = after;
                }
                if let Some(row) = world.tables.hosts.get_mut(after.index()) {
                    row.renamed_from = before;
                }
            }
            _ => {}
        }
    }
}

fn parts(name: Symbol, names: &mut Interner) -> HostNames {
    let text = names.raw(name).to_owned();
    let (short, suffix) = split_host(&text);
    HostNames { whole: name, short: names.intern(short), suffix: names.intern(suffix) }
}
