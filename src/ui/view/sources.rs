//! All sources: the addresses and claimed names that logons came from.

use super::accounts::{caseless, failures};
use super::list::{Kind, List};
use super::{Ctx, Selection, words};
use crate::base::net;
use crate::model::ids::SourceId;
use crate::model::source::Source;
use crate::model::world::Tables;
use crate::store::projection::Projection;
use crate::ui::effect::Place;
use crate::ui::widget::table::{Cell, Column};
use std::cmp::Ordering;

/// The view.
pub type Sources = List<SourceKind>;

#[derive(Clone, Copy, Debug)]
pub enum By {
    Worst,
    Name,
    Class,
    Workstation,
    Sessions,
    Successes,
    Failures,
    First,
    Last,
    Anomalies,
}

pub struct SourceKind;

fn get<'a>(row: usize, ctx: &'a Ctx<'_>) -> Option<&'a Source> {
    ctx.snapshot.tables.source(SourceId::new(row))
}

/// `private`, `public`, the country where it is known, `name` where there is no address, and what the settings call the
/// network.
#[must_use]
pub fn class(source: &Source, ctx: &Ctx<'_>) -> String {
    let word = source.address.map_or("name", |address| net::class(address).word());
    let names = &ctx.snapshot.names;
    let parts = [names.shown(source.whereabouts().country), word.to_owned(), names.shown(source.network)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

impl Kind for SourceKind {
    type Column = By;
    const TITLE: &'static str = "Sources";
    const NOUN: &'static str = "sources";
    const FIELD: &'static str = "source";
    const SORT: (usize, bool) = (0, true);
    const COLUMNS: &'static [Column<By>] = &[
        Column::new(By::Worst, "sev", 4).sortable(),
        Column::new(By::Name, "source", 18).grow(2).sortable().field("source"),
        Column::new(By::Class, "what", 10).sortable().drop(4),
        Column::new(By::Workstation, "workstation", 12).grow(1).sortable().drop(5).field("workstation"),
        Column::new(By::Sessions, "sessions", 9).right().sortable(),
        Column::new(By::Successes, "ok", 8).right().sortable().drop(2),
        Column::new(By::Failures, "failed", 8).right().sortable(),
        Column::new(By::Anomalies, "anom", 6).right().sortable().drop(3),
        Column::new(By::First, "first seen", 15).sortable().drop(6),
        Column::new(By::Last, "last seen", 15).sortable(),
    ];

    fn rows(tables: &Tables) -> usize {
        tables.sources.len()
    }
    fn is_fixed(column: By) -> bool {
        matches!(column, By::Name)
    }
    fn matches(projection: &Projection, row: usize, _: &Tables) -> bool {
        projection.of_source(row) > 0
    }
    fn cell(row: usize, column: By, ctx: &Ctx<'_>) -> Cell {
        let Some(source) = get(row, ctx) else { return Cell::text("") };
        let names = &ctx.snapshot.names;
        match column {
            By::Worst => words::severity(source.worst),
            By::Name => Cell::text(words::or_absent(source.name(names))),
            By::Class => Cell::dim(class(source, ctx)),
            By::Workstation => Cell::text(words::or_absent(names.shown(source.workstation))),
            By::Sessions => Cell::count(source.visits),
            By::Successes => Cell::count(source.successes),
            By::Failures => failures(source.failures),
            By::Anomalies => Cell::count(source.anomalies),
            By::First => Cell::text(words::moment(source.first, ctx)),
            By::Last => Cell::text(words::moment(source.last, ctx)),
        }
    }
    fn compare(a: usize, b: usize, column: By, ctx: &Ctx<'_>) -> Ordering {
        let (Some(a), Some(b)) = (get(a, ctx), get(b, ctx)) else { return Ordering::Equal };
        let names = &ctx.snapshot.names;
        match column {
            By::Worst => a.worst.cmp(&b.worst).then(a.anomalies.cmp(&b.anomalies)).then(a.events.cmp(&b.events)),
            // Addresses by number, names behind them.
            By::Name => match (a.address, b.address) {
                (Some(a), Some(b)) => a.cmp(&b),
                (None, None) => caseless(names.raw(a.text), names.raw(b.text)),
                (a, b) => b.is_some().cmp(&a.is_some()),
            },
            By::Class => a.address.map(|address| net::class(address).word()).cmp(&b.address.map(|address| net::class(address).word())),
            By::Workstation => caseless(names.raw(a.workstation), names.raw(b.workstation)),
            By::Sessions => a.visits.cmp(&b.visits),
            By::Successes => a.successes.cmp(&b.successes),
            By::Failures => a.failures.cmp(&b.failures),
            By::Anomalies => a.anomalies.cmp(&b.anomalies),
            By::First => a.first.cmp(&b.first),
            By::Last => a.last.cmp(&b.last),
        }
    }
    fn select(row: usize, ctx: &Ctx<'_>) -> Selection {
        let Some(source) = get(row, ctx) else { return Selection::default() };
        Selection {
            source: Some(SourceId::new(row)),
            event: source.last_event.some(),
            visit: source.last_visit.some(),
            session: source.last_session.some(),
            at: source.last,
            term: Some((Self::FIELD, source.name(&ctx.snapshot.names))),
            ..Selection::default()
        }
    }
    fn place(row: usize) -> Place {
        Place::Source(SourceId::new(row))
    }
    fn sentence(row: usize, ctx: &Ctx<'_>) -> String {
        let Some(source) = get(row, ctx) else { return String::new() };
        let claimed = match ctx.snapshot.names.shown(source.workstation) {
            name if name.is_empty() => String::new(),
            name => format!(", calls itself {name}"),
        };
        format!(
            "{}  {}{claimed}: {} events, {} of them failures",
            words::or_absent(source.name(&ctx.snapshot.names)),
            class(source, ctx),
            crate::base::text::count(u64::from(source.events)),
            crate::base::text::count(u64::from(source.failures)),
        )
    }
}
