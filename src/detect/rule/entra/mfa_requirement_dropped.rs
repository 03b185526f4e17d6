//! `mfa-requirement-dropped`: one factor is enough where two were the rule.
//!
//! A policy gap was found, or an excluded path. A trusted network asks for less by intent: it is where others of the
//! organisation are, so a single factor from there, or on the organisation's device, stays low.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::Dimension;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::news::News;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignIn, SignInCategory};
use crate::model::ids::AccountId;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "mfa-requirement-dropped",
    title: "Single factor where two were the rule",
    severity: Severity::Medium,
    attack: &["T1556.006"],
    needs: "Entra interactive sign-ins with authenticationRequirement, of at least two weeks",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "Which policy did not apply to this sign-in, and who changed it? Was it the user?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Sign-ins of the user with the application before there is a rule.
        pub sign_ins: u32 = 20,
        /// And days.
        pub history_days: i64 = 14,
        /// Share of them with two factors, in percent.
        pub with_two_percent: u32 = 95,
        /// Accounts that use an address before it counts as a trusted network.
        pub trusted_users: usize = 5,
        /// Once for each user and application and so many days.
        pub quiet_days: i64 = 7,
        /// Pairs of user and application kept.
        pub kept: usize = 131072,
    }
}

#[derive(Clone, Copy)]
struct Habit {
    first_at: Timestamp,
    last_at: Timestamp,
    with_two: u32,
    all: u32,
}

pub struct Rule {
    settings: Settings,
    habits: FxHashMap<(AccountId, Symbol), Habit>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, habits: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::success_of_user(step).filter(|sign_in| !sign_in::is_silent(sign_in)) else { return };
        let requirement = step.raw(sign_in.requirement);
        if requirement.is_empty() {
            return;
        }
        let (at, app) = (step.at(), sign_in.app_id.or(sign_in.app));
        let habit = self.habits.entry((step.row.account, app)).or_insert(Habit { first_at: at, last_at: at, with_two: 0, all: 0 });
        let is_single = requirement.eq_ignore_ascii_case("singleFactorAuthentication");
        let settings = &self.settings;
        let is_rule = habit.all >= settings.sign_ins
            && habit.with_two * 100 >= habit.all * settings.with_two_percent
            && at - habit.first_at >= Span::days(settings.history_days);
        let before = *habit;
        habit.last_at = habit.last_at.max(at);
        habit.all = habit.all.saturating_add(1);
        habit.with_two = habit.with_two.saturating_add(u32::from(!is_single));
        if !is_rule || !is_single {
            return;
        }
        let by_claim = step.raw(sign_in.step_detail).contains("claim") || step.raw(sign_in.method).contains("previously satisfied");
        if !by_claim {
            self.raise(step, sign_in, &before, out);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        let gone: Vec<_> = self.habits.extract_if(|(account, _), _| *account == goes).collect();
        for ((_, app), other) in gone {
            let habit = self.habits.entry((stays, app)).or_insert(Habit { with_two: 0, all: 0, ..other });
            habit.first_at = habit.first_at.min(other.first_at);
            habit.all = habit.all.saturating_add(other.all);
            habit.with_two = habit.with_two.saturating_add(other.with_two);
        }
    }
    fn forget(&mut self, now: Timestamp) {
        self.habits.retain(|_, habit| now - habit.last_at <= Span::days(180));
        shed(&mut self.habits, self.settings.kept, |habit| Some(habit.last_at));
    }
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, sign_in: &SignIn, habit: &Habit, out: &mut Findings) {
        let news = News::of(step, sign_in);
        let is_trusted = step.usual_source().seen(Dimension::Account).len() >= self.settings.trusted_users;
        let is_odd = news.is_new_place() && !news.own_device && !is_trusted;
        let score = if is_odd {
            Score::new(ABOUT.severity, "a single factor was enough, in a place that is not the user's").raise_for(step)
        } else {
            Score::new(Severity::Low, "a single factor was enough, where the user or others are at home")
        }
        .plus_if(step.raw(sign_in.conditional_access).eq_ignore_ascii_case("notApplied"), 3, "no policy applied");
        let say = step.say();
        let why = format!(
            "{} signed in to {} from {} ({}, {}) with a single factor; {} of {} sign-ins before had two.",
            say.account(step.row.account),
            say.text(sign_in.app.or(sign_in.app_id)),
            say.source(step.row.source),
            say.network(step.asn()),
            say.text(step.country()),
            habit.with_two,
            habit.all,
        );
        let key = Key::of(step.row.account.index(), sign_in.app_id.or(sign_in.app).index());
        out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why));
    }
}
