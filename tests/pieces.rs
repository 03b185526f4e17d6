//! Texts that are no lines are read in pieces on all cores, and what is read is the same as in one piece: events, their
//! order, their places, what was counted and what could not be read, whatever was done to the bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/changed.rs"]
mod changed;
#[path = "support/files.rs"]
mod files;
#[path = "../benches/support/made_json.rs"]
mod made_json;

use changed::{Change, changed};
use files::files;
use logonscope::base::intern::{Interner, Remap};
use logonscope::decode::cut::cut;
use logonscope::engine::load::{Loaded, Opened, Reading, load};
use logonscope::normalise::shape::SHAPES;
use made_json::{Kind, Maker};
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// In one piece.
const WHOLE: usize = usize::MAX / 4;

fn read(bytes: &Arc<[u8]>, reading: Reading) -> Option<Loaded> {
    let opened = Opened::memory("input", Arc::clone(bytes));
    opened.content.is_ok().then(|| load(&[opened], reading, &mut |_, _, _| true))
}

/// All that was read, in words.
fn told(loaded: Loaded) -> Vec<String> {
    let (mut remap, mut names) = (Remap::default(), Interner::default());
    let mut told = Vec::new();
    for mut event in loaded.events {
        event.translate(|symbol| remap.translate(&loaded.names, &mut names, symbol));
        told.push(format!("{event:?}"));
    }
    // Texts are numbered in the order in which they are met here, which is that of the events.
    told.push(format!("{:?}", names.texts().from(0).collect::<Vec<_>>()));
    for input in loaded.inputs {
        let tally = input.tally;
        let logs: Vec<_> =
            tally.logs.iter().map(|log| (loaded.names.raw(log.channel), log.records, log.events, log.out_of_order())).collect();
        told.push(format!("{logs:?} {:?} {:?} {}", input.state, input.problem, input.bytes_read));
        told.extend(tally.places.all().iter().map(|place| format!("{place:?}")));
        let counts = (tally.records, tally.events, tally.other, tally.unreadable, tally.unknown, tally.assumed_utc, tally.dropped);
        told.push(format!("{counts:?} {:?} {:?} {:?} {:?}", tally.shapes, tally.first, tally.last, tally.clears));
    }
    told
}

/// Where following goes on; what stands between records may have been taken or not.
fn tail(loaded: &Loaded, bytes: &[u8]) -> usize {
    let Some(tail) = loaded.tails.get(&0) else { return 0 };
    let (taken, rest) = bytes.split_at(tail.offset as usize);
    assert!(rest.contains(&0) || tail.line as usize == 1 + taken.iter().filter(|byte| **byte == b'\n').count());
    let rest = rest.trim_ascii_start();
    bytes.len() - rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start().len()
}

/// Reads in pieces of these sizes and as one.
fn same(bytes: &[u8], sizes: &[usize], what: &str) {
    let bytes: Arc<[u8]> = Arc::from(bytes);
    for keep_tail in [false, true] {
        let reading = Reading { keep_tail, threads: 2, piece_bytes: WHOLE, ..Reading::default() };
        let Some(whole) = read(&bytes, reading) else { return };
        let (goes_on, whole) = (tail(&whole, &bytes), told(whole));
        for piece_bytes in sizes {
            for sort_whole_up_to in [0, u64::MAX] {
                let pieces = read(&bytes, Reading { piece_bytes: *piece_bytes, sort_whole_up_to, ..reading }).unwrap();
                assert_eq!(tail(&pieces, &bytes), goes_on, "{what} in pieces of {piece_bytes}");
                let pieces = told(pieces);
                if let Some(place) = (0..whole.len().max(pieces.len())).find(|place| whole.get(*place) != pieces.get(*place)) {
                    let (one, other) = (whole.get(place), pieces.get(place));
                    panic!("{what} in pieces of {piece_bytes} (tail {keep_tail}, {sort_whole_up_to}):\n{one:?}\n{other:?}");
                }
            }
        }
    }
}

fn lines(kind: Kind, count: usize) -> Vec<String> {
    let (mut maker, mut text) = (Maker::new(kind), String::new());
    (0..count).for_each(|_| maker.line(&mut text));
    text.lines().map(str::to_owned).collect()
}

/// What has braces, quotes and brackets where they mean nothing, and lists of records in records.
const AWKWARD: [&str; 4] = [
    r#"{"id":"1","winlog":{"event_id":4624,"channel":"Security","event_data":{"TargetUserName":"},{\"id\":\"x\"","LogonType":"3"}}}"#,
    r#"{"id":"2","parts":[{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"}],"more":[[],[{"id":[{}]}]],"winlog":{"event_id":4634,"channel":"Security"}}"#,
    r#"{"id":"3","text":"[{\\\\\",\n","winlog":{"event_id":4625,"channel":"Security","event_data":{"TargetUserName":"j\u00f6rg\\"}}}"#,
    r#"{"id":"4","none":null}"#,
];

fn pretty(record: &str, indent: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(record).unwrap();
    serde_json::to_string_pretty(&value).unwrap().replace('\n', &format!("\n{indent}"))
}

/// The same records in every layout.
fn layouts(records: &[String]) -> Vec<(&'static str, String)> {
    let minified = records.join(",");
    let on_lines = records.join(",\n ");
    let indented = records.iter().map(|record| pretty(record, "  ")).collect::<Vec<_>>().join(",\n  ");
    let deep = records.iter().map(|record| pretty(record, "    ")).collect::<Vec<_>>().join(",\n    ");
    let apart = records.iter().map(|record| pretty(record, "")).collect::<Vec<_>>();
    let pages = records.chunks(3).map(|page| format!("{{\"records\":[{}],\"next\":[{{\"id\":1}},{{\"id\":2}}]}}\n", page.join(",")));
    let numbered = apart.iter().enumerate().map(|(number, record)| format!("Record {number}\n{record}\n"));
    vec![
        ("minified", format!("[{minified}]")),
        ("minified with a mark", format!("\u{feff}[{minified}]\n")),
        ("lines in an array", format!("[{on_lines}]\n")),
        ("pretty-printed", format!("[\n  {indented}\n]\n")),
        ("pretty-printed, CRLF", format!("[\n  {indented}\n]\n").replace('\n', "\r\n")),
        ("a Graph page", format!("{{\"@odata.context\":\"x\",\"value\":[{minified}],\"@odata.nextLink\":\"y\"}}")),
        ("pretty-printed Graph pages", format!("{{\n  \"value\": [\n    {deep}\n  ],\n  \"next\": [\n    {{}}\n  ]\n}}\n").repeat(2)),
        ("an Azure envelope", format!("{{\"records\":[{on_lines}]}}")),
        ("hits in hits", format!("{{\"took\":1,\"hits\":{{\"total\":{{\"value\":2}},\"hits\":[\n{minified}\n]}}}}")),
        ("small pages", pages.collect()),
        ("arrays one behind the other", format!("[{minified}]\n[{on_lines}]\n[]\n{{\"records\":[{minified}]}}")),
        ("objects one behind the other", apart.concat()),
        ("objects on lines", apart.join("\n")),
        ("numbered objects", numbered.collect()),
        ("without its end", format!("[{minified},")),
        ("without commas", format!("[\n{}\n]", records.join("\n"))),
        ("two commas", format!("[{}]", records.join(",,\n"))),
        ("other elements", format!("[{}]", records.join(",1,[{\"id\":1},{\"id\":2}],null,\n"))),
        ("events in XML between", format!("[{on_lines}]\n<Event><System><EventID>4624</EventID></System></Event>\n[{on_lines}]")),
    ]
}

fn table(rows: usize) -> String {
    let mut text = "EventId,TimeCreated,Channel,Computer,Provider,EventRecordId,MapDescription,SourceFile,Payload\r\n".to_owned();
    for row in 0..rows {
        let message =
            ["plain", "\"two\nlines, and a comma\"", "\"a \"\"quoted\"\" word\"", "\"a,b\nc,d\n,,,,,,,,\n\"\"\"\"\n\"", ""][row % 5];
        let payload = format!(
            r###""{{""EventData"":{{""Data"":[{{""@Name"":""TargetUserName"",""#text"":""u{}""}},{{""@Name"":""LogonType"",""#text"":""3""}}]}}}}""###,
            row % 7
        );
        let (id, minute, second) = ([4624, 4634, 4625, 5156][row % 4], row / 60 % 60, row % 60);
        let time = format!("2026-03-14 09:{minute:02}:{second:02}.0000000");
        text.push_str(&format!(
            "{id},{time},Security,dc01.corp.example,Microsoft-Windows-Security-Auditing,{row},{message},Security.evtx,{payload}\r\n"
        ));
    }
    text
}

const SIZES: [usize; 6] = [1, 97, 700, 3_001, 20_011, 150_000];

#[test]
fn arrays_and_pages_are_the_same_in_pieces() {
    for kind in [Kind::Winlogbeat, Kind::EntraGraph] {
        let mut records = lines(kind, 24);
        records.extend(AWKWARD.map(str::to_owned));
        records.extend(lines(kind, 12));
        for (name, text) in layouts(&records) {
            same(text.as_bytes(), &[97, 3_001, 20_011], &format!("{name} of {}", kind.name()));
        }
    }
    for (name, text) in layouts(&AWKWARD.map(str::to_owned)) {
        same(text.as_bytes(), &SIZES, name);
    }
}

#[test]
fn arrays_and_pages_are_cut() {
    let records = lines(Kind::EntraGraph, 40);
    for (name, text) in layouts(&records) {
        let parts = cut(text.as_bytes(), 30_000, SHAPES).map_or(1, |parts| parts.len());
        let is_odd = ["without commas", "two commas", "other elements"].contains(&name);
        assert!(is_odd || parts >= text.len() / 60_000, "{name}: {parts} parts of {} bytes", text.len());
        assert!(is_odd || parts > 1, "{name}");
    }
    let text = table(400);
    let parts = cut(text.as_bytes(), 10_000, SHAPES).unwrap();
    assert!(parts.len() >= text.len() / 20_000, "{}", parts.len());
    for part in &parts[1..] {
        assert!(text[part.range.start..].starts_with('4') || text[part.range.start..].starts_with('5'), "a row begins at the border");
    }
}

#[test]
fn tables_are_the_same_in_pieces() {
    let text = table(300);
    let narrow = text.replace("\r\n", "\n");
    for (name, text) in [
        ("a table", text.clone()),
        ("with a mark", format!("\u{feff}{text}")),
        ("with a type", format!("#TYPE System.Diagnostics\r\n{text}")),
        ("newlines alone", narrow.clone()),
        ("a stray quote", narrow.replacen("plain", "\"plain", 1)),
        ("a stray quote later", format!("{narrow}{}", table(40).replacen("plain", "\"plain", 3))),
        ("rows of other widths", narrow.replace("plain", "plain,more")),
        ("without its end", format!("{narrow}4624,2026-03-14 09:00:00,\"Secur")),
        ("empty lines", narrow.replace('\n', "\n\n")),
    ] {
        same(text.as_bytes(), &SIZES[1..], name);
    }
}

#[test]
fn wide_texts_are_read_as_one() {
    let wide = |text: &str| -> Vec<u8> { [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect() };
    let array = format!("[{}]", lines(Kind::EntraGraph, 6).join(",\n"));
    for text in [array, table(40)] {
        assert_eq!(cut(&wide(&text), 100, SHAPES), None);
        same(&wide(&text), &[100, 5_000], "UTF-16");
    }
}

#[test]
fn what_begins_with_the_newest_record_is_read_from_its_end() {
    let mut records = lines(Kind::EntraGraph, 60);
    records.reverse();
    let text = format!("[{}]", records.join(",\n"));
    same(text.as_bytes(), &SIZES[1..], "newest first");
    // A record that is broken where it hides the border.
    let mut bytes = text.into_bytes();
    for part in cut(&bytes, 9_000, SHAPES).unwrap().iter().skip(1).step_by(3) {
        bytes[part.range.start - 3] = b'"';
    }
    same(&bytes, &[9_000], "newest first, broken at borders");
}

#[test]
fn what_is_far_out_of_order_is_in_order_though_it_is_too_large_to_be_sorted_with_all_others() {
    let mut records = lines(Kind::EntraGraph, 60);
    records[1..59].reverse();
    let bytes: Arc<[u8]> = Arc::from(format!("[{}]", records.join(",")).into_bytes());
    let reading = Reading { threads: 2, piece_bytes: 3_000, sort_whole_up_to: 0, resort_up_to: 1, ..Reading::default() };
    let loaded = read(&bytes, reading).unwrap();
    assert!(loaded.events.is_sorted_by_key(|event| (event.at, event.record)));
    assert_eq!(told(loaded), told(read(&bytes, Reading { piece_bytes: WHOLE, ..reading }).unwrap()));
}

#[test]
fn more_texts_than_a_thread_keeps_are_told_apart() {
    // Each with its twin in small letters; the tables of the threads begin anew on the way.
    let line = |number: u32| {
        format!(
            r#"{{"winlog":{{"event_id":4624,"channel":"Security","event_data":{{"TargetUserName":"U{number}","WorkstationName":"W{}"}}}}}}"#,
            number / 3 * 7
        )
    };
    let lines: Vec<String> = (0..40_000).map(line).collect();
    let text: Arc<[u8]> = Arc::from(lines.join("\n").into_bytes());
    let whole = told(read(&text, Reading { threads: 1, piece_bytes: WHOLE, ..Reading::default() }).unwrap());
    for threads in [1, 2, 3] {
        let pieces = told(read(&text, Reading { threads, piece_bytes: 100_000, ..Reading::default() }).unwrap());
        assert!(pieces == whole, "{threads} threads");
    }
}

#[test]
fn every_recording_is_the_same_in_pieces() {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes"), &mut paths);
    match std::env::var_os("LOGONSCOPE_CORPUS") {
        Some(corpus) => ["json", "entra", "negative"].iter().for_each(|part| files(&Path::new(&corpus).join(part), &mut paths)),
        None => eprintln!("skipped: LOGONSCOPE_CORPUS is not set"),
    }
    assert!(paths.len() > 10);
    let mut cut_files = 0;
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        if !bytes.starts_with(b"ElfFile") && cut(&bytes, 5_003, SHAPES).is_some() {
            let sizes: &[usize] = if bytes.len() < 500_000 { &[331, 5_003, 60_000] } else { &[20_011, 250_000] };
            same(&bytes, sizes, &path.display().to_string());
            cut_files += 1;
        }
    }
    assert!(cut_files > 5, "{cut_files}");
}

fn change() -> impl Strategy<Value = Change> {
    let place = || any::<prop::sample::Index>();
    let byte = prop_oneof![prop::sample::select(b"{}[]\",:\\u0n \t\r\n<R".to_vec()), any::<u8>()];
    let piece = [
        "\n",
        "\r\n",
        "},{",
        "},\n{",
        "]",
        "]}",
        "[{",
        "\"",
        "\"\"",
        ",\n",
        ",,",
        "\n{",
        "\\",
        "<Event>\n",
        "Record 7\n",
        "{\"value\":[",
        "\u{feff}",
    ];
    let piece = prop::sample::select(piece.map(|piece| piece.as_bytes().to_vec()).to_vec());
    prop_oneof![
        4 => (place(), byte).prop_map(|(at, byte)| Change::Set(at, byte)),
        4 => (place(), piece).prop_map(|(at, piece)| Change::Insert(at, piece)),
        2 => (place(), 1_usize..60).prop_map(|(at, len)| Change::Delete(at, len)),
        2 => (place(), 1_usize..900, place()).prop_map(|(from, len, to)| Change::Copy(from, len, to)),
        1 => place().prop_map(Change::Cut),
    ]
}

/// Texts that mutations begin with: short records in every layout, and tables.
fn seeds() -> Vec<String> {
    let mut records: Vec<String> = AWKWARD.map(str::to_owned).into();
    records.push(r#"{"id":"5","winlog":{"event_id":4624,"channel":"Security"}}"#.to_owned());
    let mut more = [records.clone(), records.clone(), records].concat();
    more.extend(lines(Kind::EntraGraph, 1));
    let mut seeds: Vec<String> = layouts(&more).into_iter().map(|(_, text)| text).collect();
    seeds.extend([table(12), table(30).replace("\r\n", "\n")]);
    seeds
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_are_the_same_in_pieces(
        seed in prop::sample::select(seeds()),
        changes in prop::collection::vec(change(), 0..5),
        size in 1_usize..1_500,
    ) {
        same(&changed(seed.into_bytes(), &changes), &[size], "changed bytes");
    }
}
