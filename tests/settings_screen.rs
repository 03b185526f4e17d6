//! The sections of the settings file that the screen owns: what they do at the start, and when the file is written while
//! the screen is open.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/tty.rs"]
mod tty;

use portable_pty::CommandBuilder;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tty::{Run, run};

/// The program on the demo's events, with settings in their usual place.
struct Home {
    folder: PathBuf,
    kept: Option<tempfile::TempDir>,
}

impl Home {
    fn new(settings: &str) -> Self {
        let kept = tempfile::tempdir().unwrap();
        let home = Self { folder: kept.path().to_path_buf(), kept: Some(kept) };
        std::fs::write(home.folder.join("log.jsonl"), include_str!("../assets/demo/windows.jsonl")).unwrap();
        home.write("settings.toml", settings);
        home
    }
    fn write(&self, name: &str, text: &str) {
        let path = self.place(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    fn place(&self, name: &str) -> PathBuf {
        self.folder.join("logonscope").join(name)
    }
    fn open(&mut self, arguments: &[&str]) -> Run {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_logonscope"));
        command.args(["--no-history", "--no-follow"]);
        command.args(arguments);
        command.arg(self.folder.join("log.jsonl"));
        run(command, &[], self.kept.take().unwrap())
    }
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_logonscope"));
        command.args(arguments).env("XDG_CONFIG_HOME", &self.folder);
        command.output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The place in a message, wherever the folder lies.
fn told(output: &Output, folder: &Path) -> String {
    text(&output.stderr).replace(&folder.join("logonscope").display().to_string(), "HOME")
}

#[test]
fn the_file_says_how_the_screen_looks_and_flags_win() {
    let mut home =
        Home::new("[ui]\nglyphs = \"ascii\"\nzone = \"Europe/Vienna\"\ntheme = \"night\"\n[keys.global]\n\"view.inputs\" = [\"9\"]\n");
    home.write("themes/night.toml", "parent = \"default-dark\"\n[meanings]\nstrong = { fg = \"#123456\" }\n");
    let mut run = home.open(&[]);
    run.shows("[1 Timeline]");
    assert!(run.screen.screen().contents().is_ascii());
    run.press("9");
    run.shows("[8 Inputs]");
    run.press("?");
    run.shows("*9");
    run.press("\x1b");
    run.until("the help to close", |screen| !screen.contents().contains("help:"));
    run.press("tc");
    run.shows("theme: default-dark");
    run.press("Q");
    assert_eq!(run.end(), 0);
    let written = text(&run.bytes);
    assert!(written.contains("38;2;18;52;86"));

    let mut home = Home::new("[ui]\ncolours = \"none\"\nzone = \"Europe/Vienna\"\n");
    let mut run = home.open(&["--zone", "utc"]);
    run.shows("[1 Timeline]");
    run.press("tu");
    run.shows("times in the local zone of this computer");
    run.press("Q");
    assert_eq!(run.end(), 0);
    assert!(!text(&run.bytes).contains("38;2;"));
}

#[test]
fn a_mistake_is_told_with_its_place_and_nothing_opens() {
    for (settings, theme, said) in [
        ("[ui]\n\ntheme = \"pink\"\n", "", "HOME/settings.toml:3:9: no theme 'pink'; write one of auto, default-dark"),
        ("[ui]\ntheme = \"mine\"\n", "[meanings]\n\nfailures = {}\n", "HOME/themes/mine.toml:3:1: unknown meaning 'failures'"),
        (
            "[ui]\nglyphs = \"emoji\"\n",
            "",
            "HOME/settings.toml:2:10: unknown variant `emoji`, expected one of `auto`, `unicode`, `fine`, `ascii`",
        ),
        ("[keys.table]\n\n\"table.sort\" = [\"q\"]\n", "", "HOME/settings.toml:3:17: table: q (table.sort) clashes with q (nav.back)"),
    ] {
        let home = Home::new(settings);
        home.write("themes/mine.toml", theme);
        let output = home.run(&["keys"]);
        assert_eq!(output.status.code(), Some(2));
        let found = told(&output, &home.folder);
        assert!(found.starts_with(&format!("logonscope: {said}")), "{found}");
    }
}

#[test]
fn the_list_of_keys_is_the_one_in_force() {
    let home = Home::new("[keys.global]\n\"filter.edit\" = [\"Ctrl-f\"]\n\"find.open\" = []\n");
    let list = text(&home.run(&["keys"]).stdout);
    let line = |id: &str| list.lines().find(|line| line.contains(id)).unwrap().split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    assert_eq!(line(" filter.edit "), "*global Ctrl-f filter.edit");
    assert_eq!(line(" find.open "), "*global (none) find.open");
    assert_eq!(line(" nav.open "), "global Enter nav.open");
}

#[test]
fn what_is_written_while_the_screen_is_open_holds_at_once() {
    let mut home = Home::new("");
    home.write("themes/other.toml", "");
    let (settings, theme) = (home.place("settings.toml"), home.place("themes/other.toml"));
    let mut run = home.open(&["--ascii"]);
    run.shows("[1 Timeline]");
    std::fs::write(&settings, "[ui]\ntheme = \"mono\"\nmachine_accounts = false\n[keys.global]\n\"view.hosts\" = [\"9\"]\n").unwrap();
    run.shows("settings read again: new colours, switches, keys");
    run.press("9");
    run.shows("[4 Hosts]");
    run.press("4");
    run.shows("4 means nothing here");
    // A mistake keeps what was in force, and says where it stands.
    std::fs::write(&settings, "[ui]\ntheme = \"mono\"\n\nmachine = false\n").unwrap();
    run.shows("settings.toml:4:1: no setting of [ui] is called 'machine'");
    run.press("3");
    run.shows("[3 Accounts]");
    run.press("9");
    run.shows("[4 Hosts]");
    // What the engine was started with holds until it is started again.
    std::fs::write(&settings, "[detections.mfa-fatigue]\nenabled = false\n").unwrap();
    run.shows("new colours, switches, keys; [detections] after a restart");
    run.press("4");
    run.shows("[4 Hosts]");
    // Theme files are watched too.
    std::fs::write(&settings, "[ui]\ntheme = \"other\"\n").unwrap();
    run.shows("new colours");
    std::fs::write(&theme, "[meanings]\nstrong = { fg = \"#123456\" }\n").unwrap();
    run.until("the new colour", |screen| {
        (0..120).any(|column| screen.cell(1, column).is_some_and(|cell| cell.fgcolor() == vt100::Color::Rgb(0x12, 0x34, 0x56)))
    });
    run.press("Q");
    assert_eq!(run.end(), 0);
    run.gave_the_terminal_back();
}

#[test]
fn a_file_is_noticed_also_where_its_folder_is_made_later() {
    let mut home = Home::new("");
    let (folder, settings) = (home.place(""), home.place("settings.toml"));
    std::fs::remove_dir_all(&folder).unwrap();
    let mut run = home.open(&["--ascii"]);
    run.shows("[1 Timeline]");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(&settings, "[ui]\nmachine_accounts = false\n").unwrap();
    run.shows("settings read again: new switches");
    std::fs::write(&settings, "[ui]\nmachine_accounts = false\n[keys.global]\n\"view.hosts\" = [\"9\"]\n").unwrap();
    run.shows("settings read again: new keys");
    run.press("9");
    run.shows("[4 Hosts]");
    run.press("Q");
    assert_eq!(run.end(), 0);
}
