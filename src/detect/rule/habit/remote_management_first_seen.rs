//! `remote-management-first-seen`: an account opens a remote shell (WinRM, SSH, WMI) on a host for the first time.
//!
//! A WinRM shell (91) names nobody; the network logon to the host just before it does. Administrators come to new hosts all
//! the time, so the pair alone is told low; an administrator who never used a remote shell at all, on a server, is told
//! medium; so are several new hosts within an hour from a source that is new too. Automation is of services and stays silent.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, SeenSet, Value, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rule::read::Read;
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::host::HostRole;
use crate::model::ids::{AccountId, EventId, HostId, SessionId};
use crate::model::logon_type::LogonType;
use crate::model::session::Session;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "remote-management-first-seen",
    title: "First remote shell of an account on a host",
    severity: Severity::Low,
    attack: &["T1021.006", "T1021.004", "T1047"],
    needs: "WinRM 91 with 4624 type 3, or 4624 by sshd, of at least two weeks",
    requires: &[&[Needed::Records(EventKind::RemoteShell)]],
    check: "Is it their work to manage that host? Look at what the shell ran (4688, PowerShell 4104) and where it went next.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Active days the account must be known for.
        pub history_days: u32 = 10,
        /// The host must be known for longer than so many days, or the host is what is new.
        pub host_age_days: i64 = 7,
        /// Good-Turing chance of a new host above which new ones are usual for the account.
        pub wanderer: f64 = 0.10,
        /// New hosts within an hour, from a new source, that are more than low.
        pub hosts: usize = 3,
        /// One finding for an account, a host and a protocol in so many days.
        pub quiet_days: i64 = 60,
    }
}

/// Accounts remembered, and pairs of each.
const KEPT: usize = 16_384;
const PAIRS: usize = 64;
/// A WinRM shell follows its network logon.
const SHELL_WITHIN: Span = Span::seconds(30);
const HOUR: Span = Span::hours(1);
/// Active days from which on the sources of an account tell something.
const KNOWN_DAYS: u32 = 5;
/// Sessions of the host that are looked through for it.
const LOOKED_AT: usize = 64;

/// The way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Protocol {
    WinRm,
    Ssh,
    Wmi,
}

impl Protocol {
    const fn word(self) -> &'static str {
        match self {
            Self::WinRm => "WinRM",
            Self::Ssh => "SSH",
            Self::Wmi => "WMI",
        }
    }
    /// By the process that logged the account on.
    fn of(image: &str) -> Option<Self> {
        let name = image.rsplit('\\').next().unwrap_or_default();
        [("sshd.exe", Self::Ssh), ("sshd-session.exe", Self::Ssh), ("wsmprovhost.exe", Self::WinRm), ("wmiprvse.exe", Self::Wmi)]
            .into_iter()
            .find(|(known, _)| name.eq_ignore_ascii_case(known))
            .map(|(_, protocol)| protocol)
    }
}

pub struct Rule {
    settings: Settings,
    /// What the processes that log accounts on are.
    processes: Read<Symbol, Option<Protocol>>,
    seen: FxHashMap<AccountId, SeenSet<(HostId, Protocol)>>,
    /// New hosts of the last hour, by account.
    lately: FxHashMap<AccountId, Window<(HostId, EventId)>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::RemoteShell, EventKind::Logon];
    fn new(settings: Settings) -> Self {
        Self { settings, processes: Read::default(), seen: FxHashMap::default(), lately: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.kind == EventKind::Logon {
            let process = event.process;
            if process.is_none() || self.processes.of(process, || Protocol::of(step.raw(process))).is_none() {
                return;
            }
        }
        self.opened(step, out);
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.seen, &goes, stays, |there, more| there.absorb(&more, PAIRS));
        rekey(&mut self.lately, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.quiet_days);
        self.seen.retain(|_, seen| {
            seen.forget_before(limit);
            !seen.is_empty()
        });
        self.lately.retain(|_, lately| {
            lately.forget_before(now - HOUR);
            !lately.is_empty()
        });
        shed(&mut self.seen, KEPT, |seen| seen.activity.last_at());
    }
}

impl Rule {
    #[inline(never)]
    fn opened(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some((protocol, account, session)) = shell(step) else { return };
        let pair = (step.row.host, protocol);
        let seen = self.seen.entry(account).or_default();
        if !seen.contains(pair) {
            let lately = self.lately.entry(account).or_default();
            lately.push(step.at(), (step.row.host, step.id), HOUR, PAIRS);
            if !several(&self.settings, step, account, lately, out) {
                raise(&self.settings, step, (protocol, account, session), seen, out);
            }
        }
        seen.add(pair, step.at(), PAIRS);
    }
}

/// Whose shell it is, by which protocol, and the logon that opened it.
fn shell(step: &Step<'_>) -> Option<(Protocol, AccountId, SessionId)> {
    let event = step.event();
    if event.kind == EventKind::Logon {
        let protocol = Protocol::of(step.raw(event.process))?;
        return Some((protocol, step.row.account.some()?, step.row.session));
    }
    let is_its = |session: &Session| {
        session.logon_type == LogonType::Network && session.start <= step.at() && step.at() - session.start <= SHELL_WITHIN
    };
    let (id, session) = step.world.tables.sessions_of_host(step.row.host).take(LOOKED_AT).find(|(_, session)| {
        is_its(session) && step.world.tables.account(session.account).is_some_and(|account| !account.class.is_machinery())
    })?;
    Some((Protocol::WinRm, session.account, id))
}

/// Several new hosts within an hour, from a source that the account did not use before this hour.
#[cold]
#[inline(never)]
fn several(settings: &Settings, step: &Step<'_>, account: AccountId, lately: &Window<(HostId, EventId)>, out: &mut Findings) -> bool {
    let mut hosts: Vec<HostId> = lately.iter().map(|(_, (host, _))| *host).collect();
    hosts.sort_unstable();
    hosts.dedup();
    let usual = step.usual.account(account);
    let Some((_, _, session)) = shell(step).filter(|_| hosts.len() >= settings.hosts && usual.activity.days >= KNOWN_DAYS) else {
        return false;
    };
    let Some(source) = step.world.tables.session(session).and_then(|session| session.source.some()) else { return false };
    let is_known = usual.seen(Dimension::Source).get(Value::Source(source)).is_some_and(|seen| step.at() - seen.first_at > HOUR);
    let is_machinery = step.world.tables.account(account).is_none_or(|account| account.class.is_machinery());
    if is_known || is_machinery || step.site.account(account).scanner || step.site.source(source).exit {
        return false;
    }
    let say = step.say();
    let why = format!(
        "{} opened remote shells on {} it never managed ({}) within an hour, until {}, from {}, which it never used.",
        say.account(account),
        say::count(hosts.len(), "host"),
        say.list(hosts.iter().map(|host| say.host(*host)), 4),
        say.time(step.at()),
        say.source(source),
    );
    let score = Score::new(Severity::Medium, "first remote shells on several hosts within an hour, from a new source");
    let first_at = lately.iter().next().map_or(step.at(), |(at, _)| *at);
    let finding = Finding::new(step, Key((account.index() as u64) << 2 | 3, u64::MAX), HOUR, score, why);
    let finding = finding.since(first_at, lately.iter().map(|(_, (_, event))| *event));
    out.push(finding.and_accounts([account]).and_hosts(hosts).and_sources([source]).and_sessions([session]));
    true
}

type Shell = (Protocol, AccountId, SessionId);

#[cold]
#[inline(never)]
fn raise(
    settings: &Settings,
    step: &Step<'_>,
    (protocol, account, session): Shell,
    seen: &SeenSet<(HostId, Protocol)>,
    out: &mut Findings,
) {
    let (usual, tags) = (step.usual.account(account), step.site.account(account));
    let (Some(row), Some(host)) = (step.world.tables.account(account), step.host()) else { return };
    let is_young = host.first.is_none_or(|first| step.at() - first < Span::days(settings.host_age_days));
    let wanders = seen.activity.days >= settings.history_days && seen.novelty() >= settings.wanderer;
    let is_meant = matches!(row.class, AccountClass::Human | AccountClass::Unknown) && !tags.scanner;
    if !is_meant || is_young || wanders || usual.activity.days < settings.history_days {
        return;
    }
    let is_server = matches!(host.kind, HostRole::Server | HostRole::DomainController);
    let rules = row.privileged || tags.admin || tags.tier0;
    let score = Score::new(ABOUT.severity, "the first remote shell of this account on this host")
        .raise_if(seen.is_empty() && is_server && rules, "an administrator who never used a remote shell, on a server");
    let say = step.say();
    let from = step.world.tables.session(session).and_then(|session| session.source.some());
    let from = from.map_or_else(String::new, |source| format!(" from {}", say.source(source)));
    let before = match seen.len() {
        0 => "it never opened a remote shell before".to_owned(),
        pairs => format!("it opened {} elsewhere before", say::count(pairs, "other shell")),
    };
    let why = format!(
        "{} opened a remote shell on {} ({}) by {}{from} at {}; {before}.",
        say.account(account),
        say.host(step.row.host),
        host.kind.word(),
        protocol.word(),
        say.time(step.at()),
    );
    let key = Key((account.index() as u64) << 2 | protocol as u64, step.row.host.index() as u64);
    let finding = Finding::new(step, key, Span::days(settings.quiet_days), score, why);
    out.push(finding.and_accounts([account]).and_sessions([session]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_in_is_known_by_the_process() {
        assert_eq!(Protocol::of("C:\\Windows\\System32\\OpenSSH\\sshd.exe"), Some(Protocol::Ssh));
        assert_eq!(Protocol::of("WSMPROVHOST.EXE"), Some(Protocol::WinRm));
        assert!(Protocol::of("C:\\x\\notsshd.exe").is_none() && Protocol::of("").is_none());
    }
}
