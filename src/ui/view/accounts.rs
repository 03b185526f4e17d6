//! All accounts: what they are, how much they logged on, how often they failed.

use super::list::{Kind, List};
use super::{Ctx, Selection, risk, words};
use crate::model::account::{Account, AccountClass};
use crate::model::ids::AccountId;
use crate::model::involved::Entity;
use crate::model::world::Tables;
use crate::store::projection::Projection;
use crate::ui::effect::Place;
use crate::ui::theme::Meaning;
use crate::ui::widget::table::{Cell, Column};
use std::cmp::Ordering;

/// The view.
pub type Accounts = List<AccountKind>;

#[derive(Clone, Copy, Debug)]
pub enum By {
    Worst,
    Name,
    Class,
    Sessions,
    Open,
    Successes,
    Failures,
    First,
    Last,
    Anomalies,
}

pub struct AccountKind;

fn get<'a>(row: usize, ctx: &'a Ctx<'_>) -> Option<&'a Account> {
    ctx.snapshot.tables.account(AccountId::new(row))
}

impl Kind for AccountKind {
    type Column = By;
    const TITLE: &'static str = "Accounts";
    const NOUN: &'static str = "accounts";
    const FIELD: &'static str = "account";
    const HIDDEN_BY: &'static str = "machine or built-in accounts hidden (t m, t s)";
    const SORT: (usize, bool) = (0, true);
    const COLUMNS: &'static [Column<By>] = &[
        Column::new(By::Worst, "sev", 4).sortable(),
        Column::new(By::Name, "account", 22).grow(1).sortable().field("account"),
        Column::new(By::Class, "class", 14).sortable().drop(5),
        Column::new(By::Sessions, "sessions", 9).right().sortable(),
        Column::new(By::Open, "open", 6).right().sortable().drop(3),
        Column::new(By::Successes, "ok", 8).right().sortable().drop(2),
        Column::new(By::Failures, "failed", 8).right().sortable(),
        Column::new(By::Anomalies, "anom", 6).right().sortable().drop(4),
        Column::new(By::First, "first seen", 15).sortable().drop(6),
        Column::new(By::Last, "last seen", 15).sortable(),
    ];

    fn rows(tables: &Tables) -> usize {
        tables.accounts.len()
    }
    fn stands(row: usize, tables: &Tables) -> bool {
        tables.accounts.get(row).is_some_and(|account| account.merged_into.is_none())
    }
    fn is_hidden(row: usize, ctx: &Ctx<'_>) -> bool {
        get(row, ctx).is_some_and(|account| match account.class {
            AccountClass::Computer => !ctx.options.machine_accounts,
            class => class.is_machinery() && !ctx.options.built_in_accounts,
        })
    }
    fn is_fixed(column: By) -> bool {
        matches!(column, By::Name)
    }
    fn matches(projection: &Projection, row: usize, tables: &Tables) -> bool {
        tables.rows_of_account(AccountId::new(row)).any(|row| projection.of_account(row.index()) > 0)
    }
    fn cell(row: usize, column: By, ctx: &Ctx<'_>) -> Cell {
        let Some(account) = get(row, ctx) else { return Cell::text("") };
        match column {
            By::Worst => words::severity(account.worst),
            By::Name if account.privileged => {
                let name = format!("{} {}", account.name(&ctx.snapshot.names), ctx.glyphs.privileged);
                Cell::new(name, Meaning::Privileged)
            }
            By::Name if account.class.is_machinery() => Cell::dim(account.name(&ctx.snapshot.names)),
            By::Name => Cell::text(account.name(&ctx.snapshot.names)),
            By::Class => Cell::dim(account.class.word()),
            By::Sessions => Cell::count(account.visits),
            By::Open => Cell { meaning: Meaning::Open, ..Cell::count(account.open_visits) },
            By::Successes => Cell::count(account.successes),
            By::Failures => failures(account.failures),
            By::Anomalies => Cell::count(account.anomalies),
            By::First => Cell::text(words::moment(account.first, ctx)),
            By::Last => Cell::text(words::moment(account.last, ctx)),
        }
    }
    fn compare(a: usize, b: usize, column: By, ctx: &Ctx<'_>) -> Ordering {
        let (Some(a), Some(b)) = (get(a, ctx), get(b, ctx)) else { return Ordering::Equal };
        let names = &ctx.snapshot.names;
        match column {
            By::Worst => a
                .worst
                .cmp(&b.worst)
                .then(a.anomalies.cmp(&b.anomalies))
                .then(b.class.is_machinery().cmp(&a.class.is_machinery()))
                .then(a.visits.cmp(&b.visits))
                .then(a.last.cmp(&b.last)),
            By::Name => caseless(names.raw(a.user), names.raw(b.user)).then_with(|| caseless(names.raw(a.domain), names.raw(b.domain))),
            By::Class => a.class.cmp(&b.class),
            By::Sessions => a.visits.cmp(&b.visits),
            By::Open => a.open_visits.cmp(&b.open_visits),
            By::Successes => a.successes.cmp(&b.successes),
            By::Failures => a.failures.cmp(&b.failures),
            By::Anomalies => a.anomalies.cmp(&b.anomalies),
            By::First => a.first.cmp(&b.first),
            By::Last => a.last.cmp(&b.last),
        }
    }
    fn select(row: usize, ctx: &Ctx<'_>) -> Selection {
        let Some(account) = get(row, ctx) else { return Selection::default() };
        Selection {
            account: Some(AccountId::new(row)),
            event: account.last_event.some(),
            visit: account.last_visit.some(),
            session: account.last_session.some(),
            at: account.last,
            term: Some((Self::FIELD, account.name(&ctx.snapshot.names))),
            ..Selection::default()
        }
    }
    fn place(row: usize) -> Place {
        Place::Account(AccountId::new(row))
    }
    fn sentence(row: usize, ctx: &Ctx<'_>) -> String {
        let Some(account) = get(row, ctx) else { return String::new() };
        if let Some(risk) = risk::words(Entity::Account(AccountId::new(row)), ctx) {
            return format!("{}  {}  risk {risk}", account.name(&ctx.snapshot.names), account.class.word());
        }
        let privileged = if account.privileged { ", privileged" } else { "" };
        format!(
            "{}  {}{privileged}: {}  first seen {}, last {}",
            account.name(&ctx.snapshot.names),
            account.class.word(),
            account.class_reason,
            account.first.map_or_else(|| words::ABSENT.to_owned(), |at| ctx.zone.date_time(at)),
            account.last.map_or_else(|| words::ABSENT.to_owned(), |at| ctx.zone.date_time(at)),
        )
    }
}

/// A count of failures, marked where there are some.
#[must_use]
pub fn failures(count: u32) -> Cell {
    let cell = Cell::count(count);
    if count > 0 { Cell { meaning: Meaning::Failure, ..cell } } else { cell }
}

/// Order of names without regard to case.
#[must_use]
pub fn caseless(a: &str, b: &str) -> Ordering {
    let fold = |text: &str| -> Vec<char> { text.chars().flat_map(char::to_lowercase).collect() };
    if a.is_ascii() && b.is_ascii() {
        return a.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()));
    }
    fold(a).cmp(&fold(b))
}
