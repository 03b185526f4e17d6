//! Watching files that are written: a log that grows record by record, is cleared, rotated, wraps round; text that is
//! appended to, cut short and replaced. Every record and line is given once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::fs::OpenOptions;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use logonscope::decode::evtx::{CHUNK, Decoder, FILE_HEADER};
use logonscope::model::fields::{Fields, RecordSink, Unreadable};
use logonscope::source::follow::{FollowEvtx, FollowText};
use support::evtx_writer::{Record, Val, Writer};

/// Record numbers in the order they came, and damage.
#[derive(Default)]
struct Seen {
    records: Vec<u64>,
    unreadable: Vec<String>,
}

impl RecordSink for Seen {
    fn record(&mut self, fields: &Fields<'_>) {
        self.records.push(fields.record);
    }
    fn unreadable(&mut self, what: Unreadable) {
        self.unreadable.push(what.reason);
    }
    fn unknown(&mut self, _offset: u64, _line: u32, _reason: &str) {}
}

/// What one look gives.
fn look(follow: &mut FollowEvtx) -> Seen {
    let mut seen = Seen::default();
    let mut decoder = Decoder::new();
    for piece in follow.poll().unwrap() {
        decoder.chunk_from(&piece.bytes, piece.offset, piece.from, &mut seen);
    }
    seen
}

fn put(writer: &mut Writer, record_id: u64) {
    let time = 132_576_067_510_354_251 + record_id * 10_000_000;
    writer.record(&Record { record_id, time, data: &[("TargetUserName", Val::Text("ada"))], ..Record::default() });
}

/// Writes in place, as Windows does: the file is never cut.
fn write(path: &Path, bytes: &[u8]) {
    let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn each_record_is_given_once_when_it_appears() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut writer = Writer::new().dirty();
    let mut follow = FollowEvtx::new(path.clone());
    let mut chunks = 0;
    for record_id in 1..=700 {
        put(&mut writer, record_id);
        let log = writer.file();
        chunks = (log.len() - FILE_HEADER) / CHUNK;
        write(&path, &log);
        assert_eq!(look(&mut follow).records, [record_id]);
        assert!(look(&mut follow).records.is_empty());
    }
    assert!(chunks > 2, "{chunks}");
}

#[test]
fn what_was_read_before_is_not_given_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut writer = Writer::new().dirty();
    (1..=300).for_each(|record_id| put(&mut writer, record_id));
    let read = writer.file();
    (301..=310).for_each(|record_id| put(&mut writer, record_id));
    write(&path, &writer.file());
    let mut follow = FollowEvtx::after(path, &read);
    assert_eq!(look(&mut follow).records, (301..=310).collect::<Vec<_>>());
    assert!(look(&mut follow).records.is_empty());
}

#[test]
fn a_large_backlog_comes_in_portions_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut writer = Writer::new();
    let text = "x".repeat(20_000);
    for record_id in 1..=200 {
        writer.record(&Record { record_id, data: &[("TargetUserName", Val::Text(&text))], ..Record::default() });
    }
    write(&path, &writer.finish());
    let mut follow = FollowEvtx::new(path);
    let (mut all, mut looks) = (Vec::new(), 0);
    loop {
        let seen = look(&mut follow).records;
        if seen.is_empty() {
            break;
        }
        all.extend(seen);
        looks += 1;
    }
    assert!(looks > 1, "{looks}");
    assert_eq!(all, (1..=200).collect::<Vec<_>>());
}

#[test]
fn a_cleared_log_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut writer = Writer::new();
    (1..=200).for_each(|record_id| put(&mut writer, record_id));
    write(&path, &writer.finish());
    let mut follow = FollowEvtx::new(path.clone());
    assert_eq!(look(&mut follow).records.len(), 200);

    // Cleared: the file shrinks to one chunk; the numbers go on.
    let mut writer = Writer::new();
    put(&mut writer, 201);
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(0).unwrap();
    write(&path, &writer.file());
    assert_eq!(look(&mut follow).records, [201]);
    put(&mut writer, 202);
    write(&path, &writer.file());
    assert_eq!(look(&mut follow).records, [202]);

    // Cleared again and grown past the old length between two looks, numbers begin at 1.
    let mut writer = Writer::new();
    for record_id in 1..=300 {
        let time = 132_577_000_000_000_000 + record_id;
        writer.record(&Record { record_id, time, data: &[("TargetUserName", Val::Text("ada"))], ..Record::default() });
    }
    write(&path, &writer.finish());
    assert_eq!(look(&mut follow).records, (1..=300).collect::<Vec<_>>());
    assert!(look(&mut follow).records.is_empty());
}

#[test]
fn a_rotated_log_is_read_to_its_end_before_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut writer = Writer::new();
    put(&mut writer, 1);
    write(&path, &writer.file());
    let mut follow = FollowEvtx::new(path.clone());
    assert_eq!(look(&mut follow).records, [1]);
    (2..=250).for_each(|record_id| put(&mut writer, record_id));
    write(&path, &writer.finish());
    std::fs::rename(&path, folder.path().join("Archive-Security.evtx")).unwrap();
    let mut writer = Writer::new();
    put(&mut writer, 251);
    write(&path, &writer.file());
    assert_eq!(look(&mut follow).records, (2..=251).collect::<Vec<_>>());
    put(&mut writer, 252);
    write(&path, &writer.file());
    assert_eq!(look(&mut follow).records, [252]);
}

#[test]
fn a_name_that_is_gone_for_a_while_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut follow = FollowEvtx::new(path.clone());
    assert!(follow.poll().is_err());
    let mut writer = Writer::new();
    put(&mut writer, 1);
    write(&path, &writer.file());
    assert_eq!(look(&mut follow).records, [1]);
    std::fs::rename(&path, folder.path().join("away")).unwrap();
    assert!(look(&mut follow).records.is_empty());
    let mut writer = Writer::new();
    put(&mut writer, 2);
    write(&path, &writer.file());
    assert_eq!(look(&mut follow).records, [2]);
}

#[test]
fn a_full_log_goes_on_in_its_oldest_chunk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let chunk_of = |records: std::ops::RangeInclusive<u64>| {
        let mut writer = Writer::new();
        records.for_each(|record_id| put(&mut writer, record_id));
        writer.finish()[FILE_HEADER..].to_vec()
    };
    // The oldest records stand in the middle: the log has wrapped before.
    let parts = [chunk_of(21..=30), chunk_of(1..=10), chunk_of(11..=20)];
    let mut log = vec![0; FILE_HEADER];
    log[..8].copy_from_slice(b"ElfFile\0");
    parts.iter().for_each(|part| log.extend_from_slice(part));
    write(&path, &log);
    let mut follow = FollowEvtx::new(path.clone());
    assert_eq!(look(&mut follow).records, (1..=30).collect::<Vec<_>>());
    for upto in 31..=33 {
        log[FILE_HEADER + CHUNK..FILE_HEADER + 2 * CHUNK].copy_from_slice(&chunk_of(31..=upto));
        write(&path, &log);
        assert_eq!(look(&mut follow).records, [upto]);
    }
    log[FILE_HEADER + 2 * CHUNK..].copy_from_slice(&chunk_of(34..=40));
    write(&path, &log);
    assert_eq!(look(&mut follow).records, (34..=40).collect::<Vec<_>>());
    log[FILE_HEADER..FILE_HEADER + CHUNK].copy_from_slice(&chunk_of(41..=42));
    write(&path, &log);
    assert_eq!(look(&mut follow).records, [41, 42]);
}

#[test]
fn a_half_written_record_is_waited_for_and_a_damaged_one_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut writer = Writer::new();
    (1..=3).for_each(|record_id| put(&mut writer, record_id));
    let whole = writer.file();
    let free = FILE_HEADER + u32::from_le_bytes(whole[FILE_HEADER + 48..FILE_HEADER + 52].try_into().unwrap()) as usize;
    let mut half = whole.clone();
    half[free - 40..free].fill(0);
    write(&path, &half);
    let mut follow = FollowEvtx::new(path.clone());
    let seen = look(&mut follow);
    assert_eq!((seen.records, seen.unreadable), (vec![1, 2], vec![]));
    assert!(look(&mut follow).records.is_empty());
    write(&path, &whole);
    assert_eq!(look(&mut follow).records, [3]);

    // The same damage in a chunk nobody writes to any more.
    write(&path, &half);
    let mut follow = FollowEvtx::new(path.clone());
    assert_eq!(look(&mut follow).records, [1, 2]);
    let mut next = Writer::new();
    put(&mut next, 4);
    let mut log = half;
    log.extend_from_slice(&next.finish()[FILE_HEADER..]);
    write(&path, &log);
    let (first, second) = (look(&mut follow), look(&mut follow));
    let damage: Vec<_> = first.unreadable.iter().chain(&second.unreadable).collect();
    assert_eq!(damage, ["a record written over in part"]);
    assert_eq!([first.records, second.records].concat(), [4]);
}

fn text(follow: &mut FollowText) -> Vec<(u64, u32, String)> {
    let pieces = follow.poll().unwrap();
    pieces.into_iter().map(|piece| (piece.offset, piece.line, String::from_utf8(piece.bytes).unwrap())).collect()
}

#[test]
fn appended_text_is_given_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signins.jsonl");
    std::fs::write(&path, "one\ntwo\n").unwrap();
    let mut follow = FollowText::after(path.clone(), 8, 3);
    assert!(text(&mut follow).is_empty());
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"thr").unwrap();
    assert_eq!(text(&mut follow), [(8, 3, "thr".to_owned())]);
    file.write_all(b"ee\nfour\n").unwrap();
    assert_eq!(text(&mut follow), [(11, 3, "ee\nfour\n".to_owned())]);
    assert!(text(&mut follow).is_empty());
}

#[test]
fn text_that_is_cut_short_begins_again_even_if_it_has_grown_past_the_old_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signins.jsonl");
    std::fs::write(&path, "one\ntwo\n").unwrap();
    let mut follow = FollowText::after(path.clone(), 8, 3);
    let rewrite = |bytes: &[u8]| {
        let mut file = OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(0).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(bytes).unwrap();
    };
    rewrite(b"a\n");
    assert_eq!(text(&mut follow), [(0, 1, "a\n".to_owned())]);
    rewrite(b"b\nlonger than before\n");
    assert_eq!(text(&mut follow), [(0, 1, "b\nlonger than before\n".to_owned())]);
}

#[test]
fn replaced_text_is_read_to_its_end_before_the_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signins.jsonl");
    std::fs::write(&path, "one\n").unwrap();
    let mut follow = FollowText::after(path.clone(), 4, 2);
    let long = "y".repeat(6 << 20);
    OpenOptions::new().append(true).open(&path).unwrap().write_all(long.as_bytes()).unwrap();
    std::fs::rename(&path, folder.path().join("signins.jsonl.1")).unwrap();
    std::fs::write(&path, "new\n").unwrap();
    let pieces = text(&mut follow);
    assert_eq!(pieces.iter().map(|(_, _, text)| text.len()).sum::<usize>(), long.len() + 4);
    assert_eq!(pieces.last().unwrap(), &(0, 1, "new\n".to_owned()));
}
