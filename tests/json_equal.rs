//! The fast way through JSON and the careful one say the same, byte for byte of input, whatever is done to the bytes.
//!
//! The fast way finds the ends of texts beforehand and knows keys again by their bytes; the careful way looks at every byte
//! and key anew. Whether a line is JSON at all is compared with serde_json. Corpus files take part where
//! `LOGONSCOPE_CORPUS` names them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/changed.rs"]
mod changed;
#[path = "support/files.rs"]
mod files;
#[path = "../benches/support/made_json.rs"]
mod made_json;

use changed::{Change, changed};
use files::files;
use logonscope::decode::json::Decoder;
use logonscope::model::fields::{Field, Fields, RecordSink, Unreadable};
use logonscope::normalise::shape::SHAPES;
use made_json::{Kind, Maker};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use std::fmt::Write as _;
use std::path::Path;

/// Everything a decoder says, in words.
#[derive(Default)]
struct Heard(Vec<String>);

impl RecordSink for Heard {
    fn record(&mut self, fields: &Fields<'_>) {
        let mut text = format!(
            "{} {} v{} {:?} {:?} {:?} {:?} #{} at {} line {}",
            fields.shape,
            fields.event_id,
            fields.version,
            fields.provider,
            fields.channel,
            fields.computer,
            fields.at,
            fields.record,
            fields.offset,
            fields.line
        );
        for field in Field::ALL.iter().filter(|field| !fields.is_absent(**field)) {
            write!(text, " {}={:?}", field.name(), fields.value(*field)).unwrap();
        }
        self.0.push(text);
    }
    fn unreadable(&mut self, what: Unreadable) {
        self.0.push(format!("bad {what:?}"));
    }
    fn unknown(&mut self, offset: u64, line: u32, reason: &str) {
        self.0.push(format!("unknown at {offset} line {line}: {reason}"));
    }
}

fn read(mut decoder: Decoder, bytes: &[u8], block: usize) -> Vec<String> {
    let mut heard = Heard::default();
    let (mut from, mut to, mut line) = (0, 0, 1);
    loop {
        to = bytes.len().min(to + block);
        let last = to == bytes.len();
        let taken = decoder.feed(&bytes[from..to], from as u64, line, last, &mut heard);
        line += bytes[from..from + taken].iter().filter(|byte| **byte == b'\n').count() as u32;
        from += taken;
        if last || decoder.is_at_xml() {
            return heard.0;
        }
    }
}

/// Reads in both ways and in blocks; gives what was heard.
fn same(bytes: &[u8], blocks: &[usize], what: &str) -> Vec<String> {
    let careful = read(Decoder::careful(SHAPES), bytes, usize::MAX / 2);
    let fast = read(Decoder::new(SHAPES), bytes, usize::MAX / 2);
    assert_eq!(fast, careful, "{what}");
    for block in blocks {
        assert_eq!(read(Decoder::new(SHAPES), bytes, *block), careful, "{what} in blocks of {block}");
    }
    careful
}

fn made(kind: Kind, lines: usize) -> String {
    let (mut maker, mut text) = (Maker::new(kind), String::new());
    (0..lines).for_each(|_| maker.line(&mut text));
    text
}

#[test]
fn both_ways_say_the_same_of_made_lines() {
    for kind in Kind::ALL {
        let text = made(kind, 120);
        let heard = same(text.as_bytes(), &[4_099, 60_000], kind.name());
        assert_eq!(heard.len(), 120);
        assert!(heard.iter().all(|line| !line.starts_with("bad") && !line.starts_with("unknown")), "{:?}", heard.first());
    }
}

#[test]
fn both_ways_say_the_same_of_every_recording() {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes"), &mut paths);
    match std::env::var_os("LOGONSCOPE_CORPUS") {
        Some(corpus) => ["json", "entra", "negative"].iter().for_each(|part| files(&Path::new(&corpus).join(part), &mut paths)),
        None => eprintln!("skipped: LOGONSCOPE_CORPUS is not set"),
    }
    assert!(paths.len() > 10);
    for path in paths {
        // Other formats are read as JSON too: whatever comes of it must be the same.
        let bytes = std::fs::read(&path).unwrap();
        let blocks: &[usize] = if bytes.len() < 500_000 { &[4_099] } else { &[] };
        same(&bytes, blocks, &path.display().to_string());
    }
}

/// Lines that mutations begin with: short ones with everything JSON has, and made ones.
fn seeds() -> Vec<String> {
    let mut seeds: Vec<String> = [
        r#"{"@timestamp":"2026-03-14T09:42:17.123Z","winlog":{"event_id":"4624","channel":"Security","event_data":{"TargetUserName":"j\u00f6rg \ud83d\ude00","LogonType":3,"ProcessName":"C:\\x\\y.exe"}}}"#,
        r#"{"EventID":4624,"SourceModuleType":"im_msvistalog","Channel":"Security","TargetUserName":"a\"b\\","N":[1,-2.5e+3,{"x":[[]]},null,true],"IpAddress":"::1"}"#,
        r##"{"Event":{"System":{"EventID":{"#text":4634,"#attributes":{"Qualifiers":0}},"Channel":"Security"},"EventData":{"TargetLogonId":"0x3e7"}}}"##,
        r#"{"_source":{"winlog.event_id":4624,"winlog.channel":"Security","winlog.event_data.TargetUserName":"x"}}"#,
        r#"{"category":"SignInLogs","properties":"{\"createdDateTime\":\"2026-03-14T09:42:17Z\",\"status\":{\"errorCode\":0}}","tenantId":"t"}"#,
        r#"  {"a" : { } , "b" : [ ] , "id" : 0 }"#,
    ]
    .map(str::to_owned)
    .into();
    seeds.extend(Kind::ALL.iter().map(|kind| made(*kind, 1).trim_end().to_owned()));
    seeds
}

fn change() -> impl Strategy<Value = Change> {
    let place = || any::<prop::sample::Index>();
    let byte = prop_oneof![prop::sample::select(b"{}[]\",:\\u0n \t/e-+.5\x00\x1f\x7f\xff\xc3\xe2".to_vec()), any::<u8>()];
    let piece = prop::sample::select(vec![
        &b"\\u12"[..],
        b"\\ud800",
        b"\\x",
        b"\\\\\"",
        b"\\\"",
        b"\\\\\\",
        b"{\"a\":",
        b"[[[[[[",
        b"}]",
        b",,",
        b"\"\"",
        b"1e999999",
        b"0123",
        b"nul",
        b"\xe2\x82",
        b"\xc3\xa4",
        b"\"TargetUserName\":\"twice\",",
        b"123456789012345678901234567890",
        b"\\/",
        b"/",
    ]);
    prop_oneof![
        (place(), byte).prop_map(|(at, byte)| Change::Set(at, byte)),
        (place(), piece).prop_map(|(at, piece)| Change::Insert(at, piece.to_vec())),
        (place(), 1_usize..40).prop_map(|(at, len)| Change::Delete(at, len)),
        (place(), 1_usize..80, place()).prop_map(|(from, len, to)| Change::Copy(from, len, to)),
        place().prop_map(Change::Cut),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_ways_say_the_same_of_changed_bytes(
        chosen in prop::collection::vec(prop::sample::select(seeds()), 1..4),
        changes in prop::collection::vec(change(), 0..6),
        block in 1_usize..5_000,
    ) {
        let bytes = changed((chosen.join("\n") + "\n").into_bytes(), &changes);
        same(&bytes, &[block], "changed bytes");
    }

    /// A changed line between two good ones: it is a record exactly when it is JSON, and the good ones are always read.
    #[test]
    fn a_line_is_readable_exactly_when_it_is_json(
        seed in prop::sample::select(seeds()),
        changes in prop::collection::vec(change(), 0..4),
    ) {
        let mut line = changed(seed.into_bytes(), &changes);
        line.retain(|byte| *byte != b'\n');
        if !line.trim_ascii().starts_with(b"{") {
            line.insert(0, b'{');
        }
        // Keys under which an array may be one of records: then a fault is one of a record inside.
        if ["value", "records", "hits", "events", "results", "Records"].iter().any(|key| memchr::memmem::find(&line, key.as_bytes()).is_some()) {
            return Ok(());
        }
        let good = r#"{"winlog":{"event_id":4634,"channel":"Security"}}"#;
        let bytes = [good.as_bytes(), b"\n", &line, b"\n", good.as_bytes(), b"\n"].concat();
        let heard = same(&bytes, &[], "one line");
        let is_text = std::str::from_utf8(&line).is_ok();
        let is_json = is_text && serde_json::from_slice::<IgnoredAny>(&line).is_ok();
        let begins_as_json = is_text && serde_json::Deserializer::from_slice(&line).into_iter::<IgnoredAny>().next().is_some_and(|value| value.is_ok());
        let bad = heard.iter().filter(|line| line.starts_with("bad")).count();
        // What follows a whole value on its line may be another one.
        prop_assert!(!is_json || bad == 0, "{:?}", heard);
        prop_assert!(begins_as_json || bad > 0, "{:?}", heard);
        prop_assert!(heard.first().is_some_and(|first| first.starts_with("winlogbeat7 4634")));
        prop_assert!(heard.last().is_some_and(|last| last.starts_with("winlogbeat7 4634")), "{:?}", heard);
    }
}

#[test]
fn hostile_lines_are_refused_with_their_place_and_the_next_ones_are_read() {
    let good = "{\"winlog\":{\"event_id\":4634,\"channel\":\"Security\"}}\n";
    for (name, line) in [
        ("100,000 levels", format!("{{\"a\":{}", "[".repeat(100_000))),
        ("100,000 wrappers", "{\"_source\":".repeat(100_000)),
        ("cut after a colon", "{\"winlog\":{\"event_id\":1},\"x\":".to_owned()),
        ("cut in a text", "{\"winlog\":{\"event_id\":1},\"x\":\"abc".to_owned()),
        ("NUL bytes", "{\"winlog\":{\"event_id\":1},\"x\":\"\0\0\"}".to_owned()),
        ("NUL line", "\0".repeat(4_096)),
        ("a number of a megabyte", format!("{{\"winlog\":{{\"event_id\":{}}}}}", "9".repeat(1 << 20))),
    ] {
        let text = format!("{good}{line}\n{good}");
        let heard = same(text.as_bytes(), &[1 << 16], name);
        assert!(heard.len() >= 3 && heard[0].starts_with("winlogbeat7 4634"), "{name}: {heard:?}");
        assert!(heard.last().unwrap().starts_with("winlogbeat7 4634"), "{name}: {heard:?}");
        assert!(heard[1].starts_with("bad") && heard[1].contains("line: 2") || heard[1].starts_with("unknown"), "{name}: {heard:?}");
    }
}

#[test]
fn a_record_longer_than_the_limit_is_refused_and_not_kept() {
    let good = "{\"winlog\":{\"event_id\":4634,\"channel\":\"Security\"}}\n";
    let long = format!("{{\"winlog\":{{\"event_id\":4624}},\"x\":\"{}\"}}\n", "y".repeat(50_000));
    let endless = format!("{{\"x\":\"{}\n", "y".repeat(50_000));
    for line in [&long, &endless] {
        let text = format!("{good}{line}{good}");
        let mut heard = Vec::new();
        for block in [usize::MAX / 2, 7_000, 1_000] {
            let decoder = Decoder::new(SHAPES).with_longest(20_000);
            let mut most = 0;
            let (mut sink, mut decoder) = (Heard::default(), decoder);
            let (mut from, mut to, mut line) = (0, 0, 1);
            while from < text.len() || to < text.len() {
                to = text.len().min(to.saturating_add(block));
                most = most.max(to - from);
                let taken = decoder.feed(&text.as_bytes()[from..to], from as u64, line, to == text.len(), &mut sink);
                line += text.as_bytes()[from..from + taken].iter().filter(|byte| **byte == b'\n').count() as u32;
                from += taken;
            }
            assert!(block > text.len() || most <= 20_000 + 2 * block, "{most} bytes were kept");
            heard.push(sink.0);
        }
        assert!(heard.windows(2).all(|pair| pair[0] == pair[1]), "{heard:?}");
        assert_eq!(heard[0].len(), 3, "{heard:?}");
        assert!(heard[0][1].contains("line: 2") && heard[0][1].contains("longer than"), "{heard:?}");
    }
}
