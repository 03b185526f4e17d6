//! `workload-time-changed`: a job that runs at fixed times of the day runs once more.
//!
//! A schedule is known by its times of the day: nearly every run has others on other days at about its time. Hourly jobs
//! fill the day and so are never odd. An extra run comes before the next one is due; a late one is no extra. Its owner may
//! start a job by hand in business hours, which is told low; so nobody does at night.

use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory};
use crate::model::ids::AccountId;
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

const ABOUT: Detection = Detection {
    id: "workload-time-changed",
    title: "Scheduled workload runs off its schedule",
    severity: Severity::Medium,
    attack: &["T1053", "T1078.004"],
    needs: "Entra service principal or managed identity sign-ins, or 4624 types 3 and 4 of service accounts, of two weeks",
    requires: &[
        &[Needed::SignIns(SignInCategory::ServicePrincipal)],
        &[Needed::SignIns(SignInCategory::ManagedIdentity)],
        &[Needed::Logons(LogonType::Batch)],
        &[Needed::Logons(LogonType::Network)],
    ],
    check: "Did its owner start it by hand? If not, who else holds its secret, and what did this run do?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// The schedule must be known for so long.
        pub history_days: i64 = 14,
        /// Runs that make a schedule.
        pub runs: usize = 10,
        /// A run this near to a usual time of the day is on time; more than an hour, for changes of summer time.
        pub tolerance_minutes: i64 = 90,
        /// Share of runs that must be on time among each other.
        pub regular: f64 = 0.8,
        /// After a failure the job may try again for so long.
        pub retry_minutes: i64 = 120,
        /// One finding for an identity in so many hours.
        pub quiet_hours: i64 = 24,
    }
}

/// Runs remembered of one identity, newest last.
const KEPT: usize = 48;
/// What an identity does without a pause this long is one run.
const PAUSE: Span = Span::minutes(10);
const FORGET_AFTER: Span = Span::days(90);
const DAY_MINUTES: i64 = 1_440;
/// Other days with a run at about its time that make a run regular.
const ALIKE: usize = 3;

#[derive(Default)]
struct Runs {
    starts: VecDeque<Timestamp>,
    last_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
}

pub struct Rule {
    settings: Settings,
    workloads: FxHashMap<AccountId, Runs>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn, EventKind::Logon, EventKind::LogonFailed];
    const LOGONS: &'static [LogonType] = &[LogonType::Network, LogonType::Batch];
    fn new(settings: Settings) -> Self {
        Self { settings, workloads: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let (event, account) = (step.event(), step.row.account);
        if !is_run(step) {
            return;
        }
        let at = event.at;
        let runs = self.workloads.entry(account).or_default();
        if event.outcome != Outcome::Success {
            runs.failed_at = runs.failed_at.max(Some(at));
            return;
        }
        let before = runs.last_at.replace(runs.last_at.map_or(at, |last| last.max(at)));
        if before.is_some_and(|last| at - last < PAUSE) {
            return;
        }
        if let Some(odd) = runs.judge(&self.settings, at) {
            self.raise(step, &odd, out);
        }
        if let Some(runs) = self.workloads.get_mut(&account) {
            runs.starts.push_back(at);
            if runs.starts.len() > KEPT {
                runs.starts.pop_front();
            }
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.workloads, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        self.workloads.retain(|_, runs| runs.last_at.max(runs.failed_at).is_some_and(|last| now - last < FORGET_AFTER));
    }
}

/// An attempt of a workload to run. Services start with the host, whenever that is.
fn is_run(step: &Step<'_>) -> bool {
    match step.sign_in() {
        Some(sign_in) => matches!(sign_in.category, SignInCategory::ServicePrincipal | SignInCategory::ManagedIdentity),
        None => {
            matches!(step.event().logon_type, LogonType::Batch | LogonType::Network)
                && step.account().is_some_and(|account| matches!(account.class, AccountClass::Service | AccountClass::ManagedService))
        }
    }
}

/// A run that is off schedule.
struct Odd {
    runs: usize,
    since: Timestamp,
    /// The usual time nearest to it, in minutes of the day (UTC), and how far that is.
    nearest: i64,
    off: i64,
}

fn minute(at: Timestamp) -> i64 {
    at.as_unix_seconds().div_euclid(60).rem_euclid(DAY_MINUTES)
}

/// Minutes round the clock between two minutes of the day.
fn between(one: i64, other: i64) -> i64 {
    let apart = (one - other).abs();
    apart.min(DAY_MINUTES - apart)
}

impl Runs {
    fn judge(&self, settings: &Settings, at: Timestamp) -> Option<Odd> {
        let (first, last) = (*self.starts.front()?, *self.starts.back()?);
        let is_retry = self.failed_at.is_some_and(|failed| (at - failed).abs() <= Span::minutes(settings.retry_minutes));
        if self.starts.len() < settings.runs || at - first < Span::days(settings.history_days) || is_retry {
            return None;
        }
        let times: Vec<i64> = self.starts.iter().map(|start| minute(*start)).collect();
        let near = |time: i64| times.iter().filter(|other| between(time, **other) <= settings.tolerance_minutes).count();
        // Each run is near to itself.
        let regular: Vec<i64> = times.iter().copied().filter(|time| near(*time) > ALIKE).collect();
        #[allow(clippy::cast_precision_loss)] // at most KEPT
        let share = regular.len() as f64 / times.len() as f64;
        let nearest = *regular.iter().min_by_key(|time| between(minute(at), **time))?;
        let off = between(minute(at), nearest);
        let is_due = at - last >= self.usual_gap();
        (share >= settings.regular && off > settings.tolerance_minutes && !is_due).then_some(Odd {
            runs: times.len(),
            since: first,
            nearest,
            off,
        })
    }
    /// The median of the gaps, less a little.
    fn usual_gap(&self) -> Span {
        let mut gaps: Vec<Span> = self.starts.iter().zip(self.starts.iter().skip(1)).map(|(one, next)| *next - *one).collect();
        gaps.sort_unstable();
        let median = gaps.get(gaps.len() / 2).copied().unwrap_or(Span::ZERO);
        Span::seconds(median.as_seconds() / 20 * 19)
    }
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, odd: &Odd, out: &mut Findings) {
        let usual = step.usual_account();
        let is_known = |dimension, value| usual.seen(dimension).contains(value);
        let is_elsewhere = match step.sign_in() {
            Some(sign_in) => sign_in.asn != 0 && !is_known(Dimension::Asn, Value::Number(sign_in.asn)),
            None => step.row.source.some().is_some_and(|source| step.is_remote() && !is_known(Dimension::Source, Value::Source(source))),
        };
        let at_work = step.site.is_business_hour(step.row.account, step.at());
        let severity = if at_work { Severity::Low } else { ABOUT.severity };
        let reason = if at_work { "an extra run in business hours, as by hand" } else { "an extra run when nobody starts it by hand" };
        let score = Score::new(severity, reason).raise_if(is_elsewhere, "from a place it never ran from").raise_for(step);
        let say = step.say();
        let from = step.origin().map_or_else(String::new, |origin| format!(" from {}", say.origin(origin)));
        let why = format!(
            "{} ran at {}{from}, an extra run {} from its nearest usual time of {:02}:{:02}; {} since {} kept to their times.",
            say.account(step.row.account),
            say.time(step.at()),
            say::span(Span::minutes(odd.off)),
            odd.nearest / 60,
            odd.nearest % 60,
            say::count(odd.runs, "run"),
            say.date(odd.since),
        );
        let key = Key::of(step.row.account.index(), 0);
        out.push(Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_day_are_round_the_clock() {
        assert_eq!([between(10, 1_430), between(600, 660), between(0, 720)], [20, 60, 720]);
    }
}
