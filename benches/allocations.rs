//! How often reading asks the system for memory: made logs and lines, read twice by one decoder and one table of texts, as
//! the engine's threads read piece after piece. Counted is the second time, when every text is known.
//!
//! ```text
//! cargo bench --bench allocations                      # 16 MB of each kind
//! cargo bench --bench allocations -- --megabytes 64
//! ```
//!
//! A piece of a megabyte costs a handful: its list of events, which grows, and its tallies, one for each log in it. A record costs nothing; only a
//! sign-in to Entra has a box for what other events have not, which is what is kept of it. More than that ends the run, so
//! these are bounds and not only figures. Found with it: a dash in `RestrictedAdminMode`, which nearly every 4624 has, was made
//! a text to be compared with words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../tests/support/evtx_writer.rs"]
mod evtx_writer;
#[path = "support/made_evtx.rs"]
#[allow(dead_code)]
mod made_evtx;
#[path = "support/made_json.rs"]
mod made_json;
#[path = "support/size.rs"]
mod size;

use logonscope::base::intern::Interner;
use logonscope::decode::evtx::{CHUNK, FILE_HEADER};
use logonscope::decode::{evtx, text};
use logonscope::model::ids::InputId;
use logonscope::normalise::batch::Batch;
use logonscope::normalise::shape::SHAPES;
use made_json::{Kind, Maker};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes of one piece of work, as the engine cuts them.
const PIECE: usize = 1 << 20;
/// Most that one piece may ask for, whatever is in it.
const FOR_A_PIECE: usize = 40;
/// And more for each log that has records in it: which of their numbers were seen.
const FOR_A_LOG: usize = 8;

/// What one way through the bytes made.
#[derive(Default)]
struct Read {
    pieces: usize,
    /// Of each piece, together.
    logs: usize,
    records: usize,
    events: usize,
    sign_ins: usize,
}

/// One thread's reading: what it learned stays from piece to piece.
struct Worker {
    evtx: evtx::Decoder,
    text: text::Decoder,
    names: Interner,
}

impl Worker {
    fn read(&mut self, bytes: &[u8]) -> Read {
        let mut read = Read::default();
        let is_log = bytes.starts_with(b"ElfFile\0");
        let mut from = if is_log { FILE_HEADER } else { 0 };
        while from < bytes.len() {
            let mut batch = Batch::with_names(InputId::new(0), std::mem::take(&mut self.names));
            if is_log {
                let to = bytes.len().min(from + PIECE);
                (from..to).step_by(CHUNK).for_each(|start| self.evtx.chunk_of(bytes, start, &mut batch));
                from = to;
            } else {
                let rest = &bytes[from..];
                let end = rest.get(PIECE..).and_then(|more| memchr::memchr(b'\n', more)).map_or(rest.len(), |newline| PIECE + newline + 1);
                self.text.begin_again();
                from += self.text.feed(&rest[..end], from as u64, 1, true, &mut batch);
            }
            let (names, events, tally) = batch.finish();
            self.names = names;
            read.pieces += 1;
            read.logs += tally.logs.len();
            read.records += usize::try_from(tally.records).expect("a number of records");
            read.sign_ins += events.iter().filter(|event| event.entra.is_some()).count();
            read.events += events.len();
        }
        read
    }
}

fn measure(name: &str, bytes: &[u8]) {
    let mut worker = Worker { evtx: evtx::Decoder::new(), text: text::Decoder::new(SHAPES), names: Interner::default() };
    worker.read(bytes);
    let region = Region::new(COUNTING);
    let read = worker.read(bytes);
    let counted = region.change();
    let asked = counted.allocations + counted.reallocations;
    let Read { pieces, logs, records, events, sign_ins } = read;
    assert!(records > 0 && events > 0, "{name}: nothing was read");
    println!(
        "{name:<20} {records:>8} records, {events:>8} events, {pieces:>4} pieces: {asked:>8} times, {:.4} a record; {} KiB in all",
        (asked as f64) / (records as f64),
        counted.bytes_allocated >> 10
    );
    let most = sign_ins + pieces * FOR_A_PIECE + logs * FOR_A_LOG;
    assert!(asked <= most, "{name}: asked {asked} times for {records} records in {pieces} pieces, {most} are allowed");
}

fn main() {
    let arguments = size::arguments();
    let after = |flag: &str| arguments.iter().position(|argument| argument == flag).and_then(|place| arguments.get(place + 1));
    let megabytes: usize = after("--megabytes").map_or(size::of(16, 2), |number| number.parse().expect("a number of megabytes"));
    let log = size::place("allocations.evtx");
    made_evtx::write(&log, megabytes as u64 * 1_000_000).expect("room for the log");
    measure("evtx", &std::fs::read(&log).expect("the log"));
    std::fs::remove_file(&log).expect("the log can be removed");
    for kind in Kind::ALL {
        let (mut maker, mut lines) = (Maker::new(kind), String::new());
        while lines.len() < megabytes * 1_000_000 {
            maker.line(&mut lines);
        }
        measure(kind.name(), lines.as_bytes());
    }
}
