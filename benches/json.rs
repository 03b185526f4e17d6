//! How fast JSON lines are read: made winlogbeat and Entra lines, timed on one core through decoding and normalising.
//!
//! ```text
//! cargo bench --bench json -- --megabytes 256          # medians of 5 runs, all kinds of lines
//! cargo bench --bench json -- --file lines.json        # lines of your own
//! ```
//!
//! Input is in memory and is fed in blocks of 1 MiB, as the engine does. `find` only looks for newlines, `decode` keeps
//! nothing, `normalise` makes batches of events.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/made_json.rs"]
mod made_json;
#[path = "support/size.rs"]
mod size;

use logonscope::decode::json::Decoder;
use logonscope::model::fields::{Fields, RecordSink, Unreadable};
use logonscope::model::ids::InputId;
use logonscope::normalise::batch::Batch;
use logonscope::normalise::shape::SHAPES;
use made_json::{Kind, Maker};
use std::time::{Duration, Instant};

const BLOCK: usize = 1 << 20;

/// Takes records and keeps nothing.
#[derive(Default)]
struct Nothing(u64);

impl RecordSink for Nothing {
    fn record(&mut self, _fields: &Fields<'_>) {
        self.0 += 1;
    }
    fn unreadable(&mut self, what: Unreadable) {
        panic!("{what:?}");
    }
    fn unknown(&mut self, _offset: u64, _line: u32, _reason: &str) {}
}

/// Time this thread has had a core, where the system tells (Linux): a busy machine does not change it.
fn on_core() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn time(name: &str, bytes: usize, mut run: impl FnMut() -> u64) {
    let mut took: Vec<(Duration, u64)> = (0..size::of(5, 1))
        .map(|_| {
            let (start, before) = (Instant::now(), on_core());
            let records = run();
            (before.and_then(|before| Some(on_core()? - before)).unwrap_or(start.elapsed()), records)
        })
        .collect();
    took.sort_unstable();
    let (core, records) = took[took.len() / 2];
    assert!(records > 0 && took.iter().all(|(_, others)| *others == records), "{name}: {took:?}");
    #[allow(clippy::cast_precision_loss)]
    let rate = bytes as f64 / 1e6 / core.as_secs_f64();
    println!("  {name:<12} {rate:>7.0} MB/s {:>8.1} ms on a core {records:>9} records", core.as_secs_f64() * 1e3);
}

fn feed(decoder: &mut Decoder, bytes: &[u8], mut each: impl FnMut(&mut Decoder, &[u8], u64, bool) -> usize) {
    let mut from = 0;
    while from < bytes.len() {
        let to = bytes.len().min(from + BLOCK);
        from += each(decoder, &bytes[from..to], from as u64, to == bytes.len());
    }
}

fn measure(name: &str, bytes: &[u8]) {
    println!("{name}: {} bytes", bytes.len());
    time("find", bytes.len(), || memchr::memchr_iter(b'\n', bytes).count() as u64);
    time("decode", bytes.len(), || {
        let mut sink = Nothing::default();
        feed(&mut Decoder::new(SHAPES), bytes, |decoder, block, at, last| decoder.feed(block, at, 1, last, &mut sink));
        sink.0
    });
    time("normalise", bytes.len(), || {
        let mut records = 0;
        let mut names = logonscope::base::intern::Interner::default();
        feed(&mut Decoder::new(SHAPES), bytes, |decoder, block, at, last| {
            let mut batch = Batch::new(InputId::new(0));
            batch.names = std::mem::take(&mut names);
            let taken = decoder.feed(block, at, 1, last, &mut batch);
            names = std::mem::take(&mut batch.names);
            records += batch.events.len() as u64;
            taken
        });
        records
    });
}

fn main() {
    let arguments = size::arguments();
    let after = |flag: &str| arguments.iter().position(|argument| argument == flag).and_then(|place| arguments.get(place + 1));
    if let Some(path) = after("--file") {
        return measure(path, &std::fs::read(path).expect("the file"));
    }
    let megabytes: usize = after("--megabytes").map_or(size::of(256, 1), |number| number.parse().expect("a number of megabytes"));
    for kind in Kind::ALL {
        if after("--kind").is_some_and(|wanted| wanted != kind.name()) {
            continue;
        }
        let (mut maker, mut text) = (Maker::new(kind), String::new());
        while text.len() < megabytes * 1_000_000 {
            maker.line(&mut text);
        }
        if let Some(path) = after("--write") {
            std::fs::write(path, &text).expect("room for the lines");
        }
        measure(kind.name(), text.as_bytes());
    }
}
