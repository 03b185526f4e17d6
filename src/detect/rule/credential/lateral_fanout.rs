//! `lateral-fanout`: an account, or a source, reaches many hosts it never reached, within an hour.
//!
//! Counted are hosts that are new for it: with administrator rights, by Remote Desktop, or in great number without either.
//! Hosts that are new themselves or that many peers use do not count. How many are too many follows from how often it met
//! new hosts in the last weeks, so administrators and deployment have their own measure; scanners that new hosts are usual
//! for say nothing. A source counts by itself only while one computer holds its address: leases change hands.

use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Profile, Value};
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

const ABOUT: Detection = Detection {
    id: "lateral-fanout",
    title: "Many new hosts within an hour",
    severity: Severity::High,
    attack: &["T1021", "T1570"],
    needs: "4624 types 3 and 10 with 4672, or 1149, of at least two weeks",
    requires: &[
        &[Needed::Logons(LogonType::Network), Needed::Records(EventKind::SpecialPrivileges)],
        &[Needed::Logons(LogonType::RemoteInteractive)],
        &[Needed::Records(EventKind::RdpAuthenticated)],
    ],
    check: "Is it a scan, a roll-out or a person? Look at what was done on the first of those hosts, and cut the source off if nobody knows.",
};

/// Accounts and sources with new hosts that are remembered.
const WHO: usize = 32_768;

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
            weak_hosts: 20,
            hosts_cold: 10,
            within_minutes: 60,
            history_days: 14,
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
    Source(SourceId),
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
}

pub struct Rule {
    settings: Settings,
    recent: FxHashMap<Who, Window<Reach>>,
    /// The newest network logons to new hosts, which wait for their 4672.
    waiting: FxHashMap<SessionId, (Timestamp, [Option<Who>; 2])>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::SpecialPrivileges, EventKind::RdpAuthenticated];
    fn new(settings: Settings) -> Self {
        Self { settings, recent: FxHashMap::default(), waiting: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.kind == EventKind::SpecialPrivileges {
            if !self.waiting.is_empty()
                && let Some((_, whos)) = self.waiting.remove(&step.row.session)
            {
                whos.into_iter().flatten().for_each(|who| self.gained(who, step, out));
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
        let is_new = |usual: &Profile| !usual.seen(Dimension::Reached).contains(host) && !usual.seen(Dimension::Host).contains(host);
        let by_account = is_new(step.usual_account()).then_some(Who::Account(step.row.account));
        let source = step.row.source.some().filter(|_| !step.is_from_loopback());
        let by_source = source.filter(|_| is_new(step.usual_source())).map(Who::Source);
        if by_account.is_none() && by_source.is_none() {
            return;
        }
        let strong = rdp || step.session().is_some_and(|session| session.privileged);
        let reach = Reach {
            host: step.row.host,
            event: step.id,
            session: step.row.session,
            account: step.row.account,
            source: step.row.source,
            strong,
            counts: self.counts(step),
        };
        for who in [by_account, by_source].into_iter().flatten() {
            let window = self.recent.entry(who).or_default();
            window.push(event.at, reach, Span::minutes(self.settings.within_minutes), self.settings.kept);
            self.judge(who, step, out);
        }
        if !strong && step.row.session.is_some() {
            self.waiting.insert(step.row.session, (event.at, [by_account, by_source]));
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
        self.waiting.retain(|_, (at, _)| now - *at <= Span::seconds(10));
    }
}

impl Rule {
    /// Whether a logon there tells anything: the host is old enough, and not common ground.
    fn counts(&self, step: &Step<'_>) -> bool {
        let first = step.host().and_then(|host| host.first);
        // The host is what is new, unless all of the log is young.
        let known = step.usual_account().activity.days >= self.settings.history_days;
        let young = known && first.is_some_and(|first| step.at() - first < Span::days(self.settings.host_age_days));
        let class = step.account().map(|account| account.class);
        let peers = step.usual.share(class, Dimension::Reached, Value::Host(step.row.host));
        let common = peers.of >= 20 && peers.of_peers() >= self.settings.peer_share;
        !(common || young)
    }
    /// A 4672 says that a logon to a new host has administrator rights.
    fn gained(&mut self, who: Who, step: &Step<'_>, out: &mut Findings) {
        let Some(window) = self.recent.get_mut(&who) else { return };
        if window.mark(|reach| reach.session == step.row.session, |reach| reach.strong = true) {
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
        let usual = match who {
            Who::Account(account) => step.usual.account(account),
            Who::Source(source) => step.usual.source(source),
        };
        let mature = usual.activity.days >= settings.history_days;
        let many = strong.len() >= settings.hosts;
        if !many && all.len() < settings.weak_hosts {
            return;
        }
        let counted = if many { &strong } else { &all };
        match who {
            Who::Account(_) if !mature => {
                if strong.len() >= settings.hosts_cold {
                    let score = Score::new(Severity::Low, "what the account usually reaches is not learned yet");
                    out.push(self.finding(who, step, &reached, &strong, usual, score));
                }
                return;
            }
            Who::Source(source) if !mature || !self.is_held(step, source) => return,
            _ => {}
        }
        if !self.is_rare(usual, counted.len(), at) {
            return;
        }
        let score = match many {
            true => Score::new(ABOUT.severity, "many new hosts with administrator rights or by Remote Desktop"),
            false => Score::new(Severity::Medium, "very many new hosts"),
        }
        .raise_if(many && counted.len() >= 4 * settings.hosts, "twenty or more");
        out.push(self.finding(who, step, &reached, counted, usual, score));
    }
    /// So many new hosts are not usual for it.
    fn is_rare(&self, usual: &Profile, count: usize, at: Timestamp) -> bool {
        let settings = &self.settings;
        let since = at - Span::days(settings.rate_days);
        let within = at - Span::minutes(settings.within_minutes);
        let (mut known, mut once, mut pairs, mut fresh) = (0_usize, 0_u64, 0_u64, 0_u32);
        for dimension in [Dimension::Reached, Dimension::Host] {
            let seen = usual.seen(dimension);
            // A full set has forgotten hosts: what looks new may not be.
            if seen.len() >= dimension.most() {
                return false;
            }
            for (_, seen) in seen.by_use() {
                // What the window itself taught is no habit.
                if seen.first_at >= within {
                    continue;
                }
                known += 1;
                once += u64::from(seen.days == 1);
                pairs += u64::from(seen.days);
                fresh += u32::from(seen.first_at >= since);
            }
        }
        #[allow(clippy::cast_precision_loss)] // counts far below 2^52
        let wanders = known >= 10 && once as f64 >= settings.wanderer * pairs as f64;
        #[allow(clippy::cast_precision_loss)]
        let days = settings.rate_days as f64;
        !wanders && rate::tail_of(fresh, days, u32::try_from(count).unwrap_or(u32::MAX)) < settings.chance
    }
    /// One computer has had the address for as long as its habits were learned.
    fn is_held(&self, step: &Step<'_>, source: SourceId) -> bool {
        let holder = step.usual.machines.at(source, step.at());
        holder.is_some_and(|met| met.own && met.activity.days >= self.settings.history_days.div_ceil(2)) && !step.site.source(source).exit
    }
    fn finding(
        &self,
        who: Who,
        step: &Step<'_>,
        reached: &[(Timestamp, Reach)],
        hosts: &[HostId],
        usual: &Profile,
        score: Score,
    ) -> Finding {
        let say = step.say();
        let first = reached.first().map_or(step.at(), |(at, _)| *at);
        let accounts = distinct(reached.iter().map(|(_, reach)| reach.account));
        let subject = match who {
            Who::Account(account) => say.account(account),
            Who::Source(_) => say.list(accounts.iter().map(|account| say.account(*account)), 2),
        };
        let days = usual.activity.days;
        let known = usual.seen(Dimension::Reached).novelty_before(first).1.max(usual.seen(Dimension::Host).novelty_before(first).1);
        let sources = distinct(reached.iter().map(|(_, reach)| reach.source));
        let usually = match days >= self.settings.history_days {
            true => format!("in {} before it reached {}", say::count(days as usize, "active day"), say::count(known, "host")),
            false => format!("learning: {days} of {} days", self.settings.history_days),
        };
        let why = format!(
            "{subject} from {} reached {} {}: {}; {usually}.",
            say.list(sources.iter().map(|source| say.source(*source)), 2),
            say::count(hosts.len(), "new host"),
            say.stretch(first, step.at()),
            say.list(hosts.iter().map(|host| say.host(*host)), 5),
        );
        let key = match who {
            Who::Account(account) => Key::of(0, account.index()),
            Who::Source(source) => Key::of(1, source.index()),
        };
        Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why)
            .since(first, reached.iter().map(|(_, reach)| reach.event))
            .and_accounts(accounts)
            .and_sources(sources)
            .and_hosts(hosts.iter().copied())
            .and_sessions(reached.iter().map(|(_, reach)| reach.session))
    }
}

/// Different hosts in order of their first logon.
fn hosts(reached: &[(Timestamp, Reach)], strong: bool) -> Vec<HostId> {
    distinct(reached.iter().filter(|(_, reach)| reach.strong || !strong).map(|(_, reach)| reach.host))
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
