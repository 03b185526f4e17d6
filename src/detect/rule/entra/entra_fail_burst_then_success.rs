//! `entra-fail-burst-then-success`: wrong passwords in Entra, then the password is right.
//!
//! "Right" is more than a success: Entra asks for a second factor, or blocks by policy, only after the password held.

use crate::base::time::{Span, Timestamp};
use crate::base::unique::Unique;
use crate::detect::baseline::{Dimension, Value, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::window::Window;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignIn, SignInCategory};
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::status::StatusClass;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "entra-fail-burst-then-success",
    title: "Wrong passwords in Entra, then the right one",
    severity: Severity::High,
    attack: &["T1110"],
    needs: "Entra interactive and non-interactive sign-ins with errorCode and ipAddress",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "Was it the person? If not: reset the password, revoke the sessions, see what else this address tried.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub failures: usize,
    pub failures_within_minutes: i64,
    /// How long after the last failure a success from the same address counts.
    pub success_within_minutes: i64,
    /// The same for a success from a network (ASN) that the user never had.
    pub new_network_within_minutes: i64,
    pub quiet_hours: i64,
    /// Failures kept for one user.
    pub kept: usize,
}

impl Settings {
    fn length(&self) -> Span {
        Span::minutes(self.failures_within_minutes + self.new_network_within_minutes)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            failures: 5,
            failures_within_minutes: 30,
            success_within_minutes: 30,
            new_network_within_minutes: 60,
            quiet_hours: 6,
            kept: 256,
        }
    }
}

#[derive(Clone, Copy)]
struct Failure {
    event: EventId,
    source: SourceId,
    correlation: Unique,
}

pub struct Rule {
    settings: Settings,
    failures: FxHashMap<AccountId, Window<Failure>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, failures: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::of_user(step) else { return };
        let event = step.event();
        if event.outcome != Outcome::Success && matches!(event.status.class(), StatusClass::Guess | StatusClass::LockedOut) {
            let failures = self.failures.entry(step.row.account).or_default();
            // One try may be written in several rows; they share the correlation id.
            let told = sign_in.correlation_id.is_some()
                && failures
                    .between(event.at - Span::minutes(10), event.at + Span::minutes(10))
                    .any(|(_, failure)| failure.correlation == sign_in.correlation_id);
            if !told {
                let failure = Failure { event: step.id, source: step.row.source, correlation: sign_in.correlation_id };
                failures.push(event.at, failure, self.settings.length(), self.settings.kept);
            }
            return;
        }
        if sign_in::password_was_right(step)
            && let Some(failures) = self.failures.get(&step.row.account)
            // Cheap test first: most hold too few, however they stand.
            && failures.len() >= self.settings.failures.max(1)
        {
            judge(&self.settings, failures, step, sign_in, out);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.failures, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - self.settings.length();
        self.failures.retain(|_, failures| {
            failures.forget_before(limit);
            !failures.is_empty()
        });
    }
}

#[cold]
#[inline(never)]
fn judge(settings: &Settings, failures: &Window<Failure>, step: &Step<'_>, sign_in: &SignIn, out: &mut Findings) {
    let at = step.at();
    let since_last = failures.between(Timestamp::MIN, at).last().map(|(last, _)| at - *last);
    let Some(since_last) = since_last else { return };
    let same_address = |(_, failure): &&(_, Failure)| failure.source == step.row.source && failure.source.is_some();
    let networks = step.usual_account().seen(Dimension::Asn);
    let is_known_network = networks.contains(Value::Number(step.asn()));
    let new_network = step.asn() != 0 && !networks.is_empty() && !is_known_network;
    let burst = dense(settings, failures.iter().filter(|(other, _)| *other <= at).filter(same_address).collect())
        .filter(|failures| failures.last().is_some_and(|(last, _)| at - *last <= Span::minutes(settings.success_within_minutes)))
        .or_else(|| {
            (new_network && since_last <= Span::minutes(settings.new_network_within_minutes))
                .then(|| dense(settings, failures.iter().filter(|(other, _)| *other <= at).collect()))
                .flatten()
        });
    let Some(burst) = burst else { return };
    let (Some((first_at, first)), Some((last_at, _))) = (burst.first(), burst.last()) else { return };
    // People mistype at home too, and a phone goes on with the old password after it was changed.
    let usual = is_known_network || step.usual_account().seen(Dimension::Source).contains(Value::Source(step.row.source));
    let say = step.say();
    let score = if usual {
        Score::new(Severity::Low, "wrong passwords, then right, in a network where the user is at home")
    } else {
        Score::new(ABOUT.severity, "wrong passwords, then right")
            .raise_for(step)
            .plus_if(new_network, 10, "a network the user never had")
            .plus_if(burst.len() >= 20, 5, "20 attempts or more")
    };
    let meaning = match step.event().outcome {
        Outcome::Success => "success".to_owned(),
        _ => format!("{} {} (the password was right)", step.event().status.code_text(), step.event().status.text()),
    };
    let from = say.source(first.source);
    let elsewhere = if first.source == step.row.source { String::new() } else { format!(" from {}", say.source(step.row.source)) };
    let why = format!(
        "{}: {} from {from} {}, then {meaning}{elsewhere} in {} at {}.",
        say.account(step.row.account),
        say::count(burst.len(), "wrong password"),
        say.stretch(*first_at, *last_at),
        say.text(sign_in.app),
        say.time(at),
    );
    let key = Key::of(step.row.account.index(), step.row.source.index());
    out.push(
        Finding::new(step, key, Span::hours(settings.quiet_hours), score, why)
            .since(*first_at, burst.iter().map(|(_, failure)| failure.event))
            .and_sources(burst.iter().map(|(_, failure)| failure.source)),
    );
}

/// The failures, if enough of them stand close together.
fn dense<'a>(settings: &Settings, failures: Vec<&'a (Timestamp, Failure)>) -> Option<Vec<&'a (Timestamp, Failure)>> {
    let enough = failures.windows(settings.failures.max(1)).any(|some| match (some.first(), some.last()) {
        (Some((first, _)), Some((last, _))) => *last - *first <= Span::minutes(settings.failures_within_minutes),
        _ => false,
    });
    enough.then_some(failures)
}
