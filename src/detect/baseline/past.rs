//! What earlier runs learned, and what this one learns for later ones.
//!
//! The past is told by names and up to a day: that before the first event. It is taken in before that event is judged, so
//! the same events after the same past give the same anomalies. Accounts, hosts and sources of the past get the ids of
//! this run when they are met; until then a value stands under its name (`Value::Unmet`), so that counts and shares are
//! whole. What is learned is told by ids, for each value and day with its count of that day so far.

use super::Baselines;
use super::profile::{Dimension, Profile, Value};
use super::seen::{Activity, Seen, SeenSet, day};
use crate::base::by_id::ById;
use crate::base::intern::{Interner, Symbol};
use crate::base::time::Timestamp;
use crate::detect::site::Site;
use crate::model::account::AccountClass;
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::model::logon_type::LogonType;
use crate::model::world::World;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Whose name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    Account,
    Host,
    Source,
}

/// A value by what it says, which means the same in every run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named {
    Account(String),
    Host(String),
    Source(String),
    Text(String),
    Texts(String, String),
    Number(u32),
    LogonType(LogonType),
    Subnet(u64),
    Cell(i16, i16),
}

/// Days before the first event that are known one by one.
pub const DAYS_KNOWN: usize = 192;

/// Days by their distance to the first event's day: the lowest bit is the day before it.
pub type Days = [u64; DAYS_KNOWN / 64];

/// One value of one account, host or source; holder and value are places in `Past::names`.
#[derive(Clone, Debug)]
pub struct Fact {
    pub holder: u32,
    pub dimension: Dimension,
    pub value: u32,
    pub first_at: Timestamp,
    pub days: Days,
    pub count: u32,
}

/// Hours of one day in UTC, a bit each, at which a person logged on, and at which something ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    pub day: i64,
    pub people: u32,
    pub runs: u32,
}

/// What was known before the first event.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The day of the first event.
    pub day: i64,
    pub names: Vec<Named>,
    pub facts: Vec<Fact>,
    /// By account, oldest day first.
    pub hours: Vec<(u32, Hours)>,
    /// Accounts with their SID (empty where none is known) and class.
    pub accounts: Vec<(u32, String, AccountClass)>,
}

/// Something learned: what was seen of a value on one day so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearnedFact {
    /// An account, host or source.
    pub holder: Value,
    pub dimension: Dimension,
    pub value: Value,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub count: u32,
}

/// What was learned since the last time it was asked for.
#[derive(Clone, Debug, Default)]
pub struct Learned {
    pub facts: Vec<LearnedFact>,
    pub hours: Vec<(AccountId, Hours)>,
    /// The names under which rows of the three tables are kept, in the order of the rows: those they were met with first.
    pub keys: [Vec<Symbol>; 3],
}

/// A profile whose owner was not met yet.
#[derive(Debug, Default)]
struct Unmet {
    profile: Profile,
    hours: Vec<Hours>,
}

type Name = (Sort, Symbol);

/// See the module. As large as the past and what is learned between two hand-overs.
#[derive(Debug, Default)]
pub struct Memory {
    unmet: FxHashMap<Name, Unmet>,
    /// Names of accounts by SID.
    sids: FxHashMap<Symbol, Vec<Symbol>>,
    /// Names of hosts by their first label.
    labels: FxHashMap<Symbol, Vec<Symbol>>,
    /// Rows of names that were met.
    met: FxHashMap<Name, usize>,
    /// When hosts were first heard of, from values too.
    hosts_since: FxHashMap<Symbol, Timestamp>,
    /// Whose profile holds a name.
    holders: FxHashMap<Name, Vec<Name>>,
    /// How many rows of each table were met.
    rows: [usize; 3],
    keys: [Vec<Symbol>; 3],
    changed: Vec<Value>,
    hours: ById<(Hours, bool)>,
    told: Learned,
}

impl Memory {
    fn tell(&mut self, holder: Value, profile: &mut Profile) {
        for (dimension, set) in profile.sets_mut() {
            for (value, seen) in set.untold() {
                self.told.facts.push(fact(holder, dimension, value, seen));
            }
        }
        profile.is_untold = false;
        if let Value::Account(id) = holder
            && let Some((hours, is_untold)) = self.hours.get_mut(id.index())
            && std::mem::take(is_untold)
        {
            self.told.hours.push((id, *hours));
        }
    }
    /// Before a value is learned: what that replaces is told.
    pub(super) fn passes(&mut self, holder: Value, profile: &mut Profile, dimension: Dimension, value: Value, at: Timestamp) {
        if !profile.is_untold {
            profile.is_untold = true;
            self.changed.push(holder);
        }
        let set = profile.seen(dimension);
        let replaced = match set.get(value) {
            Some(seen) => Some((value, *seen)).filter(|(_, seen)| day(at) > day(seen.last_at)),
            None => set.next_to_leave(dimension.most()),
        };
        if let Some((value, seen)) = replaced.filter(|(_, seen)| seen.is_untold) {
            self.told.facts.push(fact(holder, dimension, value, seen));
        }
    }
    /// An hour is learned.
    pub(super) fn hour(&mut self, account: AccountId, at: Timestamp, is_person: bool) {
        let today = day(at);
        let none = Hours { day: today, people: 0, runs: 0 };
        let Some((hours, is_untold)) = self.hours.entry(account.index(), || (none, false)) else { return };
        if hours.day != today {
            if *is_untold {
                self.told.hours.push((account, *hours));
            }
            *hours = none;
        }
        let bit = 1 << (at.as_unix_seconds().rem_euclid(86_400) / 3_600);
        let mask = if is_person { &mut hours.people } else { &mut hours.runs };
        *is_untold |= *mask & bit == 0;
        *mask |= bit;
    }
    fn name_of(&self, world: &World, sort: Sort, row: usize) -> Option<(String, Symbol)> {
        let names = world.names.texts();
        let none = Symbol::NONE;
        match sort {
            Sort::Account => world.tables.accounts.get(row).map(|account| (account.key(names), account.sid)),
            Sort::Host => world.tables.hosts.get(row).map(|host| (names.raw(host.name).to_owned(), none)),
            Sort::Source => {
                world.tables.sources.get(row).map(|source| {
                    (source.address.map_or_else(|| names.raw(source.text).to_lowercase(), |address| address.to_string()), none)
                })
            }
        }
    }
    /// Names of the past that a row with this name has.
    fn known_as(&self, sort: Sort, name: Symbol, sid: Symbol, names: &mut Interner) -> Vec<Symbol> {
        let mut known: Vec<Symbol> = Vec::new();
        if self.unmet.contains_key(&(sort, name)) || self.holders.contains_key(&(sort, name)) {
            known.push(name);
        }
        if sort == Sort::Account && sid.is_some() {
            known.extend(self.sids.get(&names.fold(sid)).into_iter().flatten().copied().filter(|other| *other != name));
        }
        if sort == Sort::Host && known.is_empty() {
            let is_whole = |name: Symbol, names: &Interner| names.raw(name).contains('.');
            let label = label(name, names);
            // As of one run: a short name is the only whole one that begins so.
            if let Some([one]) = self.labels.get(&label).map(Vec::as_slice)
                && (!is_whole(name, names) || !is_whole(*one, names))
            {
                known.push(*one);
            }
        }
        known
    }
}

fn fact(holder: Value, dimension: Dimension, value: Value, seen: Seen) -> LearnedFact {
    LearnedFact { holder, dimension, value, first_at: seen.first_at, last_at: seen.last_at, count: seen.today }
}

fn label(name: Symbol, names: &mut Interner) -> Symbol {
    let text = names.raw(name);
    let short = match text.split_once('.') {
        Some((short, _)) if text.parse::<std::net::IpAddr>().is_err() => short.to_owned(),
        _ => text.to_owned(),
    };
    names.intern(&short)
}

fn id_of(sort: Sort, row: usize) -> Value {
    match sort {
        Sort::Account => Value::Account(AccountId::new(row)),
        Sort::Host => Value::Host(HostId::new(row)),
        Sort::Source => Value::Source(SourceId::new(row)),
    }
}

/// Days between the newest of some and the day before the first event.
fn back(days: &Days) -> i64 {
    let newest = days.iter().zip(0_i64..).find(|(word, _)| **word != 0);
    newest.map_or(0, |(word, place)| place * 64 + i64::from(word.trailing_zeros()))
}

/// Days as numbers, counted back from the first event's day.
fn activity(first_at: Timestamp, days: &Days, count: u32, today: i64) -> Activity {
    let number = days.iter().map(|word| word.count_ones()).sum();
    let last_at = Timestamp::from_unix_seconds((today - 1 - back(days)) * 86_400).unwrap_or(first_at).max(first_at);
    Activity::recalled(first_at, last_at, number, count)
}

fn either(one: &mut Days, other: &Days) {
    one.iter_mut().zip(other).for_each(|(word, more)| *word |= more);
}

impl Past {
    fn value(&self, place: u32, names: &mut Interner) -> Option<Value> {
        Some(match self.names.get(place as usize)? {
            Named::Account(name) => Value::Unmet(Sort::Account, names.intern(name)),
            Named::Host(name) => Value::Unmet(Sort::Host, names.intern(name)),
            Named::Source(name) => Value::Unmet(Sort::Source, names.intern(name)),
            Named::Text(text) => Value::Text(names.intern(text)),
            Named::Texts(one, other) => Value::Texts(names.intern(one), names.intern(other)),
            Named::Number(number) => Value::Number(*number),
            Named::LogonType(logon_type) => Value::LogonType(*logon_type),
            Named::Subnet(subnet) => Value::Subnet(*subnet),
            Named::Cell(north, east) => Value::Cell(*north, *east),
        })
    }
}

impl Baselines {
    /// From now on what is learned is remembered, to be told by `learned`; before the first event.
    pub(in crate::detect) fn recall(&mut self, past: &Past, names: &mut Interner, site: &Site) {
        // How old the oldest of it is, is not known.
        self.since = Some(Timestamp::MIN);
        let mut memory = Memory::default();
        let values: Vec<Option<Value>> = (0..).zip(&past.names).map(|(place, _)| past.value(place, names)).collect();
        let value = |place: u32| values.get(place as usize).copied().flatten();
        let mut sets: BTreeMap<(u32, Dimension), Vec<&Fact>> = BTreeMap::new();
        for fact in &past.facts {
            if fact.dimension == Dimension::App {
                self.sign_in_at(fact.first_at);
            }
            sets.entry((fact.holder, fact.dimension)).or_default().push(fact);
        }
        let mut all: FxHashMap<u32, (Timestamp, Days, u32)> = FxHashMap::default();
        for ((holder, dimension), mut facts) in sets {
            let Some(Value::Unmet(sort, name)) = value(holder) else { continue };
            // Newest first: the others would have been forgotten.
            facts.sort_by_key(|fact| (back(&fact.days), fact.value));
            let mut set = SeenSet::default();
            let mut whole: Option<(Timestamp, Days, u32)> = None;
            for fact in facts.into_iter().take(dimension.most()) {
                let Some(value) = value(fact.value) else { continue };
                let own = activity(fact.first_at, &fact.days, fact.count, past.day);
                set.put(value, Seen::recalled(&own));
                let whole = whole.get_or_insert((fact.first_at, Days::default(), 0));
                (whole.0, whole.2) = (whole.0.min(fact.first_at), whole.2.saturating_add(fact.count));
                either(&mut whole.1, &fact.days);
                if let Value::Unmet(sort, held) = value {
                    if sort == Sort::Host {
                        let since = memory.hosts_since.entry(held).or_insert(fact.first_at);
                        *since = (*since).min(fact.first_at);
                    }
                    memory.holders.entry((sort, held)).or_default().push((sort_of(holder, &past.names), name));
                }
            }
            let Some((first, days, count)) = whole else { continue };
            set.activity = activity(first, &days, count, past.day);
            memory.unmet.entry((sort, name)).or_default().profile.put(dimension, set);
            let all = all.entry(holder).or_insert((first, Days::default(), 0));
            (all.0, all.2) = (all.0.min(first), all.2.max(count));
            either(&mut all.1, &days);
        }
        for (holder, (first, days, count)) in all {
            let Some(Value::Unmet(sort, name)) = value(holder) else { continue };
            if let Some(unmet) = memory.unmet.get_mut(&(sort, name)) {
                unmet.profile.activity = activity(first, &days, count, past.day);
            }
        }
        let mut everybody: BTreeMap<i64, u32> = BTreeMap::new();
        for (account, hours) in &past.hours {
            let Some(Value::Unmet(sort, name)) = value(*account) else { continue };
            *everybody.entry(hours.day).or_default() |= hours.people;
            memory.unmet.entry((sort, name)).or_default().hours.push(*hours);
        }
        for (day, people) in everybody {
            for at in moments(day, people) {
                self.everybody.add(site.hour_of_week(AccountId::NONE, at), at);
            }
        }
        for (account, sid, class) in &past.accounts {
            let Some(Value::Unmet(_, name)) = value(*account) else { continue };
            if !sid.is_empty() {
                memory.sids.entry(names.intern(&sid.to_lowercase())).or_default().push(name);
            }
            if let Some(unmet) = memory.unmet.get_mut(&(Sort::Account, name)) {
                unmet.profile.group = Some(*class);
                self.counts.add(&unmet.profile);
            }
        }
        let mut hosts: Vec<Symbol> =
            memory.unmet.keys().chain(memory.holders.keys()).filter(|(sort, _)| *sort == Sort::Host).map(|(_, name)| *name).collect();
        hosts.sort_unstable_by_key(|name| name.index());
        hosts.dedup();
        for host in hosts {
            let label = label(host, names);
            memory.labels.entry(label).or_default().push(host);
        }
        self.memory = Some(Box::new(memory));
    }
    /// Gives what the past knows of rows that were met for the first time.
    #[inline]
    pub(in crate::detect) fn meet_past(&mut self, world: &mut World, site: &Site) {
        let Some(memory) = &self.memory else { return };
        let tables = &world.tables;
        if memory.rows != [tables.accounts.len(), tables.hosts.len(), tables.sources.len()] {
            self.meet_rows(world, site);
        }
    }
    #[cold]
    fn meet_rows(&mut self, world: &mut World, site: &Site) {
        let Some(mut memory) = self.memory.take() else { return };
        let tables = &world.tables;
        let wanted = [tables.accounts.len(), tables.hosts.len(), tables.sources.len()];
        for (place, sort) in [Sort::Account, Sort::Host, Sort::Source].into_iter().enumerate() {
            let (from, to) = (memory.rows.get(place).copied().unwrap_or(0), wanted.get(place).copied().unwrap_or(0));
            for row in from..to {
                let Some((text, sid)) = memory.name_of(world, sort, row) else { continue };
                let name = world.names.intern(&text);
                if let Some(keys) = memory.keys.get_mut(place) {
                    keys.push(name);
                }
                for known in memory.known_as(sort, name, sid, &mut world.names) {
                    self.attach(&mut memory, (sort, known), row, site);
                }
            }
        }
        memory.rows = wanted;
        self.memory = Some(memory);
    }
    fn attach(&mut self, memory: &mut Memory, name: Name, row: usize, site: &Site) {
        if memory.met.contains_key(&name) {
            return;
        }
        memory.met.insert(name, row);
        let value = id_of(name.0, row);
        if let Some(since) = memory.hosts_since.get(&name.1).filter(|_| name.0 == Sort::Host) {
            let unmet = memory.unmet.entry(name).or_default();
            unmet.profile.activity.first_at = unmet.profile.activity.first_at.into_iter().chain([*since]).min();
        }
        if let Some(Unmet { mut profile, hours }) = memory.unmet.remove(&name) {
            if let Value::Account(id) = value {
                for hours in hours {
                    for (mask, target) in [(hours.people, &mut profile.hours), (hours.runs, &mut profile.runs)] {
                        for at in moments(hours.day, mask) {
                            target.get_or_insert_default().add(site.hour_of_week(id, at), at);
                        }
                    }
                }
            }
            match (name.0, self.profiles(name.0).get_mut(row)) {
                (_, None) => {
                    self.profiles(name.0).entry(row, || profile);
                }
                (Sort::Account, Some(_)) => {
                    self.counts.take(&profile);
                    if let Some(own) = self.accounts.get_mut(row) {
                        self.counts.take(own);
                        own.absorb(profile);
                        self.counts.add(own);
                    }
                }
                (_, Some(own)) => own.absorb(profile),
            }
        }
        for holder in memory.holders.remove(&name).unwrap_or_default() {
            let profile = match memory.met.get(&holder).copied() {
                Some(row) => self.profiles(holder.0).get_mut(row),
                None => memory.unmet.get_mut(&holder).map(|unmet| &mut unmet.profile),
            };
            let Some(profile) = profile else { continue };
            let renamed = profile.rename(Value::Unmet(name.0, name.1), value);
            let groups: Vec<_> = super::groups(profile).filter(|_| holder.0 == Sort::Account).collect();
            for dimension in renamed.into_iter().filter(|dimension| dimension.is_shared()) {
                for group in &groups {
                    self.counts.count(*group, dimension, Value::Unmet(name.0, name.1), -1);
                    self.counts.count(*group, dimension, value, 1);
                }
            }
        }
    }
    const fn profiles(&mut self, sort: Sort) -> &mut ById<Profile> {
        match sort {
            Sort::Account => &mut self.accounts,
            Sort::Host => &mut self.hosts,
            Sort::Source => &mut self.sources,
        }
    }
    /// Before two accounts become one: each has learned for itself so far.
    pub(super) fn tell_of(&mut self, accounts: [AccountId; 2]) {
        let Some(mut memory) = self.memory.take() else { return };
        for id in accounts {
            if let Some(profile) = self.accounts.get_mut(id.index()) {
                memory.tell(Value::Account(id), profile);
            }
        }
        let [goes, stays] = accounts.map(AccountId::index);
        memory.met.iter_mut().filter(|((sort, _), row)| *sort == Sort::Account && **row == goes).for_each(|(_, row)| *row = stays);
        self.memory = Some(memory);
    }
    /// Before something is forgotten.
    pub(super) fn tell_all(&mut self) {
        let Some(mut memory) = self.memory.take() else { return };
        for holder in std::mem::take(&mut memory.changed) {
            let profile = match holder {
                Value::Account(id) => self.accounts.get_mut(id.index()),
                Value::Host(id) => self.hosts.get_mut(id.index()),
                Value::Source(id) => self.sources.get_mut(id.index()),
                _ => None,
            };
            if let Some(profile) = profile {
                memory.tell(holder, profile);
            }
        }
        self.memory = Some(memory);
    }
    /// What was learned since the last call; nothing where nothing is to be remembered.
    pub(in crate::detect) fn learned(&mut self) -> Learned {
        self.tell_all();
        let Some(memory) = &mut self.memory else { return Learned::default() };
        Learned { keys: std::mem::take(&mut memory.keys), ..std::mem::take(&mut memory.told) }
    }
}

fn sort_of(holder: u32, names: &[Named]) -> Sort {
    match names.get(holder as usize) {
        Some(Named::Host(_)) => Sort::Host,
        Some(Named::Source(_)) => Sort::Source,
        _ => Sort::Account,
    }
}

/// The hours of a day whose bits are set.
fn moments(day: i64, mask: u32) -> impl Iterator<Item = Timestamp> {
    (0..24).filter(move |hour| mask & 1 << hour != 0).filter_map(move |hour| Timestamp::from_unix_seconds(day * 86_400 + hour * 3_600))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;

    #[test]
    fn sign_ins_that_earlier_runs_saw_count_as_log() {
        let now = Timestamp::parse("2026-03-16T08:00:00Z").unwrap();
        let fact =
            |dimension, days| Fact { holder: 0, dimension, value: 0, first_at: now - Span::days(days), days: Days::default(), count: 1 };
        let past = Past { facts: vec![fact(Dimension::App, 20), fact(Dimension::App, 30), fact(Dimension::Host, 90)], ..Past::default() };
        let mut usual = Baselines::default();
        assert_eq!(usual.sign_ins_for(now), Span::ZERO);
        usual.recall(&past, &mut Interner::default(), &Site::default());
        assert_eq!(usual.sign_ins_for(now), Span::days(30), "hosts are of Windows");
        usual.sign_in_at(now);
        assert_eq!(usual.sign_ins_for(now), Span::days(30));
    }
}
