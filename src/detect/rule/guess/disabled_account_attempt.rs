//! `disabled-account-attempt`: somebody tries accounts that are disabled or expired.
//!
//! Leavers' accounts are tried by their own forgotten phones and tasks every day, and by people who hold an old list now and
//! then. So one account is low, three from one source are medium, and so is one that then gets in from a place it never came
//! from. Kerberos has one code for disabled, expired and locked out (0x12): it counts only for accounts that another record
//! says are disabled, or that no lockout explains. Guest, which Windows tries by itself, and computer accounts are left out.

use super::fail_burst_then_success::origin_number;
use super::run::is_shared;
use crate::base::net::AddressClass;
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Origin, Step, UserKey};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{AccountId, EventId};
use crate::model::logon_type::LogonType;
use crate::model::status::{StatusClass, StatusFamily};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "disabled-account-attempt",
    title: "Disabled or expired account tried",
    severity: Severity::Medium,
    attack: &["T1078"],
    needs: "4625 on hosts, or 4776, 4768 and 4771 failures on domain controllers",
    requires: &[&[Needed::Records(EventKind::LogonFailed)], &[Needed::Records(EventKind::CredentialValidation)]],
    check: "Is it the leaver's forgotten task or phone (same source, at regular times)? Else who sits at that source, and what other names were tried from it?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Disabled accounts from one source within a day.
    pub accounts: usize,
    /// How long a success after an attempt is told.
    pub success_within_hours: i64,
    /// Active days of an account before a success from a new place says anything.
    pub history_days: u32,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { accounts: 3, success_within_hours: 24, history_days: 14, quiet_days: 7 }
    }
}

#[derive(Clone, Copy, Debug)]
struct Try {
    user: UserKey,
    account: AccountId,
    event: EventId,
}

/// How long one source's attempts, and a lockout, are remembered.
const DAY: Span = Span::hours(24);
/// Attempts kept for one source.
const KEPT: usize = 256;
/// Sources, and names, remembered; beyond it those silent for longest are forgotten.
const MOST: usize = 32_768;

pub struct Rule {
    settings: Settings,
    sources: FxHashMap<Origin, Window<Try>>,
    /// Newest attempt by name and source: a success may follow.
    tried: FxHashMap<(UserKey, Origin), (Timestamp, EventId)>,
    /// When a name was locked out last.
    locked: FxHashMap<UserKey, Timestamp>,
    /// Names that a record says are disabled or expired.
    disabled: FxHashMap<UserKey, Timestamp>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[
        EventKind::LogonFailed,
        EventKind::CredentialValidation,
        EventKind::TicketGranting,
        EventKind::PreAuthFailed,
        EventKind::LockedOut,
        EventKind::AccountDisabled,
        EventKind::AccountEnabled,
        EventKind::Logon,
    ];
    fn new(settings: Settings) -> Self {
        Self {
            settings,
            sources: FxHashMap::default(),
            tried: FxHashMap::default(),
            locked: FxHashMap::default(),
            disabled: FxHashMap::default(),
        }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let (kind, user) = (step.event().kind, step.user_key());
        match kind {
            EventKind::Logon if self.tried.is_empty() => return,
            EventKind::Logon => {}
            EventKind::LockedOut => _ = self.locked.insert(user, step.at()),
            EventKind::AccountDisabled => _ = self.disabled.insert(user, step.at()),
            EventKind::AccountEnabled => {
                self.disabled.remove(&user);
                self.tried.retain(|(tried, _), _| *tried != user);
            }
            _ => {}
        }
        let (Some(attempt), Some(origin)) = (step.attempt(), step.origin()) else { return };
        match attempt.class {
            StatusClass::Success if !self.tried.is_empty() => self.succeeded(step, origin, out),
            StatusClass::LockedOut => _ = self.locked.insert(user, step.at()),
            StatusClass::Disabled if !attempt.repeat => self.tried(step, origin, out),
            _ => {}
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - DAY;
        self.sources.retain(|_, window| window.newest().is_some_and(|newest| newest >= limit));
        self.locked.retain(|_, at| *at >= limit);
        let success = now - Span::hours(self.settings.success_within_hours);
        self.tried.retain(|_, (at, _)| *at >= success);
        shed(&mut self.sources, MOST, Window::newest);
        shed(&mut self.tried, MOST, |(at, _)| Some(*at));
        shed(&mut self.disabled, MOST, |at| Some(*at));
    }
}

impl Rule {
    #[inline(never)]
    fn tried(&mut self, step: &Step<'_>, origin: Origin, out: &mut Findings) {
        let (event, user) = (step.event(), step.user_key());
        if event.account.user.is_none() || step.user.is_dollar || is_guest(step) {
            return;
        }
        let by_kerberos = event.status.family == StatusFamily::Kerberos;
        if by_kerberos {
            let locked = self.locked.get(&user).is_some_and(|at| step.at() - *at < DAY);
            if locked && !self.disabled.contains_key(&user) {
                return;
            }
        } else {
            self.disabled.insert(user, step.at());
        }
        self.tried.insert((user, origin), (step.at(), step.id));
        let window = self.sources.entry(origin).or_default();
        window.push(step.at(), Try { user, account: step.row.account, event: step.id }, DAY, KEPT);
        let (mut users, mut accounts, mut records) = (Vec::new(), Vec::new(), Vec::new());
        for (_, attempt) in window.iter() {
            if !users.contains(&attempt.user) {
                users.push(attempt.user);
                accounts.push(attempt.account);
            }
            records.push(attempt.event);
        }
        let first_at = window.iter().next().map_or_else(|| step.at(), |(at, _)| *at);
        let is_public = step.address_class() == Some(AddressClass::Public) && !step.source_tags().exit;
        let is_job = matches!(event.logon_type, LogonType::Batch | LogonType::Service);
        let usual = step.is_usual_place(1);
        let many = users.len() >= self.settings.accounts && !is_shared(step) && !is_public;
        let say = step.say();
        let state =
            if by_kerberos && !self.disabled.contains_key(&user) { "disabled, expired or locked out" } else { "disabled or expired" };
        let which = if accounts.len() == 1 {
            let place = if usual || is_job { ", from where it used to log on: a forgotten job or device" } else { "" };
            format!("{}, which is {state}{place}", say.account(step.row.account))
        } else {
            let names = say.list(accounts.iter().map(|id| say.account(*id)), 5);
            format!("{} that are disabled or expired: {names}", say::count(accounts.len(), "account"))
        };
        let why = format!("{} tried at {} {} {which}.", say.origin(origin), say.host(step.row.host), say.stretch(first_at, step.at()));
        let tags = step.account_tags();
        let matters = (tags.tier0 || tags.admin || tags.watched) && !usual && !is_job && !is_public;
        let score = Score::new(Severity::Low, "a disabled account was tried")
            .raise_if(many, "several disabled accounts from one source")
            .raise_if(matters, "an administrator's account, from a new place");
        // The internet tries old names at every exposed host: one finding for each host.
        let key = if is_public { Key::of(step.row.host.index(), 2) } else { Key(origin_number(origin), 0) };
        let quiet = Span::days(self.settings.quiet_days);
        out.push(Finding::new(step, key, quiet, score, why).since(first_at, records).and_accounts(accounts));
    }
    fn succeeded(&self, step: &Step<'_>, origin: Origin, out: &mut Findings) {
        if let Some((tried_at, record)) = self.tried.get(&(step.user_key(), origin)) {
            self.got_in(step, origin, (*tried_at, *record), out);
        }
    }
    #[cold]
    #[inline(never)]
    fn got_in(&self, step: &Step<'_>, origin: Origin, (tried_at, record): (Timestamp, EventId), out: &mut Findings) {
        let known = step.usual_account().activity.days >= self.settings.history_days;
        if !known || step.is_usual_place(1) || step.at() - tried_at > Span::hours(self.settings.success_within_hours) {
            return;
        }
        let say = step.say();
        let why = format!(
            "{} got in from {} at {}, after it was tried from there while disabled at {}; no record says that it was enabled.",
            say.account(step.row.account),
            say.origin(origin),
            say.time(step.at()),
            say.time(tried_at),
        );
        let score = Score::new(Severity::Medium, "a disabled account that was tried got in").raise_for(step);
        let key = Key(origin_number(origin), 0);
        out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why).since(tried_at, [record]));
    }
}

fn is_guest(step: &Step<'_>) -> bool {
    step.account().is_some_and(|account| account.class == AccountClass::Guest)
        || step.raw(step.event().account.sid).ends_with("-501")
        || step.raw(step.event().account.user).eq_ignore_ascii_case("guest")
}
