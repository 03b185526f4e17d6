//! `off-hours-logon`: a person logs on at an hour they never do.
//!
//! The hours of the week are a circle, and nights cross midnight, so neither a first and last hour nor an average would do:
//! an hour is odd when all hours as rare as it together hold almost nothing, and no used hour is near. So is the account's
//! night: hours of the day, by whatever clock it lives, long after it was ever active and well before it begins.
//!
//! Many people work late once a month, so an odd hour alone is told low. It is told medium from a place or on a host that is
//! new for the account, and in the night of one that is known for long. Several accounts in one night are a patch night or
//! a deadline; who was away from work the day before, and comes from a usual place, travels.

use super::place::Strange;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Activity, HourProfile, Oddness, WEEK};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::Window;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory};
use crate::model::ids::AccountId;
use crate::model::logon_type::LogonType;
use crate::model::visit::{State, Visit};

const ABOUT: Detection = Detection {
    id: "off-hours-logon",
    title: "Logon at an hour this account never works",
    severity: Severity::Medium,
    attack: &["T1078"],
    needs: "4624 types 2, 10, 11, 12, 4778, 4801 or Entra interactive sign-ins of at least two weeks",
    requires: &[
        &[Needed::Logons(LogonType::Interactive)],
        &[Needed::Logons(LogonType::RemoteInteractive)],
        &[Needed::SignIns(SignInCategory::Interactive)],
    ],
    check: "On call, travelling, or a deadline? If nobody can say, look at the source and at what the session reached.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Chance of an hour as rare or rarer.
        pub chance: f64 = 0.002,
        /// Hours of the week to the nearest used hour.
        pub gap_hours: usize = 2,
        /// The account's night begins so many hours after it is active last.
        pub night_begins_hours: usize = 6,
        /// It ends so many hours before the account is active first.
        pub night_ends_hours: usize = 3,
        /// Active days the account must be known for; below, it is compared with everybody, and told low.
        pub history_active_days: u32 = 10,
        /// Nothing is said in the first days of an account.
        pub history_days: i64 = 14,
        /// Logons, one an hour at most, by which it must be known.
        pub history_logons: u32 = 10,
        /// Active days from which on its hours are known well.
        pub known_well_days: u32 = 20,
        /// So many other accounts at odd hours in one night are no thieves.
        pub together: usize = 3,
        /// And at least so many of each thousand: in a large organisation somebody is always up.
        pub together_per_mille: usize = 1,
        /// An account whose hours leave fewer unused in a row works by a rota: the next shift is new for it, and no surprise.
        pub rest_hours: usize = 12,
        /// A desktop that was locked for so long counts as new when it is unlocked.
        pub locked_hours: i64 = 4,
        /// One finding for all logons of a stretch without a pause this long.
        pub quiet_hours: i64 = 4,
    }
}

/// Odd logons remembered for `together`.
const KEPT: usize = 256;
/// So few successes in an hour of the day are no habit.
const STRAY: u32 = 5;
/// Who works by day and was not seen for longer was away; a day more for each day of a weekend in between.
const AWAY_HOURS: i64 = 20;

pub struct Rule {
    settings: Settings,
    /// Accounts that logged on at odd hours lately.
    tonight: Window<AccountId>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] =
        &[EventKind::Logon, EventKind::SessionReconnected, EventKind::RdpSessionReconnected, EventKind::Unlocked, EventKind::SignIn];
    const LOGONS: &'static [LogonType] = LogonType::DESKTOPS;
    fn new(settings: Settings) -> Self {
        Self { settings, tonight: Window::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let settings = &self.settings;
        if !is_a_persons_logon(step) {
            return;
        }
        let Some(own) = step.usual_account().hours.as_deref() else { return };
        let hour = step.hour_of_week();
        // The gap first: most logons come at an hour that is used, and the chance is a long sum.
        if own.gap(hour) < settings.gap_hours || own.activity.age(step.at()) < Span::days(settings.history_days) {
            return;
        }
        let is_learned = own.activity.days >= settings.history_active_days && own.activity.count >= settings.history_logons;
        let everybody = &step.usual.everybody;
        let odd = if is_learned { own.oddness(hour, Some(everybody)) } else { everybody.oddness(hour, None) };
        let is_night = is_learned && self.its_night(step).is_some();
        if !(odd.p < settings.chance && odd.gap >= settings.gap_hours || is_night) || step.account_tags().on_call {
            return;
        }
        if step.event().kind == EventKind::Unlocked && !self.was_locked_long(step) {
            return;
        }
        self.tonight.push(step.at(), step.row.account, Span::hours(settings.quiet_hours), KEPT);
        self.raise(step, own, hour, odd, is_learned.then_some(is_night), out);
    }
    fn merge(&mut self, _goes: AccountId, _stays: AccountId) {
        self.tonight.clear();
    }
}

fn is_a_persons_logon(step: &Step<'_>) -> bool {
    let event = step.event();
    let kind = match event.kind {
        EventKind::Logon => event.logon_type.begins_desktop(),
        EventKind::SignIn => {
            event.outcome == Outcome::Success && step.sign_in().is_some_and(|sign_in| sign_in.category == SignInCategory::Interactive)
        }
        _ => true,
    };
    kind && step.is_a_persons()
}

impl Rule {
    fn was_locked_long(&self, step: &Step<'_>) -> bool {
        let visit = step.world.tables.visit(step.row.visit);
        let states = visit.as_deref().map_or(&[][..], Visit::states);
        let locked = states.iter().rev().find(|(at, state)| *state == State::Locked && *at < step.at());
        locked.is_some_and(|(at, _)| step.at() - *at >= Span::hours(self.settings.locked_hours))
    }
    /// How long its night is, where this is in it. The hours of the day are those of all it does, most of which no person
    /// starts: a computer that works through the night leaves its owner none. In UTC, as only distances count.
    fn its_night(&self, step: &Step<'_>) -> Option<usize> {
        let hours = step.account().and_then(|account| account.hours.as_deref())?;
        let of_day = |hour: usize| hours.iter().skip(hour % 24).step_by(24).sum::<u32>();
        let total: u32 = hours.iter().sum();
        // What just began, and stray hours, are no habit.
        let is_used = |hour: usize| of_day(hour) > (total / 100).max(STRAY);
        let now = step.at().hour_of_week() % 24;
        let since = (0..24).find(|back| is_used(now + 24 - back));
        let until = (0..24).find(|on| is_used(now + on));
        let night = since.zip(until)?;
        (night.0 >= self.settings.night_begins_hours && night.1 >= self.settings.night_ends_hours).then_some(night.0 + night.1)
    }
    /// `night` is nothing for an account that is not learned yet.
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, own: &HourProfile, hour: usize, odd: Oddness, night: Option<bool>, out: &mut Findings) {
        let settings = &self.settings;
        let strange = Strange::of(step, step.usual_account());
        // Travellers sign in from hotels, with their own device.
        let is_strange = if step.sign_in().is_some() { strange.network && strange.host } else { strange.network || strange.host };
        let is_known_well = own.activity.days >= settings.known_well_days;
        // At home people work at night; at the screen of a host that has a controller to ask, somebody is in the building.
        let (first, end) = own.unused_round(hour);
        let rests =
            (end + WEEK - first) % WEEK >= settings.rest_hours && self.its_night(step).is_some_and(|hours| hours >= settings.rest_hours);
        let is_at_screen = matches!(step.event().logon_type, LogonType::Interactive | LogonType::Unlock) && !step.is_remote() && rests;
        let is_at_home = matches!(step.event().logon_type, LogonType::CachedInteractive | LogonType::CachedUnlock) && !strange.host;
        let accounts = step.world.tables.accounts.len().saturating_sub(step.world.tables.merged_accounts);
        let together = settings.together.max(accounts * settings.together_per_mille / 1_000);
        let mut others: Vec<AccountId> =
            self.tonight.iter().map(|(_, account)| *account).filter(|account| *account != step.row.account).collect();
        others.sort_unstable();
        others.dedup();
        let is_night = night == Some(true);
        let is_away = was_away(&own.activity, hour, step.at());
        let (severity, reason) = if night.is_none() {
            (Severity::Low, "an hour hardly anybody works; its own hours are still learned")
        } else if others.len() >= together && !(strange.network && strange.host) {
            (Severity::Low, "an odd hour, which others work too just now")
        } else if is_strange && (is_night || is_known_well) {
            (ABOUT.severity, "an hour the account never works, from a place or on a host it never used")
        } else if is_night && is_away {
            (Severity::Low, "in its night, after a day away from work: it may travel")
        } else if is_at_home {
            (Severity::Low, "in its night, on its own computer away from the office")
        } else if is_night && (is_known_well || is_at_screen) {
            (ABOUT.severity, "in its night, far from every hour it is active")
        } else {
            (Severity::Low, "an hour the account never works")
        };
        let score = Score::new(severity, reason)
            .raise_if(severity == ABOUT.severity && step.account_is_privileged(), "the account holds administrator rights")
            .plus_if(is_night && is_strange, 10, "in its night, far from every hour it is active")
            .plus_if(odd.gap >= 6, 5, "6 hours or more from any usual hour");
        let say = step.say();
        let zone = step.site.zone(step.row.account);
        let whereto = match step.sign_in() {
            Some(sign_in) => format!("interactively to {}", say.text(sign_in.app)),
            None if step.event().logon_type == LogonType::None => format!("to its desktop on {}", say.host(step.row.host)),
            None => format!("{} on {}", say.logon_type(step.event().logon_type), say.host(step.row.host)),
        };
        let from = match step.origin() {
            Some(origin) if step.is_remote() => format!(" from {}", say.origin(origin)),
            _ => String::new(),
        };
        let new = match (strange.network, strange.host) {
            (true, true) => ", both new for it,",
            (true, false) => ", a new place,",
            (false, true) if step.sign_in().is_some() => ", on a device that is not its own,",
            (false, true) => ", a new host,",
            (false, false) => "",
        };
        let why = format!(
            "{} signed in {whereto}{from}{new} at {} {}. In {} since {} it never did between {} and {}; nearest usual hour {}, {} h away (p={:.4}).",
            say.account(step.row.account),
            zone.local(step.at()).format("%A %H:%M"),
            zone.label(),
            say::count(own.activity.days as usize, "active day"),
            own.activity.first_at.map_or_else(|| "-".to_owned(), |first| say.date(first)),
            week_hour(first),
            week_hour(end),
            week_hour(odd.nearest),
            odd.gap,
            odd.p,
        );
        let key = Key::of(step.row.account.index(), 0);
        out.push(Finding::new(step, key, Span::hours(settings.quiet_hours), score, why));
    }
}

/// It was not there on the last work day.
fn was_away(activity: &Activity, hour: usize, at: Timestamp) -> bool {
    let weekend = match hour / 24 {
        0 => 2,
        6 => 1,
        _ => 0,
    };
    activity.last_at().is_none_or(|last| at - last > Span::hours(AWAY_HOURS + 24 * weekend))
}

/// `Fri 18:00`.
fn week_hour(hour: usize) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let hour = hour % WEEK;
    format!("{} {:02}:00", DAYS.get(hour / 24).copied().unwrap_or_default(), hour % 24)
}
