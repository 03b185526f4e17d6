//! Incidents: one row for each that stands for itself, the worst first.
//!
//! What was dismissed or suppressed is no part of the score; an incident of which nothing is open is at the end.

use crate::casefile::entry::State;
use crate::export::Scope;
use crate::export::cell::{Cell, Column, Report};
use crate::model::anomaly::{Anomaly, Severity};
use crate::model::ids::{AnomalyId, IncidentId};
use crate::model::incident::{Incident, Step};
use crate::model::risk::Level;
use rustc_hash::FxHashSet;
use std::cmp::Reverse;

const COLUMNS: &[Column] = &[
    Column::new("incident").number(1, "incident"),
    Column::new("severity").shown(3, "severity", 8),
    Column::new("score").number(5, "score").spare(4),
    Column::new("level").shown(6, "level", 8).spare(5),
    Column::new("first").shown(2, "first", 20),
    Column::new("last"),
    Column::new("title").shown(7, "what happened", 90).at_least(40),
    Column::new("accounts").shown(9, "accounts", 30).spare(3),
    Column::new("hosts").shown(10, "hosts", 24).spare(2),
    Column::new("sources").shown(11, "sources", 24).spare(1),
    Column::new("anomalies").number(8, "n"),
    Column::new("open"),
    Column::new("state").shown(4, "state", 12).spare(6),
    Column::new("wave"),
    Column::new("tactics"),
    Column::new("detections"),
];

/// The number of an incident as reports write it, from 1; nothing for none.
pub fn number(id: IncidentId) -> Cell {
    id.some().map_or(Cell::Null, |id| Cell::Number(id.index() as u64 + 1))
}

struct Line<'a> {
    id: IncidentId,
    incident: &'a Incident,
    open: usize,
    /// Of the first that is open; else of the first.
    state: State,
    score: u32,
    /// Of the worst that is open.
    severity: Severity,
}

pub fn report<'a>(scope: &'a Scope<'_>) -> Report<'a> {
    let tables = scope.tables;
    let passes = |anomaly: &Anomaly| scope.has_anomaly(anomaly);
    let line = |(id, incident): (IncidentId, &'a std::sync::Arc<Incident>)| {
        let members = || incident.anomalies().filter_map(|id| Some((id, tables.anomaly(id)?)));
        if (!scope.filter.is_all() || scope.more.window.is_some()) && !members().any(|(_, anomaly)| passes(anomaly)) {
            return None;
        }
        let states: Vec<(AnomalyId, State)> = members().map(|(id, anomaly)| (id, scope.verdict(anomaly).state)).collect();
        let open: FxHashSet<AnomalyId> = states.iter().filter(|(_, state)| state.is_open()).map(|(id, _)| *id).collect();
        let worst = members().filter(|(id, _)| open.contains(id)).map(|(_, anomaly)| tables.weight(anomaly)).max();
        Some(Line {
            id,
            incident,
            open: open.len(),
            state: states.iter().map(|(_, state)| *state).min_by_key(|state| !state.is_open()).unwrap_or_default(),
            score: tables.score_of(incident, |id| open.contains(&id)),
            severity: worst.unwrap_or(incident.severity()),
        })
    };
    let mut lines: Vec<Line<'_>> = tables.each_incident().filter_map(line).collect();
    lines.sort_by_key(|line| (line.open == 0, Reverse(line.severity), Reverse(line.score), line.id));
    Report { columns: COLUMNS, rows: Box::new(lines.into_iter().map(|line| row(scope, &line))), empty: "No incident." }
}

fn row(scope: &Scope<'_>, line: &Line<'_>) -> Vec<Cell> {
    let (names, tables, incident) = (scope.names, scope.tables, line.incident);
    let accounts = incident.accounts.iter().filter_map(|id| tables.account(*id)).map(|account| Cell::text(&account.key(names)));
    vec![
        number(line.id),
        Cell::Word(line.severity.word()),
        Cell::Number(line.score.into()),
        Cell::Word(Level::of(line.score).word()),
        Cell::Time(incident.first),
        Cell::Time(incident.last),
        Cell::Text(incident.title()),
        Cell::List(accounts.collect()),
        Cell::List(incident.hosts.iter().map(|id| Cell::host(names, tables, *id)).collect()),
        Cell::List(incident.sources.iter().map(|id| Cell::source(names, tables, *id)).collect()),
        Cell::Number(incident.count.into()),
        Cell::Number(line.open as u64),
        Cell::Word(line.state.word()),
        Cell::Flag(incident.is_wave),
        Cell::List(incident.tactics().into_iter().map(|tactic| Cell::Word(tactic.word())).collect()),
        Cell::List(incident.steps.iter().map(step).collect()),
    ]
}

fn step(step: &Step) -> Cell {
    Cell::Object(vec![
        ("detection", Cell::Word(step.detection.id)),
        ("severity", Cell::Word(step.severity.word())),
        ("first", Cell::Time(step.first)),
        ("count", Cell::Number(step.count.into())),
    ])
}
