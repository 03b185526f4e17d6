//! All sources: the addresses and claimed names that logons came from.

use super::accounts::{caseless, failures};
use super::list::{Kind, List};
use super::page::source as page;
use super::rows::named;
use super::{Ctx, Selection, figures, risk, words};
use crate::base::net;
use crate::model::ids::{EventId, SourceId};
use crate::model::involved::Entity;
use crate::model::source::Source;
use crate::model::world::Tables;
use crate::store::projection::Projection;
use crate::ui::effect::Place;
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::table::{Cell, Column};
use std::cmp::Ordering;
use std::collections::BTreeMap;

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
    Risk,
    LastAccount,
    LastHost,
    Country,
    Asn,
    Owner,
    Network,
    Claims,
    Events,
    Logons,
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
    const NAME: usize = 2;
    const COLUMNS: &'static [Column<By>] = &[
        Column::new(By::Worst, "sev", 4).about("of the worst anomaly").sortable(),
        Column::new(By::Risk, "risk", 4).about("what its open anomalies weigh now").right().sortable().drop(7),
        Column::new(By::Name, "source", 16).grow(2).sortable().field("source"),
        Column::new(By::Class, "what", 10).about("private, public, country, network").sortable().drop(4),
        Column::new(By::Workstation, "workstation", 12).about("name claimed last").grow(1).sortable().drop(5).field("workstation"),
        Column::new(By::Sessions, "sessions", 9).right().sortable(),
        Column::new(By::Successes, "ok", 7).about("logons that succeeded").right().sortable().drop(2),
        Column::new(By::Failures, "failed", 7).right().sortable(),
        Column::new(By::Anomalies, "anom", 6).about("anomalies; open/all once one is decided").right().sortable().drop(3),
        Column::new(By::First, "first seen", 15).sortable().drop(6),
        Column::new(By::Last, "last seen", 15).sortable(),
        Column::new(By::LastAccount, "last account", 18).about("of its newest event").drop(9).field("account"),
        Column::new(By::LastHost, "last host", 12).about("of its newest event").drop(9).field("host"),
        Column::new(By::Country, "country", 7).about("as logged, else by --geo").sortable().drop(9).field("country").extra(),
        Column::new(By::Asn, "asn", 8).about("number of its network").right().sortable().drop(9).field("asn").extra(),
        Column::new(By::Owner, "owner", 18).about("whose the network is").drop(9).extra(),
        Column::new(By::Network, "network", 12).about("as the settings call it").drop(9).extra(),
        Column::new(By::Claims, "names", 20).about("all names it claimed").drop(9).extra(),
        Column::new(By::Events, "events", 9).about("records that name it").right().sortable().drop(9).extra(),
        Column::new(By::Logons, "logons", 8).about("logon sessions").right().sortable().drop(9).extra(),
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
            By::Anomalies => figures::anomalies_cell(Entity::Source(SourceId::new(row)), source.anomalies, ctx),
            By::Risk => figures::risk_cell(Entity::Source(SourceId::new(row)), source.anomalies, ctx),
            By::LastAccount => {
                named(figures::last(source.last_event, ctx).map_or(words::ABSENT.into(), |row| words::account(row.account, ctx)))
            }
            By::LastHost => named(figures::last(source.last_event, ctx).map_or(words::ABSENT.into(), |row| words::host(row.host, ctx))),
            By::Country => named(words::or_absent(names.shown(source.whereabouts().country))),
            By::Asn => match source.whereabouts().asn {
                0 => Cell::dim(words::ABSENT),
                asn => Cell::text(asn.to_string()),
            },
            By::Owner => named(words::or_absent(names.shown(source.whereabouts().organisation))),
            By::Network => named(words::or_absent(names.shown(source.network))),
            By::Claims => Cell::dim(source.claims().iter().map(|claim| names.shown(claim.name)).collect::<Vec<_>>().join(", ")),
            By::Events => Cell::count(source.events),
            By::Logons => Cell::count(source.sessions),
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
            By::Country => names.raw(a.whereabouts().country).cmp(names.raw(b.whereabouts().country)),
            By::Asn => a.whereabouts().asn.cmp(&b.whereabouts().asn),
            By::Events => a.events.cmp(&b.events),
            By::Logons => a.sessions.cmp(&b.sessions),
            By::Risk | By::LastAccount | By::LastHost | By::Owner | By::Network | By::Claims => Ordering::Equal,
        }
    }
    fn weights(column: By, rows: &[usize], ctx: &Ctx<'_>) -> Option<BTreeMap<usize, u64>> {
        let by_risk = matches!(column, By::Risk);
        let of = |row| get(row, ctx).map(|source| (Entity::Source(SourceId::new(row)), source.anomalies));
        matches!(column, By::Risk | By::Anomalies).then(|| figures::weights(rows, of, by_risk, ctx))
    }
    fn term(row: usize, column: By, ctx: &Ctx<'_>) -> Option<(&'static str, String)> {
        let (source, names) = (get(row, ctx)?, &ctx.snapshot.names);
        let some = |field, value: String| (!value.is_empty() && value != words::ABSENT).then_some((field, value));
        match column {
            By::Worst => source.worst.and_then(|worst| some("severity", worst.word().to_owned())),
            By::Workstation => some("workstation", names.shown(source.workstation)),
            By::LastAccount => some("account", words::account(figures::last(source.last_event, ctx)?.account, ctx)),
            By::LastHost => some("host", words::host(figures::last(source.last_event, ctx)?.host, ctx)),
            By::Country => some("country", names.shown(source.whereabouts().country)),
            By::Asn => Some(source.whereabouts().asn).filter(|asn| *asn > 0).map(|asn| ("asn", asn.to_string())),
            _ => None,
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
    fn details(row: usize, ctx: &Ctx<'_>) -> Vec<Pair> {
        let Some(source) = get(row, ctx) else { return Vec::new() };
        let mut pairs = vec![
            Pair::new("what", class(source, ctx)),
            Pair::new("seen", ctx.seen(source.first, source.last)),
            page::names(source, ctx),
            figures::sessions(source.visits, source.sessions, None),
            figures::tried(source.successes, source.failures, source.events),
        ];
        pairs.extend(page::place(source, ctx));
        figures::concerns(&mut pairs, Entity::Source(SourceId::new(row)), source.anomalies, ctx);
        pairs
    }
    fn newest(row: usize, most: usize, tables: &Tables) -> Vec<EventId> {
        tables.events_of_source(SourceId::new(row)).take(most).map(|(id, _)| id).collect()
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
        if let Some(risk) = risk::words(Entity::Source(SourceId::new(row)), ctx) {
            return format!("{}  {}{claimed}  risk {risk}", words::or_absent(source.name(&ctx.snapshot.names)), class(source, ctx));
        }
        format!(
            "{}  {}{claimed}: {} events, {} of them failures",
            words::or_absent(source.name(&ctx.snapshot.names)),
            class(source, ctx),
            crate::base::text::count(u64::from(source.events)),
            crate::base::text::count(u64::from(source.failures)),
        )
    }
}
