//! The command line: `logonscope INPUT...` opens the screen, subcommands do the rest.
//!
//! clap reads it, `Command` is what comes out. Exit status: 0 when it worked (also with records that could not be read:
//! their number goes to standard error), 2 when an input or an argument cannot be used.

use crate::base::time::Zone;
use crate::export::{Format, What};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Exit status for inputs and arguments that cannot be used.
pub const UNUSABLE: u8 = 2;

const EXAMPLES: &str = "\
Examples:
  logonscope Security.evtx                  open a log
  logonscope /mnt/case/winevt/Logs          every .evtx of a machine together
  logonscope dc1/ dc2/ 'json/*.jsonl'       several machines, EVTX and JSON mixed
  tail -F signins.json | logonscope -       follow a stream
  logonscope replay --speed 60 dc1/         a recording, one minute a second
  logonscope report dc1/ --what anomalies   no terminal needed
  logonscope demo                           a recorded attack, no file needed

Exit status: 0 it worked; 2 an input or an argument cannot be used.";

const FILTERS: &str = "\
Filters:
  account:svc_*  host:FS01  source:10.0.9.0/24  type:(3,10)  outcome:failure  severity>=high  time:-2h..
  Terms stand together (and), or 'or' between them; '-' or 'not' excludes: -host:FS01. A word alone is
  looked for in accounts, hosts, sources and detections. '~' looks inside a text: process~powershell.";

#[derive(Debug, Parser)]
#[command(
    name = "logonscope",
    version,
    about = "Who logged on where: a live timeline of Windows and Entra logons in the terminal",
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
struct Cli {
    #[command(subcommand)]
    sub: Option<Sub>,
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    look: Look,
    /// Do not watch files for new records (folders and files are followed unless told otherwise)
    #[arg(long, overrides_with = "follow")]
    no_follow: bool,
    /// Watch files for new records
    #[arg(long, overrides_with = "no_follow")]
    follow: bool,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Play recorded logs against their own clock
    Replay {
        #[command(flatten)]
        inputs: Inputs,
        /// Seconds of the recording that pass in one second
        #[arg(long, default_value_t = 60.0, value_parser = speed)]
        speed: f64,
        /// Start at this time (09:30, 2026-03-14T09:30Z) instead of the first event
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        #[command(flatten)]
        look: Look,
    },
    /// Print what the logs say, without a screen
    #[command(after_help = FILTERS)]
    Report {
        #[command(flatten)]
        inputs: Inputs,
        /// What to print
        #[arg(long, value_enum, default_value_t = What::Summary)]
        what: What,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
        /// Only rows that pass this filter
        #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
        filter: Option<String>,
        /// Write to this file instead of standard output
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Cut table lines to this many columns [default: the terminal, or no limit]
        #[arg(long, value_name = "COLUMNS")]
        width: Option<usize>,
        /// Zone of times in tables: utc, local or a name such as Europe/Vienna
        #[arg(long, value_name = "ZONE", default_value = "utc", value_parser = Zone::parse)]
        zone: Zone,
    },
    /// Play a recorded attack that comes with the program; no file needed
    Demo {
        /// Seconds of the recording that pass in one second
        #[arg(long, default_value_t = 60.0, value_parser = speed)]
        speed: f64,
        #[command(flatten)]
        look: Look,
    },
    /// List what is detected, and what each detection needs
    Detections {
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// List the keys
    Keys,
}

#[derive(Debug, Args)]
struct Inputs {
    /// EVTX or JSON files, folders, patterns, or - for standard input
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
}

/// How the screen looks and what it starts with.
#[derive(Clone, Debug, Args)]
pub struct Look {
    /// Start with this filter, such as 'account:svc_* -host:FS01'
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// Zone of times: utc, local or a name such as Europe/Vienna
    #[arg(long, value_name = "ZONE", default_value = "utc", value_parser = Zone::parse)]
    pub zone: Zone,
    /// Draw with ASCII characters only [default: by the locale]
    #[arg(long)]
    pub ascii: bool,
    /// No colours; NO_COLOR in the environment does the same
    #[arg(long)]
    pub no_color: bool,
    /// Colours: default-dark, default-light, mono, high-contrast, ...
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
}

/// What the program was asked to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Open the screen on inputs.
    Open {
        inputs: Vec<PathBuf>,
        follow: bool,
        look: Look,
    },
    Replay {
        inputs: Vec<PathBuf>,
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
        format: Format,
    },
    Keys,
}

/// `logonscope report`.
#[derive(Clone, Debug)]
pub struct ReportRequest {
    pub inputs: Vec<PathBuf>,
    pub what: What,
    pub format: Format,
    pub filter: Option<String>,
    pub output: Option<PathBuf>,
    pub width: Option<usize>,
    pub zone: Zone,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.trim_start_matches(['x', 'X']).parse::<f64>() {
        Ok(speed) if speed.is_finite() && (0.01..=1_000_000.0).contains(&speed) => Ok(speed),
        _ => Err("write a number from 0.01 to 1000000; 1 is real time, 60 a minute a second".into()),
    }
}

/// Reads arguments, the program's name first.
///
/// # Errors
/// The arguments cannot be used, or help or the version was asked for: `Error::exit` prints it and ends with status 2
/// or 0.
pub fn parse<I, T>(arguments: I) -> Result<Command, clap::Error>
where
    I: IntoIterator<Item = T>,
    T: Into<std::ffi::OsString> + Clone,
{
    let cli = Cli::try_parse_from(arguments).map_err(say_what_to_do)?;
    Ok(match cli.sub {
        None => Command::Open { inputs: cli.inputs.inputs, follow: !cli.no_follow, look: cli.look },
        Some(Sub::Replay { inputs, speed, from, look }) => Command::Replay { inputs: inputs.inputs, speed, from, look },
        Some(Sub::Report { inputs, what, format, filter, output, width, zone }) => {
            Command::Report(ReportRequest { inputs: inputs.inputs, what, format, filter, output, width, zone })
        }
        Some(Sub::Demo { speed, look }) => Command::Demo { speed, look },
        Some(Sub::Detections { format }) => Command::Detections { format },
        Some(Sub::Keys) => Command::Keys,
    })
}

/// A missing INPUT is the first thing a newcomer meets: say what to write, not only what is missing.
fn say_what_to_do(error: clap::Error) -> clap::Error {
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;
    if error.kind() != ErrorKind::MissingRequiredArgument {
        return error;
    }
    let text = "no input was given\n\n  \
                logonscope demo             see it work, no file needed\n  \
                logonscope Security.evtx    open a log; a folder or a JSON file works as well\n  \
                logonscope -                read JSON from standard input\n  \
                logonscope --help           everything else";
    Cli::command().error(ErrorKind::MissingRequiredArgument, text)
}
