//! `inactivity-lock-missing`: a host is used for days and never locks.
//!
//! Whether a policy is set is not logged; that a host with two weeks of desktop hours tells of no lock is. It says something
//! only where the host's logs would tell: they hold another record of the same audit subcategory, and other hosts do lock.
//! All such hosts are one line.

use super::open::{Desks, SIGNS};
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::seen;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Step, Tick};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::host::Host;
use crate::model::ids::{EventId, HostId};
use crate::model::logon_type::LogonType;
use crate::model::visit::State;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "inactivity-lock-missing",
    title: "Host never locks",
    severity: Severity::Low,
    attack: &["T1078"],
    needs: "4800 to 4803, 4778 and 4779 (audit Other Logon/Logoff Events) of at least ten days",
    requires: &[&[Needed::Records(EventKind::Logon), Needed::Records(EventKind::Locked)]],
    check: "Is the machine inactivity limit set on these hosts, and do they get the policy at all?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Hours with a desktop in use.
    pub hours: u32,
    /// Days with such hours.
    pub days: u32,
    /// Hosts that do lock.
    pub peers: usize,
    /// Short names of hosts that nobody is meant to lock.
    pub kiosks: Vec<String>,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { hours: 40, days: 10, peers: 3, kiosks: Vec::new(), quiet_days: 30 }
    }
}

/// Between two looks; one is an hour of use.
const EVERY: Span = Span::hours(1);

#[derive(Clone, Copy, Debug)]
struct Use {
    hours: u32,
    days: u32,
    last_day: i64,
    since: Timestamp,
    /// The newest sign of a person.
    sign: EventId,
    /// It was told, or the host does lock.
    is_settled: bool,
    /// The last look at which a desktop of it was in use.
    looked_at: Timestamp,
}

pub struct Rule {
    settings: Settings,
    desks: Desks,
    /// One entry a host.
    used: FxHashMap<HostId, Use>,
    told: usize,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = SIGNS;
    const LOGONS: &'static [LogonType] = LogonType::INTERACTIVE;
    fn new(settings: Settings) -> Self {
        Self { settings, desks: Desks::default(), used: FxHashMap::default(), told: 0 }
    }
}

fn wrote(host: &Host, ids: &[u32]) -> bool {
    host.seen.as_ref().is_some_and(|seen| ids.iter().any(|id| seen.of("Security", *id).is_some()))
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, _out: &mut Findings) {
        self.desks.see(step);
    }
    fn tick(&mut self, tick: &Tick<'_>, out: &mut Findings) {
        if !self.desks.is_due(tick.now, EVERY) {
            return;
        }
        let today = seen::day(tick.now);
        let tables = &tick.world.tables;
        let mut over: Vec<HostId> = Vec::new();
        let locks = |id: HostId| tables.host(id).is_some_and(|host| wrote(host, &[4800, 4802]));
        let mut before: Option<(HostId, bool)> = None;
        for (id, visit, desk) in self.desks.open(tick, |_| {}) {
            let fresh = desk.sign_at >= tick.now - Span::hours(12);
            if visit.state() != State::Active || !fresh {
                // Who comes back leaves a sign.
                self.desks.leave(id);
                continue;
            }
            // A host counts once, and of one that locks nothing is to be seen; the next desktop is often of the same one.
            if let Some((_, is_settled)) = before.filter(|(host, _)| *host == visit.host) {
                if is_settled {
                    self.desks.leave(id);
                }
                continue;
            }
            let used = self.used.entry(visit.host).or_insert_with(|| Use {
                hours: 0,
                days: 0,
                last_day: i64::MIN,
                since: desk.sign_at,
                sign: desk.sign,
                is_settled: false,
                looked_at: Timestamp::MIN,
            });
            before = Some((visit.host, used.is_settled));
            if used.is_settled {
                self.desks.leave(id);
                continue;
            }
            if used.looked_at == tick.now {
                continue;
            }
            used.looked_at = tick.now;
            used.hours += 1;
            used.sign = desk.sign;
            if used.last_day != today {
                used.last_day = today;
                used.days += 1;
                // Who ever locked will have done so then.
                used.is_settled |= locks(visit.host);
            }
            if !used.is_settled && used.hours >= self.settings.hours && used.days >= self.settings.days {
                over.push(visit.host);
            }
        }
        if over.is_empty() {
            return;
        }
        over.retain(|id| {
            let settled = self.used.get_mut(id).filter(|_| locks(*id)).map(|used| used.is_settled = true);
            settled.is_none()
        });
        let tells = |host: &Host| wrote(host, &[4801, 4803, 4778, 4779]);
        over.retain(|id| tables.host(*id).is_some_and(|host| tells(host) && !self.is_kiosk(tick, host)));
        if over.is_empty() {
            return;
        }
        let locking = tables.hosts.iter().filter(|host| wrote(host, &[4800])).count();
        if locking < self.settings.peers {
            return;
        }
        let (mut records, mut since) = (Vec::new(), tick.now);
        for host in &over {
            if let Some(used) = self.used.get_mut(host) {
                used.is_settled = true;
                records.push(used.sign);
                since = since.min(used.since);
            }
        }
        self.told += over.len();
        let say = tick.say();
        let longest = over.iter().filter_map(|host| self.used.get(host)).max_by_key(|used| used.hours);
        let (hours, days) = longest.map_or((0, 0), |used| (used.hours, used.days));
        let why = format!(
            "{} never locked, newest {}: no lock in {} of use over {}; {} lock.",
            say::count(self.told, "host"),
            say.list(over.iter().map(|host| say.host(*host)), 3),
            say::count(hours as usize, "hour"),
            say::count(days as usize, "day"),
            say::count(locking, "other host"),
        );
        let score = Score::new(ABOUT.severity, "used for days, never locked");
        let quiet = Span::days(self.settings.quiet_days);
        out.push(Finding::at_tick(Key(0, 0), quiet, score, why, since, records).and_hosts(over));
    }
    fn forget(&mut self, _now: Timestamp) {
        self.desks.forget();
    }
}

impl Rule {
    fn is_kiosk(&self, tick: &Tick<'_>, host: &Host) -> bool {
        let name = tick.world.raw(host.name);
        let short = name.split('.').next().unwrap_or(name);
        self.settings.kiosks.iter().any(|kiosk| kiosk.eq_ignore_ascii_case(short))
    }
}
