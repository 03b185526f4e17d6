//! Lanes by host, account or source: how much each of them did in a window, and which did the most.
//!
//! The store files densities and sessions by way of logging on, not by entity: an entity of every event would cost the
//! reading more than all other sums. So this index is made where lanes by entity are looked at, on a worker's thread, and
//! grows with the events from then on. It counts entities by minute, hour and day; windows in which a column is narrower
//! than a minute are read from the rows of their minutes. Memory: an entry for each entity of each minute at most, and
//! the stretches of rows. An answer costs the buckets of its window, never the events of the log.

use super::Snapshot;
use super::density::Cell;
use crate::base::time::{Span, Timestamp};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Anomaly, Severity};
use crate::model::event::Outcome;
use crate::model::ids::{AccountId, AnomalyId, EventId, VisitId};
use crate::model::lane::Lane;
use crate::model::visit::Visit;
use crate::model::world::{Row, Tables};
use crate::query::Filter;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What lanes stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    Host,
    Account,
    Source,
}

impl By {
    pub const ALL: [Self; 3] = [Self::Host, Self::Account, Self::Source];

    /// Also the field of the filter language.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Account => "account",
            Self::Source => "source",
        }
    }
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Host => "hosts",
            Self::Account => "accounts",
            Self::Source => "sources",
        }
    }
    /// Row of the entity in its table.
    fn of_row(self, tables: &Tables, row: &Row) -> Option<u32> {
        number(match self {
            Self::Host => row.host.index(),
            Self::Account => tables.account_id(row.account).index(),
            Self::Source => row.source.index(),
        })
    }
    /// Row of the entity of a session in its table.
    #[must_use]
    pub fn of_visit(self, tables: &Tables, visit: &Visit) -> Option<u32> {
        number(match self {
            Self::Host => visit.host.index(),
            Self::Account => tables.account_id(visit.account).index(),
            Self::Source => visit.source.index(),
        })
    }
    /// The entities an anomaly names.
    #[must_use]
    pub fn of_anomaly(self, tables: &Tables, anomaly: &Anomaly) -> Vec<u32> {
        let mut all: Vec<u32> = match self {
            Self::Host => anomaly.hosts.iter().filter_map(|id| number(id.index())).collect(),
            Self::Account => anomaly.accounts.iter().filter_map(|id| number(tables.account_id(*id).index())).collect(),
            Self::Source => anomaly.sources.iter().filter_map(|id| number(id.index())).collect(),
        };
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn number(index: usize) -> Option<u32> {
    u32::try_from(index).ok().filter(|number| *number != u32::MAX)
}

/// Sessions of which accounts are left out, unless an anomaly names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    pub computers: bool,
    pub built_in: bool,
}

impl Hidden {
    #[must_use]
    pub fn hides(self, tables: &Tables, visit: &Visit) -> bool {
        let class = tables.account(visit.account).map_or(AccountClass::Unknown, |account| account.class);
        let hidden = match class {
            AccountClass::Computer => self.computers,
            AccountClass::BuiltIn | AccountClass::Virtual => self.built_in,
            _ => false,
        };
        hidden && visit.anomalies == 0
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    pub by: By,
    pub from: Timestamp,
    pub to: Timestamp,
    pub columns: u16,
    /// Lanes of their own; the rest is one.
    pub most: usize,
    pub hidden: Hidden,
}

/// One lane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// Row of the entity in its table; `None` for all others together, and for events that name none.
    pub who: Option<u32>,
    /// Entities in it.
    pub entities: usize,
    pub cells: Vec<Cell>,
    /// By start; not more than a few for each slice of the window.
    pub visits: Vec<VisitId>,
    /// There are sessions that are not among them.
    pub more: bool,
    pub marks: Vec<(Timestamp, AnomalyId)>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Grouped {
    pub question: Question,
    /// Of the snapshot it was read from.
    pub version: u64,
    /// Key of the filter it was read through.
    pub filter: Option<String>,
    /// What matters most first; all others together are the last.
    pub groups: Vec<Group>,
}

const SIZES: [Span; 3] = [Span::minutes(1), Span::hours(1), Span::days(1)];
/// Anomalies looked at, slices of the window, sessions of one lane in one slice, sessions looked at in one slice.
const MARKS: usize = 4_096;
const SLICES: i64 = 12;
const OF_SLICE: usize = 32;
const LOOKED: usize = 4_096;

type Tallies = FxHashMap<u32, Cell>;

/// The sums of one kind of entity, behind one filter.
#[derive(Debug)]
pub struct Index {
    by: By,
    epoch: u64,
    filter: Option<Filter>,
    looked_at: usize,
    levels: [BTreeMap<Timestamp, Tallies>; SIZES.len()],
    /// Stretches of rows of each minute: first, and the one behind the last.
    runs: BTreeMap<Timestamp, Vec<(usize, usize)>>,
}

/// Events that name no entity of the kind.
const NOBODY: u32 = u32::MAX;

impl Index {
    #[must_use]
    pub fn new(by: By, epoch: u64, filter: Option<Filter>) -> Self {
        Self { by, epoch, filter, looked_at: 0, levels: Default::default(), runs: BTreeMap::new() }
    }
    /// It can be extended to answer a question of this kind.
    #[must_use]
    pub fn fits(&self, by: By, epoch: u64, filter: Option<&Filter>) -> bool {
        self.by == by && self.epoch == epoch && self.filter.as_ref() == filter
    }
    /// An account that was counted may have turned out to be another one since.
    fn now(&self, tables: &Tables, who: u32) -> u32 {
        match (self.by, usize::try_from(who)) {
            (By::Account, Ok(index)) if who != NOBODY => number(tables.account_id(AccountId::new(index)).index()).unwrap_or(NOBODY),
            _ => who,
        }
    }
    fn counts(&self, id: usize, snapshot: &Snapshot) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches_event(EventId::new(id), &snapshot.names, &snapshot.tables))
    }
    /// Takes in at most `most` of the rows that came since the last call. Says whether that was all of them.
    pub fn extend(&mut self, snapshot: &Snapshot, most: usize) -> bool {
        let tables = &snapshot.tables;
        self.looked_at = self.looked_at.max(tables.events.first_kept());
        for row in tables.events.iter_from(self.looked_at).take(most) {
            let id = self.looked_at;
            self.looked_at += 1;
            if row.event.lane().is_none() || !self.counts(id, snapshot) {
                continue;
            }
            let (who, one) = (self.by.of_row(tables, &row).unwrap_or(NOBODY), one(&row));
            for (level, size) in self.levels.iter_mut().zip(SIZES) {
                add(level.entry(row.event.at.bucket(size)).or_default().entry(who).or_default(), one);
            }
            let [minute, ..] = SIZES;
            let runs = self.runs.entry(row.event.at.bucket(minute)).or_default();
            match runs.last_mut() {
                Some((_, end)) if *end == id => *end = id + 1,
                _ => runs.push((id, id + 1)),
            }
        }
        self.looked_at >= tables.events.len()
    }
    /// Reads a window. Everything that was taken in counts.
    #[must_use]
    pub fn answer(&self, snapshot: &Snapshot, question: Question) -> Grouped {
        let tables = &snapshot.tables;
        let mut totals = Tallies::default();
        self.walk(snapshot, question, &mut |_, who, cell| add(totals.entry(who).or_default(), cell));
        let mut marks: Vec<(Timestamp, AnomalyId, Vec<u32>)> = Vec::new();
        let mut worst: FxHashMap<u32, Severity> = FxHashMap::default();
        for (at, id) in snapshot.marks.between(question.from, question.to).take(MARKS) {
            let Some(anomaly) = tables.anomaly(id) else { continue };
            if self.filter.as_ref().is_some_and(|filter| !filter.matches_anomaly(anomaly, &snapshot.names, tables)) {
                continue;
            }
            let who = self.by.of_anomaly(tables, anomaly);
            for who in &who {
                let worst = worst.entry(*who).or_insert(anomaly.severity);
                *worst = (*worst).max(anomaly.severity);
                totals.entry(*who).or_default();
            }
            marks.push((at, id, who));
        }
        let mut ranked: Vec<u32> = totals.keys().copied().filter(|who| *who != NOBODY).collect();
        ranked.sort_unstable_by_key(|who| {
            let cell = totals.get(who).copied().unwrap_or_default();
            (Reverse(worst.get(who).copied()), Reverse(cell.events()), *who)
        });
        let others = ranked.len().saturating_sub(question.most);
        ranked.truncate(question.most);
        let place: FxHashMap<u32, usize> = ranked.iter().enumerate().map(|(place, who)| (*who, place)).collect();
        let empty =
            |who, entities| Group { who, entities, cells: vec![Cell::default(); usize::from(question.columns)], ..Group::default() };
        let mut groups: Vec<Group> = ranked.iter().map(|who| empty(Some(*who), 1)).chain([empty(None, others)]).collect();
        let rest = groups.len() - 1;
        self.walk(snapshot, question, &mut |column, who, cell| {
            let group = groups.get_mut(place.get(&who).copied().unwrap_or(rest));
            if let Some(into) = group.and_then(|group| group.cells.get_mut(column)) {
                add(into, cell);
            }
        });
        for (at, id, who) in marks {
            let mut places: BTreeSet<usize> = who.iter().filter_map(|who| place.get(who).copied()).collect();
            if places.is_empty() {
                places.insert(rest);
            }
            for place in places {
                if let Some(group) = groups.get_mut(place) {
                    group.marks.push((at, id));
                }
            }
        }
        self.sessions(snapshot, question, &place, &mut groups);
        Grouped { question, version: snapshot.version, filter: self.filter.as_ref().map(Filter::key), groups }
    }
    /// Hands over what lies in the window: column, entity, sum.
    fn walk(&self, snapshot: &Snapshot, question: Question, hand: &mut dyn FnMut(usize, u32, Cell)) {
        let width = (question.to - question.from).as_ticks();
        if width <= 0 || question.columns == 0 {
            return;
        }
        let column = width / i64::from(question.columns);
        let level = SIZES.iter().rposition(|size| size.as_ticks() <= column);
        let size = level.and_then(|level| SIZES.get(level)).copied().unwrap_or(Span::minutes(1));
        self.level(snapshot, level, (question.from.bucket(size), question.to), &question, hand);
    }
    fn level(
        &self,
        snapshot: &Snapshot,
        level: Option<usize>,
        (begin, end): (Timestamp, Timestamp),
        question: &Question,
        hand: &mut dyn FnMut(usize, u32, Cell),
    ) {
        let width = i128::from((question.to - question.from).as_ticks().max(1));
        let column = |at: Timestamp| (i128::from((at - question.from).as_ticks()) * i128::from(question.columns)).div_euclid(width);
        let inside = |column: i128| usize::try_from(column).ok().filter(|column| *column < usize::from(question.columns));
        let Some(number) = level else {
            for (first, behind) in self.runs.range(begin..end).flat_map(|(_, runs)| runs) {
                // What was let go of since it was counted cannot be placed to the second any more.
                let first = (*first).max(snapshot.tables.events.first_kept());
                for (id, row) in (first..*behind).zip(snapshot.tables.events.iter_from(first)) {
                    if let Some(column) = inside(column(row.event.at)).filter(|_| row.event.lane().is_some() && self.counts(id, snapshot)) {
                        hand(column, self.by.of_row(&snapshot.tables, &row).unwrap_or(NOBODY), one(&row));
                    }
                }
            }
            return;
        };
        let (Some(buckets), Some(size)) = (self.levels.get(number), SIZES.get(number)) else { return };
        for (start, tallies) in buckets.range(begin..end) {
            let place = column(*start);
            if place != column(*start + *size - Span::ticks(1)) {
                self.level(snapshot, number.checked_sub(1), (*start, *start + *size), question, hand);
            } else if let Some(place) = inside(place) {
                tallies.iter().for_each(|(who, cell)| hand(place, self.now(&snapshot.tables, *who), *cell));
            }
        }
    }
    /// Files the sessions of the window under their lanes.
    fn sessions(&self, snapshot: &Snapshot, question: Question, place: &FxHashMap<u32, usize>, groups: &mut [Group]) {
        let (tables, index) = (&snapshot.tables, &snapshot.visits);
        let rest = groups.len().saturating_sub(1);
        let wanted = |id: VisitId| {
            let visit = tables.visit(id)?;
            let behind = self.filter.as_ref().is_none_or(|filter| filter.matches_visit(id, &snapshot.names, tables));
            let reaches = visit.end_or(snapshot.now) >= question.from;
            let group = self.by.of_visit(tables, &visit).and_then(|who| place.get(&who).copied()).unwrap_or(rest);
            (behind && reaches && !question.hidden.hides(tables, &visit)).then_some((group, visit.start))
        };
        let mut found: Vec<BTreeSet<(Timestamp, VisitId)>> = vec![BTreeSet::new(); groups.len()];
        let width = Span::ticks(((question.to - question.from).as_ticks() / SLICES).max(1));
        let mut unseen = false;
        for slice in -1..SLICES {
            let mut room = vec![OF_SLICE; groups.len()];
            let mut take = |id: VisitId| {
                let Some((group, start)) = wanted(id) else { return false };
                match room.get_mut(group) {
                    Some(0) => {
                        if let Some(group) = groups.get_mut(group) {
                            group.more = true;
                        }
                    }
                    Some(room) => {
                        *room -= 1;
                        if let Some(found) = found.get_mut(group) {
                            found.insert((start, id));
                        }
                    }
                    None => {}
                }
                false
            };
            for lane in Lane::ALL {
                if slice < 0 {
                    unseen |= index.reaching(lane, question.from, LOOKED, &mut take).more;
                } else {
                    let from = question.from + width * slice;
                    let to = if slice + 1 == SLICES { question.to } else { from + width };
                    unseen |= index.starting(lane, (from, to), LOOKED, LOOKED, &mut take).more;
                }
            }
        }
        groups.iter_mut().for_each(|group| group.more |= unseen);
        for (group, found) in groups.iter_mut().zip(found) {
            group.visits = found.into_iter().map(|(_, id)| id).collect();
        }
    }
}

fn one(row: &Row) -> Cell {
    let failure = row.event.outcome == Outcome::Failure;
    Cell { others: u32::from(!failure), failures: u32::from(failure), worst: None }
}

const fn add(into: &mut Cell, cell: Cell) {
    into.others = into.others.saturating_add(cell.others);
    into.failures = into.failures.saturating_add(cell.failures);
}
