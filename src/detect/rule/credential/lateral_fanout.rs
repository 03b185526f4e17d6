//! `lateral-fanout`: an account, or whoever uses a computer, reaches many hosts it never reached, within an hour.
//!
//! Counted are hosts that are new for it: with administrator rights, by Remote Desktop, or in great number without either.
//! Hosts that are new themselves do not count, nor do those that many peers use where no rights came with them. How many are
//! too many follows from how often it met new hosts in the last weeks, so administrators and deployment have their own
//! measure; for whom new hosts are usual says nothing. Computers are known by what stands at their address at the time: leases change hands.

use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::seen::Added;
use crate::detect::baseline::{Activity, ComputerKey, Dimension, Seen, SeenSet, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rate;
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::{AccountId, EventId, HostId, SessionId, SourceId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::hash::Hash;

const ABOUT: Detection = Detection {
    id: "lateral-fanout",
    title: "Many new hosts within an hour",
    severity: Severity::High,
    attack: &["T1021", "T1570"],
    needs: "4624 types 3 and 10 with 4672, or 1149, of at least a week",
    requires: &[
        &[Needed::Logons(LogonType::Network), Needed::Records(EventKind::SpecialPrivileges)],
        &[Needed::Logons(LogonType::RemoteInteractive)],
        &[Needed::Records(EventKind::RdpAuthenticated)],
    ],
    check: "Is it a scan, a roll-out or a person? Look at what was done on the first of those hosts, and cut the source off if nobody knows.",
};

/// Accounts and sources with new hosts that are remembered.
const WHO: usize = 32_768;
/// Hosts remembered of one computer.
const COMPUTER_HOSTS: usize = 256;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// New hosts with administrator rights or by Remote Desktop.
    pub hosts: usize,
    /// New hosts without either.
    pub weak_hosts: usize,
    /// The first while little is known of the account.
    pub hosts_cold: usize,
    pub within_minutes: i64,
    /// Active days before what it reaches is known.
    pub history_days: u32,
    /// Days on which a computer was met, and since when, before what is done from it is known: what runs weekly ran once.
    pub computer_days: u32,
    pub computer_age_days: i64,
    /// Chance of so many new hosts in a day at its own rate.
    pub chance: f64,
    /// Days that make its rate of new hosts.
    pub rate_days: i64,
    /// Good-Turing chance of a new host above which new ones are usual.
    pub wanderer: f64,
    /// Share of peers above which a host is common ground.
    pub peer_share: f64,
    /// A host known for less is what is new.
    pub host_age_days: i64,
    pub kept: usize,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hosts: 5,
            weak_hosts: 12,
            hosts_cold: 10,
            within_minutes: 60,
            history_days: 7,
            computer_days: 5,
            computer_age_days: 8,
            chance: 1e-5,
            rate_days: 14,
            wanderer: 0.30,
            peer_share: 0.05,
            host_age_days: 7,
            kept: 512,
            quiet_hours: 6,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    Account(AccountId),
    Computer(ComputerKey),
}

#[derive(Clone, Copy)]
struct Reach {
    host: HostId,
    event: EventId,
    session: SessionId,
    account: AccountId,
    source: SourceId,
    /// With administrator rights or by Remote Desktop.
    strong: bool,
    /// The host was known long enough to be new for somebody.
    counts: bool,
    /// Many peers use the host.
    common: bool,
}

/// What is usual for who reaches hosts.
struct Usual {
    mature: bool,
    /// Active days.
    days: u32,
    /// Days since it was met first, up to those that make its rate.
    age: f64,
    known: usize,
    /// Hosts that were new in the days that make its rate.
    fresh: u32,
    /// New hosts are usual for it.
    wanders: bool,
}

fn seen<K: Copy + PartialEq + Hash>(set: &SeenSet<K>) -> Vec<Seen> {
    set.by_use().into_iter().map(|(_, seen)| seen).collect()
}

pub struct Rule {
    settings: Settings,
    recent: FxHashMap<Who, Window<Reach>>,
    /// When it reached a new host with rights or at a screen, in the days that make its rate.
    strong: FxHashMap<Who, Window<()>>,
    /// The newest network logons to new hosts, which wait for their 4672.
    waiting: FxHashMap<SessionId, (Timestamp, AccountId)>,
    /// Hosts that somebody reached from a computer with rights or at a screen.
    computers: FxHashMap<ComputerKey, SeenSet<HostId>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::SpecialPrivileges, EventKind::RdpAuthenticated];
    const LOGONS: &'static [LogonType] = &[LogonType::Network, LogonType::RemoteInteractive, LogonType::CachedRemoteInteractive];
    fn new(settings: Settings) -> Self {
        Self {
            settings,
            recent: FxHashMap::default(),
            strong: FxHashMap::default(),
            waiting: FxHashMap::default(),
            computers: FxHashMap::default(),
        }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.kind == EventKind::SpecialPrivileges {
            if let Some((_, account)) = self.waiting.remove(&step.row.session) {
                self.gained(Who::Account(account), step, out);
            }
            if let Some(session) = step.session().filter(|session| session.logon_type == LogonType::Network)
                && step.is_somebody()
                && !step.account_tags().scanner
            {
                self.with_rights(step, session.source, session.first_event, out);
            }
            return;
        }
        let rdp = match event.logon_type {
            LogonType::RemoteInteractive | LogonType::CachedRemoteInteractive => true,
            LogonType::Network => false,
            _ if event.kind == EventKind::RdpAuthenticated => true,
            _ => return,
        };
        if event.outcome != Outcome::Success || step.row.host.is_none() || !step.is_somebody() || step.account_tags().scanner {
            return;
        }
        let host = Value::Host(step.row.host);
        let usual = step.usual_account();
        let is_new = !usual.seen(Dimension::Reached).contains(host) && !usual.seen(Dimension::Host).contains(host);
        let strong = rdp || step.session().is_some_and(|session| session.privileged);
        if is_new {
            let reach = Reach { strong, common: self.is_common(step), ..self.reach(step, step.row.source, step.id) };
            self.add(Who::Account(step.row.account), reach, step, out);
            if !strong && step.row.session.is_some() {
                self.waiting.insert(step.row.session, (event.at, step.row.account));
            }
        }
        if strong {
            self.with_rights(step, step.row.source, step.id, out);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        let Some(window) = self.recent.remove(&Who::Account(goes)) else { return };
        let there = self.recent.entry(Who::Account(stays)).or_default();
        for (at, reach) in window.iter() {
            there.push(*at, *reach, Span::minutes(self.settings.within_minutes), self.settings.kept);
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::minutes(self.settings.within_minutes);
        self.recent.retain(|_, window| {
            window.forget_before(limit);
            !window.is_empty()
        });
        shed(&mut self.recent, WHO, Window::newest);
        let limit = now - Span::days(self.settings.rate_days);
        self.strong.retain(|_, window| {
            window.forget_before(limit);
            !window.is_empty()
        });
        shed(&mut self.strong, WHO, Window::newest);
        self.waiting.retain(|_, (at, _)| now - *at <= Span::seconds(10));
        shed(&mut self.computers, WHO, |known| known.activity.last_at());
    }
}

impl Rule {
    fn reach(&self, step: &Step<'_>, source: SourceId, event: EventId) -> Reach {
        Reach {
            host: step.row.host,
            event,
            session: step.row.session,
            account: step.row.account,
            source,
            strong: true,
            counts: self.is_old(step),
            common: false,
        }
    }
    fn add(&mut self, who: Who, reach: Reach, step: &Step<'_>, out: &mut Findings) {
        let window = self.recent.entry(who).or_default();
        window.push(step.at(), reach, Span::minutes(self.settings.within_minutes), self.settings.kept);
        if reach.strong {
            self.learn(who, step.at());
        }
        self.judge(who, step, out);
    }
    /// Somebody came with rights, or to a screen: that is new for the computer it came from, whoever used it.
    fn with_rights(&mut self, step: &Step<'_>, source: SourceId, event: EventId, out: &mut Findings) {
        if source.is_none() || step.site.source(source).exit {
            return;
        }
        let Some(key) = step.usual.machines.at(source, step.at()).filter(|met| met.own).map(|met| met.key) else { return };
        if step.usual.machines.key_of(step.row.host) == Some(key) {
            return;
        }
        let known = self.computers.entry(key).or_default();
        if matches!(known.add(step.row.host, step.at(), COMPUTER_HOSTS), Added::New { .. }) {
            let reach = self.reach(step, source, event);
            self.add(Who::Computer(key), reach, step, out);
        }
    }
    /// A host that is new itself is new for everybody, unless all of the log is young.
    fn is_old(&self, step: &Step<'_>) -> bool {
        let first = step.host().and_then(|host| host.first);
        let known = step.usual_account().activity.days >= self.settings.history_days;
        !known || first.is_none_or(|first| step.at() - first >= Span::days(self.settings.host_age_days))
    }
    fn is_common(&self, step: &Step<'_>) -> bool {
        let class = step.account().map(|account| account.class);
        let peers = step.usual.share(class, Dimension::Reached, Value::Host(step.row.host));
        peers.of >= 20 && peers.of_peers() >= self.settings.peer_share
    }
    fn learn(&mut self, who: Who, at: Timestamp) {
        let days = Span::days(self.settings.rate_days);
        self.strong.entry(who).or_default().push(at, (), days, self.settings.kept);
    }
    /// A 4672 says that a logon to a new host has administrator rights.
    fn gained(&mut self, who: Who, step: &Step<'_>, out: &mut Findings) {
        let Some(window) = self.recent.get_mut(&who) else { return };
        if window.mark(|reach| reach.session == step.row.session, |reach| reach.strong = true) {
            self.learn(who, step.at());
            self.judge(who, step, out);
        }
    }
    fn judge(&self, who: Who, step: &Step<'_>, out: &mut Findings) {
        let (settings, at) = (&self.settings, step.at());
        let Some(window) = self.recent.get(&who) else { return };
        // Cheap test first: hardly any window ever holds enough.
        if window.len() < settings.hosts {
            return;
        }
        let within = Span::minutes(settings.within_minutes);
        let reached: Vec<(Timestamp, Reach)> = window.between(at - within, at).filter(|(_, reach)| reach.counts).copied().collect();
        let (strong, all) = (hosts(&reached, true), hosts(&reached, false));
        let many = strong.len() >= settings.hosts;
        if !many && all.len() < settings.weak_hosts {
            return;
        }
        let counted = if many { &strong } else { &all };
        let usual = self.usual(who, step, at - within);
        if !usual.mature {
            if matches!(who, Who::Account(_)) && strong.len() >= settings.hosts_cold {
                let score = Score::new(Severity::Low, "what the account usually reaches is not learned yet");
                out.push(self.finding(who, step, &reached, &strong, &usual, score));
            }
            return;
        }
        let fresh = if many { self.strong_before(who, at - within, at) } else { usual.fresh };
        if usual.wanders || rate::tail_of(fresh, usual.age, u32::try_from(counted.len()).unwrap_or(u32::MAX)) >= settings.chance {
            return;
        }
        let score = match many {
            true => Score::new(ABOUT.severity, "many new hosts with administrator rights or by Remote Desktop"),
            false => Score::new(Severity::Medium, "very many new hosts"),
        }
        .raise_if(many && counted.len() >= 4 * settings.hosts, "twenty or more");
        out.push(self.finding(who, step, &reached, counted, &usual, score));
    }
    /// What it did before the window.
    fn usual(&self, who: Who, step: &Step<'_>, before: Timestamp) -> Usual {
        let settings = &self.settings;
        let since = before - Span::days(settings.rate_days);
        let nothing = Activity::NONE;
        let (sets, activity, least, since_first) = match who {
            Who::Account(account) => {
                let usual = step.usual.account(account);
                (
                    vec![seen(usual.seen(Dimension::Reached)), seen(usual.seen(Dimension::Host))],
                    &usual.activity,
                    settings.history_days,
                    Span::ZERO,
                )
            }
            Who::Computer(key) => {
                let own = step.usual.machines.computer(key).map_or(&nothing, |computer| &computer.own.activity);
                (
                    self.computers.get(&key).into_iter().map(seen).collect(),
                    own,
                    settings.computer_days,
                    Span::days(settings.computer_age_days),
                )
            }
        };
        // A full set has forgotten hosts: what looks new may not be.
        let full = sets.iter().any(|set| set.len() >= COMPUTER_HOSTS.min(Dimension::Reached.most()));
        let known: Vec<Seen> = sets.into_iter().flatten().filter(|seen| seen.first_at < before).collect();
        let once = known.iter().filter(|seen| seen.days == 1).count();
        let pairs: u64 = known.iter().map(|seen| u64::from(seen.days)).sum();
        #[allow(clippy::cast_precision_loss)] // counts far below 2^52
        let often = once as f64 >= settings.wanderer * pairs as f64;
        #[allow(clippy::cast_precision_loss)] // a setting of some days
        let most = settings.rate_days as f64;
        Usual {
            mature: activity.days >= least && activity.age(step.at()) >= since_first,
            days: activity.days,
            age: (activity.age(step.at()).as_seconds_f64() / 86_400.0).min(most),
            known: known.len(),
            fresh: u32::try_from(known.iter().filter(|seen| seen.first_at >= since).count()).unwrap_or(u32::MAX),
            wanders: full || (known.len() >= 10 && often),
        }
    }
    /// The same of hosts that it reached with rights or at a screen, which most never do.
    fn strong_before(&self, who: Who, within: Timestamp, at: Timestamp) -> u32 {
        let since = at - Span::days(self.settings.rate_days);
        let count = self.strong.get(&who).map_or(0, |strong| strong.between(since, within).count());
        u32::try_from(count).unwrap_or(u32::MAX)
    }
    #[cold]
    #[inline(never)]
    fn finding(&self, who: Who, step: &Step<'_>, reached: &[(Timestamp, Reach)], hosts: &[HostId], usual: &Usual, score: Score) -> Finding {
        let say = step.say();
        let first = reached.first().map_or(step.at(), |(at, _)| *at);
        let accounts = distinct(reached.iter().map(|(_, reach)| reach.account));
        let subject = match who {
            Who::Account(account) => say.account(account),
            Who::Computer(_) => say.list(accounts.iter().map(|account| say.account(*account)), 2),
        };
        let (days, known) = (say::count(usual.days as usize, "active day"), say::count(usual.known, "host"));
        let usually = match (usual.mature, who) {
            (true, Who::Account(_)) => format!("in {days} before it reached {known}"),
            (true, Who::Computer(_)) => format!("in {days} before {known} had been reached so from that computer"),
            _ => format!("learning: {} of {} days", usual.days, self.settings.history_days),
        };
        let sources = distinct(reached.iter().map(|(_, reach)| reach.source));
        let why = format!(
            "{subject} from {} reached {} {}: {}; {usually}.",
            say.list(sources.iter().map(|source| say.source(*source)), 2),
            say::count(hosts.len(), "new host"),
            say.stretch(first, step.at()),
            say.list(hosts.iter().map(|host| say.host(*host)), 5),
        );
        let key = match who {
            Who::Account(account) => Key::of(0, account.index()),
            Who::Computer(key) => Key(1, key.0),
        };
        Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why)
            .since(first, reached.iter().map(|(_, reach)| reach.event))
            .and_accounts(accounts)
            .and_sources(sources)
            .and_hosts(hosts.iter().copied())
            .and_sessions(reached.iter().map(|(_, reach)| reach.session))
    }
}

/// Different hosts in order of their first logon: those reached with rights or at a screen, else those that are not common
/// ground.
fn hosts(reached: &[(Timestamp, Reach)], strong: bool) -> Vec<HostId> {
    distinct(reached.iter().filter(|(_, reach)| if strong { reach.strong } else { !reach.common }).map(|(_, reach)| reach.host))
}

fn distinct<T: Copy + PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut list: Vec<T> = Vec::new();
    for value in values {
        if !list.contains(&value) {
            list.push(value);
        }
    }
    list
}
