//! How long a report takes beside `cat`: whole processes of the built program on made data, from the start of the process
//! to its end.
//!
//! ```text
//! cargo bench --bench ratio                                 # 512 MB of each kind, a folder of 870 logs, 5 runs
//! cargo bench --bench ratio -- --megabytes 1024 --runs 9 --only evtx # folder, winlogbeat, entra
//! cargo bench --bench ratio -- --file Security.evtx         # an input of your own
//! ```
//!
//! The programs take turns, so that a machine that is busy for a while is so for all of them. `wall` is the time between
//! start and end, `cores` the time the process had on all cores (Linux, in steps of 10 ms); both are medians, the ratio
//! is of the medians. `evtx_dump` is timed too where it is on the PATH. Data is kept with `--keep`, and found again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, dead_code)]

#[path = "../tests/support/evtx_writer.rs"]
mod evtx_writer;
#[path = "support/made_evtx.rs"]
mod made_evtx;
#[path = "support/made_json.rs"]
mod made_json;
#[path = "support/size.rs"]
mod size;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Small logs of the folder.
const FILES: u64 = 870;

struct Flags(Vec<String>);

impl Flags {
    fn has(&self, flag: &str) -> bool {
        self.0.iter().any(|argument| argument == flag)
    }
    fn after(&self, flag: &str) -> Option<&str> {
        self.0.iter().position(|argument| argument == flag).and_then(|place| self.0.get(place + 1)).map(String::as_str)
    }
    fn number(&self, flag: &str, otherwise: u64) -> u64 {
        self.after(flag).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{flag} wants a number, not {text}")))
    }
}

/// What is read.
struct Input {
    name: &'static str,
    path: PathBuf,
    files: Vec<PathBuf>,
    bytes: u64,
}

impl Input {
    fn at(name: &'static str, path: PathBuf) -> Self {
        let mut files = vec![path.clone()];
        if path.is_dir() {
            files = std::fs::read_dir(&path).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
            files.sort();
        }
        let bytes = files.iter().map(|file| file.metadata().expect("a file").len()).sum();
        Self { name, path, files, bytes }
    }
}

/// Makes what is not there already.
fn made(name: &'static str, path: PathBuf, make: impl FnOnce(&Path) -> std::io::Result<u64>) -> Input {
    if !path.exists() {
        let records = make(&path).expect("room for the data");
        eprintln!("made {} with {records} records", path.display());
    }
    Input::at(name, path)
}

/// A program and its arguments for an input.
struct Program {
    name: &'static str,
    path: PathBuf,
    arguments: Vec<&'static str>,
    takes_files: bool,
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Time that ended children had on all cores, in steps of 10 ms, where the system tells (Linux).
fn children() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, behind_name) = stat.rsplit_once(')')?;
    let ticks = |place: usize| behind_name.split_whitespace().nth(place)?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks(13)? + ticks(14)?) * 10))
}

/// Wall and core time of one run.
fn run(program: &Program, input: &Input) -> (Duration, Duration) {
    let mut command = Command::new(&program.path);
    command.args(&program.arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if program.takes_files {
        command.args(&input.files)
    } else {
        command.arg(&input.path)
    };
    let (start, before) = (Instant::now(), children());
    let status = command.status().expect("the program starts");
    let wall = start.elapsed();
    assert!(status.success(), "{} ended with {status}", program.name);
    let cores = before.and_then(|before| children()?.checked_sub(before));
    (wall, cores.unwrap_or(wall))
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64()
}

fn compare(input: &Input, runs: u64) {
    let program = |name, path, arguments: &[&'static str], takes_files| Program { name, path, arguments: arguments.to_vec(), takes_files };
    let own = PathBuf::from(env!("CARGO_BIN_EXE_logonscope"));
    let mut programs = vec![program("logonscope", own, &["report", "--what", "summary"], false)];
    programs.extend(on_path("cat").map(|path| program("cat", path, &[], true)));
    let is_one_log = input.files.len() == 1 && input.path.extension().is_some_and(|ending| ending == "evtx");
    programs.extend(on_path("evtx_dump").filter(|_| is_one_log).map(|path| program("evtx_dump", path, &["-o", "jsonl"], false)));

    let mut times: Vec<(Vec<Duration>, Vec<Duration>)> = programs.iter().map(|_| Default::default()).collect();
    for program in &programs {
        // Once without being timed, so that the data is in memory for all.
        run(program, input);
    }
    for _ in 0..runs {
        for (program, (walls, cores)) in programs.iter().zip(&mut times) {
            let (wall, core) = run(program, input);
            walls.push(wall);
            cores.push(core);
        }
    }
    #[allow(clippy::cast_precision_loss)]
    let megabytes = input.bytes as f64 / 1e6;
    println!("{}: {megabytes:.0} MB in {} file(s), medians of {runs} runs", input.name, input.files.len());
    let medians: Vec<(f64, f64)> = times.iter_mut().map(|(walls, cores)| (median(walls), median(cores))).collect();
    let cat = programs.iter().position(|program| program.name == "cat").and_then(|place| medians.get(place));
    for (program, (wall, cores)) in programs.iter().zip(&medians) {
        let ratio = cat.map_or_else(String::new, |(cat, _)| format!("  {:>7.2} x cat", wall / cat));
        println!("  {:<12} {wall:>7.3} s wall {cores:>7.3} s cores {:>8.0} MB/s{ratio}", program.name, megabytes / wall);
    }
}

fn main() {
    let flags = Flags(size::arguments());
    let (megabytes, runs) = (flags.number("--megabytes", size::of(512, 1)), flags.number("--runs", size::of(5, 1)));
    if let Some(file) = flags.after("--file") {
        return compare(&Input::at("input", PathBuf::from(file)), runs);
    }
    let only = flags.after("--only");
    let is_asked = |name: &str| only.is_none_or(|only| only == name);
    let place = size::place(&format!("ratio-{megabytes}"));
    std::fs::create_dir_all(&place).expect("a folder for the data");
    if is_asked("evtx") {
        compare(&made("evtx", place.join("Security.evtx"), |path| made_evtx::write(path, megabytes * 1_000_000)), runs);
    }
    if is_asked("folder") {
        compare(&made("folder", place.join("logs"), |path| made_evtx::folder(path, size::of(FILES, 5))), runs);
    }
    for (name, file, kind) in
        [("winlogbeat", "winlogbeat.json", made_json::Kind::Winlogbeat), ("entra", "sign-ins.json", made_json::Kind::EntraDiagnostic)]
    {
        if is_asked(name) {
            compare(&made(name, place.join(file), |path| made_json::write(kind, path, megabytes * 1_000_000)), runs);
        }
    }
    if !flags.has("--keep") {
        std::fs::remove_dir_all(&place).expect("the data can be removed");
    }
}
