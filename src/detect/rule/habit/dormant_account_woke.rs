//! `dormant-account-woke`: an account that was silent for weeks logs on.
//!
//! People come back from leave every day, mostly to their own desk, and the help desk resets the password they forgot. So
//! waking alone is told low; it matters for an administrator, and where both the place and the host (or the device) are new.
//! Who was away for a holiday comes back to a computer of its own: a week of silence is told only where it does not.

use super::place::Strange;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Profile, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory};
use crate::model::ids::{AccountId, EventId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "dormant-account-woke",
    title: "Account silent for weeks logs on",
    severity: Severity::Medium,
    attack: &["T1078"],
    needs: "4624, 4768 or Entra sign-ins of more than a month",
    requires: &[
        &[Needed::Logons(LogonType::Interactive)],
        &[Needed::Records(EventKind::TicketGranting)],
        &[Needed::SignIns(SignInCategory::Interactive)],
    ],
    check: "Is the owner back? Ask by another way than the account. Who else knew that nobody would notice its use?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Silence from which on an account is dormant.
        pub silent_days: i64 = 30,
        /// Silence, for an account that was there day by day, from which on a desktop from another computer on a new host counts.
        pub absent_days: i64 = 8,
        /// Silence from which on waking weighs more.
        pub long_days: i64 = 90,
        /// Days on which it was used before.
        pub used_days: u32 = 3,
        /// What it does so long after waking still belongs to it.
        pub waking_minutes: i64 = 60,
        /// A password that was set (4723, 4724) so shortly before is told.
        pub reset_hours: i64 = 24,
    }
}

/// Accounts that woke, and resets, remembered.
const KEPT: usize = 4_096;

#[derive(Clone, Copy)]
struct Waking {
    woke_at: Timestamp,
    slept_at: Timestamp,
}

pub struct Rule {
    settings: Settings,
    waking: FxHashMap<AccountId, Waking>,
    resets: FxHashMap<AccountId, (Timestamp, EventId)>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::TicketGranting, EventKind::SignIn, EventKind::PasswordSet];
    fn new(settings: Settings) -> Self {
        Self { settings, waking: FxHashMap::default(), resets: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let (event, account) = (step.event(), step.row.account);
        if event.kind == EventKind::PasswordSet {
            self.resets.insert(account, (event.at, step.id));
            return;
        }
        let usual = step.usual_account();
        let Some(last) = usual.activity.last_at() else { return };
        let is_waking = !self.waking.is_empty() && self.waking.contains_key(&account);
        let has_slept = event.at - last >= Span::days(self.settings.absent_days.min(self.settings.silent_days));
        if !(is_waking || has_slept) || event.outcome != Outcome::Success || !is_meant(step) {
            return;
        }
        if has_slept && usual.activity.days >= self.settings.used_days {
            self.waking.insert(account, Waking { woke_at: event.at, slept_at: last });
        }
        if let Some(waking) = self.waking.get(&account).copied()
            && event.at - waking.woke_at <= Span::minutes(self.settings.waking_minutes)
            && (waking.woke_at - waking.slept_at >= Span::days(self.settings.silent_days) || comes_from_elsewhere(step, usual))
        {
            self.raise(step, usual, waking, out);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.waking, &goes, stays, |_, _| {});
        rekey(&mut self.resets, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let (woke, reset) = (now - Span::minutes(self.settings.waking_minutes), now - Span::hours(self.settings.reset_hours));
        self.waking.retain(|_, waking| waking.woke_at >= woke);
        self.resets.retain(|_, (at, _)| *at >= reset);
        shed(&mut self.waking, KEPT, |waking| Some(waking.woke_at));
        shed(&mut self.resets, KEPT, |(at, _)| Some(*at));
    }
}

/// Workloads that sleep are those of `retired-identity-active`.
fn is_meant(step: &Step<'_>) -> bool {
    step.account().is_some_and(|account| {
        matches!(account.class, AccountClass::Human | AccountClass::Unknown | AccountClass::Service | AccountClass::Guest)
    }) && step.sign_in().is_none_or(|sign_in| matches!(sign_in.category, SignInCategory::Interactive | SignInCategory::NonInteractive))
}

/// A desktop on a host it never used, from a computer it never used.
fn comes_from_elsewhere(step: &Step<'_>, usual: &Profile) -> bool {
    let event = step.event();
    let is_desktop = match event.kind {
        EventKind::Logon => matches!(event.logon_type, LogonType::RemoteInteractive | LogonType::CachedRemoteInteractive),
        _ => false,
    };
    is_desktop && step.is_remote() && Strange::of(step, usual).host && !step.source_tags().exit && !step.is_usual_place(1)
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, usual: &Profile, waking: Waking, out: &mut Findings) {
        let silent = waking.woke_at - waking.slept_at;
        let strange = Strange::of(step, usual);
        let is_elsewhere = silent < Span::days(self.settings.silent_days);
        let is_new = is_elsewhere || strange.network && strange.host;
        let reset = self.resets.get(&step.row.account).filter(|(at, _)| waking.woke_at - *at <= Span::hours(self.settings.reset_hours));
        let severity = if is_new || step.account_is_privileged() { ABOUT.severity } else { Severity::Low };
        let score = Score::new(severity, "an account that was silent for weeks")
            .raise_if(is_new && step.account_is_privileged(), "an administrator from a new place")
            .plus_if(is_new, 5, "the place and the host or device are new for it")
            .plus_if(reset.is_some(), 5, "its password was set just before")
            .plus_if(silent >= Span::days(self.settings.long_days), 3, "silent for months");
        let say = step.say();
        let from = step.origin().map_or_else(String::new, |origin| format!(" from {}", say.origin(origin)));
        let how = match step.sign_in() {
            Some(sign_in) => format!("a sign-in to {}", say.text(sign_in.app)),
            None if step.event().kind == EventKind::TicketGranting => "a ticket-granting ticket".to_owned(),
            None => format!("{} on {}", say.logon_type(step.event().logon_type), say.host(step.row.host)),
        };
        let was_reset = reset.map_or_else(String::new, |(at, _)| format!("; its password was set at {}", say.time(*at)));
        let why = format!(
            "{} was last seen on {} ({} ago), now {how}{from} at {}{}{was_reset}.",
            say.account(step.row.account),
            say.date(waking.slept_at),
            say::count(usize::try_from(silent.as_seconds() / 86_400).unwrap_or(0), "day"),
            say.time(step.at()),
            if is_new { ", a place and host it never used" } else { "" },
        );
        let key = Key::of(step.row.account.index(), 0);
        let finding = Finding::new(step, key, Span::minutes(self.settings.waking_minutes), score, why);
        out.push(match reset {
            Some((at, event)) => finding.since(*at, [*event]),
            None => finding,
        });
    }
}
