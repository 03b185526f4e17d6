//! The real program in a real terminal: what it asks, how much it writes, and how it stops and goes on.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/tty.rs"]
mod tty;

use portable_pty::CommandBuilder;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;
use tty::{PATIENCE, Run, run, start};

/// A time in which something that is not to come would have come.
const A_WHILE: Duration = Duration::from_millis(400);

/// Starts the program on the demo's events.
fn open(environment: &[(&str, &str)]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    std::fs::write(&log, include_str!("../assets/demo/windows.jsonl")).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_logonscope"));
    command.args(["--no-history", "--no-follow"]);
    command.arg(&log);
    run(command, environment, folder)
}

/// Reads until nothing is written for a while; gives what was.
#[track_caller]
fn settled(run: &mut Run) -> Vec<u8> {
    let begun = run.bytes.len();
    loop {
        match run.output.recv_timeout(A_WHILE) {
            Ok(piece) => run.take(&piece),
            Err(RecvTimeoutError::Timeout) => return run.bytes[begun..].to_vec(),
            Err(RecvTimeoutError::Disconnected) => panic!("ended"),
        }
    }
}

/// Reads until these bytes were written.
#[track_caller]
fn until_written(run: &mut Run, wanted: &str) {
    while !String::from_utf8_lossy(&run.bytes).contains(wanted) {
        let piece = run.output.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{wanted:?} was not written"));
        run.take(&piece);
    }
}

fn count(bytes: &[u8], what: &str) -> usize {
    String::from_utf8_lossy(bytes).matches(what).count()
}

const QUESTION: &str = "\x1b]11;?";

#[test]
fn the_background_is_asked_for_and_decides_on_the_theme() {
    for (answer, next) in [
        ("\x1b]11;rgb:ffff/ffff/ffff\x1b\\", "theme: mono"),
        ("\x1b]11;rgb:fdfd/f6f6/e3e3\x07", "theme: mono"),
        ("\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\", "theme: default-light"),
        ("", "theme: default-light"),
    ] {
        let mut run = open(&[]);
        until_written(&mut run, QUESTION);
        run.press(answer);
        run.shows("[1 Timeline]");
        run.press("tc");
        run.shows(next);
        run.press("Q");
        assert_eq!(run.end(), 0);
    }
}

#[test]
fn an_answer_that_comes_late_presses_no_key() {
    let mut run = open(&[]);
    run.shows("[1 Timeline]");
    settled(&mut run);
    run.press("8\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    run.shows("[8 Inputs]");
    settled(&mut run);
    assert!(!run.screen.screen().contents().contains("means nothing"), "{}", run.screen.screen().contents());
    run.press("tc");
    run.shows("theme: mono");
    // Keys that look like an answer at first are keys after all.
    run.press("\x1b]");
    run.shows("Alt-] means nothing here");
    run.press("Q");
    assert_eq!(run.end(), 0);
}

#[test]
fn terminals_that_cannot_answer_and_users_who_chose_are_not_asked() {
    for (environment, arguments) in [
        (&[("TERM", "linux")][..], &[][..]),
        (&[("TERM", "screen")], &[]),
        (&[], &["--theme", "default-light"]),
        (&[("NO_COLOR", "1")], &[]),
    ] {
        let mut run = start(arguments, environment);
        run.shows("[1 Timeline]");
        run.press("Q");
        assert_eq!(run.end(), 0);
        assert_eq!(count(&run.bytes, QUESTION), 0, "{environment:?} {arguments:?}");
    }
    let mut run = open(&[("COLORFGBG", "0;15")]);
    run.shows("[1 Timeline]");
    run.press("tc");
    run.shows("theme: mono");
    run.press("Q");
    run.end();
}

#[test]
fn a_frame_is_one_synchronised_piece_and_holds_only_what_changed() {
    let mut run = open(&[]);
    run.shows("[1 Timeline]");
    run.press("3");
    run.shows("[3 Accounts]");
    settled(&mut run);
    run.press("\x0c");
    let whole = settled(&mut run);
    run.press("j");
    let moved = settled(&mut run);
    assert!(!moved.is_empty());
    // A cursor key changes two rows, the details and the sentence: not the screen.
    assert!(moved.len() * 3 < whole.len() && moved.len() < 2_500, "{} of {}", moved.len(), whole.len());
    for bytes in [&whole, &moved] {
        assert_eq!((count(bytes, "\x1b[?2026h"), count(bytes, "\x1b[?2026l")), (1, 1));
        assert_eq!(count(bytes, "\x1b[2J"), 0);
    }
    // What is drawn anew is drawn over the old picture.
    let rows = |screen: &vt100::Screen| screen.rows(0, 120).collect::<Vec<String>>();
    let before = rows(run.screen.screen());
    run.screen.process("\x1b[H".as_bytes());
    run.screen.process("#".repeat(120 * 36).as_bytes());
    run.press("\x0c");
    run.until("the picture from before", |screen| rows(screen) == before);
    run.press("td");
    run.shows("timing shown");
    run.shows("in the last second");
    run.press("Q");
    assert_eq!(run.end(), 0);
    assert_eq!(count(&run.bytes, "\x1b[2J"), 0);
}

#[test]
fn nothing_is_written_while_nothing_changes() {
    let mut run = open(&[]);
    run.shows("[1 Timeline]");
    run.press("3");
    run.shows("[3 Accounts]");
    settled(&mut run);
    // Focus, a key that does nothing here, and time.
    run.press("\x1b[I\x1b[O\x1b[I");
    assert_eq!(settled(&mut run), b"");
    run.resize(120, 36);
    assert_eq!(settled(&mut run), b"");
    run.press("Q");
    assert_eq!(run.end(), 0);
    run.gave_the_terminal_back();
}

#[test]
fn pasted_control_bytes_steer_nothing() {
    let mut run = open(&[]);
    run.shows("[1 Timeline]");
    run.press("\x1b[200~Qy\x03\x1b]0;owned\x07\x1b[2J\x1b[201~");
    run.press("f\x1b[200~host:\x1b]0;owned\x07\x03x\x1b[201~");
    run.shows("filter> host:");
    run.press("\x1b");
    run.until("the filter row as before", |screen| screen.contents().contains("filter> (none)"));
    run.press("Q");
    assert_eq!(run.end(), 0);
    assert_eq!(count(&run.bytes, "\x1b]0;"), 0);
    run.gave_the_terminal_back();
}

#[test]
fn no_key_is_lost_however_fast_they_come() {
    let mut run = open(&[]);
    run.shows("[1 Timeline]");
    let words: String = (0..60).map(|number| char::from(b'a' + number % 26)).collect();
    run.press(&format!("8f{words}"));
    run.shows(&format!("filter> {words}"));
    run.press(&format!("{}\x03{}", "\x7f".repeat(50), "12345678".repeat(40)));
    run.press("3");
    run.shows("[3 Accounts]");
    run.press("Q");
    assert_eq!(run.end(), 0);
}

#[test]
fn whoever_stops_it_gets_the_terminal_and_a_whole_screen_when_it_goes_on() {
    let mut run = open(&[]);
    run.shows("[1 Timeline]");
    run.press("3");
    run.shows("[3 Accounts]");
    settled(&mut run);
    let before = run.screen.screen().contents();
    run.stop();
    run.signal("-CONT");
    run.until("the screen from before", |screen| screen.alternate_screen() && screen.contents() == before);
    // A stop that cannot be seen coming: the screen is drawn anew afterwards all the same.
    settled(&mut run);
    run.signal("-STOP");
    run.until_stopped();
    run.screen.process(b"\x1b[2J");
    run.signal("-CONT");
    run.until("the screen from before", |screen| screen.contents() == before);
    run.press("4");
    run.shows("[4 Hosts]");
    run.press("Q");
    assert_eq!(run.end(), 0);
    run.gave_the_terminal_back();
}

#[test]
fn the_suspend_key_gives_the_shell_its_terminal_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    std::fs::write(&log, include_str!("../assets/demo/windows.jsonl")).unwrap();
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "set -m; \"$0\" --no-history --no-follow \"$1\"; echo it-was-stopped; read word; fg; echo it-has-ended"]);
    command.arg(env!("CARGO_BIN_EXE_logonscope"));
    command.arg(&log);
    let mut run = run(command, &[], folder);
    run.shows("[1 Timeline]");
    run.press("3");
    run.shows("[3 Accounts]");
    run.press("\x1a");
    run.shows("it-was-stopped");
    assert!(!run.screen.screen().alternate_screen());
    run.press("\r");
    run.until("the screen again", |screen| screen.alternate_screen() && screen.contents().contains("[3 Accounts]"));
    run.press("4");
    run.shows("[4 Hosts]");
    run.press("Q");
    run.shows("it-has-ended");
    assert_eq!(run.end(), 0);
}

#[test]
fn without_a_shell_the_suspend_key_says_why_it_does_not() {
    let mut run = open(&[]);
    run.shows("[1 Timeline]");
    run.press("\x1a");
    run.shows("nothing could continue the program");
    run.press("Q");
    assert_eq!(run.end(), 0);
}
