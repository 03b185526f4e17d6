//! `fail-burst-then-success`: guesses at one account from one source, then it is in.
//!
//! The account is known by its name, never by its SID: 4625 carries S-1-0-0. Where records have an address that counts as
//! the source, else the workstation, else the host. A fast arm needs no history; a slow one compares a day's failures
//! with the account's own rate.
//!
//! People mistype where they always work, and after a new password their devices try the old one: from a place the account
//! uses, or within a day of a new password, it takes as many failures as at the own keyboard and is low.

use crate::base::net::AddressClass;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rate::DailyRate;
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Origin, Step, UserKey};
use crate::detect::watch::FORGET_EVERY;
use crate::detect::window::{Window, distinct_seconds, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{AccountId, EventId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "fail-burst-then-success",
    title: "Failures, then in",
    severity: Severity::High,
    attack: &["T1110.001", "T1110.003"],
    needs: "4625 and 4624; 4771, 4776 and 4768 on domain controllers; RdpCoreTS 140 and 1149",
    requires: &[
        &[Needed::Records(EventKind::LogonFailed), Needed::Records(EventKind::Logon)],
        &[Needed::Records(EventKind::PreAuthFailed), Needed::Records(EventKind::TicketGranting)],
        &[Needed::Records(EventKind::RdpRefused), Needed::Records(EventKind::RdpAuthenticated)],
    ],
    check: "Ask the person about the time of the success; look at what the session did next and from where else this source tried.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Wrong-password attempts of the fast arm.
    pub failures: usize,
    /// The same where all came from the host's own keyboard, or from where the account always works: people mistype.
    pub failures_at_own_host: usize,
    /// Days on which an account came from a place before it is one where it always works.
    pub usual_place_days: u32,
    /// How long after a new password its old one is still tried by devices.
    pub new_password_hours: i64,
    /// Within how long they must stand.
    pub failures_within_minutes: i64,
    /// In how many different seconds: one retry storm is no guessing.
    pub distinct_seconds: usize,
    /// How long after the last failure the success counts.
    pub success_within_minutes: i64,
    pub slow_failures: usize,
    pub slow_within_hours: i64,
    /// Chance of that many failures at the account's own rate.
    pub slow_chance: f64,
    /// Failures within those hours that are enough from where the account never was.
    pub slow_failures_elsewhere: usize,
    /// Days of failures the slow arm must have seen of the account.
    pub slow_history_days: f64,
    pub quiet_hours: i64,
    /// Failures kept for one account and source.
    pub kept: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            failures: 5,
            failures_at_own_host: 8,
            usual_place_days: 2,
            new_password_hours: 24,
            failures_within_minutes: 10,
            distinct_seconds: 3,
            success_within_minutes: 15,
            slow_failures: 10,
            slow_within_hours: 24,
            slow_chance: 1e-4,
            slow_failures_elsewhere: 6,
            slow_history_days: 7.0,
            quiet_hours: 6,
            kept: 512,
        }
    }
}

/// Logons of programs do not answer for the failures of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Person,
    Program,
    Unknown,
}

impl Family {
    const fn of(logon_type: LogonType) -> Self {
        match logon_type {
            LogonType::Service | LogonType::Batch => Self::Program,
            LogonType::None => Self::Unknown,
            _ => Self::Person,
        }
    }
    fn fits(self, other: Self) -> bool {
        self == other || self == Self::Unknown || other == Self::Unknown
    }
}

#[derive(Clone, Copy, Debug)]
struct Failure {
    event: EventId,
    account: AccountId,
    kind: EventKind,
    family: Family,
}

/// Pairs of account and source remembered; beyond it those silent for longest are forgotten.
const PLACES_KEPT: usize = 131_072;

/// Who was tried where the record does not say.
const NOBODY: UserKey = UserKey(0);

/// Who was tried, from where.
type Place = (UserKey, Origin);

pub struct Rule {
    settings: Settings,
    failures: FxHashMap<Place, Window<Failure>>,
    rates: FxHashMap<UserKey, DailyRate>,
    /// When a name got a new password last.
    passwords: FxHashMap<UserKey, Timestamp>,
    /// Rounds of forgetting that were left out.
    rounds: usize,
}

struct Burst {
    /// Few and far between.
    is_sparse: bool,
    attempts: usize,
    unlisted: u32,
    first_at: Timestamp,
    last_at: Timestamp,
    records: Vec<EventId>,
    accounts: Vec<AccountId>,
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
        EventKind::PasswordSet,
        EventKind::RdpRefused,
        EventKind::RdpAuthenticated,
    ];
    fn new(settings: Settings) -> Self {
        Self { settings, failures: FxHashMap::default(), rates: FxHashMap::default(), passwords: FxHashMap::default(), rounds: 0 }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        match step.event().kind {
            EventKind::PasswordSet => {
                self.passwords.insert(step.user_key(), step.at());
                return;
            }
            EventKind::RdpRefused | EventKind::RdpAuthenticated => return self.remote_desktop(step, out),
            _ => {}
        }
        let (Some(attempt), Some(origin)) = (step.attempt(), step.origin()) else { return };
        if step.event().account.user.is_none() {
            return;
        }
        let place = (step.user_key(), origin);
        if attempt.is_guess() {
            self.failed(step, place, attempt.repeat);
        } else if attempt.is_success() && step.account().is_none_or(|account| !account.class.is_machinery()) {
            self.judge(step, place, out);
        }
    }
    fn forget(&mut self, now: Timestamp) {
        // A round looks at every pair, so it waits until as many events came as there are pairs.
        self.rounds += 1;
        if self.rounds * FORGET_EVERY < self.failures.len() {
            return;
        }
        self.rounds = 0;
        let limit = now - Span::hours(self.settings.slow_within_hours);
        self.failures.retain(|_, window| {
            window.forget_before(limit);
            !window.is_empty()
        });
        shed(&mut self.failures, PLACES_KEPT, Window::newest);
        self.rates.retain(|_, rate| rate.per_day(now) > 1e-3);
        let new = now - Span::hours(self.settings.new_password_hours);
        self.passwords.retain(|_, at| *at >= new);
    }
}

impl Rule {
    /// A wrong password, or what counts as one.
    #[inline(never)]
    fn failed(&mut self, step: &Step<'_>, place: Place, is_repeat: bool) {
        let failure =
            Failure { event: step.id, account: step.row.account, kind: step.event().kind, family: Family::of(step.event().logon_type) };
        let window = self.failures.entry(place).or_default();
        // The other record of an attempt counts again only where it names another source: 4776 knows the
        // workstation, 4625 the address, and the success may have either.
        let told = |(_, other): &(Timestamp, Failure)| other.kind != failure.kind;
        if is_repeat && window.between(step.at() - Span::seconds(2), step.at() + Span::seconds(2)).any(told) {
            return;
        }
        window.push(step.at(), failure, Span::hours(self.settings.slow_within_hours), self.settings.kept);
        if !is_repeat {
            self.rates.entry(step.user_key()).or_default().add(step.at());
        }
    }
    /// RdpCoreTS 140 says only that somebody from there had a wrong password, and 1149 who had the right one.
    fn remote_desktop(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(origin) = step.origin().filter(|origin| matches!(origin, Origin::Source(_))) else { return };
        let event = step.event();
        if event.kind == EventKind::RdpRefused {
            let family = Family::Unknown;
            let failure = Failure { event: step.id, account: AccountId::NONE, kind: event.kind, family };
            let length = Span::minutes(self.settings.failures_within_minutes + self.settings.success_within_minutes);
            self.failures.entry((NOBODY, origin)).or_default().push(step.at(), failure, length, self.settings.kept);
        } else if event.account.user.is_some() {
            self.judge(step, (NOBODY, origin), out);
        }
    }
    /// Why somebody honest may have failed; none where nothing says so.
    fn excuse(&self, step: &Step<'_>) -> Option<&'static str> {
        let new = Span::hours(self.settings.new_password_hours);
        if self.passwords.get(&step.user_key()).is_some_and(|at| (step.at() - *at).abs() <= new) {
            return Some("the account has a new password");
        }
        if step.is_usual_place(self.settings.usual_place_days) {
            return Some("from where the account always works");
        }
        // Also on the first day of a log: who guesses does not sit at the screen of whom they guess.
        let computer = step.usual.machines.host_of(step.world, step.row.source, step.at())?;
        let is_at_screen = step.usual_account().seen(Dimension::Host).contains(Value::Host(computer));
        is_at_screen.then_some("from the computer at whose screen the account is")
    }
    fn judge(&self, step: &Step<'_>, place: Place, out: &mut Findings) {
        let settings = &self.settings;
        let needed = settings.failures.min(settings.failures_at_own_host);
        let Some(window) = self.failures.get(&place) else { return };
        // Cheap test first: most windows never hold enough failures.
        if window.len() >= needed.min(settings.slow_failures).min(settings.slow_failures_elsewhere) {
            self.succeeded(step, place, window, out);
        }
    }
    #[cold]
    #[inline(never)]
    fn succeeded(&self, step: &Step<'_>, place: Place, window: &Window<Failure>, out: &mut Findings) {
        let excuse = self.excuse(step);
        let Some(burst) = self.burst(step, window, place, excuse.is_some()) else { return };
        let public = step.address_class() == Some(AddressClass::Public);
        let tags = step.account_tags();
        let score = match excuse {
            None if burst.is_sparse => {
                Score::new(Severity::Medium, "a wrong password now and then from where the account never was, then a success")
                    .raise_for(step)
            }
            None => Score::new(ABOUT.severity, "wrong passwords, then a success").raise_for(step),
            // A local administrator mistypes as well as anybody: only who rules the domain weighs more here.
            Some(reason) => Score::new(Severity::Low, format!("wrong passwords, then a success, {reason}"))
                .raise_if(tags.tier0 || tags.admin, "the account holds administrator rights"),
        };
        let score = score
            .raise_if(public, "the source is a public address")
            .plus_if(burst.attempts >= 20, 5, "20 attempts or more")
            .plus_if(public, 5, "from the internet");
        let say = step.say();
        let event = step.event();
        let how = match event.logon_type {
            LogonType::None => match event.kind {
                EventKind::TicketGranting => "Kerberos ticket granted by".to_owned(),
                EventKind::RdpAuthenticated => "Remote Desktop authentication passed on".to_owned(),
                _ => "NTLM check passed on".to_owned(),
            },
            logon_type => format!("success {} on", say.logon_type(logon_type)),
        };
        let usual = match self.rates.get(&place.0) {
            Some(rate) if rate.days(step.at()) >= self.settings.slow_history_days => {
                format!(" (usual {:.1} a day)", rate.per_day(burst.first_at))
            }
            _ => String::new(),
        };
        let why = format!(
            "{} for {} from {} {}{usual}, then {how} {} at {}.",
            say::count(burst.attempts + burst.unlisted as usize, "wrong-password failure"),
            say.account(step.row.account),
            say.origin(place.1),
            say.stretch(burst.first_at, burst.last_at),
            say.host(step.row.host),
            say.time(step.at()),
        );
        let key = Key(step.user_key().0, origin_number(place.1));
        // The failures may stand under an account row without a domain: they concern it too.
        out.push(
            Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why)
                .since(burst.first_at, burst.records)
                .and_accounts(burst.accounts)
                .and_unlisted(burst.unlisted),
        );
    }
    fn burst(&self, step: &Step<'_>, window: &Window<Failure>, place: Place, is_excused: bool) -> Option<Burst> {
        let settings = &self.settings;
        let family = Family::of(step.event().logon_type);
        let own_host = matches!(place.1, Origin::Host(_));
        let needed = if own_host || is_excused { settings.failures_at_own_host } else { settings.failures };
        if window.len() < needed.min(settings.slow_failures).min(settings.slow_failures_elsewhere) {
            return None;
        }
        let fitting = |from: Timestamp| window.between(from, step.at()).filter(move |(_, failure)| failure.family.fits(family));
        let recent: Vec<_> =
            fitting(step.at() - Span::minutes(settings.success_within_minutes + settings.failures_within_minutes)).collect();
        let fresh = recent.last().is_some_and(|(at, _)| step.at() - *at <= Span::minutes(settings.success_within_minutes));
        let dense = recent.windows(needed.max(1)).any(|some| match (some.first(), some.last()) {
            (Some((first, _)), Some((last, _))) => *last - *first <= Span::minutes(settings.failures_within_minutes),
            _ => false,
        });
        if fresh && dense && distinct_seconds(recent.iter().map(|(at, _)| *at)) >= settings.distinct_seconds {
            return Some(collect(&recent, window, false));
        }
        let all: Vec<_> = fitting(step.at() - Span::hours(settings.slow_within_hours)).collect();
        let rate = self.rates.get(&place.0)?;
        let first_at = all.first()?.0;
        let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let slow = all.len() >= settings.slow_failures
            && distinct_seconds(all.iter().map(|(at, _)| *at)) >= settings.distinct_seconds
            && rate.days(first_at) >= settings.slow_history_days
            && rate.tail(count, count, first_at) < settings.slow_chance;
        if slow {
            return Some(collect(&all, window, false));
        }
        // Somebody who tries rarely, so that nothing locks, from a place that is none of the account's.
        let is_elsewhere = !is_excused && !own_host && step.usual_account().activity.days >= settings.usual_place_days;
        let hours = |(at, _): &&(Timestamp, Failure)| at.as_unix_seconds().div_euclid(3_600);
        let mut apart: Vec<i64> = all.iter().map(hours).collect();
        apart.dedup();
        let sparse = is_elsewhere && all.len() >= settings.slow_failures_elsewhere && apart.len() >= 3;
        sparse.then(|| collect(&all, window, true))
    }
}

fn collect(failures: &[&(Timestamp, Failure)], window: &Window<Failure>, is_sparse: bool) -> Burst {
    let at = |place: Option<&&(Timestamp, Failure)>| place.map_or(Timestamp::MIN, |(at, _)| *at);
    Burst {
        is_sparse,
        attempts: failures.len(),
        // What the bound crowded out belongs to the burst only if the burst fills the window.
        unlisted: if failures.len() == window.len() { window.crowded_out() } else { 0 },
        first_at: at(failures.first()),
        last_at: at(failures.last()),
        records: failures.iter().map(|(_, failure)| failure.event).collect(),
        accounts: failures.iter().map(|(_, failure)| failure.account).collect(),
    }
}

/// An origin as one number for keys.
#[must_use]
pub fn origin_number(origin: Origin) -> u64 {
    match origin {
        Origin::Source(source) => source.index() as u64,
        Origin::Host(host) => (1 << 40) | host.index() as u64,
        Origin::Session(host, logon_id) => (2 << 40) ^ (host.index() as u64).rotate_left(32) ^ logon_id.0,
    }
}
