//! What is written while it is watched gives the same as what is read at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/evtx_writer.rs"]
mod evtx_writer;
#[path = "support/waiting.rs"]
mod waiting;

use evtx_writer::{Record, Val, Writer};
use logonscope::engine::handle::{Command, Handle};
use logonscope::engine::load::Opened;
use logonscope::engine::{Mode, Plan, start};
use logonscope::model::input::InputState;
use logonscope::source::archive::Unpacking;
use logonscope::store::{Phase, Snapshot};
use std::io::Write as _;
use std::sync::Arc;
use waiting::wait;

fn followed(path: &std::path::Path) -> Handle {
    start(Plan {
        inputs: vec![Opened::file(path.to_path_buf())],
        arguments: vec![path.to_path_buf()],
        unpacking: Unpacking::default(),
        mode: Mode::Open { follow: true },
    })
}

#[test]
fn a_json_file_that_grows_in_odd_pieces_gives_the_same_as_one_reading() {
    let text = include_bytes!("../assets/demo/windows.jsonl");
    let whole = digest::at_once(&[Opened::memory("windows.jsonl", Arc::from(text.as_slice()))]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("windows.jsonl");
    std::fs::write(&path, &text[..text.len() / 3]).unwrap();
    let mut handle = followed(&path);
    let first = wait(&mut handle, "followed", |now| now.inputs.iter().any(|input| input.state == InputState::Following));
    assert!(!first.tables.events.is_empty() && first.tables.events.len() < whole.tables.events.len());
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    for piece in text[text.len() / 3..].chunks(9_973) {
        file.write_all(piece).unwrap();
    }
    let last = wait(&mut handle, "complete", |now| now.tables.events.len() >= whole.tables.events.len());
    assert!(digest::of(&last) == digest::of(&whole));
    assert_eq!(last.inputs[0].unreadable, 0);
}

#[test]
fn a_file_that_is_replaced_is_read_from_its_beginning() {
    let text = std::str::from_utf8(include_bytes!("../assets/demo/entra.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("entra.jsonl");
    std::fs::write(&path, lines[..20].join("\n") + "\n").unwrap();
    let mut handle = followed(&path);
    wait(&mut handle, "read", |now| now.tables.events.len() == 20 && now.inputs[0].state == InputState::Following);
    let new = folder.path().join("new");
    std::fs::write(&new, lines[20..50].join("\n") + "\n").unwrap();
    std::fs::rename(&new, &path).unwrap();
    wait(&mut handle, "rotated", |now| now.tables.events.len() == 50);
}

#[test]
fn a_log_that_is_written_while_it_is_watched_shows_every_record_once() {
    const RECORDS: u64 = 900;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut writer = Writer::new().dirty();
    let mut put = |number: u64| {
        let id = format!("{:#x}", 0x1_0000 + number);
        let data = [
            ("TargetUserName", Val::Text("ada")),
            ("TargetDomainName", Val::Text("CORP")),
            ("TargetLogonId", Val::Text(&id)),
            ("LogonType", Val::Text("3")),
        ];
        let time = 132_576_067_510_354_251 + number * 10_000_000;
        writer.record(&Record { record_id: number, time, data: &data, ..Record::default() });
        // In place, as Windows writes: the file is never cut.
        let mut file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path).unwrap();
        file.write_all(&writer.file()).unwrap();
    };
    put(1);
    let mut handle = followed(&path);
    wait(&mut handle, "followed", |now| now.inputs.iter().any(|input| input.state == InputState::Following));
    for number in 2..=RECORDS {
        put(number);
        if number % 200 == 0 {
            wait(&mut handle, "in step", |now| now.tables.events.len() as u64 == number);
        }
    }
    let last = wait(&mut handle, "complete", |now| now.tables.events.len() as u64 >= RECORDS);
    let records: Vec<u64> = last.tables.events.iter().map(|row| row.event.record).collect();
    assert_eq!(records, (1..=RECORDS).collect::<Vec<_>>());
    assert_eq!((last.meters.duplicates, last.inputs[0].unreadable), (0, 0));
}

#[test]
fn looking_again_finds_what_a_folder_got_since() {
    let lines: Vec<&str> = std::str::from_utf8(include_bytes!("../assets/demo/entra.jsonl")).unwrap().lines().collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("first.jsonl");
    std::fs::write(&path, lines[..20].join("\n") + "\n").unwrap();
    let plan = Plan {
        inputs: vec![Opened::file(path)],
        arguments: vec![folder.path().to_path_buf()],
        unpacking: Unpacking::default(),
        mode: Mode::Open { follow: true },
    };
    let mut handle = start(plan);
    wait(&mut handle, "read", |now| now.tables.events.len() == 20 && now.inputs[0].state == InputState::Following);
    std::fs::write(folder.path().join("second.jsonl"), lines[20..50].join("\n") + "\n").unwrap();
    handle.command(Command::Rescan).unwrap();
    let now = wait(&mut handle, "found", |now| now.tables.events.len() == 50);
    let last = now.tables.events.last().unwrap().event.provenance;
    assert_eq!((now.inputs.len(), now.inputs[1].events), (2, 30));
    assert!(handle.raw.raw(last).unwrap().json.contains("properties"));
}

#[test]
fn every_step_of_a_replay_is_seen_in_both_directions() {
    let plan = Plan {
        inputs: digest::demo(),
        arguments: Vec::new(),
        unpacking: Unpacking::default(),
        mode: Mode::Replay { speed: 1.0, from: None },
    };
    let mut handle = start(plan);
    wait(&mut handle, "read", |now| matches!(now.phase, Phase::Replay { .. }));
    let mut versions = Vec::new();
    for (step, position) in [(400, 400), (-1, 399), (-1, 398), (-100, 298), (1, 299)] {
        handle.command(Command::Step(step)).unwrap();
        let held = |now: &Snapshot| matches!(now.phase, Phase::Replay { playing: false, position: at, .. } if at == position);
        let now = wait(&mut handle, "stepped", held);
        assert_eq!(now.tables.events.len(), position);
        versions.push(now.version);
    }
    assert!(versions.is_sorted() && versions.windows(2).all(|pair| pair[0] < pair[1]), "{versions:?}");
}

#[test]
fn a_text_that_is_followed_is_read_once_whatever_its_layout_and_goes_on_where_it_stopped() {
    let lines: Vec<&str> = std::str::from_utf8(include_bytes!("../assets/demo/entra.jsonl")).unwrap().lines().collect();
    let header = "TimeGenerated,Category,ResultType,UserPrincipalName,Id,IPAddress,CreatedDateTime,Type";
    let row = |number: usize| {
        format!("2026-03-10T08:00:{number:02}Z,SignInLogs,0,ada@corp.example,id-{number},10.0.0.1,2026-03-10T08:00:{number:02}Z,SigninLogs")
    };
    let csv = |range: std::ops::Range<usize>| range.map(row).collect::<Vec<_>>().join("\n");
    let cases = [
        ("lines", lines[..20].join("\n") + "\n", lines[20..25].join("\n") + "\n"),
        ("no newline at the end", lines[..20].join("\n"), format!("\n{}\n", lines[20..25].join("\n"))),
        (
            "a record half written",
            format!("{}\n{}", lines[..20].join("\n"), &lines[20][..70]),
            format!("{}\n{}\n", &lines[20][70..], lines[21..25].join("\n")),
        ),
        ("an array on one line", format!("[{}]", lines[..20].join(",")), String::new()),
        ("an envelope on one line", format!("{{\"records\":[{}]}}", lines[..20].join(",")), String::new()),
        ("an array that goes on", format!("[{}", lines[..20].join(",\n")), format!(",\n{}]\n", lines[20..25].join(",\n"))),
        ("CSV", format!("{header}\n{}\n", csv(0..20)), csv(20..25) + "\n"),
    ];
    for (name, before, after) in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input");
        std::fs::write(&path, before).unwrap();
        let mut handle = followed(&path);
        wait(&mut handle, name, |now| {
            now.inputs.first().is_some_and(|input| input.state == InputState::Following) && now.tables.events.len() == 20
        });
        let wanted = if after.is_empty() { 20 } else { 25 };
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(after.as_bytes()).unwrap();
        let now = wait(&mut handle, name, |now| now.tables.events.len() == wanted);
        assert_eq!((now.inputs[0].records, now.inputs[0].unreadable), (wanted as u64, 0), "{name}: {:?}", now.inputs[0].places);
        assert_eq!((now.meters.duplicates, now.inputs[0].unknown), (0, 0), "{name}");
    }
}
