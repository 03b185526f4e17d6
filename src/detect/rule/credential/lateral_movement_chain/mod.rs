//! `lateral-movement-chain`: somebody goes from host to host, and becomes somebody else on the way.
//!
//! After Hopper (Ho and others, USENIX Security 2021): a path of logons is an attack's when the account changes along it and
//! it ends where the one it began with never went; how rare its steps are decides. A step starts on a host where somebody
//! had arrived before: with the same account, with one that a 4648, a runas or a runas /netonly of theirs names, or with one
//! that was never met there. Administrators change to the same second account every day and jump hosts lead to the same
//! servers, so both cost nothing; scanners, help desk and deployment reach new hosts all the time, so theirs are cheap.
//!
//! Arrivals are logons at the screen, by Remote Desktop, and over the network with administrator rights: others open no way
//! on. A logon costs one look-up on its host, and one on the host it came from where it is new there.

mod path;
mod rarity;
mod words;

use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::Activity;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::{AccountId, EventId, HostId, SessionId, SourceId};
use crate::model::logon_type::LogonType;
use path::{Arrival, Arrivals, Hop, Link, Path};
use rarity::{Known, Rarity, Says};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "lateral-movement-chain",
    title: "Hop by hop with changing accounts",
    severity: Severity::Critical,
    attack: &["T1021", "T1550", "T1078"],
    needs: "4624 types 3 and 10 with 4672 of at least a week; 4648, and 4769 of computers, make its links sure",
    requires: &[
        &[Needed::Logons(LogonType::RemoteInteractive)],
        &[Needed::Logons(LogonType::Network), Needed::Records(EventKind::SpecialPrivileges)],
    ],
    check: "Ask the owner of the first account. If it was not them, isolate the hosts of the path, the last one first.",
};

/// Records of changed accounts, and pairs of accounts, that are remembered.
const NOTES: usize = 32_768;
/// A 4672 later than this belongs to something else.
const RIGHTS_WITHIN: Span = Span::seconds(10);

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long after an arrival a step may come out of it.
    pub hop_hours: i64,
    /// The same where nothing but place and time joins them.
    pub inferred_hours: i64,
    /// Active days of an account or source before new hosts count.
    pub history_days: u32,
    /// Active days with which its history counts full.
    pub full_history_days: u32,
    /// Active days and logons of a source before somebody can be foreign to it, and accounts beyond which it is everybody's.
    pub source_days: u32,
    pub source_logons: u32,
    pub owners: usize,
    /// Good-Turing chance of a new account at a source above which nobody is foreign.
    pub wanderer: f64,
    /// Days on which one account became another before that is its habit.
    pub habit_days: u32,
    /// Bits of the last step, and of the whole path.
    pub last_bits: f64,
    pub path_bits: f64,
    /// A host known for less is what is new.
    pub host_age_days: i64,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hop_hours: 12,
            inferred_hours: 4,
            history_days: 7,
            full_history_days: 20,
            source_days: 7,
            source_logons: 20,
            owners: 8,
            wanderer: 0.10,
            habit_days: 3,
            last_bits: 4.0,
            path_bits: 8.0,
            host_age_days: 7,
            quiet_hours: 24,
        }
    }
}

/// A record on a host that names an account to be used from there.
#[derive(Clone, Copy)]
struct Note {
    at: Timestamp,
    event: EventId,
    by: UserKey,
}

/// A logon that opens a way.
#[derive(Clone, Copy)]
struct Entry {
    at: Timestamp,
    event: EventId,
    session: SessionId,
    source: SourceId,
    rdp: bool,
}

pub struct Rule {
    settings: Settings,
    arrivals: Arrivals,
    /// By host and the account named.
    notes: FxHashMap<(HostId, UserKey), Note>,
    /// On how many days one account became another.
    habits: FxHashMap<(UserKey, UserKey), Activity>,
    /// Network logons with something new that wait for their 4672.
    waiting: FxHashMap<SessionId, (Entry, Rarity)>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] =
        &[EventKind::Logon, EventKind::SpecialPrivileges, EventKind::ExplicitCredentials, EventKind::SessionReconnected];
    const LOGONS: &'static [LogonType] = &[
        LogonType::NewCredentials,
        LogonType::Interactive,
        LogonType::Network,
        LogonType::RemoteInteractive,
        LogonType::CachedInteractive,
        LogonType::CachedRemoteInteractive,
    ];
    fn new(settings: Settings) -> Self {
        Self {
            settings,
            arrivals: Arrivals::default(),
            notes: FxHashMap::default(),
            habits: FxHashMap::default(),
            waiting: FxHashMap::default(),
        }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.outcome == Outcome::Failure || step.row.host.is_none() || !step.is_somebody() || step.account_tags().scanner {
            return;
        }
        match (event.kind, event.logon_type) {
            (EventKind::ExplicitCredentials, _) => self.note(step, UserKey::of(step.world, event.subject.user), step.user_key()),
            (EventKind::Logon, LogonType::NewCredentials) => {
                self.note(step, step.user_key(), UserKey::of(step.world, event.outbound_user));
            }
            (EventKind::Logon, LogonType::Interactive | LogonType::CachedInteractive) => self.sits(step),
            (EventKind::SessionReconnected, _) | (EventKind::Logon, LogonType::RemoteInteractive | LogonType::CachedRemoteInteractive) => {
                let entry = Entry { at: event.at, event: step.id, session: step.row.session, source: step.row.source, rdp: true };
                self.enters(step, entry, None, out);
            }
            (EventKind::Logon, LogonType::Network) => self.network(step, out),
            (EventKind::SpecialPrivileges, _) => self.gained(step, out),
            _ => {}
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        self.arrivals.merge(goes, stays);
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::hours(self.settings.hop_hours);
        self.arrivals.forget(limit);
        self.notes.retain(|_, note| note.at >= limit);
        shed(&mut self.notes, NOTES, |note| Some(note.at));
        shed(&mut self.habits, NOTES, Activity::last_at);
        self.waiting.retain(|_, (entry, _)| now - entry.at <= RIGHTS_WITHIN);
    }
}

impl Rule {
    /// A record shows that somebody on the host uses another account from now on.
    fn note(&mut self, step: &Step<'_>, by: UserKey, whose: UserKey) {
        if by != whose && step.event().kind != EventKind::Other {
            self.notes.insert((step.row.host, whose), Note { at: step.at(), event: step.id, by });
        }
    }
    /// Somebody is at the host itself: sitting there, or made by who is there (runas).
    fn sits(&mut self, step: &Step<'_>) {
        let event = step.event();
        let (host, account) = (step.row.host, step.row.account);
        if self.arrivals.again(host, account, SourceId::NONE, event.at) {
            return;
        }
        let (by, user) = (UserKey::of(step.world, event.subject.user), step.user_key());
        let is_other = event.subject.user.is_some() && by != user;
        let made =
            if is_other { newest(self.arrivals.on(host), |arrival| arrival.user == by).map(|arrival| arrival.path.clone()) } else { None };
        let path = match made {
            Some(path) if !self.is_habit(by, user, event.at) => Path { shown: Some(step.id), ..path },
            _ => Path::at(account),
        };
        let is_odd = path.is_odd(self.settings.last_bits);
        self.arrivals.add(host, Arrival { account, user, source: SourceId::NONE, last: event.at, is_odd, path });
    }
    /// A network logon opens a way with administrator rights only, which are mostly told right after it. What is new about it
    /// is judged now: then it will be known already.
    fn network(&mut self, step: &Step<'_>, out: &mut Findings) {
        let (host, source) = (step.row.host, step.row.source);
        let Some(session) = step.session().filter(|_| source.is_some()) else { return };
        let known = Known::of(step, source, host);
        if known.is_all() && !session.privileged {
            return;
        }
        let rarity = if known.is_all() { Rarity::NONE } else { Rarity::of(step, &self.settings, known, (source, host), false) };
        let entry = Entry { at: step.at(), event: step.id, session: step.row.session, source, rdp: false };
        if session.privileged {
            self.enters(step, entry, Some(rarity), out);
        } else {
            self.waiting.insert(step.row.session, (entry, rarity));
        }
    }
    /// A session has administrator rights.
    fn gained(&mut self, step: &Step<'_>, out: &mut Findings) {
        if let Some((entry, rarity)) = self.waiting.remove(&step.row.session) {
            return self.enters(step, entry, Some(rarity), out);
        }
        let Some(session) = step.session().filter(|session| session.logon_type == LogonType::Network) else { return };
        let entry = Entry { at: session.start, event: session.first_event, session: step.row.session, source: session.source, rdp: false };
        self.enters(step, entry, Some(Rarity::NONE), out);
    }
    /// Whether one becomes the other on many days; learns it.
    fn is_habit(&mut self, one: UserKey, other: UserKey, at: Timestamp) -> bool {
        let habit = self.habits.entry((one, other)).or_insert(Activity::NONE);
        let known = habit.days >= self.settings.habit_days;
        habit.add(at);
        known
    }
    /// Somebody came from another host; without a `rarity` it is found out when it is needed.
    fn enters(&mut self, step: &Step<'_>, entry: Entry, rarity: Option<Rarity>, out: &mut Findings) {
        let (host, account) = (step.row.host, step.row.account);
        if entry.source.is_none() || self.arrivals.again(host, account, entry.source, entry.at) {
            return;
        }
        let from = step.usual.machines.host_of(step.world, entry.source, entry.at);
        if from == Some(host)
            || step.world.tables.source(entry.source).and_then(|source| source.address).is_some_and(|address| address.is_loopback())
        {
            return;
        }
        let rarity = rarity.unwrap_or_else(|| {
            let known = Known::of(step, entry.source, host);
            Rarity::of(step, &self.settings, known, (entry.source, host), entry.rdp)
        });
        let (before, link) = match from.and_then(|from| self.before(step, from, entry, &rarity)) {
            Some(joined) => joined,
            None if rarity.foreign > 0.0 => match rarity::owner(step, entry.source) {
                Some(owner) => (Path::at(owner), Link::Foreign),
                None => (Path::at(account), Link::Same),
            },
            None => (Path::at(account), Link::Same),
        };
        // What the account itself knows excuses nothing once it is used by somebody else.
        let taken = |link: Link| matches!(link, Link::Foreign | Link::Shown(_));
        let stolen = taken(link) || before.hops.iter().any(|hop| taken(hop.link));
        let bits = if stolen { rarity.bits_of_stolen() } else { rarity.bits() };
        let hop = Hop {
            at: entry.at,
            source: entry.source,
            to: host,
            account,
            event: entry.event,
            session: entry.session,
            rdp: entry.rdp,
            link,
            bits,
        };
        let path = before.and(hop);
        self.judge(step, &path, from, &rarity, out);
        let is_odd = path.is_odd(self.settings.last_bits);
        self.arrivals.add(host, Arrival { account, user: step.user_key(), source: entry.source, last: entry.at, is_odd, path });
    }
    /// The arrival on `from` that the logon came out of, and what shows it.
    fn before(&mut self, step: &Step<'_>, from: HostId, entry: Entry, rarity: &Rarity) -> Option<(Path, Link)> {
        let there = self.arrivals.on(from);
        if there.is_empty() {
            return None;
        }
        let user = step.user_key();
        let in_time = |last: Timestamp, hours: i64| last <= entry.at && entry.at - last <= Span::hours(hours);
        let hours = self.settings.hop_hours;
        let note = self.notes.get(&(from, user)).copied().filter(|note| in_time(note.at, hours));
        if let Some(note) = note
            && let Some(arrival) = newest(there, |arrival| arrival.user == note.by && in_time(arrival.last, hours))
        {
            let path = arrival.path.clone();
            let link = if self.is_habit(note.by, user, entry.at) { Link::Same } else { Link::Shown(note.event) };
            return Some((if link == Link::Same { rooted(path, step.row.account) } else { path }, link));
        }
        if let Some(arrival) = newest(there, |arrival| arrival.user == user && in_time(arrival.last, hours)) {
            return Some((arrival.path.clone(), Link::Same));
        }
        // Nobody shows how: then the account must be strange there, and somebody odd must have come shortly before.
        let odd = |arrival: &Arrival| arrival.is_odd && in_time(arrival.last, self.settings.inferred_hours);
        if rarity.foreign <= 0.0 {
            return None;
        }
        let arrival = newest(there, odd)?;
        Some((arrival.path.clone(), Link::Inferred))
    }
    fn judge(&self, step: &Step<'_>, path: &Path, from: Option<HostId>, rarity: &Rarity, out: &mut Findings) {
        let settings = &self.settings;
        let Some(last) = path.hops.last() else { return };
        if path.hops.len() < 2 || last.bits < settings.last_bits || !path.is_switched() || path.bits() < settings.path_bits {
            return;
        }
        self.tell(step, path, from, rarity, out);
    }
    #[cold]
    #[inline(never)]
    fn tell(&self, step: &Step<'_>, path: &Path, from: Option<HostId>, rarity: &Rarity, out: &mut Findings) {
        let settings = &self.settings;
        let Some(last) = path.hops.last() else { return };
        // The one it began with never went there, or it is a way it knows.
        if rarity::knows(step.usual.account(path.root), last.to) {
            return;
        }
        let root_days = step.usual.account(path.root).activity.days;
        let days = root_days.max(step.usual_account().activity.days);
        if days < settings.history_days {
            return;
        }
        let first = step.host().and_then(|host| host.first);
        if first.is_none_or(|first| last.at - first < Span::days(settings.host_age_days)) {
            return;
        }
        let weakest = path.weakest();
        let sure = weakest != Link::Inferred && days >= settings.full_history_days;
        let score = match sure {
            true => Score::new(ABOUT.severity, "a path with a change of account to a host that is new for its first one"),
            false if weakest == Link::Inferred => Score::new(Severity::High, "a path with a change of account that is concluded"),
            false => Score::new(Severity::High, "a path with a change of account, by a history that is short"),
        }
        .plus_if(rarity.account != Says::Known, 3, "the last account never used that host")
        .plus_if(rarity.source != Says::Known, 3, "nobody went that way")
        .plus_if(step.host_is_domain_controller(), 4, "it ends at a domain controller");
        let why = words::why(step, path, from.filter(|_| rarity.source != Says::Known));
        let origin = path.hops.first().map_or(0, |hop| hop.source.index());
        let hops = path.hops.iter();
        let records = hops.clone().map(|hop| hop.event).chain(hops.clone().filter_map(|hop| match hop.link {
            Link::Shown(event) => Some(event),
            _ => None,
        }));
        let start = path.hops.first().map_or(last.at, |hop| hop.at);
        let finding = Finding::new(step, Key::of(path.root.index(), origin), Span::hours(settings.quiet_hours), score, why)
            .since(start, records.chain(path.shown))
            .and_accounts(std::iter::once(path.root).chain(hops.clone().map(|hop| hop.account)))
            .and_hosts(hops.clone().map(|hop| hop.to))
            .and_sources(hops.clone().map(|hop| hop.source))
            .and_sessions(hops.map(|hop| hop.session));
        out.push(finding);
    }
}

/// A path on which a habitual change of account happened goes on as that of the second account.
fn rooted(path: Path, account: AccountId) -> Path {
    if path.hops.iter().any(|hop| hop.link.is_switch()) { path } else { Path { root: account, ..path } }
}

fn newest(arrivals: &[Arrival], fits: impl Fn(&Arrival) -> bool) -> Option<&Arrival> {
    arrivals.iter().filter(|arrival| fits(arrival)).max_by_key(|arrival| arrival.last)
}
