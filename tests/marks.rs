//! Bookmarks, notes and the case: the keys, what they leave in the case file, and what the next run makes of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/stage.rs"]
mod stage;

use logonscope::casefile::file::Book;
use logonscope::casefile::thing::Thing;
use logonscope::store::Snapshot;
use logonscope::ui::app::Setup;
use logonscope::ui::effect::Place;
use logonscope::ui::update::Msg;
use logonscope::ui::view::ViewId;
use stage::Stage;
use std::path::Path;
use std::sync::Arc;

fn demo(width: u16, height: u16) -> Stage {
    Stage::new(digest::demo_with(&digest::ATTACK), width, height)
}

fn nouns(stage: &Stage) -> Vec<&'static str> {
    stage.app.scene.marked.list().iter().map(|noted| noted.thing.noun()).collect()
}

/// A sign before a row of a table, or on the axis of the timeline.
fn has_sign(stage: &Stage, sign: char) -> bool {
    let rows = stage.picture();
    rows.lines().any(|row| row.chars().take(2).any(|c| c == sign) || (row.starts_with(" lane") && row.contains(sign)))
}

/// Another run of the same case on another state.
fn again(stage: &Stage, snapshot: Snapshot, width: u16, height: u16) -> Stage {
    let mut next = Stage::new(snapshot, width, height);
    let mut case = logonscope::casefile::Case::default();
    stage.book.case.entries().iter().for_each(|entry| case.add(entry.clone()));
    next.book.case = case.clone();
    next.send(Msg::Case(Arc::new(case), None));
    next
}

#[test]
fn each_view_marks_what_is_under_its_cursor_and_shows_it() {
    for (width, height) in [(120, 36), (80, 24)] {
        for (keys, noun) in [
            ("1 h h h Esc", "moment"),
            ("1 (", "session"),
            ("2 g g", "anomaly"),
            ("3 g g", "account"),
            ("4 g g", "host"),
            ("5 g g", "source"),
            ("7 g g", "event"),
            ("7 g g Enter", "event"),
            ("3 g g Enter", "account"),
        ] {
            let mut stage = demo(width, height);
            stage.press(keys);
            assert!(!has_sign(&stage, '&'), "{keys}\n{}", stage.picture());
            stage.press("m");
            assert_eq!(nouns(&stage), [noun], "{keys}\n{}", stage.picture());
            assert!(stage.row_from_below(0).contains(&format!("bookmark on this {noun}")), "{}", stage.picture());
            let is_page = keys.ends_with("Enter");
            assert_eq!(has_sign(&stage, '&'), !is_page, "{keys}: the sign stands in lists and on the axis\n{}", stage.picture());
            stage.press("m");
            assert!(nouns(&stage).is_empty(), "the same key takes it away");
            assert!(stage.row_from_below(0).contains("no bookmark on this"), "{}", stage.picture());
            stage.press("U");
            assert_eq!(nouns(&stage), [noun], "which is taken back");
            stage.press("U");
            assert!(nouns(&stage).is_empty(), "and so is the first");
            assert!(stage.row_from_below(0).contains("the last bookmark was taken back"), "{}", stage.picture());
            stage.press("U");
            assert!(stage.row_from_below(0).contains("nothing was decided or noted yet"), "{}", stage.picture());
        }
    }
}

#[test]
fn a_note_is_written_shown_changed_and_taken_back() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut stage = demo(width, height);
        stage.press("3 g g c");
        assert!(stage.row_from_below(0).contains("note"), "{}", stage.picture());
        stage.write("asked backup team\u{1b}[31m");
        stage.press("Enter Esc");
        assert!(stage.row_from_below(0).starts_with(" note: asked backup team"), "{}", stage.picture());
        assert!(!stage.picture().contains('\u{1b}'));
        assert!(has_sign(&stage, '"'), "its sign stands before the row\n{}", stage.picture());
        stage.press("Enter");
        let page = stage.picture();
        assert!(page.contains("note") && page.contains("asked backup team") && page.contains("(kl)"), "{page}");
        stage.press("c");
        stage.write(", waiting");
        stage.press("Enter");
        assert_eq!(stage.app.scene.marked.list()[0].text(), "asked backup team^[[31m, waiting");
        stage.press("c Esc");
        assert_eq!(nouns(&stage), ["account"], "Esc leaves it as it is");
        stage.press("c Enter");
        assert!(stage.row_from_below(0).contains("the note is as it was"), "{}", stage.picture());
        stage.press("U");
        assert_eq!(stage.app.scene.marked.list()[0].text(), "asked backup team^[[31m");
        stage.press("c Ctrl-u Enter");
        assert!(nouns(&stage).is_empty(), "an empty note goes");
        stage.press("U");
        assert_eq!(nouns(&stage), ["account"]);
    }
}

#[test]
fn an_anomaly_and_a_session_show_their_notes_among_the_details() {
    let mut stage = demo(120, 36);
    stage.press("2 G c");
    stage.write("ticket 4711");
    stage.press("Enter");
    assert!(stage.picture().contains("note") && stage.picture().contains("ticket 4711"), "{}", stage.picture());
    stage.press("1 ( c");
    stage.write("his laptop");
    stage.press("Enter Enter");
    assert!(matches!(stage.app.nav.place(), Place::Visit(_)), "{}", stage.picture());
    assert!(stage.picture().contains("his laptop"), "{}", stage.picture());
}

#[test]
fn bookmarks_are_walked_in_time_across_views() {
    let mut stage = demo(120, 36);
    stage.press("'");
    assert!(stage.row_from_below(0).contains("no bookmark yet: m sets one"), "{}", stage.picture());
    stage.press("7 g g j j j m G m 2 G m 3 g g m 1");
    let times: Vec<_> = stage.app.scene.marked.list().iter().map(|noted| noted.at).collect();
    assert_eq!(times.len(), 4);
    assert!(times.windows(2).all(|pair| pair[0] <= pair[1]), "{times:?}");
    stage.press("7 g g");
    let mut seen = Vec::new();
    for _ in 0..4 {
        stage.press("'");
        seen.push((stage.app.nav.place(), stage.row_from_below(0)));
    }
    for (number, (_, said)) in seen.iter().enumerate() {
        assert!(said.contains(&format!("bookmark {} of 4", number + 1)), "{said}");
    }
    for (number, noted) in stage.app.scene.marked.list().iter().enumerate() {
        let fits = match (&noted.thing, seen[number].0) {
            (Thing::Event { .. }, Place::Event(_))
            | (Thing::Anomaly { .. }, Place::Anomaly(_))
            | (Thing::Account { .. }, Place::Account(_)) => true,
            (thing, place) => panic!("{thing:?} opened {place:?}"),
        };
        assert!(fits);
    }
    stage.press("'");
    assert!(stage.row_from_below(0).contains("past the last: this is bookmark 1 of 4"), "{}", stage.picture());
    stage.press("\"");
    assert!(stage.row_from_below(0).contains("before the first: this is bookmark 4 of 4"), "{}", stage.picture());
    stage.press("\"");
    assert_eq!(stage.app.nav.place(), seen[2].0);
    stage.press("q");
    assert_eq!(stage.app.nav.place(), seen[3].0, "back leads where one was");
}

#[test]
fn a_moment_is_gone_to_on_the_timeline() {
    let mut stage = demo(120, 36);
    stage.press("1 0 Esc m");
    assert_eq!(nouns(&stage), ["moment"]);
    stage.press("$ 4");
    stage.press("\"");
    assert!(stage.row_from_below(0).contains("bookmark 1 of 1"), "{}", stage.picture());
    let at = stage.app.scene.marked.list()[0].at;
    if stage.app.nav.place() == Place::View(ViewId::Timeline) {
        let view = stage.app.nav.view().unwrap();
        let area = logonscope::ui::update::view_area(&stage.app);
        assert_eq!(view.selection(&stage.app.scene.ctx(area)).at, at);
    } else {
        panic!("{:?}", stage.app.nav.place());
    }
}

#[test]
fn what_was_marked_is_found_again_in_another_reading_of_the_same_logs() {
    let mut stage = demo(120, 36);
    stage.press("7 g g j j m 2 G m 3 g g m 4 g g m 5 g g m 1 ( m");
    let marked = nouns(&stage);
    assert_eq!(marked.len(), 6);
    // Both files the other way round: every number is another one.
    let mut inputs = digest::demo();
    inputs.reverse();
    let mut next = again(&stage, digest::at_once(&inputs), 120, 36);
    assert_eq!(nouns(&next), marked);
    for number in 1..=6 {
        next.press("'");
        let said = next.row_from_below(0);
        assert!(said.contains(&format!(" {number} of 6")) || said.contains("past the last"), "{said}");
        assert!(!said.contains("not in the logs"), "{said}");
    }
    // Logs that have nothing of it.
    let mut other = again(&stage, Snapshot::default(), 120, 36);
    other.press("'");
    assert!(other.row_from_below(0).contains("not in the logs that are open"), "{}", other.picture());
    other.press("C");
    assert!(other.picture().contains("6 lines"), "{}", other.picture());
}

#[test]
fn the_case_lists_everything_and_its_keys_work() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut stage = demo(width, height);
        stage.press("C");
        assert!(stage.picture().contains("nothing is kept yet"), "{}", stage.picture());
        stage.press("7 g g m j c");
        stage.write("the first one");
        stage.press("Enter 2 G d");
        stage.write("patch night");
        stage.press("Enter C");
        let picture = stage.picture();
        for words in [
            "3 lines",
            "kept until the program ends: --case FILE keeps it",
            "bookmark",
            "note",
            "the first one",
            "dismissed",
            "patch night",
        ] {
            assert!(picture.contains(words), "{words}\n{picture}");
        }
        stage.press("g g j Enter");
        assert!(matches!(stage.app.nav.place(), Place::Event(_)), "{}", stage.picture());
        stage.press("q d");
        assert!(stage.picture().contains("2 lines") && !stage.picture().contains("the first one"), "{}", stage.picture());
        stage.press("U");
        assert!(stage.picture().contains("3 lines") && stage.picture().contains("the first one"), "{}", stage.picture());
        stage.press("G d");
        assert!(!stage.picture().contains("patch night"), "{}", stage.picture());
        assert_eq!(stage.app.scene.triage.open(), stage.app.scene.snapshot.tables.anomalies.len(), "the decision does not count");
        stage.press("U");
        assert!(stage.picture().contains("patch night"), "{}", stage.picture());
        stage.press("G c");
        stage.write("asked twice");
        stage.press("Enter");
        assert!(stage.picture().contains("asked twice") && stage.picture().contains("4 lines"), "{}", stage.picture());
        stage.press("f");
        stage.write("rule:nothing-is-called-that");
        stage.press("Enter");
        assert!(
            stage.picture().contains("hidden by the filter") || stage.picture().contains("the filter hides all"),
            "{}",
            stage.picture()
        );
    }
}

#[test]
fn the_palette_lists_bookmarks_behind_a_star() {
    let mut stage = demo(120, 36);
    stage.press("7 g g c");
    stage.write("look here");
    stage.press("Enter 3 :");
    stage.write("*look");
    assert!(stage.picture().contains("bookmark") && stage.picture().contains("\"look here\""), "{}", stage.picture());
    stage.press("Enter");
    assert!(matches!(stage.app.nav.place(), Place::Event(_)), "{}", stage.picture());
}

#[test]
fn the_case_and_its_signs_as_pictures() {
    for (width, height) in [(120, 36), (80, 24)] {
        let snapshot = digest::demo_with(&digest::ATTACK);
        let setup = Setup { ascii: true, case_file: Some("/home/kl/case.jsonl".into()), inputs: vec!["demo".into()], ..Setup::default() };
        let mut stage = Stage::with(snapshot, &setup, width, height);
        stage.press("7 g g m j j c");
        stage.write("first failure");
        stage.press("Enter m 2 G d");
        stage.write("patch night");
        stage.press("Enter 3 g g m 7");
        insta::assert_snapshot!(format!("marked_events_{width}"), stage.picture());
        stage.press("1");
        insta::assert_snapshot!(format!("marked_timeline_{width}"), stage.picture());
        stage.press("C");
        insta::assert_snapshot!(format!("case_{width}"), stage.picture());
    }
}

/// The file is what the next program reads; it says what each line is about in words of its own.
#[test]
fn the_case_file_names_things_by_what_their_records_say() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.jsonl");
    let mut stage = demo(120, 36);
    stage.book = Book::open(&path).unwrap();
    stage.press("7 g g m 1 ( m 3 g g c");
    stage.write("who is that");
    stage.press("Enter");
    let text = std::fs::read_to_string(&path).unwrap();
    for part in [
        "\"act\":\"mark\"",
        "\"thing\":\"event\"",
        "\"record\":",
        "\"thing\":\"session\"",
        "\"logon_id\":\"0x",
        "\"act\":\"note\"",
        "who is that",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("EventId("), "no number of this run\n{text}");
    let read = Book::open(&path).unwrap();
    assert_eq!((read.unreadable, read.case.entries()), (0, stage.book.case.entries()));
    assert!(Path::new(&path).exists());
}

struct Stored;

impl logonscope::engine::handle::RawSource for Stored {
    fn raw(&self, at: logonscope::model::event::Provenance) -> Result<logonscope::model::raw::RawRecord, String> {
        Ok(logonscope::model::raw::RawRecord {
            json: format!("{{\"offset\":{}}}", at.offset),
            stored: "as it was".into(),
            ..Default::default()
        })
    }
}

#[test]
fn the_case_bundle_is_a_folder_that_stands_for_itself() {
    use logonscope::ui::effect::Effect;
    use logonscope::ui::marks::bundle;
    use logonscope::ui::view::Reply;
    let place = tempfile::tempdir().unwrap();
    let mut stage = demo(120, 36);
    stage.press("w x");
    assert!(stage.row_from_below(0).contains("nothing is kept yet"), "{}", stage.picture());
    stage.press("7 g g m j c");
    stage.write("*asked* <him>");
    stage.press("Enter 2 G a w x");
    assert!(stage.row_from_below(0).contains("logonscope-case-2026-03-10"), "{}", stage.picture());
    stage.press("Ctrl-u");
    stage.write(&place.path().join("bundle").display().to_string());
    stage.press("Enter");
    let order = stage.asked.iter().find_map(|effect| match effect {
        Effect::Bundle(order) => Some(Arc::clone(order)),
        _ => None,
    });
    let order = order.unwrap();
    let said = std::cell::RefCell::new(Vec::new());
    let told = bundle::write(&order, &Stored, &|words| said.borrow_mut().push(words)).unwrap();
    assert!(said.borrow().iter().any(|words| words.contains("hashing input 1 of 2")), "{said:?}");
    stage.send(Msg::Reply(Reply::Bundled(Ok(told))));
    assert!(stage.row_from_below(0).contains("case bundle: 3 entries"), "{}", stage.picture());
    let read = |name: &str| std::fs::read_to_string(order.folder.join(name)).unwrap_or_else(|_| panic!("no {name}"));
    let notes = read("notes.md");
    assert!(notes.contains("\\*asked\\* \\<him\\>") && notes.contains("acknowledged"), "{notes}");
    let records = read("records.jsonl");
    assert!(records.lines().count() > 2 && records.contains("\"text\":\"as it was\"") && records.contains("\"line\":"), "{records}");
    let manifest: serde_json::Value = serde_json::from_str(&read("manifest.json")).unwrap();
    assert_eq!(manifest["inputs"].as_array().unwrap().len(), 2);
    assert!(manifest["inputs"][0]["problem"].is_string(), "an input that is no file has no hash, and says so");
    assert!(read("case.csv").contains("bookmark") && read("summary.json").contains("anomalies"));
    let again = Book::open(&order.folder.join("case.jsonl")).unwrap();
    assert_eq!(again.case.entries(), stage.book.case.entries());
    let refused = bundle::write(&order, &Stored, &|_| {}).unwrap_err();
    assert!(refused.contains("cannot be written"), "nothing is written over: {refused}");
}
