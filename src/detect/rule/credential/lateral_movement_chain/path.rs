//! Ways to a host as they are remembered: who is there now, how they came, hop by hop.
//!
//! Bounds: `HOPS` hops of a path, `ARRIVALS` arrivals on a host (of more, an ordinary one leaves first, then the oldest),
//! `HOSTS` hosts. Arrivals are forgotten when nothing can come out of them any more.

use crate::base::time::Timestamp;
use crate::detect::step::UserKey;
use crate::detect::window::shed;
use crate::model::ids::{AccountId, EventId, HostId, SessionId, SourceId};
use rustc_hash::FxHashMap;

/// Hops of a path; a longer one goes on from its newest.
const HOPS: usize = 6;
const ARRIVALS: usize = 16;
const HOSTS: usize = 65_536;

/// How the account of a step belongs to what was before it, best known first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// The account of the arrival itself.
    Same,
    /// A 4648, a runas or a runas /netonly of the arrival's account names it.
    Shown(EventId),
    /// The source is another's, and this account was never met there.
    Foreign,
    /// Nothing but place and time: somebody odd had come, and this account was never met there.
    Inferred,
}

impl Link {
    pub const fn is_switch(self) -> bool {
        !matches!(self, Self::Same)
    }
}

/// One remote logon of a path.
#[derive(Clone, Copy, Debug)]
pub struct Hop {
    pub at: Timestamp,
    pub source: SourceId,
    pub to: HostId,
    pub account: AccountId,
    pub event: EventId,
    pub session: SessionId,
    pub rdp: bool,
    pub link: Link,
    /// How rare the step is, in bits; see `rarity`.
    pub bits: f64,
}

/// A way from where somebody sat to a host.
#[derive(Clone, Debug)]
pub struct Path {
    /// Who it began with.
    pub root: AccountId,
    pub hops: Vec<Hop>,
    /// A change of account at the host reached, before the next hop.
    pub shown: Option<EventId>,
}

impl Path {
    pub const fn at(root: AccountId) -> Self {
        Self { root, hops: Vec::new(), shown: None }
    }
    #[must_use]
    pub fn and(mut self, hop: Hop) -> Self {
        if self.hops.len() >= HOPS {
            self.hops.remove(1);
        }
        // Nearly all paths stay as short as they are.
        self.hops.reserve_exact(1);
        self.hops.push(hop);
        self
    }
    /// The sum over all hops.
    pub fn bits(&self) -> f64 {
        self.hops.iter().map(|hop| hop.bits).sum()
    }
    pub fn weakest(&self) -> Link {
        self.hops.iter().map(|hop| hop.link).max().unwrap_or(Link::Same)
    }
    pub fn is_odd(&self, least: f64) -> bool {
        self.hops.last().is_some_and(|hop| hop.bits >= least)
    }
    /// Hops without what only links them.
    pub fn is_switched(&self) -> bool {
        self.shown.is_some() || self.hops.iter().any(|hop| hop.link.is_switch())
    }
}

/// Somebody on a host.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub account: AccountId,
    pub user: UserKey,
    /// `NONE` for who sits at it.
    pub source: SourceId,
    /// Of the newest logon.
    pub last: Timestamp,
    /// Its path ends with an odd step.
    pub is_odd: bool,
    pub path: Path,
}

/// Who is where.
#[derive(Debug, Default)]
pub struct Arrivals {
    of: FxHashMap<HostId, Vec<Arrival>>,
}

impl Arrivals {
    pub fn on(&self, host: HostId) -> &[Arrival] {
        self.of.get(&host).map_or(&[], Vec::as_slice)
    }
    /// The account came the same way before: only the time is new.
    pub fn again(&mut self, host: HostId, account: AccountId, source: SourceId, at: Timestamp) -> bool {
        let list = self.of.get_mut(&host);
        let known = list.and_then(|list| list.iter_mut().find(|arrival| arrival.account == account && arrival.source == source));
        known.map(|arrival| arrival.last = arrival.last.max(at)).is_some()
    }
    pub fn add(&mut self, host: HostId, arrival: Arrival) {
        let list = self.of.entry(host).or_default();
        if list.len() >= ARRIVALS {
            let mut leaves = 0;
            let mut least = (true, Timestamp::MAX);
            for (place, arrival) in list.iter().enumerate() {
                if (!arrival.is_odd && least.0) || (arrival.is_odd == least.0 && arrival.last < least.1) {
                    (leaves, least) = (place, (arrival.is_odd, arrival.last));
                }
            }
            list.swap_remove(leaves);
        }
        list.push(arrival);
    }
    pub fn merge(&mut self, goes: AccountId, stays: AccountId) {
        let arrivals = self.of.values_mut().flatten();
        for arrival in arrivals {
            for account in
                [&mut arrival.account, &mut arrival.path.root].into_iter().chain(arrival.path.hops.iter_mut().map(|hop| &mut hop.account))
            {
                if *account == goes {
                    *account = stays;
                }
            }
        }
    }
    pub fn forget(&mut self, limit: Timestamp) {
        self.of.retain(|_, list| {
            list.retain(|arrival| arrival.last >= limit);
            !list.is_empty()
        });
        shed(&mut self.of, HOSTS, |list| list.iter().map(|arrival| arrival.last).max());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;

    fn hop(number: usize, bits: f64) -> Hop {
        Hop {
            at: Timestamp::default() + Span::minutes(i64::try_from(number).unwrap()),
            source: SourceId::new(number),
            to: HostId::new(number),
            account: AccountId::new(1),
            event: EventId::new(number),
            session: SessionId::NONE,
            rdp: true,
            link: Link::Same,
            bits,
        }
    }

    #[test]
    fn a_long_path_keeps_its_root_and_its_newest_hops() {
        let path = (0..20).fold(Path::at(AccountId::new(9)), |path, number| path.and(hop(number, 1.0)));
        let hosts: Vec<usize> = path.hops.iter().map(|hop| hop.to.index()).collect();
        assert_eq!((path.hops.len(), hosts.first(), hosts.last()), (HOPS, Some(&0), Some(&19)));
    }

    #[test]
    fn a_busy_host_keeps_what_is_odd() {
        let mut arrivals = Arrivals::default();
        for number in 0..100 {
            let path = Path::at(AccountId::new(number)).and(hop(number, if number == 3 { 9.0 } else { 0.0 }));
            let last = path.hops[0].at;
            let (account, source, is_odd) = (AccountId::new(number), SourceId::new(number), path.is_odd(4.0));
            arrivals.add(HostId::new(0), Arrival { account, user: UserKey(0), source, last, is_odd, path });
        }
        let there = arrivals.on(HostId::new(0));
        assert!(there.len() == ARRIVALS && there.iter().any(|arrival| arrival.account == AccountId::new(3)));
    }
}
