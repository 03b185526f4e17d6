//! What is usual: for each account, host and source, for the accounts of a class, and for all.
//!
//! Detections share it and never write it: `watch.rs` teaches it each event after they looked, so an event is judged by
//! what was before it. It keeps counts, never rows, and knows event time only. What stands in an anomaly is learned a day
//! later, so that its repeats stay odd.

pub mod hours;
pub mod lesson;
pub mod profile;
pub mod seen;

pub use hours::{HourProfile, Oddness, WEEK};
pub use lesson::subnet;
pub use profile::{Dimension, Enough, Novelty, Profile, Value};
pub use seen::{Activity, Seen, SeenSet, rekey};

use crate::base::by_id::ById;
use crate::base::time::{Span, Timestamp};
use crate::model::account::AccountClass;
use crate::model::ids::{AccountId, HostId, SourceId};
use lesson::{Lesson, Presence};
use profile::NOBODY;
use rustc_hash::FxHashMap;
use seen::Added;
use std::collections::VecDeque;

/// How long what stands in an anomaly is not learned.
const LEARN_AFTER: Span = Span::hours(24);
/// Lessons that wait; beyond, the oldest is never learned.
const WAITING: usize = 65_536;
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

/// See the module.
#[derive(Debug, Default)]
pub struct Baselines {
    accounts: ById<Profile>,
    hosts: ById<Profile>,
    sources: ById<Profile>,
    /// People's hours, everybody's together.
    pub everybody: HourProfile,
    /// Accounts that use a value, by class; without a class all of them.
    users: FxHashMap<(Option<AccountClass>, Dimension, Value), u32>,
    members: FxHashMap<Option<AccountClass>, u32>,
    waiting: VecDeque<Lesson>,
    forgotten_at: Option<Timestamp>,
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
    /// Accounts of a class (of all without one) that use a value; counted for dimensions that are shared only.
    #[must_use]
    pub fn share(&self, class: Option<AccountClass>, dimension: Dimension, value: Value) -> Share {
        let users = self.users.get(&(class, dimension, value)).copied().unwrap_or(0);
        Share { users, of: self.members.get(&class).copied().unwrap_or(0) }
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
    fn take_in(&mut self, lesson: &Lesson, class: AccountClass) {
        let at = lesson.at;
        let Some(profile) = self.accounts.entry(lesson.account.index(), Profile::default) else { return };
        if profile.group != Some(class) {
            tally(&mut self.users, &mut self.members, profile, -1);
            profile.group = Some(class);
            tally(&mut self.users, &mut self.members, profile, 1);
        }
        profile.activity.add(at);
        for (dimension, value) in lesson.values() {
            let Added::New { evicted } = profile.add(dimension, value, at) else { continue };
            for group in [None, Some(class)].into_iter().filter(|_| dimension.is_shared()) {
                *self.users.entry((group, dimension, value)).or_default() += 1;
                if let Some(count) = evicted.and_then(|evicted| self.users.get_mut(&(group, dimension, evicted))) {
                    *count = count.saturating_sub(1);
                }
            }
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
        let account = Value::Account(lesson.account);
        if lesson.presence == Presence::Person
            && let Some(host) = lesson.host.some()
            && let Some(profile) = self.hosts.entry(host.index(), Profile::default)
        {
            profile.activity.add(at);
            profile.add(Dimension::Account, account, at);
            for (dimension, value) in lesson.values().filter(|(dimension, _)| *dimension == Dimension::RdpSource) {
                profile.add(dimension, value, at);
            }
        }
        if let Some(source) = lesson.source.some()
            && let Some(profile) = self.sources.entry(source.index(), Profile::default)
        {
            profile.activity.add(at);
            profile.add(Dimension::Account, account, at);
            for (dimension, value) in lesson.values().filter(|(dimension, _)| matches!(dimension, Dimension::Host | Dimension::Reached)) {
                profile.add(dimension, value, at);
            }
        }
    }
    /// An account turned out to be another: what was learned of the one is of the other.
    pub(super) fn merge(&mut self, goes: AccountId, stays: AccountId) {
        for lesson in self.waiting.iter_mut().filter(|lesson| lesson.account == goes) {
            lesson.account = stays;
        }
        let Some(gone) = self.accounts.remove(goes.index()) else { return };
        tally(&mut self.users, &mut self.members, &gone, -1);
        let Some(profile) = self.accounts.entry(stays.index(), Profile::default) else { return };
        tally(&mut self.users, &mut self.members, profile, -1);
        profile.absorb(gone);
        tally(&mut self.users, &mut self.members, profile, 1);
    }
    /// Once a day of event time.
    pub(super) fn forget(&mut self, now: Timestamp) {
        if self.forgotten_at.is_some_and(|at| now - at < Span::days(1)) {
            return;
        }
        self.forgotten_at = Some(now);
        let limit = now - FORGET_AFTER;
        let (users, members) = (&mut self.users, &mut self.members);
        self.accounts.retain(|profile| {
            let stays = profile.activity.last_at().is_some_and(|last| last >= limit);
            tally(users, members, profile, -1);
            if stays {
                profile.forget_before(limit);
                tally(users, members, profile, 1);
            }
            stays
        });
        users.retain(|_, count| *count > 0);
        for profiles in [&mut self.hosts, &mut self.sources] {
            profiles.retain(|profile| {
                profile.forget_before(limit);
                profile.activity.last_at().is_some_and(|last| last >= limit)
            });
        }
    }
}

/// Counts what a profile uses among its peers, or takes it out again.
fn tally(
    users: &mut FxHashMap<(Option<AccountClass>, Dimension, Value), u32>,
    members: &mut FxHashMap<Option<AccountClass>, u32>,
    profile: &Profile,
    by: i32,
) {
    let Some(class) = profile.group else { return };
    for group in [None, Some(class)] {
        let count = members.entry(group).or_default();
        *count = count.saturating_add_signed(by);
        for (dimension, set) in profile.sets().filter(|(dimension, _)| dimension.is_shared()) {
            for value in set.values() {
                let count = users.entry((group, dimension, value)).or_default();
                *count = count.saturating_add_signed(by);
            }
        }
    }
}
