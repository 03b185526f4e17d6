//! `mfa-fraud-reported`: a user says that a prompt was not theirs.
//!
//! A reported fraud is a fact. A declined prompt may be a wrong button: it counts fully where the sign-in came from a place
//! that the user never had, and stays low at home. Time-outs and wrong codes are no answer of anybody.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::news::News;
use crate::detect::rule::read::Read;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignInCategory};

const ABOUT: Detection = Detection {
    id: "mfa-fraud-reported",
    title: "User reports or declines a prompt",
    severity: Severity::High,
    attack: &["T1621"],
    needs: "Entra sign-ins with authenticationDetails or riskEventTypes",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "The password was right: who has it? Ask the user, reset it, and see what else came from this address.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Once for each user and so many hours.
        pub quiet_hours: i64 = 24,
    }
}

pub struct Rule {
    settings: Settings,
    /// Which details of a step and events of a risk tell of a fraud, and which details of a prompt that was declined.
    details: Read<Symbol, (bool, bool)>,
    risks: Read<Symbol, bool>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, details: Read::default(), risks: Read::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::of_user(step) else { return };
        if sign_in.step_detail.is_none() && sign_in.risk_event.is_none() {
            return;
        }
        let (told, is_declined) = self.details.of(sign_in.step_detail, || {
            let detail = step.raw(sign_in.step_detail);
            let words = ["declined", "app denied", "user denied", "call denied"];
            (detail.contains("fraud"), words.iter().any(|word| detail.contains(word)))
        });
        let is_fraud = told || self.risks.of(sign_in.risk_event, || step.raw(sign_in.risk_event).contains("suspiciousactivity"));
        if !is_fraud && !is_declined {
            return;
        }
        rarely(move || {
            let news = News::of(step, sign_in);
            let score = if is_fraud {
                Score::new(ABOUT.severity, "the user reported a prompt as not theirs").raise_for(step)
            } else if news.is_new_place() {
                Score::new(ABOUT.severity, "the user declined a prompt from a place they never had").raise_for(step)
            } else {
                let reason = if news.learning { "too little is known of the user" } else { "from where the user is at home" };
                Score::new(Severity::Low, format!("a declined prompt, {reason}"))
            };
            let say = step.say();
            let did = if is_fraud { "reported a prompt as fraud" } else { "declined a prompt" };
            let why = format!(
                "{} {did} of a sign-in to {} from {} ({}, {}) at {}; the password was right.",
                say.account(step.row.account),
                say.text(sign_in.app.or(sign_in.app_id)),
                say.source(step.row.source),
                say.network(step.asn()),
                say.text(step.country()),
                say.time(step.at()),
            );
            out.push(Finding::new(step, Key::of(step.row.account.index(), 0), Span::hours(self.settings.quiet_hours), score, why));
        });
    }
}
