//! `workload-host-changed`: a workload that always ran from the same few places runs from another.
//!
//! On premises the place is the host for batch and service logons, the source for network logons of service accounts.
//! Sign-ins are judged by their address where neither network nor country is known; else `sp-new-country-or-asn` knows more.

use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, SeenSet, Value, rekey, subnet};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say::Say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory};
use crate::model::ids::AccountId;
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "workload-host-changed",
    title: "Scheduled workload runs from another place",
    severity: Severity::High,
    attack: &["T1078.004", "T1053"],
    needs: "4624 types 3, 4 and 5 of service accounts; Entra service principal sign-ins",
    requires: &[
        &[Needed::Logons(LogonType::Network)],
        &[Needed::Logons(LogonType::Batch)],
        &[Needed::SignIns(SignInCategory::ServicePrincipal)],
    ],
    check: "Was the job moved? If the old place still runs it, somebody else has its secret.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Days for which the identity must be known.
        pub stable_days: i64 = 14,
        /// Runs, one an hour at most, by which it must be known.
        pub stable_runs: u32 = 20,
        /// Share of runs that its three main places must cover.
        pub covered: f64 = 0.95,
        /// Good-Turing chance of a new place above which new ones are usual for it.
        pub novelty: f64 = 0.02,
        /// One finding for an identity and a place in so many days.
        pub quiet_days: i64 = 7,
    }
}

/// New places remembered, one of each identity and sort.
const KEPT: usize = 16_384;
/// Busy workloads are told again at most so often.
const TELL_AGAIN_AFTER: Span = Span::hours(1);

struct New {
    place: Value,
    at: Timestamp,
    told_at: Timestamp,
    /// Runs from its old places since.
    old_again: u32,
    usual: Vec<Value>,
    runs: u32,
}

pub struct Rule {
    settings: Settings,
    new: FxHashMap<(AccountId, Dimension), New>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn, EventKind::Logon];
    const LOGONS: &'static [LogonType] = &[LogonType::Network, LogonType::Batch, LogonType::Service];
    fn new(settings: Settings) -> Self {
        Self { settings, new: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some((dimension, place)) = place(step) else { return };
        let settings = &self.settings;
        let places = step.usual_account().seen(dimension);
        let at = step.at();
        if let Some(new) = self.new.get_mut(&(step.row.account, dimension)) {
            if new.place == place {
                if at - new.told_at >= TELL_AGAIN_AFTER {
                    new.told_at = at;
                    raise(settings, step, new, out);
                }
                return;
            }
            new.old_again = new.old_again.saturating_add(u32::from(at > new.at && new.usual.contains(&place)));
        }
        if !places.contains(place) && is_settled(settings, places, at) {
            let usual = places.by_use().into_iter().map(|(place, _)| place).collect();
            let new = New { place, at, told_at: at, old_again: 0, usual, runs: places.activity.count };
            raise(settings, step, &new, out);
            self.new.insert((step.row.account, dimension), new);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        for dimension in [Dimension::Source, Dimension::Host] {
            rekey(&mut self.new, &(goes, dimension), (stays, dimension), |_, _| {});
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.quiet_days);
        self.new.retain(|_, new| new.at >= limit);
        shed(&mut self.new, KEPT, |new| Some(new.at));
    }
}

/// Where the workload of this event runs; `None` when the event is no run of a workload.
fn place(step: &Step<'_>) -> Option<(Dimension, Value)> {
    let event = step.event();
    if event.outcome != Outcome::Success || step.row.account.is_none() {
        return None;
    }
    if let Some(sign_in) = step.sign_in() {
        let is_meant = sign_in.category == SignInCategory::ServicePrincipal && step.asn() == 0 && step.country().is_none();
        return Some((Dimension::Source, Value::Source(step.row.source.some().filter(|_| is_meant)?)));
    }
    if !matches!(step.account()?.class, AccountClass::Service | AccountClass::ManagedService) || step.account_tags().scanner {
        return None;
    }
    match event.logon_type {
        LogonType::Batch | LogonType::Service => Some((Dimension::Host, Value::Host(step.row.host.some()?))),
        LogonType::Network if step.is_remote() => Some((Dimension::Source, Value::Source(step.row.source.some()?))),
        _ => None,
    }
}

fn is_settled(settings: &Settings, places: &SeenSet<Value>, at: Timestamp) -> bool {
    let activity = &places.activity;
    if activity.age(at) < Span::days(settings.stable_days) || activity.count < settings.stable_runs {
        return false;
    }
    let main: u32 = places.by_use().iter().take(3).map(|(_, seen)| seen.count).sum();
    f64::from(main) >= settings.covered * f64::from(activity.count) && places.novelty() < settings.novelty
}

#[cold]
#[inline(never)]
fn raise(settings: &Settings, step: &Step<'_>, new: &New, out: &mut Findings) {
    if step.at() - new.at > Span::days(settings.quiet_days) {
        return;
    }
    // The next node of a cluster stands beside the others.
    let net = step.event().address.map(subnet);
    let beside = matches!(new.place, Value::Source(_)) && net.is_some_and(|net| step.usual_account().seen(Dimension::Subnet).contains(net));
    // A service or task that runs elsewhere was moved by its administrator far more often than by a thief, who would have to
    // set it up there: it is told loudly once the old place runs it too.
    let set_up = matches!(step.event().logon_type, LogonType::Batch | LogonType::Service);
    let score = match (new.old_again == 0, beside, set_up) {
        (true, true, _) => Score::new(Severity::Low, "a place the workload never ran from, beside its usual ones: the next node"),
        (true, _, true) => Score::new(Severity::Low, "a service or task set up on another host: moved, as far as one can tell"),
        _ => Score::new(ABOUT.severity, "a place the workload never ran from").raise_for(step),
    }
    .plus_if(new.old_again > 0, 10, "the usual place still runs it: copied, not moved");
    let say = step.say();
    let what = match step.sign_in() {
        Some(sign_in) => format!(" for {}", say.text(sign_in.resource)),
        None => format!(" {} on {}", say.logon_type(step.event().logon_type), say.host(step.row.host)),
    };
    let why = format!(
        "{} ran {} from {}; now from {}{what}, since {}; the old place is {}.",
        say.account(step.row.account),
        if new.runs == 1 { "once".to_owned() } else { format!("{} times", new.runs) },
        say.list(new.usual.iter().map(|place| words(&say, *place)), 3),
        words(&say, new.place),
        say.time(new.at),
        if new.old_again > 0 { "still active" } else { "silent since" },
    );
    let key = match new.place {
        Value::Host(host) => Key::of(step.row.account.index() << 1, host.index()),
        Value::Source(source) => Key::of(step.row.account.index() << 1 | 1, source.index()),
        _ => return,
    };
    out.push(Finding::new(step, key, Span::days(settings.quiet_days), score, why).since(new.at, []));
}

fn words(say: &Say<'_>, place: Value) -> String {
    match place {
        Value::Host(host) => say.host(host),
        Value::Source(source) => say.source(source),
        _ => "-".to_owned(),
    }
}
