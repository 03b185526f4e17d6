//! `session-open-too-long`: a desktop is open for days.
//!
//! How long is long is what one in a hundred desktops of such hosts lasts, three days at least; a week as long as few were
//! seen to close. All of them are one line of information. Low is what an attacker with SYSTEM on the host can take over:
//! an administrator's desktop on a server, left disconnected for more than a day, one line for each server. A restart ends
//! sessions, and hosts of which nothing is heard any more, or whose logs tell of no logoff, do not count.

use super::open::{COMES_AND_GOES, Desk, Desks, REST, SIGNS, whose};
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Step, Tick};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::host::HostRole;
use crate::model::ids::VisitId;
use crate::model::logon_type::LogonType;
use crate::model::visit::{State, Visit};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

const ABOUT: Detection = Detection {
    id: "session-open-too-long",
    title: "Desktop open for days",
    severity: Severity::Low,
    attack: &["T1078", "T1563.002"],
    needs: "4624 and 4634 or 4647; 4779 or LocalSessionManager 24 for disconnected ones",
    requires: &[&[Needed::Records(EventKind::Logon), Needed::Records(EventKind::Logoff)]],
    check: "Log the session off: its credentials stay in memory, and who is SYSTEM on the host can take it over.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Never told before.
    pub least_hours: i64,
    /// Told from here on where too few desktops of such hosts were seen to close.
    pub flat_days: i64,
    pub closed: u32,
    /// An administrator's disconnected desktop on a server.
    pub disconnected_hours: i64,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { least_hours: 72, flat_days: 7, closed: 20, disconnected_hours: 24, quiet_days: 7 }
    }
}

const LOCAL_SESSIONS: &str = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational";
/// Between two looks.
const EVERY: Span = Span::hours(1);
/// A host of which nothing was heard for this long may be off.
const HEARD: Span = Span::hours(24);
/// Lengths of closed desktops are counted in hours up to this; longer ones count as this.
const HOURS: usize = 24 * 60;
/// Share of desktops that last no longer than what is usual.
const USUAL: f64 = 0.99;

/// How long desktops of one sort of host last.
struct Lengths {
    by_hours: Vec<u32>,
    closed: u32,
}

impl Lengths {
    fn add(&mut self, length: Span) {
        let hours = usize::try_from(length.as_seconds() / 3_600).unwrap_or(0).min(HOURS - 1);
        if self.by_hours.len() <= hours {
            self.by_hours.resize(hours + 1, 0);
        }
        if let Some(count) = self.by_hours.get_mut(hours) {
            *count = count.saturating_add(1);
            self.closed = self.closed.saturating_add(1);
        }
    }
    /// What `USUAL` of them do not exceed.
    fn usual(&self) -> Span {
        let mut left = f64::from(self.closed) * (1.0 - USUAL);
        for (hours, count) in self.by_hours.iter().enumerate().rev() {
            left -= f64::from(*count);
            if left < 0.0 {
                return Span::hours(i64::try_from(hours).unwrap_or(0) + 1);
            }
        }
        Span::ZERO
    }
}

pub struct Rule {
    settings: Settings,
    desks: Desks,
    lengths: [Lengths; HostRole::ALL.len()],
    told: usize,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = COMES_AND_GOES;
    const LOGONS: &'static [LogonType] = LogonType::INTERACTIVE;
    fn new(settings: Settings) -> Self {
        let lengths = std::array::from_fn(|_| Lengths { by_hours: Vec::new(), closed: 0 });
        Self { settings, desks: Desks::told_once(), lengths, told: 0 }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, _out: &mut Findings) {
        if SIGNS.contains(&step.event().kind) {
            self.desks.see(step);
        } else {
            self.desks.wake(step.row.visit, step.at() + Span::hours(self.settings.disconnected_hours));
        }
    }
    fn tick(&mut self, tick: &Tick<'_>, out: &mut Findings) {
        if !self.desks.is_due(tick.now, EVERY) {
            return;
        }
        let role = |visit: &Visit| tick.world.tables.host(visit.host).map_or(HostRole::Unknown, |host| host.kind);
        let lengths = &mut self.lengths;
        let open = self.desks.open(tick, |visit| {
            if let (Some(lengths), Some(end)) = (lengths.get_mut(role(visit) as usize), visit.end) {
                lengths.add(end - visit.start);
            }
        });
        let mut long: Vec<(VisitId, Cow<'_, Visit>, Desk, Span)> = Vec::new();
        let limits: [Span; HostRole::ALL.len()] = std::array::from_fn(|role| self.limit(role));
        for (id, visit, desk) in open {
            let age = tick.now - visit.start;
            // Cheap test first: most desktops are of today.
            let least = Span::hours(self.settings.disconnected_hours.min(self.settings.least_hours));
            if age < least {
                self.desks.rest(id, (visit.start + least).min(tick.now + REST));
                continue;
            }
            let Some(usual) = limits.get(role(&visit) as usize).copied() else { continue };
            self.desks.rest(id, self.next_look(tick, &visit, usual));
            if !is_heard(tick, &visit) {
                continue;
            }
            self.disconnected(tick, id, &visit, desk, out);
            let times = if age >= usual * 2 { 2 } else { u8::from(age >= usual) };
            // The lower half of the count is for ages, the upper one for disconnected ones.
            if times > desk.told % TOLD_LEFT && tells_of_ends(tick, &visit) {
                self.desks.told(id, times + desk.told / TOLD_LEFT * TOLD_LEFT);
                long.push((id, visit, desk, usual));
            }
        }
        self.digest(tick, &long, out);
    }
    fn forget(&mut self, _now: Timestamp) {
        self.desks.forget();
    }
}

/// Added to what was told of a desktop once it was told as disconnected.
const TOLD_LEFT: u8 = 16;

fn is_heard(tick: &Tick<'_>, visit: &Visit) -> bool {
    let last = tick.world.tables.host(visit.host).and_then(|host| host.last);
    last.is_some_and(|last| tick.now - last < HEARD)
}

fn is_of_an_administrator_on_a_server(tick: &Tick<'_>, visit: &Visit) -> bool {
    visit.privileged && tick.world.tables.host(visit.host).is_some_and(|host| tick.usual.is_server(visit.host, host))
}

/// The logs of the host tell of logoffs at all.
fn tells_of_ends(tick: &Tick<'_>, visit: &Visit) -> bool {
    let seen = tick.world.tables.host(visit.host).and_then(|host| host.seen.as_ref());
    seen.is_some_and(|seen| seen.of("Security", 4634).or(seen.of("Security", 4647)).or(seen.of(LOCAL_SESSIONS, 23)).is_some())
}

/// Since when it is disconnected.
fn left_at(visit: &Visit) -> Option<Timestamp> {
    match visit.states().last()? {
        (since, State::Disconnected) => Some(*since),
        _ => None,
    }
}

impl Rule {
    /// When there may be something new to see at a desktop that is older than what is never told.
    fn next_look(&self, tick: &Tick<'_>, visit: &Visit, usual: Span) -> Timestamp {
        let age = tick.now - visit.start;
        let is_new = |at: &Timestamp| *at > tick.now;
        let ages = [usual, usual * 2].map(|limit| visit.start + limit);
        let told_at = ages.into_iter().find(is_new).into_iter();
        let left = left_at(visit).map(|since| since + Span::hours(self.settings.disconnected_hours));
        let rest = tick.now + REST.max(Span::seconds(age.as_seconds() / 2));
        told_at.chain(left.filter(is_new)).fold(rest, Timestamp::min)
    }
    /// From which age on a desktop of such a host is told.
    fn limit(&self, role: usize) -> Span {
        match self.lengths.get(role) {
            Some(lengths) if lengths.closed >= self.settings.closed => lengths.usual().max(Span::hours(self.settings.least_hours)),
            _ => Span::days(self.settings.flat_days),
        }
    }
    fn digest(&mut self, tick: &Tick<'_>, long: &[(VisitId, Cow<'_, Visit>, Desk, Span)], out: &mut Findings) {
        let Some((_, oldest, _, usual)) = long.iter().max_by_key(|(_, visit, ..)| tick.now - visit.start) else { return };
        self.told += long.len();
        let say = tick.say();
        let left = if oldest.state() == State::Disconnected { ", disconnected" } else { "" };
        let why = format!(
            "{} open for long; newest of them {}: {}{left}, more than {}.",
            say::count(self.told, "desktop"),
            whose(&say, oldest),
            say::span(tick.now - oldest.start),
            say::span(*usual),
        );
        let score = Score::new(Severity::Info, "desktops open for days");
        let records = long.iter().map(|(_, _, desk, _)| desk.sign).collect();
        let since = long.iter().map(|(_, visit, ..)| visit.start).min().unwrap_or(tick.now);
        let quiet = Span::days(self.settings.quiet_days);
        out.push(
            Finding::at_tick(Key(0, 0), quiet, score, why, since, records)
                .and_accounts(long.iter().map(|(_, visit, ..)| visit.account))
                .and_hosts(long.iter().map(|(_, visit, ..)| visit.host))
                .and_sessions(long.iter().map(|(_, visit, ..)| visit.first_session)),
        );
    }
    fn disconnected(&mut self, tick: &Tick<'_>, id: VisitId, visit: &Visit, desk: Desk, out: &mut Findings) {
        if desk.told >= TOLD_LEFT || !is_of_an_administrator_on_a_server(tick, visit) {
            return;
        }
        let Some(since) = left_at(visit) else { return };
        if tick.now - since < Span::hours(self.settings.disconnected_hours) {
            return;
        }
        self.desks.told(id, desk.told + TOLD_LEFT);
        let say = tick.say();
        let why = format!(
            "{}: an administrator's desktop, disconnected since {} ({}), open since {}.",
            whose(&say, visit),
            say.time(since),
            say::span(tick.now - since),
            say.time(visit.start),
        );
        let score = Score::new(ABOUT.severity, "an administrator's desktop, left on a server");
        let key = Key::of(visit.host.index(), 1);
        out.push(
            Finding::at_tick(key, Span::days(self.settings.quiet_days), score, why, since, vec![desk.sign])
                .and_accounts([visit.account])
                .and_hosts([visit.host])
                .and_sessions([visit.first_session]),
        );
    }
}
