//! The screen as it was left: the real program, opened again on the same inputs.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/pty.rs"]
mod pty;

use pty::Unseen;
use std::path::Path;

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/windows.jsonl");
        std::fs::copy(demo, folder.path().join("log.jsonl")).unwrap();
        Self { folder }
    }
    fn open(&self, options: &str) -> Unseen {
        let at = self.folder.path().display();
        Unseen::shell(&format!("XDG_STATE_HOME={at}/state XDG_DATA_HOME={at}/data exec \"$0\" --no-follow {options} {at}/log.jsonl"))
    }
    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("state/logonscope/screens.json")
    }
}

/// Leaves a screen behind that is not the usual one.
fn leave(place: &Place, options: &str) {
    let mut run = place.open(options);
    run.shows("[FILE]");
    run.press("7ftype:10\r");
    run.shows("filter> type:10");
    run.press("ts");
    run.shows("built-in accounts (SYSTEM, DWM-n) shown");
    run.press("Q");
    assert!(run.ends().0);
}

#[test]
fn the_same_inputs_open_as_they_were_left_and_fresh_starts_anew() {
    let place = Place::new();
    leave(&place, "");
    let mut again = place.open("");
    again.shows("restored: filter type:10, events");
    again.shows("[7 Events]");
    again.shows("filter> type:10");
    again.press("ts");
    again.shows("built-in accounts (SYSTEM, DWM-n) hidden");
    again.press("Q");
    again.ends();
    let mut other = place.open("--filter type:3");
    other.shows("filter> type:3");
    other.press("Q");
    other.ends();
    let mut fresh = place.open("--fresh");
    fresh.shows("[1 Timeline]");
    fresh.shows("filter> (none)");
    fresh.press("Q");
    assert!(!fresh.ends().1.contains("restored"));
}

#[test]
fn nothing_is_written_where_nothing_is_to_be_remembered() {
    let place = Place::new();
    leave(&place, "--no-history");
    assert!(!place.file().exists());
}

#[test]
fn a_damaged_file_is_said_and_in_nobody_s_way() {
    let place = Place::new();
    std::fs::create_dir_all(place.file().parent().unwrap()).unwrap();
    std::fs::write(place.file(), "{\"screens\": 3").unwrap();
    let mut run = place.open("");
    run.shows("how screens were left is not known");
    run.press("Q");
    run.ends();
    let mut run = place.open("");
    run.shows("[FILE]");
    run.press("Q");
    assert!(!run.ends().1.contains("is not known"), "it was written anew");
}
