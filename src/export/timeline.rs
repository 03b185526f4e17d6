//! Sessions as the timeline shows them: one row for each desktop, run of network logons, sign-in or other session, with how
//! many logon sessions it is made of.

use crate::export::Scope;
use crate::export::cell::{Cell, Column, Report};
use crate::model::account::Account;
use crate::model::ids::VisitId;
use crate::model::visit::{State, Visit};
use crate::store::story;

const COLUMNS: &[Column] = &[
    Column::new("start").shown(1, "start", 20),
    Column::new("end").shown(2, "end", 20).spare(6),
    Column::new("end_reason").shown(3, "how", 15),
    Column::new("kind").shown(4, "kind", 7).spare(4),
    Column::new("account").shown(5, "account", 40),
    Column::new("sid"),
    Column::new("host").shown(6, "host", 32),
    Column::new("source").shown(7, "source", 39),
    Column::new("workstation").shown(8, "workstation", 20).spare(2),
    Column::new("lane").shown(9, "lane", 14).spare(5),
    Column::new("logon_type"),
    Column::new("logons").number(10, "logons"),
    Column::new("open_logons").number(11, "open").spare(3),
    Column::new("clients").number(12, "clients").spare(1),
    Column::new("locked").number(13, "locked").spare(1),
    Column::new("disconnected").number(14, "left").spare(1),
    Column::new("ts_session"),
    Column::new("privileged"),
    Column::new("start_quality"),
    Column::new("end_quality"),
    Column::new("source_quality"),
    Column::new("worst").shown(15, "worst", 8).spare(5),
    Column::new("story"),
];

pub fn report<'a>(scope: &'a Scope<'_>) -> Report<'a> {
    let rows = scope.numbers(scope.tables.visits.len()).filter_map(|number| {
        let id = VisitId::new(number);
        scope.tables.visit(id).filter(|visit| scope.has_visit(id, visit)).map(|visit| (id, visit))
    });
    Report { columns: COLUMNS, rows: Box::new(rows.map(|(id, visit)| row(scope, id, &visit))), empty: "No session." }
}

fn row(scope: &Scope<'_>, id: VisitId, visit: &Visit) -> Vec<Cell> {
    let (names, tables) = (scope.names, scope.tables);
    let account = tables.account(visit.account).map(Account::identity).unwrap_or_default();
    let number = |number: usize| Cell::Number(u64::try_from(number).unwrap_or(u64::MAX));
    let times = |wanted: State| visit.states().iter().filter(|(_, state)| *state == wanted).count();
    vec![
        Cell::Time(visit.start),
        Cell::time(visit.end),
        Cell::Word(visit.end_reason.word()),
        Cell::Word(visit.kind.word()),
        Cell::text(&account.key(names)),
        Cell::symbol(names, account.sid),
        Cell::host(names, tables, visit.host),
        Cell::source(names, tables, visit.source),
        Cell::symbol(names, visit.workstation),
        Cell::Word(visit.lane.word()),
        visit.logon_type.number().map_or(Cell::Null, |number| Cell::Number(number.into())),
        Cell::Number(visit.logons.into()),
        Cell::Number(visit.open_logons.into()),
        number(visit.clients().len()),
        number(times(State::Locked)),
        number(times(State::Disconnected)),
        visit.ts_session().map_or(Cell::Null, |number| Cell::Number(number.into())),
        Cell::Flag(visit.privileged),
        Cell::Word(visit.start_quality.word()),
        Cell::Word(visit.end_quality().word()),
        Cell::Word(visit.source_quality(tables.source(visit.source)).word()),
        visit.worst.map_or(Cell::Null, |worst| Cell::Word(worst.word())),
        story(scope, id),
    ]
}

/// What happened in it, as its page tells it.
fn story(scope: &Scope<'_>, id: VisitId) -> Cell {
    let (events, _) = story::events(id, scope.tables, story::READ);
    let lines = story::tell(id, &events, scope.names, scope.tables).into_iter().map(|line| {
        let record = scope.tables.event(line.event).map_or(0, |row| row.event.record);
        Cell::Object(vec![
            ("at", Cell::Time(line.at)),
            ("words", Cell::Text(line.words)),
            ("record", if record == 0 { Cell::Null } else { Cell::Number(record) }),
            ("inferred", Cell::Flag(line.is_inferred)),
        ])
    });
    Cell::List(lines.collect())
}
