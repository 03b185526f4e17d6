//! How long it takes from the start of the process to a picture: the built program in a terminal of 120x36.
//!
//! ```text
//! cargo bench --bench start                                # 1 GB of log, 4 GB of JSON lines, a folder of 870 logs, 9 runs
//! cargo bench --bench start -- --runs 21 --only demo       # evtx, folder, json
//! cargo bench --bench start -- --file Security.evtx        # an input of your own
//! cargo bench --bench start -- --program target/release/logonscope # another build of the program
//! ```
//!
//! `frame` is the first picture with the row of tabs, `newest` the first one with the newest events: of the whole input, or
//! a preview of one that takes longer (see `engine::preview`). A terminal tells its background when it is asked, as
//! most do, or is silent: then the first picture waits a moment for the answer. Times are the median and the longest.
//! Data is kept with `--keep`, and found again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, dead_code)]

#[path = "../tests/support/evtx_writer.rs"]
mod evtx_writer;
#[path = "support/made_evtx.rs"]
mod made_evtx;
#[path = "support/made_json.rs"]
mod made_json;
#[path = "support/size.rs"]
mod size;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

const FILES: u64 = 870;
/// Nothing is waited for longer than this.
const PATIENCE: Duration = Duration::from_secs(30);
const QUESTION: &[u8] = b"\x1b]11;?";
const ANSWER: &[u8] = b"\x1b]11;rgb:1111/1111/1111\x1b\\";

struct Times {
    frame: Duration,
    newest: Duration,
}

/// Whether the screen shows what is newest in the input, by the mode in its first row.
fn has_newest(screen: &str) -> bool {
    ["[PREVIEW", "[FILE", "[LIVE", "[REPLAY"].iter().any(|mode| screen.contains(mode))
}

fn once(program: &str, arguments: &[&Path], answers: bool) -> Times {
    let folder = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")] {
        command.env(name, value);
    }
    for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
        command.env(name, folder.path());
    }
    ["NO_COLOR", "COLORFGBG", "TMUX", "STY"].iter().for_each(|name| command.env_remove(name));
    let pair = native_pty_system().openpty(PtySize { rows: 36, cols: 120, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut keys = pair.master.take_writer().unwrap();
    let (send, output) = channel();
    let begun = Instant::now();
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    std::thread::spawn(move || {
        let mut piece = [0; 65_536];
        while let Ok(count @ 1..) = reader.read(&mut piece) {
            if send.send((piece[..count].to_vec(), Instant::now())).is_err() {
                return;
            }
        }
    });
    let mut screen = vt100::Parser::new(36.try_into().unwrap(), 120.try_into().unwrap(), 0);
    let (mut frame, mut newest) = (None, None);
    while newest.is_none() {
        let (piece, at) = output.recv_timeout(PATIENCE).expect("the program draws");
        if answers && piece.windows(QUESTION.len()).any(|part| part == QUESTION) {
            keys.write_all(ANSWER).unwrap();
        }
        screen.process(&piece);
        let text = screen.screen().contents();
        if text.contains("1 Timeline") {
            frame.get_or_insert(at - begun);
            if has_newest(&text) {
                newest = Some(at - begun);
            }
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    Times { frame: frame.unwrap(), newest: newest.unwrap() }
}

fn measure(name: &str, arguments: &[&Path], (program, runs): (&str, u64)) {
    for (manner, answers) in [("answers", true), ("silent", false)] {
        let times: Vec<Times> = (0..runs).map(|_| once(program, arguments, answers)).collect();
        let of = |time: fn(&Times) -> Duration| {
            let mut all: Vec<Duration> = times.iter().map(time).collect();
            all.sort_unstable();
            (all[all.len() / 2].as_secs_f64() * 1e3, all[all.len() - 1].as_secs_f64() * 1e3)
        };
        let (frame, newest) = (of(|times| times.frame), of(|times| times.newest));
        println!(
            "{name:<8} terminal {manner:<8} frame {:>6.0} ms (at most {:>6.0})   newest {:>6.0} ms (at most {:>6.0})",
            frame.0, frame.1, newest.0, newest.1
        );
    }
}

fn main() {
    let flags = size::arguments();
    let after = |flag: &str| flags.iter().position(|word| word == flag).and_then(|place| flags.get(place + 1));
    let runs = after("--runs").map_or(size::of(9, 1), |number| number.parse().expect("a number of runs"));
    let how = (after("--program").map_or(env!("CARGO_BIN_EXE_logonscope"), String::as_str), runs);
    if let Some(file) = after("--file") {
        return measure("input", &[Path::new(file)], how);
    }
    let is_asked = |name: &str| after("--only").is_none_or(|only| only == name);
    let place = size::place("start");
    std::fs::create_dir_all(&place).expect("a folder for the data");
    let made = |name: &str, make: &dyn Fn(&Path) -> std::io::Result<u64>| -> PathBuf {
        let path = place.join(name);
        if !path.exists() {
            let records = make(&path).expect("room for the data");
            eprintln!("made {} with {records} records", path.display());
        }
        path
    };
    if is_asked("demo") {
        measure("demo", &[Path::new("demo")], how);
    }
    if is_asked("folder") {
        measure("folder", &[&made("logs", &|path| made_evtx::folder(path, size::of(FILES, 3)))], how);
    }
    if is_asked("evtx") {
        measure("evtx", &[&made("Security.evtx", &|path| made_evtx::write(path, size::of(1 << 30, 1 << 20)))], how);
    }
    if is_asked("json") {
        let path = made("winlogbeat.json", &|path| made_json::write(made_json::Kind::Winlogbeat, path, size::of(4 << 30, 1 << 20)));
        measure("json", &[&path], how);
    }
    if !flags.iter().any(|flag| flag == "--keep") {
        std::fs::remove_dir_all(&place).expect("the data can be removed");
    }
}
