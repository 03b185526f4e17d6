//! `password-spray-windows`: one source tries many accounts.
//!
//! Accounts are counted, not attempts, by name. The source is the address, else the workstation, else the session that
//! hands over explicit credentials (4648). A spray is either wide (ten accounts in half an hour), or fast (five within a
//! minute: no group of people mistypes together from one machine so quickly), or it found a password. Names that do not
//! exist count too: a list of guessed names is what a spray works through, and domain controllers tell the difference
//! only afterwards. From a terminal server or a proxy many people mistype every morning, so there accounts that log on from
//! it anyway do not count.

use crate::base::net::AddressClass;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rate::DailyRate;
use crate::detect::rule::guess::fail_burst_then_success::origin_number;
use crate::detect::rule::guess::run::is_shared;
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Origin, Step, UserKey};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{AccountId, EventId};
use crate::model::status::StatusClass;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "password-spray-windows",
    title: "One source, many accounts",
    severity: Severity::High,
    attack: &["T1110.003"],
    needs: "4625 on hosts; 4771, 4768, 4776 on domain controllers; 4648 where the attempts start",
    requires: &[
        &[Needed::Records(EventKind::LogonFailed)],
        &[Needed::Records(EventKind::PreAuthFailed)],
        &[Needed::Records(EventKind::CredentialValidation)],
        &[Needed::Records(EventKind::ExplicitCredentials)],
    ],
    check: "What is that source, and does it serve many people (terminal server, proxy)? Reset the accounts that succeeded from it.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Accounts of the wide arm, within `within_minutes`.
    pub accounts: usize,
    pub within_minutes: i64,
    /// Accounts of the fast arm, within `fast_seconds`.
    pub fast_accounts: usize,
    pub fast_seconds: i64,
    /// Accounts that failed, where one of them then succeeded for the first time from this source.
    pub accounts_with_success: usize,
    /// Median of attempts for one account: a spray stays under the lockout.
    pub median_attempts: usize,
    /// Accounts of the place among those that a source on the internet tries; with fewer it is what every exposed host
    /// gets, told once a day and low.
    pub known_accounts: usize,
    /// How many times as many accounts it takes from a gateway or proxy that the settings name.
    pub exit_factor: usize,
    pub slow_accounts: usize,
    pub slow_hours: i64,
    /// Chance of that many failures at the source's own rate.
    pub slow_chance: f64,
    /// Days for which the place, or the failures of the source, must have been watched.
    pub slow_history_days: f64,
    pub quiet_hours: i64,
    /// Attempts kept for one source.
    pub kept: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            accounts: 10,
            within_minutes: 30,
            fast_accounts: 5,
            fast_seconds: 60,
            accounts_with_success: 5,
            median_attempts: 3,
            known_accounts: 8,
            exit_factor: 3,
            slow_accounts: 20,
            slow_hours: 24,
            slow_chance: 1e-4,
            slow_history_days: 7.0,
            quiet_hours: 6,
            kept: 2_048,
        }
    }
}

#[derive(Clone, Copy)]
struct Try {
    user: UserKey,
    account: AccountId,
    event: EventId,
}

#[derive(Default)]
struct SourceState {
    tries: Window<Try>,
    rate: DailyRate,
    /// Tried accounts that ever logged on anywhere, at most `KNOWN_KEPT`.
    known: FxHashSet<UserKey>,
    /// Accounts that succeeded from here before any spray.
    usual: FxHashSet<UserKey>,
    /// The spray that is going on, if one was raised.
    run: Option<Run>,
}

/// A spray since it was raised; it grows by one attempt at a time, so that a long one costs no more than a short one.
struct Run {
    users: FxHashSet<UserKey>,
    attempts: usize,
    first_at: Timestamp,
    /// The newest failure.
    last_at: Timestamp,
    /// The newest failure or success: what the quiet time counts from.
    heard_at: Timestamp,
    fell: Vec<AccountId>,
}

/// Sources remembered; beyond it those silent for longest are forgotten.
const SOURCES_KEPT: usize = 65_536;

/// Tried accounts of the place remembered for one source.
const KNOWN_KEPT: usize = 64;

/// Accounts counted in one spray.
const COUNTED: usize = 65_536;

/// Accounts remembered as usual for one source.
const USUAL_KEPT: usize = 512;

pub struct Rule {
    settings: Settings,
    sources: FxHashMap<Origin, SourceState>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[
        EventKind::Logon,
        EventKind::LogonFailed,
        EventKind::PreAuthFailed,
        EventKind::CredentialValidation,
        EventKind::TicketGranting,
        EventKind::ExplicitCredentials,
    ];
    fn new(settings: Settings) -> Self {
        Self { settings, sources: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.account.user.is_none() {
            return;
        }
        if event.kind == EventKind::ExplicitCredentials {
            // The account is who was asked for; SYSTEM hands over credentials for everybody who logs on.
            let machinery = !event.subject_logon_id.opens_session() || step.raw(event.subject.user).ends_with('$');
            let itself = UserKey::of(step.world, event.subject.user) == step.user_key();
            if !machinery && !itself && step.row.host.is_some() {
                self.tried(step, Origin::Session(step.row.host, event.subject_logon_id), out);
            }
            return;
        }
        let (Some(attempt), Some(origin)) = (step.attempt(), step.origin()) else { return };
        if attempt.repeat {
            return;
        }
        match attempt.class {
            StatusClass::Success => self.succeeded(step, origin, step.user_key(), out),
            StatusClass::Guess | StatusClass::UnknownAccount | StatusClass::LockedOut | StatusClass::Disabled => {
                self.tried(step, origin, out)
            }
            _ => {}
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::hours(self.settings.slow_hours);
        self.sources.retain(|_, state| {
            state.tries.forget_before(limit);
            !state.tries.is_empty() || state.rate.per_day(now) > 0.01
        });
        shed(&mut self.sources, SOURCES_KEPT, |state| state.tries.newest());
    }
}

/// What the attempts of a source in a stretch of time amount to.
struct Tally {
    users: FxHashMap<UserKey, usize>,
    tries: Vec<(AccountId, EventId)>,
    first_at: Timestamp,
    last_at: Timestamp,
}

impl Tally {
    fn of<'a>(tries: impl Iterator<Item = &'a (Timestamp, Try)>) -> Option<Self> {
        let mut tally = Self { users: FxHashMap::default(), tries: Vec::new(), first_at: Timestamp::MAX, last_at: Timestamp::MIN };
        for (at, attempt) in tries {
            *tally.users.entry(attempt.user).or_insert(0) += 1;
            tally.tries.push((attempt.account, attempt.event));
            tally.first_at = tally.first_at.min(*at);
            tally.last_at = tally.last_at.max(*at);
        }
        (!tally.users.is_empty()).then_some(tally)
    }
    fn median(&self) -> usize {
        let mut times: Vec<usize> = self.users.values().copied().collect();
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or(0)
    }
}

impl Rule {
    fn tried(&mut self, step: &Step<'_>, origin: Origin, out: &mut Findings) {
        let usual = Value::Account(step.row.account);
        let shared = matches!(origin, Origin::Source(_)) && is_shared(step);
        if shared && step.usual_source().seen(Dimension::Account).contains(usual) {
            return;
        }
        let state = self.sources.entry(origin).or_default();
        let settings = &self.settings;
        let attempt = Try { user: step.user_key(), account: step.row.account, event: step.id };
        if state.known.len() < KNOWN_KEPT && step.usual_account().activity.count > 0 {
            state.known.insert(attempt.user);
        }
        state.rate.add(step.at());
        state.tries.push(step.at(), attempt, Span::hours(settings.slow_hours), settings.kept);
        state.end_run(settings, step.at());
        if let Some(run) = state.run.as_mut() {
            run.add(step.at(), attempt.user);
            let tries = [(attempt.account, attempt.event)];
            raise(settings, run, state.known.len(), step, origin, &tries, out);
            return;
        }
        // Cheap tests first: most sources never hold enough tries.
        if state.tries.len() < settings.fast_accounts.min(settings.accounts) {
            return;
        }
        let Some(tally) = judge(settings, state, step.at(), watched_days(step, origin), step.source_tags().exit) else { return };
        let run = state.run.insert(Run::of(&tally));
        raise(settings, run, state.known.len(), step, origin, &tally.tries, out);
    }
    fn succeeded(&mut self, step: &Step<'_>, origin: Origin, user: UserKey, out: &mut Findings) {
        // Sources that never failed are not worth remembering.
        let Some(state) = self.sources.get_mut(&origin) else { return };
        let settings = &self.settings;
        state.end_run(settings, step.at());
        if state.usual.contains(&user) {
            return;
        }
        // Nearly nobody was tried before, so nothing is counted until somebody was.
        let from = step.at() - Span::minutes(settings.within_minutes);
        let was_tried = match &state.run {
            Some(run) => run.users.contains(&user),
            None => state.tries.newest() >= Some(from) && state.tries.between(from, step.at()).any(|(_, tried)| tried.user == user),
        };
        if was_tried {
            return fell(settings, state, step, origin, user, out);
        }
        if state.usual.len() < USUAL_KEPT {
            state.usual.insert(user);
        }
    }
}

impl SourceState {
    /// A spray ends when nothing is heard of it.
    fn end_run(&mut self, settings: &Settings, at: Timestamp) {
        if self.run.as_ref().is_some_and(|run| (at - run.heard_at).abs() > Span::hours(settings.quiet_hours)) {
            self.run = None;
        }
    }
}

/// Somebody who was tried from there is in.
#[cold]
#[inline(never)]
fn fell(settings: &Settings, state: &mut SourceState, step: &Step<'_>, origin: Origin, user: UserKey, out: &mut Findings) {
    let mut tries = Vec::new();
    if state.run.is_none() {
        let recent = Tally::of(state.tries.between(step.at() - Span::minutes(settings.within_minutes), step.at()));
        let found =
            recent.filter(|tally| tally.users.len() >= settings.accounts_with_success && tally.median() <= settings.median_attempts);
        let Some(tally) = found else {
            if state.usual.len() < USUAL_KEPT {
                state.usual.insert(user);
            }
            return;
        };
        state.run = Some(Run::of(&tally));
        tries = tally.tries;
    }
    let Some(run) = state.run.as_mut() else { return };
    run.heard_at = run.heard_at.max(step.at());
    if !run.fell.contains(&step.row.account) && run.fell.len() < 64 {
        run.fell.push(step.row.account);
    }
    raise(settings, run, state.known.len(), step, origin, &tries, out);
}

impl Run {
    fn of(tally: &Tally) -> Self {
        Self {
            users: tally.users.keys().copied().collect(),
            attempts: tally.tries.len(),
            first_at: tally.first_at,
            last_at: tally.last_at,
            heard_at: tally.last_at,
            fell: Vec::new(),
        }
    }
    fn add(&mut self, at: Timestamp, user: UserKey) {
        if self.users.len() < COUNTED {
            self.users.insert(user);
        }
        self.attempts = self.attempts.saturating_add(1);
        self.last_at = self.last_at.max(at);
        self.heard_at = self.heard_at.max(at);
        self.first_at = self.first_at.min(at);
    }
}

/// For how many days the place has been watched: a source that failed never before fails for nobody by habit.
fn watched_days(step: &Step<'_>, origin: Origin) -> f64 {
    match origin {
        Origin::Source(_) => step.usual.everybody.activity.age(step.at()).as_seconds_f64() / 86_400.0,
        _ => 0.0,
    }
}

/// The attempts that make a spray, if the newest ones do.
fn judge(settings: &Settings, state: &SourceState, at: Timestamp, watched_days: f64, is_exit: bool) -> Option<Tally> {
    let recent = state.tries.between(at - Span::minutes(settings.within_minutes), at);
    let few = recent.clone().nth(settings.fast_accounts.min(settings.accounts).saturating_sub(1)).is_none();
    if few && state.tries.len() < settings.slow_accounts {
        return None;
    }
    let wide = Tally::of(state.tries.between(at - Span::minutes(settings.within_minutes), at))?;
    let factor = if is_exit { settings.exit_factor.max(1) } else { 1 };
    if wide.users.len() >= settings.accounts * factor && wide.median() <= settings.median_attempts {
        return Some(wide);
    }
    let fast = Tally::of(state.tries.between(at - Span::seconds(settings.fast_seconds), at));
    if !is_exit && fast.is_some_and(|fast| fast.users.len() >= settings.fast_accounts && fast.median() <= settings.median_attempts) {
        return Some(wide);
    }
    if state.rate.days(at).max(watched_days) < settings.slow_history_days || state.tries.len() < settings.slow_accounts {
        return None;
    }
    // The chance first: a source that always fails that often is never tallied.
    let count = u32::try_from(state.tries.len()).unwrap_or(u32::MAX);
    let first_at = state.tries.iter().next()?.0;
    if state.rate.tail(count, count, first_at) >= settings.slow_chance {
        return None;
    }
    Tally::of(state.tries.iter()).filter(|slow| slow.users.len() >= settings.slow_accounts && slow.median() <= settings.median_attempts)
}

#[cold]
#[inline(never)]
fn raise(
    settings: &Settings,
    run: &Run,
    known: usize,
    step: &Step<'_>,
    origin: Origin,
    tries: &[(AccountId, EventId)],
    out: &mut Findings,
) {
    let say = step.say();
    let explicit = matches!(origin, Origin::Session(..));
    let what = if explicit { "were tried with explicit credentials" } else { "failed" };
    let end = if run.fell.is_empty() {
        if explicit { "the outcome stands in the logs of the target".to_owned() } else { "none succeeded so far".to_owned() }
    } else {
        format!("{} then succeeded: {}", run.fell.len(), say.list(run.fell.iter().map(|account| say.account(*account)), 5))
    };
    let by = if explicit { format!(" ({})", say.text(step.event().subject.user)) } else { String::new() };
    let why = format!(
        "{}{by}: {} {what} ({}) {}; {end}.",
        say.origin(origin),
        say::count(run.users.len(), "account"),
        say::count(run.attempts, "attempt"),
        say.stretch(run.first_at, run.last_at),
    );
    let is_public = step.address_class() == Some(AddressClass::Public) && !step.source_tags().exit;
    // Scanners mix in a name or two from a leak; who sprays a place tries its people.
    let is_aimed = known >= settings.known_accounts && known * 4 > run.users.len().min(KNOWN_KEPT) * 3;
    let is_noise = is_public && run.fell.is_empty() && !is_aimed;
    if is_noise {
        let why = format!("{why} Hardly any is a name of this place: every host on the internet gets this.");
        let score = Score::new(Severity::Low, "names tried from the internet");
        let (key, quiet) = (Key::of(step.row.host.index(), 1), Span::days(1));
        out.push(Finding::new(step, key, quiet, score, why).since(run.first_at, tries.iter().map(|(_, event)| *event)));
        return;
    }
    let score = Score::new(ABOUT.severity, "one source tried many accounts")
        .raise_if(!run.fell.is_empty(), "an account that was tried succeeded")
        .raise_if(step.host_is_domain_controller(), "against a domain controller")
        .plus_if(run.users.len() >= 20, 5, "20 accounts or more");
    let key = Key(origin_number(origin), 0);
    let mut finding =
        Finding::new(step, key, Span::hours(settings.quiet_hours), score, why).since(run.first_at, tries.iter().map(|(_, event)| *event));
    if explicit && let Some(session) = step.subject_session() {
        finding = finding.and_sessions([session]);
    }
    out.push(finding.and_accounts(run.fell.iter().copied()).and_accounts(tries.iter().map(|(account, _)| *account)));
}
