//! The command line: `logonscope INPUT...` opens the screen, subcommands do the rest.
//!
//! clap reads it, `Command` is what comes out. Exit status: 0 when it worked (also with records that could not be read:
//! their number goes to standard error), 1 when a report found what `--fail-on` names, 2 when an input or an argument
//! cannot be used.

use crate::base::time::Zone;
use crate::config::help::{COMPLETIONS, WHERE_LOGS_LIE, after_help, filters};
use crate::export::{Format, What};
use crate::model::anomaly::Severity;
use crate::source::archive::Unpacking;
use crate::source::listen::Secrets;
use crate::source::listen::address::Address;
use crate::ui::link::{Opening, Start, ends};
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use std::path::{Path, PathBuf};

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

/// How much `--log` writes down; each level holds those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
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

/// Where shippers may send to.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Listening")]
pub struct Listen {
    /// Take in what shippers send: tcp://:5140, udp://:5140, tls://:6514, http://:9200, https://:9200. Only this machine can reach it unless another address is written, as in tcp://0.0.0.0:5140
    #[arg(long = "listen", id = "listen", value_name = "ADDRESS", value_parser = Address::parse)]
    pub at: Vec<Address>,
    /// Certificate of tls:// and https://, PEM
    #[arg(long, value_name = "FILE", requires = "listen")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the certificate, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Refuse TLS clients without a certificate of these authorities, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_client_ca: Option<PathBuf>,
    /// Refuse HTTP requests without one of these tokens, one a line: Splunk, Bearer, ApiKey, or password of Basic
    #[arg(long, value_name = "FILE", requires = "listen")]
    pub token_file: Option<PathBuf>,
}

impl Listen {
    /// The files among them.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        Secrets {
            certificate: self.tls_cert.clone(),
            key: self.tls_key.clone(),
            client_authorities: self.tls_client_ca.clone(),
            tokens: self.token_file.clone(),
        }
    }
}

/// How the screen looks and what it starts with.
#[derive(Clone, Debug, Args)]
pub struct Look {
    /// Start with this filter, such as 'account:svc_* -host:FS01'
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// Zone of times: utc, local or a name such as Europe/Vienna [default: utc, or what the settings say]
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse)]
    pub zone: Option<Zone>,
    /// Draw with ASCII characters only [default: by the locale]
    #[arg(long)]
    pub ascii: bool,
    /// Signs to draw with: ascii, unicode, fine (an overview in dots; needs a font with Braille) [default: by the locale]
    #[arg(long, value_name = "NAME", conflicts_with = "ascii", value_parser = ["ascii", "unicode", "fine"])]
    pub glyphs: Option<String>,
    /// No colours; NO_COLOR in the environment does the same
    #[arg(long)]
    pub no_color: bool,
    /// Colours: default-dark, default-light, mono, high-contrast, deuteranopia, tritanopia, or a theme of yours [default: by the background of the terminal]
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Keep decisions about anomalies in this file, and take over those in it
    #[arg(long, value_name = "FILE")]
    pub case: Option<PathBuf>,
    /// No screen: a line for each thing of note, for screen readers and logs of a shift; TERM=dumb does the same
    #[arg(long)]
    pub plain: bool,
    /// No screen: the same as JSON lines, for other programs
    #[arg(long, conflicts_with = "plain")]
    pub headless: bool,
    /// Do not take up the screen as it was left when these inputs were open last
    #[arg(long)]
    pub fresh: bool,
    /// Hold the clock of a replay at anomalies of this severity or worse: info, low, medium, high, critical
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub pause_on: Option<Severity>,
    /// Replace names and addresses by short ones that stay the same (acct-17, host-3, 10.x.x.66), also in copies and files
    #[arg(long)]
    pub mask: bool,
    #[command(flatten)]
    pub shown: Shown,
}

/// What the screen shows first. `y l` on the screen copies a command line with all of it.
#[derive(Clone, Debug, Default, Args)]
pub struct Shown {
    /// Open this first: a view such as events, or account:NAME, host:NAME, source:NAME, session:NUMBER, event:NUMBER
    #[arg(long, value_name = "PLACE", value_parser = Opening::parse)]
    pub open: Option<Opening>,
    /// Go to this time first (09:30, -2h, 2026-03-14T09:30Z)
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<String>,
    /// First window of the timeline (09:00..09:30)
    #[arg(long, value_name = "FROM..TO", value_parser = ends, allow_hyphen_values = true)]
    pub window: Option<Ends>,
}

/// Both ends of a window, as they were written.
pub type Ends = (String, String);

impl Shown {
    /// As the screen takes it.
    #[must_use]
    pub fn start(&self) -> Start {
        Start { place: self.open.clone(), at: self.at.clone(), window: self.window.clone(), is_sought: false }
    }
}

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

fn speed(text: &str) -> Result<f64, String> {
    match text.trim_start_matches(['x', 'X']).parse::<f64>() {
        Ok(speed) if speed.is_finite() && (0.01..=1_000_000.0).contains(&speed) => Ok(speed),
        _ => Err("write a number from 0.01 to 1000000; 1 is real time, 60 a minute a second".into()),
    }
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| "write info, low, medium, high or critical".to_owned())
}

/// Bytes: a number, or one with K, M, G or T (of 1024).
fn size(text: &str) -> Result<u64, String> {
    let text = text.trim_end_matches(['B', 'b', 'i']);
    let (number, shift) = match text.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&text.get(..at), 10),
        Some((at, 'm' | 'M')) => (&text.get(..at), 20),
        Some((at, 'g' | 'G')) => (&text.get(..at), 30),
        Some((at, 't' | 'T')) => (&text.get(..at), 40),
        _ => (&Some(text), 0),
    };
    let bytes = number.and_then(|number| number.trim().parse::<u64>().ok()).and_then(|number| number.checked_mul(1 << shift));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| "write a number of bytes, such as 500M or 200G".to_owned())
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
            Command::Open { inputs, unpacking, follow: !cli.no_follow, listen, resume: cli.resume, history, look: cli.look }
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

/// Options that say where the screen begins: a link writes its own.
const BEGINNINGS: [&str; 5] = ["--filter", "--zone", "--open", "--at", "--window"];

/// The command line without the options of `BEGINNINGS`, inputs by their whole path. Nothing where it cannot be repeated: a
/// name is no UTF-8, or an input is standard input.
fn again(arguments: &[std::ffi::OsString], inputs: &[PathBuf], folder: Option<&Path>) -> Vec<String> {
    let mut kept = vec!["logonscope".to_owned()];
    let mut rest = arguments.iter().skip(1);
    while let Some(word) = rest.next() {
        let Some(text) = word.to_str().filter(|text| *text != "-") else { return Vec::new() };
        if BEGINNINGS.contains(&text) {
            rest.next();
            continue;
        }
        if BEGINNINGS.iter().any(|option| text.strip_prefix(*option).is_some_and(|value| value.starts_with('='))) {
            continue;
        }
        if text == "--" {
            // What follows are inputs; a link adds options behind them.
            continue;
        }
        let is_input = inputs.iter().any(|input| input.as_os_str() == word.as_os_str());
        let whole = folder.filter(|_| is_input).map(|folder| folder.join(text));
        match whole {
            Some(path) => match path.to_str() {
                Some(path) => kept.push(path.to_owned()),
                None => return Vec::new(),
            },
            None => kept.push(text.to_owned()),
        }
    }
    kept
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
    fn a_command_line_is_repeated_without_what_a_link_writes_itself() {
        let repeated = |line: &str| {
            let words: Vec<std::ffi::OsString> = line.split_whitespace().map(Into::into).collect();
            again(&words, &["a.evtx".into(), "/b".into(), "-x".into()], Some(Path::new("/case"))).join(" ")
        };
        for (line, kept) in [
            ("x a.evtx /b --no-history", "logonscope /case/a.evtx /b --no-history"),
            ("x --filter -host:A a.evtx --zone=local --at -2h --window 9:00..9:30 --open events", "logonscope /case/a.evtx"),
            ("x replay --speed 60 a.evtx", "logonscope replay --speed 60 /case/a.evtx"),
            ("x -- -x", "logonscope /case/-x"),
            ("x demo", "logonscope demo"),
            ("x -", ""),
        ] {
            assert_eq!(repeated(line), kept, "{line}");
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
