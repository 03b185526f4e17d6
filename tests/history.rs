//! What earlier runs saw: written once, known later, kept in bounds, and never in the way.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/pty.rs"]
mod pty;

use logonscope::base::time::Timestamp;
use logonscope::history::account::{Reader, Whose};
use logonscope::history::upkeep::{self, Stats};
use pty::{Unseen, until};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const BINARY: &str = env!("CARGO_BIN_EXE_logonscope");

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }
    /// The program in this folder, which is also where the system keeps data and settings.
    fn run(&self, line: &str) -> Output {
        let mut command = Command::new(BINARY);
        command.args(line.split_whitespace()).current_dir(self.0.path());
        for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "HOME"] {
            command.env(name, self.0.path());
        }
        command.output().unwrap()
    }
    fn prints(&self, line: &str) -> String {
        let done = self.run(line);
        assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }
    fn refuses(&self, line: &str) -> String {
        let done = self.run(line);
        assert_eq!(done.status.code(), Some(2), "{line}");
        String::from_utf8(done.stderr).unwrap()
    }
    fn stats(&self, name: &str) -> Stats {
        upkeep::stats(&self.path(name)).unwrap()
    }
    /// The screen on a file, in this folder.
    fn screen(&self, arguments: &str) -> Unseen {
        let folder = self.0.path().display();
        Unseen::shell(&format!(
            "cd {folder} && export XDG_DATA_HOME={folder} XDG_CONFIG_HOME={folder} HOME={folder} && exec $0 {arguments}"
        ))
    }
}

/// A logon of `user` from a source at a day and minute of 2026.
fn logon(record: u32, day: u32, minute: u32, user: &str, host: &str, kind: u32, source: &str) -> String {
    let at = format!("2026-{:02}-{:02}T{:02}:{:02}:00Z", 1 + day / 28, 1 + day % 28, 8 + minute / 60, minute % 60);
    format!(
        "{{\"EventID\":4624,\"Channel\":\"Security\",\"Computer\":\"{host}.corp.example\",\"Provider\":\"Microsoft-Windows-Security-Auditing\",\"EventRecordID\":{record},\"TimeCreated\":\"{at}\",\"TargetUserName\":\"{user}\",\"TargetDomainName\":\"CORP\",\"TargetUserSid\":\"S-1-5-21-1-2-3-1104\",\"TargetLogonId\":\"{:#x}\",\"LogonType\":{kind},\"IpAddress\":\"{source}\"}}\n",
        0x10_000 + record
    )
}

/// Days on which somebody works as always: 40 days at two hosts.
fn habit() -> String {
    let day =
        |day| [logon(1 + day * 2, day, 5, "ada", "ws1", 10, "10.0.4.11"), logon(2 + day * 2, day, 65, "ada", "fs01", 10, "10.0.4.11")];
    (0..40).flat_map(day).collect()
}

/// Nobody's host, but one that has been there for long.
fn service() -> String {
    (0..40).map(|day| logon(201 + day, day, 30, "svc_backup", "dc01", 3, "10.0.4.12").replace("-1104", "-1200")).collect()
}

/// The day after: a host that was never used.
fn strange() -> String {
    [logon(101, 41, 7, "ada", "ws1", 10, "10.0.4.11"), logon(102, 41, 90, "ada", "dc01", 10, "10.0.4.11")].concat()
}

fn kinds(lines: &str) -> Vec<String> {
    let kind = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["kind"].as_str().unwrap().to_owned();
    lines.lines().map(kind).collect()
}

fn why(lines: &str) -> Vec<String> {
    lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["why"].to_string()).collect()
}

#[test]
fn the_same_log_twice_changes_nothing_and_gives_the_same_anomalies() {
    let place = Place::new();
    place.write("events.jsonl", include_str!("../assets/demo/windows.jsonl"));
    place.write("entra.jsonl", include_str!("../assets/demo/entra.jsonl"));
    let line = "report events.jsonl entra.jsonl --what anomalies --format jsonl --history h.db";
    let (alone, first) = (place.prints(&line.replace(" --history h.db", "")), place.prints(line));
    assert_eq!(first, alone, "an empty past tells nothing");
    let (bytes, stats) = (std::fs::read(place.path("h.db")).unwrap(), place.stats("h.db"));
    assert!(stats.events > 1_000 && stats.sessions > 100 && stats.anomalies > 3 && stats.facts > 100 && stats.days > 0, "{stats:?}");
    assert_eq!(place.prints(line), first);
    assert_eq!(place.stats("h.db"), stats);
    assert!(std::fs::read(place.path("h.db")).unwrap() == bytes, "not a byte was written");
    // A part of it again, on its own.
    place.prints("report events.jsonl --history h.db");
    assert_eq!(place.stats("h.db").events, stats.events);
    assert!(place.prints("history verify --history h.db").contains("everything fits together"));
}

#[test]
fn what_was_usual_in_an_earlier_log_is_usual_in_the_next() {
    let place = Place::new();
    place.write("habit.jsonl", &(habit() + &service()));
    place.write("strange.jsonl", &strange());
    let report = |what: &str| place.prints(&format!("report {what} --what anomalies --format jsonl"));
    let together = report("habit.jsonl strange.jsonl");
    assert_eq!(kinds(&together), ["first-seen-host-for-account"]);
    assert!(kinds(&report("strange.jsonl")).is_empty(), "nothing is known yet");
    report("habit.jsonl --history h.db");
    for _ in 0..2 {
        // The record stands in another line of another file; what is said is the same, also when it is opened again.
        assert_eq!(why(&report("strange.jsonl --history h.db")), why(&together));
    }
    // The other way round: what came later is no past.
    assert!(kinds(&report("habit.jsonl --history h.db")).is_empty());
}

#[test]
fn an_account_s_past_ends_where_the_log_begins() {
    let place = Place::new();
    place.write("habit.jsonl", &habit());
    place.prints("report habit.jsonl --history h.db");
    let reader = Reader::open(&place.path("h.db")).unwrap();
    let whose = |before: &str| Whose { names: vec!["corp\\ada".into(), "nobody".into()], before: Timestamp::parse(before).unwrap() };
    let past = reader.account(&whose("2026-02-01T08:30:00Z"), 3).unwrap();
    assert_eq!(past.first, Timestamp::parse("2026-01-01T08:05:00Z"));
    assert_eq!(past.last, Timestamp::parse("2026-02-01T08:05:00Z"));
    assert_eq!(past.days, 28);
    let events: Vec<(String, &str)> = past.events.iter().map(|event| (event.at.rfc3339(), event.host.as_str())).collect();
    assert_eq!(
        events,
        [
            ("2026-02-01T08:05:00.000000Z".to_owned(), "ws1.corp.example"),
            ("2026-01-28T09:05:00.000000Z".to_owned(), "fs01.corp.example"),
            ("2026-01-28T08:05:00.000000Z".to_owned(), "ws1.corp.example")
        ]
    );
    let event = &past.events[0];
    assert_eq!((event.what.as_str(), event.outcome, event.logon_type, event.source.as_str()), ("4624", "success", Some(10), "10.0.4.11"));
    let hosts: Vec<(&str, u32)> = past.hosts.iter().map(|met| (met.name.as_str(), met.days)).collect();
    assert_eq!(hosts, [("fs01.corp.example", 28), ("ws1.corp.example", 28)]);
    assert_eq!(past.sources.len(), 1);
    // 2026-01-01 was a Thursday: of 28 days each weekday came four times.
    let hours = past.hours.unwrap();
    assert_eq!((hours[8], hours[9], hours[10], hours.iter().sum::<u32>()), (4, 4, 0, 56));
    assert_eq!(reader.account(&whose("2026-01-01T08:05:00Z"), 3).unwrap().events, []);
}

#[test]
fn stats_and_export_tell_what_is_there_without_a_control_byte() {
    let place = Place::new();
    place.write("log.jsonl", &logon(7, 3, 5, "svc\\u001b]0;owned\\u0007\\u202e", "ws1", 3, "10.0.4.11"));
    place.prints("report log.jsonl --history h.db");
    let stats = place.prints("history stats --history h.db");
    assert!(stats.contains("events     1\n") && stats.contains("first      2026-01-04T08:05:00"), "{stats}");
    let lines = place.prints("history export --history h.db");
    assert!(!lines.chars().any(|c| c != '\n' && logonscope::base::text::is_unsafe(c)), "{lines:?}");
    let rows: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| rows.iter().filter(|row| row["row"] == kind).collect::<Vec<_>>();
    assert_eq!(of("event").len(), 1);
    let event = of("event")[0];
    assert_eq!(
        (&event["time"], &event["event"], &event["host"]),
        (&"2026-01-04T08:05:00.000000Z".into(), &"4624".into(), &"ws1.corp.example".into())
    );
    assert!(event["account"].as_str().unwrap().starts_with("corp\\svc^[]0;owned^G"), "{event}");
    for kind in ["account", "session", "baseline", "hours"] {
        assert!(!of(kind).is_empty(), "{kind}");
    }
    assert_eq!(of("hours")[0]["runs"], serde_json::json!([8]));
}

#[test]
fn what_is_old_or_too_much_goes_by_days() {
    let place = Place::new();
    place.write("habit.jsonl", &habit());
    place.prints("report habit.jsonl --history h.db");
    assert_eq!(place.stats("h.db").events, 80);
    place.write("site.toml", "[history]\nkeep_days = 10\n");
    assert!(place.prints("history prune --history h.db --settings site.toml").contains("rows went"));
    let stats = place.stats("h.db");
    assert_eq!((stats.events, stats.days, stats.first), (21, 11, Timestamp::parse("2026-02-02T09:05:00Z")), "ten days before the newest");
    assert!(place.prints("history verify --history h.db").contains("everything fits together"));
    // What is too old is not taken in again.
    place.prints("report habit.jsonl --history h.db --settings site.toml");
    assert_eq!(place.stats("h.db").events, 21);
    place.write("small.toml", "[history]\nmost_megabytes = 0\n");
    place.prints("history prune --history h.db --settings small.toml");
    let stats = place.stats("h.db");
    assert!((1..5).contains(&stats.events), "of a file that is too large whatever goes the last day stays: {stats:?}");
}

#[test]
fn two_programs_write_one_history_at_once() {
    let place = Place::new();
    let names: Vec<String> = (0..4).map(|part: u32| format!("part{part}.jsonl")).collect();
    for (part, name) in (0..).zip(&names) {
        // Each shares a half with the next.
        let text: String = (part * 500..part * 500 + 1_000)
            .map(|record| logon(record + 1, record / 60, record % 60, "ada", "ws1", 3, "10.0.4.11"))
            .collect();
        place.write(name, &text);
    }
    let place = &place;
    std::thread::scope(|scope| {
        for name in &names {
            scope.spawn(move || place.prints(&format!("report {name} --history h.db")));
        }
    });
    assert_eq!(place.stats("h.db").events, 2_500);
    assert!(place.prints("history verify --history h.db").contains("everything fits together"));
}

#[test]
fn a_program_that_is_killed_loses_the_last_moment_only() {
    let place = Place::new();
    let line = |record: u32| logon(record + 1, 0, record % 600, "ada", "ws1", 3, "10.0.4.11");
    let append = |from: u32, to: u32| {
        use std::io::Write as _;
        let text: String = (from..to).map(line).collect();
        std::fs::OpenOptions::new().append(true).create(true).open(place.path("live.jsonl")).unwrap().write_all(text.as_bytes()).unwrap();
    };
    append(0, 50);
    let events = || upkeep::stats(&place.path("h.db")).map_or(0, |stats| stats.events);
    for round in 1..=4_u32 {
        let running = place.screen("live.jsonl --history h.db");
        until("what is there to be kept", || events() >= u64::from(round) * 100 - 50);
        append(round * 100 - 50, round * 100);
        if round % 2 == 0 {
            until("what is live to be kept", || events() == u64::from(round) * 100);
        }
        append(round * 100, round * 100 + 50);
        running.kill();
        assert!(upkeep::verify(&place.path("h.db")).unwrap().is_empty());
        assert!(events() >= if round % 2 == 0 { u64::from(round) * 100 } else { u64::from(round) * 100 - 50 });
    }
    place.prints("report live.jsonl --history h.db");
    assert_eq!(events(), 450, "each record is there once");
}

#[test]
fn only_the_screen_keeps_a_history_unasked_and_only_of_logs() {
    let place = Place::new();
    place.write("log.jsonl", &habit());
    let usual = place.path("logonscope/history.db");
    place.prints("report log.jsonl");
    for arguments in ["log.jsonl --no-history", "demo", "replay log.jsonl"] {
        let mut screen = place.screen(arguments);
        screen.shows("[1 Timeline]");
        screen.kill();
    }
    assert!(!place.path("logonscope").exists());
    assert!(place.refuses("history stats").contains("there is no history"));
    let mut screen = place.screen("log.jsonl");
    screen.shows("[1 Timeline]");
    until("the history", || usual.exists() && upkeep::stats(&usual).is_ok_and(|stats| stats.events == 80));
    screen.kill();
    assert!(place.prints("history stats").contains("events     80\n"));
}

#[test]
fn a_history_that_cannot_be_used_is_refused_or_complained_of_and_stays_as_it_is() {
    let place = Place::new();
    place.write("log.jsonl", &habit());
    place.write("h.db", "dear diary\n");
    for line in
        ["report log.jsonl --history h.db", "history stats --history h.db", "history prune --history h.db", "history export --history h.db"]
    {
        let told = place.refuses(line);
        assert!(told.contains("h.db is no history of logonscope") && told.contains("--no-history"), "{line}: {told}");
    }
    std::fs::create_dir(place.path("logonscope")).unwrap();
    place.write("logonscope/history.db", "dear diary\n");
    let mut screen = place.screen("log.jsonl");
    screen.shows("[1 Timeline]");
    screen.shows("is no history of logonscope");
    screen.kill();
    assert_eq!(std::fs::read_to_string(place.path("logonscope/history.db")).unwrap(), "dear diary\n");
    assert!(!Path::new(&place.path("logonscope/history.db-wal")).exists());
}

#[test]
fn a_history_that_is_damaged_inside_is_told() {
    let place = Place::new();
    place.write("log.jsonl", &habit());
    place.prints("report log.jsonl --history h.db");
    let mut bytes = std::fs::read(place.path("h.db")).unwrap();
    let pages = bytes.len() / 4096;
    for page in 2..pages {
        bytes[page * 4096..page * 4096 + 200].fill(0x5a);
    }
    std::fs::write(place.path("h.db"), &bytes).unwrap();
    let told = place.refuses("history verify --history h.db");
    assert!(told.contains("h.db"), "{told}");
    let told = place.refuses("report log.jsonl --history h.db");
    assert!(told.contains("is damaged") && told.contains("move it away"), "{told}");
    assert!(std::fs::read(place.path("h.db")).unwrap() == bytes, "it is left as it is");
}
