//! Keys in, what must be on screen out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/made.rs"]
mod made;
#[path = "support/stage.rs"]
mod stage;

use logonscope::engine::handle::Command;
use logonscope::store::{Phase, Snapshot};
use logonscope::ui::action::{ACTIONS, Context};
use logonscope::ui::app::Setup;
use logonscope::ui::effect::{Effect, Place};
use logonscope::ui::keymap::Keymap;
use logonscope::ui::look::News;
use logonscope::ui::update::Msg;
use logonscope::ui::view::ViewId;
use made::{at, morning, morning_now};
use stage::Stage;
use std::sync::Arc;

fn snapshot(phase: Phase) -> Snapshot {
    morning().snapshot(phase, morning_now())
}

fn file() -> Stage {
    Stage::new(snapshot(Phase::File), 120, 36)
}

#[track_caller]
fn shows(stage: &Stage, what: &str) {
    let picture = stage.picture();
    assert!(picture.contains(what), "no `{what}` in\n{picture}");
}

#[test]
fn number_keys_open_views_and_back_and_forward_walk_them() {
    let mut stage = file();
    for (key, open) in [("2", "[2 Anomalies"), ("3", "[3 Accounts]"), ("7", "[7 Events]"), ("q", "[3 Accounts]"), ("]", "[7 Events]")] {
        stage.press(key);
        shows(&stage, open);
    }
    stage.press("[ Backspace");
    shows(&stage, "[2 Anomalies");
    assert!(stage.row(2).ends_with("Timeline / Anomalies"), "{}", stage.row(2));
    stage.press("]").press("] ]");
    assert_eq!(stage.row_from_below(0), " nothing to go forward to");
}

#[test]
fn back_on_the_first_screen_asks_and_only_yes_quits() {
    let mut stage = file();
    stage.press("q");
    shows(&stage, "Quit logonscope?");
    stage.press("n");
    assert!(stage.app.popup.is_none() && stage.asked.is_empty());
    stage.press("q Esc Esc Esc");
    assert!(stage.asked.is_empty());
    stage.press("q y");
    assert_eq!(stage.asked, [Effect::Quit]);
    let mut stage = file();
    stage.press("8 Q");
    assert_eq!(stage.asked, [Effect::Quit]);
    let mut stage = file();
    stage.press("? Ctrl-c");
    assert_eq!(stage.asked, [Effect::Quit]);
}

#[test]
fn pages_are_reached_from_what_is_under_the_cursor() {
    for (keys, place, crumb) in [
        ("3 g a", ViewId::Accounts, "Accounts / "),
        ("4 g h", ViewId::Hosts, "Hosts / "),
        ("5 g s", ViewId::Sources, "Sources / "),
        ("3 Enter", ViewId::Accounts, "Accounts / "),
    ] {
        let mut stage = file();
        stage.press(keys);
        assert_eq!(stage.app.nav.tab(), place, "{keys}");
        assert!(!matches!(stage.app.nav.place(), Place::View(_)), "{keys}");
        assert!(stage.row(2).contains(crumb), "{keys}: {}", stage.row(2));
        stage.press("q");
        assert_eq!(stage.app.nav.place(), Place::View(place));
    }
    let mut stage = file();
    stage.press("8 g a");
    assert_eq!(stage.row_from_below(0), " no account under the cursor");
}

#[test]
fn a_prefix_shows_what_may_follow_and_any_other_key_closes_it() {
    let mut stage = file();
    stage.press("z");
    shows(&stage, "one hour");
    stage.press("Esc");
    assert!(stage.app.pressed.is_empty() && stage.app.message.is_none());
    stage.press("g k");
    assert_eq!(stage.row_from_below(0), " gk means nothing here: ? shows the keys");
    assert!(!stage.picture().contains("source page"));
}

#[test]
fn help_runs_the_line_under_the_cursor() {
    let mut stage = file();
    stage.press("?");
    for _ in 0..200 {
        if stage.picture().lines().any(|line| line.contains("Inputs") && !line.contains("[1")) {
            break;
        }
        stage.press("PageDown");
    }
    stage.press("G");
    for _ in 0..100 {
        let chosen = match &stage.app.popup {
            Some(logonscope::ui::popup::Popup::Sheet(sheet)) => sheet.action(),
            _ => None,
        };
        if chosen == Some(logonscope::ui::action::Action::ViewInputs) {
            break;
        }
        stage.press("k");
    }
    stage.press("Enter");
    assert_eq!(stage.app.nav.place(), Place::View(ViewId::Inputs));
    assert!(stage.app.popup.is_none());
}

#[test]
fn a_filter_is_typed_previewed_applied_undone_and_switched() {
    let mut stage = file();
    let all = stage.app.newest.tables.events.len();
    stage.press("7 f").write("account:svc_backup");
    shows(&stage, "matches 2 events");
    // Not applied yet.
    assert!(stage.app.scene.filter.in_force().is_none());
    stage.press("Enter");
    assert!(stage.row(2).starts_with(" filter> account:svc_backup   hidden"), "{}", stage.row(2));
    shows(&stage, &format!("of {all}"));
    let filtered = stage.picture();
    stage.press("F");
    assert!(stage.row(2).starts_with(" filter> (off) account:svc_backup"));
    stage.press("F");
    assert_eq!(stage.picture(), filtered);
    stage.press("u");
    assert!(stage.row(2).starts_with(" filter> (none)"));
    stage.press("Ctrl-r");
    assert_eq!(stage.picture(), filtered);
    // What is typed and cancelled changes nothing.
    stage.press("f Ctrl-u").write("host:nowhere").press("Ctrl-c");
    assert_eq!(stage.picture(), filtered);
    // An unfinished filter is never applied.
    stage.press("f Ctrl-u").write("host:(").press("Enter");
    assert!(stage.app.prompt.is_some());
    assert!(stage.row_from_below(0).starts_with(" filter: column"), "{}", stage.row_from_below(0));
    stage.press("Esc f Ctrl-u Enter");
    assert!(stage.row(2).starts_with(" filter> (none)"));
}

#[test]
fn completions_are_chosen_and_taken() {
    let mut stage = file();
    stage.press("f").write("acc").press("Tab").write("svc_b").press("Tab Enter");
    assert_eq!(stage.app.scene.filter.text(), "account:svc_backup@CORP");
    // The history lies above the completions.
    stage.press("f Ctrl-u").write("host:FS01").press("Enter f Ctrl-u Up Up Enter");
    assert_eq!(stage.app.scene.filter.text(), "account:svc_backup@CORP");
}

#[test]
fn pasted_text_cannot_press_keys() {
    let mut stage = file();
    stage.send(Msg::Paste("Q\ny\n".into()));
    assert!(stage.asked.is_empty());
    stage.press("f");
    stage.send(Msg::Paste("type:10\n\u{1b}[2J".into()));
    shows(&stage, "type:10 [2J");
}

#[test]
fn the_value_under_the_cursor_narrows_or_hides() {
    let mut stage = file();
    stage.press("3 i");
    let narrowed = stage.app.scene.filter.text().to_owned();
    assert!(narrowed.starts_with("account:"), "{narrowed}");
    stage.press("u x");
    assert_eq!(stage.app.scene.filter.text(), format!("-{narrowed}"));
    stage.press("u 8 i");
    assert_eq!(stage.app.scene.filter.text(), "");
    assert_eq!(stage.row_from_below(0), " no value under the cursor that a filter could name");
}

#[test]
fn a_held_screen_keeps_its_state_and_counts_what_came() {
    let mut made = morning();
    let mut stage = Stage::new(made.snapshot(Phase::Live, morning_now()), 120, 36);
    assert!(stage.row(0).contains("[LIVE > FOLLOW]"));
    stage.press("Space");
    let held = stage.picture().lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    for second in 20..27 {
        made.event(logonscope::model::lane::Lane::Interactive, at(&format!("09:42:{second}")), false);
    }
    let later = Arc::new(made.snapshot(Phase::Live, at("09:42:30")));
    stage.send(Msg::Snapshot(Arc::clone(&later)));
    assert!(stage.row(0).contains("[LIVE || FROZEN +7]"), "{}", stage.row(0));
    // The meters go on; everything above them stays.
    let now = stage.picture().lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(now[..32], held[..32]);
    assert_ne!(now[33], held[33]);
    stage.press("Space");
    assert!(stage.row(0).contains("[LIVE > FOLLOW]"));
    assert_eq!(stage.app.scene.snapshot.version, later.version);
    stage.press("Space");
    stage.press("G");
    assert!(!stage.app.frozen);
}

#[test]
fn nothing_is_frozen_when_nothing_moves() {
    let mut stage = file();
    stage.press("Space");
    assert!(!stage.app.frozen);
    assert_eq!(stage.row_from_below(0), " nothing to freeze: everything is read and nothing is followed");
}

#[test]
fn replay_keys_become_commands() {
    let phase = |speed| Phase::Replay { playing: true, speed, position: 1, events: 100 };
    let commands = |speed, keys: &str| {
        let mut stage = Stage::new(snapshot(phase(speed)), 120, 36);
        stage.press(keys);
        stage.asked
    };
    let engine = |command| vec![Effect::Engine(command)];
    assert_eq!(commands(60.0, "Space"), engine(Command::Play(false)));
    assert_eq!(commands(60.0, ">"), engine(Command::Speed(300.0)));
    assert_eq!(commands(60.0, "<"), engine(Command::Speed(30.0)));
    assert_eq!(commands(45.0, "<"), engine(Command::Speed(30.0)));
    assert_eq!(commands(0.5, "<"), engine(Command::Speed(0.5)));
    assert_eq!(commands(1000.0, ">"), engine(Command::Speed(f64::INFINITY)));
    assert_eq!(commands(f64::INFINITY, "<"), engine(Command::Speed(1000.0)));
    assert_eq!(commands(60.0, "."), engine(Command::Step(1)));
    assert_eq!(commands(60.0, ","), engine(Command::Step(-1)));
    assert_eq!(commands(60.0, "e"), engine(Command::SeekAnomaly { forward: true }));
    assert_eq!(commands(60.0, "E"), engine(Command::SeekAnomaly { forward: false }));
    let mut stage = Stage::new(snapshot(phase(60.0)), 120, 36);
    stage.press("g t").write("09:30").press("Enter");
    assert_eq!(stage.asked, engine(Command::Seek(at("09:30:00"))));
    let mut stage = file();
    stage.press(">");
    assert!(stage.asked.is_empty());
    assert!(stage.row_from_below(0).starts_with(" this is no replay"));
}

#[test]
fn a_time_is_gone_to_from_every_view() {
    let mut stage = file();
    stage.press("8 g t").write("09:31").press("Enter");
    assert_eq!(stage.app.nav.place(), Place::View(ViewId::Timeline));
    assert!(stage.row_from_below(0).contains("09:31"), "{}", stage.row_from_below(0));
    stage.press("g t").write("soon").press("Enter");
    assert!(stage.row_from_below(0).contains("'soon' is no time"), "{}", stage.row_from_below(0));
    stage.press("Esc");
    assert!(stage.app.prompt.is_none());
}

#[test]
fn switches_say_what_they_did() {
    let mut stage = file();
    for (keys, said) in [
        ("t u", "times in the local zone of this computer"),
        ("t u", "times in UTC"),
        ("t a", "glyphs: unicode"),
        ("t a", "glyphs: fine"),
        ("t a", "glyphs: ascii"),
        ("t c", "theme: default-light"),
        ("t m", "machine accounts hidden"),
        ("t s", "built-in accounts (SYSTEM, DWM-n) shown"),
        ("t l", "empty lanes hidden"),
        ("t w", "long lines wrapped"),
    ] {
        stage.press(keys);
        assert_eq!(stage.row_from_below(0), format!(" {said}"), "{keys}");
    }
}

#[test]
fn a_filter_from_the_command_line_is_in_force_at_once() {
    let setup = Setup { filter: Some("account:svc_backup".into()), ..Setup::default() };
    let stage = Stage::with(snapshot(Phase::File), &setup, 120, 36);
    assert!(stage.row(2).contains("account:svc_backup   hidden"), "{}", stage.row(2));
    let setup = Setup { filter: Some("account:(".into()), ..Setup::default() };
    let stage = Stage::with(snapshot(Phase::File), &setup, 120, 36);
    assert!(stage.row_from_below(0).starts_with(" filter: column"));
}

#[test]
fn no_key_of_any_view_breaks_the_screen_at_any_size() {
    let keymap = Keymap::shipped();
    let all: Vec<String> = Context::ALL
        .into_iter()
        .flat_map(|context| keymap.bindings(context))
        .map(|binding| binding.chords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        .collect();
    assert!(all.len() >= ACTIONS.len());
    let views: &[&str] = &["1", "2", "3", "4", "5", "6", "7", "8", "3 Enter", "4 Enter", "5 Enter", "1 ) g i", "7 Enter"];
    for (base, width, height, views) in [
        (snapshot(Phase::Live), 80, 24, views),
        (snapshot(Phase::File), 120, 36, &["1", "2", "3 Enter"]),
        (snapshot(Phase::Live), 60, 16, &["1", "2", "1 ) g i"]),
        (Snapshot::default(), 80, 24, &["1", "2", "3", "7", "8"]),
    ] {
        for view in views {
            let mut stage = Stage::new(base.clone(), width, height);
            stage.press(view);
            for keys in &all {
                stage.press(keys);
                let buffer = stage.buffer();
                assert!(buffer.content.iter().all(|cell| !cell.symbol().chars().any(char::is_control)), "{view} {keys}");
                if stage.app.popup.is_some() || stage.app.prompt.is_some() {
                    stage.press("Esc");
                }
            }
            stage.send(Msg::Resize(40, 10));
            stage.buffer();
        }
    }
}

#[test]
fn the_palette_opens_pages_and_runs_commands_by_their_names() {
    let mut stage = file();
    stage.press("Ctrl-p").write("svc back");
    shows(&stage, "palette");
    shows(&stage, "account   svc_backup@");
    stage.press("Enter");
    assert_eq!(stage.app.nav.tab(), ViewId::Accounts);
    assert!(matches!(stage.app.nav.place(), Place::Account(_)) && stage.app.prompt.is_none());
    stage.press(":").write("> hosts").press("Enter");
    assert_eq!(stage.app.nav.place(), Place::View(ViewId::Hosts));
    // What was chosen stands first when nothing is typed.
    stage.press(":");
    shows(&stage, "> ");
    let first = stage.picture().lines().find(|line| line.contains("command") && line.contains("Hosts")).is_some();
    assert!(first);
    stage.press("Esc");
    assert!(stage.app.prompt.is_none());
}

#[test]
fn the_palette_says_that_nothing_fits_and_its_cursor_stays_on_lines() {
    let mut stage = file();
    stage.press("Ctrl-p").write("zzzz").press("Enter");
    shows(&stage, "nothing is called that");
    stage.press("Ctrl-u Up PageUp").write("@");
    for keys in ["PageDown PageDown PageDown PageDown", "Down Tab Down", "Up Shift-Tab PageUp"] {
        stage.press(keys);
    }
    stage.press("Enter");
    assert!(matches!(stage.app.nav.place(), Place::Account(_)));
    stage.press("Ctrl-p");
    stage.send(Msg::Paste("# fs01\n".into()));
    stage.press("Enter");
    assert!(matches!(stage.app.nav.place(), Place::Host(_)), "{:?}", stage.app.nav.place());
}

#[test]
fn newly_read_settings_change_what_they_say_and_leave_what_keys_did() {
    let mut stage = file();
    // The user turned glyphs and machine accounts.
    stage.press("t a t m");
    let glyphs = stage.app.scene.glyphs.name;
    let mut setup = stage.app.setup.clone();
    setup.zone = logonscope::base::time::Zone::parse("Europe/Vienna").unwrap();
    setup.theme = Some("high-contrast".into());
    stage.send(Msg::Settings(News::Setup(Box::new(setup.clone()), "; [site] after a restart".into())));
    assert_eq!(stage.row_from_below(0), " settings read again: new colours, zone; [site] after a restart");
    assert_eq!(stage.app.scene.theme.name, "high-contrast");
    assert_eq!(stage.app.scene.glyphs.name, glyphs);
    assert!(!stage.app.scene.options.machine_accounts);
    assert!(!stage.row(0).ends_with('Z'), "{}", stage.row(0));
    stage.send(Msg::Settings(News::Setup(Box::new(setup), String::new())));
    assert_eq!(stage.row_from_below(0), " settings read again: nothing of the screen changed");
    stage.send(Msg::Settings(News::Wrong("settings.toml:3:1: no".into())));
    assert_eq!(stage.row_from_below(0), " settings.toml:3:1: no; what was in force stays");
}

#[test]
fn the_theme_key_walks_all_themes_and_comes_back() {
    let mut stage = file();
    let first = stage.app.scene.theme.name.clone();
    let mut seen = vec![first.clone()];
    loop {
        stage.press("t c");
        let name = stage.app.scene.theme.name.clone();
        assert_eq!(stage.row_from_below(0), format!(" theme: {name}"));
        if name == first {
            break;
        }
        seen.push(name);
    }
    assert_eq!(seen, ["default-dark", "default-light", "mono", "high-contrast", "deuteranopia", "tritanopia"]);
}
