//! What the command line asks for, as plain values.

use crate::base::time::Zone;
use crate::config::listen::Listen;
use crate::config::look::Look;
use crate::export::{Format, What};
use crate::model::anomaly::Severity;
use crate::source::archive::Unpacking;
use clap::{Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

/// Where a run is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remember {
    /// In the usual place.
    Usual,
    Here(PathBuf),
    Nowhere,
}

/// What the program was asked to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Open the screen on inputs.
    Open {
        inputs: Vec<PathBuf>,
        unpacking: Unpacking,
        follow: bool,
        listen: Box<Listen>,
        resume: Option<PathBuf>,
        history: Remember,
        /// Instead of what the settings say.
        keep_events: Option<u64>,
        look: Look,
    },
    Replay {
        inputs: Vec<PathBuf>,
        unpacking: Unpacking,
        speed: f64,
        from: Option<String>,
        look: Look,
    },
    Report(ReportRequest),
    Demo {
        speed: f64,
        look: Look,
    },
    Detections {
        ids: Vec<String>,
        format: Format,
    },
    History {
        chore: Chore,
        /// Where it is named.
        path: Option<PathBuf>,
    },
    Settings,
    Keys,
    Completions(Shell),
    Man,
}

/// Files that are read beside the inputs, as far as they are named here and not in the settings.
#[derive(Clone, Debug, Default)]
pub struct More {
    /// Databases of places.
    pub geo: Vec<PathBuf>,
    /// Sigma rules.
    pub rules: Vec<PathBuf>,
}

/// The command line.
#[derive(Clone, Debug)]
pub struct Asked {
    pub command: Command,
    /// The settings file, where it is named.
    pub settings: Option<PathBuf>,
    pub more: More,
    pub log: Option<(PathBuf, LogLevel)>,
    /// The same command line without what says how the screen begins; see `again`.
    pub again: Vec<String>,
}

/// `logonscope report`.
#[derive(Clone, Debug)]
pub struct ReportRequest {
    pub inputs: Vec<PathBuf>,
    pub unpacking: Unpacking,
    pub resume: Option<PathBuf>,
    pub what: What,
    pub format: Format,
    pub filter: Option<String>,
    pub output: Option<PathBuf>,
    pub width: Option<usize>,
    pub zone: Zone,
    pub history: Option<PathBuf>,
    pub case: Option<PathBuf>,
    pub fail_on: Option<Severity>,
    pub mask: bool,
}

/// How much `--log` writes down; each level holds those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// What failed
    Error,
    /// What was lost, slow or unusual
    Warn,
    /// What was opened, recognised, followed and written
    #[default]
    Info,
    /// Also what was pressed and each step of reading
    Debug,
}

/// What to do with a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum Chore {
    /// Say where it is and what is in it
    Stats,
    /// Let go what is older or more than the settings keep, now
    Prune,
    /// Look whether everything in it fits together
    Verify,
    /// Print everything as JSON lines
    Export,
}
