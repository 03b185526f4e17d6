//! The search itself, off the screen's thread: it holds its own state of everything, so it waits for nobody.
//!
//! The next match is told as soon as it is known, then how many there are. A newer search makes an older one stop.

use super::scope::{Scope, Spot, Thing};
use super::wanted::Wanted;
use crate::base::time::Timestamp;
use crate::model::ids::{AnomalyId, EventId, VisitId};
use crate::query::Filter;
use crate::store::Snapshot;
use crate::store::projection::Projection;
use crate::ui::marks::Target;
use crate::ui::view::Options;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Lines counted; of more the count is told as about.
const COUNTED: usize = 2_000_000;
/// Lines between two looks whether a newer search has begun.
const STRIDE: usize = 256;

/// One search.
#[derive(Clone)]
pub struct Hunt {
    pub ticket: u64,
    pub snapshot: Arc<Snapshot>,
    pub projection: Option<Arc<Projection>>,
    /// The filter in force, and the switches: what they hide is not found.
    pub filter: Option<Filter>,
    pub options: Options,
    pub scope: Scope,
    pub wanted: Wanted,
    pub forward: bool,
    /// Ticket of the newest search.
    pub newest: Arc<AtomicU64>,
}

impl fmt::Debug for Hunt {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Hunt({}, {:?})", self.ticket, self.wanted.text())
    }
}

impl PartialEq for Hunt {
    fn eq(&self, other: &Self) -> bool {
        self.ticket == other.ticket
    }
}

/// What a search found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The next match, and whether the end was passed on the way.
    Found {
        ticket: u64,
        spot: Spot,
        wrapped: bool,
    },
    /// Nothing matches.
    Nothing {
        ticket: u64,
    },
    Counted {
        ticket: u64,
        count: Count,
    },
}

/// How many matches there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// This is match `place`, from 1, of `all`.
    Exact { place: usize, all: usize },
    /// Not all lines were looked at.
    About(usize),
}

impl Hunt {
    /// Searches and tells.
    pub fn run(&self, mut tell: impl FnMut(Answer)) {
        let ticket = self.ticket;
        match &self.scope {
            Scope::Time { at, on, .. } => {
                let Some((found, count)) = self.in_time(*at, on.as_ref()) else { return };
                match found {
                    None => tell(Answer::Nothing { ticket }),
                    Some((spot, wrapped)) => {
                        tell(Answer::Found { ticket, spot, wrapped });
                        tell(Answer::Counted { ticket, count });
                    }
                }
            }
            Scope::Events { at, .. } | Scope::Rows { at, .. } | Scope::List { at, .. } => match self.in_lines(*at) {
                Some(Some((line, wrapped))) => {
                    let Some(thing) = self.thing(line) else { return tell(Answer::Nothing { ticket }) };
                    tell(Answer::Found { ticket, spot: Spot { line, thing }, wrapped });
                    if let Some(count) = self.count(line) {
                        tell(Answer::Counted { ticket, count });
                    }
                }
                Some(None) => tell(Answer::Nothing { ticket }),
                None => {}
            },
        }
    }
    fn is_over(&self) -> bool {
        self.newest.load(Ordering::Relaxed) != self.ticket
    }
    /// Line 0 stands at the end.
    const fn is_reversed(&self) -> bool {
        matches!(self.scope, Scope::Events { reverse: true, .. })
    }
    fn len(&self) -> usize {
        match &self.scope {
            Scope::Events { .. } => match &self.projection {
                Some(projection) => projection.events.len(),
                None => self.snapshot.tables.events.len(),
            },
            Scope::Rows { rows, .. } => rows.len(),
            Scope::List { things, .. } => things.len(),
            Scope::Time { .. } => 0,
        }
    }
    fn thing(&self, line: usize) -> Option<Thing> {
        match &self.scope {
            Scope::Events { .. } => match &self.projection {
                Some(projection) => projection.events.get(line).copied().map(Target::Event).map(Thing::One),
                None => Some(Thing::One(Target::Event(EventId::new(line)))),
            },
            Scope::Rows { rows, place, .. } => rows.get(line).map(|row| Thing::of(place(*row))),
            Scope::List { things, .. } => things.get(line).cloned(),
            Scope::Time { .. } => None,
        }
    }
    fn holds(&self, line: usize) -> bool {
        match &self.scope {
            // Without a copy of the words.
            Scope::List { things, .. } => things.get(line).is_some_and(|thing| self.wanted.holds(thing, &self.snapshot)),
            _ => self.thing(line).is_some_and(|thing| self.wanted.holds(&thing, &self.snapshot)),
        }
    }
    /// The first line whose event is in memory.
    fn first(&self) -> usize {
        match &self.scope {
            Scope::Events { .. } => self.snapshot.first_place(self.projection.as_deref()),
            _ => 0,
        }
    }
    /// The next line that matches, and whether the end was passed; nothing at all when a newer search has begun.
    fn in_lines(&self, at: usize) -> Option<Option<(usize, bool)>> {
        let (first, len) = (self.first(), self.len() - self.first());
        if len == 0 {
            return Some(None);
        }
        let at = at.saturating_sub(first).min(len - 1);
        let up = self.forward == self.is_reversed();
        for step in 1..=len {
            if step % STRIDE == 0 && self.is_over() {
                return None;
            }
            let line = if up { (at + len - step) % len } else { (at + step) % len };
            if self.holds(first + line) {
                return Some(Some((first + line, if up { line >= at } else { line <= at })));
            }
        }
        Some(None)
    }
    fn count(&self, found: usize) -> Option<Count> {
        let first = self.first();
        let (len, mut all, mut place) = (self.len() - first, 0, 0);
        let looked_at = len.min(COUNTED);
        for line in 0..looked_at {
            if line % STRIDE == 0 && self.is_over() {
                return None;
            }
            if self.holds(first + line) {
                all += 1;
                place += usize::from(first + line <= found);
            }
        }
        let place = if self.is_reversed() { all + 1 - place } else { place };
        Some(if looked_at == len { Count::Exact { place, all } } else { Count::About(all.saturating_mul(len / looked_at.max(1)).max(1)) })
    }

    /// Sessions by their start and anomalies by their time: one pass finds the next one and counts.
    fn in_time(&self, at: Timestamp, on: Option<&Thing>) -> Option<(Option<(Spot, bool)>, Count)> {
        type Key = (Timestamp, usize, usize);
        type Best = Option<(Key, Thing)>;
        let key = |at: Timestamp, thing: &Thing| -> Key {
            match thing {
                Thing::One(Target::Visit(id)) => (at, 0, id.index()),
                Thing::One(Target::Anomaly(id)) => (at, 1, id.index()),
                _ => (at, 0, 0),
            }
        };
        // From a bare moment, what begins with it lies ahead.
        let here = on.map_or((at, 0, 0), |thing| key(at, thing));
        let (mut next, mut first): (Best, Best) = (None, None);
        let mut keys: Vec<Key> = Vec::new();
        let nearer = |kept: &Best, key: Key| kept.as_ref().is_none_or(|(kept, _)| (key < *kept) == self.forward);
        let mut looked_at = 0_usize;
        for (at, thing) in self.moments() {
            looked_at += 1;
            if looked_at.is_multiple_of(STRIDE) && self.is_over() {
                return None;
            }
            if !self.wanted.holds(&thing, &self.snapshot) {
                continue;
            }
            let key = key(at, &thing);
            keys.push(key);
            let ahead = if !self.forward {
                key < here
            } else if on.is_some() {
                key > here
            } else {
                key >= here
            };
            if ahead && nearer(&next, key) {
                next = Some((key, thing));
            } else if nearer(&first, key) {
                first = Some((key, thing));
            }
        }
        let wrapped = next.is_none();
        let Some((key, thing)) = next.or(first) else { return Some((None, Count::About(0))) };
        let place = keys.iter().filter(|other| **other <= key).count();
        Some((Some((Spot { line: 0, thing }, wrapped)), Count::Exact { place, all: keys.len() }))
    }
    /// What the timeline shows, in no order.
    fn moments(&self) -> impl Iterator<Item = (Timestamp, Thing)> {
        let (snapshot, tables) = (&*self.snapshot, &self.snapshot.tables);
        let lane = if let Scope::Time { lane, .. } = &self.scope { *lane } else { None };
        let passes = move |id: VisitId| self.filter.as_ref().is_none_or(|filter| filter.matches_visit(id, &snapshot.names, tables));
        let visits = tables.visits().filter(move |(id, visit)| {
            let class = tables.account(visit.account).map(|account| account.class).unwrap_or_default();
            lane.is_none_or(|lane| visit.lane == lane) && (!self.options.hides(class) || visit.anomalies > 0) && passes(*id)
        });
        let anomalies = (0..tables.anomalies.len()).map(AnomalyId::new).filter_map(move |id| {
            let (own, at) = snapshot.marks.place(id)?;
            let anomaly = tables.anomaly(id)?;
            let shown = self.filter.as_ref().is_none_or(|filter| filter.matches_anomaly(anomaly, &snapshot.names, tables));
            (shown && lane.is_none_or(|lane| own == Some(lane))).then_some((at, Thing::One(Target::Anomaly(id))))
        });
        visits.map(|(id, visit)| (visit.start, Thing::One(Target::Visit(id)))).chain(anomalies)
    }
}
