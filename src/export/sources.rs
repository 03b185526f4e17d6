//! Sources: one row for each address, or claimed name where no address was written.

use crate::base::net;
use crate::export::Scope;
use crate::export::cell::{Cell, Column, Report};
use crate::model::ids::SourceId;
use crate::model::source::Source;

const COLUMNS: &[Column] = &[
    Column::new("source").shown(1, "source", 39),
    Column::new("class").shown(2, "class", 10).spare(4),
    Column::new("network").shown(3, "network", 20).spare(3),
    Column::new("country").shown(4, "country", 7).spare(5),
    Column::new("first").shown(5, "first", 20).spare(2),
    Column::new("last").shown(6, "last", 20),
    Column::new("events").number(7, "events").spare(6),
    Column::new("successes").number(8, "successes"),
    Column::new("failures").number(9, "failures"),
    Column::new("sessions").number(10, "sessions"),
    Column::new("anomalies").number(11, "anomalies").spare(7),
    Column::new("worst").shown(12, "worst", 8),
    Column::new("workstations").shown(13, "claimed names", 40).spare(1),
    Column::new("more_workstations"),
    Column::new("city"),
    Column::new("asn").number(14, "AS").spare(8),
    Column::new("organisation"),
    Column::new("coordinates"),
];

pub fn report<'a>(scope: &'a Scope<'_>) -> Report<'a> {
    let rows = scope.numbers(scope.tables.sources.len()).map(SourceId::new);
    let rows = rows.filter(|id| scope.filter.matches_source(*id, scope.names, scope.tables));
    let rows = rows.filter_map(|id| scope.tables.source(id).map(|source| row(scope, source)));
    Report { columns: COLUMNS, rows: Box::new(rows), empty: "No source." }
}

fn row(scope: &Scope<'_>, source: &Source) -> Vec<Cell> {
    let place = source.whereabouts();
    let count = |count: u32| Cell::Number(count.into());
    let claims = source.claims().into_iter().map(|claim| {
        Cell::Object(vec![
            ("name", Cell::symbol(scope.names, claim.name)),
            ("first", Cell::Time(claim.first)),
            ("last", Cell::Time(claim.last)),
        ])
    });
    vec![
        source.address.map_or_else(|| Cell::symbol(scope.names, source.text), |address| Cell::Text(address.to_string())),
        Cell::Word(source.address.map_or("name", |address| net::class(address).word())),
        Cell::symbol(scope.names, source.network),
        Cell::symbol(scope.names, place.country),
        Cell::time(source.first),
        Cell::time(source.last),
        count(source.events),
        count(source.successes),
        count(source.failures),
        count(source.sessions),
        count(source.anomalies),
        source.worst.map_or(Cell::Null, |worst| Cell::Word(worst.word())),
        Cell::List(claims.collect()),
        count(source.forgotten_claims()),
        Cell::symbol(scope.names, place.city),
        if place.asn == 0 { Cell::Null } else { count(place.asn) },
        Cell::symbol(scope.names, place.organisation),
        place.coordinates.map_or(Cell::Null, |(latitude, longitude)| Cell::Text(format!("{latitude:.4},{longitude:.4}"))),
    ]
}
