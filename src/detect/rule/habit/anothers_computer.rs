//! `anothers-computer`: a credential works from somebody else's computer, and goes where its owner never goes.
//!
//! Nearly everybody has a computer, and nearly every computer a person. Colleagues do sit down at each other's desk, but then
//! they open what they always open: so the desk alone says nothing, and a host the account never reached counts one point, a
//! desktop there three, and so does anything an administrator's account reaches, whose place is an administrator's desk. Three
//! points are told medium. It is what a stolen password looks like whatever part of the logs is kept: tickets, network
//! logons or Remote Desktop alone will do.
//!
//! Computers are known by what stands at their address at the time (`Machines`), since leases change hands. Where nothing
//! tells that, addresses serve, for who keeps to few of them. Accounts that work from everywhere have no place.

use super::few::{Few, Met, Place};
use crate::base::net::AddressClass;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::machines::Sighting;
use crate::detect::baseline::{ComputerKey, Dimension, Value, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, EVIDENCE_KEPT, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::{AccountId, EventId, HostId, SourceId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "anothers-computer",
    title: "Credential used from somebody else's computer",
    severity: Severity::Medium,
    attack: &["T1078.002", "T1021"],
    needs: "4624 types 3 and 10, 4768 and 4769, or LocalSessionManager 21, of at least a week",
    requires: &[
        &[Needed::Logons(LogonType::Network)],
        &[Needed::Logons(LogonType::RemoteInteractive)],
        &[Needed::Records(EventKind::ServiceTicket)],
        &[Needed::Records(EventKind::RdpSessionLogon)],
    ],
    check: "Ask both: did the one work at the other's computer, and on these hosts? If not, the computer is the attacker's foothold.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Active days the account must be known for, and on which the other uses the computer.
        pub history_days: u32 = 5,
        /// The same where only addresses tell computers apart.
        pub address_days: u32 = 8,
        /// Most addresses, then, of an account.
        pub addresses: usize = 3,
        /// Share of its active days on which an account was at one computer, below which it has none of its own.
        pub own_share: f64 = 0.6,
        /// Good-Turing chance of a new desktop above which one more says little of an account.
        pub roams: f64 = 0.10,
        /// More regular users make a computer nobody's.
        pub users: usize = 3,
        /// Share of all accounts above which a host is common ground.
        pub common_share: f64 = 0.3,
        /// Points that make it medium: see the module.
        pub points: u32 = 3,
        /// What is done from there belongs together up to a pause this long.
        pub within_minutes: i64 = 60,
        /// One finding for an account and a computer in so many hours.
        pub quiet_hours: i64 = 24,
    }
}

/// Computers remembered of one account, accounts of one computer, and of each sort.
const PLACES: usize = 16;
const USERS: usize = 8;
const KEPT: usize = 131_072;
/// Visits to other people's computers that are under way.
const STAYS: usize = 16_384;
/// Hosts remembered of one.
const HOSTS: usize = 64;
/// Who was not at a computer for longer does not count as its user.
const AWAY: Span = Span::days(30);
/// The same for addresses: leases pass on.
const LEASE: Span = Span::days(3);
/// A computer is an account's own from the day after the first on.
const SETTLED: Span = Span::days(1);
/// A computer that is switched on shows within this: its tickets run out.
const THERE: Span = Span::hours(24);
/// Events nearer than this, from where the last one came, are no news.
const GRAIN: Span = Span::minutes(30);

/// Where somebody sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Seat {
    Computer(ComputerKey),
    Address(SourceId),
}

#[derive(Default)]
struct Person {
    seats: Few<Seat>,
    /// The newest event at a seat of its own.
    last: Option<(SourceId, HostId, Timestamp)>,
}

/// Somebody at somebody else's computer.
struct Stay {
    since: Timestamp,
    last_at: Timestamp,
    records: Vec<EventId>,
    points: u32,
    reached: Vec<ComputerKey>,
    hosts: Vec<HostId>,
    names: Vec<String>,
}

pub struct Rule {
    settings: Settings,
    people: FxHashMap<AccountId, Person>,
    seats: FxHashMap<Seat, Few<AccountId>>,
    stays: FxHashMap<(AccountId, Seat), Stay>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[
        EventKind::Logon,
        EventKind::TicketGranting,
        EventKind::ServiceTicket,
        EventKind::SessionReconnected,
        EventKind::RdpSessionLogon,
        EventKind::RdpAuthenticated,
    ];
    const LOGONS: &'static [LogonType] = &[
        LogonType::None,
        LogonType::Interactive,
        LogonType::Network,
        LogonType::Unlock,
        LogonType::NetworkCleartext,
        LogonType::RemoteInteractive,
        LogonType::CachedInteractive,
        LogonType::CachedRemoteInteractive,
    ];
    fn new(settings: Settings) -> Self {
        Self { settings, people: FxHashMap::default(), seats: FxHashMap::default(), stays: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let (event, account) = (step.event(), step.row.account);
        if event.outcome == Outcome::Failure || account.is_none() || step.user.is_dollar || !step.is_a_persons() {
            return;
        }
        let is_remote = step.is_remote();
        let (source, host) = if is_remote { (step.row.source, HostId::NONE) } else { (SourceId::NONE, step.row.host) };
        let known = self.people.get_mut(&account);
        let last = known.as_ref().and_then(|person| person.last);
        if last.is_some_and(|last| (last.0, last.1) == (source, host) && (event.at - last.2).abs() < GRAIN) {
            return;
        }
        let Some(seat) = seat(step, is_remote) else { return };
        let person = match known {
            Some(person) => person,
            None => self.people.entry(account).or_default(),
        };
        let users = self.seats.entry(seat).or_default();
        let place = person.seats.find(seat);
        let met = if let Place::At(place) = place { person.seats.at(place) } else { None };
        if met.is_some_and(|met| event.at - met.first_at >= SETTLED) {
            person.last = Some((source, host, event.at));
        } else if may_be_anothers(&self.settings, seat, users, person)
            && let Some(owner) = owner(&self.settings, step, seat, users, person)
        {
            visit(&self.settings, &mut self.stays, step, (seat, owner, person), out);
        }
        person.seats.learn(place, seat, event.at, PLACES);
        users.learn(users.find(account), account, event.at, USERS);
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.people, &goes, stays, |there, more| there.seats.absorb(more.seats, PLACES));
        self.stays.retain(|(account, _), _| *account != goes);
    }
    fn forget(&mut self, now: Timestamp) {
        let pause = now - Span::minutes(self.settings.within_minutes);
        self.stays.retain(|_, stay| stay.last_at >= pause);
        shed(&mut self.stays, STAYS, |stay| Some(stay.last_at));
        shed(&mut self.people, KEPT, |person| person.seats.last_at());
        shed(&mut self.seats, KEPT, |users| users.last_at());
    }
}

/// The computer somebody acts from: the host itself at its screen, else what stands at the address.
fn seat(step: &Step<'_>, is_remote: bool) -> Option<Seat> {
    let event = step.event();
    if !is_remote {
        let is_screen = event.kind == EventKind::Logon && event.logon_type.begins_desktop() || event.logon_type == LogonType::Unlock;
        return is_screen.then(|| step.usual.machines.key_of(step.row.host).map(Seat::Computer))?;
    }
    let is_network = matches!(event.logon_type, LogonType::None | LogonType::Network | LogonType::NetworkCleartext);
    if !(is_network || event.logon_type.begins_desktop()) || step.address_class() == Some(AddressClass::Public) || step.source_tags().exit {
        return None;
    }
    let source = step.row.source.some()?;
    let met = step.usual.machines.at(source, step.at());
    let is_there = |met: &&Sighting| met.activity.last_at().is_some_and(|last| (step.at() - last).abs() <= THERE);
    Some(met.filter(is_there).map_or(Seat::Address(source), |met| Seat::Computer(met.key)))
}

/// Days for which a computer must be somebody's, and how lately its owner was there.
const fn asked(settings: &Settings, seat: Seat) -> (u32, Span) {
    match seat {
        Seat::Computer(_) => (settings.history_days, AWAY),
        Seat::Address(_) => (settings.address_days, LEASE),
    }
}

/// Nearly all computers are of nobody yet, or the account is: that is seen without asking who they are.
fn may_be_anothers(settings: &Settings, seat: Seat, users: &Few<AccountId>, person: &Person) -> bool {
    let (days, _) = asked(settings, seat);
    users.most_days() >= days && person.seats.most_days() >= days
}

/// Whose computer it is, where it is somebody's, and the account at hand has another.
#[cold]
#[inline(never)]
fn owner(settings: &Settings, step: &Step<'_>, seat: Seat, users: &Few<AccountId>, person: &Person) -> Option<(AccountId, u32)> {
    let (account, at) = (step.row.account, step.at());
    let (days, fresh) = asked(settings, seat);
    let mut regular: Vec<Met<AccountId>> = Vec::new();
    let mut users: Vec<Met<AccountId>> = users.list().iter().filter(|met| met.days >= 2).copied().collect();
    users.sort_by_key(|met| (std::cmp::Reverse(met.count), met.first_at));
    for met in users {
        // Two names may have turned out to be one.
        let user = step.world.tables.account_id(met.value);
        if user == account {
            return None;
        }
        if !regular.iter().any(|known| known.value == user) {
            regular.push(Met { value: user, ..met });
        }
    }
    let owner = regular.iter().max_by_key(|met| (met.days, std::cmp::Reverse(met.value))).copied()?;
    if owner.days < days || at - owner.last_at > fresh || regular.len() > settings.users {
        return None;
    }
    let own = &person.seats;
    let most = own.list().iter().map(|met| met.days).max().unwrap_or(0);
    let few = matches!(seat, Seat::Computer(_)) || own.list().len() <= settings.addresses + 1;
    let is_settled = most >= days && f64::from(most) >= settings.own_share * f64::from(own.days()) && few;
    (is_settled && !step.account_tags().scanner).then_some((owner.value, owner.days))
}

/// A computer, whose it is and for how many days, and who sits there.
type Guest<'a> = (Seat, (AccountId, u32), &'a Person);

/// Somebody is at the computer of another, and may reach something from there.
#[cold]
#[inline(never)]
fn visit(settings: &Settings, stays: &mut FxHashMap<(AccountId, Seat), Stay>, step: &Step<'_>, guest: Guest<'_>, out: &mut Findings) {
    let (at, seat) = (step.at(), guest.0);
    let place = (step.row.account, seat);
    if stays.get(&place).is_some_and(|stay| at - stay.last_at > Span::minutes(settings.within_minutes)) {
        stays.remove(&place);
    }
    let fresh =
        || Stay { since: at, last_at: at, records: Vec::new(), points: 0, reached: Vec::new(), hosts: Vec::new(), names: Vec::new() };
    let stay = stays.entry(place).or_insert_with(fresh);
    (stay.since, stay.last_at) = (stay.since.min(at), stay.last_at.max(at));
    if stay.records.len() < EVIDENCE_KEPT {
        stay.records.push(step.id);
    }
    let Some((key, host)) = target(step, seat, settings.common_share) else { return };
    let is_desktop = step.event().kind != EventKind::ServiceTicket && !is_network(step);
    // Who gets another desktop of a pool each day has no habit to break.
    let desktops = step.usual_account().seen(Dimension::Host);
    let roams = !desktops.is_empty() && desktops.novelty() >= settings.roams;
    let points = if (is_desktop && !roams) || step.account_is_privileged() { settings.points } else { 1 };
    if !stay.reached.contains(&key) && stay.reached.len() < HOSTS {
        stay.reached.push(key);
        stay.hosts.extend(host.some());
        stay.names.push(step.say().word(&name(step)));
        stay.points = stay.points.saturating_add(points);
    } else if is_desktop {
        stay.points = stay.points.max(points);
    } else {
        return;
    }
    out.push(finding(settings, step, guest, stay));
}

fn finding(settings: &Settings, step: &Step<'_>, (seat, (owner, days), person): Guest<'_>, stay: &Stay) -> Finding {
    let score = if stay.points >= settings.points {
        // Tickets are written by controllers, wherever they lead.
        let is_controller = step.host_is_domain_controller() && step.event().kind != EventKind::ServiceTicket;
        Score::new(ABOUT.severity, "at somebody else's computer, and where the account never goes")
            .raise_if(step.account_is_privileged(), "the account holds administrator rights")
            .raise_if(is_controller, "the host is a domain controller")
    } else {
        Score::new(Severity::Low, "at somebody else's computer, and on a host that is new for it")
    };
    let say = step.say();
    let settled = step.at() - SETTLED;
    let own = person.seats.list().iter().filter(|met| met.first_at < settled).count();
    let computer = match (seat, step.row.source.some().filter(|_| step.is_remote())) {
        (_, Some(source)) => say.source(source),
        (Seat::Computer(_), None) => say.host(step.row.host),
        (Seat::Address(source), None) => say.source(source),
    };
    let active = step.usual_account().activity.days;
    let why = format!(
        "{} works from {computer}, the computer of {} ({} there), {}: {} it has no habit of using: {}; in {} it worked from {}.",
        say.account(step.row.account),
        say.account(owner),
        say::count(days as usize, "day"),
        say.stretch(stay.since, step.at()),
        say::count(stay.reached.len(), "host"),
        say.list(stay.names.iter().cloned(), 4),
        say::count(active as usize, "active day"),
        say::count(own, "other computer"),
    );
    let number = match seat {
        Seat::Computer(key) => key.0,
        Seat::Address(source) => source.index() as u64,
    };
    Finding::new(step, Key(step.row.account.index() as u64, number), Span::hours(settings.quiet_hours), score, why)
        .since(stay.since, stay.records.iter().copied())
        .and_hosts(stay.hosts.iter().copied())
}

fn is_network(step: &Step<'_>) -> bool {
    matches!(step.event().logon_type, LogonType::Network | LogonType::NetworkCleartext)
}

/// What is reached, where that is worth a word: nothing the account knows, nothing that everybody uses.
fn target(step: &Step<'_>, seat: Seat, common: f64) -> Option<(ComputerKey, HostId)> {
    let (event, usual, machines) = (step.event(), step.usual_account(), &step.usual.machines);
    let (key, host) = match event.kind {
        EventKind::TicketGranting => return None,
        EventKind::ServiceTicket => {
            let service = step.raw(event.target);
            if !service.contains('$') || usual.seen(Dimension::Service).contains(Value::Text(event.target)) {
                return None;
            }
            let key = ComputerKey::of(service)?;
            (key, machines.host(key).unwrap_or(HostId::NONE))
        }
        _ => (machines.key_of(step.row.host)?, step.row.host),
    };
    if seat == Seat::Computer(key) {
        return None;
    }
    let Some(host) = host.some() else { return Some((key, HostId::NONE)) };
    let value = Value::Host(host);
    let is_desktop = event.kind != EventKind::ServiceTicket && !is_network(step);
    let is_controller = step.world.tables.host(host).is_some_and(|host| host.domain_controller);
    // Everybody asks controllers for tickets and policies.
    if is_controller && !is_desktop {
        return None;
    }
    let share = step.usual.share(None, Dimension::Reached, value);
    let is_common = share.of >= 20 && share.of_peers() >= common;
    let is_known = usual.seen(Dimension::Host).contains(value) || (!is_desktop && usual.seen(Dimension::Reached).contains(value));
    (step.account_is_privileged() && event.kind != EventKind::ServiceTicket || !(is_known || is_common)).then_some((key, host))
}

/// The host at hand, or the one a ticket is for.
fn name(step: &Step<'_>) -> String {
    match step.event().kind {
        EventKind::ServiceTicket => step.raw(step.event().target).trim_end_matches('$').to_owned(),
        _ => step.say().host(step.row.host),
    }
}
