//! Events leave the reading in the order of time, however large the inputs are and whatever they were read in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use logonscope::engine::ingest::Reading;
use logonscope::engine::load::{Loaded, Opened, load};
use logonscope::model::event::Provenance;
use std::fmt::Write as _;
use std::sync::Arc;

#[path = "support/evtx_writer.rs"]
mod evtx_writer;

use evtx_writer::{Record, Val, Writer};

/// One winlogbeat line of about a kilobyte.
fn line(number: i64, second: i64) -> String {
    let (hour, minute, rest) = (second / 3_600, second / 60 % 60, second % 60);
    format!(
        r#"{{"@timestamp":"2026-03-{:02}T{:02}:{minute:02}:{rest:02}.000Z","winlog":{{"event_id":4624,"channel":"Security","provider_name":"Microsoft-Windows-Security-Auditing","computer_name":"fs01.corp.example","record_id":{number},"event_data":{{"TargetUserName":"user{}","TargetDomainName":"CORP","TargetLogonId":"0x{:x}","LogonType":"3","IpAddress":"10.0.0.{}","ProcessName":"{}"}}}},"message":"{}"}}"#,
        1 + hour / 24,
        hour % 24,
        number % 50,
        0x1_0000 + number,
        number % 200,
        "p".repeat(20),
        "m".repeat(600),
    )
}

fn text(lines: impl Iterator<Item = (i64, i64)>) -> Arc<[u8]> {
    let mut text = String::new();
    lines.for_each(|(number, second)| writeln!(text, "{}", line(number, second)).unwrap());
    Arc::from(text.into_bytes())
}

/// Time, record number, place and host of every event, in the order in which they left.
fn order(loaded: &Loaded) -> Vec<(i64, u64, Provenance, String)> {
    let event = |event: &logonscope::model::event::AuthEvent| {
        (event.at.as_ticks(), event.record, event.provenance, loaded.names.raw(event.host).to_owned())
    };
    loaded.events.iter().map(event).collect()
}

const WHOLE: u64 = u64::MAX;

fn read(inputs: &[Opened], sort_whole_up_to: u64, resort_up_to: u64, threads: usize) -> Loaded {
    load(inputs, Reading { threads, piece_bytes: 64 << 10, sort_whole_up_to, resort_up_to, ..Reading::default() }, &mut |_, _, _| true)
}

/// Reads in every way and gives the order, which must be one.
fn one_order(inputs: &[Opened]) -> Vec<(i64, u64, Provenance, String)> {
    let whole = order(&read(inputs, WHOLE, WHOLE, 1));
    assert!(whole.is_sorted_by_key(|(at, record, ..)| (*at, *record)));
    for threads in [1, 2, 5] {
        let streamed = order(&read(inputs, 0, WHOLE, threads));
        assert!(streamed == whole, "{} and {} events with {threads} threads", streamed.len(), whole.len());
    }
    whole
}

#[test]
fn a_large_text_is_put_in_order_while_it_is_read() {
    // Out of order by a few hundred records, as shippers leave it.
    let disorder = |number: i64| if number % 7 == 0 { (number - 30).max(0) } else { number };
    let inputs = [
        Opened::memory("a.jsonl", text((0..1_400).map(|number| (number, disorder(number))))),
        Opened::memory("b.jsonl", text((0..300).map(|number| (number, 500 + number)))),
    ];
    let events = one_order(&inputs);
    assert_eq!(events.len(), 1_700);
    let lines: Vec<u32> = events.iter().filter(|(.., place, _)| place.input.index() == 1).map(|(.., place, _)| place.line).collect();
    assert_eq!(lines, (1..=300).collect::<Vec<_>>(), "lines are counted over the borders of pieces");
}

#[test]
fn an_export_that_begins_with_the_newest_record_is_read_from_its_end() {
    let inputs = [Opened::memory("newest_first.jsonl", text((0..1_400).map(|number| (1_400 - number, 1_400 - number))))];
    let events = one_order(&inputs);
    assert_eq!((events[0].2.line, events[1_399].2.line), (1_400, 1));
    // Not even inputs that are too large to be sorted as a whole bring anything late.
    assert!(order(&read(&inputs, 0, 0, 2)) == events);
}

#[test]
fn inputs_far_out_of_order_are_sorted_as_a_whole_or_keep_what_comes_late() {
    // Two days one after the other, the later one first, the rest in order: nothing at either end shows it.
    let seconds = (0..700).map(|number| (number, 86_400 + number)).chain((700..1_400).map(|number| (number, number)));
    let inputs = [Opened::memory("mixed.jsonl", text(std::iter::once((0, 0)).chain(seconds).chain([(1_400, 200_000)])))];
    assert_eq!(one_order(&inputs).len(), 1_402);
    let late = read(&inputs, 0, 0, 2);
    assert_eq!(late.events.len(), 1_402, "late is not lost");
    assert!(!late.events.is_sorted_by_key(|event| event.at));
}

#[test]
fn a_full_log_that_goes_on_in_its_oldest_chunk_is_read_from_its_oldest_chunk() {
    let mut writer = Writer::new();
    let long = "x".repeat(900);
    for number in 1..=3_000_u64 {
        writer.record(&Record {
            event_id: 4624,
            record_id: number,
            time: 134_000_000_000_000_000 + number * 10_000_000,
            computer: "dc01.corp.example",
            data: &[
                ("TargetUserName", Val::Text("user")),
                ("TargetLogonId", Val::Hex64(number + 0x1_0000)),
                ("ProcessName", Val::Text(&long)),
            ],
            ..Record::default()
        });
    }
    writer.finish_chunk();
    let file = writer.drain();
    let (header, chunks) = file.split_at(4_096);
    let chunks: Vec<&[u8]> = chunks.chunks(65_536).collect();
    // The last forty chunks stand in front, where the oldest ones were.
    let turned: Vec<u8> = [header]
        .into_iter()
        .chain(chunks[chunks.len() - 40..].iter().copied())
        .chain(chunks[..chunks.len() - 40].iter().copied())
        .flatten()
        .copied()
        .collect();
    let inputs = [Opened::memory("turned.evtx", Arc::from(turned))];
    let events = one_order(&inputs);
    assert_eq!(events.len(), 3_000);
    assert!(order(&read(&inputs, 0, 0, 2)) == events, "nothing is late");
}
