//! Anomalies: one row for each finding. The first eleven keys are a contract.

use crate::export::Scope;
use crate::export::cell::{Cell, Column, Report};
use crate::export::incidents::number;
use crate::model::anomaly::Anomaly;
use crate::model::ids::AccountId;

const COLUMNS: &[Column] = &[
    Column::new("kind").shown(5, "detection", 40).at_least(40),
    Column::new("severity").shown(2, "severity", 8),
    Column::new("score").number(4, "score").spare(4),
    Column::new("time").shown(1, "time", 20),
    Column::new("end"),
    Column::new("accounts").shown(6, "accounts", 30).spare(3),
    Column::new("hosts").shown(7, "hosts", 24).spare(2),
    Column::new("sources").shown(8, "sources", 24).spare(1),
    Column::new("records"),
    Column::new("lines"),
    Column::new("why").shown(9, "why", 160).at_least(50),
    Column::new("title"),
    Column::new("attack"),
    Column::new("count"),
    Column::new("score_parts"),
    Column::new("raised_at"),
    Column::new("state").shown(3, "state", 12).spare(5),
    Column::new("decided_by"),
    Column::new("decided_at"),
    Column::new("reason"),
    Column::new("incident"),
];

pub fn report<'a>(scope: &'a Scope<'_>) -> Report<'a> {
    let rows = scope.numbers(scope.tables.anomalies.len()).filter_map(|number| scope.tables.anomalies.get(number));
    let rows = rows.filter(|anomaly| scope.has_anomaly(anomaly));
    Report { columns: COLUMNS, rows: Box::new(rows.map(|anomaly| row(scope, anomaly))), empty: "No anomaly." }
}

fn row(scope: &Scope<'_>, anomaly: &Anomaly) -> Vec<Cell> {
    let (names, tables) = (scope.names, scope.tables);
    let verdict = scope.verdict(anomaly);
    let entry = verdict.entry;
    let rows = || anomaly.records.iter().filter_map(|id| tables.event(*id));
    let named = rows().filter(|row| row.event.record != 0).map(|row| {
        let host = Cell::host(names, tables, row.host);
        Cell::List(vec![host, Cell::Number(row.event.record)])
    });
    let lines = rows().map(|row| row.event.provenance.line).filter(|line| *line != 0).map(|line| Cell::Number(line.into()));
    // Two of them may have turned out to be one.
    let mut ids: Vec<AccountId> = Vec::new();
    for id in anomaly.accounts.iter().map(|id| tables.account_id(*id)) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let accounts = ids.iter().filter_map(|id| tables.account(*id)).map(|account| Cell::text(&account.key(names)));
    let parts = anomaly
        .score_parts
        .iter()
        .map(|part| Cell::Object(vec![("points", Cell::Number(part.points.into())), ("reason", Cell::text(&part.reason))]));
    vec![
        Cell::Word(anomaly.detection.id),
        Cell::Word(anomaly.severity.word()),
        Cell::Number(anomaly.score.into()),
        Cell::Time(anomaly.at),
        Cell::Time(anomaly.end),
        Cell::List(accounts.collect()),
        Cell::List(anomaly.hosts.iter().map(|id| Cell::host(names, tables, *id)).collect()),
        Cell::List(anomaly.sources.iter().map(|id| Cell::source(names, tables, *id)).collect()),
        Cell::List(named.collect()),
        Cell::List(lines.collect()),
        Cell::text(&anomaly.why),
        Cell::Word(anomaly.detection.title),
        Cell::List(anomaly.detection.attack.iter().map(|technique| Cell::Word(technique)).collect()),
        Cell::Number(anomaly.count.into()),
        Cell::List(parts.collect()),
        Cell::Time(anomaly.raised_at),
        Cell::Word(verdict.state.word()),
        Cell::text(entry.map_or("", |entry| entry.by.as_str())),
        Cell::text(entry.map_or("", |entry| entry.at.as_str())),
        Cell::text(entry.map_or("", |entry| entry.act.reason())),
        number(tables.incident_id(anomaly.incident)),
    ]
}
