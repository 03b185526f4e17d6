//! A program that is ended at any moment goes on where it stopped: every record is there once, whatever became of its
//! file meanwhile.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/evtx_writer.rs"]
mod evtx_writer;
#[path = "support/pty.rs"]
mod pty;
#[path = "support/waiting.rs"]
mod waiting;

use evtx_writer::{Record, Val, Writer};
use logonscope::base::text::clean;
use logonscope::engine::handle::{Command, Handle};
use logonscope::engine::ingest::{Reading, Taker, read};
use logonscope::engine::load::Opened;
use logonscope::engine::resume::resume;
use logonscope::engine::{Engine, Mode, Plan, start_keeping};
use logonscope::model::event::AuthEvent;
use logonscope::source::archive::Unpacking;
use logonscope::source::journal::{Journal, Limits};
use logonscope::store::Snapshot;
use pty::until;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A record without a number, so that one that comes twice is counted twice.
fn line(number: u32) -> String {
    let at = format!("2026-03-14T{:02}:{:02}:{:02}Z", 9 + number / 3_600, number / 60 % 60, number % 60);
    format!(
        "{{\"EventID\":4624,\"Channel\":\"Security\",\"Computer\":\"fs01.corp.example\",\"Provider\":\"Microsoft-Windows-Security-Auditing\",\"TimeCreated\":\"{at}\",\"TargetUserName\":\"u{number}\",\"TargetDomainName\":\"CORP\",\"TargetLogonId\":\"{:#x}\",\"LogonType\":3}}\n",
        0x10_000 + number
    )
}

fn lines(range: std::ops::Range<u32>) -> String {
    range.map(line).collect()
}

fn append(path: &Path, text: &str) {
    std::fs::OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

/// Users of all events, as numbers, in the order of the snapshot.
fn users(snapshot: &Snapshot) -> Vec<u32> {
    let name = |row: &logonscope::model::world::Row| snapshot.names.raw(row.event.account.user).trim_start_matches('u').parse().unwrap();
    snapshot.tables.events.iter().map(|row| name(&row)).collect()
}

struct Place {
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl Place {
    fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        Self { folder, path }
    }
    fn journal(&self) -> PathBuf {
        self.folder.path().join("resume")
    }
    fn inputs(&self) -> (Vec<Opened>, logonscope::engine::resume::Keeping, Vec<String>) {
        // The run before gives it back when it has ended.
        let mut opened = None;
        until("the journal to be free", || {
            opened = Journal::open(&self.journal(), Limits::default()).ok();
            opened.is_some()
        });
        let (journal, found) = opened.unwrap();
        let mut inputs = vec![Opened::file(self.path.clone())];
        let (keep, said) = resume(journal, &found, &mut inputs).unwrap();
        (inputs, keep, said)
    }
    /// Follows the file; ends when `work` has been seen to `events` events.
    fn run(&self, events: usize, work: impl FnOnce(&mut dyn FnMut(usize))) {
        let (inputs, keep, _) = self.inputs();
        let plan = Plan { inputs, arguments: vec![self.path.clone()], unpacking: Unpacking::default(), mode: Mode::Open { follow: true } };
        let mut handle = start_keeping(plan, Some(keep));
        wait(&mut handle, 0);
        work(&mut |seen| {
            wait(&mut handle, seen);
        });
        wait(&mut handle, events);
        handle.command(Command::Stop).unwrap();
    }
    /// What a start after that finds, in the order of time.
    fn after(&self) -> Vec<u32> {
        struct All(Engine);
        impl Taker for All {
            fn names(&mut self) -> &mut logonscope::base::intern::Interner {
                self.0.names()
            }
            fn take(&mut self, event: AuthEvent) {
                self.0.apply(event);
            }
            fn start_over(&mut self) {
                self.0 = Engine::default();
            }
        }
        let (inputs, _keep, said) = self.inputs();
        // Damage stays where it is and is said each time.
        assert!(said.iter().all(|said| said.contains("damaged")), "{said:?}");
        let mut all = All(Engine::default());
        let finished = read(&inputs, Reading::default(), &mut all);
        let places: Vec<String> =
            finished.inputs.iter().flat_map(|input| input.places.all()).map(|place| place.at.reason.clone()).collect();
        // A line that is cut off stays so in its file; it is whole in what was kept.
        assert!(places.iter().all(|reason| reason.starts_with("cut off")) && places.len() < 2, "{places:?}");
        let snapshot = all.0.finish(finished.inputs);
        assert_eq!(
            snapshot.meters.duplicates,
            0,
            "{:?}",
            snapshot.inputs.iter().map(|input| (&input.path, input.records)).collect::<Vec<_>>()
        );
        users(&snapshot)
    }
}

/// Waits until so many events are seen and the inputs are followed.
fn wait(handle: &mut Handle, events: usize) -> Arc<Snapshot> {
    waiting::wait(handle, "all followed", |now| {
        now.tables.events.len() >= events && now.inputs.iter().any(|input| input.state == logonscope::model::input::InputState::Following)
    })
}

#[test]
fn what_still_stands_in_the_file_is_not_read_twice() {
    let at = Place::new("logons.jsonl");
    append(&at.path, &lines(0..10));
    at.run(30, |_| append(&at.path, &lines(10..30)));
    // Written while nobody looked.
    append(&at.path, &lines(30..35));
    assert_eq!(at.after(), (0..35).collect::<Vec<_>>());
    at.run(40, |_| append(&at.path, &lines(35..40)));
    assert_eq!(at.after(), (0..40).collect::<Vec<_>>());
    assert_eq!(at.after(), (0..40).collect::<Vec<_>>(), "a start changes nothing");
}

#[test]
fn what_was_deleted_cut_written_over_or_renamed_is_there_again() {
    type Change = fn(&Path);
    let changes: [(&str, Change, std::ops::Range<u32>); 5] = [
        ("deleted and made anew", |path| (std::fs::remove_file(path).unwrap(), append(path, &lines(50..60))).1, 10..60),
        ("emptied", |path| std::fs::write(path, "").unwrap(), 10..50),
        ("written over with as many bytes", |path| std::fs::write(path, lines(50..100)).unwrap(), 10..100),
        ("renamed and made anew", |path| (std::fs::rename(path, path.with_extension("1")).unwrap(), append(path, &lines(50..60))).1, 0..60),
        (
            "cut in the middle of a line",
            |path| {
                let middle = lines(0..30).len() as u64 + 40;
                std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(middle).unwrap();
            },
            0..50,
        ),
    ];
    for (name, change, expected) in changes {
        for while_watched in [false, true] {
            if while_watched && name == "cut in the middle of a line" {
                continue; // What is left is a new text for those who watch.
            }
            let at = Place::new("logons.jsonl");
            // The first ten were there before anybody watched: only the file has them.
            append(&at.path, &lines(0..10));
            at.run(50, |seen| {
                append(&at.path, &lines(10..50));
                seen(50);
                if while_watched {
                    change(&at.path);
                    // Something that shows that the change was noticed.
                    append(&at.path, &lines(100..101));
                    let more = if expected.end > 50 { expected.end as usize - 50 } else { 0 };
                    seen(51 + more);
                }
            });
            if !while_watched {
                change(&at.path);
            }
            let mut expected: Vec<u32> = expected.clone().collect();
            expected.extend(while_watched.then_some(100));
            assert_eq!(at.after(), expected, "{name}, while watched: {while_watched}");
            assert_eq!(at.after(), expected, "{name}, the second time");
        }
    }
}

#[test]
fn a_table_keeps_its_header_and_a_half_line_its_first_half() {
    let at = Place::new("signins.csv");
    let header = "TimeGenerated,Category,ResultType,UserPrincipalName,Id,IPAddress,CreatedDateTime,Type\n";
    let row = |number: u32| {
        format!("2026-03-10T08:00:{number:02}Z,SignInLogs,0,u{number},id-{number},10.0.0.1,2026-03-10T08:00:{number:02}Z,SigninLogs\n")
    };
    let half = row(5);
    append(&at.path, &format!("{header}{}{}", (0..5).map(row).collect::<String>(), &half[..30]));
    at.run(10, |_| append(&at.path, &format!("{}{}", &half[30..], (6..10).map(row).collect::<String>())));
    std::fs::write(&at.path, format!("{header}{}", row(20))).unwrap();
    assert_eq!(at.after(), [5, 6, 7, 8, 9, 20]);
}

fn record(writer: &mut Writer, number: u32) {
    let (user, id) = (format!("u{number}"), format!("{:#x}", 0x1_0000 + number));
    let data = [
        ("TargetUserName", Val::Text(&user)),
        ("TargetDomainName", Val::Text("CORP")),
        ("TargetLogonId", Val::Text(&id)),
        ("LogonType", Val::Text("3")),
    ];
    let time = 132_576_067_510_354_251 + u64::from(number) * 10_000_000;
    writer.record(&Record { record_id: u64::from(number) + 1, time, data: &data, ..Record::default() });
}

fn write_in_place(path: &Path, bytes: &[u8]) {
    let mut file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn a_log_that_was_cleared_archived_or_written_over_is_there_again() {
    for change in ["nothing", "cleared", "archived", "wrapped"] {
        let at = Place::new("Security.evtx");
        let mut writer = Writer::new().dirty();
        (0..300).for_each(|number| record(&mut writer, number));
        write_in_place(&at.path, &writer.file());
        at.run(700, |seen| {
            for number in 300..700 {
                record(&mut writer, number);
                if number % 37 == 0 {
                    write_in_place(&at.path, &writer.file());
                    seen(number as usize);
                }
            }
            write_in_place(&at.path, &writer.file());
        });
        let log = writer.file();
        assert!(log.len() > 4_096 + 3 * 65_536, "{} bytes", log.len());
        let mut next = Writer::new().dirty();
        (700..710).for_each(|number| record(&mut next, number));
        match change {
            "cleared" => std::fs::write(&at.path, next.file()).unwrap(),
            "archived" => {
                std::fs::rename(&at.path, at.path.with_file_name("Archive-Security-2026.evtx")).unwrap();
                std::fs::write(&at.path, next.file()).unwrap();
            }
            // The oldest chunk is written over: nobody watched when it was written.
            "wrapped" => write_in_place(&at.path, &[&log[..4_096], &next.file()[4_096..]].concat()),
            _ => write_in_place(&at.path, &log),
        }
        let found = at.after();
        let end = if change == "nothing" { 700 } else { 710 };
        let first = *found.first().unwrap();
        // What stood in full chunks before anybody watched went with the file.
        let lost = match change {
            "nothing" | "archived" => 0,
            _ => first,
        };
        assert!(lost <= 300, "{change}: {first}");
        assert_eq!(found, (lost..end).collect::<Vec<_>>(), "{change}");
    }
}

#[test]
fn torn_and_damaged_frames_are_said_and_the_rest_is_there() {
    let at = Place::new("logons.jsonl");
    append(&at.path, &lines(0..1));
    at.run(31, |seen| {
        for number in 1..31 {
            append(&at.path, &line(number));
            seen(number as usize + 1);
        }
    });
    let segment =
        std::fs::read_dir(at.journal()).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.extension().is_some()).unwrap();
    let mut bytes = std::fs::read(&segment).unwrap();
    // A byte of the frame that holds u15, and the end of the last frame.
    let inside = bytes.windows(5).position(|window| window == b"\"u15\"").unwrap();
    bytes[inside + 2] ^= 0x55;
    bytes.truncate(bytes.len() - 7);
    std::fs::write(&segment, bytes).unwrap();
    // The file has everything: nothing is missing, nothing is twice.
    let (inputs, keep, said) = at.inputs();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("damaged") && said[1].contains("cut off"), "{said:?}");
    drop((inputs, keep));
    assert_eq!(at.after(), (0..31).collect::<Vec<_>>());
    // Without the file the damaged pieces are what is missing.
    std::fs::write(&at.path, "").unwrap();
    let found = at.after();
    let missing: Vec<u32> = (1..31).filter(|number| !found.contains(number)).collect();
    assert!(missing.contains(&15) && missing.len() <= 3, "{missing:?}");
}

#[test]
fn one_folder_is_used_by_one_program() {
    let at = Place::new("logons.jsonl");
    let first = Journal::open(&at.journal(), Limits::default()).unwrap();
    let second = Journal::open(&at.journal(), Limits::default()).unwrap_err();
    assert!(second.to_string().contains("used by another logonscope"), "{second}");
    drop(first);
    Journal::open(&at.journal(), Limits::default()).unwrap();
}

#[test]
fn the_oldest_is_dropped_when_there_is_too_much_and_counted() {
    use logonscope::source::journal::{Origin, OriginKind};
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { segment: 4_000, all: 20_000 };
    let (journal, _) = Journal::open(folder.path(), limits).unwrap();
    let stream = journal.stream(Origin { kind: OriginKind::Bytes, name: "tcp".to_owned(), file: None, head: Vec::new() });
    let text = lines(0..500);
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        journal.append(stream, offset, 0, line.as_bytes()).unwrap();
        offset += line.len() as u64;
    }
    let dropped = journal.dropped();
    assert!(dropped > 300 && journal.take_said().iter().all(|said| said.contains("dropped")), "{dropped}");
    drop(journal);
    let (journal, found) = Journal::open(folder.path(), limits).unwrap();
    let kept: usize = found.streams.values().map(|stream| stream.pieces.len()).sum();
    assert_eq!(dropped + kept as u64, 500);
    assert!(journal.dropped() >= dropped);
    let size: u64 = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    assert!(size <= limits.all + limits.segment, "{size}");
}

#[test]
fn what_cannot_be_written_is_refused_and_does_not_harm_what_is_there() {
    use logonscope::source::journal::{Origin, OriginKind};
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("resume");
    let (journal, _) = Journal::open(&place, Limits { segment: 1, all: 1 << 20 }).unwrap();
    let stream = journal.stream(Origin { kind: OriginKind::Bytes, name: "tcp".to_owned(), file: None, head: Vec::new() });
    journal.append(stream, 0, 0, b"one\n").unwrap();
    // The next segment has no place to go.
    let away = folder.path().join("away");
    std::fs::rename(&place, &away).unwrap();
    assert!(journal.append(stream, 4, 0, b"two\n").is_err());
    std::fs::rename(&away, &place).unwrap();
    journal.append(stream, 4, 0, b"two\n").unwrap();
    drop(journal);
    let (_journal, found) = Journal::open(&place, Limits::default()).unwrap();
    let pieces = &found.streams.values().next().unwrap().pieces;
    let bytes: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.read().unwrap().1).collect();
    assert_eq!(bytes, [b"one\n", b"two\n"]);
    assert!(found.said.is_empty(), "{:?}", clean(&found.said.join(" ")));
}

/// A small generator; the tests are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Bytes the journal has by now.
fn journal_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.path().extension().is_some())
        .filter_map(|entry| entry.metadata().ok())
        .map(|metadata| metadata.len())
        .sum()
}

/// What `report` says of the events, without a screen.
fn reported(arguments: &[&Path], journal: &Path) -> Vec<u32> {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_logonscope"));
    command.arg("report").args(arguments).arg("--resume").arg(journal).args(["--what", "events", "--format", "jsonl"]);
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let user = |line: &str| line.split("corp\\\\u").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    text.lines().map(user).collect()
}

/// The program is killed while a writer goes on, and started again, several times; the writer also renames its file.
#[cfg(unix)]
#[test]
fn killed_at_any_moment_every_record_is_there_once() {
    for seed in 1..=2 {
        let mut random = Random(seed);
        let at = Place::new("logons.jsonl");
        let folder = at.journal();
        append(&at.path, &line(0));
        let mut written = 1;
        for round in 0..5 {
            let before = journal_bytes(&folder);
            let run = pty::Unseen::shell(&format!("exec \"$0\" '{}' --resume '{}'", at.path.display(), folder.display()));
            if random.below(3) > 0 {
                // Otherwise it is killed before or while it starts.
                until("the file to be watched", || journal_bytes(&folder) > before);
                let rename_at = random.below(400);
                for step in 0..random.below(400) {
                    if step == rename_at {
                        std::fs::rename(&at.path, at.path.with_extension(format!("jsonl.{round}"))).unwrap();
                    }
                    // Lines come in two halves: one may be all that is there when it is killed.
                    let text = line(written);
                    let (first, second) = text.split_at(random.below(text.len() as u64) as usize);
                    append(&at.path, first);
                    append(&at.path, second);
                    written += 1;
                    if random.below(100) == 0 {
                        let before = journal_bytes(&folder);
                        append(&at.path, &line(written));
                        written += 1;
                        until("a record to be kept", || journal_bytes(&folder) > before);
                    }
                }
            } else {
                append(&at.path, &lines(written..written + 10));
                written += 10;
            }
            run.kill();
        }
        let found = reported(&[&at.path], &folder);
        assert_eq!(found, (0..written).collect::<Vec<_>>(), "seed {seed}");
    }
}

#[cfg(unix)]
#[test]
fn what_came_on_standard_input_is_kept_when_the_program_is_killed() {
    let at = Place::new("pipe");
    let folder = at.journal();
    assert!(std::process::Command::new("mkfifo").arg(&at.path).status().unwrap().success());
    for round in 0..2_u32 {
        let before = journal_bytes(&folder);
        let run = pty::Unseen::shell(&format!("exec \"$0\" - --resume '{}' < '{}'", folder.display(), at.path.display()));
        let mut pipe = std::fs::OpenOptions::new().write(true).open(&at.path).unwrap();
        let text = lines(round * 200..(round + 1) * 200);
        pipe.write_all(text.as_bytes()).unwrap();
        until("everything to be kept", || journal_bytes(&folder) >= before + text.len() as u64);
        run.kill();
    }
    assert_eq!(reported(&[Path::new("-")], &folder), (0..400).collect::<Vec<_>>());
}

#[cfg(unix)]
#[test]
fn a_folder_in_use_is_refused_with_what_to_do() {
    let at = Place::new("logons.jsonl");
    append(&at.path, &lines(0..3));
    let folder = at.journal();
    let run = pty::Unseen::shell(&format!("exec \"$0\" '{}' --resume '{}'", at.path.display(), folder.display()));
    until("the file to be watched", || journal_bytes(&folder) > 100);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_logonscope"));
    let output = command.arg("report").arg(&at.path).arg("--resume").arg(&folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("used by another logonscope"), "{said}");
    run.kill();
    assert_eq!(reported(&[&at.path], &folder), [0, 1, 2]);
}
