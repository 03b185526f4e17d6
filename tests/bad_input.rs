//! Inputs that are broken in every way that was ever seen, each beside a good one, through the real program: the good
//! one is complete, the bad one is told with place and reason, what can be read of it is read, nothing ends the run and
//! nothing reaches a terminal that could steer it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use logonscope::base::text::clean;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::evtx_writer::{FILE_HEADER, Record, Writer};

/// Records of the good input.
const GOOD: u64 = 20;
/// Longer than any of this may take, also in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

fn record(number: u64, user: &str) -> String {
    let at = format!("2026-03-14T09:{:02}:{:02}Z", number / 60 % 60, number % 60);
    format!(
        r##"{{"Event":{{"System":{{"Provider":{{"#attributes":{{"Name":"Microsoft-Windows-Security-Auditing"}}}},"EventID":4624,"Channel":"Security","Computer":"host.example","EventRecordID":{number},"TimeCreated":{{"#attributes":{{"SystemTime":"{at}"}}}}}},"EventData":{{"TargetUserName":"{user}","LogonType":3}}}}}}"##
    )
}

fn lines(records: impl IntoIterator<Item = String>) -> Vec<u8> {
    records.into_iter().map(|record| record + "\n").collect::<String>().into_bytes()
}

/// A good record, what is broken, another good record.
fn between(broken: &[u8]) -> Vec<u8> {
    [lines([record(101, "anna")]).as_slice(), broken, b"\n", &lines([record(102, "anna")])].concat()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    /// Records of the bad input that are read all the same.
    read: u64,
    /// What standard error says of it; empty: nothing is wrong with it.
    says: &'static [&'static str],
}

fn case(name: &'static str, bytes: Vec<u8>, read: u64, says: &'static [&'static str]) -> Case {
    Case { name, bytes, read, says }
}

fn cases() -> Vec<Case> {
    let text = |numbers: [u64; 2]| numbers.map(|number| record(number, "anna")).join("\n");
    let deep_value = record(101, "anna").replace("\"anna\"", &format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)));
    let garbage: Vec<u8> = (0_u32..60_000).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut log = Writer::new();
    (1..=40).for_each(|record_id| {
        log.record(&Record { record_id, ..Record::default() });
    });
    let log = log.finish();
    let mut broken_log = log.clone();
    broken_log[FILE_HEADER] = b'X';
    let mut lying_log = log.clone();
    // Sizes of the first record that reach far beyond its chunk.
    lying_log[FILE_HEADER + 512 + 4..FILE_HEADER + 512 + 8].copy_from_slice(&u32::MAX.to_le_bytes());
    vec![
        case(
            "one-line-of-4-MB.jsonl",
            between(&[b"{\"a\":\"", vec![b'x'; 4 << 20].as_slice(), b"\"}"].concat()),
            2,
            &["of no known shape"],
        ),
        case(
            "one-line-without-end.jsonl",
            [lines([record(101, "anna")]), b"{\"a\":\"".to_vec(), vec![b'x'; 4 << 20]].concat(),
            1,
            &["line 2", "cut off"],
        ),
        case(
            "deep-objects.jsonl",
            between(&[b"{\"a\":".repeat(100_000), b"1".to_vec(), b"}".repeat(100_000)].concat()),
            2,
            &["line 2", "levels"],
        ),
        case("deep-arrays.jsonl", between(&b"[".repeat(100_000)), 2, &["line 2"]),
        case("deep-value.jsonl", between(deep_value.as_bytes()), 2, &["line 2", "levels"]),
        case("deep.xml", [b"<Events>".to_vec(), b"<a>".repeat(100_000)].concat(), 0, &["without an <Event>"]),
        case("no-utf8.jsonl", between(b"{\"Event\":\"\xff\xfe\xfd\"}"), 2, &["line 2", "not valid UTF-8"]),
        case(
            "half-a-pair.jsonl",
            [vec![0xff, 0xfe], wide(&(text([101, 102]) + "\n")), vec![0x00, 0xd8]].concat(),
            2,
            &["could not be read"],
        ),
        case("odd-utf16.jsonl", [vec![0xff, 0xfe], wide(&text([101, 102])), vec![b'\n']].concat(), 2, &["inside a character of UTF-16"]),
        case("nul-line.jsonl", between(&[0; 5_000]), 2, &["line 2"]),
        case("nul-in-text.jsonl", between(record(103, "an\0na").as_bytes()), 2, &["line 2", "control character"]),
        case("nul-tail.jsonl", [lines([record(101, "anna")]), vec![0; 5_000]].concat(), 1, &["line 2"]),
        case("nul.jsonl", vec![0; 70_000], 0, &["is no Windows event log"]),
        case("nul.evtx", vec![0; 70_000], 0, &["is no Windows event log"]),
        case("wide-mark-narrow-text.jsonl", [vec![0xff, 0xfe], lines([record(101, "anna")])].concat(), 0, &["in a known shape"]),
        case("narrow-mark-wide-text.jsonl", [vec![0xef, 0xbb, 0xbf], wide(&text([101, 102]))].concat(), 0, &["in a known shape"]),
        case("turned-mark.jsonl", [vec![0xfe, 0xff], wide(&text([101, 102]))].concat(), 0, &["in a known shape"]),
        case("cut.jsonl", text([101, 102]).into_bytes()[..500].to_vec(), 1, &["line 2", "cut off"]),
        case("cut.xml", b"<Events><Event><System><EventID>46".to_vec(), 0, &["cut off"]),
        case("open-quote.csv", b"TimeGenerated [UTC],UserPrincipalName,Id\n\"2026-03-14T09:00:00Z,anna,1\n".to_vec(), 0, &["line 2"]),
        case(
            "entities.xml",
            b"<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><Events><x>&b;</x></Events>".to_vec(),
            0,
            &["without an <Event>"],
        ),
        case(
            "huge-numbers.jsonl",
            between(b"{\"Event\":{\"System\":{\"EventID\":99999999999999999999999,\"EventRecordID\":-5}}}"),
            2,
            &["of no known shape"],
        ),
        case("garbage.jsonl", [b"{".to_vec(), garbage.clone()].concat(), 0, &["in a known shape"]),
        case("garbage.evtx", [b"ElfFile\0".to_vec(), garbage.clone()].concat(), 0, &["offset 0x1000", "ElfChnk"]),
        case("header-cut.evtx", log[..100].to_vec(), 0, &["offset 0x64", "inside its header"]),
        case("no-chunk-mark.evtx", broken_log, 0, &["offset 0x1000"]),
        case("lying-record-size.evtx", lying_log, 39, &["offset 0x1200"]),
        case("cut-record.evtx", log[..FILE_HEADER + 3_000].to_vec(), 5, &["in the middle of this record"]),
        case("steering.jsonl", between(b"\x1b]0;owned\x07\x1b[2J\x1b[31m red"), 2, &["line 2"]),
        case("steering-keys.jsonl", between("{\"\u{202e}\u{9b}2J\":1}".as_bytes()), 2, &["of no known shape"]),
        case("empty.jsonl", Vec::new(), 0, &[]),
    ]
}

/// Runs the program; it ends by itself in good time.
fn run(arguments: &[&str], folder: &Path) -> (String, String) {
    let (out, err) = (folder.join("standard-output"), folder.join("standard-error"));
    let file = |path: &Path| Stdio::from(std::fs::File::create(path).unwrap());
    let mut child = Command::new(env!("CARGO_BIN_EXE_logonscope"))
        .args(arguments)
        .arg(folder.join("inputs"))
        .stdin(Stdio::null())
        .stdout(file(&out))
        .stderr(file(&err))
        .spawn()
        .unwrap();
    let began = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if began.elapsed() > PATIENCE => {
                child.kill().unwrap();
                panic!("{arguments:?} does not end");
            }
            None => std::thread::yield_now(),
        }
    };
    let read = |path: &Path| String::from_utf8(std::fs::read(path).unwrap()).expect("UTF-8");
    let (out, err) = (read(&out), read(&err));
    assert_eq!(status.code(), Some(0), "{arguments:?}: {err}");
    for (stream, text) in [("standard output", &out), ("standard error", &err)] {
        let steers = |c: &char| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c);
        assert_eq!(text.chars().find(steers), None, "{arguments:?} {stream}");
        assert!(!text.contains("panicked") && !text.contains("defect"), "{arguments:?} {stream}: {text}");
    }
    (out, err)
}

fn check(case: &Case) {
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("inputs");
    std::fs::create_dir(&inputs).unwrap();
    std::fs::write(inputs.join("good.jsonl"), lines((1..=GOOD).map(|number| record(number, "anna")))).unwrap();
    std::fs::write(inputs.join(case.name), &case.bytes).unwrap();
    let name = case.name;

    let (out, err) = run(&["report", "--what", "inputs", "--format", "jsonl"], folder.path());
    let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |file: &str| {
        let holds = |row: &&Value| row["kind"] == "input" && row["input"].as_str().unwrap().ends_with(file);
        rows.iter().find(holds).unwrap_or_else(|| panic!("{name}: {file} is not listed"))
    };
    let good = of("good.jsonl");
    assert_eq!(
        (&good["state"], &good["records"], &good["events"], &good["bad"]),
        (&"read".into(), &GOOD.into(), &GOOD.into(), &0.into()),
        "{name}"
    );
    let bad = of(name);
    assert_eq!(bad["events"], case.read, "{name}: {bad}");
    let own: Vec<&str> = err.lines().filter(|line| line.contains(&*clean(name))).collect();
    if case.says.is_empty() {
        assert!(own.is_empty(), "{name}: {err}");
    } else if bad["state"] == "failed" || bad["bad"] != 0 {
        assert_eq!(own.len(), 1, "{name}: one message: {err}");
        // Every place that could not be read is listed with its reason, up to the limit.
        let places =
            rows.iter().filter(|row| row["kind"] == "unreadable" && row["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
        assert_eq!(places.count() as u64, bad["bad"].as_u64().unwrap().min(100), "{name}");
    }
    for part in case.says {
        assert!(err.contains(part), "{name}: no '{part}' in {err}");
    }
    for what in ["summary", "inputs"] {
        run(&["report", "--what", what], folder.path());
    }
}

#[test]
fn whatever_is_wrong_with_one_input_is_told_and_the_others_are_complete() {
    for case in cases() {
        check(&case);
    }
}

/// A name of a file is untrusted, too.
#[cfg(unix)]
#[test]
fn a_name_that_would_steer_the_terminal_is_shown_harmless() {
    check(&case("bad\u{1b}[2J\u{7}\u{202e}.jsonl", b"{\"x\":1}\n".to_vec(), 0, &["in a known shape"]));
}
