//! How fast event logs are read: a made log with the mix of a busy Security log, timed through decoding and normalising
//! on one core, beside plain reading of the same bytes.
//!
//! ```text
//! cargo bench --bench throughput -- --megabytes 256          # medians of 5 runs
//! cargo bench --bench throughput -- --file Security.evtx     # a log of your own
//! ```
//!
//! The log is the same on every machine (seeded) and is written to the folder for temporary files. `read` is reading the
//! file in pieces of 1 MiB, as `cat` does; `thorough` also decodes the values of records that cannot be logons. Checksums
//! of chunks are checked in all of them. `all` is what a report does before it prints: read, sort, sessions, detections;
//! the time on a core is that of its writer alone, without the threads that decode. Whole reports are timed by `ratio`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../tests/support/evtx_writer.rs"]
mod evtx_writer;
#[path = "support/made_evtx.rs"]
#[allow(dead_code)]
mod made_evtx;
#[path = "support/size.rs"]
mod size;

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use logonscope::base::intern::Interner;
use logonscope::decode::evtx::{CHUNK, Decoder, FILE_HEADER};
use logonscope::engine::Engine;
use logonscope::engine::load::{Opened, Reading, load};
use logonscope::model::fields::{Fields, RecordSink, Unreadable};
use logonscope::model::ids::InputId;
use logonscope::normalise::batch::Batch;
use logonscope::source::file::Mapped;

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

fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], u64)> {
    bytes[FILE_HEADER..].chunks(CHUNK).enumerate().map(|(slot, chunk)| (chunk, (FILE_HEADER + slot * CHUNK) as u64))
}

/// Time this thread has had a core, where the system tells (Linux): a busy machine does not change it.
fn on_core() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn time(name: &str, bytes: u64, mut run: impl FnMut() -> u64) {
    let mut took: Vec<(Duration, Duration, u64)> = (0..size::of(5, 1))
        .map(|_| {
            let (start, before) = (Instant::now(), on_core());
            let records = run();
            let wall = start.elapsed();
            (before.and_then(|before| Some(on_core()? - before)).unwrap_or(wall), wall, records)
        })
        .collect();
    took.sort_unstable();
    let (core, wall, records) = took[took.len() / 2];
    assert!(took.iter().all(|(.., others)| *others == records), "{name}: {took:?}");
    let (core, wall) = (core.as_secs_f64(), wall.as_secs_f64());
    #[allow(clippy::cast_precision_loss)]
    let rate = |seconds: f64| bytes as f64 / 1e6 / seconds;
    println!("{name:<22} {core:>7.3} s on a core {:>7.0} MB/s   {wall:>7.3} s {:>7.0} MB/s {records:>10} records", rate(core), rate(wall));
}

fn main() {
    let arguments = size::arguments();
    let after = |flag: &str| arguments.iter().position(|argument| argument == flag).and_then(|place| arguments.get(place + 1));
    let megabytes: u64 = after("--megabytes").map_or(size::of(256, 1), |number| number.parse().expect("a number of megabytes"));
    let path = after("--file").map_or_else(|| size::place("throughput.evtx"), PathBuf::from);
    if after("--file").is_none() {
        let start = Instant::now();
        let records = made_evtx::write(&path, megabytes * 1_000_000).expect("room for the log");
        println!("{} with {records} records, made in {:.1} s", path.display(), start.elapsed().as_secs_f64());
    }
    let file = Mapped::open(&path).expect("the log");
    let bytes = file.bytes().len() as u64;

    time("read", bytes, || {
        let mut file = File::open(&path).expect("the log");
        let mut piece = vec![0; 1 << 20];
        while file.read(&mut piece).expect("the log") > 0 {}
        0
    });
    time("decode", bytes, || {
        let (mut decoder, mut sink) = (Decoder::new(), Nothing::default());
        chunks(file.bytes()).for_each(|(chunk, offset)| decoder.chunk(chunk, offset, &mut sink));
        sink.0
    });
    time("decode, thorough", bytes, || {
        let (mut decoder, mut sink) = (Decoder::thorough(), Nothing::default());
        chunks(file.bytes()).for_each(|(chunk, offset)| decoder.chunk(chunk, offset, &mut sink));
        sink.0
    });
    time("decode and normalise", bytes, || {
        let (mut decoder, mut records) = (Decoder::new(), 0);
        // Batches that go on with the names of the one before, as the engine's workers make them.
        let all: Vec<_> = chunks(file.bytes()).collect();
        let mut names = Interner::default();
        for part in all.chunks(16) {
            let mut batch = Batch::with_names(InputId::new(0), names);
            part.iter().for_each(|(chunk, offset)| decoder.chunk(chunk, *offset, &mut batch));
            let (known, _, tally) = batch.finish();
            names = known;
            records += tally.records;
        }
        records
    });
    for (name, threads) in [("all, one thread", 1), ("all, two threads", 2)] {
        time(name, bytes, || {
            let opened = [Opened::file(path.clone())];
            let loaded = load(&opened, Reading { threads, ..Reading::default() }, &mut |_, _, _| true);
            let records = loaded.inputs.iter().map(|input| input.records).sum();
            let mut engine = Engine::new(loaded.names);
            for event in loaded.events {
                engine.apply(event);
            }
            assert!(!engine.finish(loaded.inputs).tables.events.is_empty());
            records
        });
    }
    if after("--file").is_none() && !arguments.iter().any(|argument| argument == "--keep") {
        std::fs::remove_file(&path).expect("the log can be removed");
    }
}
