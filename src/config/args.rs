//! The command line: `logonscope INPUT...` opens the screen, subcommands do the rest.
//!
//! clap reads it, `Command` is what comes out. Exit status: 0 when it worked (also with records that could not be read:
//! their number goes to standard error), 1 when a report found what `--fail-on` names, 2 when an input or an argument
//! cannot be used.

use crate::base::time::Zone;
use crate::config::again::again;
use crate::config::command::{Asked, Chore, Command, LogLevel, More, Remember, ReportRequest};
use crate::config::help::{COMPLETIONS, WHERE_LOGS_LIE, after_help, filters};
use crate::config::listen::Listen;
use crate::config::look::Look;
use crate::config::value::{count, severity, size, speed};
use crate::export::{Format, What};
use crate::model::anomaly::Severity;
use crate::source::archive::Unpacking;
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use std::path::PathBuf;

/// Exit status of a report with an open anomaly as bad as `--fail-on` says.
pub const ANOMALOUS: u8 = 1;
/// Exit status for inputs and arguments that cannot be used.
pub const UNUSABLE: u8 = 2;

#[derive(Debug, Parser)]
#[command(
    name = "logonscope",
    bin_name = "logonscope",
    version,
    about = "Who logged on where: a live timeline of Windows and Entra logons in the terminal",
    after_help = after_help(),
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
struct Cli {
    #[command(subcommand)]
    sub: Option<Sub>,
    /// Logs, archives (gz, zst, zip, tar), folders, patterns, or - for standard input
    #[arg(value_name = "INPUT", required_unless_present = "listen")]
    inputs: Vec<PathBuf>,
    /// Do not watch files for new records (folders and files are followed unless told otherwise)
    #[arg(long, overrides_with = "follow")]
    no_follow: bool,
    /// Watch files for new records
    #[arg(long, overrides_with = "no_follow")]
    follow: bool,
    /// Keep here what comes, and go on after the next start where this run stopped: nothing is missing, nothing twice
    #[arg(long, value_name = "FOLDER")]
    resume: Option<PathBuf>,
    /// Remember what the logs say in this file, and know what earlier runs saw [default: history.db in the folder logonscope of the system's folder for data]
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Remember nothing, and know nothing of earlier runs
    #[arg(long, conflicts_with = "history")]
    no_history: bool,
    /// Keep the records of so many events in memory, such as 2M; older ones are read from the history [default: all]
    #[arg(long, value_name = "N", value_parser = count)]
    keep_events: Option<u64>,
    #[command(flatten)]
    unpack: Unpack,
    #[command(flatten)]
    look: Look,
    #[command(flatten)]
    listen: Listen,
    /// Rules for accounts, networks and detections; `logonscope settings` prints them all [default: settings.toml in the folder logonscope of the system's folder for settings]
    #[arg(long, value_name = "FILE", global = true)]
    settings: Option<PathBuf>,
    /// Take countries, places and network numbers of addresses from this database (.mmdb); may be given several times
    #[arg(long, value_name = "FILE", global = true)]
    geo: Vec<PathBuf>,
    /// Also run the Sigma rules in this folder or file; may be given several times
    #[arg(long, value_name = "FOLDER", global = true)]
    rules: Vec<PathBuf>,
    /// Write down in this file what the program does: inputs, shapes, rotation, losses, slow frames; no names out of the logs
    #[arg(long, value_name = "FILE", global = true)]
    log: Option<PathBuf>,
    /// How much of it
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = LogLevel::Info, global = true)]
    log_level: LogLevel,
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
    #[command(after_long_help = filters())]
    Report {
        #[command(flatten)]
        inputs: Inputs,
        /// Also report what runs with --resume FOLDER kept of what is gone from the inputs
        #[arg(long, value_name = "FOLDER")]
        resume: Option<PathBuf>,
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
        /// Fit tables into this many columns [default: as wide as they are]
        #[arg(long, value_name = "COLUMNS")]
        width: Option<usize>,
        /// Know what earlier runs saw, and remember what the logs say, in this file; decisions are read beside it
        #[arg(long, value_name = "FILE")]
        history: Option<PathBuf>,
        /// What was decided about anomalies: those dismissed or suppressed there count no more
        #[arg(long, value_name = "FILE")]
        case: Option<PathBuf>,
        /// End with status 1 when an open anomaly is of this severity or worse: info, low, medium, high, critical
        #[arg(long, value_name = "SEVERITY", value_parser = severity)]
        fail_on: Option<Severity>,
        /// Replace names and addresses by short ones that stay the same (acct-17, host-3, 10.x.x.66)
        #[arg(long)]
        mask: bool,
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
    /// List what is detected, or say all about some detections; `report --what detections` says what they can see in some logs
    Detections {
        /// Ids of detections
        #[arg(value_name = "ID")]
        ids: Vec<String>,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Look after what earlier runs saw
    History {
        #[command(subcommand)]
        chore: Chore,
        /// The history [default: history.db in the folder logonscope of the system's folder for data]
        #[arg(long, value_name = "FILE", global = true)]
        history: Option<PathBuf>,
    },
    /// Print every setting with its default, as a file for --settings
    Settings,
    /// List the keys
    Keys,
    /// Print what completes the command line in a shell
    #[command(after_long_help = COMPLETIONS)]
    Completions {
        /// The shell
        #[arg(value_name = "SHELL", value_enum)]
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_long_help = "Read it with `logonscope man | man -l -`.")]
    Man,
}

#[derive(Debug, Args)]
struct Inputs {
    /// Logs, archives (gz, zst, zip, tar), folders, patterns, or - for standard input
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    unpack: Unpack,
}

/// What archives may cost.
#[derive(Debug, Args)]
struct Unpack {
    /// Most bytes that archives may unpack to in all, such as 200G [default: 64G, and 200 times their size]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    unpack_limit: Option<u64>,
    /// Folder for what is unpacked [default: the system's temporary folder]
    #[arg(long, value_name = "FOLDER")]
    temp: Option<PathBuf>,
}

impl Inputs {
    fn split(self) -> (Vec<PathBuf>, Unpacking) {
        (self.inputs, self.unpack.unpacking())
    }
}

impl Unpack {
    fn unpacking(self) -> Unpacking {
        Unpacking { limit: self.unpack_limit, folder: self.temp }
    }
}

/// Reads arguments, the program's name first.
///
/// # Errors
/// The arguments cannot be used, or help or the version was asked for: `Error::exit` prints it and ends with status 2
/// or 0.
pub fn parse<I, T>(arguments: I) -> Result<Asked, clap::Error>
where
    I: IntoIterator<Item = T>,
    T: Into<std::ffi::OsString> + Clone,
{
    let arguments: Vec<std::ffi::OsString> = arguments.into_iter().map(Into::into).collect();
    let sub = arguments.get(1).and_then(|first| first.to_str()).filter(|first| matches!(*first, "report" | "replay"));
    let cli = Cli::try_parse_from(&arguments).map_err(|error| say_what_to_do(error, sub))?;
    let command = match cli.sub {
        None => {
            let (inputs, unpacking) = (cli.inputs, cli.unpack.unpacking());
            let listen = Box::new(cli.listen);
            let history = match cli.history {
                Some(path) => Remember::Here(path),
                None if cli.no_history => Remember::Nowhere,
                None => Remember::Usual,
            };
            Command::Open {
                inputs,
                unpacking,
                follow: !cli.no_follow,
                listen,
                resume: cli.resume,
                history,
                keep_events: cli.keep_events,
                look: cli.look,
            }
        }
        Some(Sub::Replay { inputs, speed, from, look }) => {
            let (inputs, unpacking) = inputs.split();
            Command::Replay { inputs, unpacking, speed, from, look }
        }
        Some(Sub::Report { inputs, resume, what, format, filter, output, width, zone, history, case, fail_on, mask }) => {
            let (inputs, unpacking) = inputs.split();
            Command::Report(ReportRequest {
                inputs,
                unpacking,
                resume,
                what,
                format,
                filter,
                output,
                width,
                zone,
                history,
                case,
                fail_on,
                mask,
            })
        }
        Some(Sub::History { chore, history: path }) => Command::History { chore, path },
        Some(Sub::Demo { speed, look }) => Command::Demo { speed, look },
        Some(Sub::Detections { ids, format }) => Command::Detections { ids, format },
        Some(Sub::Settings) => Command::Settings,
        Some(Sub::Keys) => Command::Keys,
        Some(Sub::Completions { shell }) => Command::Completions(shell),
        Some(Sub::Man) => Command::Man,
    };
    let log = cli.log.map(|path| (path, cli.log_level));
    let inputs: &[PathBuf] = match &command {
        Command::Open { inputs, .. } | Command::Replay { inputs, .. } => inputs,
        _ => &[],
    };
    let again = again(&arguments, inputs, std::env::current_dir().ok().as_deref());
    Ok(Asked { command, settings: cli.settings, more: More { geo: cli.geo, rules: cli.rules }, log, again })
}

/// The command line as a description: completions and the manual page are made from it.
#[must_use]
pub fn description() -> clap::Command {
    Cli::command()
}

/// A missing INPUT is the first thing a newcomer meets: say what to write, not only what is missing.
fn say_what_to_do(error: clap::Error, sub: Option<&str>) -> clap::Error {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    let is_input = |missing: &ContextValue| match missing {
        ContextValue::Strings(names) => names.iter().any(|name| name.contains("INPUT")),
        _ => false,
    };
    if error.kind() != ErrorKind::MissingRequiredArgument || !error.get(ContextKind::InvalidArg).is_some_and(is_input) {
        return error;
    }
    let text = match sub {
        Some(sub) => format!(
            "no input was given\n\n  \
             logonscope {sub} Security.evtx    a log; a folder or a JSON file works as well\n  \
             logonscope {sub} -                JSON from standard input\n  \
             logonscope {sub} --help           everything else"
        ),
        None => format!(
            "no input was given\n\n  \
             logonscope demo             see it work, no file needed\n  \
             logonscope Security.evtx    open a log; a folder, an archive or a JSON file works as well\n  \
             logonscope -                read JSON from standard input\n  \
             logonscope --help           everything else\n\n\
             {WHERE_LOGS_LIE}"
        ),
    };
    Cli::command().error(ErrorKind::MissingRequiredArgument, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::listen::address::Address;

    fn read(line: &str) -> Result<Command, clap::Error> {
        parse(std::iter::once("logonscope").chain(line.split_whitespace())).map(|asked| asked.command)
    }

    #[test]
    fn inputs_alone_open_the_screen_and_follow() {
        let Command::Open { inputs, follow, look, .. } = read("Security.evtx logs/ --ascii --zone Europe/Vienna --filter -host:A").unwrap()
        else {
            panic!("no screen")
        };
        assert_eq!(inputs, [PathBuf::from("Security.evtx"), PathBuf::from("logs/")]);
        assert!(follow && look.ascii && !look.no_color);
        assert_eq!(look.filter.as_deref(), Some("-host:A"));
        assert_eq!(look.zone, Zone::parse("Europe/Vienna").ok());
        assert!(matches!(read("- --no-follow").unwrap(), Command::Open { follow: false, .. }));
        assert!(matches!(read("./report").unwrap(), Command::Open { .. }), "a file of that name is reached by its path");
    }

    #[test]
    fn listening_needs_no_input_and_stays_on_the_loopback_unless_told() {
        let Command::Open { inputs, listen, .. } = read("--listen tcp://:5140 --listen http://0.0.0.0:9200 --token-file t").unwrap() else {
            panic!("no screen")
        };
        assert!(inputs.is_empty());
        assert_eq!(listen.at.iter().map(Address::is_loopback).collect::<Vec<_>>(), [true, false]);
        assert_eq!(listen.secrets().tokens, Some(PathBuf::from("t")));
        let Command::Open { inputs, listen, .. } = read("a.evtx --listen tls://:6514 --tls-cert c --tls-key k --tls-client-ca a").unwrap()
        else {
            panic!("no screen")
        };
        assert_eq!((inputs.len(), listen.at.len()), (1, 1));
    }

    #[test]
    fn subcommands_have_their_own_options() {
        let Command::Report(request) = read("report a.evtx b.json --what sessions --format jsonl --filter type:10 -o out.jsonl").unwrap()
        else {
            panic!("no report")
        };
        assert_eq!((request.what, request.format), (What::Sessions, Format::Jsonl));
        assert_eq!((request.inputs.len(), request.filter.as_deref()), (2, Some("type:10")));
        assert_eq!(request.output, Some(PathBuf::from("out.jsonl")));
        assert!(matches!(read("replay --speed x600 a.evtx").unwrap(), Command::Replay { speed: 600.0, .. }));
        for (text, bytes) in [("1000", 1_000), ("64G", 64 << 30), ("500MiB", 500 << 20), ("2kb", 2 << 10)] {
            let Command::Report(request) = read(&format!("report a.zip --temp /big --unpack-limit {text}")).unwrap() else {
                panic!("no report")
            };
            assert_eq!(request.unpacking, Unpacking { limit: Some(bytes), folder: Some("/big".into()) });
        }
        assert!(matches!(read("demo").unwrap(), Command::Demo { speed: 60.0, .. }));
        assert!(matches!(read("detections").unwrap(), Command::Detections { format: Format::Table, .. }));
        assert!(matches!(read("keys").unwrap(), Command::Keys));
        for (line, place) in
            [("a", Remember::Usual), ("a --history h.db", Remember::Here("h.db".into())), ("a --no-history", Remember::Nowhere)]
        {
            assert!(matches!(read(line).unwrap(), Command::Open { history, .. } if history == place), "{line}");
        }
        assert!(matches!(read("history prune --history h.db").unwrap(), Command::History { chore: Chore::Prune, path: Some(_) }));
        assert!(matches!(read("history stats").unwrap(), Command::History { chore: Chore::Stats, path: None }));
        assert!(matches!(read("settings").unwrap(), Command::Settings));
        for line in ["a.evtx --settings s.toml", "--settings s.toml a.evtx", "report a.evtx --settings s.toml", "demo --settings s.toml"] {
            let asked = parse(std::iter::once("logonscope").chain(line.split_whitespace())).unwrap();
            assert_eq!(asked.settings, Some(PathBuf::from("s.toml")), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_used_ends_with_status_2_and_says_what_to_write() {
        for (line, says) in [
            ("", "logonscope demo"),
            ("report", "logonscope report Security.evtx"),
            ("replay --speed fast a", "write a number"),
            ("a --zone Nowhere", "write utc, local or a name"),
            ("report a --what everything", "sessions"),
            ("a --nonsense", "--nonsense"),
            ("--listen 5140", "write tcp://"),
            ("a --tls-cert c", "--listen"),
            ("a --unpack-limit much", "write a number of bytes"),
            ("a --no-history --history h.db", "cannot be used with"),
            ("history", "stats"),
        ] {
            let error = read(line).unwrap_err();
            assert_eq!(error.exit_code(), i32::from(UNUSABLE), "{line}");
            assert!(error.to_string().contains(says), "{line}: {error}");
        }
        for line in ["--help", "report --help", "--version"] {
            assert_eq!(read(line).unwrap_err().exit_code(), 0, "{line}");
        }
    }
}
