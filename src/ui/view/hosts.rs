//! All hosts: who writes logs, how much is logged on there.

use super::accounts::{caseless, failures};
use super::list::{Kind, List};
use super::{Ctx, Selection, risk, words};
use crate::model::host::{Host, HostRole};
use crate::model::ids::HostId;
use crate::model::involved::Entity;
use crate::model::world::Tables;
use crate::store::projection::Projection;
use crate::ui::effect::Place;
use crate::ui::theme::Meaning;
use crate::ui::widget::table::{Cell, Column};
use std::cmp::Ordering;

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
    const COLUMNS: &'static [Column<By>] = &[
        Column::new(By::Worst, "sev", 4).sortable(),
        Column::new(By::Name, "host", 22).grow(1).sortable().field("host"),
        Column::new(By::Role, "role", 6).sortable().drop(5),
        Column::new(By::Sessions, "sessions", 9).right().sortable(),
        Column::new(By::Open, "open", 6).right().sortable().drop(3),
        Column::new(By::Successes, "ok", 8).right().sortable().drop(2),
        Column::new(By::Failures, "failed", 8).right().sortable(),
        Column::new(By::Anomalies, "anom", 6).right().sortable().drop(4),
        Column::new(By::Booted, "booted", 15).sortable().drop(7),
        Column::new(By::First, "first seen", 15).sortable().drop(6),
        Column::new(By::Last, "last seen", 15).sortable(),
    ];

    fn rows(tables: &Tables) -> usize {
        tables.hosts.len()
    }
    fn is_fixed(column: By) -> bool {
        matches!(column, By::Name)
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
            By::Anomalies => Cell::count(host.anomalies),
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
    fn place(row: usize) -> Place {
        Place::Host(HostId::new(row))
    }
    fn sentence(row: usize, ctx: &Ctx<'_>) -> String {
        let Some(host) = get(row, ctx) else { return String::new() };
        if let Some(risk) = risk::words(Entity::Host(HostId::new(row)), ctx) {
            return format!("{}  {}  risk {risk}", words::or_absent(ctx.snapshot.names.shown(host.name)), host.kind.word());
        }
        let boots = match host.booted_at {
            Some(at) => format!("booted {}", ctx.zone.date_time(at)),
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
