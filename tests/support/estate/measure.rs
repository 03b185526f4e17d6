//! An estate through sessions and detections, and what was found of its attacks.
//!
//! An attack is found by an anomaly that has one of its records among its evidence and was raised, or grew, no later than
//! 15 minutes of event time after the decisive event. False alerts are counted as an analyst meets them: an incident of
//! medium or above none of whose anomalies has such a record. Honest oddities (an administrator who clears a log) count as
//! false too. An anomaly that is part of a wave weighs low, for both.

use super::stream::{Estate, Label};
use super::{Moment, Scale};
use logonscope::base::time::{Span, Timestamp};
use logonscope::detect::Watch;
use logonscope::model::anomaly::{Anomaly, Severity};
use logonscope::model::ids::EventId;
use logonscope::model::world::World;
use logonscope::session::Sessions;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

/// After the decisive event.
const IN_TIME: Moment = 15 * super::MINUTE;
/// Rows that stay, for detections that read the event at hand and those just before.
const ROWS: usize = 4_096;

/// When an attack was found first, from its decisive event on; less than nothing where it was before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    pub any: Option<Moment>,
    pub medium: Option<Moment>,
    /// It was found, but only later than in time.
    pub late: bool,
}

#[derive(Clone, Debug)]
pub struct Told {
    pub kind: &'static str,
    pub shown: String,
    pub found: Found,
    /// Detections that had evidence of it, worst first.
    pub by: BTreeMap<&'static str, Severity>,
}

#[derive(Clone, Debug)]
pub struct False {
    pub detection: &'static str,
    pub severity: Severity,
    pub at: Timestamp,
    pub why: String,
}

#[derive(Debug, Default)]
pub struct Measured {
    pub attacks: Vec<Told>,
    /// Incidents of medium or above, by their worst member.
    pub false_alerts: Vec<False>,
    pub true_alerts: usize,
    /// Anomalies of medium or above without a record of an attack.
    pub false_anomalies: usize,
    /// Info and low, true or not.
    pub quiet: BTreeMap<&'static str, usize>,
    /// Incidents below medium of more than one detection: those with a record of an attack, and others.
    pub pairs: BTreeMap<Vec<&'static str>, [usize; 2]>,
    pub days: i64,
    pub accounts: usize,
    pub events: u64,
    pub sessions_time: Duration,
    pub detections_time: Duration,
    pub generating_time: Duration,
}

/// Time on a core that this thread had (Linux); a busy machine does not count.
fn cpu() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}

fn millis(at: Timestamp) -> Moment {
    at.as_ticks().div_euclid(10_000)
}

/// Events of one chunk are timed together: a clock read for each would cost more than the event.
const CHUNK: usize = 8_192;

struct Fold {
    world: World,
    sessions: Sessions,
    watch: Watch,
    labels: HashMap<EventId, u32>,
    /// First finding of each attack by severity: any, medium.
    first: HashMap<u32, [Option<Moment>; 2]>,
}

impl Fold {
    /// Time of the sessions alone, and of the detections.
    fn chunk(&mut self, events: &mut Vec<(logonscope::model::event::AuthEvent, Label)>) -> (Duration, Duration) {
        let (mut own, mut watched) = (Duration::ZERO, Duration::ZERO);
        let mut step = Instant::now();
        for (event, label) in events.drain(..) {
            let at = millis(event.at);
            let changes = self.sessions.apply(event, &mut self.world);
            let after = Instant::now();
            own += after - step;
            if let Some(label) = label {
                self.labels.insert(changes.event, label);
            }
            let ids = self.watch.observe(&mut self.world, &changes);
            let end = Instant::now();
            watched += end - after;
            step = end;
            for id in ids {
                let Some(anomaly) = self.world.tables.anomaly(id) else { continue };
                for label in anomaly.records.iter().filter_map(|record| self.labels.get(record)) {
                    let first = self.first.entry(*label).or_default();
                    first[0].get_or_insert(at);
                    if self.world.tables.weight(anomaly) >= Severity::Medium {
                        first[1].get_or_insert(at);
                    }
                }
            }
            self.world.tables.events.keep_newest(ROWS);
        }
        (own, watched)
    }
}

/// Plays an estate.
pub fn measure(scale: Scale) -> Measured {
    let (mut estate, names) = Estate::new(scale);
    let mut fold = Fold {
        world: World { names, ..World::default() },
        sessions: Sessions::default(),
        watch: Watch::default(),
        labels: HashMap::new(),
        first: HashMap::new(),
    };
    let mut measured = Measured { days: scale.days, accounts: scale.accounts, ..Measured::default() };
    let mut chunk = Vec::with_capacity(CHUNK);
    loop {
        let (start, before) = (Instant::now(), cpu());
        chunk.extend(estate.by_ref().take(CHUNK));
        measured.generating_time += before.and_then(|before| cpu()?.checked_sub(before)).unwrap_or_else(|| start.elapsed());
        if chunk.is_empty() {
            break;
        }
        measured.events += chunk.len() as u64;
        let before = cpu();
        let (own, watched) = fold.chunk(&mut chunk);
        let both = own + watched;
        // The clock on the wall says which of the two it was, that of the core how long.
        let had = before.and_then(|before| cpu()?.checked_sub(before)).unwrap_or(both);
        let share = own.as_secs_f64() / both.as_secs_f64().max(1e-9);
        measured.sessions_time += had.mul_f64(share);
        measured.detections_time += had.mul_f64(1.0 - share);
    }
    judge(&estate, &fold, &mut measured);
    measured
}

fn judge(estate: &Estate, fold: &Fold, measured: &mut Measured) {
    let mut by: HashMap<u32, BTreeMap<&'static str, Severity>> = HashMap::new();
    for anomaly in fold.world.tables.anomalies.iter() {
        let anomaly: &Anomaly = anomaly;
        let mut labels: Vec<u32> = anomaly.records.iter().filter_map(|record| fold.labels.get(record)).copied().collect();
        labels.dedup();
        for label in &labels {
            let worst = by.entry(*label).or_default().entry(anomaly.detection.id).or_insert(anomaly.severity);
            *worst = (*worst).max(anomaly.severity);
        }
        if anomaly.severity < Severity::Medium {
            *measured.quiet.entry(anomaly.detection.id).or_default() += 1;
        } else if labels.is_empty() {
            measured.false_anomalies += 1;
        }
    }
    let tables = &fold.world.tables;
    for (_, incident) in tables.each_incident().filter(|(_, incident)| incident.severity() >= Severity::Medium) {
        let members = || incident.anomalies().filter_map(|id| tables.anomaly(id));
        if members().any(|anomaly| anomaly.records.iter().any(|record| fold.labels.contains_key(record))) {
            measured.true_alerts += 1;
        } else if let Some(worst) = members().max_by_key(|anomaly| (anomaly.severity, std::cmp::Reverse(anomaly.raised_at))) {
            let Anomaly { detection, severity, raised_at, why, .. } = &**worst;
            measured.false_alerts.push(False { detection: detection.id, severity: *severity, at: *raised_at, why: why.clone() });
        }
    }
    for (_, incident) in tables.each_incident().filter(|(_, incident)| incident.severity() < Severity::Medium && !incident.is_wave) {
        let mut detections: Vec<&'static str> = incident.detections().iter().map(|detection| detection.id).collect();
        if detections.len() < 2 {
            continue;
        }
        detections.sort_unstable();
        let members = incident.anomalies().filter_map(|id| tables.anomaly(id));
        let is_true = members.flat_map(|anomaly| &anomaly.records).any(|record| fold.labels.contains_key(record));
        measured.pairs.entry(detections).or_default()[usize::from(!is_true)] += 1;
    }
    for (number, attack) in (0_u32..).zip(&estate.attacks) {
        // The stream may have ended before.
        if attack.decisive + IN_TIME >= estate.cast.calendar.end() {
            continue;
        }
        let first = fold.first.get(&number).copied().unwrap_or_default();
        let in_time = |at: Moment| (at - attack.decisive <= IN_TIME).then_some(at - attack.decisive);
        let found = Found {
            any: first[0].and_then(in_time),
            medium: first[1].and_then(in_time),
            late: first[1].is_some_and(|at| in_time(at).is_none()),
        };
        let by = by.remove(&number).unwrap_or_default();
        measured.attacks.push(Told { kind: attack.kind, shown: attack.shown(estate), found, by });
    }
}

impl Measured {
    pub fn recall(&self) -> f64 {
        let found = self.attacks.iter().filter(|attack| attack.found.medium.is_some()).count();
        found as f64 / self.attacks.len().max(1) as f64
    }
    pub fn false_a_day(&self) -> f64 {
        self.false_alerts.len() as f64 / self.days as f64
    }
    pub fn add(&mut self, other: Self) {
        self.attacks.extend(other.attacks);
        self.false_alerts.extend(other.false_alerts);
        self.true_alerts += other.true_alerts;
        self.false_anomalies += other.false_anomalies;
        for (pair, counts) in other.pairs {
            let all = self.pairs.entry(pair).or_default();
            (all[0], all[1]) = (all[0] + counts[0], all[1] + counts[1]);
        }
        for (detection, count) in other.quiet {
            *self.quiet.entry(detection).or_default() += count;
        }
        self.days += other.days;
        self.accounts = other.accounts;
        self.events += other.events;
        self.sessions_time += other.sessions_time;
        self.detections_time += other.detections_time;
        self.generating_time += other.generating_time;
    }
    /// Kinds of attacks: instances, found at all, found at medium or above.
    pub fn kinds(&self) -> BTreeMap<&'static str, [usize; 3]> {
        let mut kinds: BTreeMap<&'static str, [usize; 3]> = BTreeMap::new();
        for attack in &self.attacks {
            let counts = kinds.entry(attack.kind).or_default();
            counts[0] += 1;
            counts[1] += usize::from(attack.found.any.is_some());
            counts[2] += usize::from(attack.found.medium.is_some());
        }
        kinds
    }
    /// Times to find, from the decisive event; those before it are nothing.
    pub fn delays(&self) -> Vec<Span> {
        let mut delays: Vec<Moment> = self.attacks.iter().filter_map(|attack| attack.found.medium).map(|delay| delay.max(0)).collect();
        delays.sort_unstable();
        delays.into_iter().map(Span::millis).collect()
    }
    pub fn false_by_detection(&self) -> Vec<(&'static str, Vec<&False>)> {
        let mut by: BTreeMap<&'static str, Vec<&False>> = BTreeMap::new();
        for alert in &self.false_alerts {
            by.entry(alert.detection).or_default().push(alert);
        }
        let mut by: Vec<_> = by.into_iter().collect();
        by.sort_by_key(|(_, alerts)| std::cmp::Reverse(alerts.len()));
        by
    }
}

/// For people.
pub fn shown(measured: &Measured, examples: usize) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    writeln!(text, "{:<28} {:>5} {:>6} {:>8}  missed or late", "attack", "many", "found", "medium+").unwrap();
    for (kind, [many, any, medium]) in measured.kinds() {
        let missed = measured.attacks.iter().filter(|attack| attack.kind == kind && attack.found.medium.is_none());
        let late = missed.clone().filter(|attack| attack.found.late).count();
        let note = if late > 0 { format!("{late} late") } else { String::new() };
        writeln!(text, "{kind:<28} {many:>5} {any:>6} {medium:>8}  {note}").unwrap();
        for attack in missed.take(examples) {
            let by: Vec<_> = attack.by.iter().map(|(detection, severity)| format!("{detection} ({})", severity.word())).collect();
            writeln!(text, "      missed: {}; {}", attack.shown, if by.is_empty() { "nothing".to_owned() } else { by.join(", ") }).unwrap();
        }
    }
    writeln!(text).unwrap();
    for (detection, alerts) in measured.false_by_detection() {
        writeln!(text, "{:>5} false alerts of {detection}, {:.2} a day", alerts.len(), alerts.len() as f64 / measured.days as f64).unwrap();
        let pick = alerts.len().div_ceil(examples.max(1)).max(1);
        for alert in alerts.iter().step_by(pick).take(examples) {
            writeln!(text, "      {} {}: {}", super::clock::shown(millis(alert.at)), alert.severity.word(), alert.why).unwrap();
        }
    }
    let delays = measured.delays();
    let at = |share: f64| delays.get(((delays.len() as f64 - 1.0) * share).max(0.0) as usize).copied().unwrap_or_default().words();
    let found = measured.attacks.iter().filter(|attack| attack.found.medium.is_some()).count();
    let any = measured.attacks.iter().filter(|attack| attack.found.any.is_some()).count();
    let all = measured.attacks.len().max(1) as f64;
    let alerts = measured.true_alerts + measured.false_alerts.len();
    writeln!(
        text,
        "\nrecall at medium or above {:.1} % ({found} of {}), at any severity {:.1} %",
        found as f64 / all * 100.0,
        all,
        any as f64 / all * 100.0
    )
    .unwrap();
    writeln!(text, "time to find: median {}, 95 % within {}", at(0.5), at(0.95)).unwrap();
    writeln!(
        text,
        "precision {:.1} % of {alerts} incidents at medium or above; false alerts a day {:.2} over {} accounts",
        measured.true_alerts as f64 / alerts.max(1) as f64 * 100.0,
        measured.false_a_day(),
        measured.accounts
    )
    .unwrap();
    let quiet: usize = measured.quiet.values().sum();
    let days = measured.days as f64;
    writeln!(text, "anomalies without an attack: {:.2} a day at medium or above", measured.false_anomalies as f64 / days).unwrap();
    writeln!(text, "info and low: {:.1} a day", quiet as f64 / days).unwrap();
    let mut noisy: Vec<_> = measured.quiet.iter().collect();
    noisy.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let noisy: Vec<_> = noisy.iter().take(12).map(|(detection, count)| format!("{detection} {count}")).collect();
    writeln!(text, "  most of them: {}", noisy.join(", ")).unwrap();
    let mut pairs: Vec<_> = measured.pairs.iter().collect();
    pairs.sort_by_key(|(_, counts)| std::cmp::Reverse(counts[1]));
    writeln!(text, "incidents below medium of several detections (of an attack, others):").unwrap();
    for (pair, [attack, other]) in pairs.into_iter().take(20) {
        writeln!(text, "  {attack:>4} {other:>5}  {}", pair.join(", ")).unwrap();
    }
    let each = |time: Duration| time.as_nanos() as f64 / measured.events.max(1) as f64;
    let (own, watched) = (each(measured.sessions_time), each(measured.detections_time));
    writeln!(
        text,
        "{} events; each {own:.0} ns for sessions, {watched:.0} ns for detections ({:.0} % of both), {:.0} ns to make it",
        measured.events,
        watched / (own + watched).max(1.0) * 100.0,
        each(measured.generating_time)
    )
    .unwrap();
    writeln!(text, "events a second: {:.0} with detections, {:.0} without", 1e9 / (own + watched).max(1.0), 1e9 / own.max(1.0)).unwrap();
    text
}
