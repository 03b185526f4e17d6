//! `unattended-session-over-limit`: a desktop is open and nobody shows.
//!
//! Idle time is not logged, and a person who reads or types leaves no record, so a span without a sign is only an upper
//! bound of what somebody sat there. All desktops over the limit are therefore one line of information a day; low is what
//! no person does: a whole working day and more without a lock, one line a day too; an administrator's desktop on a server is
//! told for itself after half of it.
//! Hosts whose logs never told of a lock say nothing, and so do hosts that are silent: they may be asleep.

use super::open::{Desk, Desks, SIGNS, is_remote, whose};
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
use crate::model::ids::{HostId, VisitId};
use crate::model::logon_type::LogonType;
use crate::model::visit::{State, Visit};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

const ABOUT: Detection = Detection {
    id: "unattended-session-over-limit",
    title: "Desktop left open beyond the inactivity limit",
    severity: Severity::Low,
    attack: &["T1078"],
    needs: "4624, and 4800 to 4803 or 4778 and 4779 (audit Other Logon/Logoff Events)",
    requires: &[&[Needed::Records(EventKind::Logon), Needed::Records(EventKind::Locked)]],
    check: "Does the host lock by itself (machine inactivity limit)? Who could have used the desktop since the last sign of its owner?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The machine inactivity limit of the policy (CIS: 15).
    pub limit_minutes: i64,
    /// Told from so many times the limit on: records are missing at times.
    pub times_the_limit: i32,
    /// A span that no person sits through without a lock.
    pub long_hours: i64,
    /// The same for an administrator's desktop on a server.
    pub long_hours_on_servers: i64,
    /// Short names of hosts that nobody is meant to lock.
    pub kiosks: Vec<String>,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { limit_minutes: 15, times_the_limit: 2, long_hours: 12, long_hours_on_servers: 6, kiosks: Vec::new(), quiet_days: 7 }
    }
}

/// Between two looks.
const EVERY: Span = Span::minutes(15);

fn limit(settings: &Settings) -> Span {
    Span::minutes(settings.limit_minutes) * i64::from(settings.times_the_limit)
}

pub struct Rule {
    settings: Settings,
    desks: Desks,
    /// Desktops over the limit of hosts whose logs tell of no lock so far, and whether they are remote.
    silent: FxHashMap<(HostId, bool), Vec<VisitId>>,
    /// The newest day, and desktops over the limit on it.
    today: (i64, usize),
    /// The same of those that nobody sits at.
    long_today: (i64, usize),
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = SIGNS;
    const LOGONS: &'static [LogonType] = LogonType::INTERACTIVE;
    fn new(settings: Settings) -> Self {
        let desks = Desks::resting(limit(&settings));
        Self { settings, desks, silent: FxHashMap::default(), today: (i64::MIN, 0), long_today: (i64::MIN, 0) }
    }
}

/// One desktop that is over the limit.
struct Left<'a> {
    id: VisitId,
    visit: Cow<'a, Visit>,
    desk: Desk,
    /// At least so long.
    span: Span,
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, _out: &mut Findings) {
        self.desks.see(step);
    }
    fn tick(&mut self, tick: &Tick<'_>, out: &mut Findings) {
        if !self.desks.is_due(tick.now, EVERY) {
            return;
        }
        self.hear(tick);
        let limit = limit(&self.settings);
        let next_told = Span::hours(self.settings.long_hours.min(self.settings.long_hours_on_servers));
        let mut left: Vec<Left<'_>> = Vec::new();
        for (id, visit, desk) in self.desks.open(tick, |_| {}) {
            // Who comes back leaves a sign.
            if desk.told >= 2 || visit.state() != State::Active {
                self.desks.leave(id);
                continue;
            }
            if desk.told == 1 && tick.now - desk.sign_at < next_told {
                self.desks.rest(id, desk.sign_at + next_told);
                continue;
            }
            let Some(host) = tick.world.tables.host(visit.host) else { continue };
            let Some(last) = host.last else { continue };
            let span = last.min(tick.now) - desk.sign_at;
            if span < limit {
                self.desks.rest(id, tick.now - span + limit);
                continue;
            }
            if self.is_kiosk(tick, host) {
                self.desks.leave(id);
                continue;
            }
            // What was heard of silent hosts a moment ago need not be asked again.
            let place = (visit.host, is_remote(&visit));
            let silent = self.silent.get_mut(&place);
            if silent.is_none() && can_tell(host, place.1) {
                left.push(Left { id, visit, desk, span });
                continue;
            }
            self.desks.rest(id, Timestamp::MAX);
            match silent {
                Some(ids) => ids.push(id),
                None => _ = self.silent.insert(place, vec![id]),
            }
        }
        self.over_limit(tick, &left, out);
        self.long(tick, &left, out);
    }
    fn forget(&mut self, _now: Timestamp) {
        self.desks.forget();
        // Those of desktops that are gone harm nobody until they are many.
        if self.silent.values().map(Vec::len).sum::<usize>() <= self.desks.spare() {
            return;
        }
        for ids in self.silent.values_mut() {
            ids.retain(|id| self.desks.knows(*id));
            ids.sort_unstable();
            ids.dedup();
        }
        self.silent.retain(|_, ids| !ids.is_empty());
    }
}

/// The logs of the host tell when a desktop is locked or left.
fn can_tell(host: &Host, is_remote: bool) -> bool {
    let seen = |id| host.seen.as_ref().is_some_and(|seen| seen.of("Security", id).is_some());
    let lsm = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational";
    let left = || host.seen.as_ref().is_some_and(|seen| seen.of(lsm, 24).is_some());
    [4800, 4801, 4802].into_iter().any(seen) || (is_remote && (seen(4779) || left()))
}

impl Rule {
    /// A host began to tell of locks: its desktops are looked at.
    fn hear(&mut self, tick: &Tick<'_>) {
        let desks = &mut self.desks;
        self.silent.retain(|(host, is_remote), ids| {
            let tells = tick.world.tables.host(*host).is_some_and(|host| can_tell(host, *is_remote));
            if tells {
                ids.iter().for_each(|id| desks.wake(*id, tick.now));
            }
            !tells
        });
    }
    fn is_kiosk(&self, tick: &Tick<'_>, host: &Host) -> bool {
        if self.settings.kiosks.is_empty() {
            return false;
        }
        let name = tick.world.raw(host.name);
        let short = name.split('.').next().unwrap_or(name);
        self.settings.kiosks.iter().any(|kiosk| kiosk.eq_ignore_ascii_case(short))
    }
    fn over_limit(&mut self, tick: &Tick<'_>, left: &[Left<'_>], out: &mut Findings) {
        let fresh: Vec<&Left<'_>> = left.iter().filter(|left| left.desk.told == 0).collect();
        let Some(longest) = fresh.iter().max_by_key(|left| left.span) else { return };
        let today = seen::day(tick.now);
        if self.today.0 != today {
            self.today = (today, 0);
        }
        self.today.1 += fresh.len();
        let say = tick.say();
        let why = format!(
            "{} without a sign of a person for {} or more on {}, such as {} (at least {}). Who reads or types leaves no record either.",
            say::count(self.today.1, "unlocked desktop"),
            say::span(Span::minutes(self.settings.limit_minutes) * i64::from(self.settings.times_the_limit)),
            say.date(tick.now),
            whose(&say, &longest.visit),
            say::span(longest.span),
        );
        let score = Score::new(Severity::Info, "desktops beyond the inactivity limit");
        let since = fresh.iter().map(|left| left.desk.sign_at).min().unwrap_or(tick.now);
        let records = fresh.iter().map(|left| left.desk.sign).collect();
        let key = Key(u64::try_from(today).unwrap_or(0), 1);
        out.push(
            Finding::at_tick(key, Span::days(1), score, why, since, records)
                .and_accounts(fresh.iter().map(|left| left.visit.account))
                .and_hosts(fresh.iter().map(|left| left.visit.host))
                .and_sessions(fresh.iter().map(|left| left.visit.first_session)),
        );
        for left in fresh {
            self.desks.told(left.id, 1);
        }
    }
    fn long(&mut self, tick: &Tick<'_>, left: &[Left<'_>], out: &mut Findings) {
        let rules = |left: &Left<'_>| {
            let host = tick.world.tables.host(left.visit.host);
            left.visit.privileged && host.is_some_and(|host| tick.usual.is_server(left.visit.host, host))
        };
        let mut long: Vec<&Left<'_>> = Vec::new();
        for left in left {
            if rules(left) && left.span >= Span::hours(self.settings.long_hours_on_servers) {
                self.desks.told(left.id, 2);
                self.on_server(tick, left, out);
            } else if left.span >= Span::hours(self.settings.long_hours) {
                self.desks.told(left.id, 2);
                long.push(left);
            }
        }
        let Some(longest) = long.iter().max_by_key(|left| left.span) else { return };
        let today = seen::day(tick.now);
        if self.long_today.0 != today {
            self.long_today = (today, 0);
        }
        self.long_today.1 += long.len();
        let say = tick.say();
        let why = format!(
            "{} without a sign of a person for {} or more on {}, such as {}: last sign {}, at least {}, limit {}.",
            say::count(self.long_today.1, "unlocked desktop"),
            say::span(Span::hours(self.settings.long_hours)),
            say.date(tick.now),
            whose(&say, &longest.visit),
            say.time(longest.desk.sign_at),
            say::span(longest.span),
            say::span(Span::minutes(self.settings.limit_minutes)),
        );
        let score = Score::new(ABOUT.severity, "nobody sits that long without a lock");
        let since = long.iter().map(|left| left.desk.sign_at).min().unwrap_or(tick.now);
        let records = long.iter().map(|left| left.desk.sign).collect();
        let key = Key(u64::try_from(today).unwrap_or(0), 2);
        out.push(
            Finding::at_tick(key, Span::days(1), score, why, since, records)
                .and_accounts(long.iter().map(|left| left.visit.account))
                .and_hosts(long.iter().map(|left| left.visit.host))
                .and_sessions(long.iter().map(|left| left.visit.first_session)),
        );
    }
    #[cold]
    #[inline(never)]
    fn on_server(&self, tick: &Tick<'_>, left: &Left<'_>, out: &mut Findings) {
        let say = tick.say();
        let why = format!(
            "{}: last sign of a person {}, still unlocked at {}: at least {}, limit {}.",
            whose(&say, &left.visit),
            say.time(left.desk.sign_at),
            say.time(left.desk.sign_at + left.span),
            say::span(left.span),
            say::span(Span::minutes(self.settings.limit_minutes)),
        );
        let score = Score::new(ABOUT.severity, "an administrator's desktop on a server");
        let key = Key(left.visit.host.index() as u64, 0);
        let quiet = Span::days(self.settings.quiet_days);
        out.push(
            Finding::at_tick(key, quiet, score, why, left.desk.sign_at, vec![left.desk.sign])
                .and_accounts([left.visit.account])
                .and_hosts([left.visit.host])
                .and_sessions([left.visit.first_session]),
        );
    }
}
