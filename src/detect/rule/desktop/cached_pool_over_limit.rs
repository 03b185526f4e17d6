//! `cached-pool-over-limit`: a host's cache holds more users than the policy allows.
//!
//! The setting is not logged; different users who log on with cached credentials while the host sees no domain controller
//! prove a lower bound of it.

use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::rule::desktop::contact::{self, is_contact};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{AccountId, EventId, HostId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "cached-pool-over-limit",
    title: "More cached users than policy allows",
    severity: Severity::Low,
    attack: &["T1003.005"],
    needs: "4624 types 11, 12, 13",
    requires: &[&[Needed::Logons(LogonType::CachedInteractive)]],
    check: "Number of previous logons to cache (CachedLogonsCount) on the host: each of them can be taken from its disk.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Number of previous logons to cache, by the policy (CIS: 4).
    pub limit: usize,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { limit: 4, quiet_days: 30 }
    }
}

/// Users of one offline stretch.
#[derive(Debug)]
struct Offline {
    users: Vec<(AccountId, EventId)>,
    since: Timestamp,
    last: Timestamp,
}

/// Users kept for one host; a cache holds 50 at most.
const USERS: usize = 64;
/// Offline hosts remembered; beyond it those silent for longest are forgotten.
const HOSTS_KEPT: usize = 32_768;

pub struct Rule {
    settings: Settings,
    hosts: FxHashMap<HostId, Offline>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon];
    const LOGONS: &'static [LogonType] = contact::LOGONS;
    fn new(settings: Settings) -> Self {
        Self { settings, hosts: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let cached =
            matches!(step.event().logon_type, LogonType::CachedInteractive | LogonType::CachedRemoteInteractive | LogonType::CachedUnlock);
        if !cached {
            if !self.hosts.is_empty() && self.hosts.contains_key(&step.row.host) && is_contact(step) {
                self.hosts.remove(&step.row.host);
            }
            return;
        }
        rarely(move || {
            if step.account().is_none_or(|account| account.class.is_machinery()) {
                return;
            }
            let fresh = || Offline { users: Vec::new(), since: step.at(), last: step.at() };
            let offline = self.hosts.entry(step.row.host).or_insert_with(fresh);
            offline.last = offline.last.max(step.at());
            let is_known = offline.users.iter().any(|(account, _)| *account == step.row.account);
            if is_known || offline.users.len() >= USERS {
                return;
            }
            offline.users.push((step.row.account, step.id));
            if offline.users.len() <= self.settings.limit {
                return;
            }
            let say = step.say();
            let why = format!(
                "{}: {} used cached logons {} with no word from a domain controller; policy allows {}.",
                say.host(step.row.host),
                say::count(offline.users.len(), "different account"),
                say.stretch(offline.since, step.at()),
                self.settings.limit,
            );
            let score = Score::new(ABOUT.severity, "more users in the cache than allowed");
            let records: Vec<EventId> = offline.users.iter().map(|(_, event)| *event).collect();
            let accounts: Vec<AccountId> = offline.users.iter().map(|(account, _)| *account).collect();
            let key = Key::of(step.row.host.index(), 0);
            let finding = Finding::new(step, key, Span::days(self.settings.quiet_days), score, why);
            out.push(finding.since(offline.since, records).and_accounts(accounts));
        });
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        for offline in self.hosts.values_mut() {
            let both = offline.users.iter().any(|(account, _)| *account == stays);
            offline.users.retain(|(account, _)| *account != goes || !both);
            offline.users.iter_mut().filter(|(account, _)| *account == goes).for_each(|(account, _)| *account = stays);
        }
    }
    fn forget(&mut self, _now: Timestamp) {
        shed(&mut self.hosts, HOSTS_KEPT, |offline| Some(offline.last));
    }
}
