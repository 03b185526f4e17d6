//! Events: one row for each authentication event, in the order in which they were applied.

use crate::base::intern::Names;
use crate::export::Scope;
use crate::export::cell::{Cell, Column, Report};
use crate::model::event::{Identity, Outcome};
use crate::model::ids::EventId;
use crate::model::world::Row;

const COLUMNS: &[Column] = &[
    Column::new("time").shown(1, "time", 20),
    Column::new("host").shown(5, "host", 32),
    Column::new("channel"),
    Column::new("event_id").number(2, "id").spare(5),
    Column::new("record"),
    Column::new("kind").shown(3, "what", 20),
    Column::new("outcome").shown(4, "outcome", 11).spare(4),
    Column::new("status").shown(10, "status", 10).spare(3),
    Column::new("status_text").shown(11, "meaning", 40).spare(2),
    Column::new("account").shown(6, "account", 40),
    Column::new("subject"),
    Column::new("source").shown(8, "source", 39),
    Column::new("workstation").shown(9, "workstation", 20).spare(1),
    Column::new("logon_type").number(7, "type").spare(6),
    Column::new("logon_id"),
    Column::new("line"),
];

pub fn report<'a>(scope: &'a Scope<'_>) -> Report<'a> {
    let rows = scope.numbers(scope.tables.events.len()).filter_map(|number| {
        let id = EventId::new(number);
        let event = scope.tables.event(id).filter(|row| scope.is_in_window(row.event.at, row.event.at))?;
        scope.filter.matches_event(id, scope.names, scope.tables).then_some(event)
    });
    Report { columns: COLUMNS, rows: Box::new(rows.map(|event| row(scope, &event))), empty: "No event." }
}

/// As `Account::key`.
fn key(names: &Names, identity: &Identity) -> Cell {
    let key = match (names.raw(identity.user), names.raw(identity.domain)) {
        ("", _) => names.raw(identity.sid).to_lowercase(),
        (user, domain) if domain.is_empty() || user.contains('@') => user.to_lowercase(),
        (user, domain) => format!("{domain}\\{user}").to_lowercase(),
    };
    Cell::text(&key)
}

fn row(scope: &Scope<'_>, row: &Row) -> Vec<Cell> {
    let (names, tables, event) = (scope.names, scope.tables, &row.event);
    let number = |number: u64| if number == 0 { Cell::Null } else { Cell::Number(number) };
    let account = tables.account(row.account).map_or_else(|| key(names, &event.account), |account| Cell::text(&account.key(names)));
    let source = match event.address {
        Some(address) => Cell::Text(address.to_string()),
        None => Cell::symbol(names, event.address_text),
    };
    vec![
        Cell::Time(event.at),
        Cell::symbol(names, event.host),
        Cell::symbol(names, event.channel),
        number(event.event_id.into()),
        number(event.record),
        Cell::Text(format!("{:?}", event.kind)),
        if event.outcome == Outcome::None { Cell::Null } else { Cell::Word(event.outcome.word()) },
        Cell::text(&event.status.code_text()),
        Cell::text(event.status.text()),
        account,
        key(names, &event.subject),
        source,
        Cell::symbol(names, event.workstation),
        event.logon_type.number().map_or(Cell::Null, |number| Cell::Number(number.into())),
        Cell::logon_id(event.logon_id),
        number(event.provenance.line.into()),
    ]
}
