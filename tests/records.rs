//! One record in the forms that it has: XML, JSON, as stored, bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/stage.rs"]
mod stage;

use logonscope::decode::text;
use logonscope::model::ids::EventId;
use logonscope::model::raw::RawRecord;
use logonscope::ui::effect::{Effect, Place};
use logonscope::ui::update::Msg;
use logonscope::ui::view::Reply;
use stage::Stage;

/// The page of the first event, with its record.
fn page(raw: RawRecord, width: u16, height: u16) -> (Stage, EventId) {
    let mut stage = Stage::new(digest::demo_with(&digest::ATTACK), width, height);
    stage.press("7 g g Enter");
    let Place::Event(id) = stage.app.nav.place() else { panic!("{:?}", stage.app.nav.place()) };
    assert!(stage.asked.contains(&Effect::FetchRaw(id)));
    stage.send(Msg::Reply(Reply::Raw(id, Ok(raw))));
    (stage, id)
}

const XML: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4624</EventID><TimeCreated SystemTime='2026-03-14T09:31:20.0000000Z'/><EventRecordID>7</EventRecordID><Channel>Security</Channel><Computer>fs01</Computer></System><EventData><Data Name='TargetUserName'>svc\u{202e}kcab</Data><Data Name='IpAddress'>10.0.9.66</Data></EventData></Event>";

#[test]
fn a_key_goes_through_the_forms_that_a_record_has() {
    for (width, height) in [(120, 36), (80, 24)] {
        let raw = text::raw_record(XML.as_bytes(), XML.as_bytes()).unwrap();
        let (mut stage, _) = page(raw, width, height);
        stage.press("Tab");
        assert!(stage.picture().contains("<EventID>4624</EventID>"), "an element a line\n{}", stage.picture());
        assert!(stage.picture().contains("<U+202E>") && !stage.picture().contains('\u{202e}'), "{}", stage.picture());
        stage.press("b");
        assert!(stage.row_from_below(0).contains("the record: JSON (b goes through XML, JSON, as stored, bytes)"), "{}", stage.picture());
        assert!(stage.picture().contains("\"") && !stage.picture().contains("<EventID>"), "{}", stage.picture());
        stage.press("b");
        assert!(stage.picture().contains("<Event xmlns='http://schemas"), "{}", stage.picture());
        stage.press("b");
        assert!(stage.picture().contains("0000  3c 45 76 65 6e 74"), "{}", stage.picture());
        stage.press("b");
        assert!(stage.picture().contains("<EventID>4624</EventID>"), "round\n{}", stage.picture());
    }
}

#[test]
fn the_form_stays_for_the_next_record_and_long_lines_scroll_or_wrap() {
    let json = format!("{{\"EventID\":4624,\"Filler\":\"{}\",\"Last\":\"the end\"}}\n", "x".repeat(300));
    let raw = text::raw_record(json.as_bytes(), json.as_bytes()).unwrap();
    assert_eq!(raw.stored, json.trim());
    let (mut stage, first) = page(raw.clone(), 120, 36);
    stage.press("Tab b");
    assert!(stage.picture().contains("{\"EventID\":4624,\"Filler\":\"xxx"), "{}", stage.picture());
    assert!(!stage.picture().contains("\"Last\":\"the"));
    stage.press("t w");
    assert!(stage.picture().contains("\"Last\":\"the"), "wrapped\n{}", stage.picture());
    stage.press("t w o");
    assert!(stage.row_from_below(0).contains("over the whole width"), "{}", stage.picture());
    for _ in 0..40 {
        stage.press("l");
    }
    assert!(stage.picture().contains("\"Last\":\"the"), "scrolled\n{}", stage.picture());
    stage.press("0");
    assert!(stage.picture().contains("{\"EventID\""), "{}", stage.picture());
    stage.press("J");
    let Some(Effect::FetchRaw(next)) = stage.asked.last().cloned() else { panic!("{:?}", stage.asked) };
    assert_ne!(next, first);
    stage.send(Msg::Reply(Reply::Raw(next, Ok(raw))));
    assert!(stage.picture().contains("{\"EventID\":4624,\"Filler\""), "still as stored\n{}", stage.picture());
}

#[test]
fn a_record_behind_another_pane_comes_first_and_changes_its_form_then() {
    for (width, height, hidden) in [(80, 24, true), (120, 36, false)] {
        let raw = text::raw_record(XML.as_bytes(), XML.as_bytes()).unwrap();
        let (mut stage, _) = page(raw, width, height);
        stage.press("b");
        if hidden {
            assert!(stage.row_from_below(0).contains("the record: XML (b again shows it in another form)"), "{}", stage.picture());
            assert!(stage.picture().contains("<EventID>4624</EventID>"), "{}", stage.picture());
            stage.press("b");
        }
        assert!(stage.row_from_below(0).contains("the record: JSON"), "{}", stage.picture());
        assert!(!stage.picture().contains("<EventID>"), "{}", stage.picture());
    }
    // On the page of a session the record stands where the fields are.
    for (width, height) in [(80, 24), (120, 36)] {
        let mut stage = Stage::new(digest::demo_with(&digest::ATTACK), width, height);
        stage.press("1 ( g i");
        assert!(matches!(stage.app.nav.place(), Place::Visit(_)), "{:?}", stage.app.nav.place());
        stage.press("b");
        assert!(stage.row_from_below(0).contains("the record"), "{}", stage.picture());
        assert!(stage.picture().contains("[raw"), "{}", stage.picture());
    }
}

#[test]
fn what_stands_in_a_pane_of_a_record_is_copied() {
    let raw = text::raw_record(XML.as_bytes(), XML.as_bytes()).unwrap();
    let (mut stage, _) = page(raw, 120, 36);
    let copied = |stage: &mut Stage| {
        stage.asked.clear();
        stage.press("y y");
        let [Effect::Copy(copied)] = &stage.asked[..] else { panic!("{:?}\n{}", stage.asked, stage.picture()) };
        copied.text.clone()
    };
    stage.press("g g");
    let value = copied(&mut stage);
    assert!(stage.picture().lines().any(|line| line.contains(">") && line.contains(&value)), "{value}\n{}", stage.picture());
    stage.press("Tab");
    assert!(copied(&mut stage).contains("<EventID>4624</EventID>\n"));
}
