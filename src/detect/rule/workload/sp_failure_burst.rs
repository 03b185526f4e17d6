//! `sp-failure-burst`: the credentials of a service principal fail again and again.
//!
//! Mostly a secret has expired and the workload asks on, and ends when its owner gives it a new one: low, however often.
//! Where the failures come from a network that is not its own, somebody tries a secret; where one works then, they have it.

use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value, rekey, subnet};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rate::DailyRate;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory};
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::status::{Status, StatusClass};
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "sp-failure-burst",
    title: "Credentials of a service principal fail",
    severity: Severity::Low,
    attack: &["T1110", "T1552"],
    needs: "Entra service principal sign-ins, failures too",
    requires: &[&[Needed::SignIns(SignInCategory::ServicePrincipal)]],
    check: "Did the secret expire (7000222)? If the secret is wrong and the place strange, where did they get the application's id?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Failures within the window that make a burst.
        pub failures: usize = 10,
        /// Length of the window in minutes.
        pub window_minutes: i64 = 60,
        /// Chance of so many failures a day, given the history, for a place that is its own.
        pub chance: f64 = 1e-4,
        /// Nothing is said of failures from its own place before it was watched for so long.
        pub history_days: i64 = 7,
        /// A success so long after the burst, from its place, belongs to it.
        pub success_minutes: i64 = 60,
        /// One finding for an identity in so many hours.
        pub quiet_hours: i64 = 24,
    }
}

/// Identities remembered, and failures of each.
const KEPT: usize = 4_096;
const FAILURES: usize = 256;

/// A failure: where from, by what code.
#[derive(Clone, Copy)]
struct Failure {
    event: EventId,
    place: Value,
    source: SourceId,
    status: Status,
    /// The place was never its own.
    strange: bool,
}

#[derive(Default)]
struct Workload {
    failures: Window<Failure>,
    rate: DailyRate,
}

pub struct Rule {
    settings: Settings,
    workloads: FxHashMap<AccountId, Workload>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, workloads: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if step.sign_in().is_none_or(|sign_in| sign_in.category != SignInCategory::ServicePrincipal) || step.row.account.is_none() {
            return;
        }
        let Some((dimension, place)) = place(step) else { return };
        if event.outcome == Outcome::Success {
            if !self.workloads.is_empty() {
                self.succeeded(step, place, out);
            }
            return;
        }
        if event.status.class() != StatusClass::WorkloadCredential {
            return;
        }
        let strange = !step.usual_account().seen(dimension).contains(place);
        let failure = Failure { event: step.id, place, source: step.row.source, status: event.status, strange };
        let workload = self.workloads.entry(step.row.account).or_default();
        workload.failures.push(event.at, failure, Span::minutes(self.settings.window_minutes), FAILURES);
        workload.rate.add(event.at);
        self.failed(step, failure, out);
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.workloads, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, _now: Timestamp) {
        shed(&mut self.workloads, KEPT, |workload| workload.failures.newest());
    }
}

/// The network; the part of the address where it is not known.
fn place(step: &Step<'_>) -> Option<(Dimension, Value)> {
    match step.asn() {
        0 => Some((Dimension::Subnet, subnet(step.event().address?))),
        asn => Some((Dimension::Asn, Value::Number(asn))),
    }
}

impl Rule {
    /// Failures of the window that came from one place.
    fn burst(&self, step: &Step<'_>, place: Value, until: Span) -> Vec<(Timestamp, Failure)> {
        let Some(workload) = self.workloads.get(&step.row.account) else { return Vec::new() };
        let from = step.at() - until;
        workload.failures.between(from, step.at()).filter(|(_, failure)| failure.place == place).copied().collect()
    }
    fn failed(&self, step: &Step<'_>, failure: Failure, out: &mut Findings) {
        let settings = &self.settings;
        let burst = self.burst(step, failure.place, Span::minutes(settings.window_minutes));
        let Some(workload) = self.workloads.get(&step.row.account).filter(|_| burst.len() >= settings.failures) else { return };
        let count = u32::try_from(burst.len()).unwrap_or(u32::MAX);
        let is_learned = step.usual_account().activity.age(step.at()) >= Span::days(settings.history_days);
        if !failure.strange && (!is_learned || workload.rate.tail(count, count, step.at()) >= settings.chance) {
            return;
        }
        let score = Score::new(ABOUT.severity, "its credentials fail again and again").plus_if(
            failure.strange,
            10,
            "from a network that is not its own",
        );
        self.raise(step, score, &burst, "", out);
    }
    /// The secret that failed from a strange place works from there.
    fn succeeded(&self, step: &Step<'_>, place: Value, out: &mut Findings) {
        let burst = self.burst(step, place, Span::minutes(self.settings.window_minutes.max(self.settings.success_minutes)));
        if burst.len() >= self.settings.failures && burst.iter().all(|(_, failure)| failure.strange) {
            let score = Score::new(Severity::High, "failures from a strange network, then a success from there");
            self.raise(step, score, &burst, ", then it succeeded", out);
        }
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, score: Score, burst: &[(Timestamp, Failure)], then: &str, out: &mut Findings) {
        let (Some((first, _)), Some((last, newest))) = (burst.first(), burst.last()) else { return };
        let say = step.say();
        let strange = if newest.strange { "never its place" } else { "a usual place of it" };
        let why = format!(
            "{}: {} failures ({} {}) from {}, {strange}, {}{then}.",
            say.account(step.row.account),
            burst.len(),
            newest.status.code_text(),
            newest.status.text(),
            say.source(newest.source),
            say.stretch(*first, *last),
        );
        let key = Key::of(step.row.account.index(), 0);
        let finding = Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why);
        out.push(finding.since(*first, burst.iter().map(|(_, failure)| failure.event)));
    }
}
