//! `user-enumeration`: names are tried that do not exist.
//!
//! Distinct names count, not attempts: a deleted account in a service repeats one name. Where many people log on from one
//! source a morning's typing errors look the same, so there three times as many are asked for and it stays low. What comes
//! from the internet (an exposed host, any tenant) is one low finding a day for each host, whatever the number of addresses.

use super::fail_burst_then_success::origin_number;
use super::run::{Run, Try, is_shared};
use crate::base::net::AddressClass;
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Origin, Step, UserKey};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignInCategory};
use crate::model::ids::{AccountId, EventId};
use crate::model::status::StatusClass;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "user-enumeration",
    title: "Names are being tried",
    severity: Severity::Medium,
    attack: &["T1087.002", "T1589"],
    needs: "4625 on hosts, 4776 and 4768 failures on domain controllers, or Entra interactive sign-ins",
    requires: &[
        &[Needed::Records(EventKind::LogonFailed)],
        &[Needed::Records(EventKind::CredentialValidation)],
        &[Needed::SignIns(SignInCategory::Interactive)],
    ],
    check: "What runs on that source? The names that exist are the next victims: watch them for guesses.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Unknown names from one source within `fast_seconds`.
    pub fast_names: usize,
    pub fast_seconds: i64,
    pub names: usize,
    pub within_minutes: i64,
    pub slow_names: usize,
    pub slow_hours: i64,
    /// Unknown names among all names that failed.
    pub unknown_share: f64,
    /// How many times as many names it takes where many people log on from the source.
    pub shared_source_factor: usize,
    pub quiet_hours: i64,
    /// The same for what comes from the internet.
    pub quiet_hours_internet: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            fast_names: 5,
            fast_seconds: 60,
            names: 10,
            within_minutes: 10,
            slow_names: 30,
            slow_hours: 24,
            unknown_share: 0.5,
            shared_source_factor: 3,
            quiet_hours: 12,
            quiet_hours_internet: 24,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Hit {
    attempt: Try,
    is_unknown: bool,
}

/// Failures kept for one source.
const KEPT: usize = 512;
/// Sources remembered; beyond it those silent for longest are forgotten.
const SOURCES_KEPT: usize = 32_768;

pub struct Rule {
    settings: Settings,
    /// Sources that tried an unknown name.
    sources: FxHashMap<Origin, Window<Hit>>,
    runs: FxHashMap<Key, Run>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] =
        &[EventKind::LogonFailed, EventKind::CredentialValidation, EventKind::TicketGranting, EventKind::PreAuthFailed, EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, sources: FxHashMap::default(), runs: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        // A 4625 counts also where a 4776 told of the attempt before: that one knows the workstation, this one the address.
        if step.attempt().is_some_and(|attempt| attempt.repeat && event.kind != EventKind::LogonFailed) {
            return;
        }
        let class = event.status.class();
        let is_unknown = class == StatusClass::UnknownAccount;
        let is_failure = matches!(class, StatusClass::Guess | StatusClass::Disabled | StatusClass::LockedOut);
        if !(is_unknown || is_failure) || event.account.user.is_none() || step.user.is_computer {
            return;
        }
        let Some(origin) = step.origin().or_else(|| step.row.source.some().map(Origin::Source)) else { return };
        let window = match self.sources.get_mut(&origin) {
            Some(window) => window,
            None if is_unknown => self.sources.entry(origin).or_default(),
            None => return,
        };
        let hit = Hit { attempt: Try::of(step), is_unknown };
        window.push(step.at(), hit, Span::hours(self.settings.slow_hours), KEPT);
        if is_unknown {
            self.judge(step, origin, hit, out);
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::hours(self.settings.slow_hours);
        self.sources.retain(|_, window| window.newest().is_some_and(|newest| newest >= limit));
        shed(&mut self.sources, SOURCES_KEPT, Window::newest);
        let quiet = Span::hours(self.settings.quiet_hours.max(self.settings.quiet_hours_internet));
        self.runs.retain(|_, run| !run.is_over(now, quiet));
    }
}

impl Rule {
    fn judge(&mut self, step: &Step<'_>, origin: Origin, hit: Hit, out: &mut Findings) {
        let settings = &self.settings;
        let is_public = step.address_class() == Some(AddressClass::Public) && !step.source_tags().exit;
        let (key, quiet) = if is_public {
            (Key::of(step.row.host.index(), 1), Span::hours(settings.quiet_hours_internet))
        } else {
            (Key(origin_number(origin), 0), Span::hours(settings.quiet_hours))
        };
        let Some(window) = self.sources.get(&origin) else { return };
        if self.runs.get(&key).is_some_and(|run| run.is_over(step.at(), quiet)) {
            self.runs.remove(&key);
        }
        let shared = is_shared(step);
        let run = match self.runs.get_mut(&key) {
            Some(run) => {
                run.add(step.at(), hit.attempt, Some(origin));
                run
            }
            None => {
                if !is_enumeration(settings, window, step.at(), shared) {
                    return;
                }
                let run = self.runs.entry(key).or_insert_with(|| Run::new(step.at()));
                window.iter().filter(|(_, hit)| hit.is_unknown).for_each(|(at, hit)| run.add(*at, hit.attempt, Some(origin)));
                run
            }
        };
        let Some(records) = run.due(step.at()) else { return };
        out.push(finding(step, run, window, records, (key, quiet), is_public, shared));
    }
}

fn is_enumeration(settings: &Settings, window: &Window<Hit>, at: Timestamp, shared: bool) -> bool {
    let factor = if shared { settings.shared_source_factor.max(1) } else { 1 };
    let arms = [
        (Span::seconds(settings.fast_seconds), settings.fast_names),
        (Span::minutes(settings.within_minutes), settings.names),
        (Span::hours(settings.slow_hours), settings.slow_names),
    ];
    // Cheap test first: most sources hold one name that somebody mistyped.
    if arms.iter().all(|(_, needed)| window.len() < needed * factor) {
        return false;
    }
    arms.iter().any(|(length, needed)| {
        let (mut unknown, mut known): (FxHashSet<UserKey>, FxHashSet<UserKey>) = Default::default();
        for (_, hit) in window.between(at - *length, at) {
            if hit.is_unknown {
                unknown.insert(hit.attempt.user)
            } else {
                known.insert(hit.attempt.user)
            };
        }
        #[allow(clippy::cast_precision_loss)] // at most KEPT
        let share = unknown.len() as f64 / (unknown.len() + known.len()).max(1) as f64;
        unknown.len() >= needed * factor && share > settings.unknown_share
    })
}

#[cold]
#[inline(never)]
fn finding(
    step: &Step<'_>,
    run: &Run,
    window: &Window<Hit>,
    records: Vec<EventId>,
    (key, quiet): (Key, Span),
    is_public: bool,
    shared: bool,
) -> Finding {
    let say = step.say();
    let mut real: Vec<AccountId> = Vec::new();
    for (_, hit) in window.iter().filter(|(_, hit)| !hit.is_unknown && hit.attempt.account.is_some()) {
        if !real.contains(&hit.attempt.account) {
            real.push(hit.attempt.account);
        }
    }
    let from = if run.origins.len() == 1 {
        run.origins.iter().next().map_or_else(String::new, |origin| say.origin(*origin))
    } else {
        say::count(run.origins.len(), "source")
    };
    let at = match step.row.host.some() {
        Some(host) => format!(" at {}", say.host(host)),
        None => " in the tenant".to_owned(),
    };
    let hits = if real.is_empty() {
        "no real one so far".to_owned()
    } else {
        format!("also {}: {}", say::count(real.len(), "real one"), say.list(real.iter().map(|id| say.account(*id)), 5))
    };
    let why = format!(
        "{from} tried {}{at} {}, such as {}; {hits}.",
        say::count(run.names(), "unknown name"),
        say.stretch(run.first_at, run.last_at),
        say.list(run.accounts().into_iter().map(|id| say.account(id)), 3),
    );
    let score = if is_public {
        Score::new(Severity::Low, "names tried from the internet")
    } else if shared {
        Score::new(Severity::Low, "names tried from a source of many people")
    } else {
        Score::new(ABOUT.severity, "names tried that do not exist").plus_if(!real.is_empty(), 5, "and names that do")
    };
    let accounts = real.into_iter().chain(run.accounts());
    Finding::new(step, key, quiet, score, why).since(run.first_at, records).and_accounts(accounts)
}
