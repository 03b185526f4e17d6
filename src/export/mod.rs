//! Floor 4: reports without a screen: tables, JSON, JSON lines and CSV of the same columns.
//!
//! A report is a list of columns and a stream of rows (`Report`); how it is written is one function for each format
//! (`EXPORTERS`). No format has columns of its own, so they cannot disagree, and rows are written as they come. Times in
//! JSON and CSV are RFC 3339 in UTC; texts from logs leave only escaped (JSON) or cleaned (CSV, table).

mod accounts;
mod anomalies;
pub mod cell;
mod csv;
pub mod detections;
pub mod document;
mod events;
pub mod figures;
mod hosts;
mod incidents;
mod inputs;
pub mod json;
pub mod losses;
mod page;
mod paths;
mod sessions;
mod sources;
mod summary;
mod summary_page;
mod table;
mod timeline;

use crate::base::intern::Names;
use crate::base::time::Zone;
use crate::casefile::subject::Subject;
use crate::casefile::{Case, Verdict};
use crate::model::anomaly::{Anomaly, Severity};
use crate::model::input::InputStatus;
use crate::model::world::Tables;
use crate::query::Filter;
use crate::store::path::trail::Trails;
use cell::Report;
use clap::ValueEnum;
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
}

impl Scope<'_> {
    /// What holds for an anomaly.
    fn verdict(&self, anomaly: &Anomaly) -> Verdict<'_> {
        self.case.verdict(&Subject::of(anomaly, self.names, self.tables))
    }
    /// Whether an anomaly that passes the filter weighs as much as `least`, and is neither dismissed nor suppressed.
    #[must_use]
    pub fn has_open(&self, least: Severity) -> bool {
        let passes = |anomaly: &Anomaly| self.filter.matches_anomaly(anomaly, self.names, self.tables);
        let mut bad = self.tables.anomalies.iter().filter(|anomaly| self.tables.weight(anomaly) >= least && passes(anomaly));
        bad.any(|anomaly| self.verdict(anomaly).state.is_open())
    }
}

/// Writes the rows of a report in one format.
pub type Exporter = fn(&Scope<'_>, Report<'_>, &mut dyn Write) -> io::Result<()>;

/// All formats; to add one, write the function and add a line here and in `Format`.
pub const EXPORTERS: [(Format, Exporter); 4] =
    [(Format::Table, table::write), (Format::Json, json::write), (Format::Jsonl, json::write_lines), (Format::Csv, csv::write)];

/// Writes a report.
///
/// # Errors
/// `out` cannot be written to; a closed pipe is `io::ErrorKind::BrokenPipe`.
pub fn write(what: What, format: Format, scope: &Scope<'_>, out: &mut dyn Write) -> io::Result<()> {
    match what {
        What::Summary => summary::write(scope, format, out),
        What::Sessions => write_report(sessions::report(scope), format, scope, out),
        What::Timeline => write_report(timeline::report(scope), format, scope, out),
        What::Anomalies => write_report(anomalies::report(scope), format, scope, out),
        What::Incidents => write_report(incidents::report(scope), format, scope, out),
        What::Paths => write_report(paths::report(scope), format, scope, out),
        What::Accounts => write_report(accounts::report(scope), format, scope, out),
        What::Sources => write_report(sources::report(scope), format, scope, out),
        What::Hosts => write_report(hosts::report(scope), format, scope, out),
        What::Inputs => inputs::write(scope, format, out),
        What::Events => write_report(events::report(scope), format, scope, out),
        What::Detections => Err(io::Error::other("detections stand in the snapshot: `detections::report`")),
        // They are counted while the events pass: `figures::Figures`, then `document::write`.
        What::Figures => Err(io::Error::other("figures are counted while reading, not from tables")),
    }
}

/// Writes rows of any columns, such as the list of detections.
///
/// # Errors
/// As `write`.
pub fn write_report(report: Report<'_>, format: Format, scope: &Scope<'_>, out: &mut dyn Write) -> io::Result<()> {
    match EXPORTERS.into_iter().find(|(known, _)| *known == format) {
        Some((_, exporter)) => exporter(scope, report, out),
        None => Ok(()),
    }
}
