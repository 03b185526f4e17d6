//! Accounts: one row each, with what was seen of it.

use crate::export::Scope;
use crate::export::cell::{Cell, Column, Report};
use crate::model::account::Account;
use crate::model::ids::AccountId;

const COLUMNS: &[Column] = &[
    Column::new("account").shown(1, "account", 48),
    Column::new("sid"),
    Column::new("class").shown(2, "class", 17).spare(6),
    Column::new("class_reason"),
    Column::new("privileged").shown(3, "privileged", 10).spare(4),
    Column::new("first").shown(4, "first", 20).spare(1),
    Column::new("last").shown(5, "last", 20),
    Column::new("events").number(6, "events").spare(5),
    Column::new("successes").number(7, "successes").spare(2),
    Column::new("failures").number(8, "failures"),
    Column::new("sessions").number(9, "sessions"),
    Column::new("open").number(10, "open").spare(3),
    Column::new("anomalies").number(11, "anomalies"),
    Column::new("worst").shown(12, "worst", 8),
    Column::new("object_id"),
    Column::new("also_known_as").shown(13, "also known as", 60).spare(1),
];

pub fn report<'a>(scope: &'a Scope<'_>) -> Report<'a> {
    let rows = scope
        .numbers(scope.tables.accounts.len())
        .map(AccountId::new)
        .filter(|id| scope.tables.account_id(*id) == *id && scope.filter.matches_account(*id, scope.names, scope.tables));
    let rows = rows.filter_map(|id| scope.tables.account(id).map(|account| row(scope, account)));
    Report { columns: COLUMNS, rows: Box::new(rows), empty: "No account." }
}

/// The other names with what proved them, and how many more there are.
fn also_known_as(scope: &Scope<'_>, account: &Account) -> Cell {
    let mut names: Vec<String> = account.aliases().map(|alias| alias.shown(scope.names)).collect();
    match account.joined.as_deref().map_or(0, |joined| joined.more) {
        0 => {}
        more => names.push(format!("{more} more")),
    }
    Cell::text(&names.join(", "))
}

fn row(scope: &Scope<'_>, account: &Account) -> Vec<Cell> {
    let count = |count: u32| Cell::Number(count.into());
    vec![
        Cell::text(&account.key(scope.names)),
        Cell::symbol(scope.names, account.sid),
        Cell::Word(account.class.word()),
        Cell::text(account.class_reason),
        Cell::Flag(account.privileged),
        Cell::time(account.first),
        Cell::time(account.last),
        count(account.events),
        count(account.successes),
        count(account.failures),
        count(account.sessions),
        count(account.open_sessions),
        count(account.anomalies),
        account.worst.map_or(Cell::Null, |worst| Cell::Word(worst.word())),
        Cell::symbol(scope.names, account.object_id),
        also_known_as(scope, account),
    ]
}
