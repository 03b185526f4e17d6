//! `impossible-travel`: two places too far apart in the time between.
//!
//! Physics needs no learning, but an address is not always a place: shared exits (VPN, proxy) are learned from the number
//! of users they carry, a managed device travels with its user, and places an account uses anyway are no news. Workloads
//! and confidential clients are left out: their rows carry somebody else's address.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Activity, SeenSet, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::geo::distance_km;
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory, Tri};
use crate::model::ids::{AccountId, EventId, SourceId};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "impossible-travel",
    title: "Two places too far apart in the time between",
    severity: Severity::High,
    attack: &["T1078.004", "T1550.004"],
    needs: "Entra sign-ins with geoCoordinates",
    requires: &[],
    check: "Does the person use a VPN or cloud desktop? If not, password or token is shared or stolen: which of the two places is not theirs?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub least_km: f64,
    /// Taken off the distance before the speed is judged: where an address is, is known roughly.
    pub error_km: f64,
    pub fastest_kmh: f64,
    pub from_minutes: i64,
    pub to_hours: i64,
    /// Users of one address that make it a shared exit.
    pub exit_users: usize,
    /// Days on which a place must have been used to be the account's own.
    pub own_place_days: u32,
    /// History that makes the own places known: days or sign-ins.
    pub history_days: i64,
    pub history_sign_ins: u32,
    pub quiet_hours: i64,
    /// Places remembered for one account.
    pub kept: usize,
    pub forget_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            least_km: 500.0,
            error_km: 100.0,
            fastest_kmh: 900.0,
            from_minutes: 1,
            to_hours: 24,
            exit_users: 5,
            own_place_days: 3,
            history_days: 14,
            history_sign_ins: 10,
            quiet_hours: 24,
            kept: 64,
            forget_days: 180,
        }
    }
}

/// A place in tenths of a degree, about 10 km.
type Cell = (i32, i32);

#[derive(Clone, Copy)]
struct Stop {
    at: Timestamp,
    event: EventId,
    coordinates: (f64, f64),
    cell: Cell,
    source: SourceId,
    asn: u32,
    device: Symbol,
    managed: bool,
    city: Symbol,
    country: Symbol,
}

#[derive(Default)]
struct User {
    last: Option<Stop>,
    places: SeenSet<Cell>,
    activity: Activity,
}

pub struct Rule {
    settings: Settings,
    users: FxHashMap<AccountId, User>,
    /// Users of an address, up to `exit_users`.
    exits: FxHashMap<SourceId, FxHashSet<AccountId>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, users: FxHashMap::default(), exits: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(stop) = stop(step) else { return };
        if let Some(source) = step.row.source.some() {
            let users = self.exits.entry(source).or_default();
            if users.len() < self.settings.exit_users {
                users.insert(step.row.account);
            }
        }
        let is_exit = |source: SourceId| self.exits.get(&source).is_some_and(|users| users.len() >= self.settings.exit_users);
        let user = self.users.entry(step.row.account).or_default();
        // A shared exit says nothing about where a person is, neither now nor for the next comparison.
        if !is_exit(stop.source) {
            if let Some(last) = user.last.filter(|last| !is_exit(last.source)) {
                judge(&self.settings, user, step, &last, &stop, out);
            }
            if user.last.is_none_or(|last| last.at <= stop.at) {
                user.last = Some(stop);
            }
        }
        user.places.add(stop.cell, stop.at, self.settings.kept);
        user.activity.add(stop.at);
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.users, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.forget_days);
        self.users.retain(|_, user| {
            user.places.forget_before(limit);
            !user.places.is_empty()
        });
    }
}

/// A person's success at known coordinates.
fn stop(step: &Step<'_>) -> Option<Stop> {
    let sign_in = step.sign_in()?;
    let person = match sign_in.category {
        SignInCategory::Interactive | SignInCategory::Adfs => true,
        // Confidential clients (web back ends) present a secret and their own address.
        SignInCategory::NonInteractive => sign_in.credential_key_id.is_none() && matches!(step.raw(sign_in.credential_type), "" | "none"),
        _ => false,
    };
    if !person || step.row.account.is_none() || step.event().outcome != Outcome::Success {
        return None;
    }
    let coordinates = sign_in.coordinates?;
    #[allow(clippy::cast_possible_truncation)] // degrees
    let cell = ((coordinates.0 * 10.0).round() as i32, (coordinates.1 * 10.0).round() as i32);
    Some(Stop {
        at: step.at(),
        event: step.id,
        coordinates,
        cell,
        source: step.row.source,
        asn: sign_in.asn,
        device: sign_in.device_id,
        managed: sign_in.is_managed == Tri::Yes,
        city: sign_in.city,
        country: sign_in.country,
    })
}

fn judge(settings: &Settings, user: &User, step: &Step<'_>, from: &Stop, to: &Stop, out: &mut Findings) {
    let lag = (to.at - from.at).abs();
    if from.cell == to.cell || lag < Span::minutes(settings.from_minutes) || lag > Span::hours(settings.to_hours) {
        return;
    }
    let km = distance_km(from.coordinates, to.coordinates);
    let hours = lag.as_seconds_f64() / 3_600.0;
    // Written so that coordinates that are no numbers compare as "no".
    let too_fast = km >= settings.least_km && (km - settings.error_km) / hours > settings.fastest_kmh;
    if !too_fast {
        return;
    }
    let same_device = to.device.is_some() && to.device == from.device;
    let hosting = step.site.is_hosting(to.asn);
    let same_network = to.asn != 0 && to.asn == from.asn && !hosting;
    if (same_device && to.managed) || same_network {
        return;
    }
    let own = |cell: Cell| user.places.get(cell).is_some_and(|seen| seen.days >= settings.own_place_days);
    if own(from.cell) && own(to.cell) {
        return;
    }
    let learned = user.activity.age(step.at()) >= Span::days(settings.history_days) || user.activity.count >= settings.history_sign_ins;
    let score = if learned {
        Score::new(ABOUT.severity, "faster than any flight, between places that are not both usual")
    } else {
        Score::new(Severity::Medium, "faster than any flight; usual places are not learned yet")
    }
    .raise_for(step)
    .plus_if(hosting, 5, "a hosting network")
    .plus_if(to.device.is_none(), 5, "no device stated")
    .plus_if(!user.places.contains(to.cell), 5, "never at this place before");
    let say = step.say();
    let device = match (same_device, to.device.is_some() && from.device.is_some()) {
        (true, _) => "the same",
        (false, true) => "another",
        (false, false) => "unknown",
    };
    let why = format!(
        "{}: {} {} then {} {}, {km:.0} km in {} = {:.0} km/h; {} -> {}; device {device}.",
        say.account(step.row.account),
        say.city(from.city, from.country),
        say.time(from.at),
        say.city(to.city, to.country),
        say.time(to.at),
        say::span(lag),
        km / hours,
        say.network(from.asn),
        say.network(to.asn),
    );
    let (a, b) = if from.cell <= to.cell { (from.cell, to.cell) } else { (to.cell, from.cell) };
    let pair = [a.0, a.1, b.0, b.1].into_iter().fold(0_u64, |sum, part| (sum << 16) | u64::from(part.cast_unsigned() & 0xffff));
    out.push(
        Finding::new(step, Key(step.row.account.index() as u64, pair), Span::hours(settings.quiet_hours), score, why)
            .since(from.at, [from.event])
            .and_sources([from.source]),
    );
}
