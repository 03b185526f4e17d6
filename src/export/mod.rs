//! Floor 4: reports without a screen: tables, JSON, JSON lines, CSV, Markdown and HTML of the same columns.
//!
//! A report is a list of columns and a stream of rows (`Report`); how it is written is one function for each format
//! (`EXPORTERS`). No format has columns of its own, so they cannot disagree, and rows are written as they come. Times in
//! JSON and CSV are RFC 3339 in UTC; texts from logs leave only escaped (JSON) or cleaned (CSV, table).

mod accounts;
mod anomalies;
pub mod case;
pub mod cell;
mod csv;
pub mod detections;
pub mod document;
mod events;
pub mod figures;
mod hosts;
mod html;
mod incidents;
mod inputs;
pub mod json;
pub mod losses;
mod markdown;
mod masked;
mod page;
mod paths;
pub mod review;
mod sessions;
mod sources;
mod summary;
mod summary_page;
mod table;
mod timeline;

use crate::base::intern::Names;
use crate::base::time::{Timestamp, Zone};
use crate::casefile::subject::Subject;
use crate::casefile::{Case, Verdict};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Anomaly, Severity};
use crate::model::ids::VisitId;
use crate::model::input::InputStatus;
use crate::model::visit::Visit;
use crate::model::world::Tables;
use crate::query::Filter;
use crate::store::Snapshot;
use crate::store::path::trail::Trails;
use cell::Report;
use clap::ValueEnum;
use std::borrow::Cow;
use std::io::{self, Write};

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// One page to read first
    Summary,
    /// Logon sessions, one for each LogonId, with start, end and how they ended
    Sessions,
    /// Sessions as the timeline shows them: desktops, runs of network logons, sign-ins, each with its logon sessions counted
    Timeline,
    /// What is odd, and why
    Anomalies,
    /// Anomalies that belong together, one line each
    Incidents,
    /// Who reached what from where, step by step, and how well each step is known
    Paths,
    /// Accounts and what was seen of them
    Accounts,
    /// Hosts, what was seen there, and what could have been seen
    Hosts,
    /// Addresses and names that logons came from
    Sources,
    /// Bookmarks, notes and decisions of the case file
    Case,
    /// Authentication events in one vocabulary
    Events,
    /// What was read of each input, and what is missing, late or damaged
    Inputs,
    /// Which detections could see anything, which still learn, and what the others miss
    Detections,
    /// Counts, for comparing with other tools
    Figures,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns for people
    Table,
    /// One JSON document
    Json,
    /// One JSON object a line
    Jsonl,
    /// Comma-separated values, safe to open in a spreadsheet
    Csv,
    /// Markdown; of the summary a report with incidents and their evidence
    Markdown,
    /// One page that needs nothing else; of the summary a report with timeline, heat maps, incidents and their evidence
    Html,
}

/// What a report is made from.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    pub names: &'a Names,
    pub tables: &'a Tables,
    pub trails: &'a Trails,
    pub inputs: &'a [InputStatus],
    /// Rows that do not pass are left out.
    pub filter: &'a Filter,
    /// What people decided about anomalies.
    pub case: &'a Case,
    /// For tables only.
    pub zone: Zone,
    /// Cells of a line, for tables; `None` cuts nothing.
    pub width: Option<usize>,
    pub more: More<'a>,
}

/// What a screen adds to a report.
#[derive(Clone, Copy, Debug, Default)]
pub struct More<'a> {
    /// Rows by their number in the table, in this order; otherwise all that pass the filter.
    pub rows: Option<&'a [usize]>,
    /// Only what lies in it, as far as rows have a time.
    pub window: Option<(Timestamp, Timestamp)>,
    /// Accounts of computers, and those built into Windows, are left out of sessions unless something is odd about them.
    pub without_computers: bool,
    pub without_built_in: bool,
    /// What the screen showed, as a last part of a report in Markdown or HTML.
    pub also: Option<What>,
    /// Counts the rows that were written.
    pub written: Option<&'a std::cell::Cell<u64>>,
}

impl<'a> Scope<'a> {
    /// All of a snapshot that passes a filter, in UTC.
    #[must_use]
    pub fn of(snapshot: &'a Snapshot, filter: &'a Filter, case: &'a Case) -> Self {
        let Snapshot { names, tables, trails, inputs, .. } = snapshot;
        Self { names, tables, trails, inputs, filter, case, zone: Zone::Utc, width: None, more: More::default() }
    }
    /// Numbers of the rows of a table with so many: those that were chosen, or all.
    fn numbers(&self, all: usize) -> Box<dyn Iterator<Item = usize> + 'a> {
        match self.more.rows {
            Some(rows) => Box::new(rows.iter().copied().filter(move |row| *row < all)),
            None => Box::new(0..all),
        }
    }
    /// Whether something between two moments lies in the window.
    fn is_in_window(&self, from: Timestamp, to: Timestamp) -> bool {
        self.more.window.is_none_or(|(begin, end)| from < end && begin <= to)
    }
    /// Whether a session is written.
    fn has_visit(&self, id: VisitId, visit: &Visit) -> bool {
        let hidden = || match self.tables.account(visit.account).map(|account| account.class) {
            Some(AccountClass::Computer) => self.more.without_computers,
            Some(AccountClass::BuiltIn | AccountClass::Virtual) => self.more.without_built_in,
            _ => false,
        };
        visit.is_shown()
            && self.is_in_window(visit.start, visit.end.unwrap_or(Timestamp::MAX))
            && (visit.anomalies > 0 || !hidden())
            && self.filter.matches_visit(id, self.names, self.tables)
    }
    /// Whether an anomaly is written.
    fn has_anomaly(&self, anomaly: &Anomaly) -> bool {
        self.is_in_window(anomaly.at, anomaly.end) && self.filter.matches_anomaly(anomaly, self.names, self.tables)
    }
    /// Words from logs as they leave: behind the mask, if there is one.
    fn told<'b>(&self, words: &'b str) -> Cow<'b, str> {
        self.names.told(words)
    }
    /// What holds for an anomaly.
    fn verdict(&self, anomaly: &Anomaly) -> Verdict<'_> {
        self.case.verdict(&Subject::of(anomaly, self.names, self.tables))
    }
    /// Whether an anomaly that passes the filter weighs as much as `least`, and is neither dismissed nor suppressed.
    #[must_use]
    pub fn has_open(&self, least: Severity) -> bool {
        let passes = |anomaly: &Anomaly| self.has_anomaly(anomaly);
        let mut bad = self.tables.anomalies.iter().filter(|anomaly| self.tables.weight(anomaly) >= least && passes(anomaly));
        bad.any(|anomaly| self.verdict(anomaly).state.is_open())
    }
}

/// Writes the rows of a report in one format.
pub type Exporter = fn(&Scope<'_>, Report<'_>, &mut dyn Write) -> io::Result<()>;

/// All formats; to add one, write the function and add a line here and in `Format`.
pub const EXPORTERS: [(Format, Exporter); 6] = [
    (Format::Table, table::write),
    (Format::Json, json::write),
    (Format::Jsonl, json::write_lines),
    (Format::Csv, csv::write),
    (Format::Markdown, markdown::write),
    (Format::Html, html::write),
];

/// Writes a report.
///
/// # Errors
/// `out` cannot be written to; a closed pipe is `io::ErrorKind::BrokenPipe`.
pub fn write(what: What, format: Format, scope: &Scope<'_>, out: &mut dyn Write) -> io::Result<()> {
    match what {
        What::Summary if format == Format::Html => html::write_review(scope, out),
        What::Summary if format == Format::Markdown => markdown::write_review(scope, out),
        What::Summary => masked::behind(scope.names, out, |out| summary::write(scope, format, out)),
        What::Inputs if format == Format::Table => masked::behind(scope.names, out, |out| inputs::write(scope, format, out)),
        What::Inputs => inputs::write(scope, format, out),
        What::Detections => Err(io::Error::other("detections stand in the snapshot: `detections::report`")),
        // They are counted while the events pass: `figures::Figures`, then `document::write`.
        What::Figures => Err(io::Error::other("figures are counted while reading, not from tables")),
        what => rows(what, scope).map_or(Ok(()), |report| write_report(report, format, scope, out)),
    }
}

/// Columns and rows of what is one table; nothing of what is not.
fn rows<'a>(what: What, scope: &'a Scope<'a>) -> Option<Report<'a>> {
    Some(match what {
        What::Sessions => sessions::report(scope),
        What::Timeline => timeline::report(scope),
        What::Anomalies => anomalies::report(scope),
        What::Incidents => incidents::report(scope),
        What::Paths => paths::report(scope),
        What::Accounts => accounts::report(scope),
        What::Sources => sources::report(scope),
        What::Hosts => hosts::report(scope),
        What::Case => case::report(scope),
        What::Events => events::report(scope),
        What::Inputs => inputs::report(scope),
        What::Summary | What::Detections | What::Figures => return None,
    })
}

/// Writes rows of any columns, such as the list of detections.
///
/// # Errors
/// As `write`.
pub fn write_report(report: Report<'_>, format: Format, scope: &Scope<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Report { columns, rows, empty } = report;
    // Every cell of every report passes here, so nothing goes round the mask.
    let masked = rows.map(|mut row| {
        if scope.names.mask().is_some() {
            row.iter_mut().for_each(|cell| cell.hide(scope.names));
        }
        if let Some(written) = scope.more.written {
            written.set(written.get() + 1);
        }
        row
    });
    let report = Report { columns, rows: Box::new(masked), empty };
    match EXPORTERS.into_iter().find(|(known, _)| *known == format) {
        Some((_, exporter)) => exporter(scope, report, out),
        None => Ok(()),
    }
}
