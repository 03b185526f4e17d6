//! Inputs that change under the eyes of the program: every layout and every way a file is replaced gives each record
//! once, from the file to the snapshot.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/evtx_writer.rs"]
mod evtx_writer;
#[cfg(unix)]
#[path = "support/pty.rs"]
mod pty;
#[path = "support/waiting.rs"]
mod waiting;

use evtx_writer::{Record, Val, Writer};
use logonscope::engine::handle::Handle;
use logonscope::engine::load::Opened;
use logonscope::engine::{Mode, Plan, start};
use logonscope::model::input::InputState;
use logonscope::source::archive::Unpacking;
use logonscope::store::Snapshot;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use waiting::wait;

fn users(snapshot: &Snapshot) -> Vec<u32> {
    let name = |row: &logonscope::model::world::Row| snapshot.names.raw(row.event.account.user).trim_start_matches('u').parse().unwrap();
    let mut users: Vec<u32> = snapshot.tables.events.iter().map(|row| name(&row)).collect();
    users.sort_unstable();
    users
}

/// Waits until exactly the records of `0..end` are there.
#[track_caller]
fn complete(handle: &mut Handle, what: &str, end: u32) -> Arc<Snapshot> {
    let now = wait(handle, what, |now| now.tables.events.len() >= end as usize);
    assert_eq!(users(&now), (0..end).collect::<Vec<_>>(), "{what}");
    assert_eq!(now.meters.duplicates, 0, "{what}");
    now
}

fn follow(argument: &Path, files: &[&Path]) -> Handle {
    let inputs = files.iter().map(|path| Opened::file(path.to_path_buf())).collect();
    let plan = Plan { inputs, arguments: vec![argument.to_path_buf()], unpacking: Unpacking::default(), mode: Mode::Open { follow: true } };
    let mut handle = start(plan);
    wait(&mut handle, "followed", |now| now.inputs.iter().any(|input| matches!(input.state, InputState::Following | InputState::Failed)));
    handle
}

/// Without a number, so that one that comes twice is counted twice.
fn object(number: u32) -> String {
    let at = format!("2026-03-14T{:02}:{:02}:{:02}Z", 9 + number / 3_600, number / 60 % 60, number % 60);
    format!(
        "{{\"EventID\":4624,\"Channel\":\"Security\",\"Computer\":\"fs01.corp.example\",\"Provider\":\"Microsoft-Windows-Security-Auditing\",\"TimeCreated\":\"{at}\",\"TargetUserName\":\"u{number}\",\"TargetDomainName\":\"CORP\",\"TargetLogonId\":\"{:#x}\",\"LogonType\":3}}",
        0x10_000 + number
    )
}

fn lines(range: std::ops::Range<u32>) -> String {
    range.map(|number| object(number) + "\n").collect()
}

fn pretty(number: u32) -> String {
    object(number).replace(",\"", ",\n  \"").replace('{', "{\n  ").replace('}', "\n}") + "\n"
}

fn append(path: &Path, bytes: impl AsRef<[u8]>) {
    std::fs::OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(bytes.as_ref()).unwrap();
}

fn record(writer: &mut Writer, number: u32) {
    let (user, id) = (format!("u{number}"), format!("{:#x}", 0x1_0000 + number));
    let data = [
        ("TargetUserName", Val::Text(&user)),
        ("TargetDomainName", Val::Text("CORP")),
        ("TargetLogonId", Val::Text(&id)),
        ("LogonType", Val::Text("3")),
    ];
    let time = 132_576_067_510_354_251 + u64::from(number) * 10_000_000;
    writer.record(&Record { record_id: u64::from(number) + 1, time, data: &data, ..Record::default() });
}

fn write_in_place(path: &Path, bytes: &[u8]) {
    std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(path).unwrap().write_all(bytes).unwrap();
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn every_layout_grows_in_any_pieces() {
    let with = |end: &str| (0..12).map(|number| object(number) + end).collect::<String>();
    let layouts: [(&str, Vec<u8>); 6] = [
        ("lines", with("\n").into_bytes()),
        ("lines of Windows", with("\r\n").into_bytes()),
        ("UTF-16", [b"\xff\xfe".to_vec(), utf16(&with("\r\n"))].concat()),
        ("records over many lines", (0..12).map(pretty).collect::<String>().into_bytes()),
        ("an array", format!("[{}]", (0..12).map(object).collect::<Vec<_>>().join(",\n")).into_bytes()),
        ("an array on one line", format!("[{}]", (0..12).map(object).collect::<Vec<_>>().join(",")).into_bytes()),
    ];
    for (name, bytes) in layouts {
        // Also where a record, a pair of units or a line's end is cut in two.
        for (begin, step) in [(0, 97), (1, 211), (bytes.len() / 2 + 1, 333)] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("logons.json");
            std::fs::write(&path, &bytes[..begin]).unwrap();
            let mut handle = follow(&path, &[&path]);
            for piece in bytes[begin..].chunks(step) {
                append(&path, piece);
            }
            let now = complete(&mut handle, name, 12);
            assert_eq!(now.inputs[0].unreadable, 0, "{name} from {begin}: {:?}", now.inputs[0].places);
        }
    }
}

#[test]
fn a_table_that_is_rotated_or_emptied_begins_with_its_header_again() {
    let header = "TimeGenerated,Category,ResultType,UserPrincipalName,Id,IPAddress,CreatedDateTime,Type\n";
    let row = |number: u32| {
        format!("2026-03-10T08:00:{number:02}Z,SignInLogs,0,u{number},id-{number},10.0.0.1,2026-03-10T08:00:{number:02}Z,SigninLogs\n")
    };
    let table = |range: std::ops::Range<u32>| format!("{header}{}", range.map(row).collect::<String>());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signins.csv");
    std::fs::write(&path, table(0..5)).unwrap();
    let mut handle = follow(&path, &[&path]);
    append(&path, row(5));
    complete(&mut handle, "grown", 6);
    std::fs::rename(&path, path.with_extension("1")).unwrap();
    std::fs::write(&path, table(6..9)).unwrap();
    complete(&mut handle, "renamed", 9);
    std::fs::write(&path, table(9..11)).unwrap();
    complete(&mut handle, "emptied", 11);
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, table(11..15)).unwrap();
    let now = complete(&mut handle, "deleted", 15);
    assert_eq!(now.inputs[0].unreadable, 0, "{:?}", now.inputs[0].places);
}

#[test]
fn an_archived_log_of_a_watched_folder_is_no_new_input() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut number = 0;
    let mut writer = Writer::new().dirty();
    record(&mut writer, number);
    write_in_place(&path, &writer.file());
    let mut handle = follow(folder.path(), &[&path]);
    for archive in ["Archive-Security-1.evtx", "Archive-Security-2.evtx", "Archive-Security-3.evtx"] {
        for _ in 0..250 {
            number += 1;
            record(&mut writer, number);
        }
        // What is written last, and the renaming, come in one breath.
        write_in_place(&path, &writer.file());
        std::fs::rename(&path, folder.path().join(archive)).unwrap();
        writer = Writer::new().dirty();
        number += 1;
        record(&mut writer, number);
        write_in_place(&path, &writer.file());
        complete(&mut handle, archive, number + 1);
    }
    // Another log is a new input, which shows that the folder was looked at.
    let other = folder.path().join("Other.evtx");
    let mut writer = Writer::new();
    record(&mut writer, number + 1);
    write_in_place(&other, &writer.file());
    let now = complete(&mut handle, "another log", number + 2);
    let inputs: Vec<&PathBuf> = now.inputs.iter().map(|input| &input.path).collect();
    assert_eq!(inputs, [&path, &other]);
}

#[test]
fn a_chain_of_renamed_files_that_are_all_watched_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let (newest, older) = (folder.path().join("logons.jsonl"), folder.path().join("logons.1.jsonl"));
    std::fs::write(&older, lines(0..10)).unwrap();
    std::fs::write(&newest, lines(10..20)).unwrap();
    let mut handle = follow(folder.path(), &[&older, &newest]);
    complete(&mut handle, "read", 20);
    let mut end = 20;
    for round in 2..5 {
        append(&newest, lines(end..end + 5));
        for number in (1..round).rev() {
            let name = |number: u32| folder.path().join(format!("logons.{number}.jsonl"));
            std::fs::rename(name(number), name(number + 1)).unwrap();
        }
        std::fs::rename(&newest, &older).unwrap();
        std::fs::write(&newest, lines(end + 5..end + 8)).unwrap();
        end += 8;
        let now = complete(&mut handle, "rotated", end);
        assert_eq!(now.inputs.len(), 2, "{:?}", now.inputs);
    }
}

#[test]
fn a_file_that_appears_empty_becomes_what_is_written_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first.jsonl");
    std::fs::write(&first, lines(0..2)).unwrap();
    let mut handle = follow(folder.path(), &[&first]);
    let (log, text) = (folder.path().join("Security.evtx"), folder.path().join("second.jsonl"));
    std::fs::write(&log, "").unwrap();
    std::fs::write(&text, "").unwrap();
    wait(&mut handle, "found", |now| now.inputs.len() == 3);
    let mut writer = Writer::new().dirty();
    record(&mut writer, 2);
    write_in_place(&log, &writer.file());
    append(&text, &lines(3..4)[..30]);
    append(&text, &lines(3..4)[30..]);
    complete(&mut handle, "written", 4);
}

/// Writing through a mapping is not told by the system, as writing on a share is not.
#[test]
#[allow(unsafe_code)]
fn what_the_system_does_not_tell_is_found_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut writer = Writer::new().dirty();
    record(&mut writer, 0);
    let mut bytes = writer.file();
    bytes.resize(bytes.len() + (1 << 20), 0);
    std::fs::write(&path, &bytes).unwrap();
    let file = std::fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
    // SAFETY: nobody else writes to the file, and nobody cuts it.
    let mut map = unsafe { memmap2::MmapMut::map_mut(&file) }.unwrap();
    let mut handle = follow(&path, &[&path]);
    let mut number = 0;
    for end in [2, 5, 300, 600] {
        while number + 1 < end {
            number += 1;
            record(&mut writer, number);
        }
        let log = writer.file();
        map[..log.len()].copy_from_slice(&log);
        complete(&mut handle, "written through a mapping", end);
    }
}

#[cfg(unix)]
#[test]
fn more_files_than_may_be_open_are_all_followed() {
    const FILES: u32 = 150;
    let folder = tempfile::tempdir().unwrap();
    let (logs, kept) = (folder.path().join("logs"), folder.path().join("kept"));
    std::fs::create_dir(&logs).unwrap();
    let path = |number: u32| logs.join(format!("{number}.jsonl"));
    (0..FILES).for_each(|number| std::fs::write(path(number), lines(number..number + 1)).unwrap());
    let size = || -> u64 {
        let entries = std::fs::read_dir(&kept).into_iter().flatten().flatten();
        entries.filter(|entry| entry.path().extension().is_some()).map(|entry| entry.metadata().unwrap().len()).sum()
    };
    let run = pty::Unseen::shell(&format!("ulimit -n 48; exec \"$0\" '{}' --resume '{}'", logs.display(), kept.display()));
    // Each file is noted when its watching begins.
    pty::until("all files to be watched", || size() >= u64::from(FILES) * 100);
    for round in 1..=3 {
        let before = size();
        (0..FILES).for_each(|number| append(&path(number), lines(round * FILES + number..round * FILES + number + 1)));
        let bytes = lines(round * FILES..(round + 1) * FILES).len() as u64;
        pty::until("all records to be taken in", || size() >= before + bytes);
    }
    run.kill();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_logonscope"))
        .arg("report")
        .arg(&logs)
        .arg("--resume")
        .arg(&kept)
        .args(["--what", "events", "--format", "jsonl"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count() as u32, FILES * 4);
}
