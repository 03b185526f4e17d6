//! `audit-gap`: the log stops telling.
//!
//! Four signs. The event log service stopped (1100) and records went on without a restart of the host. Somebody who is no
//! machine took a logon subcategory out of the audit (4719). Record numbers start again without a log clear: the file was
//! deleted. A busy host's Security log is silent although its other logs go on. What restarts, group policy, full logs and
//! reinstalled hosts do of the same kind is one line of information. Holes within a log stand on the page of inputs, which
//! sees every record; a detection sees logon records only.

use crate::base::by_id::ById;
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Step, Tick};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Severity};
use crate::model::event::EventKind;
use crate::model::host::Host;
use crate::model::ids::{EventId, HostId};
use crate::model::logon_type::LogonType;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "audit-gap",
    title: "The log stops telling",
    severity: Severity::Medium,
    attack: &["T1562.002", "T1070.001"],
    needs: "1100, 1104, 4719, record numbers of Security; System 12, 13, 6005 and 6006 tell restarts apart",
    requires: &[&[]],
    check: "Who was on the host at that moment? Fill the gap from domain controllers, other hosts and forwarded copies.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// A stop of the event log service is a shutdown if one is told of so shortly before or after.
    pub shutdown_minutes: i64,
    /// Records of a host by the hour from which on its silence says something.
    pub records_an_hour: u32,
    /// Days of that.
    pub history_days: i64,
    pub silent_hours: i64,
    pub quiet_hours: i64,
    /// The line about what is everyday grows as long as it is not silent for this long.
    pub quiet_days_everyday: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { shutdown_minutes: 5, records_an_hour: 100, history_days: 7, silent_hours: 4, quiet_hours: 12, quiet_days_everyday: 30 }
    }
}

/// Between two looks for silence.
const EVERY: Span = Span::hours(1);
/// Record numbers that fall back by less were written side by side, or came late.
const JITTER: u64 = 1_000;
/// Records in a row that confirm a new numbering.
const CONFIRM: u8 = 5;
/// A silence is long where it lasts so many times what is usual.
const LONG: i64 = 2;

#[derive(Clone, Copy, Debug)]
struct Stop {
    at: Timestamp,
    event: EventId,
}

/// Record numbers that may have started again.
#[derive(Clone, Copy, Debug)]
struct Restart {
    before: u64,
    before_at: Timestamp,
    first: u64,
    at: Timestamp,
    event: EventId,
    seen: u8,
}

/// One entry a host.
#[derive(Clone, Copy, Debug, Default)]
struct Log {
    /// Newest record number of Security.
    record: u64,
    record_at: Timestamp,
    restart: Option<Restart>,
    /// Numbers jump to and fro: two sources tell of this host, or its disk is thrown away every day.
    is_fickle: bool,
    stop: Option<Stop>,
    /// Newest boot or shutdown.
    power_at: Option<Timestamp>,
    cleared_at: Option<Timestamp>,
    last_event: EventId,
    is_silent: bool,
    /// Before it the log cannot have been silent for long enough.
    look_at: Option<Timestamp>,
    /// When the host was last heard when it was judged: until it is heard again nothing changes.
    judged: Option<Timestamp>,
}

pub struct Rule {
    settings: Settings,
    logs: ById<Log>,
    looked_at: Option<Timestamp>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[
        EventKind::Logon,
        EventKind::Other,
        EventKind::AuditPolicyChanged,
        EventKind::Boot,
        EventKind::EventLogStarted,
        EventKind::Shutdown,
        EventKind::UncleanRestart,
        EventKind::LogCleared,
    ];
    fn new(settings: Settings) -> Self {
        Self { settings, logs: ById::default(), looked_at: None }
    }
}

/// What the detection makes of ids that have no kind of their own.
const SERVICE_STOPPED: u32 = 1100;
const RESTART_ASKED: u32 = 1074;
const LOSSES: [(u32, &str); 3] = [(1101, "dropped audit events"), (1104, "has a full Security log"), (1108, "could not process an event")];

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let Some(log) = self.logs.entry(step.row.host.index(), Log::default) else { return };
        match event.kind {
            EventKind::Logon => {
                // SYSTEM logs on with type 0 at each start, whether or not 4608 is collected.
                if event.logon_type == LogonType::System {
                    log.power_at = log.power_at.max(Some(event.at));
                }
                log.last_event = step.id;
                if event.record > log.record && log.restart.is_none() && log.stop.is_none() {
                    (log.record, log.record_at) = (event.record, log.record_at.max(event.at));
                    return;
                }
                self.number(step, out);
                self.stopped(step, out);
            }
            EventKind::Boot | EventKind::EventLogStarted | EventKind::Shutdown | EventKind::UncleanRestart => {
                if event.kind != EventKind::EventLogStarted {
                    log.power_at = log.power_at.max(Some(event.at));
                }
                self.stopped(step, out);
            }
            // `log-cleared-in-session` tells of it; what the numbers do then is no news.
            EventKind::LogCleared => log.cleared_at = log.cleared_at.max(Some(event.at)),
            EventKind::AuditPolicyChanged => self.policy(step, out),
            _ if event.event_id == SERVICE_STOPPED => {
                log.stop = Some(Stop { at: event.at, event: step.id });
                self.everyday(step, "stopped its event log service, as each shutdown does", step.id, out);
            }
            _ if event.event_id == RESTART_ASKED => log.power_at = log.power_at.max(Some(event.at)),
            _ => {
                if let Some((_, words)) = LOSSES.iter().find(|(id, _)| *id == event.event_id) {
                    self.everyday(step, words, step.id, out);
                }
            }
        }
    }
    fn tick(&mut self, tick: &Tick<'_>, out: &mut Findings) {
        if self.looked_at.is_some_and(|at| tick.now - at < EVERY) {
            return;
        }
        self.looked_at = Some(tick.now);
        let mut silent: Vec<(HostId, Timestamp, bool)> = Vec::new();
        for (number, host) in tick.world.tables.hosts.iter().enumerate() {
            let Some(log) = self.logs.get_mut(number) else { continue };
            if log.look_at.is_some_and(|at| tick.now < at) || (log.judged.is_some() && log.judged == host.last) {
                continue;
            }
            let Some(security) = host.seen.as_ref().and_then(|seen| seen.log("Security")) else { continue };
            let long = Span::hours(self.settings.silent_hours).max(security.usual_silence() * LONG);
            log.look_at = security.all.last.map(|last| last + long);
            if log.look_at.is_some_and(|at| tick.now < at) {
                (log.is_silent, log.judged) = (false, None);
                continue;
            }
            log.judged = host.last;
            let since = silence(&self.settings, host, tick.now);
            let off = || since.is_some_and(|since| log.power_at.is_some_and(|at| at + Span::minutes(10) >= since));
            match since {
                Some(since) if !log.is_silent && !off() => {
                    log.is_silent = true;
                    let awake = host.last.is_some_and(|last| last - since >= Span::hours(self.settings.silent_hours));
                    silent.push((HostId::new(number), since, awake));
                }
                Some(_) => {}
                None => log.is_silent = false,
            }
        }
        self.silent(tick, &silent, out);
    }
}

/// Since when the Security log of a busy host tells nothing, where that is long for it.
fn silence(settings: &Settings, host: &Host, now: Timestamp) -> Option<Timestamp> {
    let log = host.seen.as_ref()?.log("Security")?;
    let (first, last) = (log.all.first?, log.all.last?);
    let least = Span::hours(settings.silent_hours);
    if now - last < least || now - last < log.usual_silence() * LONG || last - first < Span::days(settings.history_days) {
        return None;
    }
    let hours = (last - first).as_seconds_f64() / 3_600.0;
    (f64::from(log.all.count) / hours >= f64::from(settings.records_an_hour)).then_some(last)
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn number(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let Some(log) = self.logs.get_mut(step.row.host.index()) else { return };
        if event.record == 0 {
            return;
        }
        let Some(restart) = &mut log.restart else {
            let falls = event.record + JITTER < log.record && event.at > log.record_at;
            if falls && !log.is_fickle {
                let (before, before_at) = (log.record, log.record_at);
                log.restart = Some(Restart { before, before_at, first: event.record, at: event.at, event: step.id, seen: 1 });
            } else if event.record > log.record {
                (log.record, log.record_at) = (event.record, log.record_at.max(event.at));
            }
            return;
        };
        if event.record + JITTER >= restart.before {
            // The old numbers go on.
            log.restart = None;
            log.is_fickle = true;
            (log.record, log.record_at) = (log.record.max(event.record), log.record_at.max(event.at));
            return;
        }
        restart.seen = restart.seen.saturating_add(1);
        if restart.seen < CONFIRM {
            return;
        }
        let restart = *restart;
        log.restart = None;
        (log.record, log.record_at) = (event.record, event.at);
        if log.cleared_at.is_some_and(|at| (restart.before_at..=restart.at + Span::hours(1)).contains(&at)) {
            return;
        }
        let near = log.power_at.is_some_and(|at| (at - restart.at).abs() <= Span::hours(1));
        if near {
            self.everyday(step, "numbers its records anew after a start, as a host that was set up again does", restart.event, out);
            return;
        }
        let say = step.say();
        let why = format!(
            "{}: record numbers of Security fell from {} ({}) to {} at {} with no start of the host: the log file was deleted, or the host replaced.",
            say.host(step.row.host),
            restart.before,
            say.time(restart.before_at),
            restart.first,
            say.time(restart.at),
        );
        let score = Score::new(ABOUT.severity, "the log begins anew without a log clear")
            .raise_if(step.host_is_domain_controller(), "the host is a domain controller");
        out.push(self.finding(step, score, why).since(restart.at, [restart.event]));
    }
    /// A record after the event log service stopped.
    #[cold]
    #[inline(never)]
    fn stopped(&mut self, step: &Step<'_>, out: &mut Findings) {
        let at = step.at();
        let Some(log) = self.logs.get_mut(step.row.host.index()) else { return };
        let Some(stop) = log.stop else { return };
        let near = Span::minutes(self.settings.shutdown_minutes);
        let restarted = log.power_at.is_some_and(|power| power >= stop.at - near);
        if at <= stop.at || (!restarted && at - stop.at <= near) {
            return;
        }
        log.stop = None;
        if restarted {
            return;
        }
        // Where starts of this host are never collected, the stop of the service is one, as far as anybody can tell.
        let tells = step.host().is_some_and(|host| host.booted_at.is_some()) || log.power_at.is_some();
        let say = step.say();
        let doubt = if tells { "" } else { "; starts of this host are not in the logs, so it may have been one" };
        let why = format!(
            "The event log service of {} stopped at {} and records went on at {} with no start of the host between{doubt}.",
            say.host(step.row.host),
            say.time(stop.at),
            say.time(at),
        );
        let score = if tells {
            Score::new(ABOUT.severity, "the event log service was stopped")
                .raise_if(step.host_is_domain_controller(), "the host is a domain controller")
        } else {
            Score::new(Severity::Low, "the event log service was stopped, or the host restarted")
        };
        out.push(self.finding(step, score, why).since(stop.at, [stop.event]));
    }
    #[cold]
    #[inline(never)]
    fn policy(&self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let change = step.raw(event.target);
        if !change.contains("removed") {
            return;
        }
        // SYSTEM writes what group policy says.
        if step.account().is_none_or(|account| account.class.is_machinery()) || step.user.is_dollar {
            self.everyday(step, "was told by group policy to audit less of logons", step.id, out);
            return;
        }
        let say = step.say();
        let why = format!(
            "{} changed what {} audits at {}: {}.",
            say.account(step.row.account),
            say.host(step.row.host),
            say.time(event.at),
            say.text(event.target),
        );
        let score = Score::new(ABOUT.severity, "logons are audited no more")
            .raise_if(step.host_is_domain_controller(), "the host is a domain controller");
        out.push(self.finding(step, score, why).and_sessions(step.subject_session()));
    }
    fn finding(&self, step: &Step<'_>, score: Score, why: String) -> Finding {
        Finding::new(step, Key::of(step.row.host.index(), 0), Span::hours(self.settings.quiet_hours), score, why)
    }
    /// What restarts, group policy and full logs do every day: one line for all hosts.
    #[cold]
    #[inline(never)]
    fn everyday(&self, step: &Step<'_>, what: &str, record: EventId, out: &mut Findings) {
        let say = step.say();
        let why =
            format!("Hosts whose log stopped for an everyday reason; newest: {} {what}, {}.", say.host(step.row.host), say.time(step.at()));
        let score = Score::new(Severity::Info, "a log that stopped for an everyday reason");
        let quiet = Span::days(self.settings.quiet_days_everyday);
        out.push(Finding::new(step, Key(u64::MAX, 0), quiet, score, why).since(step.at(), [record]));
    }
    fn silent(&self, tick: &Tick<'_>, silent: &[(HostId, Timestamp, bool)], out: &mut Findings) {
        let many = silent.len() > 3.max(tick.world.tables.hosts.len() / 20);
        let say = tick.say();
        let record = |host: HostId| self.logs.get(host.index()).map(|log| log.last_event);
        let quiet = Span::hours(self.settings.quiet_hours);
        if many {
            let since = silent.iter().map(|(_, since, _)| *since).min().unwrap_or(tick.now);
            let why = format!(
                "{} fell silent since {}, such as {}: the collection may have stopped, not the hosts.",
                say::count(silent.len(), "busy host"),
                say.time(since),
                say.list(silent.iter().map(|(host, ..)| say.host(*host)), 3),
            );
            let score = Score::new(Severity::Low, "many hosts fell silent at once");
            let records = silent.iter().filter_map(|(host, ..)| record(*host)).collect();
            let hosts = silent.iter().map(|(host, ..)| *host);
            out.push(Finding::at_tick(Key(u64::MAX, 1), quiet, score, why, since, records).and_hosts(hosts));
            return;
        }
        for (host, since, awake) in silent {
            let (severity, reason, more) = if *awake {
                (ABOUT.severity, "silent, though awake", "although its other logs go on")
            } else {
                (Severity::Low, "silent", "and nothing else is heard of it; no shutdown was told")
            };
            let usual = tick.world.tables.host(*host).and_then(|host| host.seen.as_ref()?.log("Security").map(|log| log.usual_silence()));
            let why = format!(
                "{}: Security is silent since {} {more}; usual is at most {}.",
                say.host(*host),
                say.time(*since),
                usual.map_or_else(|| "-".to_owned(), say::span),
            );
            let records = record(*host).into_iter().collect();
            let key = Key::of(host.index(), 2);
            out.push(Finding::at_tick(key, quiet, Score::new(severity, reason), why, *since, records).and_hosts([*host]));
        }
    }
}
