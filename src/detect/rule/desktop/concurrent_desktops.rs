//! `concurrent-desktops`: one person sits at several screens at once.
//!
//! Where a host stands is not in the logs, so distance cannot be told; what a body cannot do is to use three screens in a
//! quarter of an hour without locking one. Two screens in turn within minutes are low: a meeting room next door is enough.
//! Only people with one or two usual hosts count: technicians, wards and class rooms have many.

use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rule::desktop::open::is_remote;
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{AccountId, EventId, HostId, VisitId};
use crate::model::logon_type::LogonType;
use crate::model::visit::{State, VisitKind};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "concurrent-desktops",
    title: "One person at several screens at once",
    severity: Severity::Medium,
    attack: &["T1078"],
    needs: "4624 types 2, 7, 11 and 4801 of workstations of at least two weeks",
    requires: &[&[Needed::Logons(LogonType::Interactive)], &[Needed::Logons(LogonType::Unlock)]],
    check: "Ask the person where they sat. If only at one of them, who knows the password?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub within_minutes: i64,
    /// Screens in use at once.
    pub hosts: usize,
    /// How soon somebody is back at the first of two screens.
    pub in_turn_minutes: i64,
    pub history_days: u32,
    /// A person with more usual hosts walks by trade.
    pub usual_hosts: usize,
    /// Days on a host before it is usual.
    pub usual_days: u32,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { within_minutes: 15, hosts: 3, in_turn_minutes: 5, history_days: 14, usual_hosts: 2, usual_days: 3, quiet_hours: 24 }
    }
}

#[derive(Clone, Copy, Debug)]
struct Use {
    host: HostId,
    visit: VisitId,
    event: EventId,
}

/// Uses kept for one account.
const KEPT: usize = 32;
/// Accounts remembered; beyond it those silent for longest are forgotten.
const ACCOUNTS_KEPT: usize = 32_768;

pub struct Rule {
    settings: Settings,
    accounts: FxHashMap<AccountId, Window<Use>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::Unlocked];
    const LOGONS: &'static [LogonType] =
        &[LogonType::Interactive, LogonType::Unlock, LogonType::CachedInteractive, LogonType::CachedUnlock];
    fn new(settings: Settings) -> Self {
        Self { settings, accounts: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let at_screen = event.kind == EventKind::Unlocked
            || matches!(
                event.logon_type,
                LogonType::Interactive | LogonType::Unlock | LogonType::CachedInteractive | LogonType::CachedUnlock
            );
        if !at_screen || step.is_remote() || step.account().is_none_or(|account| account.class != AccountClass::Human) {
            return;
        }
        let visit = step.world.tables.visit(step.row.visit);
        if visit.is_none_or(|visit| visit.kind != VisitKind::Desktop || is_remote(&visit)) {
            return;
        }
        let used = Use { host: step.row.host, visit: step.row.visit, event: step.id };
        let window = self.accounts.entry(step.row.account).or_default();
        window.push(step.at(), used, Span::minutes(self.settings.within_minutes), KEPT);
        // Cheap test first: most people use one screen.
        if window.iter().all(|(_, other)| other.host == used.host) {
            return;
        }
        self.judge(step, used, out);
    }
    fn merge(&mut self, goes: AccountId, _stays: AccountId) {
        // A quarter of an hour is not worth joining.
        self.accounts.remove(&goes);
    }
    fn forget(&mut self, now: crate::base::time::Timestamp) {
        let limit = now - Span::minutes(self.settings.within_minutes);
        self.accounts.retain(|_, window| window.newest().is_some_and(|newest| newest >= limit));
        shed(&mut self.accounts, ACCOUNTS_KEPT, Window::newest);
    }
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn judge(&self, step: &Step<'_>, used: Use, out: &mut Findings) {
        let settings = &self.settings;
        let Some(window) = self.accounts.get(&step.row.account) else { return };
        let seen = step.usual_account().seen(Dimension::Host);
        let usual = seen.by_use().iter().filter(|(_, seen)| seen.days >= settings.usual_days).count();
        if seen.activity.days < settings.history_days || usual > settings.usual_hosts {
            return;
        }
        let tables = &step.world.tables;
        let in_use = |id: VisitId| tables.visit(id).is_some_and(|visit| visit.is_open() && visit.state() == State::Active);
        let mut hosts: Vec<HostId> = vec![used.host];
        for (_, other) in window.iter() {
            if !hosts.contains(&other.host) && in_use(other.visit) {
                hosts.push(other.host);
            }
        }
        let uses: Vec<&(crate::base::time::Timestamp, Use)> = window.iter().collect();
        let in_turn = match uses.as_slice() {
            [.., (first_at, first), (_, second), (last_at, last)] => {
                let is_strange = |host| seen.get(Value::Host(host)).is_none_or(|seen| seen.days < settings.usual_days);
                first.host == last.host
                    && second.host != first.host
                    && *last_at - *first_at <= Span::minutes(settings.in_turn_minutes)
                    && is_strange(second.host)
                    && in_use(second.visit)
            }
            _ => false,
        };
        if in_turn && hosts.len() < 2 {
            hosts.extend(uses.iter().map(|(_, other)| other.host).find(|host| *host != used.host));
        }
        let many = hosts.len() >= settings.hosts;
        if !many && !in_turn {
            return;
        }
        let say = step.say();
        let first_at = uses.first().map_or_else(|| step.at(), |(at, _)| *at);
        let how = if many { "all unlocked" } else { "in turn" };
        let why = format!(
            "{} used {} {}, {how}: {}; in {} it used {}.",
            say.account(step.row.account),
            say::count(hosts.len(), "screen"),
            say.stretch(first_at, step.at()),
            say.list(hosts.iter().map(|host| say.host(*host)), 5),
            say::count(seen.activity.days as usize, "day"),
            say::count(usual, "host"),
        );
        let score = if many {
            Score::new(ABOUT.severity, "more screens than one person can use")
        } else {
            Score::new(Severity::Low, "two screens in turn within minutes")
        };
        let records = uses.iter().map(|(_, other)| other.event);
        let key = Key::of(step.row.account.index(), 0);
        let finding = Finding::new(step, key, Span::hours(settings.quiet_hours), score, why).since(first_at, records);
        out.push(finding.and_hosts(hosts));
    }
}
