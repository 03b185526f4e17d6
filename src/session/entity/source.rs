//! Sources by address, else by the text in its place, else by the workstation name the client claimed.

use super::super::atlas::Atlas;
use super::super::settings;
use super::HostNames;
use crate::base::intern::{Interner, Symbol};
use crate::base::time::Timestamp;
use crate::model::event::AuthEvent;
use crate::model::ids::SourceId;
use crate::model::source::{Claim, Source};
use crate::model::world::World;
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use std::sync::Arc;

#[derive(Debug, Default)]
pub struct Sources {
    settings: Arc<settings::Sources>,
    atlas: Arc<Atlas>,
    /// By `bits` of the address.
    addresses: FxHashMap<(u64, u64), SourceId>,
    texts: FxHashMap<Symbol, SourceId>,
}

/// An address as two words, which are quickly hashed; IPv4 in the place that IPv6 has for it, so that both forms are one.
const fn bits(address: IpAddr) -> (u64, u64) {
    let bits = match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    ((bits >> 64) as u64, bits as u64)
}

/// The claimed name, unless it is the host itself (a logon at its own screen).
fn claimed(event: &AuthEvent, host: HostNames, names: &Interner) -> Symbol {
    let folded = names.fold(event.workstation);
    let is_itself = folded == event.host || (host.short == folded && folded.is_some());
    if is_itself { Symbol::NONE } else { event.workstation }
}

impl Sources {
    pub fn new(settings: Arc<settings::Sources>, atlas: Arc<Atlas>) -> Self {
        Self { settings, atlas, ..Self::default() }
    }
    pub fn find(&mut self, event: &AuthEvent, host: HostNames, world: &mut World) -> SourceId {
        let source = if let Some(address) = event.address {
            let key = bits(address);
            match self.addresses.get(&key) {
                Some(known) => *known,
                None => self.meet(address, world),
            }
        } else {
            let text = event.address_text.or(claimed(event, host, &world.names));
            if text.is_none() {
                return SourceId::NONE;
            }
            let key = world.names.fold(text);
            match self.texts.get(&key) {
                Some(known) => *known,
                None => {
                    let id = SourceId::new(world.tables.sources.push(Source { text, ..Source::default() }));
                    self.texts.insert(key, id);
                    id
                }
            }
        };
        let (country, asn) = event.entra.as_deref().map_or((Symbol::NONE, 0), |sign_in| (sign_in.country, sign_in.asn));
        if (event.workstation.is_some() || country.is_some() || asn != 0)
            && let Some(row) = world.tables.sources.get_mut(source.index())
        {
            row.country = country.or(row.country);
            if asn != 0 {
                row.asn = asn;
            }
            if event.workstation.is_some() {
                claim(row, event.workstation, event.at, &world.names);
            }
        }
        source
    }
    /// The source of an address that was not met so far.
    #[cold]
    #[inline(never)]
    fn meet(&mut self, address: IpAddr, world: &mut World) -> SourceId {
        let network = self.network(address, &mut world.names);
        let place = self.atlas.find(address, &mut world.names);
        let row = Source { address: Some(address.to_canonical()), network, place, ..Source::default() };
        let id = SourceId::new(world.tables.sources.push(row));
        self.addresses.insert(bits(address), id);
        id
    }
    /// What the settings call the smallest network the address lies in.
    fn network(&self, address: IpAddr, names: &mut Interner) -> Symbol {
        let holding = self.settings.networks.iter().filter(|(network, _)| network.0.holds(address));
        holding.max_by_key(|(network, _)| network.0.bits()).map_or(Symbol::NONE, |(_, name)| names.intern(name))
    }
}

/// The client calls itself so now.
fn claim(row: &mut Source, name: Symbol, at: Timestamp, names: &Interner) {
    if row.workstation != name && names.fold(row.workstation) != names.fold(name) {
        change(row, name, at, names);
    }
    row.claimed = Some(row.claimed.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
}

/// The name claimed so far steps back. Of more than are kept, the one not claimed for longest is forgotten.
#[cold]
fn change(row: &mut Source, name: Symbol, at: Timestamp, names: &Interner) {
    let before = row.claim();
    row.workstation = name;
    row.claimed = None;
    if before.is_none() && row.earlier_claims.is_none() {
        return;
    }
    let claims = Arc::make_mut(row.earlier_claims.get_or_insert_default());
    claims.list.extend(before);
    if let Some(place) = claims.list.iter().position(|claim| names.fold(claim.name) == names.fold(name)) {
        let Claim { first, last, .. } = claims.list.swap_remove(place);
        row.claimed = Some((first.min(at), last.max(at)));
    }
    if claims.list.len() > Source::CLAIMS_KEPT
        && let Some(oldest) = (0..claims.list.len()).min_by_key(|place| claims.list.get(*place).map(|claim| claim.last))
    {
        claims.list.remove(oldest);
        claims.forgotten = claims.forgotten.saturating_add(1);
    }
}
