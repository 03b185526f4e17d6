//! What the copy keys put on the clipboard, and that a link opens what was on screen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/made.rs"]
mod made;
#[path = "support/stage.rs"]
mod stage;

use logonscope::config::args;
use logonscope::config::command::Command;
use logonscope::model::event::LogonId;
use logonscope::model::ids::EventId;
use logonscope::model::raw::RawRecord;
use logonscope::store::{Phase, Snapshot};
use logonscope::ui::app::Setup;
use logonscope::ui::copy::Copied;
use logonscope::ui::effect::{Effect, Place};
use logonscope::ui::update::Msg;
use logonscope::ui::view::{Reply, ViewId};
use made::{morning, morning_now};
use stage::Stage;
use std::collections::BTreeSet;

fn snapshot() -> Snapshot {
    morning().snapshot(Phase::File, morning_now())
}

fn file() -> Stage {
    Stage::new(snapshot(), 120, 36)
}

/// What was asked to be copied last, and as what.
#[track_caller]
fn copied(stage: &mut Stage, keys: &str) -> (String, String) {
    stage.asked.clear();
    stage.press(keys);
    match stage.asked.pop() {
        Some(Effect::Copy(Copied { what, text })) => (what, text),
        other => panic!("{keys} asked for {other:?}: {}", stage.row_from_below(0)),
    }
}

#[test]
fn each_key_copies_what_it_names() {
    let mut stage = file();
    stage.press("3");
    // The cell under the cursor as it moves to the right; an empty one gives what the row is about.
    let row = stage.picture().lines().find(|line| line.starts_with('>')).unwrap().to_owned();
    let mut cells = BTreeSet::new();
    for _ in 0..8 {
        let (what, cell) = copied(&mut stage, "y y");
        assert!(["the cell", "the value"].contains(&what.as_str()), "{what}");
        assert!(row.contains(&cell), "{cell} in {row}");
        cells.insert(cell);
        stage.press("l");
    }
    assert!(!cells.is_empty());
    let (what, account) = copied(&mut stage, "y a");
    assert_eq!(what, "the account");
    assert!(row.contains(&account), "{account} in {row}");

    stage.press("7 f").write("account:svc_backup").press("Enter G");
    let row = stage.picture().lines().find(|line| line.starts_with('>')).unwrap().to_owned();
    for (keys, what) in [("y a", "the account"), ("y h", "the host")] {
        let (told, text) = copied(&mut stage, keys);
        assert_eq!(told, what);
        assert!(row.contains(&text), "{text} in {row}");
    }
    let event = stage.app.nav.view().unwrap().selection(&stage.app.scene.ctx(stage.app.size)).event.unwrap();
    let session = stage.app.scene.snapshot.tables.event(event).unwrap().session;
    let id = stage.app.scene.snapshot.tables.session(session).map_or(LogonId::NONE, |session| session.logon_id);
    if id != LogonId::NONE {
        let (what, text) = copied(&mut stage, "y i");
        assert_eq!(what, "the session id");
        assert!(text.ends_with(&id.to_string()) && text.contains(' '), "{text}");
    }
}

#[test]
fn sources_and_filters_are_copied_as_they_are_written() {
    let mut stage = file();
    stage.press("5");
    let (what, source) = copied(&mut stage, "y s");
    assert_eq!(what, "the source");
    assert!(stage.picture().contains(&source));
    stage.press("f").write("type:10").press("Enter");
    assert_eq!(copied(&mut stage, "y f"), ("the filter".into(), "type:10".into()));
}

#[test]
fn what_is_not_there_is_said_and_not_copied() {
    let mut stage = file();
    for (keys, says) in
        [("8 y a", "no account under the cursor"), ("y i", "no session id"), ("y f", "no filter is in force"), ("y r", "no event")]
    {
        stage.press(keys);
        assert!(stage.row_from_below(0).contains(says), "{keys}: {}", stage.row_from_below(0));
        assert!(!stage.asked.iter().any(|effect| matches!(effect, Effect::Copy(_))));
    }
}

#[test]
fn the_raw_event_is_read_again_and_cleaned() {
    let mut stage = file();
    stage.press("7 G");
    stage.asked.clear();
    stage.press("y r");
    let [Effect::FetchRaw(id)] = stage.asked[..] else { panic!("{:?}", stage.asked) };
    stage.asked.clear();
    let raw = |json: &str| Ok(RawRecord { json: json.into(), ..RawRecord::default() });
    // Another record, for a page that was left.
    stage.send(Msg::Reply(Reply::Raw(EventId::new(id.index() + 7), raw("{}"))));
    assert!(stage.asked.is_empty());
    stage.send(Msg::Reply(Reply::Raw(id, raw("{\n  \"a\": \"\u{1b}]0;x\u{202e}\"\n}"))));
    let copied = Copied { what: "the raw event".into(), text: "{\n  \"a\": \"^[]0;x<U+202E>\"\n}".into() };
    assert_eq!(stage.asked, [Effect::Copy(copied.clone())]);
    stage.asked.clear();
    // Once, not with every record that is looked at later.
    stage.send(Msg::Reply(Reply::Raw(id, raw("{}"))));
    assert!(stage.asked.is_empty());
    stage.press("y r");
    stage.send(Msg::Reply(Reply::Raw(id, Err("the file is gone".into()))));
    assert!(stage.row_from_below(0).contains("not copied: the file is gone"));
    stage.send(Msg::Reply(Reply::Copied(copied.clone(), Ok("wl-copy"))));
    assert_eq!(stage.row_from_below(0), " copied the raw event: 27 bytes, by wl-copy");
    stage.send(Msg::Reply(Reply::Copied(copied, Err("wl-copy does not take it".into()))));
    assert!(stage.row_from_below(0).contains("not copied: wl-copy does not take it"));
}

/// Words as a shell hands them to a program.
fn by_shell(line: &str) -> Vec<String> {
    let script = format!("set -- {line}\nprintf '%s\\0' \"$@\"");
    let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{line}");
    String::from_utf8(output.stdout).unwrap().split_terminator('\0').map(str::to_owned).collect()
}

/// The screen that a copied link opens.
fn follow(line: &str) -> Stage {
    let asked = args::parse(by_shell(line)).unwrap_or_else(|error| panic!("{line}: {error}"));
    let Command::Open { look, .. } = asked.command else { panic!("{line} opens no screen") };
    let setup = Setup {
        ascii: true,
        filter: look.filter.clone(),
        zone: look.zone.unwrap_or_default(),
        start: look.shown.start(),
        inputs: vec!["SEC@DC01".into(), "b".into(), "c".into(), "d".into()],
        ..Setup::default()
    };
    Stage::with(snapshot(), &setup, 120, 36)
}

fn with_name(name: &str) -> Stage {
    let setup = Setup {
        ascii: true,
        again: vec!["logonscope".into(), format!("/case/{name}"), "--no-history".into()],
        inputs: vec!["SEC@DC01".into(), "b".into(), "c".into(), "d".into()],
        ..Setup::default()
    };
    Stage::with(snapshot(), &setup, 120, 36)
}

#[test]
#[cfg(unix)]
fn a_link_opens_the_same_picture_again() {
    let below_crumbs = |stage: &Stage| stage.picture().lines().skip(4).map(str::to_owned).collect::<Vec<_>>();
    for keys in ["3", "7", "2", "5", "z h", "+ + L", "t u"] {
        let mut stage = with_name("it's; $(a) log.evtx");
        stage.press(keys);
        let (what, line) = copied(&mut stage, "y l");
        assert_eq!(what, "the link");
        assert_eq!(by_shell(&line)[1], "/case/it's; $(a) log.evtx");
        let mut again = follow(&line);
        assert_eq!(again.app.nav.place(), stage.app.nav.place(), "{line}");
        stage.press("Esc");
        again.press("Esc");
        if !keys.starts_with('t') && keys != "7" {
            assert_eq!(below_crumbs(&again), below_crumbs(&stage), "{line}");
        }
        assert_eq!(again.app.scene.zone, stage.app.scene.zone);
    }
}

#[test]
#[cfg(unix)]
fn a_link_carries_filters_and_pages() {
    let mut stage = with_name("log.evtx");
    stage.press("f").write("type:(3,10) -account:\"it's\"").press("Enter");
    let text = stage.app.scene.filter.text().to_owned();
    assert!(!text.is_empty());
    for keys in ["3 Enter", "4 Enter", "5 Enter", "7 G Enter", "g i"] {
        stage.press(keys);
        let place = stage.app.nav.place();
        assert!(!matches!(place, Place::View(_)), "{keys} opened {place:?}");
        let (_, line) = copied(&mut stage, "y l");
        let again = follow(&line);
        assert_eq!(again.app.nav.place(), place, "{line}");
        assert_eq!(again.app.scene.filter.text(), text, "{line}");
    }
}

#[test]
#[cfg(unix)]
fn a_link_into_other_inputs_says_so() {
    for (line, says) in [
        ("logonscope a --open=account:nobody", "account:nobody is not in these inputs"),
        ("logonscope a --open=session:9999", "session:9999 is not in these inputs"),
        ("logonscope a --open=event:1 --at=2026-03-14T09:00:00Z", "event:1 is another one in these inputs"),
    ] {
        let stage = follow(line);
        assert_eq!(stage.app.nav.place(), Place::View(ViewId::Timeline), "{line}");
        assert!(stage.row_from_below(0).contains(says), "{line}: {}", stage.row_from_below(0));
    }
}

#[test]
fn without_names_there_is_no_link() {
    let mut stage = file();
    stage.press("y l");
    assert!(stage.row_from_below(0).contains("no names that a command line could repeat"), "{}", stage.row_from_below(0));
    let mut stage = with_name("a\u{1b}[2Jb");
    stage.press("y l");
    assert!(stage.row_from_below(0).contains("cannot carry safely"), "{}", stage.row_from_below(0));
    assert!(stage.asked.is_empty());
}

#[test]
fn every_pane_of_a_page_gives_something_to_copy_to_pivot_from_and_to_find() {
    for (open, panes) in
        [("3 g g Enter", 7), ("4 g g Enter", 6), ("5 g g Enter", 5), ("1 ( g i", 6), ("1 ( g i Tab Enter", 4), ("7 g g Enter", 2)]
    {
        for (width, height) in [(120, 36), (80, 24)] {
            let mut stage = Stage::new(digest::demo_with(&digest::ATTACK), width, height);
            stage.press(open);
            for pane in 0..panes {
                let place = stage.app.nav.place();
                stage.asked.clear();
                stage.press("y y");
                assert!(
                    matches!(&stage.asked[..], [Effect::Copy(copied)] if copied.text != "-" && copied.what != "the sentence below"),
                    "{open} pane {pane}: {:?}\n{}",
                    stage.asked,
                    stage.picture()
                );
                stage.press("p");
                assert!(stage.picture().contains("pivot: what belongs to it"), "{open} pane {pane}\n{}", stage.picture());
                stage.press("Esc /");
                assert!(stage.app.prompt.is_some(), "{open} pane {pane}\n{}", stage.picture());
                stage.press("Esc Tab");
                assert_eq!(stage.app.nav.place(), place);
            }
        }
    }
}

#[test]
fn the_cell_under_the_cursor_of_a_pane_is_copied() {
    let mut stage = Stage::new(digest::demo_with(&digest::ATTACK), 120, 36);
    stage.press("4 g g Enter");
    assert!(stage.picture().contains("[who logs on here"), "{}", stage.picture());
    let (_, name) = copied(&mut stage, "y y");
    let row = stage.picture().lines().find(|line| line.starts_with("|>")).unwrap().to_owned();
    assert!(row.contains(&name), "{name} in {row}");
    let mut cells = BTreeSet::new();
    for _ in 0..4 {
        stage.press("l");
        let (what, cell) = copied(&mut stage, "y y");
        assert!(row.contains(&cell), "{cell} in {row}");
        // An empty cell gives what the row is about.
        assert_eq!(what == "the value", cell == name, "{what}: {cell}");
        cells.insert(cell);
    }
    assert!(cells.len() > 2, "{cells:?}");
}

#[test]
fn an_input_is_filtered_by() {
    let mut stage = Stage::new(digest::demo_with(&digest::ATTACK), 120, 36);
    let names: Vec<String> = stage.app.scene.snapshot.inputs.iter().map(|input| input.name()).collect();
    stage.press("8 g g i");
    assert_eq!(stage.app.scene.filter.text(), format!("input:{}", names[0]));
    let rows = stage.app.scene.projection.as_ref().unwrap().events.len();
    assert!(rows > 0 && rows < stage.app.scene.snapshot.tables.events.len());
    stage.press("u p");
    assert!(stage.picture().contains("only this value"), "{}", stage.picture());
}
