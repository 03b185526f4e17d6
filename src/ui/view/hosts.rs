//! All hosts: who writes logs, how much is logged on there.

use super::accounts::{caseless, failures};
use super::list::{Kind, List};
use super::rows::named;
use super::{Ctx, Selection, figures, risk, words};
use crate::model::host::{Host, HostRole};
use crate::model::ids::{EventId, HostId};
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
pub type Hosts = List<HostKind>;

#[derive(Clone, Copy, Debug)]
pub enum By {
    Worst,
    Name,
    Role,
    Sessions,
    Open,
    Successes,
    Failures,
    Booted,
    First,
    Last,
    Anomalies,
    Risk,
    LastAccount,
    LastSource,
    Boots,
    Clock,
    Events,
    Logons,
    Logoffs,
    Short,
    Names,
}

pub struct HostKind;

fn get<'a>(row: usize, ctx: &'a Ctx<'_>) -> Option<&'a Host> {
    ctx.snapshot.tables.host(HostId::new(row))
}

impl Kind for HostKind {
    type Column = By;
    const TITLE: &'static str = "Hosts";
    const NOUN: &'static str = "hosts";
    const FIELD: &'static str = "host";
    const SORT: (usize, bool) = (0, true);
    const NAME: usize = 2;
    const COLUMNS: &'static [Column<By>] = &[
        Column::new(By::Worst, "sev", 4).about("of the worst anomaly").sortable(),
        Column::new(By::Risk, "risk", 4).about("what its open anomalies weigh now").right().sortable().drop(8),
        Column::new(By::Name, "host", 20).grow(1).sortable().field("host"),
        Column::new(By::Role, "role", 5).about("DC, srv or ws").sortable().drop(5),
        Column::new(By::Sessions, "sessions", 9).right().sortable(),
        Column::new(By::Open, "open", 5).about("sessions open now").right().sortable().drop(3),
        Column::new(By::Successes, "ok", 7).about("logons that succeeded").right().sortable().drop(2),
        Column::new(By::Failures, "failed", 7).right().sortable(),
        Column::new(By::Anomalies, "anom", 6).about("anomalies; open/all once one is decided").right().sortable().drop(4),
        Column::new(By::Booted, "booted", 15).sortable().drop(7),
        Column::new(By::First, "first seen", 15).sortable().drop(6),
        Column::new(By::Last, "last seen", 15).sortable(),
        Column::new(By::LastAccount, "last account", 18).about("of its newest event").drop(9).field("account"),
        Column::new(By::LastSource, "last source", 15).about("of its newest event").drop(9).field("source").extra(),
        Column::new(By::Boots, "boots", 5).about("boots seen").right().sortable().drop(9).extra(),
        Column::new(By::Clock, "clock", 8).about("ahead of a domain controller").right().sortable().drop(9).extra(),
        Column::new(By::Logoffs, "logoffs", 9).about("type 3 ends that are logged").right().drop(9).extra(),
        Column::new(By::Events, "events", 9).about("records it wrote").right().sortable().drop(9).extra(),
        Column::new(By::Logons, "logons", 8).about("logon sessions").right().sortable().drop(9).extra(),
        Column::new(By::Short, "short", 12).about("name up to the first dot").sortable().drop(9).extra(),
        Column::new(By::Names, "also", 20).about("other names of it").drop(9).extra(),
    ];

    fn rows(tables: &Tables) -> usize {
        tables.hosts.len()
    }
    fn is_fixed(column: By) -> bool {
        matches!(column, By::Name | By::Short)
    }
    fn matches(projection: &Projection, row: usize, _: &Tables) -> bool {
        projection.of_host(row) > 0
    }
    fn cell(row: usize, column: By, ctx: &Ctx<'_>) -> Cell {
        let Some(host) = get(row, ctx) else { return Cell::text("") };
        match column {
            By::Worst => words::severity(host.worst),
            By::Name => Cell::text(words::or_absent(ctx.snapshot.names.shown(host.name))),
            By::Role => Cell::dim(role(host)),
            By::Sessions => Cell::count(host.visits),
            By::Open => Cell { meaning: Meaning::Open, ..Cell::count(host.open_visits) },
            By::Successes => Cell::count(host.successes),
            By::Failures => failures(host.failures),
            By::Anomalies => figures::anomalies_cell(Entity::Host(HostId::new(row)), host.anomalies, ctx),
            By::Risk => figures::risk_cell(Entity::Host(HostId::new(row)), host.anomalies, ctx),
            By::LastAccount => {
                named(figures::last(host.last_event, ctx).map_or(words::ABSENT.into(), |row| words::account(row.account, ctx)))
            }
            By::LastSource => named(figures::last(host.last_event, ctx).map_or(words::ABSENT.into(), |row| words::source(row.source, ctx))),
            By::Boots => Cell::count(host.boot),
            By::Clock => host.clock.map_or_else(|| Cell::dim(words::ABSENT), |clock| Cell::text(clock.ahead.words())),
            By::Logoffs if host.network_sessions == 0 => Cell::dim(words::ABSENT),
            By::Logoffs => Cell::text(format!("{}%", u64::from(host.network_logoffs) * 100 / u64::from(host.network_sessions))),
            By::Events => Cell::count(host.events),
            By::Logons => Cell::count(host.sessions),
            By::Short => Cell::text(words::or_absent(host.short(&ctx.snapshot.names))),
            By::Names => Cell::dim(host.aliases().map(|name| ctx.snapshot.names.shown(name.name)).collect::<Vec<_>>().join(", ")),
            By::Booted => Cell::text(words::moment(host.booted_at, ctx)),
            By::First => Cell::text(words::moment(host.first, ctx)),
            By::Last => Cell::text(words::moment(host.last, ctx)),
        }
    }
    fn compare(a: usize, b: usize, column: By, ctx: &Ctx<'_>) -> Ordering {
        let (Some(a), Some(b)) = (get(a, ctx), get(b, ctx)) else { return Ordering::Equal };
        let names = &ctx.snapshot.names;
        match column {
            By::Worst => a.worst.cmp(&b.worst).then(a.anomalies.cmp(&b.anomalies)).then(a.visits.cmp(&b.visits)),
            By::Name => caseless(names.raw(a.name), names.raw(b.name)),
            By::Role => b.kind.cmp(&a.kind),
            By::Sessions => a.visits.cmp(&b.visits),
            By::Open => a.open_visits.cmp(&b.open_visits),
            By::Successes => a.successes.cmp(&b.successes),
            By::Failures => a.failures.cmp(&b.failures),
            By::Anomalies => a.anomalies.cmp(&b.anomalies),
            By::Booted => a.booted_at.cmp(&b.booted_at),
            By::First => a.first.cmp(&b.first),
            By::Last => a.last.cmp(&b.last),
            By::Boots => a.boot.cmp(&b.boot),
            By::Clock => a.clock.map(|clock| clock.ahead).cmp(&b.clock.map(|clock| clock.ahead)),
            By::Events => a.events.cmp(&b.events),
            By::Logons => a.sessions.cmp(&b.sessions),
            By::Short => caseless(&a.short(names), &b.short(names)),
            By::Risk | By::LastAccount | By::LastSource | By::Logoffs | By::Names => Ordering::Equal,
        }
    }
    fn weights(column: By, rows: &[usize], ctx: &Ctx<'_>) -> Option<BTreeMap<usize, u64>> {
        let by_risk = matches!(column, By::Risk);
        let of = |row| get(row, ctx).map(|host| (Entity::Host(HostId::new(row)), host.anomalies));
        matches!(column, By::Risk | By::Anomalies).then(|| figures::weights(rows, of, by_risk, ctx))
    }
    fn term(row: usize, column: By, ctx: &Ctx<'_>) -> Option<(&'static str, String)> {
        let host = get(row, ctx)?;
        let some = |field, value: String| (!value.is_empty() && value != words::ABSENT).then_some((field, value));
        match column {
            By::Worst => host.worst.and_then(|worst| some("severity", worst.word().to_owned())),
            By::LastAccount => some("account", words::account(figures::last(host.last_event, ctx)?.account, ctx)),
            By::LastSource => some("source", words::source(figures::last(host.last_event, ctx)?.source, ctx)),
            _ => None,
        }
    }
    fn select(row: usize, ctx: &Ctx<'_>) -> Selection {
        let Some(host) = get(row, ctx) else { return Selection::default() };
        Selection {
            host: Some(HostId::new(row)),
            event: host.last_event.some(),
            visit: host.last_visit.some(),
            session: host.last_session.some(),
            at: host.last,
            term: Some((Self::FIELD, ctx.snapshot.names.shown(host.name))),
            ..Selection::default()
        }
    }
    fn details(row: usize, ctx: &Ctx<'_>) -> Vec<Pair> {
        let Some(host) = get(row, ctx) else { return Vec::new() };
        let why = if host.kind_reason.is_empty() { "no record tells" } else { host.kind_reason };
        let boots = match host.booted_at {
            Some(at) => format!("{}, {} seen", ctx.date_time(at), words::plural(host.boot as usize, "boot")),
            None => "no boot seen: sessions open at a restart end by inference".to_owned(),
        };
        let mut pairs = vec![
            Pair::new("role", format!("{}: {why}", host.kind.word())),
            Pair::new("seen", ctx.seen(host.first, host.last)),
            Pair::new("booted", boots),
            figures::sessions(host.visits, host.sessions, Some(host.open_visits)),
            figures::tried(host.successes, host.failures, host.events),
        ];
        if host.network_sessions > 0 {
            let share = u64::from(host.network_logoffs) * 100 / u64::from(host.network_sessions);
            pairs.push(Pair::new("logoffs", format!("{share}% of the network logons end by a record")));
        }
        if let Some(clock) = host.clock {
            let against = words::host(clock.against, ctx);
            pairs.push(Pair::new("clock", format!("{} ahead of {against}, by {} pairs", clock.ahead.words(), clock.pairs)));
        }
        if host.names.is_some() {
            let names = host.aliases().map(|name| format!("{} ({})", ctx.snapshot.names.shown(name.name), name.by.word()));
            pairs.push(Pair::new("also", names.collect::<Vec<_>>().join(", ")));
        }
        figures::concerns(&mut pairs, Entity::Host(HostId::new(row)), host.anomalies, ctx);
        pairs
    }
    fn newest(row: usize, most: usize, tables: &Tables) -> Vec<EventId> {
        tables.events_of_host(HostId::new(row)).take(most).map(|(id, _)| id).collect()
    }
    fn place(row: usize) -> Place {
        Place::Host(HostId::new(row))
    }
    fn sentence(row: usize, ctx: &Ctx<'_>) -> String {
        let Some(host) = get(row, ctx) else { return String::new() };
        if let Some(risk) = risk::words(Entity::Host(HostId::new(row)), ctx) {
            return format!("{}  {}  risk {risk}", words::or_absent(ctx.snapshot.names.shown(host.name)), host.kind.word());
        }
        let boots = match host.booted_at {
            Some(at) => format!("booted {}", ctx.date_time(at)),
            None => "no boot seen".to_owned(),
        };
        format!(
            "{}  {} events, {} sessions open, {boots}",
            words::or_absent(ctx.snapshot.names.shown(host.name)),
            crate::base::text::count(u64::from(host.events)),
            host.open_visits
        )
    }
}

/// `DC`, `ws` or `srv` where a record or the settings tell.
#[must_use]
pub const fn role(host: &Host) -> &'static str {
    match host.kind {
        HostRole::DomainController => "DC",
        HostRole::Workstation => "ws",
        HostRole::Server => "srv",
        HostRole::Unknown => "-",
    }
}
