//! `mfa-fatigue`: prompts until somebody gives in.
//!
//! A denied or ignored prompt says that the password is known. The order counts: many refusals, then an approval.

use crate::base::time::{Span, Timestamp};
use crate::base::unique::Unique;
use crate::detect::baseline::{Dimension, Value, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::Window;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, MfaResult, Outcome, SignInCategory};
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::status::StatusClass;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "mfa-fatigue",
    title: "MFA prompts until somebody gives in",
    severity: Severity::High,
    attack: &["T1621"],
    needs: "Entra sign-ins with authenticationDetails or error 500121",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "Ask the user whether they asked for these prompts. The password is known to somebody: reset it; revoke sessions if one was approved.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub denials: usize,
    /// The same when all came at night.
    pub denials_at_night: usize,
    pub denials_within_minutes: i64,
    /// Night in hours of the day where the user lives.
    pub night_from_hour: usize,
    pub night_to_hour: usize,
    /// How long after the last refusal an approval counts.
    pub approval_within_minutes: i64,
    pub quiet_hours: i64,
    pub kept: usize,
}

impl Settings {
    const fn is_night(&self, hour: usize) -> bool {
        let (from, to) = (self.night_from_hour, self.night_to_hour);
        if from <= to { from <= hour && hour < to } else { hour >= from || hour < to }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            denials: 5,
            denials_at_night: 3,
            denials_within_minutes: 60,
            night_from_hour: 22,
            night_to_hour: 6,
            approval_within_minutes: 30,
            quiet_hours: 6,
            kept: 256,
        }
    }
}

#[derive(Clone, Copy)]
struct Denial {
    event: EventId,
    source: SourceId,
    correlation: Unique,
    at_night: bool,
    /// From a network where the user is at home.
    at_home: bool,
}

pub struct Rule {
    settings: Settings,
    users: FxHashMap<AccountId, Window<Denial>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, users: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = step.sign_in() else { return };
        let event = step.event();
        let denied =
            event.outcome != Outcome::Success && (sign_in.mfa == MfaResult::Denied || event.status.class() == StatusClass::MfaDenied);
        let approved = event.outcome == Outcome::Success && sign_in.mfa == MfaResult::Approved;
        if step.row.account.is_none() || !(denied || approved) {
            return;
        }
        let within = Span::minutes(self.settings.denials_within_minutes);
        let length = Span::minutes(self.settings.denials_within_minutes + self.settings.approval_within_minutes);
        if denied {
            let window = self.users.entry(step.row.account).or_default();
            // Retries of one app share the correlation id and are one prompt.
            let told = sign_in.correlation_id.is_some()
                && window
                    .between(event.at - Span::minutes(10), event.at + Span::minutes(10))
                    .any(|(_, denial)| denial.correlation == sign_in.correlation_id);
            if told {
                return;
            }
            let usual = step.usual_account();
            let denial = Denial {
                event: step.id,
                source: step.row.source,
                correlation: sign_in.correlation_id,
                at_night: self.settings.is_night(step.hour_of_week() % 24),
                at_home: usual.seen(Dimension::Asn).contains(Value::Number(step.asn()))
                    || usual.seen(Dimension::Source).contains(Value::Source(step.row.source)),
            };
            window.push(event.at, denial, length, self.settings.kept);
        }
        let Some(window) = self.users.get(&step.row.account) else { return };
        let Some(newest) = window.between(Timestamp::MIN, event.at).last().map(|(at, _)| *at) else { return };
        if event.at - newest > Span::minutes(self.settings.approval_within_minutes) {
            return;
        }
        let denials: Vec<_> = window.between(newest - within, newest).copied().collect();
        let at_night = denials.len() >= self.settings.denials_at_night && denials.iter().all(|(_, denial)| denial.at_night);
        if denials.len() < self.settings.denials && !at_night {
            return;
        }
        self.raise(step, &denials, at_night, approved, out);
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.users, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::minutes(self.settings.denials_within_minutes + self.settings.approval_within_minutes);
        self.users.retain(|_, window| {
            window.forget_before(limit);
            !window.is_empty()
        });
    }
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, denials: &[(Timestamp, Denial)], at_night: bool, approved: bool, out: &mut Findings) {
        let (Some((first_at, first)), Some((last_at, _))) = (denials.first(), denials.last()) else { return };
        // A phone that loses its notifications is at home where its user is; who guessed a password is not.
        let score = if denials.iter().all(|(_, denial)| denial.at_home) {
            Score::new(Severity::Low, "refused prompts, all from networks where the user is at home")
        } else if approved {
            Score::new(Severity::Critical, "refused prompts, then one was approved")
        } else {
            Score::new(ABOUT.severity, "refused prompts: the password is known").raise_for(step)
        }
        .plus_if(at_night, 5, "all at night")
        .plus_if(denials.len() >= 15, 5, "15 prompts or more");
        let say = step.say();
        let end = if approved { format!("approved at {}", say.time(step.at())) } else { "not approved".to_owned() };
        let why = format!(
            "{}: {} denied or ignored {} from {}; {end}.",
            say.account(step.row.account),
            say::count(denials.len(), "MFA prompt"),
            say.stretch(*first_at, *last_at),
            say.source(first.source),
        );
        let key = Key::of(step.row.account.index(), 0);
        out.push(
            Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why)
                .since(*first_at, denials.iter().map(|(_, denial)| denial.event))
                .and_sources(denials.iter().map(|(_, denial)| denial.source)),
        );
    }
}
