//! Floor 4: reports without a screen: tables, JSON, JSON lines and CSV of the same columns.
//!
//! A report is a list of columns and a stream of rows (`Report`); how it is written is one function for each format. No
//! format has columns of its own, so they cannot disagree, and nothing is collected before it is written.

use clap::ValueEnum;

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// One page to read first
    Summary,
    /// Logon sessions with start, end and how they ended
    Sessions,
    /// What is odd, and why
    Anomalies,
    /// Accounts and what was seen of them
    Accounts,
    /// Authentication events in one vocabulary
    Events,
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
