//! Bookmarks, notes and the case: the keys, what they leave in the case file, and what the next run makes of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/stage.rs"]
mod stage;

use logonscope::casefile::file::Book;
use logonscope::casefile::thing::Thing;
use logonscope::engine::handle::RawSource;
use logonscope::engine::load::Opened;
use logonscope::model::event::Provenance;
use logonscope::model::ids::{EventId, HostId};
use logonscope::model::raw::RawRecord;
use logonscope::store::Snapshot;
use logonscope::ui::app::Setup;
use logonscope::ui::effect::{Effect, Place};
use logonscope::ui::marks::bundle;
use logonscope::ui::update::{Msg, view_area};
use logonscope::ui::view::{Selection, ViewId};
use sha2::{Digest as _, Sha256};
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

impl RawSource for Stored {
    fn raw(&self, at: Provenance) -> Result<RawRecord, String> {
        Ok(RawRecord { json: format!("{{\"offset\":{}}}", at.offset), stored: "as it was".into(), ..Default::default() })
    }
}

#[test]
fn the_case_bundle_is_a_folder_that_stands_for_itself() {
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

fn selected(stage: &Stage) -> Selection {
    let app = &stage.app;
    app.nav.view().unwrap().selection(&app.scene.ctx(view_area(app)))
}

/// Events, sessions, accounts and hosts that pass.
fn passing(stage: &Stage, text: &str) -> [usize; 4] {
    let scene = &stage.app.scene;
    let filter = scene.filter.parse(text, scene.snapshot.now, scene.zone).unwrap();
    let (names, tables) = (&scene.snapshot.names, &scene.snapshot.tables);
    [
        (0..tables.events.len()).filter(|id| filter.matches_event(EventId::new(*id), names, tables)).count(),
        tables.visits().filter(|(id, _)| filter.matches_visit(*id, names, tables)).count(),
        tables.each_account().filter(|(id, _)| filter.matches_account(*id, names, tables)).count(),
        (0..tables.hosts.len()).filter(|id| filter.matches_host(HostId::new(*id), names, tables)).count(),
    ]
}

#[test]
fn what_was_said_is_filtered_by() {
    let all = |stage: &Stage| stage.app.scene.snapshot.tables.events.len();
    // What is marked, and whether the same in words of the filter leaves as much.
    for (keys, said, same) in [
        ("4 g g m", "tag:bookmark", "host"),
        ("5 g g m", "tag:bookmark", "source"),
        ("3 g g m", "tag:book*", "account"),
        ("4 g g c", "note:backup", "host"),
        ("4 g g c", "note:*team*", "host"),
        ("4 g g c", "tag:lateral", "host"),
        ("4 g g c", "note=\"asked the BACKUP team #lateral\"", "host"),
        ("4 g g c", "note:*", "host"),
    ] {
        let mut stage = demo(120, 36);
        assert_eq!(passing(&stage, said), [0; 4], "{said}: nothing was said yet");
        stage.press(&keys.replace(" m", "").replace(" c", ""));
        let (field, value) = selected(&stage).term.unwrap();
        assert_eq!(field, same);
        stage.press(&keys[keys.len() - 1..]);
        if keys.ends_with('c') {
            stage.write("asked the backup team #lateral");
            stage.press("Enter");
        }
        let (told, known) = (passing(&stage, said), passing(&stage, &logonscope::query::narrow("", field, &value, false)));
        assert_eq!(told[..2], known[..2], "{said} is {field}:{value}");
        assert!(told[0] > 0 && told[0] < all(&stage), "{said}: {told:?}");
        assert_eq!(passing(&stage, &format!("-{said}"))[0], all(&stage) - told[0]);
        for other in ["tag:confirmed", "tag:other", "note:nothing", "note=backup"] {
            assert_eq!(passing(&stage, other)[0], 0, "{other}");
        }
    }
}

#[test]
fn a_marked_event_leaves_its_session_and_a_decision_what_it_is_about() {
    let mut stage = demo(120, 36);
    stage.press("7 f");
    stage.write("id:4624 state:closed");
    stage.press("Enter g g m f Ctrl-u Enter");
    let [events, visits, ..] = passing(&stage, "tag:bookmark");
    assert_eq!((events, visits), (1, 1), "the event alone, and the session it is of");
    stage.press("2 g g");
    let id = selected(&stage).anomaly.unwrap();
    stage.press("!");
    let tables = &stage.app.scene.snapshot.tables;
    let anomaly = tables.anomaly(id).unwrap();
    let filter = stage.app.scene.filter.parse("tag:confirmed", stage.app.scene.snapshot.now, stage.app.scene.zone).unwrap();
    let names = &stage.app.scene.snapshot.names;
    assert!(filter.matches_anomaly(anomaly, names, tables));
    assert!(anomaly.records.iter().all(|id| filter.matches_event(*id, names, tables)));
    let dismissed = stage.app.scene.filter.parse("tag:(dismissed,suppressed)", stage.app.scene.snapshot.now, stage.app.scene.zone).unwrap();
    assert!(!dismissed.matches_anomaly(anomaly, names, tables));
}

#[test]
fn a_filter_by_marks_follows_what_is_marked() {
    let mut stage = demo(120, 36);
    stage.press("4 f");
    stage.write("tag:");
    assert!(stage.picture().contains("in the case"), "{}", stage.picture());
    stage.write("bookmark");
    stage.press("Enter 7");
    assert!(stage.picture().contains("0 of"), "nothing is marked yet\n{}", stage.picture());
    stage.press("F 5 g g m F 7");
    let rows = stage.app.scene.projection.as_ref().unwrap().events.len();
    assert!(rows > 0, "{}", stage.picture());
    stage.press("5 g g m 7");
    assert_eq!(stage.app.scene.projection.as_ref().unwrap().events.len(), 0, "the bookmark is gone, and so are its rows");
    stage.press("U 7");
    assert_eq!(stage.app.scene.projection.as_ref().unwrap().events.len(), rows);
    stage.press("f Ctrl-u");
    stage.write("tag:");
    assert!(stage.picture().contains("bookmark"), "tags of the case are offered\n{}", stage.picture());
}

/// A log on disk, and what it says; a name in it would steer a terminal.
fn hostile(place: &Path) -> (Vec<Opened>, String) {
    let text = include_str!("../assets/demo/windows.jsonl").replace("svc_backup", "svc\\u001b]0;x\\u0007\\u009b31m\\u202ebackup");
    let path = place.join("log.jsonl");
    std::fs::write(&path, &text).unwrap();
    (vec![Opened::file(path)], text)
}

/// Reads records again from the log, as the engine does.
struct Reread(std::path::PathBuf);

impl RawSource for Reread {
    fn raw(&self, at: Provenance) -> Result<RawRecord, String> {
        let log = std::fs::read(&self.0).map_err(|error| error.to_string())?;
        logonscope::decode::text::raw_record(&log, &log[usize::try_from(at.offset).unwrap()..])
    }
}

fn order(stage: &mut Stage, folder: &Path) -> Arc<bundle::Order> {
    stage.press("w x Ctrl-u");
    stage.write(&folder.display().to_string());
    stage.press("Enter");
    stage.asked.iter().find_map(|effect| if let Effect::Bundle(order) = effect { Some(Arc::clone(order)) } else { None }).unwrap()
}

#[test]
fn a_bundle_holds_the_records_themselves_and_hashes_that_anybody_can_check() {
    let place = tempfile::tempdir().unwrap();
    let (opened, log) = hostile(place.path());
    let mut stage = Stage::new(digest::at_once(&opened), 120, 36);
    stage.press("7 g g m 3 / s v c Enter m c");
    stage.write("asked the backup team");
    stage.press("Enter 2 g g");
    let anomaly = selected(&stage).anomaly.unwrap();
    stage.press("a");
    let order = order(&mut stage, &place.path().join("bundle"));
    let told = bundle::write(&order, &Reread(place.path().join("log.jsonl")), &|_| {}).unwrap();
    assert!(told.contains("hashes of 1 input") && !told.contains("could not be read"), "{told}");

    let files: Vec<_> = std::fs::read_dir(&order.folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 6, "{files:?}");
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let unsafe_one = text.chars().find(|c| *c != '\n' && logonscope::base::text::is_unsafe(*c));
        assert_eq!(unsafe_one, None, "{}", file.display());
    }

    let json = |name: &str| std::fs::read_to_string(order.folder.join(name)).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&json("manifest.json")).unwrap();
    let input = &manifest["inputs"][0];
    let hash: String = Sha256::digest(log.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((input["sha256"].as_str(), input["bytes"].as_u64()), (Some(hash.as_str()), Some(log.len() as u64)));
    assert_eq!(input["problem"], serde_json::Value::Null);

    let records: Vec<serde_json::Value> = json("records.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(manifest["records"], records.len());
    for record in &records {
        let line = usize::try_from(record["line"].as_u64().unwrap()).unwrap();
        assert_eq!(record["text"].as_str(), log.lines().nth(line - 1), "as it stands in the log");
        assert!(record["fields"].is_object(), "{record}");
    }
    let tables = &stage.app.scene.snapshot.tables;
    let lines: Vec<u64> = records.iter().filter_map(|record| record["line"].as_u64()).collect();
    let evidence = &tables.anomaly(anomaly).unwrap().records;
    assert!(!evidence.is_empty());
    for id in evidence.iter().chain([&EventId::new(0)]).take(50) {
        let line = u64::from(tables.event(*id).unwrap().event.provenance.line);
        assert!(lines.contains(&line), "line {line} is evidence");
    }
    assert_eq!(manifest["has_all_records"], evidence.len() <= 50);
    let again = Book::open(&order.folder.join("case.jsonl")).unwrap();
    assert_eq!(again.case.entries(), stage.book.case.entries(), "it opens with --case");
}

#[test]
fn a_bundle_says_what_changed_since_it_was_read_and_is_refused_behind_the_mask() {
    let place = tempfile::tempdir().unwrap();
    let (opened, _) = hostile(place.path());
    let mut stage = Stage::new(digest::at_once(&opened), 120, 36);
    stage.press("7 g g m t p w x");
    assert!(stage.row_from_below(0).contains("t p takes the mask off"), "{}", stage.picture());
    assert!(stage.app.prompt.is_none());
    stage.press("t p");
    let order = order(&mut stage, &place.path().join("bundle"));
    std::fs::remove_file(place.path().join("log.jsonl")).unwrap();
    let told = bundle::write(&order, &Reread(place.path().join("log.jsonl")), &|_| {}).unwrap();
    assert!(told.contains("0 records, 1 could not be read again"), "{told}");
    let record: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(order.folder.join("records.jsonl")).unwrap()).unwrap();
    assert!(record["problem"].is_string() && record["text"].is_null(), "{record}");
    let manifest: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(order.folder.join("manifest.json")).unwrap()).unwrap();
    assert!(manifest["inputs"][0]["sha256"].is_null() && manifest["inputs"][0]["problem"].is_string(), "{manifest}");
}
