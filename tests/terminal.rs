//! The real program in a real terminal: what it writes, and that it gives the terminal back.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/tty.rs"]
mod tty;

use portable_pty::CommandBuilder;
use tty::{LOG, Run, run, start};

#[test]
fn starts_answers_keys_and_quits() {
    let mut run = start(&[], &[]);
    run.shows("[1 Timeline]");
    assert!(run.screen.screen().alternate_screen());
    run.press("3");
    run.shows("[3 Accounts]");
    run.shows("svc_backup");
    run.press("?");
    run.shows("help: Accounts");
    run.press("\x1b");
    run.until("the help to close", |screen| !screen.contents().contains("help: Accounts"));
    run.press("qq");
    run.shows("Quit logonscope?");
    run.press("y");
    assert_eq!(run.end(), 0);
    run.gave_the_terminal_back();
}

#[test]
fn the_mouse_is_the_terminals_own_until_a_key_asks_for_it() {
    let mode = |run: &Run| run.screen.screen().mouse_protocol_mode();
    let count = |run: &Run, what: &str| String::from_utf8_lossy(&run.bytes).matches(what).count();
    let mut run = start(&[], &[]);
    run.shows("[1 Timeline]");
    run.press("8");
    run.shows("[8 Inputs]");
    assert_eq!((mode(&run), count(&run, "\x1b[?1000h")), (vt100::MouseProtocolMode::None, 0));
    run.press("to");
    run.shows("mouse on");
    assert_eq!(mode(&run), vt100::MouseProtocolMode::ButtonMotion);
    // A click on the third tab, as a terminal reports it.
    run.press("\x1b[<0;36;2M\x1b[<0;36;2m");
    run.shows("[3 Accounts]");
    run.press("to");
    run.shows("mouse off");
    assert_eq!(mode(&run), vt100::MouseProtocolMode::None);
    // Suspended, it is given back too, and asked for again afterwards.
    run.press("to");
    run.shows("mouse on");
    let given_back = count(&run, "\x1b[?1000l");
    run.stop();
    assert_eq!((mode(&run), count(&run, "\x1b[?1000l")), (vt100::MouseProtocolMode::None, given_back + 1));
    run.signal("-CONT");
    // A key before that would be the terminal's own, which writes it down.
    run.until("the screen to come back", vt100::Screen::alternate_screen);
    run.press("8");
    run.shows("[8 Inputs]");
    assert_eq!(mode(&run), vt100::MouseProtocolMode::ButtonMotion);
    run.press("Q");
    assert_eq!(run.end(), 0);
    run.gave_the_terminal_back();
}

#[test]
fn keys_wake_it_while_nothing_else_happens() {
    let mut run = start(&["--no-follow"], &[]);
    run.shows("[1 Timeline]");
    for _ in 0..5 {
        run.press("8");
        run.shows("[8 Inputs]");
        run.press("1");
        run.shows("[1 Timeline]");
    }
    run.press("\x03");
    assert_eq!(run.end(), 0);
    run.gave_the_terminal_back();
}

#[test]
fn signals_give_the_terminal_back() {
    for name in ["-TERM", "-HUP", "-INT", "-QUIT"] {
        let mut run = start(&[], &[]);
        run.shows("[1 Timeline]");
        run.signal(name);
        assert_eq!(run.end(), 0, "{name}");
        run.gave_the_terminal_back();
    }
}

#[test]
fn a_storm_of_sizes_ends_in_a_whole_screen() {
    let mut run = start(&[], &[]);
    run.shows("[1 Timeline]");
    for round in 0..40_u16 {
        run.resize(20 + round * 37 % 140, 3 + round * 13 % 50);
        run.press(if round % 2 == 0 { "j" } else { "8" });
    }
    run.resize(100, 30);
    run.press("2");
    run.until("the whole frame at the last size", |screen| {
        let rows: Vec<String> = screen.rows(0, 100).collect();
        rows.len() == 30 && rows[1].contains("[2 Anomalies") && rows[1].contains("8 Inputs") && rows[27].contains("? help")
    });
    run.press("Q");
    assert_eq!(run.end(), 0);
    run.gave_the_terminal_back();
}

/// Parameters of every `CSI ... m` that was written.
fn colours(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let sequences = text.split("\x1b[").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':')?;
        rest[end..].starts_with('m').then(|| rest[..end].to_owned())
    });
    let is_colour = |number: &str| number.parse::<u32>().is_ok_and(|number| matches!(number, 30..=38 | 40..=48 | 90..=107));
    sequences.filter(|sequence| sequence.split([';', ':']).next().is_some_and(is_colour)).collect()
}

#[test]
fn without_colours_none_is_written_and_attributes_stay() {
    for (arguments, environment) in [(&["demo"][..], &[("NO_COLOR", "1")][..]), (&["demo", "--no-color"], &[])] {
        let mut run = start(arguments, environment);
        run.shows("[1 Timeline]");
        run.press("2");
        run.shows("[2 Anomalies");
        run.press("3j");
        run.shows("[3 Accounts]");
        run.until("a cursor row in reverse", |screen| (0..36).any(|row| screen.cell(row, 5).is_some_and(vt100::Cell::inverse)));
        run.press("Q");
        assert_eq!(run.end(), 0);
        assert_eq!(colours(&run.bytes), Vec::<String>::new());
    }
    let mut run = start(&["demo"], &[]);
    run.shows("[1 Timeline]");
    run.press("2t");
    run.shows("next theme");
    run.press("c");
    run.shows("default-light");
    run.press("Q");
    run.end();
    assert_ne!(run.bytes.len(), 0);
}

#[test]
fn what_a_log_says_never_steers_the_terminal() {
    let mut run = start(&[], &[]);
    run.shows("[1 Timeline]");
    run.press("3");
    run.shows("svc_backup^[]0;owned^G");
    run.press("\r");
    run.shows("Accounts / ");
    run.press("Q");
    run.end();
    assert!(!String::from_utf8_lossy(&run.bytes).contains("\x1b]0;"));
}

#[test]
fn colours_are_written_where_they_are_wanted() {
    let mut run = start(&["demo", "--speed", "1000000"], &[]);
    run.shows("[1 Timeline]");
    run.press("2");
    run.shows("[2 Anomalies(");
    run.press("Q");
    assert_eq!(run.end(), 0);
    assert!(colours(&run.bytes).iter().any(|sequence| sequence.starts_with("38;2;")), "{:?}", colours(&run.bytes));
}

#[test]
fn decisions_are_kept_beside_the_history_unless_nothing_is_kept() {
    for (arguments, is_kept) in [(&["--no-follow"][..], true), (&["--no-follow", "--no-history"], false)] {
        let folder = tempfile::tempdir().unwrap();
        let (log, case) = (folder.path().join("log.jsonl"), folder.path().join("logonscope/case.jsonl"));
        std::fs::write(&log, include_str!("../assets/demo/windows.jsonl")).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_logonscope"));
        command.args(arguments);
        command.arg(&log);
        let mut run = run(command, &[], folder);
        run.shows("[1 Timeline]");
        run.press("2");
        run.shows("[2 Anomalies(");
        run.press("ggd");
        run.shows("dismiss, because");
        run.press("lab\r");
        run.shows(if is_kept { "U takes" } else { "until the program ends" });
        run.press("Q");
        assert_eq!(run.end(), 0);
        assert_eq!(case.exists(), is_kept);
        assert!(!is_kept || std::fs::read_to_string(case).unwrap().contains("lab"));
    }
}

#[test]
fn without_a_terminal_it_says_so_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    std::fs::write(&log, format!("{LOG}\n")).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_logonscope")).arg(&log).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("no terminal") && said.contains("logonscope report"), "{said}");
}

#[test]
fn an_unknown_theme_is_named_before_the_screen_changes() {
    let mut run = start(&["--theme", "pink"], &[]);
    assert_eq!(run.end(), 2);
    let said = run.screen.screen().contents();
    assert!(said.contains("no theme 'pink'") && said.contains("default-dark"), "{said}");
}

/// Not a test of its own: what `a_panic_gives_the_terminal_back_and_is_seen` runs in a terminal.
#[test]
#[ignore = "runs in the terminal of another test"]
fn panics_on_the_screen() {
    let mut screen = logonscope::ui::terminal::Screen::take().unwrap();
    screen.mouse(true).unwrap();
    screen.terminal.draw(|frame| frame.render_widget("drawn", frame.area())).unwrap();
    // A worker's panic leaves the screen as it is.
    assert!(std::thread::spawn(|| panic!("of a worker")).join().is_err());
    panic!("of the screen");
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_seen() {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", "--test-threads=1", "panics_on_the_screen"]);
    let mut run = run(command, &[("RUST_BACKTRACE", "0")], tempfile::tempdir().unwrap());
    run.end();
    let text = String::from_utf8_lossy(&run.bytes).into_owned();
    let (entered, left) = (text.find("\x1b[?1049h").unwrap(), text.find("\x1b[?1049l").unwrap());
    let seen = text.find("of the screen").unwrap();
    assert!(entered < left && left < seen, "{text}");
    assert!(!text.contains("of a worker"), "{text}");
    let (listened, unheard) = (text.find("\x1b[?1000h").unwrap(), text.find("\x1b[?1000l").unwrap());
    assert!(listened < unheard && unheard < seen, "{text}");
    let screen = run.screen.screen();
    assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
}

#[test]
fn a_copy_leaves_by_osc_52_in_one_piece_and_draws_nothing() {
    for (environment, before, after, way) in [
        (&[("SSH_TTY", "/dev/pts/9"), ("TMUX", "")][..], "\x1b]52;c;", "\x07", "by OSC 52"),
        (&[("SSH_CONNECTION", "a b"), ("TMUX", "/tmp/t,1,0")], "\x1bPtmux;\x1b\x1b]52;c;", "\x07\x1b\\", "by OSC 52 through tmux"),
    ] {
        let mut run = start(&["--no-history"], environment);
        run.shows("[1 Timeline]");
        run.press("3");
        run.shows("[3 Accounts]");
        run.shows("svc_backup");
        run.press("ya");
        run.shows("copied the account");
        run.shows(way);
        // `svc_backup^[]0;owned^G@CORP`: the control bytes of the log as they are shown.
        let encoded = "c3ZjX2JhY2t1cF5bXTA7b3duZWReR0BDT1JQ";
        let sequence = format!("{before}{encoded}{after}");
        let text = String::from_utf8_lossy(&run.bytes).into_owned();
        assert_eq!(text.matches(&sequence).count(), 1, "{text:?}");
        run.press("Q");
        assert_eq!(run.end(), 0);
        run.gave_the_terminal_back();
    }
}
