//! What is usual: for each account, host and source, for the accounts of a class, and for all.
//!
//! Detections share it and never write it: `watch.rs` teaches it each event after they looked, so an event is judged by
//! what was before it. It keeps counts, never rows, and knows event time only. What stands in an anomaly is learned a day
//! later, so that its repeats stay odd.

pub mod hours;
pub mod lesson;
pub mod machines;
pub mod past;
mod peers;
pub mod profile;
pub mod seen;

pub use hours::{HourProfile, Oddness, WEEK};
pub use lesson::{cell, subnet};
pub use machines::{ComputerKey, Machines};
pub use profile::{Dimension, Enough, Novelty, Profile, Value};
pub use seen::{Activity, Seen, SeenSet, rekey};

use crate::base::by_id::ById;
use crate::base::time::{Span, Timestamp};
use crate::detect::site::Site;
use crate::model::account::AccountClass;
use crate::model::host::{Host, HostRole};
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::model::world::World;
use lesson::{Lesson, Presence};
use past::Memory;
use peers::Groups;
use profile::NOBODY;
use rustc_hash::FxHashMap;
use seen::Added;
use std::collections::VecDeque;

/// How long what stands in an anomaly is not learned.
const LEARN_AFTER: Span = Span::hours(24);
/// Lessons that wait; beyond, the oldest is never learned.
const WAITING: usize = 65_536;
/// One arrival leaves several records: a ticket, the network logon of the check before a remote desktop, the desktop's own.
/// What the first of them teaches is no habit for the last.
const ARRIVAL: Span = Span::seconds(60);
/// Accounts that reach a host over the network from which on it is a server.
const REACH_A_SERVER: u32 = 10;
/// Values unseen for longer are forgotten.
const FORGET_AFTER: Span = Span::days(180);

/// How many use a value, and of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub users: u32,
    pub of: u32,
}

impl Share {
    /// (k + 1/2) / (n + 1): never 0 and never 1.
    #[must_use]
    pub fn of_peers(self) -> f64 {
        (f64::from(self.users) + 0.5) / (f64::from(self.of) + 1.0)
    }
}

/// Accounts that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Group {
    All,
    Class(AccountClass),
    Peers(u32),
}

/// A group with fewer members says nothing.
const FEWEST_PEERS: u32 = 5;

/// See the module.
#[derive(Debug, Default)]
pub struct Baselines {
    accounts: ById<Profile>,
    hosts: ById<Profile>,
    sources: ById<Profile>,
    /// Which computer is where.
    pub machines: Machines,
    /// People's hours, everybody's together.
    pub everybody: HourProfile,
    /// When the first sign-in to Entra was seen, in this run or before.
    sign_ins_since: Option<Timestamp>,
    counts: Counts,
    groups: Groups,
    waiting: VecDeque<Lesson>,
    /// Lessons of arrivals that may be going on; as many at most as come in `ARRIVAL`, or `WAITING`.
    arriving: VecDeque<(Lesson, AccountClass, bool)>,
    forgotten_at: Option<Timestamp>,
    /// Nothing that is known was seen before.
    since: Option<Timestamp>,
    /// Accounts of which more is known than their rows say.
    grown: Vec<AccountId>,
    /// Where what is learned is kept for later runs.
    memory: Option<Box<Memory>>,
}

impl Baselines {
    #[must_use]
    pub fn account(&self, id: AccountId) -> &Profile {
        self.accounts.get(id.index()).unwrap_or(&NOBODY)
    }
    #[must_use]
    pub fn host(&self, id: HostId) -> &Profile {
        self.hosts.get(id.index()).unwrap_or(&NOBODY)
    }
    #[must_use]
    pub fn source(&self, id: SourceId) -> &Profile {
        self.sources.get(id.index()).unwrap_or(&NOBODY)
    }
    /// How long sign-ins to Entra have been seen: before they were for a while, nothing of them is rare.
    #[must_use]
    pub fn sign_ins_for(&self, now: Timestamp) -> Span {
        self.sign_ins_since.map_or(Span::ZERO, |since| now - since)
    }
    /// A sign-in was written at `at`.
    #[inline]
    pub(super) fn sign_in_at(&mut self, at: Timestamp) {
        self.sign_ins_since = Some(self.sign_ins_since.map_or(at, |since| since.min(at)));
    }
    /// Accounts of a class (of all without one) that use a value; counted for dimensions that are shared only.
    #[must_use]
    pub fn share(&self, class: Option<AccountClass>, dimension: Dimension, value: Value) -> Share {
        self.counts.share(class.map_or(Group::All, Group::Class), dimension, value)
    }
    /// The group of accounts that do the same work as this one, as named or learned.
    #[must_use]
    pub fn peers(&self, account: AccountId) -> Option<u32> {
        self.account(account).peers
    }
    /// Accounts in a group.
    #[must_use]
    pub fn members(&self, peers: u32) -> u32 {
        self.counts.members(Group::Peers(peers))
    }
    /// Accounts that do the same work as this one, or where too few are known, those of its class, that use a value.
    #[must_use]
    pub fn share_of_peers(&self, account: AccountId, dimension: Dimension, value: Value) -> Share {
        let profile = self.account(account);
        let group = profile.peers.map(Group::Peers).filter(|group| self.counts.members(*group) >= FEWEST_PEERS);
        let group = group.or(profile.group.map(Group::Class)).unwrap_or(Group::All);
        self.counts.share(group, dimension, value)
    }
    /// Takes what an event teaches, to be learned when its arrival is over.
    pub(super) fn hear(&mut self, mut lesson: Lesson, class: AccountClass, stands_out: bool) {
        // Which computer is where is a fact, not a habit: the ticket of a computer at a new address explains its logon.
        if !stands_out && let Some(sighted) = lesson.sighted.take() {
            self.machines.learn(sighted, lesson.at);
        }
        if self.arriving.len() >= WAITING
            && let Some((lesson, class, stands_out)) = self.arriving.pop_front()
        {
            self.learn(lesson, class, stands_out);
        }
        self.arriving.push_back((lesson, class, stands_out));
    }
    /// Learns from the arrivals that were over by `now`, or that are of another time altogether: a second log that is older.
    #[inline]
    pub(super) fn settle(&mut self, now: Timestamp) {
        while self.arriving.front().is_some_and(|(lesson, ..)| (now - lesson.at).abs() > ARRIVAL) {
            let Some((lesson, class, stands_out)) = self.arriving.pop_front() else { return };
            self.learn(lesson, class, stands_out);
        }
    }
    /// A server or domain controller: as the records or the settings say, or since so many accounts reach it over the network
    /// as reach no workstation.
    #[must_use]
    pub fn is_server(&self, id: HostId, host: &Host) -> bool {
        match host.kind {
            HostRole::Server | HostRole::DomainController => true,
            HostRole::Workstation => false,
            HostRole::Unknown => self.share(None, Dimension::Reached, Value::Host(id)).users >= REACH_A_SERVER,
        }
    }
    /// Learns what an event teaches; what stands in an anomaly waits.
    /// Hours are those of the account's clock.
    pub(super) fn learn(&mut self, lesson: Lesson, class: AccountClass, stands_out: bool) {
        let now = lesson.at;
        while self.waiting.front().is_some_and(|waiting| now - waiting.at >= LEARN_AFTER) {
            if let Some(lesson) = self.waiting.pop_front() {
                let class = self.account(lesson.account).group.unwrap_or_default();
                self.take_in(&lesson, class);
            }
        }
        if stands_out {
            if self.waiting.len() >= WAITING {
                self.waiting.pop_front();
            }
            self.waiting.push_back(lesson);
        } else {
            self.take_in(&lesson, class);
        }
    }
    /// Learns the name of a host.
    #[inline]
    pub(super) fn meet(&mut self, world: &World, host: HostId) {
        self.machines.meet(world, host);
    }
    /// More became known of an account since the last call of `grown`.
    #[inline]
    pub(super) fn has_grown(&self) -> bool {
        !self.grown.is_empty()
    }
    /// Accounts of which more became known since the last call.
    pub(super) fn grown(&mut self) -> Vec<AccountId> {
        std::mem::take(&mut self.grown)
    }
    fn take_in(&mut self, lesson: &Lesson, class: AccountClass) {
        let at = lesson.at;
        self.since = Some(self.since.map_or(at, |since| since.min(at)));
        if let Some(sighted) = lesson.sighted {
            self.machines.learn(sighted, at);
        }
        let Some(profile) = self.accounts.entry(lesson.account.index(), Profile::default) else { return };
        if profile.group != Some(class) {
            self.counts.take(profile);
            profile.group = Some(class);
            self.counts.add(profile);
        }
        let days = profile.activity.days;
        profile.activity.add(at);
        let mut grows = profile.activity.days != days;
        let holder = Value::Account(lesson.account);
        for (dimension, value) in lesson.values() {
            let Added::New { evicted } = teach(&mut self.memory, holder, profile, dimension, value, at) else { continue };
            grows = true;
            for group in groups(profile).filter(|_| dimension.is_shared()) {
                self.counts.count(group, dimension, value, 1);
                if let Some(evicted) = evicted {
                    self.counts.count(group, dimension, evicted, -1);
                }
            }
        }
        if grows {
            self.grown.push(lesson.account);
        }
        let hour = lesson.hour;
        match lesson.presence {
            Presence::Person => {
                profile.hours.get_or_insert_default().add(hour, at);
                self.everybody.add(hour, at);
            }
            Presence::Run => profile.runs.get_or_insert_default().add(hour, at),
            Presence::Neither => {}
        }
        if let Some(memory) = self.memory.as_mut().filter(|_| lesson.presence != Presence::Neither) {
            memory.hour(lesson.account, at, lesson.presence == Presence::Person);
        }
        let account = holder;
        if lesson.presence == Presence::Person
            && let Some(host) = lesson.host.some()
            && let Some(profile) = self.hosts.entry(host.index(), Profile::default)
        {
            profile.activity.add(at);
            let holder = Value::Host(host);
            teach(&mut self.memory, holder, profile, Dimension::Account, account, at);
            for (dimension, value) in lesson.values().filter(|(dimension, _)| *dimension == Dimension::RdpSource) {
                teach(&mut self.memory, holder, profile, dimension, value, at);
            }
        }
        if let Some(source) = lesson.source.some()
            && let Some(profile) = self.sources.entry(source.index(), Profile::default)
        {
            profile.activity.add(at);
            let holder = Value::Source(source);
            teach(&mut self.memory, holder, profile, Dimension::Account, account, at);
            for (dimension, value) in lesson.values().filter(|(dimension, _)| matches!(dimension, Dimension::Host | Dimension::Reached)) {
                teach(&mut self.memory, holder, profile, dimension, value, at);
            }
        }
    }
    /// An account turned out to be another: what was learned of the one is of the other.
    pub(super) fn merge(&mut self, goes: AccountId, stays: AccountId) {
        let arriving = self.arriving.iter_mut().map(|(lesson, ..)| lesson);
        for lesson in self.waiting.iter_mut().chain(arriving).filter(|lesson| lesson.account == goes) {
            lesson.account = stays;
        }
        self.tell_of([goes, stays]);
        let Some(gone) = self.accounts.remove(goes.index()) else { return };
        self.counts.take(&gone);
        let Some(profile) = self.accounts.entry(stays.index(), Profile::default) else { return };
        self.counts.take(profile);
        profile.absorb(gone);
        self.counts.add(profile);
    }
    /// Once a day of event time: forgets, and looks anew at who does the same work.
    pub(super) fn forget(&mut self, now: Timestamp, site: &Site) {
        if self.forgotten_at.is_some_and(|at| now - at < Span::days(1)) {
            return;
        }
        self.forgotten_at = Some(now);
        self.tell_all();
        let limit = now - FORGET_AFTER;
        self.machines.forget(limit);
        if self.since.is_none_or(|since| since < limit) {
            self.forget_before(limit);
        }
        for (index, group) in self.groups.assign(&self.accounts, |index| site.account(AccountId::new(index)).group) {
            if let Some(profile) = self.accounts.get_mut(index) {
                self.counts.take(profile);
                profile.peers = group;
                self.counts.add(profile);
            }
        }
        self.counts.tidy();
    }
}

impl Baselines {
    fn forget_before(&mut self, limit: Timestamp) {
        let counts = &mut self.counts;
        self.accounts.retain(|profile| {
            if profile.activity.last_at().is_none_or(|last| last < limit) {
                counts.take(profile);
                return false;
            }
            for (dimension, value) in profile.forget_before(limit) {
                groups(profile).filter(|_| dimension.is_shared()).for_each(|group| counts.count(group, dimension, value, -1));
            }
            true
        });
        for profiles in [&mut self.hosts, &mut self.sources] {
            profiles.retain(|profile| {
                profile.forget_before(limit);
                profile.activity.last_at().is_some_and(|last| last >= limit)
            });
        }
    }
}

/// Adds a value, and lets the memory note what that replaces.
fn teach(
    memory: &mut Option<Box<Memory>>,
    holder: Value,
    profile: &mut Profile,
    dimension: Dimension,
    value: Value,
    at: Timestamp,
) -> Added<Value> {
    if let Some(memory) = memory {
        memory.passes(holder, profile, dimension, value, at);
    }
    profile.add(dimension, value, at)
}

/// The groups a profile is counted in.
fn groups(profile: &Profile) -> impl Iterator<Item = Group> + use<> {
    let class = profile.group.map(Group::Class);
    [class.map(|_| Group::All), class, profile.peers.map(Group::Peers)].into_iter().flatten()
}

/// How many accounts of each group use each value.
#[derive(Debug, Default)]
struct Counts {
    users: FxHashMap<(Group, Dimension, Value), u32>,
    members: FxHashMap<Group, u32>,
}

impl Counts {
    fn share(&self, group: Group, dimension: Dimension, value: Value) -> Share {
        Share { users: self.users.get(&(group, dimension, value)).copied().unwrap_or(0), of: self.members(group) }
    }
    fn members(&self, group: Group) -> u32 {
        self.members.get(&group).copied().unwrap_or(0)
    }
    fn count(&mut self, group: Group, dimension: Dimension, value: Value, by: i32) {
        let count = self.users.entry((group, dimension, value)).or_default();
        *count = count.saturating_add_signed(by);
    }
    fn add(&mut self, profile: &Profile) {
        self.all(profile, 1);
    }
    fn take(&mut self, profile: &Profile) {
        self.all(profile, -1);
    }
    fn all(&mut self, profile: &Profile, by: i32) {
        for group in groups(profile) {
            let members = self.members.entry(group).or_default();
            *members = members.saturating_add_signed(by);
            for (dimension, set) in profile.sets().filter(|(dimension, _)| dimension.is_shared()) {
                set.values().for_each(|value| self.count(group, dimension, value, by));
            }
        }
    }
    fn tidy(&mut self) {
        self.users.retain(|_, count| *count > 0);
        self.members.retain(|_, count| *count > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: Value = Value::Number(1);

    fn start() -> Timestamp {
        Timestamp::parse("2024-01-01T09:00:00Z").unwrap()
    }
    fn lesson(account: usize, day: i64, dimension: Dimension, value: Value) -> Lesson {
        Lesson::made(AccountId::new(account), start() + Span::days(day), dimension, value)
    }
    fn users(usual: &Baselines, class: Option<AccountClass>) -> (u32, u32) {
        let Share { users, of } = usual.share(class, Dimension::Host, HOST);
        (users, of)
    }

    #[test]
    fn peers_are_counted_by_class_and_follow_it() {
        let mut usual = Baselines::default();
        for account in 0..3 {
            let class = if account == 0 { AccountClass::Service } else { AccountClass::Human };
            usual.learn(lesson(account, 0, Dimension::Host, HOST), class, false);
            usual.learn(lesson(account, 1, Dimension::Host, HOST), class, false);
        }
        assert_eq!(users(&usual, None), (3, 3));
        assert_eq!(users(&usual, Some(AccountClass::Human)), (2, 2));
        usual.learn(lesson(2, 2, Dimension::Asn, Value::Number(5)), AccountClass::Service, false);
        assert_eq!(users(&usual, Some(AccountClass::Human)), (1, 1));
        assert_eq!(users(&usual, Some(AccountClass::Service)), (2, 2));
        usual.merge(AccountId::new(2), AccountId::new(1));
        assert_eq!(users(&usual, None), (2, 2), "two names of one account are one user");
        assert_eq!(usual.account(AccountId::new(1)).activity.count, 5);
    }

    #[test]
    fn accounts_of_the_same_work_are_the_peers_of_each_other() {
        let mut usual = Baselines::default();
        for account in 0..40 {
            let work = u64::from(account >= 6);
            for host in 0..3 {
                let account = usize::try_from(account).unwrap();
                usual.learn(
                    lesson(account, host, Dimension::Host, Value::Subnet(work * 10 + host.unsigned_abs())),
                    AccountClass::Human,
                    false,
                );
            }
        }
        let share = |usual: &Baselines, account, host| usual.share_of_peers(AccountId::new(account), Dimension::Host, Value::Subnet(host));
        assert_eq!(share(&usual, 0, 1), Share { users: 6, of: 40 }, "its class, before groups are learned");
        usual.forget(start() + Span::days(3), &Site::default());
        assert_eq!(share(&usual, 0, 1), Share { users: 6, of: 6 });
        assert_eq!(share(&usual, 39, 1), Share { users: 0, of: 34 });
        assert_eq!(share(&usual, 99, 1), Share { users: 6, of: 40 }, "an unknown account is one of all");
    }

    #[test]
    fn what_stands_in_an_anomaly_is_learned_a_day_later() {
        let mut usual = Baselines::default();
        let me = AccountId::new(0);
        let knows = |usual: &Baselines| usual.account(me).seen(Dimension::Host).contains(HOST);
        usual.learn(lesson(0, 0, Dimension::Host, HOST), AccountClass::Human, true);
        assert!(!knows(&usual));
        let mut later = lesson(0, 0, Dimension::Asn, HOST);
        later.at = start() + Span::hours(23);
        usual.learn(later, AccountClass::Human, false);
        assert!(!knows(&usual));
        usual.learn(lesson(0, 1, Dimension::Asn, HOST), AccountClass::Human, false);
        assert!(knows(&usual));
    }

    #[test]
    fn what_is_unseen_for_long_is_forgotten_and_no_longer_counted() {
        let mut usual = Baselines::default();
        usual.learn(lesson(0, 0, Dimension::Host, HOST), AccountClass::Human, false);
        usual.learn(lesson(1, 0, Dimension::Host, HOST), AccountClass::Human, false);
        usual.learn(lesson(1, 170, Dimension::Host, Value::Number(2)), AccountClass::Human, false);
        usual.forget(start() + Span::days(181), &Site::default());
        assert_eq!(users(&usual, None), (0, 1));
        assert!(usual.account(AccountId::new(0)).activity.first_at.is_none());
        assert!(usual.account(AccountId::new(1)).seen(Dimension::Host).contains(Value::Number(2)));
    }

    #[test]
    fn a_value_that_makes_room_is_no_longer_counted() {
        let mut usual = Baselines::default();
        let most = i64::try_from(Dimension::Host.most()).unwrap();
        usual.learn(lesson(0, 0, Dimension::Host, HOST), AccountClass::Human, false);
        for date in 1..=most {
            usual.learn(lesson(0, date, Dimension::Host, Value::Subnet(u64::try_from(date).unwrap())), AccountClass::Human, false);
        }
        assert_eq!(users(&usual, None), (0, 1));
    }
}
