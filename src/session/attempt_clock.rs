//! How far the clocks of two hosts are apart, from pairs of records that surely tell of one logon (equal `LogonGuid`).
//!
//! A ticket may be used again long after it was issued, so single pairs mislead: the median of the newest counts, and only
//! once there are a few. At most `KEPT` pairs of hosts are remembered.

use crate::base::time::Span;
use crate::model::host::Clock;
use crate::model::ids::HostId;
use crate::model::world::World;
use rustc_hash::FxHashMap;

/// Pairs that the median is taken of.
const NEWEST: usize = 15;
/// Pairs before anything is concluded.
const ENOUGH: u32 = 3;
/// Pairs of hosts.
const KEPT: usize = 4_096;

#[derive(Debug, Default)]
struct Samples {
    newest: [i64; NEWEST],
    count: u32,
    median: i64,
}

#[derive(Debug, Default)]
pub(super) struct Clocks {
    pairs: FxHashMap<(HostId, HostId), Samples>,
}

impl Clocks {
    /// How far `host` runs ahead of `authority`; nothing as long as too little is known.
    pub fn ahead(&self, authority: HostId, host: HostId) -> Span {
        if authority == host || self.pairs.is_empty() {
            return Span::ZERO;
        }
        self.pairs
            .get(&(authority, host))
            .filter(|samples| samples.count >= ENOUGH)
            .map_or(Span::ZERO, |samples| Span::ticks(samples.median))
    }
    /// One logon was written `ahead` later by `host` than by `authority`.
    pub fn learn(&mut self, authority: HostId, host: HostId, ahead: Span, world: &mut World) {
        if authority == host || (self.pairs.len() >= KEPT && !self.pairs.contains_key(&(authority, host))) {
            return;
        }
        let samples = self.pairs.entry((authority, host)).or_default();
        if let Some(place) = samples.newest.get_mut(samples.count as usize % NEWEST) {
            *place = ahead.as_ticks();
        }
        samples.count = samples.count.saturating_add(1);
        let mut sorted = samples.newest;
        let known = sorted.get_mut(..NEWEST.min(samples.count as usize)).unwrap_or_default();
        known.sort_unstable();
        samples.median = known.get(known.len() / 2).copied().unwrap_or(0);
        let clock = Clock { against: authority, ahead: Span::ticks(samples.median), pairs: samples.count };
        let Some(row) = world.tables.hosts.get_mut(host.index()).filter(|_| samples.count >= ENOUGH) else { return };
        if row.clock.is_none_or(|known| known.against == authority || known.pairs < clock.pairs) {
            row.clock = Some(clock);
        }
    }
}
