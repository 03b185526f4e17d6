//! `entra-fail-burst-then-success`: wrong passwords in Entra, then the password is right.
//!
//! "Right" is more than a success: Entra asks for a second factor, or blocks by policy, only after the password held.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::base::unique::Unique;
use crate::detect::baseline::rekey;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::Window;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory};
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::status::StatusClass;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "entra-fail-burst-then-success",
    title: "Wrong passwords in Entra, then the right one",
    severity: Severity::High,
    attack: &["T1110"],
    needs: "Entra interactive and non-interactive sign-ins with errorCode and ipAddress",
    requires: &[],
    check: "Was it the person? If not: reset the password, revoke the sessions, see what else this address tried.",
};

/// Codes that come only after a right password: expired, second factor asked or failed, blocked by policy afterwards.
const PASSWORD_WAS_RIGHT: [u32; 7] = [50_055, 50_074, 50_076, 50_079, 50_144, 53_003, 500_121];

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

#[derive(Default)]
struct User {
    failures: Window<Failure>,
    networks: FxHashSet<u32>,
    devices: FxHashSet<Symbol>,
}

/// Networks and devices remembered for one user.
const KNOWN: usize = 64;

pub struct Rule {
    settings: Settings,
    users: FxHashMap<AccountId, User>,
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
        let person = matches!(sign_in.category, SignInCategory::Interactive | SignInCategory::NonInteractive | SignInCategory::Adfs);
        if !person || step.row.account.is_none() {
            return;
        }
        let event = step.event();
        let class = event.status.class();
        let user = self.users.entry(step.row.account).or_default();
        if event.outcome != Outcome::Success && matches!(class, StatusClass::Guess | StatusClass::LockedOut) {
            // One try may be written in several rows; they share the correlation id.
            let told = sign_in.correlation_id.is_some()
                && user
                    .failures
                    .between(event.at - Span::minutes(10), event.at + Span::minutes(10))
                    .any(|(_, failure)| failure.correlation == sign_in.correlation_id);
            if !told {
                let failure = Failure { event: step.id, source: step.row.source, correlation: sign_in.correlation_id };
                let length = Span::minutes(self.settings.failures_within_minutes + self.settings.new_network_within_minutes);
                user.failures.push(event.at, failure, length, self.settings.kept);
            }
            return;
        }
        if event.outcome != Outcome::Success && !PASSWORD_WAS_RIGHT.contains(&event.status.code) {
            return;
        }
        judge(&self.settings, user, step, out);
        if event.outcome == Outcome::Success {
            if sign_in.asn != 0 && user.networks.len() < KNOWN {
                user.networks.insert(sign_in.asn);
            }
            if sign_in.device_id.is_some() && user.devices.len() < KNOWN {
                user.devices.insert(sign_in.device_id);
            }
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.users, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::minutes(self.settings.failures_within_minutes + self.settings.new_network_within_minutes);
        for user in self.users.values_mut() {
            user.failures.forget_before(limit);
        }
    }
}

fn judge(settings: &Settings, user: &User, step: &Step<'_>, out: &mut Findings) {
    let (Some(sign_in), at) = (step.sign_in(), step.at()) else { return };
    let since_last = user.failures.between(Timestamp::MIN, at).last().map(|(last, _)| at - *last);
    let Some(since_last) = since_last else { return };
    let same_address = |(_, failure): &&(_, Failure)| failure.source == step.row.source && failure.source.is_some();
    let new_network = sign_in.asn != 0 && !user.networks.is_empty() && !user.networks.contains(&sign_in.asn);
    let burst = dense(settings, user.failures.iter().filter(|(other, _)| *other <= at).filter(same_address).collect())
        .filter(|failures| failures.last().is_some_and(|(last, _)| at - *last <= Span::minutes(settings.success_within_minutes)))
        .or_else(|| {
            (new_network && since_last <= Span::minutes(settings.new_network_within_minutes))
                .then(|| dense(settings, user.failures.iter().filter(|(other, _)| *other <= at).collect()))
                .flatten()
        });
    let Some(burst) = burst else { return };
    let (Some((first_at, first)), Some((last_at, _))) = (burst.first(), burst.last()) else { return };
    let usual = sign_in.device_id.is_some() && user.devices.contains(&sign_in.device_id) && user.networks.contains(&sign_in.asn);
    let say = step.say();
    let score = if usual {
        Score::new(Severity::Low, "wrong passwords, then right; known device in the usual network")
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
