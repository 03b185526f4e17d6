//! All accounts: what they are, how much they logged on, how often they failed.

use super::list::{Kind, List};
use super::page::account as page;
use super::rows::named;
use super::{Ctx, Selection, figures, risk, words};
use crate::base::text;
use crate::model::account::{Account, AccountClass};
use crate::model::ids::{AccountId, EventId};
use crate::model::involved::Entity;
use crate::model::world::Tables;
use crate::store::projection::Projection;
use crate::ui::effect::Place;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::table::{Cell, Column};
use std::cmp::Ordering;
use std::collections::BTreeMap;

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
    Risk,
    Privileged,
    Hosts,
    Sources,
    Days,
    Types,
    LastHost,
    LastSource,
    Events,
    Logons,
    User,
    Domain,
    Sid,
    Names,
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
    const HIDDEN_BY: &'static str = "hidden: t m, t s show machine and built-in accounts";
    const SORT: (usize, bool) = (0, true);
    const NAME: usize = 2;
    const COLUMNS: &'static [Column<By>] = &[
        Column::new(By::Worst, "sev", 4).about("of the worst anomaly").sortable(),
        Column::new(By::Risk, "risk", 4).about("what its open anomalies weigh now").right().sortable().drop(7),
        Column::new(By::Name, "account", 20).grow(1).sortable().field("account"),
        Column::new(By::Class, "class", 12).sortable().drop(5).field("class"),
        Column::new(By::Sessions, "sessions", 9).right().sortable(),
        Column::new(By::Open, "open", 5).about("sessions open now").right().sortable().drop(3),
        Column::new(By::Successes, "ok", 7).about("logons that succeeded").right().sortable().drop(2),
        Column::new(By::Failures, "failed", 7).right().sortable(),
        Column::new(By::Anomalies, "anom", 6).about("anomalies; open/all once one is decided").right().sortable().drop(4),
        Column::new(By::Hosts, "hosts", 5).about("hosts it logged on to").right().sortable().drop(8),
        Column::new(By::Sources, "sources", 7).about("where it came from").right().sortable().drop(8),
        Column::new(By::First, "first seen", 15).sortable().drop(6),
        Column::new(By::Last, "last seen", 15).sortable(),
        Column::new(By::LastSource, "last source", 15).about("of its newest event").drop(9).field("source"),
        Column::new(By::LastHost, "last host", 12).about("of its newest event").drop(9).field("host").extra(),
        Column::new(By::Types, "types", 20).about("logon types by share").drop(9).extra(),
        Column::new(By::Privileged, "privileged", 10).about("special privileges given (4672)").sortable().drop(9).extra(),
        Column::new(By::Days, "days", 4).about("days with a success").right().sortable().drop(9).extra(),
        Column::new(By::Events, "events", 9).about("records that name it").right().sortable().drop(9).extra(),
        Column::new(By::Logons, "logons", 8).about("logon sessions").right().sortable().drop(9).extra(),
        Column::new(By::User, "user", 16).about("name without the domain").sortable().drop(9).extra(),
        Column::new(By::Domain, "domain", 14).sortable().drop(9).field("domain").extra(),
        Column::new(By::Sid, "SID", 20).about("or object id").drop(9).field("sid").extra(),
        Column::new(By::Names, "also", 20).about("other names of it").drop(9).extra(),
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
        matches!(column, By::Name | By::User | By::Domain)
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
            By::Anomalies => figures::anomalies_cell(Entity::Account(AccountId::new(row)), account.anomalies, ctx),
            By::Risk => figures::risk_cell(Entity::Account(AccountId::new(row)), account.anomalies, ctx),
            By::Privileged => {
                if account.privileged {
                    Cell::new("yes", Meaning::Privileged)
                } else {
                    Cell::dim(words::ABSENT)
                }
            }
            By::Hosts => Cell::count(account.learned.hosts.into()),
            By::Sources => Cell::count(account.learned.sources.into()),
            By::Days => Cell::count(account.learned.days.into()),
            By::Types => Cell::dim(page::types(account)),
            By::LastHost => named(figures::last(account.last_event, ctx).map_or(words::ABSENT.into(), |row| words::host(row.host, ctx))),
            By::LastSource => {
                named(figures::last(account.last_event, ctx).map_or(words::ABSENT.into(), |row| words::source(row.source, ctx)))
            }
            By::Events => Cell::count(account.events),
            By::Logons => Cell::count(account.sessions),
            By::User => named(words::or_absent(ctx.snapshot.names.shown(account.user))),
            By::Domain => named(words::or_absent(ctx.snapshot.names.shown(account.domain))),
            By::Sid => named(words::or_absent(ctx.snapshot.names.shown(account.sid))),
            By::Names => {
                let names = account.aliases().map(|alias| text::clean(&alias.name.key(&ctx.snapshot.names)).into_owned());
                Cell::dim(names.collect::<Vec<_>>().join(", "))
            }
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
            By::Privileged => b.privileged.cmp(&a.privileged),
            By::Hosts => a.learned.hosts.cmp(&b.learned.hosts),
            By::Sources => a.learned.sources.cmp(&b.learned.sources),
            By::Days => a.learned.days.cmp(&b.learned.days),
            By::Events => a.events.cmp(&b.events),
            By::Logons => a.sessions.cmp(&b.sessions),
            By::User => caseless(names.raw(a.user), names.raw(b.user)),
            By::Domain => caseless(names.raw(a.domain), names.raw(b.domain)),
            By::Risk | By::Types | By::LastHost | By::LastSource | By::Sid | By::Names => Ordering::Equal,
        }
    }
    fn weights(column: By, rows: &[usize], ctx: &Ctx<'_>) -> Option<BTreeMap<usize, u64>> {
        let by_risk = matches!(column, By::Risk);
        let of = |row| get(row, ctx).map(|account| (Entity::Account(AccountId::new(row)), account.anomalies));
        matches!(column, By::Risk | By::Anomalies).then(|| figures::weights(rows, of, by_risk, ctx))
    }
    fn term(row: usize, column: By, ctx: &Ctx<'_>) -> Option<(&'static str, String)> {
        let (account, names) = (get(row, ctx)?, &ctx.snapshot.names);
        let some = |field, value: String| (!value.is_empty() && value != words::ABSENT).then_some((field, value));
        match column {
            By::Class => some("class", account.class.word().to_owned()),
            By::Worst => account.worst.and_then(|worst| some("severity", worst.word().to_owned())),
            By::Privileged => some("privileged", if account.privileged { "yes" } else { "no" }.to_owned()),
            By::LastHost => some("host", words::host(figures::last(account.last_event, ctx)?.host, ctx)),
            By::LastSource => some("source", words::source(figures::last(account.last_event, ctx)?.source, ctx)),
            By::Domain => some("domain", names.shown(account.domain)),
            By::Sid => some("sid", names.shown(account.sid)),
            _ => None,
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
    fn details(row: usize, ctx: &Ctx<'_>) -> Vec<Pair> {
        let Some(account) = get(row, ctx) else { return Vec::new() };
        let privileged = if account.privileged { ", privileged (4672)" } else { "" };
        let reason = words::or_absent(account.class_reason.to_owned());
        let mut pairs = vec![
            Pair::new("class", format!("{}{privileged}: {reason}", account.class.word())),
            Pair::new("seen", ctx.seen(account.first, account.last)),
            figures::sessions(account.visits, account.sessions, Some(account.open_visits)),
            figures::tried(account.successes, account.failures, account.events),
            Pair::new("types", page::types(account)),
            Pair::new("known", page::known(account)),
        ];
        if account.sid.is_some() {
            pairs.insert(1, Pair::new("SID", ctx.snapshot.names.shown(account.sid)));
        }
        if let Some(joined) = account.joined.as_deref().filter(|joined| !joined.aliases.is_empty()) {
            pairs.push(Pair::new("also", page::also_known_as(joined, ctx)));
        }
        figures::concerns(&mut pairs, Entity::Account(AccountId::new(row)), account.anomalies, ctx);
        pairs
    }
    fn newest(row: usize, most: usize, tables: &Tables) -> Vec<EventId> {
        tables.events_of_account(AccountId::new(row)).take(most).map(|(id, _)| id).collect()
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
            account.first.map_or_else(|| words::ABSENT.to_owned(), |at| ctx.date_time(at)),
            account.last.map_or_else(|| words::ABSENT.to_owned(), |at| ctx.date_time(at)),
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
