//! What is missing from the evidence is told: gaps, clears, repeated and late records, clocks that go back. Whole logs
//! through the real program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use logonscope::base::intern::Interner;
use logonscope::base::time::{Span, Timestamp};
use logonscope::engine::Engine;
use logonscope::model::event::{AuthEvent, Provenance};
use logonscope::model::ids::InputId;
use logonscope::model::input::{InputStatus, Tally};
use logonscope::model::log::LogStatus;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use support::evtx_writer::{CHUNK, FILE_HEADER, Record, Val, Writer};

const BEGIN: u64 = 132_576_067_510_354_251;
const SECOND: u64 = 10_000_000;

/// A logon, one a second by its number.
fn logon(record_id: u64) -> Record<'static> {
    Record { record_id, time: BEGIN + record_id * SECOND, data: &[("TargetUserName", Val::Text("anna"))], ..Record::default() }
}

fn log(records: impl IntoIterator<Item = u64>) -> Vec<u8> {
    let mut writer = Writer::new();
    for record in records {
        writer.record(&logon(record));
    }
    writer.finish()
}

struct Told {
    rows: Vec<Value>,
    page: String,
    errors: String,
}

impl Told {
    fn of(&self, kind: &str) -> Vec<&Value> {
        self.rows.iter().filter(|row| row["kind"] == kind).collect()
    }
}

fn report(folder: &Path) -> Told {
    let run = |format: &str| {
        let done = Command::new(env!("CARGO_BIN_EXE_logonscope"))
            .args(["report", "--what", "inputs", "--format", format])
            .arg(folder)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap())
    };
    let (lines, errors) = run("jsonl");
    let rows = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Every row of the other formats has the same cells.
    let (csv, _) = run("csv");
    assert_eq!(csv.lines().count(), lines.lines().count() + 1);
    Told { rows, page: run("table").0, errors }
}

fn told(files: &[(&str, Vec<u8>)]) -> Told {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    report(folder.path())
}

#[test]
fn a_gap_is_told_with_its_place_and_an_archive_that_fills_it_closes_it() {
    let live = || ("live.evtx", log((1..=400).chain(501..=900)));
    let alone = told(&[live()]);
    let gaps = alone.of("gap");
    assert_eq!(gaps.len(), 1);
    assert_eq!((&gaps[0]["first_record"], &gaps[0]["last_record"], &gaps[0]["missing"]), (&401.into(), &500.into(), &100.into()));
    assert_eq!((&gaps[0]["computer"], &gaps[0]["channel"]), (&"host.example".into(), &"Security".into()));
    assert_eq!((&alone.of("total")[0]["gaps"], &alone.of("total")[0]["missing"]), (&1.into(), &100.into()));
    assert!(alone.page.contains("records 401..500 are missing (100), between "), "{}", alone.page);
    assert!(alone.errors.contains("100 record numbers missing in 1 logs"), "{}", alone.errors);

    let both = told(&[live(), ("archive.evtx", log(350..=550))]);
    assert!(both.of("gap").is_empty());
    assert_eq!(both.of("total")[0]["duplicates"], 101);
    assert!(both.page.contains("1..900, no gap"), "{}", both.page);
    assert!(!both.errors.contains("missing"), "{}", both.errors);
}

#[test]
fn repeated_records_are_told_of_the_input_and_the_log_that_repeats_them() {
    let both = told(&[("a.evtx", log(1..=50)), ("b.evtx", log(41..=60))]);
    let counted = |kind: &str| both.of(kind).iter().map(|row| row["duplicates"].as_u64().unwrap()).sum::<u64>();
    assert_eq!((counted("input"), counted("log_of_input"), counted("log")), (10, 10, 10));
}

#[test]
fn a_filtered_export_does_not_cry_wolf() {
    let some = told(&[("some.evtx", log((1..3_000).filter(|record| record % 7 == 1)))]);
    assert!(some.of("gap").is_empty());
    let logs = some.of("log");
    assert_eq!((&logs[0]["filtered"], &logs[0]["missing"]), (&true.into(), &0.into()));
    assert!(some.page.contains("429 of 2,997 are here, 1 kind of record: probably a filtered export"), "{}", some.page);
    assert!(some.errors.is_empty(), "{}", some.errors);
}

#[test]
fn a_clear_is_told_with_who_did_it_and_explains_the_gap_before_it() {
    let clear = Record {
        provider: "Microsoft-Windows-Eventlog",
        event_id: 1102,
        data: &[("SubjectUserName", Val::Text("mallory")), ("SubjectDomainName", Val::Text("CORP"))],
        user_data: Some("LogFileCleared"),
        ..logon(700)
    };
    let mut live = Writer::new();
    live.record(&clear);
    (701..=800).for_each(|record| {
        live.record(&logon(record));
    });
    let told = told(&[("archive.evtx", log(1..=600)), ("live.evtx", live.finish())]);
    let clears = told.of("clear");
    assert_eq!((clears.len(), &clears[0]["record"], &clears[0]["who"]), (1, &700.into(), &"CORP\\mallory".into()));
    let input = clears[0]["input"].as_str().unwrap();
    assert!(input.ends_with("live.evtx"), "{input}");
    let gaps = told.of("gap");
    assert_eq!((&gaps[0]["first_record"], &gaps[0]["last_record"]), (&601.into(), &699.into()));
    assert!(told.page.replace("\n    ", " ").contains("the log was cleared by CORP\\mallory"), "{}", told.page);
}

#[test]
fn numbers_that_start_again_are_no_gap() {
    let mut after = Writer::new();
    for record in 1..=300 {
        after.record(&Record { time: BEGIN + (5_000 + record) * SECOND, ..logon(record) });
    }
    let told = told(&[("before.evtx", log(1_000..=1_200)), ("after.evtx", after.finish())]);
    assert!(told.of("gap").is_empty());
    assert_eq!((&told.of("log")[0]["restarts"], &told.of("log")[0]["missing"]), (&1.into(), &0.into()));
}

#[test]
fn a_clock_that_goes_back_is_told_with_its_record() {
    let mut writer = Writer::new();
    for record in 1..=100 {
        let back = if record > 60 { 7_200 } else { 0 };
        writer.record(&Record { time: BEGIN + (10_000 + record - back) * SECOND, ..logon(record) });
    }
    let told = told(&[("log.evtx", writer.finish())]);
    let steps = told.of("clock_step_back");
    assert_eq!((steps.len(), &steps[0]["record"]), (1, &61.into()));
    assert!(told.page.contains("the clock goes back 1h 59m at record 61"), "{}", told.page);
}

#[test]
fn a_destroyed_chunk_is_a_place_with_a_reason_and_a_gap_with_its_records() {
    let mut writer = Writer::new();
    for record in 1..=900 {
        writer.record(&logon(record));
        if record % 300 == 0 {
            writer.finish_chunk();
        }
    }
    let mut bytes = writer.finish();
    let chunks = (bytes.len() - FILE_HEADER) / CHUNK;
    assert!(chunks >= 3);
    // The chunk in the middle, whatever records are in it.
    let at = FILE_HEADER + chunks / 2 * CHUNK;
    bytes[at..at + CHUNK].fill(0xAA);
    let told = told(&[("log.evtx", bytes)]);
    let bad = told.of("unreadable");
    assert_eq!((bad.len(), bad[0]["offset"].as_u64()), (1, Some(at as u64)));
    let (gaps, records) = (told.of("gap"), told.of("total")[0]["records"].as_u64().unwrap());
    assert_eq!((gaps.len(), gaps[0]["missing"].as_u64().unwrap() + records), (1, 900));
}

#[test]
fn the_number_of_kept_places_is_limited_and_the_rest_is_counted() {
    let good = r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":4624,"Channel":"Security","Computer":"h","EventRecordID":1,"TimeCreated":{"#attributes":{"SystemTime":"2026-03-14T09:00:00Z"}}},"EventData":{}}}"##;
    let mut text = format!("{good}\n");
    (0..150).for_each(|_| text.push_str("{\"broken\" 1}\n"));
    let told = told(&[("lines.jsonl", text.into_bytes())]);
    assert_eq!(told.of("total")[0]["bad"], 150);
    let places = told.of("unreadable");
    assert_eq!((places.len(), &places[0]["line"], &places[99]["line"]), (100, &2.into(), &101.into()));
    assert!(told.page.contains("50 more unreadable places are counted; the first 100 are kept"), "{}", told.page);
}

/// Everything above also holds for the pieces and threads a large input is read in.
#[test]
fn a_log_of_many_pieces_says_the_same_as_a_small_one() {
    let told = told(&[("big.evtx", log((1..=30_000).filter(|record| !(12_000..12_345).contains(record))))]);
    let gaps = told.of("gap");
    assert_eq!((gaps.len(), &gaps[0]["first_record"], &gaps[0]["missing"]), (1, &12_000.into(), &345.into()));
}

#[test]
fn a_chunk_that_is_not_as_it_was_written_is_read_with_care_and_told() {
    let mut bytes = log(1..=100);
    // A value of a record: `anna` in UTF-16.
    let name: Vec<u8> = "anna".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
    bytes[at] = b'u';
    let told = told(&[("log.evtx", bytes)]);
    let total = told.of("total")[0];
    assert_eq!((&total["records"], &total["checksum_mismatches"], &total["bad"]), (&100.into(), &1.into(), &0.into()));
    let places = told.of("checksum");
    assert_eq!((places.len(), places[0]["offset"].as_u64()), (1, Some(FILE_HEADER as u64)));
    assert!(told.page.contains("checksums differ: values may not be what was written"), "{}", told.page);
    assert!(told.errors.contains("1 chunks with a wrong checksum"), "{}", told.errors);
}

#[test]
fn records_that_windows_says_it_lost_are_counted_with_their_place() {
    let mut writer = Writer::new();
    (1..=10).for_each(|record| {
        writer.record(&logon(record));
    });
    writer.record(&Record {
        provider: "Microsoft-Windows-Eventlog",
        event_id: 1101,
        user_data: Some("AuditEventsDropped"),
        data: &[("Reason", Val::U32(0))],
        ..logon(11)
    });
    let told = told(&[("log.evtx", writer.finish())]);
    assert_eq!(told.of("total")[0]["dropped"], 1);
    assert_eq!(told.of("dropped")[0]["record"], 11);
    assert!(told.errors.contains("1 records dropped by the logs themselves"), "{}", told.errors);
}

#[test]
fn late_events_are_told_of_their_input_and_log() {
    let mut names = Interner::default();
    let (host, channel) = (names.intern("dc01.corp.example"), names.intern("Security"));
    let spelled = names.intern("DC01.corp.example");
    let mut engine = Engine::new(names);
    let begin = Timestamp::from_unix_seconds(1_773_000_000).unwrap();
    for (input, seconds) in [(0, 0), (0, 100), (1, 99), (1, 50)] {
        let provenance = Provenance { input: InputId::new(input), ..Provenance::default() };
        engine.apply(AuthEvent { at: begin + Span::seconds(seconds), host, channel, provenance, ..AuthEvent::default() });
    }
    let input = |number| {
        let tally = Tally { logs: Arc::new(vec![LogStatus::new(spelled, channel)]), ..Tally::default() };
        InputStatus { id: InputId::new(number), tally, ..InputStatus::default() }
    };
    let snapshot = engine.finish(vec![input(0), input(1)]);
    // One second is within the reorder window, fifty are not.
    let late: Vec<(u64, u64)> = snapshot.inputs.iter().map(|input| (input.late, input.logs[0].late)).collect();
    assert_eq!(late, [(0, 0), (1, 1)]);
    assert_eq!(snapshot.meters.late, 1);
}

#[test]
fn a_log_that_tells_nothing_for_days_was_silent_without_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::new();
    for record_id in 1..=20 {
        let days = if record_id > 10 { 3 * 86_400 } else { 0 };
        writer.record(&Record { time: BEGIN + (record_id + days) * SECOND, ..logon(record_id) });
    }
    std::fs::write(folder.path().join("Security.evtx"), writer.finish()).unwrap();
    let told = report(folder.path());
    let silences = told.of("silence");
    assert_eq!(silences.len(), 1);
    let words = "no logon record for 3d 0h, ";
    assert!(silences[0]["reason"].as_str().unwrap().starts_with(words), "{}", silences[0]);
    assert!(told.page.contains(words), "{}", told.page);
    assert!(told.of("gap").is_empty());
}
