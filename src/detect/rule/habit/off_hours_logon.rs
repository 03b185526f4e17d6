//! `off-hours-logon`: a person logs on at an hour they never do.
//!
//! The hours of the week are a circle, and nights cross midnight, so neither a first and last hour nor an average would do:
//! an hour is odd when all hours as rare as it together hold almost nothing, and no used hour is near. Hours are those of
//! one zone for all accounts (`zone_offset_hours`).

use crate::base::time::Span;
use crate::detect::baseline::{HourProfile, Oddness, WEEK};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory};
use crate::model::logon_type::LogonType;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "off-hours-logon",
    title: "Logon at an hour this account never works",
    severity: Severity::Medium,
    attack: &["T1078"],
    needs: "4624 types 2, 10, 11, 12, 4778 or Entra interactive sign-ins of at least four weeks",
    requires: &[],
    check: "On call, travelling, or a deadline? If nobody can say, look at the source and at what the session reached.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Chance of an hour as rare or rarer.
    pub chance: f64,
    /// Hours to the nearest used hour.
    pub gap_hours: usize,
    pub history_active_days: u32,
    pub history_days: i64,
    pub history_logons: u32,
    /// One finding for all logons of a stretch without a pause this long.
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { chance: 0.002, gap_hours: 2, history_active_days: 20, history_days: 28, history_logons: 40, quiet_hours: 4 }
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] =
        &[EventKind::Logon, EventKind::SessionReconnected, EventKind::RdpSessionReconnected, EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        if !is_a_persons_logon(step) {
            return;
        }
        let Some(profile) = step.usual_account().hours.as_deref() else { return };
        let settings = &self.settings;
        let activity = profile.activity;
        let learned = activity.days >= settings.history_active_days
            && activity.age(step.at()) >= Span::days(settings.history_days)
            && activity.count >= settings.history_logons;
        let hour = step.hour_of_week();
        // The gap first: most logons come at an hour that is used, and the chance is a long sum.
        if !learned || step.account_tags().on_call || profile.gap(hour) < settings.gap_hours {
            return;
        }
        let odd = profile.oddness(hour, Some(&step.usual.everybody));
        if odd.p < settings.chance && odd.gap >= settings.gap_hours {
            raise(settings, step, profile, hour, odd, out);
        }
    }
}

fn is_a_persons_logon(step: &Step<'_>) -> bool {
    let event = step.event();
    let kind = match event.kind {
        EventKind::Logon => matches!(
            event.logon_type,
            LogonType::Interactive | LogonType::RemoteInteractive | LogonType::CachedInteractive | LogonType::CachedRemoteInteractive
        ),
        EventKind::SessionReconnected | EventKind::RdpSessionReconnected => true,
        EventKind::SignIn => {
            event.outcome == Outcome::Success && step.sign_in().is_some_and(|sign_in| sign_in.category == SignInCategory::Interactive)
        }
        _ => false,
    };
    kind && step.account().is_some_and(|account| matches!(account.class, AccountClass::Human | AccountClass::Unknown | AccountClass::Guest))
}

fn raise(settings: &Settings, step: &Step<'_>, profile: &HourProfile, hour: usize, odd: Oddness, out: &mut Findings) {
    let score = Score::new(ABOUT.severity, "an hour the account never works")
        .raise_if(step.account_is_privileged(), "the account holds administrator rights")
        .plus_if(odd.gap >= 6, 5, "6 hours or more from any usual hour");
    let say = step.say();
    let (from, to) = profile.unused_round(hour);
    let zone = step.site.zone(step.row.account);
    let whereto = match step.sign_in() {
        Some(sign_in) => format!("interactively to {}", say.text(sign_in.app)),
        None => format!("{} on {}", say.logon_type(step.event().logon_type), say.host(step.row.host)),
    };
    let why = format!(
        "{} signed in {whereto} at {} {}. In {} since {} it never did between {} and {}; nearest usual hour {}, {} h away (p={:.4}).",
        say.account(step.row.account),
        zone.local(step.at()).format("%A %H:%M"),
        zone.label(),
        crate::detect::say::count(profile.activity.days as usize, "active day"),
        profile.activity.first_at.map_or_else(|| "-".to_owned(), |first| say.date(first)),
        week_hour(from),
        week_hour(to),
        week_hour(odd.nearest),
        odd.gap,
        odd.p,
    );
    let key = Key::of(step.row.account.index(), 0);
    out.push(Finding::new(step, key, Span::hours(settings.quiet_hours), score, why));
}

/// `Fri 18:00`.
fn week_hour(hour: usize) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let hour = hour % WEEK;
    format!("{} {:02}:00", DAYS.get(hour / 24).copied().unwrap_or_default(), hour % 24)
}
