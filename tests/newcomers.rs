//! A watched folder that gets files: logs, folders, archives; and loses some.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support {
    pub mod packed;
}

#[path = "support/waiting.rs"]
mod waiting;

use logonscope::engine::handle::Handle;
use logonscope::engine::load::Opened;
use logonscope::engine::{Mode, Plan, start};
use logonscope::model::input::InputState;
use logonscope::source::archive::Unpacking;
use logonscope::store::Snapshot;
use std::fs;
use std::path::Path;
use support::packed::{gz, tar, zip};
use waiting::wait;

const RECORDING: &str = include_str!("../assets/demo/entra.jsonl");

fn lines(from: usize, to: usize) -> String {
    RECORDING.lines().skip(from).take(to - from).map(|line| format!("{line}\n")).collect()
}

/// A folder with one log of 20 records that is watched.
fn watched() -> (tempfile::TempDir, Handle) {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first.jsonl");
    fs::write(&first, lines(0, 20)).unwrap();
    fs::create_dir_all(folder.path().join("empty/deep")).unwrap();
    let mut handle = start(Plan {
        inputs: vec![Opened::file(first)],
        arguments: vec![folder.path().to_path_buf()],
        unpacking: Unpacking::default(),
        mode: Mode::Open { follow: true },
    });
    wait(&mut handle, "followed", |now| events(now) == 20 && now.inputs[0].state == InputState::Following);
    (folder, handle)
}

fn events(now: &Snapshot) -> usize {
    now.tables.events.len()
}

fn names(now: &Snapshot, folder: &Path) -> Vec<String> {
    now.inputs.iter().map(|input| input.path.strip_prefix(folder).unwrap_or(&input.path).display().to_string()).collect()
}

#[test]
fn what_a_folder_gets_is_followed_by_itself() {
    let (folder, mut handle) = watched();
    // In a folder that held nothing, in one that is new, and renamed into place as copiers do it.
    fs::write(folder.path().join("empty/deep/second.jsonl"), lines(20, 30)).unwrap();
    wait(&mut handle, "in an empty folder", |now| events(now) == 30);
    fs::create_dir(folder.path().join("new")).unwrap();
    fs::write(folder.path().join("new/third.jsonl"), lines(30, 40)).unwrap();
    wait(&mut handle, "in a new folder", |now| events(now) == 40);
    fs::write(folder.path().join(".fourth.jsonl.tmp"), lines(40, 45)).unwrap();
    fs::rename(folder.path().join(".fourth.jsonl.tmp"), folder.path().join("fourth.jsonl")).unwrap();
    let now = wait(&mut handle, "renamed into place", |now| events(now) == 45);
    assert_eq!(names(&now, folder.path()), ["first.jsonl", "empty/deep/second.jsonl", "new/third.jsonl", "fourth.jsonl"]);
    // They are followed, not only read.
    let mut file = fs::OpenOptions::new().append(true).open(folder.path().join("new/third.jsonl")).unwrap();
    std::io::Write::write_all(&mut file, lines(45, 50).as_bytes()).unwrap();
    wait(&mut handle, "grown", |now| events(now) == 50);
}

#[test]
fn an_archive_that_appears_is_read_once_when_it_is_complete() {
    let (folder, mut handle) = watched();
    let packed = zip(&[("a/second.jsonl", lines(20, 40).as_bytes()), ("third.jsonl", lines(40, 50).as_bytes()), ("notes.txt", b"x")]);
    let path = folder.path().join("case.zip");
    fs::write(&path, &packed[..packed.len() / 2]).unwrap();
    // Found by the same look as the archive, so the archive was seen.
    fs::write(folder.path().join("other.jsonl"), lines(50, 55)).unwrap();
    let now = wait(&mut handle, "the log beside it", |now| events(now) == 25);
    assert_eq!(names(&now, folder.path()), ["first.jsonl", "other.jsonl"]);
    fs::write(&path, &packed).unwrap();
    let now = wait(&mut handle, "unpacked", |now| events(now) == 55);
    assert_eq!(names(&now, folder.path()), ["first.jsonl", "other.jsonl", "case.zip/a/second.jsonl", "case.zip/third.jsonl"]);
    assert_eq!(
        now.inputs[2..].iter().map(|input| (input.state, input.events, input.id.index())).collect::<Vec<_>>(),
        [(InputState::Done, 20, 2), (InputState::Done, 10, 3)]
    );
    let of_archive = now.tables.events.iter().find(|row| row.event.provenance.input.index() == 3).unwrap();
    assert!(handle.raw.raw(of_archive.event.provenance).unwrap().json.contains("properties"));
    // Another one, and a look at everything: nothing comes twice.
    fs::write(folder.path().join("more.tgz"), gz(&tar(&[("x.jsonl", lines(55, 60).as_bytes())]))).unwrap();
    let now = wait(&mut handle, "the second archive", |now| events(now) == 60);
    assert_eq!((now.inputs.len(), now.meters.duplicates), (5, 0));
}

#[test]
fn an_archive_opened_at_the_start_is_no_newcomer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.zip");
    fs::write(&path, zip(&[("a.jsonl", lines(0, 20).as_bytes())])).unwrap();
    let mut inputs = Vec::new();
    logonscope::engine::opener::Opener::new(Unpacking::default()).file(path, &mut inputs);
    let arguments = vec![folder.path().to_path_buf()];
    let mut handle = start(Plan { inputs, arguments, unpacking: Unpacking::default(), mode: Mode::Open { follow: true } });
    wait(&mut handle, "read", |now| events(now) == 20);
    fs::write(folder.path().join("new.jsonl"), lines(20, 25)).unwrap();
    let now = wait(&mut handle, "the new log", |now| events(now) == 25);
    assert_eq!(names(&now, folder.path()), ["case.zip/a.jsonl", "new.jsonl"]);
    assert_eq!(now.inputs[0].problem, None);
}

#[test]
fn a_log_that_vanishes_is_said_and_read_on_when_it_is_back() {
    let (folder, mut handle) = watched();
    let path = folder.path().join("first.jsonl");
    fs::remove_file(&path).unwrap();
    wait(&mut handle, "marked", |now| now.inputs[0].problem.as_ref().is_some_and(|problem| problem.contains("is gone")));
    fs::write(&path, lines(20, 30)).unwrap();
    let now = wait(&mut handle, "back", |now| events(now) == 30 && now.inputs[0].problem.is_none());
    assert_eq!(names(&now, folder.path()), ["first.jsonl"]);
}
