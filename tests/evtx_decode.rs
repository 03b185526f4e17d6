//! The EVTX reader against real recordings: as many records, damaged places and records in slack as an independent
//! reader found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use logonscope::base::time::Timestamp;
use logonscope::decode::evtx::{CHUNK, Decoder, FILE_HEADER};
use logonscope::model::fields::{Field, Fields, RecordSink, Unreadable, Value};

fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("LOGONSCOPE_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        eprintln!("skipped: LOGONSCOPE_CORPUS names no folder of recordings");
    }
    corpus
}

#[derive(Default)]
struct Count {
    records: u64,
    unreadable: Vec<Unreadable>,
    slack: u64,
}

impl RecordSink for Count {
    fn record(&mut self, _fields: &Fields<'_>) {
        self.records += 1;
    }
    fn unreadable(&mut self, what: Unreadable) {
        self.unreadable.push(what);
    }
    fn recovered_in_slack(&mut self, count: u64) {
        self.slack += count;
    }
    fn unknown(&mut self, _offset: u64, _line: u32, reason: &str) {
        panic!("an EVTX record is never unknown: {reason}");
    }
}

fn read_with(mut decoder: Decoder, path: &Path, sink: &mut dyn RecordSink) {
    let bytes = std::fs::read(path).unwrap();
    let mut offset = FILE_HEADER;
    while let Some(chunk) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
        decoder.chunk(&chunk[..chunk.len().min(CHUNK)], offset as u64, sink);
        offset += CHUNK;
    }
}

fn figure(expected: &serde_json::Value, name: &str) -> u64 {
    expected.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0)
}

/// Where this reader and the independent one differ, and why: (file, records read, unreadable, in slack).
const NAMED: [(&str, u64, u64, Option<u64>); 8] = [
    // The independent reader also asks what a record in the slack says; here it counts if it is whole.
    ("new-user-security.evtx", 4, 0, Some(6)),
    ("ID4688-4648 Lateral movement with net use.evtx", 2, 0, Some(24)),
    // A record whose end was written over is told instead of passed in silence.
    ("2-vss_0-Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational.evtx", 1774, 1, Some(267)),
    // The same three times; two chunks without signature are told; live records behind the damage are read, not slack.
    ("sample_with_a_bad_chunk_magic.evtx", 298, 5, Some(132)),
    // Their damage lies in values that no logon record has, so it is not met.
    ("E_Windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx", 340, 0, None),
    // Whole records of the last, cut chunk are read; the record that is cut is told.
    ("System2.evtx", 283, 1, None),
    ("cut_in_third_chunk.evtx", 230, 1, None),
    // A chunk of garbage is told.
    ("third_chunk_overwritten.evtx", 424, 1, None),
];

#[test]
fn every_recording_gives_the_records_an_independent_reader_found() {
    let Some(corpus) = corpus() else { return };
    let table: serde_json::Value = serde_json::from_slice(&std::fs::read(corpus.join("expected.json")).unwrap()).unwrap();
    let mut differences = Vec::new();
    let mut files = 0;
    for (name, file) in table["files"].as_object().unwrap().iter().filter(|(name, _)| name.ends_with(".evtx")) {
        let expected = &file["expected"];
        let mut found = Count::default();
        read_with(Decoder::new(), &corpus.join(name), &mut found);
        files += 1;
        let got = (found.records, found.unreadable.len() as u64, found.slack);
        let named = NAMED.iter().find(|(end, ..)| name.ends_with(end));
        let bad = figure(expected, "unreadable");
        let want = match named {
            Some((_, records, unreadable, slack)) => (*records, *unreadable, slack.unwrap_or(0)),
            None => (figure(expected, "records") - bad, bad, figure(expected, "recovered_in_slack")),
        };
        if got != want {
            differences.push(format!("{name}: got {got:?}, want {want:?} {:?}", found.unreadable));
        }
    }
    assert!(files > 50, "{files}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// One record in a form in which both readers must agree: numbers and spellings of times made equal.
#[derive(Default)]
struct Told(Vec<String>);

impl RecordSink for Told {
    fn record(&mut self, fields: &Fields<'_>) {
        let mut line = format!(
            "{} {} {} v{} {} {} {} {:?}",
            fields.offset,
            fields.record,
            fields.event_id,
            fields.version,
            fields.provider,
            fields.channel,
            fields.computer,
            fields.at.map(|at| at.as_ticks() / 10)
        );
        for field in Field::ALL {
            let shown = match (fields.number(*field), fields.value(*field)) {
                (_, Value::Absent) => continue,
                (_, Value::Text("")) => continue,
                (Some(number), _) => number.to_string(),
                (None, Value::Text(text)) => match Timestamp::parse(text) {
                    Some(at) => (at.as_ticks() / 10).to_string(),
                    None => text.trim_matches(['{', '}']).to_owned(),
                },
                (None, other) => format!("{other:?}"),
            };
            line.push_str(&format!(" {}={shown}", field.name()));
        }
        self.0.push(line);
    }
    fn unreadable(&mut self, what: Unreadable) {
        self.0.push(format!("{} {} unreadable", what.offset, what.record));
    }
    fn unknown(&mut self, _offset: u64, _line: u32, reason: &str) {
        panic!("an EVTX record is never unknown: {reason}");
    }
}

#[test]
fn the_fast_reader_and_the_crate_evtx_read_the_same_values() {
    let Some(corpus) = corpus() else { return };
    let mut differences = Vec::new();
    let mut records = 0;
    for path in evtx_files(&corpus) {
        let (mut fast, mut slow) = (Told::default(), Told::default());
        read_with(Decoder::thorough(), &path, &mut fast);
        read_with(Decoder::careful(), &path, &mut slow);
        records += fast.0.len();
        assert_eq!(fast.0.len(), slow.0.len(), "{}", path.display());
        for (fast, slow) in fast.0.iter().zip(&slow.0).filter(|(fast, slow)| fast != slow) {
            let only = |a: &str, b: &str| a.split(' ').filter(|part| !b.contains(part)).collect::<Vec<_>>().join(" ");
            differences.push(format!("{} {}\n fast {}\n slow {}", path.display(), &fast[..60], only(fast, slow), only(slow, fast)));
        }
    }
    assert!(records > 14_000, "{records}");
    let shown = differences.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} differences\n{shown}", differences.len());
}

fn evtx_files(corpus: &Path) -> Vec<PathBuf> {
    let table: serde_json::Value = serde_json::from_slice(&std::fs::read(corpus.join("expected.json")).unwrap()).unwrap();
    table["files"].as_object().unwrap().keys().filter(|name| name.ends_with(".evtx")).map(|name| corpus.join(name)).collect()
}
