//! The program without a screen: lines for people and for programs, by the real binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

#[cfg(unix)]
#[path = "support/pty.rs"]
mod pty;

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo")
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logonscope"));
    command.stdin(Stdio::null()).env_remove("NO_COLOR").arg("--no-history");
    command
}

fn run(more: &[&str]) -> Output {
    program().args(more).arg("--no-follow").arg(demo()).output().unwrap()
}

fn lines(output: &Output) -> Vec<String> {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap().lines().map(str::to_owned).collect()
}

fn counted(lines: &[String], sort: &str) -> usize {
    lines.iter().filter(|line| line.starts_with(sort)).count()
}

/// The rows of a report about the same logs.
fn report(what: &str) -> Vec<Value> {
    let output =
        Command::new(env!("CARGO_BIN_EXE_logonscope")).args(["report", "--what", what, "--format", "json"]).arg(demo()).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn files_are_told_in_lines_and_the_program_ends() {
    let said = lines(&run(&["--plain"]));
    assert_eq!(counted(&said, "input: "), 2, "{said:#?}");
    let anomalies = report("anomalies");
    assert_eq!(counted(&said, "anomaly "), anomalies.len(), "the same detections as everywhere");
    for anomaly in &anomalies {
        let (kind, severity) = (anomaly["kind"].as_str().unwrap(), anomaly["severity"].as_str().unwrap());
        assert!(said.iter().any(|line| line.starts_with(&format!("anomaly {severity}: ")) && line.contains(kind)), "{kind}");
    }
    assert!(counted(&said, "session open: ") > 100 && counted(&said, "session end: ") > 50);
    assert!(counted(&said, "session open: ") >= counted(&said, "session end: "));
    assert!(said.last().unwrap().starts_with("end: 1,078 events, "), "{:?}", said.last());
    let spray = said.iter().find(|line| line.contains("password-spray-windows")).unwrap();
    assert!(spray.contains("score 90") && spray.contains("from 10.0.9.66"), "{spray}");
    let times: Vec<&str> = said.iter().filter_map(|line| line.split_once(": 2026-03-10 ").map(|(_, rest)| &rest[..8])).collect();
    assert!(times.len() > 150 && times.is_sorted(), "what happened stands in its order");
    assert_eq!(said, lines(&run(&["--plain"])), "the same recording gives the same lines");
}

#[test]
fn programs_get_the_same_as_json() {
    let said: Vec<Value> = lines(&run(&["--headless"])).iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| said.iter().filter(|line| line["kind"] == kind).count();
    let words = lines(&run(&["--plain"]));
    assert_eq!(of("anomaly"), counted(&words, "anomaly "));
    assert_eq!(of("session_open"), counted(&words, "session open: "));
    assert_eq!(of("session_end"), counted(&words, "session end: "));
    assert_eq!(said.len(), words.len());
    let anomaly = said.iter().find(|line| line["detection"] == "mfa-fatigue").unwrap();
    assert_eq!((anomaly["severity"].as_str(), anomaly["state"].as_str()), (Some("critical"), Some("new")));
    let session = said.iter().find(|line| line["kind"] == "session_end" && line["how"] == "logoff").unwrap();
    assert!(session["account"].is_string() && session["seconds"].is_number() && session["start"].is_string(), "{session}");
    assert_eq!(said.last().unwrap()["kind"], "end");
}

#[test]
fn a_filter_leaves_out_what_it_hides_and_a_wrong_one_is_said_at_once() {
    let said = lines(&run(&["--plain", "--filter", "account:svc_backup"]));
    let told: Vec<&String> = said.iter().filter(|line| line.starts_with("session ")).collect();
    assert!(!told.is_empty() && told.iter().all(|line| line.contains("svc_backup")), "{told:#?}");
    assert!(counted(&said, "anomaly ") < report("anomalies").len());
    let wrong = run(&["--plain", "--filter", "nothing:1"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("--filter"), "{wrong:?}");
}

#[test]
fn without_a_terminal_the_message_says_what_to_use() {
    let refused = run(&[]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("--plain") && said.contains("logonscope report"), "{said}");
}

#[test]
fn a_reader_that_goes_away_ends_it_without_a_word() {
    let mut child = program().args(["--plain", "--no-follow"]).arg(demo()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut first).unwrap();
    drop(out);
    assert!(first.starts_with("input: "), "{first}");
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""));
}

/// Longest wait for anything; only a failing test waits that long.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

const LOG: &str = r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":4624,"Channel":"Security","Computer":"fs01.corp.example","EventRecordID":RECORD,"TimeCreated":{"#attributes":{"SystemTime":"2026-03-14T09:31:20.000000Z"}}},"EventData":{"TargetUserName":"NAME","TargetDomainName":"CORP","TargetUserSid":"S-1-5-21-1-2-3-RECORD","TargetLogonId":"0xRECORD","LogonType":10,"IpAddress":"10.0.9.66","IpPort":"51884","WorkstationName":"WS41"}}}"##;

fn record(number: u32, name: &str) -> String {
    LOG.replace("RECORD", &number.to_string()).replace("NAME", name) + "\n"
}

#[test]
fn what_a_followed_file_gets_is_told_as_it_comes_and_control_characters_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    std::fs::write(&path, record(7001, "svc_backup\\u001b]0;owned\\u0007")).unwrap();
    let mut child = program().arg("--plain").arg(&path).stdout(Stdio::piped()).spawn().unwrap();
    let (send, said) = std::sync::mpsc::channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
    let wait_for = |wanted: &str| loop {
        let line = said.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("nothing of {wanted}"));
        assert!(!line.chars().any(char::is_control), "{line:?}");
        if line.contains(wanted) {
            return line;
        }
    };
    let first = wait_for("session open: ");
    assert!(first.contains("svc_backup^[]0;owned^G"), "{first}");
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(record(7002, "jdoe").as_bytes()).unwrap();
    let second = wait_for("jdoe");
    assert!(second.starts_with("session open: 2026-03-14 09:31:20Z 10 RemoteInteractive jdoe@CORP on FS01 from 10.0.9.66"), "{second}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
#[cfg(unix)]
fn a_dumb_terminal_gets_lines_and_takes_commands() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    std::fs::copy(demo().join("windows.jsonl"), &log).unwrap();
    let case = folder.path().join("case.jsonl");
    let mut run = pty::Unseen::shell(&format!("TERM=dumb exec \"$0\" --no-history --case {} {}", case.display(), log.display()));
    run.shows("session end: ");
    run.press("help\r");
    run.shows("anomalies [COUNT]: what is odd and still open, worst first");
    run.press("why 1\r");
    run.shows("ATT&CK: ");
    run.press("ack 1\r");
    run.shows("number 1: acknowledged");
    run.press("why 9999\r");
    run.shows("no anomaly has the number '9999'");
    run.press("accounts 2\r");
    run.shows("2 of ");
    run.press("nonsense\r");
    run.shows("no command 'nonsense': help lists them");
    run.press("quit\r");
    let (content, screen) = run.ends();
    assert!(content && screen.contains("end: "), "{screen}");
    assert!(std::fs::read_to_string(&case).unwrap().contains("\"state\":\"acknowledged\""));
}
