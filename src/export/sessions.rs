//! Sessions: one row for each logon session. The first twelve keys are a contract.

use crate::base::intern::Names;
use crate::export::Scope;
use crate::export::cell::{Cell, Column, Report};
use crate::model::account::Account;
use crate::model::event::AuthEvent;
use crate::model::session::Session;

const COLUMNS: &[Column] = &[
    Column::new("host").shown(6, "host", 32),
    Column::new("account").shown(5, "account", 40),
    Column::new("sid"),
    Column::new("logon_type").number(4, "type"),
    Column::new("logon_id").shown(9, "logon id", 18).spare(4),
    Column::new("start").shown(1, "start", 20),
    Column::new("end").shown(2, "end", 20).spare(6),
    Column::new("end_reason").shown(3, "how", 11),
    Column::new("source").shown(7, "source", 39),
    Column::new("workstation").shown(8, "workstation", 20).spare(2),
    Column::new("elevated").shown(10, "elevated", 8).spare(1),
    Column::new("linked_logon_id"),
    Column::new("lane"),
    Column::new("privileged").shown(11, "privileged", 10).spare(3),
    Column::new("start_quality"),
    Column::new("end_quality"),
    Column::new("source_quality"),
    Column::new("worst").shown(12, "worst", 8).spare(5),
    Column::new("credential").shown(13, "credential", 16).spare(1),
    Column::new("credential_quality"),
    Column::new("credential_evidence"),
    Column::new("authority"),
    // Entra: what the tokens come from, and whether a silent sign-in that opened the session has a parent.
    Column::new("token_root"),
    Column::new("token_parent"),
];

pub fn report<'a>(scope: &'a Scope<'_>) -> Report<'a> {
    let rows = scope.tables.each_session().filter(|(id, _)| scope.filter.matches_session(*id, scope.names, scope.tables));
    Report { columns: COLUMNS, rows: Box::new(rows.map(|(_, session)| row(scope, &session))), empty: "No session." }
}

/// The address, or what stood in its place; the workstation has a column of its own.
fn source(names: &Names, event: &AuthEvent) -> Cell {
    event.address.map_or_else(|| Cell::symbol(names, event.address_text), |address| Cell::Text(address.to_string()))
}

fn row(scope: &Scope<'_>, session: &Session) -> Vec<Cell> {
    let (names, tables) = (scope.names, scope.tables);
    // As the record that opened it says: one account has several spellings, and a session is quoted with its own.
    let first = tables.event(session.first_event);
    let opening = first.as_ref().map(|row| &row.event);
    let known = || tables.account(session.account).map(Account::identity);
    let account = opening.map(|event| event.account).or_else(known).unwrap_or_default();
    let root = tables.lineage(session.lineage()).and_then(|lineage| lineage.root);
    let parent = first.as_ref().and_then(|row| tables.token_parent(row));
    vec![
        Cell::host(names, tables, session.host),
        Cell::text(&account.key(names)),
        Cell::symbol(names, account.sid),
        session.logon_type.number().map_or(Cell::Null, |number| Cell::Number(number.into())),
        Cell::logon_id(session.logon_id),
        Cell::Time(session.start),
        Cell::time(session.end),
        Cell::Word(session.end_reason.word()),
        opening.map_or(Cell::Null, |event| source(names, event)),
        Cell::symbol(names, session.workstation),
        Cell::tri(session.elevated),
        Cell::logon_id(session.linked_logon_id),
        Cell::Word(session.lane.word()),
        Cell::Flag(session.privileged),
        Cell::Word(session.start_quality().word()),
        Cell::Word(session.end_reason.quality().word()),
        Cell::Word(session.source_quality(tables.source(session.source)).word()),
        session.worst.map_or(Cell::Null, |worst| Cell::Word(worst.word())),
        Cell::Word(session.credential.kind.word()),
        Cell::Word(session.credential.quality()),
        Cell::text(session.credential.by.text()),
        Cell::Word(session.authority.quality().word()),
        root.map_or(Cell::Null, |root| Cell::Word(root.kind.word())),
        parent.map_or(Cell::Null, |parent| Cell::Word(parent.word())),
    ]
}
