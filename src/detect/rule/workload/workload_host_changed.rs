//! `workload-host-changed`: a workload that always ran from the same few places runs from another.
//!
//! In Entra the place is the network (ASN), since pools change addresses; on premises it is the host for service and
//! batch logons, the source for network logons of service accounts.

use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{SeenSet, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say::Say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory};
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "workload-host-changed",
    title: "Scheduled workload runs from another place",
    severity: Severity::High,
    attack: &["T1078.004", "T1053"],
    needs: "Entra service principal sign-ins; 4624 types 3, 4 and 5 of service accounts",
    requires: &[],
    check: "Was the job moved? If the old place still runs it, somebody else has its secret.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// History the identity must have.
    pub stable_days: i64,
    pub stable_runs: u32,
    /// Share of runs that its three main places must cover.
    pub covered: f64,
    /// Good-Turing chance of a new place above which new ones are usual for it.
    pub novelty: f64,
    /// Places remembered for one identity.
    pub kept: usize,
    pub forget_days: i64,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { stable_days: 14, stable_runs: 20, covered: 0.95, novelty: 0.02, kept: 32, forget_days: 180, quiet_days: 7 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Place {
    Network(u32),
    Source(SourceId),
    Host(HostId),
}

impl Place {
    fn number(self) -> u64 {
        match self {
            Self::Network(asn) => u64::from(asn),
            Self::Source(source) => (1 << 40) | source.index() as u64,
            Self::Host(host) => (2 << 40) | host.index() as u64,
        }
    }
    fn words(self, say: &Say<'_>) -> String {
        match self {
            Self::Network(asn) => say.network(asn),
            Self::Source(source) => say.source(source),
            Self::Host(host) => say.host(host),
        }
    }
}

/// Network logons come from a source, jobs run on a host: the two are learned apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Sort {
    SignIn,
    Reach,
    Run,
}

struct New {
    place: Place,
    at: Timestamp,
    old_again: u32,
    /// The places and runs before it.
    usual: Vec<Place>,
    runs: u32,
}

#[derive(Default)]
struct Workload {
    places: SeenSet<Place>,
    new: Option<New>,
}

pub struct Rule {
    settings: Settings,
    workloads: FxHashMap<(AccountId, Sort), Workload>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn, EventKind::Logon];
    fn new(settings: Settings) -> Self {
        Self { settings, workloads: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some((sort, place)) = place(step) else { return };
        let settings = &self.settings;
        let workload = self.workloads.entry((step.row.account, sort)).or_default();
        let at = step.at();
        if let Some(new) = workload.new.as_mut() {
            if new.place == place {
                raise(settings, step, new, out);
            } else if at > new.at && new.usual.contains(&place) {
                new.old_again = new.old_again.saturating_add(1);
            }
        } else if !workload.places.contains(place) && is_settled(settings, &workload.places, at) {
            let usual = workload.places.by_use().into_iter().map(|(place, _)| place).collect();
            let new = New { place, at, old_again: 0, usual, runs: workload.places.activity.count };
            raise(settings, step, &new, out);
            workload.new = Some(new);
        }
        workload.places.add(place, at, settings.kept);
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        let kept = self.settings.kept;
        let sorts: Vec<Sort> = self.workloads.keys().filter(|(account, _)| *account == goes).map(|(_, sort)| *sort).collect();
        for sort in sorts {
            rekey(&mut self.workloads, &(goes, sort), (stays, sort), |workload, other| workload.places.absorb(&other.places, kept));
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.forget_days);
        let quiet = Span::days(self.settings.quiet_days);
        self.workloads.retain(|_, workload| {
            workload.places.forget_before(limit);
            if workload.new.as_ref().is_some_and(|new| now - new.at > quiet) {
                workload.new = None;
            }
            !workload.places.is_empty()
        });
    }
}

/// Where the workload of this event runs; `None` when the event is no run of a workload.
fn place(step: &Step<'_>) -> Option<(Sort, Place)> {
    let event = step.event();
    if event.outcome != Outcome::Success || step.row.account.is_none() {
        return None;
    }
    if let Some(sign_in) = step.sign_in() {
        if sign_in.category != SignInCategory::ServicePrincipal {
            return None;
        }
        return match sign_in.asn {
            0 => Some((Sort::SignIn, Place::Source(step.row.source.some()?))),
            asn => Some((Sort::SignIn, Place::Network(asn))),
        };
    }
    if !matches!(step.account()?.class, AccountClass::Service | AccountClass::ManagedService) {
        return None;
    }
    match event.logon_type {
        LogonType::Batch | LogonType::Service => Some((Sort::Run, Place::Host(step.row.host.some()?))),
        LogonType::Network if step.is_remote() => Some((Sort::Reach, Place::Source(step.row.source.some()?))),
        _ => None,
    }
}

fn is_settled(settings: &Settings, places: &SeenSet<Place>, at: Timestamp) -> bool {
    let activity = &places.activity;
    if activity.age(at) < Span::days(settings.stable_days) || activity.count < settings.stable_runs {
        return false;
    }
    let main: u32 = places.by_use().iter().take(3).map(|(_, seen)| seen.count).sum();
    f64::from(main) >= settings.covered * f64::from(activity.count) && places.novelty() < settings.novelty
}

fn raise(settings: &Settings, step: &Step<'_>, new: &New, out: &mut Findings) {
    if step.at() - new.at > Span::days(settings.quiet_days) {
        return;
    }
    let score = Score::new(ABOUT.severity, "a place the workload never ran from").raise_for(step).plus_if(
        new.old_again > 0,
        10,
        "the usual place still runs it: copied, not moved",
    );
    let say = step.say();
    let what = match step.sign_in() {
        Some(sign_in) => format!(" ({}, {}) for {}", say.source(step.row.source), say.text(sign_in.country), say.text(sign_in.resource)),
        None => format!(" {} on {}", say.logon_type(step.event().logon_type), say.host(step.row.host)),
    };
    let why = format!(
        "{} ran {} times from {}; now from {}{what}, since {}; the old place is {}.",
        say.account(step.row.account),
        new.runs,
        say.list(new.usual.iter().map(|place| place.words(&say)), 3),
        new.place.words(&say),
        say.time(new.at),
        if new.old_again > 0 { "still active" } else { "silent since" },
    );
    let key = Key((step.row.account.index() as u64) << 2 | (sort_number(new.place)), new.place.number());
    out.push(Finding::new(step, key, Span::days(settings.quiet_days), score, why).since(new.at, []));
}

const fn sort_number(place: Place) -> u64 {
    match place {
        Place::Network(_) => 0,
        Place::Source(_) => 1,
        Place::Host(_) => 2,
    }
}
