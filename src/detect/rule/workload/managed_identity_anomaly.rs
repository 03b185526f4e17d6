//! `managed-identity-anomaly`: a managed identity asks for what it never asked for.
//!
//! Its sign-ins have no address, so what counts is the resource, the number of tokens, and traces that it must not have: an
//! address, or a sign-in as a service principal. A first token for Key Vault, Resource Manager or Graph is what a thief on
//! the machine asks for; other first resources are mostly a new version of the program, and low. Several identities that
//! come to a resource in one day are its roll-out.

use super::sp_new_country_or_asn::is_powerful;
use crate::base::by_id::ById;
use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::baseline::seen::day;
use crate::detect::baseline::{Dimension, Enough, Novelty, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rate::DailyRate;
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::Window;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignIn, SignInCategory};
use crate::model::ids::AccountId;

const ABOUT: Detection = Detection {
    id: "managed-identity-anomaly",
    title: "Managed identity does something new",
    severity: Severity::Medium,
    attack: &["T1078.004", "T1552.005"],
    needs: "Entra managed identity sign-ins of at least two weeks",
    requires: &[&[Needed::SignIns(SignInCategory::ManagedIdentity)]],
    check: "Was the program on that machine changed? If not, who is on the machine and asks its metadata service for tokens?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Days on which the identity must be known.
        pub history_days: u32 = 10,
        /// Sign-ins, one an hour and resource at most, by which it must be known.
        pub history_sign_ins: u32 = 20,
        /// Good-Turing chance of a new resource above which new ones are usual.
        pub novelty: f64 = 0.02,
        /// Identities that come to a resource in one day from which on it is a roll-out.
        pub roll_out: usize = 3,
        /// Chance of so many tokens in a day, given the history.
        pub chance: f64 = 1e-5,
        /// So many times its usual tokens of a day, at least, are told.
        pub times: f64 = 10.0,
        /// One finding for an identity and a resource in so many days.
        pub quiet_days: i64 = 30,
    }
}

/// First requests remembered, of all identities.
const FIRSTS: usize = 1_024;
const ROLL_OUT: Span = Span::days(1);

/// Tokens of one identity.
#[derive(Clone, Copy, Default)]
struct Tokens {
    rate: DailyRate,
    day: i64,
    today: u32,
}

pub struct Rule {
    settings: Settings,
    tokens: ById<Tokens>,
    firsts: Window<(AccountId, Symbol)>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, tokens: ById::default(), firsts: Window::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = step.sign_in() else { return };
        let is_managed = sign_in.category == SignInCategory::ManagedIdentity;
        let is_copied = sign_in.category == SignInCategory::ServicePrincipal
            && step.account().is_some_and(|account| account.class == AccountClass::ManagedIdentity);
        if !(is_managed || is_copied) || step.event().outcome != Outcome::Success || step.row.account.is_none() {
            return;
        }
        let activity = step.usual_account().activity;
        let is_known = activity.days >= self.settings.history_days && activity.count >= self.settings.history_sign_ins;
        if is_managed {
            self.count(step, is_known, out);
        }
        if !is_known {
            return;
        }
        if is_copied {
            self.trace(step, "signed in as a service principal", out);
        } else if step.is_remote() && step.usual_account().seen(Dimension::Source).is_empty() {
            self.trace(step, "signed in from an address", out);
        }
        self.resource(step, sign_in, out);
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        if let Some(gone) = self.tokens.remove(goes.index()) {
            self.tokens.entry(stays.index(), || gone);
        }
    }
}

/// Key Vault, Resource Manager, Graph: what opens the rest.
fn opens_the_rest(step: &Step<'_>, sign_in: &SignIn) -> bool {
    const VAULT: &str = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093";
    is_powerful(step, sign_in)
        || step.raw(sign_in.resource_id).eq_ignore_ascii_case(VAULT)
        || step.raw(sign_in.resource).eq_ignore_ascii_case("Azure Key Vault")
}

impl Rule {
    fn resource(&mut self, step: &Step<'_>, sign_in: &SignIn, out: &mut Findings) {
        let resource = sign_in.resource_id.or(sign_in.resource);
        let settings = &self.settings;
        let enough = Enough { days: settings.history_days, count: settings.history_sign_ins, novelty: settings.novelty };
        if resource.is_none() || step.usual_account().judge(Dimension::Resource, Value::Text(resource), &enough) != Novelty::New {
            return;
        }
        self.firsts.push(step.at(), (step.row.account, resource), ROLL_OUT, FIRSTS);
        let with = |keep: &dyn Fn(&(AccountId, Symbol)) -> bool| {
            let mut found: Vec<_> =
                self.firsts.iter().map(|(_, first)| *first).filter(keep).map(|(account, other)| (account, other.index())).collect();
            found.sort_unstable();
            found.dedup();
            found.len()
        };
        let identities = with(&|first| first.1 == resource);
        let resources = with(&|first| first.0 == step.row.account);
        let opens = opens_the_rest(step, sign_in);
        let score = if identities >= settings.roll_out || !opens {
            let reason = if opens { "several identities came to the resource today: a roll-out" } else { "a resource it never asked for" };
            Score::new(Severity::Low, reason)
        } else {
            Score::new(ABOUT.severity, "a first token for what opens the rest")
                .raise_if(resources > 1, "and for other resources on the same day")
        };
        let (say, usual) = (step.say(), step.usual_account());
        let why = format!(
            "{} asked for its first token for {} at {}; in {} it used {}; {} came to that resource within a day.",
            say.account(step.row.account),
            say.text(sign_in.resource.or(resource)),
            say.time(step.at()),
            say::count(usual.seen(Dimension::Resource).activity.days as usize, "day"),
            say::count(usual.seen(Dimension::Resource).len(), "other resource"),
            if identities == 1 { "1 identity".to_owned() } else { format!("{identities} identities") },
        );
        let key = Key::of(step.row.account.index(), resource.index() + 2);
        out.push(Finding::new(step, key, Span::days(settings.quiet_days), score, why));
    }
    #[cold]
    #[inline(never)]
    fn trace(&self, step: &Step<'_>, what: &str, out: &mut Findings) {
        let say = step.say();
        let from = step.origin().map_or_else(String::new, |origin| format!(" ({})", say.origin(origin)));
        let why = format!(
            "{} {what}{from} at {}, which none of its {} did before.",
            say.account(step.row.account),
            say.time(step.at()),
            say::count(step.usual_account().activity.count as usize, "sign-in"),
        );
        let score = Score::new(ABOUT.severity, "a managed identity leaves its machine");
        out.push(Finding::new(step, Key::of(step.row.account.index(), 0), Span::days(self.settings.quiet_days), score, why));
    }
    /// Tokens are kept for hours, so their number hardly changes.
    fn count(&mut self, step: &Step<'_>, is_known: bool, out: &mut Findings) {
        let (at, today) = (step.at(), day(step.at()));
        let Some(tokens) = self.tokens.entry(step.row.account.index(), Tokens::default) else { return };
        tokens.rate.add(at);
        tokens.today = if tokens.day == today { tokens.today.saturating_add(1) } else { 1 };
        tokens.day = today;
        let tokens = *tokens;
        // Doubling numbers only: a flood is judged a few times.
        if !is_known || tokens.today < 16 || !tokens.today.is_power_of_two() {
            return;
        }
        let days = tokens.rate.days(at).max(1.0);
        let usual = (tokens.rate.per_day(at) - f64::from(tokens.today) / days).max(0.5);
        if f64::from(tokens.today) < self.settings.times * usual || tokens.rate.tail(tokens.today, tokens.today, at) >= self.settings.chance
        {
            return;
        }
        let say = step.say();
        let why =
            format!("{} asked for {} tokens on {}, usual {usual:.1} a day.", say.account(step.row.account), tokens.today, say.date(at),);
        let score = Score::new(Severity::Low, "many more tokens than on any other day");
        out.push(Finding::new(step, Key::of(step.row.account.index(), 1), ROLL_OUT, score, why));
    }
}
