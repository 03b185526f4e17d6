//! `impossible-travel`: two places too far apart in the time between.
//!
//! Physics needs no learning, but an address is not always a place. Exits (VPN, proxy, carrier) are named by people, told
//! by the number of accounts that share them, or learned from the jumps of several accounts (`exits`); a managed device
//! travels with its user; places an account uses anyway are no news; a traveller whose phone comes out at home is there
//! with a client that is known. Unlike the catalogue's rule an end that the account is used to is a place even if many
//! share it: the office is what stolen passwords are compared with. Among many accounts a jump waits a few minutes: a new
//! exit has shown itself by then.

mod exits;
mod stop;

use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Profile, Value, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::geo::distance_km;
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Step, Tick};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignInCategory};
use crate::model::ids::{AccountId, SourceId};
use crate::model::logon_type::LogonType;
use exits::Exits;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use stop::Stop;

const ABOUT: Detection = Detection {
    id: "impossible-travel",
    title: "Two places too far apart in the time between",
    severity: Severity::High,
    attack: &["T1078.004", "T1550.004"],
    needs: "Entra sign-ins with geoCoordinates; or --geo FILE or [site] places, and Security 4624, 4778, LocalSessionManager 21, 25 or Gateway 302",
    requires: &[
        &[Needed::SignIns(SignInCategory::Interactive)],
        &[Needed::Logons(LogonType::RemoteInteractive)],
        &[Needed::Records(EventKind::SessionReconnected)],
        &[Needed::Records(EventKind::RdpSessionLogon)],
        &[Needed::Records(EventKind::GatewayConnected)],
    ],
    check: "Does the person use a VPN or cloud desktop? If not, password or token is shared or stolen: which of the two places is not theirs?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub least_km: f64,
    /// Taken off the distance before the speed is judged: where an address is, is known roughly.
    pub error_km: f64,
    /// The same where only the country is known.
    pub country_error_km: f64,
    pub fastest_kmh: f64,
    pub from_minutes: i64,
    pub to_hours: i64,
    /// Accounts that share an address or its network, or jumped to or from it: then it is an exit.
    pub exit_users: usize,
    /// The same for an autonomous system, in percent of all accounts.
    pub exit_percent: u32,
    /// Days on which a place or client must have been used to be the account's own.
    pub own_days: u32,
    /// A place within this of one of its own is its own.
    pub own_km: f64,
    /// History that makes the own places known: days or successes.
    pub history_days: i64,
    pub history_count: u32,
    /// Share of new places (Good-Turing) above which an account wanders.
    pub wanderer: f64,
    /// Where more accounts than this are known, a jump waits until it is clear that the place is no new exit.
    pub wait_accounts: u32,
    pub wait_minutes: i64,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            least_km: 500.0,
            error_km: 100.0,
            country_error_km: 500.0,
            fastest_kmh: 900.0,
            from_minutes: 1,
            to_hours: 24,
            exit_users: 5,
            exit_percent: 2,
            own_days: 3,
            own_km: 150.0,
            history_days: 14,
            history_count: 10,
            wanderer: 0.3,
            wait_accounts: 20,
            wait_minutes: 5,
            quiet_hours: 24,
        }
    }
}

/// Two places within less time than any way between them takes.
struct Jump {
    from: Stop,
    to: Stop,
    odd: Odd,
    /// The client or device at the odd end is one that the account is used to.
    known_client: bool,
}

/// A jump that waits.
struct Waiting {
    jump: Jump,
    finding: Finding,
}

/// Which ends the account is not used to.
#[derive(Clone, Copy)]
struct Odd {
    from: bool,
    to: bool,
}

pub struct Rule {
    settings: Settings,
    /// First event at a known place.
    since: Option<Timestamp>,
    last: FxHashMap<AccountId, Stop>,
    /// Where the newest journey led, for which there was time.
    trips: FxHashMap<AccountId, (Value, Timestamp)>,
    exits: Exits,
    /// In order of time.
    waiting: Vec<Waiting>,
    /// When a pair of places was told last: what follows belongs to it and does not wait.
    told: FxHashMap<Key, Timestamp>,
    /// Source and time of the newest desktop held from afar, where networks of the site are placed: what comes from
    /// another private address meanwhile may be a hop from there.
    desktops: FxHashMap<AccountId, (SourceId, Timestamp)>,
}

/// Jumps that wait at once; beyond, they are told at once.
const MOST_WAITING: usize = 4_096;
/// How long a journey explains being there.
const TRIP: Span = Span::days(30);
/// How long a desktop held from afar explains private addresses.
const HOP: Span = Span::hours(12);

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[
        EventKind::SignIn,
        EventKind::Logon,
        EventKind::SessionReconnected,
        EventKind::RdpSessionLogon,
        EventKind::RdpSessionReconnected,
        EventKind::GatewayConnected,
    ];
    const LOGONS: &'static [LogonType] =
        &[LogonType::Network, LogonType::NetworkCleartext, LogonType::RemoteInteractive, LogonType::CachedRemoteInteractive];
    fn new(settings: Settings) -> Self {
        let exits = Exits::new(settings.exit_users, settings.exit_percent);
        Self {
            settings,
            since: None,
            last: FxHashMap::default(),
            trips: FxHashMap::default(),
            exits,
            waiting: Vec::new(),
            told: FxHashMap::default(),
            desktops: FxHashMap::default(),
        }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        // Most networks are nowhere: those of the organisation, where nobody said where they are.
        let is_hop = !step.site.settings().places.is_empty() && self.is_hop(step);
        if is_hop || stop::is_nowhere(step) {
            return;
        }
        self.stops(step, out);
    }
    fn tick(&mut self, tick: &Tick<'_>, out: &mut Findings) {
        if self.waiting.is_empty() {
            return;
        }
        let due = tick.now - Span::minutes(self.settings.wait_minutes);
        let (exits, told, usual) = (&self.exits, &mut self.told, tick.usual);
        self.waiting.retain(|waiting| {
            if waiting.jump.to.at > due {
                return true;
            }
            if !exits.explain(&waiting.jump, usual) {
                told.insert(waiting.finding.key, tick.now);
                out.push(waiting.finding.clone());
            }
            false
        });
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.last, &goes, stays, |there, other| {
            if other.at > there.at {
                *there = other;
            }
        });
        rekey(&mut self.trips, &goes, stays, |there, other| *there = other);
        rekey(&mut self.desktops, &goes, stays, |there, other| *there = other);
        for waiting in &mut self.waiting {
            waiting.finding.accounts.iter_mut().filter(|account| **account == goes).for_each(|account| *account = stays);
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::hours(self.settings.to_hours);
        self.last.retain(|_, stop| stop.at >= limit);
        self.trips.retain(|_, (_, at)| *at >= now - TRIP);
        let told = now - Span::hours(self.settings.quiet_hours);
        self.told.retain(|_, at| *at >= told);
        self.desktops.retain(|_, (_, at)| *at >= now - HOP);
        self.exits.forget(now);
    }
}

impl Rule {
    /// Somebody may be at a known place.
    #[inline(never)]
    fn stops(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(stop) = Stop::of(step, &self.settings) else { return };
        self.since = Some(self.since.map_or(stop.at, |since| since.min(stop.at)));
        if self.exits.is_named(&stop, step.site) {
            return;
        }
        let last = self.last.get(&step.row.account).copied();
        if let Some(last) = last {
            match pace(&self.settings, &last, &stop) {
                Pace::Possible { far: true } => {
                    self.trips.insert(step.row.account, (stop.cell(), stop.at));
                }
                Pace::Impossible { km, lag } => self.jump(step, &last, &stop, (km, lag), out),
                Pace::Possible { .. } => {}
            }
        }
        if last.is_none_or(|last| last.at <= stop.at) {
            self.last.insert(step.row.account, stop);
        }
    }
    /// From a private address while the account holds a desktop from elsewhere: that desktop's place, not the person's. Only
    /// where networks of the site are placed.
    #[inline(never)]
    fn is_hop(&mut self, step: &Step<'_>) -> bool {
        let (account, source, at) = (step.row.account, step.row.source, step.at());
        let held = self.desktops.get(&account).copied();
        if stop::is_desktop(step) && held.is_none_or(|(from, since)| from == source || at - since > HOP) {
            self.desktops.insert(account, (source, at));
        }
        let is_private = step.address_class() == Some(crate::base::net::AddressClass::Private);
        is_private && held.is_some_and(|(from, since)| from != source && at - since <= HOP)
    }
    fn jump(&mut self, step: &Step<'_>, from: &Stop, to: &Stop, (km, lag): (f64, Span), out: &mut Findings) {
        let settings = &self.settings;
        self.exits.jumped(step.row.account, from, to);
        let hosting = to.is_hosting || from.is_hosting;
        let same_device = to.device.is_some() && to.device == from.device;
        if (same_device && to.is_managed) || (to.asn != 0 && to.asn == from.asn && !hosting) {
            return;
        }
        let usual = step.usual_account();
        let own = |stop: &Stop| is_own(settings, usual, stop);
        let odd = Odd { from: !own(from), to: !own(to) };
        if !odd.from && !odd.to {
            return;
        }
        let strange = if odd.to { to } else { from };
        let seen = |dimension, value| usual.seen(dimension).get(value).is_some_and(|seen| seen.days >= settings.own_days);
        let known_device = strange.device.is_some() && seen(Dimension::Device, Value::Text(strange.device));
        // The organisation's own device is where its user is.
        if strange.device.is_some() && strange.is_managed {
            return;
        }
        let known_client = known_device || strange.client.is_some_and(|client| seen(Dimension::Client, client));
        let jump = Jump { from: *from, to: *to, odd, known_client };
        // A provider that the account is used to may let it out anywhere in its country.
        let same_country = to.country.is_some() && to.country == from.country;
        let own_provider = same_country && !strange.is_hosting && usual.seen(Dimension::Asn).contains(Value::Number(strange.asn));
        if own_provider || self.exits.explain(&jump, step.usual) {
            return;
        }
        let places = usual.seen(Dimension::Place);
        let wanders = places.activity.days >= settings.own_days && places.novelty() >= settings.wanderer && places.len() > 3;
        let on_a_trip = self.trips.get(&step.row.account).is_some_and(|(cell, _)| *cell == strange.cell());
        let own_client = known_client && (on_a_trip || strange.is_phone(step));
        let learned = usual.activity.age(step.at()) >= Span::days(settings.history_days) || usual.activity.count >= settings.history_count;
        let known = step.usual.share(None, Dimension::Source, Value::Source(to.source)).of;
        // Among many accounts the first day shows which providers let people out where.
        let is_first_day = known >= settings.wait_accounts && self.since.is_none_or(|since| step.at() - since < Span::days(1));
        let score = match (wanders, same_device || own_client) {
            (true, _) => Score::new(Severity::Low, "faster than any flight, by an account that often changes places"),
            (false, true) => Score::new(Severity::Low, "faster than any flight, with a device or client that is the account's own"),
            // In its first days a large place shows exits that nobody named; others come from them too.
            _ if !learned && is_first_days(step) && (!odd.from || is_common(step, from)) && (!odd.to || is_common(step, to)) => {
                Score::new(Severity::Low, "faster than any flight, by networks that others use too; exits are not learned yet")
            }
            _ if learned => Score::new(ABOUT.severity, "faster than any flight, between places that are not both usual").raise_for(step),
            _ if is_first_day && !strange.is_hosting => {
                Score::new(Severity::Low, "faster than any flight, on the first day of what is known")
            }
            _ => Score::new(Severity::Medium, "faster than any flight; usual places are not learned yet").raise_for(step),
        }
        .plus_if(hosting, 5, "a hosting network")
        .plus_if(step.sign_in().is_some() && to.device.is_none(), 5, "no device stated")
        .plus_if(!usual.seen(Dimension::Place).contains(strange.cell()), 5, "never at this place before");
        let finding = finding(settings, step, from, to, (km, lag), score);
        let is_told = self.told.get(&finding.key).is_some_and(|at| step.at() - *at <= finding.quiet);
        if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.finding.key == finding.key) {
            waiting.finding.records.extend(finding.records);
        } else if !is_told && known >= settings.wait_accounts && settings.wait_minutes > 0 && self.waiting.len() < MOST_WAITING {
            self.waiting.push(Waiting { jump, finding });
        } else {
            self.told.insert(finding.key, step.at());
            out.push(finding);
        }
    }
}

/// The people of the place have been seen for less than this.
const FIRST_DAYS: Span = Span::days(3);

/// Accounts in a network by which it is no one person's.
const OTHERS: u32 = 3;

fn is_common(step: &Step<'_>, stop: &Stop) -> bool {
    stop.asn != 0 && step.usual.share(None, Dimension::Asn, Value::Number(stop.asn)).users >= OTHERS
}

fn is_first_days(step: &Step<'_>) -> bool {
    step.usual.everybody.activity.age(step.at()) < FIRST_DAYS
}

#[cold]
#[inline(never)]
fn finding(settings: &Settings, step: &Step<'_>, from: &Stop, to: &Stop, (km, lag): (f64, Span), score: Score) -> Finding {
    let say = step.say();
    let device = match (to.device.is_some(), from.device.is_some(), to.device == from.device) {
        (true, true, true) => "the same",
        (true, true, false) => "another",
        _ => "unknown",
    };
    let device = if step.sign_in().is_some() { format!("; device {device}") } else { String::new() };
    let net = |stop: &Stop| if stop.asn == 0 { say.source(stop.source) } else { say.network(stop.asn) };
    let at = |stop: &Stop| match stop.country.is_some() || stop.city.is_some() {
        true => say.city(stop.city, stop.country),
        false => format!("{:.2}, {:.2}", stop.coordinates.0, stop.coordinates.1),
    };
    let why = format!(
        "{}: {} {} then {} {}, {km:.0} km in {} = {:.0} km/h; {} -> {}{device}.",
        say.account(step.row.account),
        at(from),
        say.time(from.at),
        at(to),
        say.time(to.at),
        say::span(lag),
        km / (lag.as_seconds_f64() / 3_600.0),
        net(from),
        net(to),
    );
    Finding::new(step, Key(step.row.account.index() as u64, stop::pair(from, to)), Span::hours(settings.quiet_hours), score, why)
        .since(from.at, [from.event])
        .and_hosts([from.host])
        .and_sources([from.source])
        .and_sessions([from.session])
}

/// The account uses this place, or one near it.
fn is_own(settings: &Settings, usual: &Profile, stop: &Stop) -> bool {
    usual.seen(Dimension::Place).by_use().into_iter().any(|(value, seen)| {
        let Value::Cell(latitude, longitude) = value else { return false };
        seen.days >= settings.own_days && distance_km((f64::from(latitude), f64::from(longitude)), stop.degrees()) <= settings.own_km
    })
}

enum Pace {
    Possible {
        /// Farther than `least_km`: a journey.
        far: bool,
    },
    Impossible {
        km: f64,
        lag: Span,
    },
}

fn pace(settings: &Settings, from: &Stop, to: &Stop) -> Pace {
    // Mostly it is where it was.
    if from.coordinates == to.coordinates && settings.least_km > 0.0 {
        return Pace::Possible { far: false };
    }
    let lag = (to.at - from.at).abs();
    let km = distance_km(from.degrees(), to.degrees());
    let error = settings.error_km.max(from.error_km + to.error_km);
    let is_far = km >= settings.least_km && km - error >= settings.least_km - settings.error_km;
    let in_time = lag >= Span::minutes(settings.from_minutes) && lag <= Span::hours(settings.to_hours);
    if is_far && in_time && (km - error) / (lag.as_seconds_f64() / 3_600.0) > settings.fastest_kmh {
        Pace::Impossible { km, lag }
    } else {
        Pace::Possible { far: is_far }
    }
}
