//! Hosts: one row each, with what was seen there and what could have been seen.

use crate::export::Scope;
use crate::export::cell::{Cell, Column, Report};
use crate::model::coverage::coverage_by_host;
use crate::model::host::{Clock, Host};
use crate::model::ids::HostId;
use crate::model::sightings::Sightings;
use crate::model::visible::{Fact, HostCoverage, Visibility};

const COLUMNS: &[Column] = &[
    Column::new("host").shown(1, "host", 40),
    Column::new("domain_controller").shown(2, "DC", 3).spare(5),
    Column::new("first").shown(3, "first", 20).spare(2),
    Column::new("last").shown(4, "last", 20),
    Column::new("boots"),
    Column::new("booted_at"),
    Column::new("events").number(5, "events").spare(6),
    Column::new("successes").number(6, "successes").spare(3),
    Column::new("failures").number(7, "failures"),
    Column::new("sessions").number(8, "sessions"),
    Column::new("open").number(9, "open").spare(4),
    Column::new("anomalies").number(10, "anomalies").spare(7),
    Column::new("worst").shown(11, "worst", 8),
    Column::new("network_logoffs_percent"),
    Column::new("not_audited").shown(12, "not audited", 48).at_least(20).spare(1),
    Column::new("visibility"),
    Column::new("logs"),
    Column::new("ids"),
    Column::new("incidents"),
    Column::new("kind"),
    Column::new("kind_reason"),
    Column::new("also_known_as"),
    Column::new("renamed_to"),
    Column::new("renamed_from"),
    Column::new("clock"),
];

pub fn report<'a>(scope: &'a Scope<'_>) -> Report<'a> {
    let mut logs = coverage_by_host(scope.inputs, scope.names);
    let hosts = scope.numbers(scope.tables.hosts.len()).map(HostId::new);
    let hosts = hosts.filter(|id| scope.filter.matches_host(*id, scope.names, scope.tables));
    let rows = hosts.filter_map(move |id| {
        let host = scope.tables.host(id)?;
        let logs = host.all_names().filter_map(|name| logs.remove(scope.names.raw(name))).flatten().collect();
        Some(row(scope, &HostCoverage::with(host, logs, scope.names, scope.zone)))
    });
    Report { columns: COLUMNS, rows: Box::new(rows), empty: "No host." }
}

fn row(scope: &Scope<'_>, coverage: &HostCoverage<'_>) -> Vec<Cell> {
    let count = |count: u32| Cell::Number(count.into());
    let host: &Host = coverage.host;
    vec![
        Cell::symbol(scope.names, host.name),
        Cell::Flag(host.domain_controller),
        Cell::time(host.first),
        Cell::time(host.last),
        count(host.boot),
        Cell::time(host.booted_at),
        count(host.events),
        count(host.successes),
        count(host.failures),
        count(host.sessions),
        count(host.open_sessions),
        count(host.anomalies),
        host.worst.map_or(Cell::Null, |worst| Cell::Word(worst.word())),
        coverage.network_logoffs().map_or(Cell::Null, count),
        not_audited(coverage),
        visibility(coverage),
        logs(coverage),
        ids(coverage.seen),
        Cell::List(coverage.incidents().into_iter().map(Cell::Text).collect()),
        Cell::Word(host.kind.word()),
        Cell::text(host.kind_reason),
        also_known_as(scope, host),
        Cell::host(scope.names, scope.tables, host.renamed_to),
        Cell::host(scope.names, scope.tables, host.renamed_from),
        host.clock.map_or(Cell::Null, |known| clock(scope, known)),
    ]
}

/// The other names with what proved them.
fn also_known_as(scope: &Scope<'_>, host: &Host) -> Cell {
    let names = host.aliases().map(|name| format!("{} ({})", scope.names.raw(name.name), name.by.word()));
    Cell::text(&names.collect::<Vec<_>>().join(", "))
}

/// How far it runs ahead of a domain controller, in seconds.
fn clock(scope: &Scope<'_>, clock: Clock) -> Cell {
    Cell::Object(vec![
        ("against", Cell::host(scope.names, scope.tables, clock.against)),
        ("ahead_seconds", Cell::Text(format!("{:.3}", clock.ahead.as_seconds_f64()))),
        ("pairs", Cell::Number(clock.pairs.into())),
    ])
}

fn not_audited(coverage: &HostCoverage<'_>) -> Cell {
    let is_hidden = |fact: &Fact| coverage.could_see(*fact, None).visibility == Visibility::NotAudited;
    Cell::List(Fact::ALL.into_iter().filter(is_hidden).map(|fact| Cell::Word(fact.word())).collect())
}

fn visibility(coverage: &HostCoverage<'_>) -> Cell {
    let facts = Fact::ALL.into_iter().map(|fact| {
        let answer = coverage.could_see(fact, None);
        Cell::Object(vec![
            ("fact", Cell::Word(fact.word())),
            ("visibility", Cell::Word(answer.visibility.word())),
            ("words", Cell::Text(answer.words)),
        ])
    });
    Cell::List(facts.collect())
}

fn logs(coverage: &HostCoverage<'_>) -> Cell {
    let logs = coverage.logs.iter().map(|log| {
        let (gaps, missing) = log.missing();
        let silences = coverage.sighted(log).map_or(0, |seen| seen.long_silences().len());
        Cell::Object(vec![
            ("channel", Cell::text(&log.channel)),
            ("records", Cell::Number(log.records)),
            ("first", Cell::time(log.first)),
            ("last", Cell::time(log.last)),
            ("hours", coverage.sighted(log).map_or(Cell::Null, |seen| Cell::Number(seen.all.hours.into()))),
            ("gaps", Cell::Number(gaps)),
            ("missing", Cell::Number(missing)),
            ("filtered", Cell::Flag(log.is_selection())),
            ("clears", Cell::Number(log.clears.len() as u64)),
            ("clock_steps_back", Cell::Number(log.steps_back)),
            ("long_silences", Cell::Number(silences as u64)),
        ])
    });
    Cell::List(logs.collect())
}

fn ids(seen: Option<&Sightings>) -> Cell {
    let Some(seen) = seen else { return Cell::List(Vec::new()) };
    let kinds = seen.kinds().into_iter().map(|(event, sighting)| {
        let share = seen.log(event.channel).and_then(|log| sighting.share_of(&log.all));
        Cell::Object(vec![
            ("channel", Cell::Word(event.channel)),
            ("id", event.id.map_or(Cell::Null, |id| Cell::Number(id.into()))),
            ("title", Cell::Word(event.title)),
            ("count", Cell::Number(sighting.count.into())),
            ("first", Cell::time(sighting.first)),
            ("last", Cell::time(sighting.last)),
            ("hours", Cell::Number(sighting.hours.into())),
            ("share_of_hours_percent", share.map_or(Cell::Null, |share| Cell::Number(share.into()))),
        ])
    });
    Cell::List(kinds.collect())
}
