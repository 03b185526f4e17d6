//! `rdp-guessing`: passwords are guessed at a host: over Remote Desktop, over the network, or by a program on it.
//!
//! With network level authentication a wrong password over Remote Desktop is a 4625 of type 3, like one over SMB, and most
//! collections hold only the Security log; so both are counted here, and the sentence says which it was where the Remote
//! Desktop logs tell. A source inside is told once, with all hosts it tries. What comes from the internet is told once a day
//! for each exposed host, whatever the number of addresses, and stays low: it is weather, and what gets in is told by other
//! detections. Five failures within five seconds are no person: that is low, also where a program on the host itself tries.
//! A stored password that went stale repeats one name from the place it is always used, and stays low too.

use super::fail_burst_then_success::origin_number;
use super::run::{Run, Try, is_shared};
use crate::base::net::AddressClass;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Origin, Step};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::HostId;
use crate::model::logon_type::LogonType;
use crate::model::status::StatusClass;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "rdp-guessing",
    title: "Passwords are being guessed",
    severity: Severity::Medium,
    attack: &["T1110.001", "T1021.001"],
    needs: "4625 types 2, 3, 8 and 10; RdpCoreTS 131 and 140",
    requires: &[&[Needed::Records(EventKind::LogonFailed)], &[Needed::Records(EventKind::RdpConnection)]],
    check: "Inside: what runs on that source, and who uses it? From the internet: why can it reach the host, and did any of the names get in?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Failures from one source.
    pub failures: usize,
    /// Failures within `burst_seconds`, of an account that does not log on from there: no person types that fast.
    pub burst: usize,
    pub burst_seconds: i64,
    /// Connections from one source.
    pub connections: usize,
    pub within_minutes: i64,
    /// Sources with failures on one host within `sources_within_hours`.
    pub sources: usize,
    pub sources_within_hours: i64,
    /// Names that are not usual at the source, from which on it is no stale password.
    pub names: usize,
    /// Attempts within `within_minutes` that no person and no retry makes.
    pub fast: usize,
    pub quiet_hours: i64,
    /// The same for what comes from the internet.
    pub quiet_hours_internet: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            failures: 10,
            burst: 5,
            burst_seconds: 5,
            connections: 30,
            within_minutes: 5,
            sources: 20,
            sources_within_hours: 1,
            names: 3,
            fast: 100,
            quiet_hours: 6,
            quiet_hours_internet: 24,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// 4625 of type 10.
    Desktop,
    /// 4625 of type 3 or 8.
    Network,
    /// 4625 of type 2: at the screen, or a program on the host; the latter only where it is fast.
    Local,
    /// RdpCoreTS 140, which may tell of the same attempt as a 4625.
    Refused,
    Connection,
}

#[derive(Clone, Copy, Debug)]
struct Hit {
    what: What,
    attempt: Try,
    /// The name is not one that logs on from this source.
    is_odd: bool,
}

/// Hits kept for one source, and failures for one host.
const KEPT: usize = 512;
/// Sources, hosts and runs remembered; beyond it those silent for longest are forgotten.
const PLACES_KEPT: usize = 16_384;
/// Records of one attempt stand within this.
const ONE_ATTEMPT: Span = Span::seconds(2);

pub struct Rule {
    settings: Settings,
    sources: FxHashMap<Origin, Window<Hit>>,
    /// Sources of failures, for the many that each try a little.
    hosts: FxHashMap<HostId, Window<Origin>>,
    runs: FxHashMap<Key, Going>,
}

/// A run with the worst that its findings were.
struct Going {
    run: Run,
    is_desktop: bool,
    is_local: bool,
    /// All of it are connections: nobody got as far as a name.
    only_connects: bool,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::LogonFailed, EventKind::RdpRefused, EventKind::RdpConnection];
    const LOGONS: &'static [LogonType] = &[
        LogonType::Interactive,
        LogonType::Network,
        LogonType::NetworkCleartext,
        LogonType::RemoteInteractive,
        LogonType::CachedRemoteInteractive,
    ];
    fn new(settings: Settings) -> Self {
        Self { settings, sources: FxHashMap::default(), hosts: FxHashMap::default(), runs: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(what) = what(step) else { return };
        // 261 says that somebody came, not from where: nothing can be counted for a source.
        let Some(origin) = step.origin().filter(|origin| what != What::Connection || matches!(origin, Origin::Source(_))) else { return };
        let is_odd = !step.usual_source().seen(Dimension::Account).contains(Value::Account(step.row.account));
        let hit = Hit { what, attempt: Try::of(step), is_odd };
        let length = Span::minutes(self.settings.within_minutes);
        let window = self.sources.entry(origin).or_default();
        let told =
            |(_, other): &(Timestamp, Hit)| (other.what == What::Refused) != (what == What::Refused) && other.what != What::Connection;
        if what != What::Connection && window.between(step.at() - ONE_ATTEMPT, step.at() + ONE_ATTEMPT).any(told) {
            return;
        }
        window.push(step.at(), hit, length, KEPT);
        let is_public = step.address_class() == Some(AddressClass::Public) && !step.source_tags().exit;
        if is_public && what != What::Connection {
            self.sources_of_host(step, origin);
        }
        self.judge(step, origin, hit, is_public, out);
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::hours(self.settings.sources_within_hours);
        self.sources.retain(|_, window| window.newest().is_some_and(|newest| newest >= limit));
        self.hosts.retain(|_, window| window.newest().is_some_and(|newest| newest >= limit));
        let quiet = Span::hours(self.settings.quiet_hours.max(self.settings.quiet_hours_internet));
        self.runs.retain(|_, going| !going.run.is_over(now, quiet));
        shed(&mut self.sources, PLACES_KEPT, Window::newest);
        shed(&mut self.hosts, PLACES_KEPT, Window::newest);
    }
}

/// What the record counts as; nothing for failures that are no guess.
fn what(step: &Step<'_>) -> Option<What> {
    let event = step.event();
    match event.kind {
        EventKind::RdpConnection => return Some(What::Connection),
        EventKind::RdpRefused => return Some(What::Refused),
        _ => {}
    }
    let what = match event.logon_type {
        LogonType::RemoteInteractive | LogonType::CachedRemoteInteractive => What::Desktop,
        LogonType::Network | LogonType::NetworkCleartext => What::Network,
        LogonType::Interactive => What::Local,
        _ => return None,
    };
    let class = event.status.class();
    matches!(class, StatusClass::Guess | StatusClass::UnknownAccount | StatusClass::LockedOut | StatusClass::Disabled).then_some(what)
}

impl Rule {
    fn sources_of_host(&mut self, step: &Step<'_>, origin: Origin) {
        let length = Span::hours(self.settings.sources_within_hours);
        let window = self.hosts.entry(step.row.host).or_default();
        let is_new = window.iter().all(|(_, other)| *other != origin);
        if is_new {
            window.push(step.at(), origin, length, self.settings.sources.max(1));
        } else {
            window.forget_before(step.at() - length);
        }
    }
    fn judge(&mut self, step: &Step<'_>, origin: Origin, hit: Hit, is_public: bool, out: &mut Findings) {
        let (key, quiet) = if is_public {
            (Key::of(step.row.host.index(), 1), Span::hours(self.settings.quiet_hours_internet))
        } else {
            (Key(origin_number(origin), 0), Span::hours(self.settings.quiet_hours))
        };
        if self.runs.get(&key).is_some_and(|going| going.run.is_over(step.at(), quiet)) {
            self.runs.remove(&key);
        }
        let Some(window) = self.sources.get(&origin) else { return };
        if let Some(going) = self.runs.get_mut(&key) {
            going.run.add(step.at(), hit.attempt, Some(origin));
        } else {
            let many_sources = is_public && self.hosts.get(&step.row.host).is_some_and(|window| window.len() >= self.settings.sources);
            // Cheap test first: most windows hold too few of anything.
            if !many_sources && window.len() < self.settings.failures.min(self.settings.connections).min(self.settings.burst) {
                return;
            }
            let failures = window.iter().filter(|(_, hit)| !matches!(hit.what, What::Connection | What::Local)).count();
            let connections = window.iter().filter(|(_, hit)| hit.what == What::Connection).count();
            let burst = window.between(step.at() - Span::seconds(self.settings.burst_seconds), step.at());
            let is_burst =
                burst.filter(|(_, hit)| hit.is_odd && hit.what != What::Connection).count() >= self.settings.burst && !is_shared(step);
            if failures < self.settings.failures && connections < self.settings.connections && !many_sources && !is_burst {
                return;
            }
            let mut run = Run::new(step.at());
            window.iter().for_each(|(at, hit)| run.add(*at, hit.attempt, Some(origin)));
            if many_sources && let Some(others) = self.hosts.get(&step.row.host) {
                run.origins.extend(others.iter().map(|(_, origin)| *origin));
            }
            self.runs.insert(key, Going { run, is_desktop: false, is_local: false, only_connects: true });
        }
        let Some(going) = self.runs.get_mut(&key) else { return };
        going.is_desktop |= matches!(hit.what, What::Desktop | What::Refused | What::Connection);
        going.is_local |= hit.what == What::Local;
        going.only_connects &= window.iter().all(|(_, hit)| hit.what == What::Connection);
        let Some(records) = going.run.due(step.at()) else { return };
        let settings = &self.settings;
        rarely(move || {
            let score = if is_public {
                Score::new(Severity::Low, "guesses from the internet").plus_if(going.run.attempts >= 1_000, 5, "1,000 attempts or more")
            } else {
                worth(settings, step, window)
            };
            out.push(finding(step, going, records, key, quiet, score));
        });
    }
}

/// What a source inside is worth: people mistype, stored passwords go stale, programs try many names or very fast.
fn worth(settings: &Settings, step: &Step<'_>, window: &Window<Hit>) -> Score {
    let mut names: FxHashSet<_> = FxHashSet::default();
    let mut fast = 0;
    let mut odd = 0;
    for (_, hit) in window.iter() {
        fast += 1;
        if hit.is_odd {
            odd += 1;
            if hit.attempt.account.is_some() {
                names.insert(hit.attempt.user);
            }
        }
    }
    if is_shared(step) {
        return Score::new(Severity::Low, "failures from a source of many people");
    }
    if names.len() >= settings.names {
        return Score::new(Severity::Medium, "names tried that never log on from there");
    }
    let is_stranger = step.usual_source().activity.count == 0 || step.event().kind != EventKind::RdpConnection;
    if fast >= settings.fast && odd * 2 > fast && is_stranger {
        return Score::new(Severity::Medium, "faster than people or retries");
    }
    Score::new(Severity::Low, "repeated failures from one source")
}

#[cold]
#[inline(never)]
fn finding(step: &Step<'_>, going: &Going, records: Vec<crate::model::ids::EventId>, key: Key, quiet: Span, score: Score) -> Finding {
    let (say, run) = (step.say(), &going.run);
    let what = match going {
        Going { only_connects: true, .. } => "Remote Desktop connection",
        Going { is_desktop: true, .. } => "failed Remote Desktop attempt",
        Going { is_local: true, .. } => "failed local attempt",
        _ => "failed network attempt",
    };
    let from = match run.origins.iter().next() {
        Some(origin) if run.origins.len() == 1 => say.origin(*origin),
        _ => say::count(run.origins.len(), "source"),
    };
    let names = match run.names() {
        0 => "; no name was tried yet".to_owned(),
        names => format!("; {} tried: {}", say::count(names, "name"), say.list(run.accounts().into_iter().map(|id| say.account(id)), 5)),
    };
    let hint = if going.is_desktop || going.is_local { "" } else { " (SMB, or Remote Desktop with network level authentication)" };
    let why = format!(
        "{} on {} from {from} {}{hint}{names}.",
        say::count(run.attempts, what),
        say.host(step.row.host),
        say.stretch(run.first_at, run.last_at),
    );
    let accounts = run.accounts();
    Finding::new(step, key, quiet, score, why).since(run.first_at, records).and_accounts(accounts)
}
