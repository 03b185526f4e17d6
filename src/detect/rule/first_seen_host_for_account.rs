//! `first-seen-host-for-account`: an account reaches a host it never used, and hardly anybody of its kind does.
//!
//! Accounts that reach new hosts all the time (administrators, scanners) are known by the share of hosts they used on one
//! day only, and stay silent; so do hosts that are new themselves. The peers are all accounts of the same class, until
//! groups can be given.

use crate::base::by_id::ById;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::SeenSet;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::{AccountId, HostId};
use crate::model::logon_type::LogonType;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "first-seen-host-for-account",
    title: "First logon to this host ever",
    severity: Severity::Medium,
    attack: &["T1021", "T1078"],
    needs: "4624 types 2, 3, 10, 11 of at least two weeks",
    check: "Does the account's owner have work on that host? Where did they come from, and what else was new that day?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub history_days: u32,
    pub history_logons: u32,
    /// The host must be known for longer than this, or the host is what is new.
    pub host_age_days: i64,
    /// Good-Turing chance of a new host above which the account wanders.
    pub wanderer: f64,
    /// Share of peers that use the host above which it is common ground.
    pub peer_share: f64,
    /// Hosts remembered for one account.
    pub kept: usize,
    pub forget_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_days: 14, history_logons: 30, host_age_days: 7, wanderer: 0.10, peer_share: 0.05, kept: 256, forget_days: 90 }
    }
}

/// What an account used.
#[derive(Default)]
struct Member {
    hosts: SeenSet<HostId>,
    /// The class it was counted in last, and the hosts at which it was counted in that class.
    class: AccountClass,
    counted_at: Vec<HostId>,
}

pub struct Rule {
    settings: Settings,
    accounts: ById<Member>,
    /// Accounts by host and class, bounded.
    users: FxHashMap<(HostId, AccountClass), FxHashSet<AccountId>>,
    classes: FxHashMap<AccountClass, FxHashSet<AccountId>>,
    first_at: ById<Timestamp>,
}

/// Accounts counted for one host or class; shares are exact below.
const COUNTED: usize = 16_384;

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon];
    fn new(settings: Settings) -> Self {
        Self { settings, accounts: ById::default(), users: FxHashMap::default(), classes: FxHashMap::default(), first_at: ById::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let (Some(account), Some(host)) = (step.row.account.some(), step.row.host.some()) else { return };
        let Some(class) = step.account().map(|account| account.class) else { return };
        // A host begins with anybody's logon, machinery included.
        let host_since = self.first_at.entry(host.index(), || event.at).map_or(event.at, |first| *first);
        let counts = match event.logon_type {
            LogonType::Interactive | LogonType::RemoteInteractive | LogonType::CachedInteractive => true,
            // A network logon says little unless it came with administrator rights.
            LogonType::Network => step.session().is_some_and(|session| session.privileged),
            _ => false,
        };
        if class.is_machinery() || event.outcome != Outcome::Success || !(counts || event.logon_type == LogonType::Network) {
            return;
        }
        if counts && let Some(member) = self.accounts.get(account.index()).filter(|member| !member.hosts.contains(host)) {
            self.judge(step, class, &member.hosts, event.at - host_since, out);
        }
        let Some(member) = self.accounts.entry(account.index(), Member::default) else { return };
        member.hosts.add(host, event.at, self.settings.kept);
        if member.class != class {
            member.class = class;
            member.counted_at.clear();
        }
        if member.counted_at.contains(&host) {
            return;
        }
        if member.counted_at.len() >= self.settings.kept {
            member.counted_at.clear();
        }
        member.counted_at.push(host);
        for users in [self.users.entry((host, class)).or_default(), self.classes.entry(class).or_default()] {
            if users.len() < COUNTED {
                users.insert(account);
            }
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        let Some(member) = self.accounts.remove(goes.index()) else { return };
        if let Some(other) = self.accounts.entry(stays.index(), Member::default) {
            other.hosts.absorb(&member.hosts, self.settings.kept);
        }
        for users in self.users.values_mut().chain(self.classes.values_mut()) {
            if users.remove(&goes) {
                users.insert(stays);
            }
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.forget_days);
        self.accounts.retain(|member| {
            member.hosts.forget_before(limit);
            !member.hosts.is_empty()
        });
    }
}

impl Rule {
    fn judge(&self, step: &Step<'_>, class: AccountClass, hosts: &SeenSet<HostId>, host_age: Span, out: &mut Findings) {
        let settings = &self.settings;
        let activity = &hosts.activity;
        if activity.days < settings.history_days
            || activity.count < settings.history_logons
            || host_age < Span::days(settings.host_age_days)
        {
            return;
        }
        let users = self.users.get(&(step.row.host, class)).map_or(0, FxHashSet::len);
        let peers = self.classes.get(&class).map_or(1, FxHashSet::len).max(1);
        #[allow(clippy::cast_precision_loss)] // at most COUNTED
        let share = (users as f64 + 0.5) / (peers as f64 + 1.0);
        // With few peers a share says nothing: then nobody else may use the host.
        let rare = share < settings.peer_share || (users == 0 && peers < 20);
        if hosts.novelty() >= settings.wanderer || !rare {
            return;
        }
        let rights = step.session().is_some_and(|session| session.privileged);
        let score = Score::new(ABOUT.severity, "a host the account never used")
            .raise_if(rights, "with administrator rights")
            .raise_if(step.host_is_domain_controller(), "the host is a domain controller")
            .plus_if(users == 0, 5, "no account of its kind uses this host");
        let say = step.say();
        let role = if step.host_is_domain_controller() { " (domain controller)" } else { "" };
        let why = format!(
            "{} first used {}{role} at {}, {}; in {} over {} it used {}; {users} of {} use this host.",
            say.account(step.row.account),
            say.host(step.row.host),
            say.time(step.at()),
            say.logon_type(step.event().logon_type),
            say::count(activity.count as usize, "logon"),
            say::count(activity.days as usize, "day"),
            say::count(hosts.len(), "host"),
            say::count(peers, &format!("{} account", class.word())),
        );
        let key = Key::of(step.row.account.index(), step.row.host.index());
        out.push(Finding::new(step, key, Span::hours(24), score, why));
    }
}
