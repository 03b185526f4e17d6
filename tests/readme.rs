//! Every command of the README works as written, on files with the names it uses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/evtx_writer.rs"]
mod evtx_writer;

#[path = "support/mmdb_writer.rs"]
mod mmdb_writer;

use evtx_writer::{Record, Val, Writer};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_logonscope");

/// Lines of the shell blocks, without comments.
fn commands() -> Vec<String> {
    let readme = include_str!("../README.md");
    let blocks = readme.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let lines = blocks.flat_map(str::lines).map(|line| line.split("  #").next().unwrap().trim().to_owned());
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

fn log() -> Vec<u8> {
    let mut writer = Writer::new();
    for number in 0..40_u64 {
        let id = format!("{:#x}", 0x1_0000 + number);
        let data = [
            ("TargetUserName", Val::Text("ada")),
            ("TargetDomainName", Val::Text("CORP")),
            ("TargetLogonId", Val::Text(&id)),
            ("LogonType", Val::Text("3")),
            ("IpAddress", Val::Text("10.0.4.11")),
        ];
        writer.record(&Record {
            record_id: number + 1,
            time: 132_576_067_510_354_251 + number * 10_000_000,
            data: &data,
            ..Record::default()
        });
    }
    let who = [("SubjectUserName", Val::Text("ada")), ("SubjectDomainName", Val::Text("CORP")), ("SubjectLogonId", Val::Text("0x10001"))];
    let cleared = Record { provider: "Microsoft-Windows-Eventlog", event_id: 1102, version: 0, record_id: 41, ..Record::default() };
    let cleared = Record { time: 132_576_067_910_354_251, data: &who, user_data: Some("LogFileCleared"), ..cleared };
    writer.record(&cleared);
    writer.finish()
}

/// The files the README speaks of.
fn lay_out(folder: &Path) {
    let log = log();
    for place in [
        "Security.evtx",
        "C/Windows/System32/winevt/Logs/Security.evtx",
        "collected/a/Security.evtx",
        "collected/b/Security.evtx",
        "Logs/Security.evtx",
    ] {
        let path = folder.join(place);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &log).unwrap();
    }
    let mut archive = zip::ZipWriter::new(std::fs::File::create(folder.join("triage.zip")).unwrap());
    archive.start_file("Logs/Security.evtx", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&log).unwrap();
    archive.finish().unwrap();
    let places = mmdb_writer::database("Cities", vec![("203.0.113.0/24", mmdb_writer::city("NO", "Oslo", (59.91, 10.75), 20))]);
    std::fs::write(folder.join("City.mmdb"), places).unwrap();
    let networks = mmdb_writer::database("Networks", vec![("203.0.113.0/24", mmdb_writer::asn(64_500, "Example Net"))]);
    std::fs::write(folder.join("ASN.mmdb"), networks).unwrap();
    std::fs::create_dir(folder.join("sigma")).unwrap();
    let rule = "title: Any logon\nlogsource: {product: windows, service: security}\ndetection: {s: {EventID: 4624}, condition: s}\n";
    std::fs::write(folder.join("sigma/any.yml"), rule).unwrap();
    std::fs::write(folder.join("signins.json"), include_bytes!("../assets/demo/entra.jsonl")).unwrap();
    std::fs::write(folder.join("events.jsonl"), include_bytes!("../assets/demo/windows.jsonl")).unwrap();
}

/// Where the program keeps what it knows: nothing of it goes to the home of whoever runs the test.
const HOMES: [&str; 3] = ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"];

/// Runs a command that opens the screen, waits for the timeline, and leaves it by `Q`.
fn screen(command: &str, folder: &Path) {
    let pty = native_pty_system().openpty(PtySize { rows: 36, cols: 120, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut shell = CommandBuilder::new("sh");
    shell.args(["-c", command]);
    shell.cwd(folder);
    shell.env("TERM", "xterm-256color");
    for home in HOMES {
        shell.env(home, folder);
    }
    let mut child = pty.slave.spawn_command(shell).unwrap();
    drop(pty.slave);
    let mut reader = pty.master.try_clone_reader().unwrap();
    let mut keys = pty.master.take_writer().unwrap();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 8_192];
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                return;
            }
        }
    });
    let mut screen = vt100::Parser::new(NonZero::new(36).unwrap(), NonZero::new(120).unwrap(), 0);
    let end = Instant::now() + Duration::from_secs(60);
    while !screen.screen().contents().contains("[1 Timeline]") {
        assert!(Instant::now() < end, "`{command}` shows no timeline:\n{}", screen.screen().contents());
        if let Ok(bytes) = receiver.recv_timeout(Duration::from_millis(200)) {
            screen.process(&bytes);
        } else {
            assert!(child.try_wait().unwrap().is_none(), "`{command}` ended:\n{}", screen.screen().contents());
        }
    }
    keys.write_all(b"Q").unwrap();
    let mut asked = false;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "`{command}` ended with {status:?}");
            return;
        }
        if let Ok(bytes) = receiver.recv_timeout(Duration::from_millis(100)) {
            screen.process(&bytes);
        }
        if !asked && screen.screen().contents().contains("y yes") {
            keys.write_all(b"y").unwrap();
            asked = true;
        }
        assert!(Instant::now() < end, "`{command}` cannot be left:\n{}", screen.screen().contents());
    }
}

fn quiet(command: &str, folder: &Path) {
    let done =
        std::process::Command::new("sh").args(["-c", command]).current_dir(folder).envs(HOMES.map(|home| (home, folder))).output().unwrap();
    assert!(done.status.success(), "`{command}`: {}", String::from_utf8_lossy(&done.stderr));
    assert!(!done.stdout.is_empty(), "`{command}` prints nothing");
}

#[test]
fn every_command_of_the_readme_works() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let commands = commands();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands {
        match command.as_str() {
            // This is the command that runs this test.
            "cargo test" => continue,
            // Measuring takes minutes and is no test.
            bench if bench.starts_with("cargo bench") => continue,
            _ => {}
        }
        // The binary under test stands for the one that cargo builds, and a finished stream for an endless one.
        let runnable = command.replace("cargo run --release --", "logonscope").replace("tail -F", "cat").replace("logonscope", BINARY);
        // Somebody may listen on these ports.
        let runnable = runnable.replace("://:9200", "://:0").replace("://:5140", "://:0");
        let word = runnable.split('|').next_back().unwrap().split_whitespace().nth(1).unwrap().to_owned();
        if let Some((_, file)) = runnable.split_once(" > ") {
            // What it writes is not empty; settings are read by a command below.
            quiet(&format!("{runnable} && cat {file}"), folder.path());
        } else if ["report", "detections", "keys", "history"].contains(&word.as_str()) {
            quiet(&runnable, folder.path());
        } else {
            screen(&runnable, folder.path());
        }
    }
}
