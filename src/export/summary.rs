//! The summary: what a person reads first, and the same as one JSON object.
//!
//! Counts are of the rows that pass the filter. Lists are cut to `LISTED`, each with its total beside it; order is by
//! count, then by name, so that the same logs give the same page.

use crate::base::time::Timestamp;
use crate::export::cell::Cell;
use crate::export::{Format, Scope, document, summary_page};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Anomaly, Severity};
use crate::model::event::Outcome;
use crate::model::ids::{HostId, SourceId};
use crate::model::lane::Lane;
use crate::model::session::SessionEnd;
use crate::model::status::Status;
use crate::model::world::Totals;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

/// Rows of each list.
const LISTED: usize = 10;

/// Successes and failures of one host or source.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attempts {
    pub events: u64,
    pub successes: u64,
    pub failures: u64,
}

/// Sessions of one lane.
#[derive(Clone, Copy, Debug, Default)]
pub struct LaneCount {
    pub sessions: u64,
    pub open: u64,
    pub failures: u64,
}

#[derive(Debug, Default)]
pub struct Summary<'a> {
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub events: u64,
    pub successes: u64,
    pub failures: u64,
    pub interrupted: u64,
    pub hosts: Vec<(HostId, Attempts)>,
    pub sources: Vec<(SourceId, Attempts)>,
    /// By record, of which one attempt may have several.
    pub codes: Vec<(Status, u64)>,
    pub accounts: u64,
    pub privileged: u64,
    pub classes: BTreeMap<AccountClass, u64>,
    pub lanes: BTreeMap<Lane, LaneCount>,
    pub sessions: u64,
    pub ends: BTreeMap<SessionEnd, u64>,
    pub anomalies: u64,
    /// Those dismissed or suppressed, which are counted nowhere else.
    pub settled: u64,
    pub severities: BTreeMap<Severity, u64>,
    pub detections: BTreeMap<&'static str, u64>,
    /// Worst first.
    pub worst: Vec<&'a Anomaly>,
}

impl<'a> Summary<'a> {
    pub fn of(scope: &Scope<'a>) -> Self {
        let mut summary = match scope.tables.totals.as_deref() {
            Some(totals) if scope.filter.is_all() => Self::of_totals(scope, totals),
            _ => Self::of_rows(scope),
        };
        summary.add_entities(scope);
        summary
    }

    /// From what was counted while the events passed: rows need not be there.
    fn of_totals(scope: &Scope<'a>, totals: &Totals) -> Self {
        let (names, tables) = (scope.names, scope.tables);
        let attempts = |events: u32, successes: u32, failures: u32| Attempts {
            events: events.into(),
            successes: successes.into(),
            failures: failures.into(),
        };
        let hosts =
            tables.hosts.iter().enumerate().map(|(place, host)| (HostId::new(place), attempts(host.events, host.successes, host.failures)));
        let sources = tables
            .sources
            .iter()
            .enumerate()
            .map(|(place, source)| (SourceId::new(place), attempts(source.events, source.successes, source.failures)));
        let mut summary = Self {
            first: totals.first,
            last: totals.last,
            events: totals.events,
            successes: totals.successes,
            failures: totals.failures,
            interrupted: totals.interrupted,
            hosts: ranked(hosts, |id| Cell::host(names, tables, *id).flat(), by_events),
            sources: ranked(sources, |id| Cell::source(names, tables, *id).flat(), by_failures),
            codes: ranked(totals.codes.iter().map(|(status, count)| (*status, *count)), |status| status.code_text(), |count| *count),
            ..Self::default()
        };
        for (lane, failures) in Lane::ALL.into_iter().zip(totals.failures_by_lane).filter(|(_, failures)| *failures > 0) {
            summary.lanes.entry(lane).or_default().failures = failures;
        }
        summary
    }

    /// From the rows that pass the filter.
    fn of_rows(scope: &Scope<'a>) -> Self {
        let (names, tables) = (scope.names, scope.tables);
        let mut summary = Self::default();
        let mut hosts: HashMap<HostId, Attempts> = HashMap::new();
        let mut sources: HashMap<SourceId, Attempts> = HashMap::new();
        let mut codes: HashMap<Status, u64> = HashMap::new();
        for (_, row) in tables.each_event().filter(|(id, _)| scope.filter.matches_event(*id, names, tables)) {
            let event = &row.event;
            let counted = row.counted;
            let one = |attempts: &mut Attempts, is_here: bool| {
                let (successes, failures) = counted.attempts(is_here);
                attempts.events += 1;
                attempts.successes += u64::from(successes);
                attempts.failures += u64::from(failures);
            };
            let (successes, failures) = counted.attempts(counted.account);
            summary.first = Some(summary.first.map_or(event.at, |first| first.min(event.at)));
            summary.last = summary.last.max(Some(event.at));
            summary.events += 1;
            summary.successes += u64::from(successes);
            summary.failures += u64::from(failures);
            summary.interrupted += u64::from(event.outcome == Outcome::Interrupted);
            row.host.some().into_iter().for_each(|id| one(hosts.entry(id).or_default(), counted.host));
            row.source.some().into_iter().for_each(|id| one(sources.entry(id).or_default(), counted.source));
            if event.outcome == Outcome::Failure && event.status.is_some() {
                *codes.entry(event.status).or_default() += 1;
            }
            if let Some(lane) = event.lane().filter(|_| failures > 0) {
                summary.lanes.entry(lane).or_default().failures += u64::from(failures);
            }
        }
        summary.hosts = ranked(hosts, |id| Cell::host(names, tables, *id).flat(), by_events);
        summary.sources = ranked(sources, |id| Cell::source(names, tables, *id).flat(), by_failures);
        summary.codes = ranked(codes, |status| status.code_text(), |count| *count);
        summary
    }

    /// Sessions, accounts and anomalies that pass the filter.
    fn add_entities(&mut self, scope: &Scope<'a>) {
        let (names, tables, summary) = (scope.names, scope.tables, self);
        for (_, session) in tables.each_session().filter(|(id, _)| scope.filter.matches_session(*id, names, tables)) {
            let lane = summary.lanes.entry(session.lane).or_default();
            lane.sessions += 1;
            lane.open += u64::from(session.is_open());
            summary.sessions += 1;
            *summary.ends.entry(session.end_reason).or_default() += 1;
        }
        for (id, account) in tables.each_account() {
            if scope.filter.matches_account(id, names, tables) {
                summary.accounts += 1;
                summary.privileged += u64::from(account.privileged);
                *summary.classes.entry(account.class).or_default() += 1;
            }
        }
        for anomaly in tables.anomalies.iter().filter(|anomaly| scope.filter.matches_anomaly(anomaly, names, tables)) {
            if !scope.verdict(anomaly).state.is_open() {
                summary.settled += 1;
                continue;
            }
            summary.anomalies += 1;
            *summary.severities.entry(anomaly.severity).or_default() += 1;
            *summary.detections.entry(anomaly.detection.id).or_default() += 1;
            summary.worst.push(anomaly);
        }
        summary.worst.sort_by_key(|anomaly| (std::cmp::Reverse((anomaly.severity, anomaly.score)), anomaly.at, anomaly.detection.id));
    }

    fn cell(&self, scope: &Scope<'_>) -> Cell {
        let (names, tables) = (scope.names, scope.tables);
        let attempts = |name: &'static str, value: Cell, of: &Attempts| {
            Cell::Object(vec![
                (name, value),
                ("events", Cell::Number(of.events)),
                ("successes", Cell::Number(of.successes)),
                ("failures", Cell::Number(of.failures)),
            ])
        };
        let hosts = self.hosts.iter().take(LISTED).map(|(id, of)| attempts("host", Cell::host(names, tables, *id), of));
        let sources = self.sources.iter().take(LISTED).map(|(id, of)| attempts("source", Cell::source(names, tables, *id), of));
        let lanes = self.lanes.iter().map(|(lane, of)| {
            Cell::Object(vec![
                ("lane", Cell::Word(lane.word())),
                ("sessions", Cell::Number(of.sessions)),
                ("open", Cell::Number(of.open)),
                ("ended", Cell::Number(of.sessions - of.open)),
                ("failures", Cell::Number(of.failures)),
            ])
        });
        let codes = self.codes.iter().take(LISTED).map(|(status, count)| {
            let (code, meaning) = (Cell::text(&status.code_text()), Cell::text(status.text()));
            Cell::Object(vec![("code", code), ("meaning", meaning), ("count", Cell::Number(*count))])
        });
        let worst = self.worst.iter().take(LISTED).map(|anomaly| {
            Cell::Object(vec![
                ("kind", Cell::Word(anomaly.detection.id)),
                ("severity", Cell::Word(anomaly.severity.word())),
                ("score", Cell::Number(anomaly.score.into())),
                ("time", Cell::Time(anomaly.at)),
                ("count", Cell::Number(anomaly.count.into())),
                ("why", Cell::text(&anomaly.why)),
            ])
        });
        let words =
            |pairs: Vec<(&'static str, u64)>| Cell::Object(pairs.into_iter().map(|(word, count)| (word, Cell::Number(count))).collect());
        Cell::Object(vec![
            ("period", Cell::Object(vec![("first", Cell::time(self.first)), ("last", Cell::time(self.last))])),
            ("filter", Cell::text(scope.filter.text())),
            ("inputs", Cell::List(scope.inputs.iter().map(input).collect())),
            (
                "events",
                words(vec![
                    ("total", self.events),
                    ("successes", self.successes),
                    ("failures", self.failures),
                    ("interrupted", self.interrupted),
                ]),
            ),
            ("hosts", Cell::Object(vec![("total", Cell::Number(self.hosts.len() as u64)), ("top", Cell::List(hosts.collect()))])),
            ("sources", Cell::Object(vec![("total", Cell::Number(self.sources.len() as u64)), ("top", Cell::List(sources.collect()))])),
            (
                "accounts",
                Cell::Object(vec![
                    ("total", Cell::Number(self.accounts)),
                    ("privileged", Cell::Number(self.privileged)),
                    ("by_class", words(self.classes.iter().map(|(class, count)| (class.word(), *count)).collect())),
                ]),
            ),
            (
                "sessions",
                Cell::Object(vec![
                    ("total", Cell::Number(self.sessions)),
                    ("by_end", words(self.ends.iter().map(|(end, count)| (end.word(), *count)).collect())),
                    ("by_lane", Cell::List(lanes.collect())),
                ]),
            ),
            ("failures", Cell::List(codes.collect())),
            (
                "anomalies",
                Cell::Object(vec![
                    ("total", Cell::Number(self.anomalies)),
                    ("dismissed_or_suppressed", Cell::Number(self.settled)),
                    ("by_severity", words(self.severities.iter().rev().map(|(severity, count)| (severity.word(), *count)).collect())),
                    ("by_detection", words(self.detections.iter().map(|(id, count)| (*id, *count)).collect())),
                    ("top", Cell::List(worst.collect())),
                ]),
            ),
        ])
    }
}

const fn by_events(attempts: &Attempts) -> u64 {
    attempts.events
}

const fn by_failures(attempts: &Attempts) -> (u64, u64) {
    (attempts.failures, attempts.events)
}

fn ranked<K, V, R: Ord>(counts: impl IntoIterator<Item = (K, V)>, name: impl Fn(&K) -> String, rank: impl Fn(&V) -> R) -> Vec<(K, V)> {
    let mut list: Vec<(K, V)> = counts.into_iter().collect();
    list.sort_by_cached_key(|(key, value)| (std::cmp::Reverse(rank(value)), name(key)));
    list
}

fn input(input: &crate::model::input::InputStatus) -> Cell {
    Cell::Object(vec![
        ("path", Cell::text(&input.path.to_string_lossy())),
        ("state", Cell::Word(input.state.word())),
        ("records", Cell::Number(input.records)),
        ("events", Cell::Number(input.events)),
        ("unreadable", Cell::Number(input.unreadable)),
        ("unknown", Cell::Number(input.unknown)),
        ("first", Cell::time(input.first)),
        ("last", Cell::time(input.last)),
        ("problem", input.problem.as_deref().map_or(Cell::Null, Cell::text)),
    ])
}

pub fn write(scope: &Scope<'_>, format: Format, out: &mut dyn Write) -> io::Result<()> {
    let summary = Summary::of(scope);
    match format {
        Format::Table => summary_page::write(scope, &summary, out),
        _ => document::write(&serde_json::to_value(summary.cell(scope))?, format, scope, out),
    }
}
