//! `risk-flag-passed`: Entra itself saw a risk, and the sign-in passed with nothing asked for.
//!
//! `hidden` means that the level is not licensed and says nothing. A level of medium alone is often a trip or a new provider,
//! so it counts fully only where the baseline says so too, or where too little is known to say.

use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::news::News;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignInCategory};

const ABOUT: Detection = Detection {
    id: "risk-flag-passed",
    title: "Entra saw risk, the sign-in still passed",
    severity: Severity::High,
    attack: &["T1078.004"],
    needs: "Entra sign-ins with riskLevelDuringSignIn (ID Protection, P2)",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "What did ID Protection see? Was it the person? If not, revoke the sessions; require a factor at this risk level.",
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
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::success_of_user(step) else { return };
        let level = step.raw(sign_in.risk);
        let is_high = level.eq_ignore_ascii_case("high");
        if !is_high && !level.eq_ignore_ascii_case("medium") {
            return;
        }
        rarely(move || {
            let state = step.raw(sign_in.risk_state);
            let is_open = state.is_empty() || state.eq_ignore_ascii_case("atRisk") || state.eq_ignore_ascii_case("confirmedCompromised");
            let single = sign_in::is_single_factor(step, sign_in);
            let policy = step.raw(sign_in.conditional_access);
            let was_checked = policy.eq_ignore_ascii_case("success") && !single;
            if !is_open || was_checked {
                return;
            }
            let news = News::of(step, sign_in);
            let severity = match (is_high, news.learning || news.is_new_place() || news.device || news.client) {
                (true, _) => ABOUT.severity,
                (false, true) => Severity::Medium,
                (false, false) => Severity::Low,
            };
            let score = Score::new(severity, format!("risk {} and nothing asked for", if is_high { "high" } else { "medium" }))
                .raise_for(step)
                .plus_if(single, 5, "a single factor")
                .plus_if(news.is_new_place(), 5, "a place the user never had");
            let say = step.say();
            let sort = if sign_in.risk_event.is_some() { format!(" ({})", say.text(sign_in.risk_event)) } else { String::new() };
            let why = format!(
                "{}: Entra states risk {}{sort} for the sign-in to {} from {} ({}, {}); it passed with {}, conditional access {}.",
                say.account(step.row.account),
                if is_high { "high" } else { "medium" },
                say.text(sign_in.app.or(sign_in.app_id)),
                say.source(step.row.source),
                say.network(step.asn()),
                say.text(step.country()),
                if single { "a single factor" } else { "two factors" },
                if policy.is_empty() { "not stated".to_owned() } else { say.text(sign_in.conditional_access) },
            );
            out.push(Finding::new(step, Key::of(step.row.account.index(), 0), Span::hours(self.settings.quiet_hours), score, why));
        });
    }
}
