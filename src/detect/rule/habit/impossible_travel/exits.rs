//! Addresses that are no places: VPN gateways, proxies, carriers.
//!
//! People name them, many accounts share them, or they show themselves: several accounts jump between them and several
//! other sources. An office is shared too, but its people do not jump.

use super::Jump;
use super::stop::Stop;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Baselines, Dimension, Value};
use crate::detect::site::Site;
use crate::model::ids::{AccountId, SourceId};
use rustc_hash::FxHashMap;

/// What accounts jumped to or from.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Net {
    Source(SourceId),
    /// The network of the address, as far as it is at that place: a provider spreads its networks.
    Subnet(Value, Value),
    /// The autonomous system. One of a provider of hosting is no exit as a whole.
    Asn(u32),
}

impl Net {
    /// What it is among the things that accounts share.
    const fn shared(self) -> Option<(Dimension, Value)> {
        match self {
            Self::Source(source) => Some((Dimension::Source, Value::Source(source))),
            Self::Subnet(..) => None,
            Self::Asn(asn) => Some((Dimension::Asn, Value::Number(asn))),
        }
    }
}

/// Accounts and other ends remembered for one of them, of each.
const KEPT: usize = 64;
/// Sources and networks with jumps; beyond, new ones are not learned. Some 100 bytes each, and up to a kilobyte for the few
/// with many jumps.
const MOST: usize = 16_384;
/// Jumps older than this tell nothing of who has the address now.
const FORGET_AFTER: Span = Span::days(30);

#[derive(Default)]
struct Jumps {
    accounts: Vec<AccountId>,
    others: Vec<SourceId>,
    last_at: Timestamp,
}

pub struct Exits {
    users: usize,
    percent: u32,
    jumps: FxHashMap<Net, Jumps>,
}

fn nets(stop: &Stop) -> impl Iterator<Item = Net> {
    let asn = (stop.asn != 0 && !stop.is_hosting).then_some(Net::Asn(stop.asn));
    let subnet = stop.subnet.map(|subnet| Net::Subnet(subnet, stop.cell()));
    [Some(Net::Source(stop.source)), subnet, asn].into_iter().flatten()
}

fn add<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if list.len() < KEPT && !list.contains(&value) {
        list.push(value);
    }
}

impl Exits {
    pub fn new(users: usize, percent: u32) -> Self {
        Self { users, percent, jumps: FxHashMap::default() }
    }
    /// People say that it is an exit or a mobile carrier.
    pub fn is_named(&self, stop: &Stop, site: &Site) -> bool {
        site.source(stop.source).exit || site.is_mobile(stop.asn)
    }
    /// An account was at both ends within less time than any way between them takes.
    pub fn jumped(&mut self, account: AccountId, from: &Stop, to: &Stop) {
        for (stop, other) in [(from, to), (to, from)] {
            for net in nets(stop) {
                if self.jumps.len() >= MOST && !self.jumps.contains_key(&net) {
                    continue;
                }
                let jumps = self.jumps.entry(net).or_default();
                add(&mut jumps.accounts, account);
                add(&mut jumps.others, other.source);
                jumps.last_at = jumps.last_at.max(to.at);
            }
        }
    }
    /// One end is no place, so the jump tells nothing. The account's own end counts as one even where others jump from it
    /// (an office beside a proxy), unless the client at the odd end is the account's own too.
    pub fn explain(&self, jump: &Jump, usual: &Baselines) -> bool {
        let Jump { from, to, odd, known_client } = jump;
        if odd.to && (self.is_shown_by_jumps(to, usual) || self.is_shared(to, usual)) {
            return true;
        }
        // Where somebody begins, an office is shared too: then others must have jumped from there.
        if odd.from && (self.is_shown_by_jumps(from, usual) || (self.is_shared(from, usual) && self.others_jumped(from))) {
            return true;
        }
        *known_client && (self.is_shown_by_jumps(from, usual) || self.is_shown_by_jumps(to, usual))
    }
    fn is_shown_by_jumps(&self, stop: &Stop, usual: &Baselines) -> bool {
        nets(stop).any(|net| {
            let Some(jumps) = self.jumps.get(&net) else { return false };
            // Of an autonomous system a twentieth of its accounts: a provider with many customers is where people live.
            let enough = match (net, net.shared()) {
                (Net::Asn(_), Some((dimension, value))) => {
                    self.users.max((usual.share(None, dimension, value).users as usize / 20).min(KEPT))
                }
                _ => self.users,
            };
            jumps.accounts.len() >= enough && jumps.others.len() >= self.users
        })
    }
    fn others_jumped(&self, stop: &Stop) -> bool {
        nets(stop).any(|net| self.jumps.get(&net).is_some_and(|jumps| jumps.accounts.len() > 1))
    }
    fn is_shared(&self, stop: &Stop, usual: &Baselines) -> bool {
        nets(stop).any(|net| {
            let Some((dimension, value)) = net.shared() else { return false };
            let share = usual.share(None, dimension, value);
            if !matches!(net, Net::Asn(_)) {
                return share.users as usize >= self.users;
            }
            // Where many live, a provider is a carrier only if several come out of it elsewhere.
            let jumped = self.jumps.get(&net).is_some_and(|jumps| jumps.accounts.len() > 1);
            jumped && share.users as usize >= self.users.max((share.of * self.percent / 100) as usize)
        })
    }
    pub fn forget(&mut self, now: Timestamp) {
        self.jumps.retain(|_, jumps| now - jumps.last_at <= FORGET_AFTER);
    }
}
