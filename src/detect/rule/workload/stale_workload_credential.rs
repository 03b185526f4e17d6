//! `stale-workload-credential`: a workload lives on the same secret for too long.
//!
//! Hygiene, so low. In Entra a sign-in names the key it used. On premises a service account whose password was not set in
//! the log for a year counts, where the log spans that year and has such records at all; group-managed accounts rotate
//! theirs themselves.

use crate::base::by_id::ById;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory};
use crate::model::ids::AccountId;

const ABOUT: Detection = Detection {
    id: "stale-workload-credential",
    title: "Workload uses the same secret for too long",
    severity: Severity::Low,
    attack: &["T1552"],
    needs: "Entra service principal sign-ins of half a year; on premises 4723, 4724 and logons of a year",
    requires: &[&[Needed::SignIns(SignInCategory::ServicePrincipal)], &[Needed::Records(EventKind::PasswordSet)]],
    check: "Rotate the secret, or give the workload an identity that needs none (managed identity, gMSA, federation).",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// A client secret is stale after so many days.
        pub secret_days: i64 = 180,
        /// A certificate is stale after so many days.
        pub certificate_days: i64 = 365,
        /// A password of a service account is stale after so many days.
        pub password_days: i64 = 365,
        /// One finding for an identity in so many days.
        pub quiet_days: i64 = 90,
    }
}

/// What is known of an account: when its password was set, and when it was told last.
#[derive(Clone, Copy, Default)]
struct Known {
    set_at: Option<Timestamp>,
    told_at: Option<Timestamp>,
}

pub struct Rule {
    settings: Settings,
    accounts: ById<Known>,
    /// The log has records of passwords that were set, since then.
    audited_since: Option<Timestamp>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn, EventKind::Logon, EventKind::PasswordSet, EventKind::AccountCreated];
    fn new(settings: Settings) -> Self {
        Self { settings, accounts: ById::default(), audited_since: None }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let (event, account) = (step.event(), step.row.account);
        match event.kind {
            EventKind::PasswordSet | EventKind::AccountCreated => {
                self.audited_since.get_or_insert(event.at);
                if let Some(known) = self.accounts.entry(account.index(), Known::default) {
                    known.set_at = known.set_at.max(Some(event.at));
                }
            }
            EventKind::SignIn => self.key(step, out),
            _ => self.password(step, out),
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        if let (Some(gone), Some(known)) = (self.accounts.remove(goes.index()), self.accounts.entry(stays.index(), Known::default)) {
            known.set_at = known.set_at.max(gone.set_at);
            known.told_at = known.told_at.max(gone.told_at);
        }
    }
}

impl Rule {
    /// Whether it is time to tell of the account again; if so, it is told.
    fn tells(&mut self, step: &Step<'_>) -> bool {
        let quiet = Span::days(self.settings.quiet_days);
        let Some(known) = self.accounts.entry(step.row.account.index(), Known::default) else { return false };
        if known.told_at.is_some_and(|told| step.at() - told < quiet) {
            return false;
        }
        known.told_at = Some(step.at());
        true
    }
    fn key(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = step.sign_in().filter(|sign_in| sign_in.category == SignInCategory::ServicePrincipal) else { return };
        // A federated credential is no secret: what it trusts rotates by itself.
        let is_secret = sign_in.credential_key_id.is_some() || sign_in.credential_thumbprint.is_some();
        let Some(credential) = sign_in.credential().filter(|_| is_secret && step.event().outcome == Outcome::Success) else { return };
        let Some(seen) = step.usual_account().seen(Dimension::Credential).get(Value::Text(credential)) else { return };
        let (age, first_at) = (step.at() - seen.first_at, seen.first_at);
        let sort = step.raw(sign_in.credential_type);
        let is_certificate = sort.contains("certificate") || sort.contains("assertion");
        let limit = if is_certificate { self.settings.certificate_days } else { self.settings.secret_days };
        if age <= Span::days(limit) || !self.tells(step) {
            return;
        }
        let what = format!("credential {} in use since", step.say().text(credential));
        self.raise(step, &what, first_at, limit, out);
    }
    fn password(&mut self, step: &Step<'_>, out: &mut Findings) {
        let limit = Span::days(self.settings.password_days);
        let Some(account) = step.account().filter(|account| account.class == AccountClass::Service) else { return };
        let Some(since) = self.audited_since.filter(|since| step.at() - *since > limit) else { return };
        // Since when the log would tell of it: the account was known, and passwords that were set were audited.
        let known = self.accounts.get(account_index(step)).and_then(|known| known.set_at);
        let Some(from) = known.or(account.first.map(|first| first.max(since))) else { return };
        if step.at() - from <= limit || !self.tells(step) {
            return;
        }
        let what = if known.is_some() { "password in use since" } else { "password not set since the log tells of it," };
        self.raise(step, what, from, self.settings.password_days, out);
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, what: &str, since: Timestamp, limit: i64, out: &mut Findings) {
        let say = step.say();
        let age = usize::try_from((step.at() - since).as_seconds() / 86_400).unwrap_or(0);
        let why = format!("{}: {what} {} ({}, limit {limit}).", say.account(step.row.account), say.date(since), say::count(age, "day"),);
        let score = Score::new(ABOUT.severity, "a secret that was not rotated in time");
        out.push(Finding::new(step, Key::of(account_index(step), 0), Span::days(self.settings.quiet_days), score, why));
    }
}

const fn account_index(step: &Step<'_>) -> usize {
    step.row.account.index()
}
