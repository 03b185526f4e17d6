//! Inputs: what was read of each, what was not, and what is missing from the logs in them.
//!
//! One row for each fact, told apart by `kind`: the sum of all, an input, a log of an input, a log in all inputs
//! together, and under them gaps, log clears, clock steps, silences and places that could not be read. A page says the same for
//! people. No filter applies: losses are facts about the evidence, not about what is looked for.

use crate::base::intern::Names;
use crate::base::text::{clean, count, pad};
use crate::export::cell::{Cell, Column, Report};
use crate::export::page::Page;
use crate::export::{Format, Scope, losses, write_report};
use crate::model::coverage::{Coverage, coverage};
use crate::model::host::Host;
use crate::model::input::{Format as Layout, InputState, InputStatus, Tally};
use crate::model::log::LogStatus;
use crate::model::sightings::LogSighting;
use rustc_hash::FxHashMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

/// Gaps, clears, steps and places of one input or log on a page; the other formats have all that are kept.
const LISTED: usize = 12;

/// Keys in the order of `Row`.
const COLUMNS: &[Column] = &[
    Column::new("kind"),
    Column::new("input"),
    Column::new("state"),
    Column::new("format"),
    Column::new("computer"),
    Column::new("channel"),
    Column::new("records"),
    Column::new("events"),
    Column::new("other"),
    Column::new("bad"),
    Column::new("unknown"),
    Column::new("late"),
    Column::new("dropped"),
    Column::new("duplicates"),
    Column::new("checksum_mismatches"),
    Column::new("recovered_in_slack"),
    Column::new("out_of_order"),
    Column::new("first"),
    Column::new("last"),
    Column::new("first_record"),
    Column::new("last_record"),
    Column::new("missing"),
    Column::new("gaps"),
    Column::new("filtered"),
    Column::new("restarts"),
    Column::new("clears"),
    Column::new("clock_steps_back"),
    Column::new("offset"),
    Column::new("line"),
    Column::new("record"),
    Column::new("who"),
    Column::new("reason"),
];

/// A row under construction: cells by key.
struct Row(Vec<Cell>);

impl Row {
    fn new(kind: &'static str) -> Self {
        Self(vec![Cell::Null; COLUMNS.len()]).set("kind", Cell::Word(kind))
    }
    fn set(mut self, key: &str, cell: Cell) -> Self {
        if let Some(place) = COLUMNS.iter().position(|column| column.key == key).and_then(|place| self.0.get_mut(place)) {
            *place = cell;
        }
        self
    }
    fn number(self, key: &str, number: u64) -> Self {
        self.set(key, Cell::Number(number))
    }
    fn input(self, input: &InputStatus) -> Self {
        self.set("input", Cell::text(&input.path.to_string_lossy()))
    }
    fn log(self, computer: &str, channel: &str) -> Self {
        self.set("computer", Cell::text(computer)).set("channel", Cell::text(channel))
    }
    fn tally(self, tally: &Tally) -> Self {
        self.number("records", tally.records)
            .number("events", tally.events)
            .number("other", tally.other)
            .number("bad", tally.unreadable)
            .number("unknown", tally.unknown)
            .number("late", tally.late)
            .number("dropped", tally.dropped)
            .number("duplicates", tally.duplicates)
            .number("checksum_mismatches", tally.checksum_mismatches)
            .number("recovered_in_slack", tally.recovered_in_slack)
            .number("out_of_order", tally.out_of_order())
            .number("clears", tally.clears)
            .set("first", Cell::time(tally.first))
            .set("last", Cell::time(tally.last))
    }
}

fn format(input: &InputStatus) -> Cell {
    match (input.format, input.shapes.first()) {
        (Layout::Evtx, _) => Cell::Word("evtx"),
        (_, None) => Cell::Null,
        (_, Some(_)) => Cell::List(input.shapes.iter().map(|(shape, _)| Cell::Word(shape)).collect()),
    }
}

/// The sums of all inputs.
fn total(inputs: &[InputStatus]) -> Tally {
    let mut sum = Tally::default();
    inputs.iter().for_each(|input| sum.add_counts(input));
    sum.logs = Arc::new(inputs.iter().flat_map(|input| input.logs.iter().cloned()).collect());
    sum
}

fn input_rows(input: &InputStatus, names: &Names, rows: &mut Vec<Row>) {
    let problem = input.problem.as_deref().map_or(Cell::Null, Cell::text);
    rows.push(
        Row::new("input")
            .input(input)
            .set("state", Cell::Word(input.state.word()))
            .set("format", format(input))
            .tally(input)
            .set("reason", problem),
    );
    for note in losses::notes(input) {
        rows.push(Row::new("note").input(input).set("reason", Cell::Text(note)));
    }
    for log in input.logs.iter() {
        rows.push(log_of_input(input, log, names));
    }
    for place in input.places.all() {
        let number = |number: u64| if number > 0 { Cell::Number(number) } else { Cell::Null };
        let offset = if place.at.line > 0 && place.at.offset == 0 { Cell::Null } else { Cell::Number(place.at.offset) };
        rows.push(
            Row::new(place.kind.word())
                .input(input)
                .set("offset", offset)
                .set("line", number(place.at.line.into()))
                .set("record", number(place.at.record))
                .set("reason", Cell::text(&place.at.reason)),
        );
    }
}

fn log_of_input(input: &InputStatus, log: &LogStatus, names: &Names) -> Row {
    let numbers = log.runs.numbers();
    let number = |number: u64| if numbers.present > 0 { Cell::Number(number) } else { Cell::Null };
    // What is only known of the input is known of its log when it has only one.
    let alone = |row: Row| {
        if input.logs.len() > 1 {
            return row;
        }
        row.number("bad", input.unreadable)
            .number("dropped", input.dropped)
            .number("checksum_mismatches", input.checksum_mismatches)
            .number("recovered_in_slack", input.recovered_in_slack)
    };
    alone(Row::new("log_of_input"))
        .input(input)
        .log(names.raw(log.computer), names.raw(log.channel))
        .number("records", log.records)
        .number("events", log.events)
        .number("late", log.late)
        .number("duplicates", log.duplicates)
        .number("out_of_order", log.out_of_order())
        .number("clock_steps_back", log.clock_steps().0)
        .set("first", Cell::time(log.first))
        .set("last", Cell::time(log.last))
        .set("first_record", number(numbers.first))
        .set("last_record", number(numbers.last))
}

/// Hosts by their names.
type Hosts<'a> = FxHashMap<&'a str, &'a Host>;

fn hosts<'a>(scope: &Scope<'a>) -> Hosts<'a> {
    scope.tables.hosts.iter().map(|host| (scope.names.raw(host.name), host)).collect()
}

/// What was seen of the log while its events were applied.
fn seen<'a>(log: &Coverage, hosts: &Hosts<'a>) -> Option<&'a LogSighting> {
    hosts.get(log.host().as_str())?.seen.as_deref()?.log(&log.channel)
}

fn log_rows(log: &Coverage, hosts: &Hosts<'_>, scope: &Scope<'_>, rows: &mut Vec<Row>) {
    let (gaps, missing) = log.missing();
    let number = |number: u64| if log.numbers.present > 0 { Cell::Number(number) } else { Cell::Null };
    rows.push(
        Row::new("log")
            .log(&log.computer, &log.channel)
            .number("records", log.records)
            .number("events", log.events)
            .number("late", log.late)
            .number("duplicates", log.duplicates)
            .number("out_of_order", log.out_of_order)
            .set("first", Cell::time(log.first))
            .set("last", Cell::time(log.last))
            .set("first_record", number(log.numbers.first))
            .set("last_record", number(log.numbers.last))
            .set("missing", number(missing))
            .set("gaps", number(gaps))
            .set("filtered", if log.numbers.present > 0 { Cell::Flag(log.is_selection()) } else { Cell::Null })
            .number("restarts", log.numbers.restarts)
            .number("clears", log.clears.len() as u64)
            .number("clock_steps_back", log.steps_back)
            .set("reason", Cell::Text(losses::numbers(log))),
    );
    for gap in log.gaps() {
        let reason = log.cleared(gap).map(|clear| losses::clear(clear, scope.names, scope.zone));
        rows.push(
            Row::new("gap")
                .log(&log.computer, &log.channel)
                .set("first", Cell::Time(gap.after))
                .set("last", Cell::Time(gap.before))
                .number("first_record", gap.first)
                .number("last_record", gap.last)
                .number("missing", gap.missing())
                .set("reason", reason.map_or(Cell::Null, Cell::Text)),
        );
    }
    for (input, clear) in &log.clears {
        let row = Row::new("clear").log(&log.computer, &log.channel);
        let row = match scope.inputs.get(input.index()) {
            Some(input) => row.input(input),
            None => row,
        };
        rows.push(
            row.set("first", Cell::Time(clear.at))
                .number("offset", clear.offset)
                .set("line", if clear.line > 0 { Cell::Number(clear.line.into()) } else { Cell::Null })
                .number("record", clear.record)
                .set("who", Cell::text(&losses::who(clear, scope.names))),
        );
    }
    for step in &log.steps {
        rows.push(
            Row::new("clock_step_back")
                .log(&log.computer, &log.channel)
                .set("first", Cell::Time(step.from))
                .set("last", Cell::Time(step.to))
                .number("record", step.record)
                .set("reason", Cell::Text(format!("the clock goes back {}", step.by().words()))),
        );
    }
    let Some(seen) = seen(log, hosts) else { return };
    for silence in seen.long_silences() {
        rows.push(
            Row::new("silence")
                .log(&log.computer, &log.channel)
                .set("first", Cell::Time(silence.from))
                .set("last", Cell::Time(silence.to))
                .set("reason", Cell::Text(seen.words(&silence, scope.zone))),
        );
    }
}

fn rows(scope: &Scope<'_>) -> Vec<Row> {
    let logs = coverage(scope.inputs, scope.names);
    let (gaps, missing) = lost(&logs);
    let mut rows = vec![Row::new("total").tally(&total(scope.inputs)).number("gaps", gaps).number("missing", missing)];
    for input in scope.inputs {
        input_rows(input, scope.names, &mut rows);
    }
    let hosts = hosts(scope);
    for log in &logs {
        log_rows(log, &hosts, scope, &mut rows);
    }
    rows
}

fn lost(logs: &[Coverage]) -> (u64, u64) {
    logs.iter().map(Coverage::missing).fold((0, 0), |(gaps, missing), (more, lost)| (gaps + more, missing + lost))
}

pub fn write(scope: &Scope<'_>, format: Format, out: &mut dyn Write) -> io::Result<()> {
    if format == Format::Table {
        return page(scope).write(out);
    }
    write_report(report(scope), format, scope, out)
}

pub fn report<'a>(scope: &Scope<'_>) -> Report<'a> {
    let rows = rows(scope).into_iter().map(|row| row.0);
    Report { columns: COLUMNS, rows: Box::new(rows), empty: "No input." }
}

fn page(scope: &Scope<'_>) -> Page {
    let logs = coverage(scope.inputs, scope.names);
    let sum = total(scope.inputs);
    let mut page = Page::new(scope.width);
    let _ = writeln!(
        page.text,
        "{}{} read: {} records, {} of them logon events",
        pad("inputs", 11),
        count(scope.inputs.len() as u64),
        count(sum.records),
        count(sum.events)
    ); // a String takes every write
    let (gaps, missing) = lost(&logs);
    let mut told = losses::counted(&sum);
    if gaps > 0 {
        let _ = write!(told, "{}{} records missing in {} gaps", if told.is_empty() { "" } else { ", " }, count(missing), count(gaps));
    }
    page.line(if told.is_empty() { "all of it could be read; no record number is missing" } else { &told });
    page.text.push('\n');
    for input in scope.inputs {
        one_input(&mut page, input);
    }
    page.part("logs", &format!("{} (computer and channel), in all inputs together", count(logs.len() as u64)));
    let hosts = hosts(scope);
    for log in &logs {
        one_log(&mut page, log, &hosts, scope);
    }
    page
}

fn one_input(page: &mut Page, input: &InputStatus) {
    page.line(&clean(&input.path.to_string_lossy()));
    if let Some(problem) = &input.problem {
        page.sentence(4, &clean(problem));
    }
    if input.state == InputState::Failed {
        return;
    }
    let mut text = format!("{} records, {} logon events", count(input.records), count(input.events));
    let counted = losses::counted(input);
    if !counted.is_empty() {
        let _ = write!(text, "; {counted}");
    }
    page.sentence(4, &text);
    for note in losses::notes(input) {
        page.sentence(4, &note);
    }
    let places = input.places.all();
    for place in places.iter().take(LISTED) {
        page.sentence(6, &format!("{}: {}: {}", place.kind.word(), losses::place(&place.at), clean(&place.at.reason)));
    }
    page.more(places.len(), LISTED, "places: --format jsonl lists them");
}

fn one_log(page: &mut Page, log: &Coverage, hosts: &Hosts<'_>, scope: &Scope<'_>) {
    let name = format!("{}  {}", clean(&log.computer), clean(&log.channel));
    if log.records == 0 {
        for (_, clear) in &log.clears {
            page.sentence(2, &clean(&format!("{name}: {}", losses::clear(clear, scope.names, scope.zone))));
        }
        return;
    }
    page.line(&format!("{}  {:>10} records", pad(&name, 60), count(log.records)));
    page.sentence(4, &losses::numbers(log));
    let mut facts: Vec<String> = log.gaps().iter().map(|gap| losses::gap(gap, log, scope.names, scope.zone)).collect();
    facts.extend(log.clears.iter().map(|(_, clear)| losses::clear(clear, scope.names, scope.zone)));
    facts.extend(log.steps.iter().map(|step| losses::step(step, scope.zone)));
    if let Some(seen) = seen(log, hosts) {
        facts.extend(seen.long_silences().iter().map(|silence| seen.words(silence, scope.zone)));
    }
    for fact in facts.iter().take(LISTED) {
        page.sentence(4, &clean(fact));
    }
    page.more(facts.len(), LISTED, "facts: --format jsonl lists them");
}
