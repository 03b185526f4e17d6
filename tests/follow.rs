//! Watching event logs that are written: a log that grows record by record, is cleared, archived, wraps round. Every
//! record is given once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use logonscope::decode::evtx::{CHUNK, Decoder, FILE_HEADER};
use logonscope::model::fields::{Fields, RecordSink, Unreadable};
use logonscope::source::follow::FollowEvtx;
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
    let mut pieces = Vec::new();
    follow.poll(&mut pieces, &|_| false).unwrap();
    for piece in pieces {
        decoder.chunk_from(&piece.bytes, piece.offset, piece.from, &mut seen);
    }
    seen
}

/// What all looks give until one gives nothing.
fn looks(follow: &mut FollowEvtx) -> Vec<u64> {
    let mut all = Vec::new();
    loop {
        let seen = look(follow).records;
        if seen.is_empty() {
            return all;
        }
        all.extend(seen);
    }
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
    assert_eq!(looks(&mut follow), (2..=251).collect::<Vec<_>>());
    put(&mut writer, 252);
    write(&path, &writer.file());
    assert_eq!(look(&mut follow).records, [252]);
}

#[test]
fn a_name_that_is_gone_for_a_while_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut follow = FollowEvtx::new(path.clone());
    assert!(follow.poll(&mut Vec::new(), &|_| false).is_err());
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

#[test]
fn an_archive_is_read_on_from_where_the_log_was_left_and_not_again() {
    // Renamed, or copied before the log is cleared in place.
    for is_renamed in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let (path, archive) = (folder.path().join("Security.evtx"), folder.path().join("Archive-Security-2026-11-21.evtx"));
        let mut writer = Writer::new().dirty();
        (1..=200).for_each(|record_id| put(&mut writer, record_id));
        write(&path, &writer.file());
        let mut follow = FollowEvtx::after(path.clone(), &writer.file());
        // Written just before the change, in the last chunk and behind it.
        (201..=420).for_each(|record_id| put(&mut writer, record_id));
        write(&path, &writer.file());
        if is_renamed {
            std::fs::rename(&path, &archive).unwrap();
        } else {
            std::fs::copy(&path, &archive).unwrap();
            OpenOptions::new().write(true).open(&path).unwrap().set_len(0).unwrap();
        }
        let mut writer = Writer::new().dirty();
        (421..=430).for_each(|record_id| put(&mut writer, record_id));
        write(&path, &writer.file());
        assert!(follow.adopt(&archive), "renamed: {is_renamed}");
        let mut all = looks(&mut follow);
        all.sort_unstable();
        assert_eq!(all, (201..=430).collect::<Vec<_>>(), "renamed: {is_renamed}");
        assert!(follow.adopt(&archive));
        assert!(looks(&mut follow).is_empty());
        let other = folder.path().join("System.evtx");
        let mut writer = Writer::new();
        put(&mut writer, 1_000);
        write(&other, &writer.file());
        assert!(!follow.adopt(&other), "another log is an input of its own");
    }
}

#[test]
fn a_log_that_is_not_held_open_is_found_under_its_new_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut writer = Writer::new();
    put(&mut writer, 1);
    write(&path, &writer.file());
    let mut follow = FollowEvtx::new(path.clone());
    assert_eq!(looks(&mut follow), [1]);
    follow.let_go();
    assert_eq!(follow.files_open(), 0);
    (2..=9).for_each(|record_id| put(&mut writer, record_id));
    write(&path, &writer.file());
    std::fs::rename(&path, folder.path().join("Archive-Security-1.evtx")).unwrap();
    let mut next = Writer::new();
    put(&mut next, 10);
    write(&path, &next.file());
    assert_eq!(looks(&mut follow), (2..=10).collect::<Vec<_>>());
}

#[test]
fn records_that_follow_a_clock_set_back_are_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut writer = Writer::new();
    (1_000..=1_200).for_each(|record_id| put(&mut writer, record_id));
    write(&path, &writer.file());
    let mut follow = FollowEvtx::after(path.clone(), &writer.file());
    // A new chunk whose time lies before that of the one before, with a record half written.
    writer.finish_chunk();
    let early = |writer: &mut Writer, record_id: u64| {
        let time = 132_576_000_000_000_000 + record_id;
        writer.record(&Record { record_id, time, data: &[("TargetUserName", Val::Text("ada"))], ..Record::default() });
    };
    early(&mut writer, 1_201);
    let complete = writer.file().len();
    early(&mut writer, 1_202);
    let whole = writer.file();
    let chunk = complete - CHUNK;
    let free = chunk + u32::from_le_bytes(whole[chunk + 48..chunk + 52].try_into().unwrap()) as usize;
    let mut half = whole.clone();
    half[free - 40..free].fill(0);
    write(&path, &half);
    assert_eq!(look(&mut follow).records, [1_201]);
    write(&path, &whole);
    assert_eq!(look(&mut follow).records, [1_202]);
}

#[test]
fn a_chunk_that_is_half_written_over_gives_no_old_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let chunk_of = |records: std::ops::RangeInclusive<u64>| {
        let mut writer = Writer::new();
        records.for_each(|record_id| put(&mut writer, record_id));
        writer.finish()[FILE_HEADER..].to_vec()
    };
    let mut log = vec![0; FILE_HEADER];
    log[..8].copy_from_slice(b"ElfFile\0");
    log.extend_from_slice(&chunk_of(1..=10));
    log.extend_from_slice(&chunk_of(11..=20));
    write(&path, &log);
    let mut follow = FollowEvtx::after(path.clone(), &log);
    // The header and the first records of the new chunk are there, behind them stand the old ones still.
    let new = chunk_of(21..=30);
    let at = (512..).step_by(8).find(|at| new[*at..].starts_with(b"**\0\0") && new[at + 8] == 24).unwrap();
    log[FILE_HEADER..FILE_HEADER + at].copy_from_slice(&new[..at]);
    write(&path, &log);
    assert_eq!(look(&mut follow).records, [21, 22, 23]);
    log[FILE_HEADER..FILE_HEADER + CHUNK].copy_from_slice(&new);
    write(&path, &log);
    assert_eq!(look(&mut follow).records, (24..=30).collect::<Vec<_>>());
}

#[test]
fn a_record_that_never_becomes_whole_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let mut writer = Writer::new();
    (1..=3).for_each(|record_id| put(&mut writer, record_id));
    let mut half = writer.file();
    let free = FILE_HEADER + u32::from_le_bytes(half[FILE_HEADER + 48..FILE_HEADER + 52].try_into().unwrap()) as usize;
    half[free - 40..free].fill(0);
    write(&path, &half);
    let mut follow = FollowEvtx::new(path);
    let told: Vec<String> = (0..100).flat_map(|_| look(&mut follow).unreadable).collect();
    assert_eq!(told, ["a record written over in part"]);
}
