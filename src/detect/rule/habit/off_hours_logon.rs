//! `off-hours-logon`: a person logs on at an hour they never do.
//!
//! The hours of the week are a circle, and nights cross midnight, so neither a first and last hour nor an average would do:
//! an hour is odd when all hours as rare as it together hold almost nothing, and no used hour is near. Hours are those of
//! the account's clock.
//!
//! Many people work late once a month, so an odd hour alone is told low. It is told medium in the dead of night, far from
//! every hour of the day the account ever used, or from a place or on a host that is new for it. Several accounts in one
//! night are a patch night or a deadline; who was away from work the day before, and comes from a usual place, travels.

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
use crate::model::visit::State;

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
        /// In the dead of night: hours of the day to the nearest hour that was used on any day.
        pub night_gap_hours: usize = 4,
        /// Active days the account must be known for; below, it is compared with everybody, and told low.
        pub history_active_days: u32 = 10,
        /// Nothing is said in the first days of an account.
        pub history_days: i64 = 14,
        /// Logons, one an hour at most, by which it must be known.
        pub history_logons: u32 = 20,
        /// So many other accounts at odd hours in one night are no thieves.
        pub together: usize = 3,
        /// A desktop that was locked for so long counts as new when it is unlocked.
        pub locked_hours: i64 = 4,
        /// One finding for all logons of a stretch without a pause this long.
        pub quiet_hours: i64 = 4,
    }
}

/// Odd logons remembered for `together`.
const KEPT: usize = 256;
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
        if odd.p >= settings.chance || odd.gap < settings.gap_hours || step.account_tags().on_call {
            return;
        }
        if step.event().kind == EventKind::Unlocked && !self.was_locked_long(step) {
            return;
        }
        self.tonight.push(step.at(), step.row.account, Span::hours(settings.quiet_hours), KEPT);
        self.raise(step, own, hour, odd, is_learned, out);
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
        let states = step.world.tables.visit(step.row.visit).and_then(|visit| visit.states.as_deref());
        let locked = states.into_iter().flatten().rev().find(|(at, state)| *state == State::Locked && *at < step.at());
        locked.is_some_and(|(at, _)| step.at() - *at >= Span::hours(self.settings.locked_hours))
    }
    fn raise(&self, step: &Step<'_>, own: &HourProfile, hour: usize, odd: Oddness, is_learned: bool, out: &mut Findings) {
        let settings = &self.settings;
        let strange = Strange::of(step, step.usual_account());
        let is_strange = strange.network || strange.host;
        let mut others: Vec<AccountId> =
            self.tonight.iter().map(|(_, account)| *account).filter(|account| *account != step.row.account).collect();
        others.sort_unstable();
        others.dedup();
        let is_night = step.site.is_night(step.row.account, step.at()) && own.gap_of_day(hour) >= settings.night_gap_hours;
        let is_away = was_away(&own.activity, hour, step.at());
        let (severity, reason) = if !is_learned {
            (Severity::Low, "an hour hardly anybody works; its own hours are still learned")
        } else if others.len() >= settings.together {
            (Severity::Low, "an odd hour, which others work too just now")
        } else if is_strange {
            (ABOUT.severity, "an hour the account never works, from a place or on a host it never used")
        } else if is_night && is_away {
            (Severity::Low, "an hour the account never works, after a day away from work: it may travel")
        } else if is_night {
            (ABOUT.severity, "in the dead of night, far from every hour the account works")
        } else {
            (Severity::Low, "an hour the account never works, at its usual place")
        };
        let score = Score::new(severity, reason)
            .raise_if(severity == ABOUT.severity && step.account_is_privileged(), "the account holds administrator rights")
            .plus_if(is_night && is_strange, 10, "in the dead of night")
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
        let (first, end) = own.unused_round(hour);
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
