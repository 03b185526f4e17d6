//! The EVTX reader against real recordings: as many records, damaged places and records in slack as an independent
//! reader found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../benches/support/made_evtx.rs"]
#[allow(dead_code)]
mod made_evtx;
mod support;

use std::path::{Path, PathBuf};

use logonscope::base::time::Timestamp;
use logonscope::decode::evtx::{CHUNK, Decoder, FILE_HEADER, raw_record};
use logonscope::model::fields::{Field, Fields, RecordSink, Unreadable, Value};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::RngSeed;
use support::corpus;
use support::evtx_writer::{self, Record, Val, Writer};

#[derive(Default)]
struct Count {
    records: u64,
    unreadable: Vec<Unreadable>,
    slack: u64,
    mismatches: Vec<(u64, String)>,
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
    fn checksum_mismatch(&mut self, offset: u64, reason: &str) {
        self.mismatches.push((offset, reason.to_owned()));
    }
    fn unknown(&mut self, _offset: u64, _line: u32, reason: &str) {
        panic!("an EVTX record is never unknown: {reason}");
    }
}

fn read_with(decoder: Decoder, path: &Path, sink: &mut dyn RecordSink) -> u64 {
    read_bytes(decoder, &std::fs::read(path).unwrap(), sink)
}

/// Reads without asking checksums; says how many records the fast reader did not vouch for.
fn read_bytes(mut decoder: Decoder, bytes: &[u8], sink: &mut dyn RecordSink) -> u64 {
    let mut offset = FILE_HEADER;
    while let Some(chunk) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
        decoder.chunk_from(&chunk[..chunk.len().min(CHUNK)], offset as u64, 0, sink);
        offset += CHUNK;
    }
    decoder.doubted()
}

/// Reads as a report does.
fn read_log(decoder: &mut Decoder, log: &[u8], sink: &mut dyn RecordSink) {
    (FILE_HEADER..log.len()).step_by(CHUNK).for_each(|start| decoder.chunk_of(log, start, sink));
}

/// Makes the checksums of a chunk fit what is in it.
fn seal(chunk: &mut [u8]) {
    let free = u32::from_le_bytes(chunk[48..52].try_into().unwrap()) as usize;
    let records = crc32fast::hash(&chunk[512..free]);
    chunk[52..56].copy_from_slice(&records.to_le_bytes());
    let header = crc32fast::hash(&[&chunk[..120], &chunk[128..512]].concat());
    chunk[124..128].copy_from_slice(&header.to_le_bytes());
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
        read_log(&mut Decoder::new(), &std::fs::read(corpus.join(name)).unwrap(), &mut found);
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
            // The crate reads a time of 0 as the year 1601; here it is no time.
            fields.at.map(|at| at.as_ticks() / 10).filter(|at| *at != -11_644_473_600_000_000)
        );
        for field in Field::ALL {
            let value = fields.value(*field);
            let text = value.text();
            let shown = match (fields.number(*field), value) {
                (_, Value::Absent) => continue,
                (Some(number), _) => number.to_string(),
                (None, Value::Float(_) | Value::Bool(_)) => format!("{value:?}"),
                (None, _) if text.is_empty() => continue,
                (None, _) => match Timestamp::parse(&text) {
                    Some(at) => (at.as_ticks() / 10).to_string(),
                    None => text.trim_matches(['{', '}']).to_owned(),
                },
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
    let (mut records, mut doubted) = (0, 0);
    for path in evtx_files(&corpus) {
        let (mut fast, mut slow) = (Told::default(), Told::default());
        let here = read_with(Decoder::thorough(), &path, &mut fast);
        doubted += here;
        read_with(Decoder::careful(), &path, &mut slow);
        records += fast.0.len();
        assert_eq!(fast.0.len(), slow.0.len(), "{}", path.display());
        for (fast, slow) in fast.0.iter().zip(&slow.0).filter(|(fast, slow)| fast != slow) {
            let only = |a: &str, b: &str| a.split(' ').filter(|part| !b.contains(part)).collect::<Vec<_>>().join(" ");
            differences.push(format!("{} {}\n fast {}\n slow {}", path.display(), &fast[..60], only(fast, slow), only(slow, fast)));
        }
    }
    assert!(records > 14_000, "{records}");
    assert_eq!(doubted, 0, "records that needed the careful reader");
    let shown = differences.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} differences\n{shown}", differences.len());
}

fn evtx_files(corpus: &Path) -> Vec<PathBuf> {
    let table: serde_json::Value = serde_json::from_slice(&std::fs::read(corpus.join("expected.json")).unwrap()).unwrap();
    table["files"].as_object().unwrap().keys().filter(|name| name.ends_with(".evtx")).map(|name| corpus.join(name)).collect()
}

const LOGON: [(&str, Val<'static>); 12] = [
    ("SubjectUserSid", Val::Sid("S-1-5-18")),
    ("SubjectLogonId", Val::Hex64(0x3e7)),
    ("TargetUserSid", Val::Sid("S-1-5-21-1-2-3-1001")),
    ("TargetUserName", Val::Text("ada")),
    ("TargetDomainName", Val::Text("EXAMPLE")),
    ("TargetLogonId", Val::Hex64(0x3_08fa_bb0c)),
    ("LogonType", Val::U32(10)),
    ("LogonGuid", Val::Guid(*b"\x25\x96\x84\x54\x78\x54\x94\x49\xa5\xba\x3e\x3b\x03\x28\xc3\x0d")),
    ("WorkstationName", Val::Units(&[0x41, 0xd800, 0x42])),
    ("IpAddress", Val::Text("10.0.0.7")),
    ("IpPort", Val::Null),
    ("SomethingNew", Val::Bool(true)),
];

fn small_log(records: u64) -> Vec<u8> {
    let mut writer = Writer::new();
    for record_id in 1..=records {
        match record_id % 5 {
            0 => writer.record(&Record {
                record_id,
                provider: "Microsoft-Windows-Eventlog",
                event_id: 1102,
                data: &[("SubjectUserName", Val::Text("eve")), ("SubjectLogonId", Val::Hex64(7))],
                user_data: Some("LogFileCleared"),
                ..Record::default()
            }),
            1 => writer.record(&Record {
                record_id,
                provider: "User32",
                channel: "System",
                event_id: 1074,
                data: &[("", Val::Text("one")), ("", Val::Text("two")), ("", Val::Text("\u{e4}\u{1f600}"))],
                ..Record::default()
            }),
            2 => writer.record(&Record { record_id, event_id: 4688, data: &[("NewProcessName", Val::Text("a.exe"))], ..Record::default() }),
            _ => writer.record(&Record { record_id, data: &LOGON, computer: "dc01.example", ..Record::default() }),
        };
    }
    writer.finish()
}

#[test]
fn logs_of_the_fixture_writer_are_read_alike_by_both_readers() {
    let mut log = small_log(700);
    assert!(log.len() > FILE_HEADER + 3 * CHUNK);
    let (mut fast, mut slow) = (Told::default(), Told::default());
    read_bytes(Decoder::thorough(), &log, &mut fast);
    // The crate refuses text that is not valid Unicode, which every second record here has.
    let lone = [0x41, 0, 0x00, 0xd8, 0x42, 0];
    while let Some(at) = log.windows(6).position(|six| six == lone) {
        log[at + 2..at + 4].copy_from_slice(&[0xfd, 0xff]);
    }
    read_bytes(Decoder::careful(), &log, &mut slow);
    assert_eq!(fast.0.len(), 700);
    for (fast, slow) in fast.0.iter().zip(&slow.0) {
        assert_eq!(fast, slow);
    }
    let logon = &fast.0[2];
    for part in ["TargetLogonId=13035551500", "TargetUserSid=S-1-5-21-1-2-3-1001", "LogonType=10", "A\u{fffd}B", "4624 v2"] {
        assert!(logon.contains(part), "{part}: {logon}");
    }
    assert!(fast.0[4].contains("SubjectUserName=eve"), "{}", fast.0[4]);
    assert!(fast.0[0].contains("Param1=one Param2=two Param3=\u{e4}\u{1f600}"), "{}", fast.0[0]);
}

#[test]
fn records_that_cannot_be_logons_are_counted_but_their_values_are_left() {
    let mut told = Told::default();
    read_bytes(Decoder::new(), &small_log(2), &mut told);
    assert!(
        told.0[1].ends_with("4688 v2 Microsoft-Windows-Security-Auditing Security host.example Some(1613133151035425)"),
        "{}",
        told.0[1]
    );
}

#[test]
fn a_grown_chunk_gives_only_what_is_new() {
    let mut writer = Writer::new();
    let mut decoder = Decoder::new();
    let mut from = 0;
    for record_id in 1..=20 {
        writer.record(&Record { record_id, data: &LOGON, ..Record::default() });
        let log = writer.file();
        let mut told = Told::default();
        from = decoder.chunk_from(&log[FILE_HEADER..], FILE_HEADER as u64, from, &mut told);
        assert_eq!(told.0.len(), 1, "{record_id}");
        assert!(told.0[0].contains(&format!(" {record_id} 4624 ")), "{}", told.0[0]);
    }
}

#[test]
fn damage_costs_no_more_than_the_damaged_record() {
    let whole = small_log(20);
    let second = FILE_HEADER + 512 + u32::from_le_bytes(whole[FILE_HEADER + 516..FILE_HEADER + 520].try_into().unwrap()) as usize;
    let read = |bytes: &[u8]| {
        let mut count = Count::default();
        read_bytes(Decoder::new(), bytes, &mut count);
        count
    };
    assert_eq!(read(&whole).records, 20);

    let mut size_zero = whole.clone();
    size_zero[second + 4..second + 8].fill(0);
    let found = read(&size_zero);
    assert_eq!(found.unreadable[0].offset, second as u64);
    assert_eq!((found.records, found.unreadable.len()), (19, 1), "{:?}", found.unreadable);

    let mut unsigned = whole.clone();
    unsigned[FILE_HEADER..FILE_HEADER + 8].fill(b'x');
    let found = read(&unsigned);
    assert_eq!((found.records, found.unreadable.len(), found.slack), (0, 1, 20));

    let mut no_checksums = whole.clone();
    no_checksums[FILE_HEADER + 52..FILE_HEADER + 56].fill(0);
    no_checksums[FILE_HEADER + 124..FILE_HEADER + 128].fill(0);
    assert_eq!(read(&no_checksums).records, 20);

    let mut zeros = whole.clone();
    zeros.resize(FILE_HEADER + 3 * CHUNK, 0);
    let found = read(&zeros);
    assert_eq!((found.records, found.unreadable.len()), (20, 0));

    let found = read(&whole[..second + 100]);
    assert_eq!((found.records, found.unreadable.len()), (1, 1));
    assert_eq!(read(&whole[..FILE_HEADER]).records, 0);
    assert_eq!(read(&[]).records, 0);
}

#[test]
fn a_record_is_rendered_for_people_from_its_place() {
    let log = small_log(3);
    let mut told = Told::default();
    read_bytes(Decoder::new(), &log, &mut told);
    let offset: u64 = told.0[0].split(' ').next().unwrap().parse().unwrap();
    let raw = raw_record(&log, offset).unwrap();
    assert!(raw.json.contains("\"EventID\": 1074"), "{}", raw.json);
    assert!(raw.fields.iter().any(|(name, value)| name == "Computer" && value == "host.example"), "{:?}", raw.fields);
    assert!(raw.fields.iter().any(|(_, value)| value == "two"), "{:?}", raw.fields);
    assert!(raw.xml.starts_with("<") && raw.xml.contains("<EventID"), "{}", raw.xml);
    assert!(raw.xml.contains(">1074</EventID>") && raw.xml.lines().count() > 8, "{}", raw.xml);
    assert!(raw.bytes.starts_with(b"**\0\0") && raw.length >= raw.bytes.len(), "{:?}", raw.length);
    assert!(raw_record(&log, offset + 1).is_err());
    assert!(raw_record(&log, u64::MAX).is_err());
}

/// What a damage does to a log.
#[derive(Clone, Debug)]
enum Damage {
    Byte(usize, u8),
    Bit(usize, u8),
    /// A word of 16 bits: sizes of values and texts, numbers of values.
    Half(usize, u16),
    /// A word of 32 bits: sizes of records and templates, places of names and templates.
    Word(usize, u32),
    Zeros(usize, usize),
    /// Bytes from one place over another: pieces of other records.
    Copy(usize, usize, usize),
    Swap(usize, usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = || 0_usize..20_000;
    let small = prop_oneof![Just(0_u32), Just(1), 2_u32..64, 500_u32..9_000, Just(0xffff), Just(u32::MAX)];
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        (place(), 0_u8..8).prop_map(|(at, bit)| Damage::Bit(at, bit)),
        (place(), prop_oneof![0_u16..40, any::<u16>()]).prop_map(|(at, half)| Damage::Half(at, half)),
        (place(), small).prop_map(|(at, word)| Damage::Word(at, word)),
        (place(), 1_usize..300).prop_map(|(at, bytes)| Damage::Zeros(at, bytes)),
        (place(), place(), 1_usize..400).prop_map(|(from, to, bytes)| Damage::Copy(from, to, bytes)),
        (place(), place(), 1_usize..100).prop_map(|(from, to, bytes)| Damage::Swap(from, to, bytes)),
    ]
}

/// Does it to the part of a log behind its file header.
fn harm(log: &mut [u8], damage: &Damage, used: usize) {
    let log = &mut log[FILE_HEADER..];
    let most = used.min(log.len());
    let place = |at: usize, bytes: usize| at % most.saturating_sub(bytes).max(1);
    match *damage {
        Damage::Byte(at, byte) => log[place(at, 1)] = byte,
        Damage::Bit(at, bit) => log[place(at, 1)] ^= 1 << bit,
        Damage::Half(at, half) => {
            let at = place(at, 2);
            log[at..at + 2].copy_from_slice(&half.to_le_bytes());
        }
        Damage::Word(at, word) => {
            let at = place(at, 4);
            log[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        Damage::Zeros(at, bytes) => {
            let at = place(at, bytes);
            log[at..at + bytes].fill(0);
        }
        Damage::Copy(from, to, bytes) => {
            let from = place(from, bytes);
            log.copy_within(from..from + bytes, place(to, bytes));
        }
        Damage::Swap(one, other, bytes) => {
            let (one, other) = (place(one, bytes), place(other, bytes));
            (0..bytes).for_each(|step| log.swap(one + step, other + step));
        }
    }
}

/// The lines of records by their place. Two readings of damage may differ in what the crate does not read at all, so
/// only records that both have read are compared.
fn by_place(told: &Told) -> std::collections::BTreeMap<&str, &str> {
    told.0.iter().filter(|line| !line.ends_with("unreadable")).filter_map(|line| line.split_once(' ')).collect()
}

fn asked_for<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
fn cases() -> u32 {
    asked_for("PROPTEST_CASES", 300)
}
fn seed() -> u64 {
    asked_for("PROPTEST_RNG_SEED", 20)
}

proptest! {
    // The same damages on every machine; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more and for others.
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(seed()), ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn damaged_logs_never_panic_and_every_record_is_told(damages in proptest::collection::vec(damage(), 1..12), cut in 0_usize..12_000) {
        let mut log = small_log(25);
        let used = u32::from_le_bytes(log[FILE_HEADER + 48..FILE_HEADER + 52].try_into().unwrap()) as usize;
        damages.iter().for_each(|damage| harm(&mut log, damage, used));
        if cut < CHUNK / 16 {
            log.truncate(FILE_HEADER + CHUNK - cut);
        }
        let (mut first, mut again) = (Told::default(), Told::default());
        // Read twice by one decoder: what it remembers of the first time must not change the second.
        let mut decoder = Decoder::new();
        read_log(&mut decoder, &log, &mut first);
        read_log(&mut decoder, &log, &mut again);
        prop_assert_eq!(&first.0, &again.0);
        let places: Vec<u64> = first.0.iter().filter_map(|line| line.split(' ').next()?.parse().ok()).collect();
        prop_assert!(places.is_sorted_by(|a, b| a < b), "{:?}", places);
        for place in places.into_iter().take(3) {
            let _ = raw_record(&log, place);
        }
    }

    #[test]
    fn what_the_careful_reader_can_read_of_a_damaged_log_is_told_as_it_says(damages in proptest::collection::vec(damage(), 1..4)) {
        let log = damaged_log(&damages);
        let (mut told, mut slow) = (Told::default(), Told::default());
        // A decoder that has read the sound log before has plans that fit it; they must not be used for anything else.
        let mut decoder = Decoder::thorough();
        read_log(&mut decoder, &small_log(25), &mut Told::default());
        read_log(&mut decoder, &log, &mut told);
        read_bytes(Decoder::careful(), &log, &mut slow);
        let (told, slow) = (by_place(&told), by_place(&slow));
        for (place, line) in &slow {
            prop_assert_eq!(told.get(place), Some(line));
        }
    }
}

fn damaged_log(damages: &[Damage]) -> Vec<u8> {
    let mut log = small_log(25);
    let used = u32::from_le_bytes(log[FILE_HEADER + 48..FILE_HEADER + 52].try_into().unwrap()) as usize;
    damages.iter().for_each(|damage| harm(&mut log, damage, used));
    log
}

/// Without the checksums nothing tells the fast reader of a damage. It must notice by itself what cannot be, and where
/// what stands there can be read in two ways, that is the exception.
#[test]
fn the_fast_reader_alone_reads_damaged_logs_as_the_careful_one_but_for_a_few_records() {
    let config = ProptestConfig { rng_seed: RngSeed::Fixed(seed()), ..ProptestConfig::with_cases(cases()) };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let mut decoder = Decoder::thorough();
    let (mut same, mut other, mut missing) = (0, 0, 0);
    for _ in 0..cases() {
        let damages = proptest::collection::vec(damage(), 1..4).new_tree(&mut runner).unwrap().current();
        let log = damaged_log(&damages);
        let (mut fast, mut slow) = (Told::default(), Told::default());
        decoder.chunk_from(&log[FILE_HEADER..], FILE_HEADER as u64, 0, &mut fast);
        read_bytes(Decoder::careful(), &log, &mut slow);
        let (fast, slow) = (by_place(&fast), by_place(&slow));
        for (place, line) in &slow {
            match fast.get(place) {
                Some(told) if told == line => same += 1,
                Some(_) => other += 1,
                None => missing += 1,
            }
        }
    }
    assert!(same > 15 * cases(), "{same}");
    assert_eq!(missing, 0);
    assert!(other * 200 < same, "{other} records read in another way, {same} alike");
}

#[test]
fn a_forged_template_that_multiplies_itself_ends() {
    // Value 0 of the record is an instance of a template that asks for its own value 0 three thousand times, and so on.
    let mut chunk = small_log(1)[FILE_HEADER..].to_vec();
    let record = 512;
    let mut body: Vec<u8> = vec![0x0f, 1, 1, 0, 0x0c, 1, 0, 0, 0, 0];
    let definition = record + 24 + body.len() + 4;
    body.extend_from_slice(&(definition as u32).to_le_bytes());
    let mut tokens = vec![0x0f, 1, 1, 0];
    let element = |tokens: &mut Vec<u8>, at: usize, name: &str| {
        tokens.extend_from_slice(&[0x01, 0xff, 0xff, 0, 0, 0, 0]);
        let place = at + tokens.len() + 4;
        tokens.extend_from_slice(&(place as u32).to_le_bytes());
        tokens.extend_from_slice(&[0; 6]);
        tokens.extend_from_slice(&(name.len() as u16).to_le_bytes());
        tokens.extend(name.bytes().flat_map(|byte| [byte, 0]));
        tokens.extend_from_slice(&[0, 0, 0x02]);
    };
    let start = definition + 24;
    element(&mut tokens, start, "Event");
    element(&mut tokens, start, "System");
    element(&mut tokens, start, "EventID");
    tokens.extend_from_slice(&[0x05, 0x01, 4, 0, b'4', 0, b'6', 0, b'2', 0, b'4', 0, 0x04]);
    tokens.push(0x04);
    tokens.extend_from_slice(&[0x0e, 0, 0, 0x21, 0x04, 0x00]);
    let multiplier = 50_000_usize;
    let mut copies = vec![0x0f, 1, 1, 0];
    copies.extend([0x0e, 0, 0, 0x21].repeat(3_000));
    copies.push(0);
    chunk[multiplier + 20..multiplier + 24].copy_from_slice(&(copies.len() as u32).to_le_bytes());
    chunk[multiplier + 24..multiplier + 24 + copies.len()].copy_from_slice(&copies);
    body.extend_from_slice(&[0; 20]);
    body.extend_from_slice(&(tokens.len() as u32).to_le_bytes());
    body.extend_from_slice(&tokens);
    let mut value: Vec<u8> = Vec::new();
    for _ in 0..7 {
        let mut outer = vec![0x0f, 1, 1, 0, 0x0c, 1, 0, 0, 0, 0];
        outer.extend_from_slice(&(multiplier as u32).to_le_bytes());
        outer.extend_from_slice(&1_u32.to_le_bytes());
        outer.extend_from_slice(&(value.len() as u16).to_le_bytes());
        outer.extend_from_slice(&[0x21, 0]);
        outer.extend_from_slice(&value);
        value = outer;
    }
    body.extend_from_slice(&1_u32.to_le_bytes());
    body.extend_from_slice(&(value.len() as u16).to_le_bytes());
    body.extend_from_slice(&[0x21, 0]);
    body.extend_from_slice(&value);
    let size = (24 + body.len() + 4) as u32;
    chunk[record + 4..record + 8].copy_from_slice(&size.to_le_bytes());
    chunk[record + 24..record + 24 + body.len()].copy_from_slice(&body);
    chunk[record + 24 + body.len()..record + size as usize].copy_from_slice(&size.to_le_bytes());
    chunk[48..52].copy_from_slice(&(record as u32 + size).to_le_bytes());
    let mut count = Count::default();
    Decoder::thorough().chunk(&chunk, 0, &mut count);
    assert_eq!(count.records + count.unreadable.len() as u64, 1);
}

#[test]
fn the_made_logs_of_the_benchmarks_are_what_their_makers_say() {
    let folder = tempfile::tempdir().unwrap();
    let read = |path: &Path| {
        let (log, mut count, mut decoder) = (std::fs::read(path).unwrap(), Count::default(), Decoder::new());
        read_log(&mut decoder, &log, &mut count);
        assert_eq!((count.unreadable.len(), count.mismatches.len(), count.slack, decoder.doubted()), (0, 0, 0, 0), "{}", path.display());
        (log.len(), count.records)
    };
    let path = folder.path().join("Security.evtx");
    let records = made_evtx::write(&path, 2_000_000).unwrap();
    let (bytes, found) = read(&path);
    assert_eq!(found, records);
    assert!((2_000_000..3_000_000).contains(&bytes), "{bytes}");

    let logs = folder.path().join("logs");
    let records = made_evtx::folder(&logs, 30).unwrap();
    let found: Vec<(usize, u64)> = std::fs::read_dir(&logs).unwrap().map(|entry| read(&entry.unwrap().path())).collect();
    assert_eq!(found.iter().map(|(_, records)| records).sum::<u64>(), records);
    assert!(found.iter().all(|(bytes, records)| (69_632..=1_118_208).contains(bytes) && *records > 0), "{found:?}");
}

/// Chunks of recordings whose checksum does not fit: file, number of the chunk.
const DAMAGED: [(&str, &[usize]); 5] = [
    ("2-vss_0-Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational.evtx", &[1, 15]),
    // Nor does that of its newest chunk, number 7, but the log was in use.
    ("sample_with_a_bad_chunk_magic.evtx", &[0, 9]),
    ("security_bad_string_cache.evtx", &[0]),
    // Cut in a chunk: whether its checksum fits cannot be known.
    ("System2.evtx", &[]),
    ("cut_in_third_chunk.evtx", &[]),
];

#[test]
fn damaged_chunks_of_recordings_are_told_and_sound_ones_are_not() {
    let Some(corpus) = corpus() else { return };
    let mut differences = Vec::new();
    for path in evtx_files(&corpus) {
        let mut found = Count::default();
        read_log(&mut Decoder::new(), &std::fs::read(&path).unwrap(), &mut found);
        let name = path.to_string_lossy();
        let expected = DAMAGED.iter().find(|(end, _)| name.ends_with(end)).map_or(&[][..], |(_, chunks)| chunks);
        let chunks: Vec<usize> = found.mismatches.iter().map(|(offset, _)| (*offset as usize - FILE_HEADER) / CHUNK).collect();
        if chunks != expected {
            differences.push(format!("{name}: {chunks:?} {:?}", found.mismatches));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_chunk_that_is_not_what_was_written_is_told_and_read_all_the_same() {
    let whole = small_log(700);
    let read = |log: &[u8]| {
        let (mut count, mut decoder) = (Count::default(), Decoder::new());
        read_log(&mut decoder, log, &mut count);
        (count, decoder.doubted())
    };
    let (found, doubted) = read(&whole);
    assert_eq!((found.records, found.mismatches.len(), doubted), (700, 0, 0));
    let in_chunk = found.records / (whole.len() as u64 / CHUNK as u64);

    let second = FILE_HEADER + CHUNK;
    // The time of writing in the header of the first record, and the table of names: nobody reads them.
    for (at, word) in [(second + 528, "records of this chunk"), (second + 200, "header of this chunk")] {
        let mut changed = whole.clone();
        changed[at] ^= 0x40;
        let (found, doubted) = read(&changed);
        assert_eq!(found.records + found.unreadable.len() as u64, 700, "{at}");
        assert_eq!(found.mismatches.len(), 1, "{at}");
        assert_eq!(found.mismatches[0].0, second as u64);
        assert!(found.mismatches[0].1.contains(word), "{:?}", found.mismatches);
        assert!(doubted > in_chunk / 2, "the records of the chunk were not read with care: {doubted}");

        // The writer of the log makes no checksums.
        let mut without = changed.clone();
        without[second + 120] |= 4;
        assert_eq!(read(&without).0.mismatches.len(), 0);
        let mut without = changed.clone();
        without[120] |= 4;
        assert_eq!(read(&without).0.mismatches.len(), 0);

        // The log is in use, but another chunk is the one being written.
        let mut in_use = changed.clone();
        in_use[120] |= 1;
        assert_eq!(read(&in_use).0.mismatches.len(), 1);
        in_use.truncate(second + CHUNK);
        let (found, doubted) = read(&in_use);
        assert_eq!((found.mismatches.len(), doubted), (0, 0));
    }
}

/// Binary XML without templates, each name written where it stands.
struct Plain {
    bytes: Vec<u8>,
    /// Offset of the first byte in the chunk.
    at: usize,
}

impl Plain {
    fn name(&mut self, name: &str) {
        let place = self.at + self.bytes.len() + 4;
        self.bytes.extend_from_slice(&(place as u32).to_le_bytes());
        self.bytes.extend_from_slice(&[0; 6]);
        self.bytes.extend_from_slice(&(name.len() as u16).to_le_bytes());
        self.bytes.extend(name.bytes().flat_map(|byte| [byte, 0]));
        self.bytes.extend_from_slice(&[0, 0]);
    }
    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(&[0x05, 0x01]);
        self.bytes.extend_from_slice(&(text.len() as u16).to_le_bytes());
        self.bytes.extend(text.bytes().flat_map(|byte| [byte, 0]));
    }
    fn element(&mut self, name: &str, attribute: Option<(&str, &str)>, inside: impl FnOnce(&mut Self)) {
        self.bytes.extend_from_slice(&[if attribute.is_some() { 0x41 } else { 0x01 }, 0, 0, 0, 0]);
        self.name(name);
        if let Some((name, value)) = attribute {
            self.bytes.extend_from_slice(&[0, 0, 0, 0, 0x06]);
            self.name(name);
            self.text(value);
        }
        self.bytes.push(0x02);
        inside(self);
        self.bytes.push(0x04);
    }
}

#[test]
fn forwarded_records_without_templates_are_read() {
    let mut plain = Plain { bytes: vec![0x0f, 1, 1, 0], at: 512 + 24 };
    plain.element("Event", None, |event| {
        event.element("System", None, |system| {
            system.element("Provider", Some(("Name", "Microsoft-Windows-Security-Auditing")), |_| {});
            system.element("EventID", None, |id| id.text("4624"));
            system.element("TimeCreated", Some(("SystemTime", "2021-02-12T12:32:31.0354251Z")), |_| {});
            system.element("EventRecordID", None, |number| number.text("77"));
            system.element("Channel", None, |channel| channel.text("Security"));
            system.element("Computer", None, |computer| computer.text("far.example"));
        });
        event.element("EventData", None, |data| {
            data.element("Data", Some(("Name", "TargetUserName")), |value| value.text("ada"));
            data.element("Data", Some(("Name", "TargetLogonId")), |value| value.text("0x3e8"));
        });
        event.element("RenderingInfo", None, |rendered| rendered.element("Message", None, |text| text.text("An account was logged on.")));
    });
    plain.bytes.push(0);
    let size = (24 + plain.bytes.len() + 4) as u32;
    let mut chunk = small_log(1)[FILE_HEADER..].to_vec();
    chunk[516..520].copy_from_slice(&size.to_le_bytes());
    chunk[536..536 + plain.bytes.len()].copy_from_slice(&plain.bytes);
    chunk[536 + plain.bytes.len()..512 + size as usize].copy_from_slice(&size.to_le_bytes());
    chunk[48..52].copy_from_slice(&(512 + size).to_le_bytes());
    seal(&mut chunk);
    let (mut decoder, mut told) = (Decoder::new(), Told::default());
    decoder.chunk(&chunk, 0, &mut told);
    assert_eq!(decoder.doubted(), 0);
    let expected = "512 77 4624 v0 Microsoft-Windows-Security-Auditing Security far.example Some(1613133151035425) TargetUserName=ada TargetLogonId=1000";
    assert_eq!(told.0, [expected]);
}
