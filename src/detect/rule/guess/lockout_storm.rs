//! `lockout-storm`: many accounts lock out at once.
//!
//! The side effect of a spray, or the aim of somebody who wants nobody to work. How many are many depends on the place: the
//! count of a quarter of an hour is compared with what the site's own days let expect at their busiest. Where no controller
//! tells of lockouts (4740), the refusals of locked accounts count. One account that locks out again and again has a stale
//! password somewhere: low.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rate::{DailyRate, poisson_tail};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignInCategory};
use crate::model::ids::{AccountId, EventId};
use crate::model::status::StatusClass;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "lockout-storm",
    title: "Many accounts lock out",
    severity: Severity::High,
    attack: &["T1110", "T1531"],
    needs: "4740 on domain controllers (audit User Account Management), else 4625 with 0xC0000234, or Entra sign-ins",
    requires: &[
        &[Needed::Records(EventKind::LockedOut)],
        &[Needed::Records(EventKind::LogonFailed)],
        &[Needed::SignIns(SignInCategory::Interactive)],
    ],
    check: "Go to the computers that caused them: what runs there, and did any account get in from them before it was locked?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Accounts locked out within `within_minutes`.
    pub accounts: usize,
    pub within_minutes: i64,
    /// Chance of that many at the site's own rate.
    pub chance: f64,
    /// Lockouts of one account within a day.
    pub of_one_account: usize,
    pub quiet_hours: i64,
    pub quiet_days_of_one_account: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { accounts: 5, within_minutes: 15, chance: 1e-5, of_one_account: 4, quiet_hours: 2, quiet_days_of_one_account: 7 }
    }
}

/// The busiest quarter of an hour of a usual day has this share of it: twice the mean of eight hours.
const BUSIEST_SHARE: f64 = 1.0 / 16.0;
/// Where nothing is known: lockouts of a day.
const PRIOR_A_DAY: f64 = 1.0;
/// A locked account that is refused again within this long is still the same lockout.
const ONE_LOCKOUT: Span = Span::minutes(30);
const DAY: Span = Span::hours(24);
/// Lockouts kept of each side, and of one account.
const KEPT: usize = 1_024;
const KEPT_OF_ONE: usize = 64;
/// Accounts remembered; beyond it those silent for longest are forgotten.
const ACCOUNTS_KEPT: usize = 32_768;

#[derive(Clone, Copy, Debug)]
struct Lockout {
    user: UserKey,
    account: AccountId,
    event: EventId,
    /// The computer the failures came from, as 4740 names it.
    caller: Symbol,
}

/// Windows and Entra, each with lockouts of its own.
#[derive(Default)]
struct Side {
    recent: Window<Lockout>,
    rate: DailyRate,
}

pub struct Rule {
    settings: Settings,
    windows: Side,
    entra: Side,
    /// Lockouts of each account.
    accounts: FxHashMap<UserKey, Window<EventId>>,
    /// A 4740 was seen: then refusals of locked accounts say nothing new.
    is_told: bool,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::LockedOut, EventKind::LogonFailed, EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, windows: Side::default(), entra: Side::default(), accounts: FxHashMap::default(), is_told: false }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let is_record = event.kind == EventKind::LockedOut;
        if !is_record && (event.status.class() != StatusClass::LockedOut || (self.is_told && event.kind == EventKind::LogonFailed)) {
            return;
        }
        self.is_told |= is_record;
        let user = step.user_key();
        let of_one = self.accounts.entry(user).or_default();
        let again = of_one.newest().is_some_and(|newest| (step.at() - newest).abs() < ONE_LOCKOUT);
        if again && !is_record {
            return;
        }
        of_one.push(step.at(), step.id, DAY, KEPT_OF_ONE);
        let is_entra = event.kind == EventKind::SignIn;
        let lockout = Lockout { user, account: step.row.account, event: step.id, caller: event.workstation };
        let side = if is_entra { &mut self.entra } else { &mut self.windows };
        side.recent.push(step.at(), lockout, Span::minutes(self.settings.within_minutes), KEPT);
        side.rate.add(step.at());
        if !storm(&self.settings, step, side, is_entra, out)
            && self.accounts.get(&user).is_some_and(|own| own.len() >= self.settings.of_one_account)
        {
            self.one_account(step, user, out);
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - DAY;
        self.accounts.retain(|_, window| window.newest().is_some_and(|newest| newest >= limit));
        shed(&mut self.accounts, ACCOUNTS_KEPT, Window::newest);
    }
}

#[cold]
#[inline(never)]
fn storm(settings: &Settings, step: &Step<'_>, side: &Side, is_entra: bool, out: &mut Findings) -> bool {
    if side.recent.len() < settings.accounts {
        return false;
    }
    let mut users: FxHashMap<UserKey, AccountId> = FxHashMap::default();
    let mut callers: Vec<Symbol> = Vec::new();
    for (_, lockout) in side.recent.iter() {
        users.entry(lockout.user).or_insert(lockout.account);
        if lockout.caller.is_some() && !callers.contains(&lockout.caller) {
            callers.push(lockout.caller);
        }
    }
    let Some((first_at, _)) = side.recent.iter().next() else { return false };
    let (days, count) = (side.rate.days(*first_at), side.recent.len());
    #[allow(clippy::cast_precision_loss)] // at most KEPT
    let before = (side.rate.per_day(*first_at) * days - count as f64).max(0.0);
    let expected = (before + PRIOR_A_DAY) / (days + 1.0) * BUSIEST_SHARE;
    if users.len() < settings.accounts || poisson_tail(expected, users.len()) >= settings.chance {
        return false;
    }
    let say = step.say();
    let by = match (is_entra, callers.len()) {
        (true, _) => "smart lockout of Entra".to_owned(),
        (false, 0) => "no record names the computer that caused it".to_owned(),
        (false, 1) => format!("all from {}", say.list(callers.iter().map(|caller| say.text(*caller)), 1)),
        (false, number) => {
            format!("from {}: {}", say::count(number, "computer"), say.list(callers.iter().map(|caller| say.text(*caller)), 5))
        }
    };
    let mut accounts: Vec<AccountId> = users.into_values().collect();
    accounts.sort_unstable_by_key(|account| account.index());
    let why = format!(
        "{} locked out {}, where the site's busiest quarter of an hour has {:.1}; {by}: {}.",
        say::count(accounts.len(), "account"),
        say.stretch(*first_at, step.at()),
        expected,
        say.list(accounts.iter().map(|account| say.account(*account)), 5),
    );
    // Anybody on the internet can lock accounts of a tenant, and smart lockout keeps their owners working.
    let severity = if is_entra { Severity::Medium } else { ABOUT.severity };
    let score = Score::new(severity, "many accounts locked out at once")
        .plus_if(callers.len() == 1, 10, "one computer caused all of them")
        .plus_if(accounts.len() >= 20, 10, "20 accounts or more");
    let key = Key::of(usize::from(is_entra), 0);
    let records = side.recent.iter().map(|(_, lockout)| lockout.event);
    out.push(Finding::new(step, key, Span::hours(settings.quiet_hours), score, why).since(*first_at, records).and_accounts(accounts));
    true
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn one_account(&self, step: &Step<'_>, user: UserKey, out: &mut Findings) {
        let Some(window) = self.accounts.get(&user) else { return };
        let first_at = window.iter().next().map_or_else(|| step.at(), |(at, _)| *at);
        let say = step.say();
        let caller = step.event().workstation;
        let from = if caller.is_some() { format!(", last from {}", say.text(caller)) } else { String::new() };
        let why = format!(
            "{} was locked out {} times {}{from}: a stored password may be stale there.",
            say.account(step.row.account),
            window.len(),
            say.stretch(first_at, step.at()),
        );
        let score = Score::new(Severity::Low, "one account, locked out again and again");
        let records = window.iter().map(|(_, event)| *event);
        let quiet = Span::days(self.settings.quiet_days_of_one_account);
        out.push(Finding::new(step, Key(user.0, 1), quiet, score, why).since(first_at, records));
    }
}
