//! Events that are in memory no longer: the list reads on in the history, and whatever ends at them says so.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/stage.rs"]
mod stage;

use logonscope::engine::load::Opened;
use logonscope::engine::older::{Asked, Older};
use logonscope::history::older::Spot;
use logonscope::history::older_row::OldRow;
use logonscope::model::ids::EventId;
use logonscope::store::{LetGo, Snapshot};
use logonscope::ui::effect::Effect;
use logonscope::ui::update::Msg;
use logonscope::ui::view::Reply;
use stage::Stage;
use std::sync::Arc;

const EVENTS: usize = 1_500;
const GONE: usize = 1_024;

/// A logon each minute of two accounts in turn.
fn all() -> Snapshot {
    let line = |number: usize| {
        format!(
            "{{\"EventID\":4624,\"Channel\":\"Security\",\"Computer\":\"fs01.corp.example\",\"Provider\":\"Microsoft-Windows-Security-Auditing\",\"EventRecordID\":{},\"TimeCreated\":\"2026-03-10T{:02}:{:02}:00Z\",\"TargetUserName\":\"{}\",\"TargetDomainName\":\"CORP\",\"TargetLogonId\":\"{:#x}\",\"LogonType\":3,\"IpAddress\":\"10.0.4.11\"}}\n",
            number + 1,
            number / 60 % 24,
            number % 60,
            ["ada", "bob"][number % 2],
            0x10_000 + number
        )
    };
    let text: String =
        (0..EVENTS.min(1_440)).map(line).chain((1_440..EVENTS).map(|number| line(number).replace("03-10", "03-11"))).collect();
    digest::at_once(&[Opened::memory("log.jsonl", Arc::from(text.into_bytes()))])
}

/// The state after the oldest were let go of, and what the history has of them.
fn with(remembered: usize, unkept: usize) -> (Snapshot, Vec<OldRow>) {
    let mut snapshot = all();
    let old: Vec<OldRow> = snapshot
        .tables
        .each_event()
        .take(GONE)
        .map(|(_, row)| OldRow { spot: Spot { at: row.event.at, record: 0 }, row: row.into_owned() })
        .collect();
    snapshot.tables.events.keep_newest(EVENTS - GONE);
    assert_eq!(snapshot.tables.events.first_kept(), GONE);
    let until = old.last().map(|old| old.spot.at);
    snapshot.let_go = LetGo { events: GONE as u64, remembered: remembered as u64, unkept: unkept as u64, until, waits: false };
    (snapshot, old)
}

fn asked(stage: &Stage) -> Option<Asked> {
    let last = stage.asked.iter().rev().find(|effect| matches!(effect, Effect::FetchOlder(_)))?;
    if let Effect::FetchOlder(asked) = last { Some(asked.clone()) } else { None }
}

/// The last row.
fn says(stage: &Stage) -> String {
    stage.row_from_below(0).trim().to_owned()
}

/// Answers what was asked for last, with pages of 100.
fn answer(stage: &mut Stage, old: &[OldRow]) {
    let asked = asked(stage).expect("the history is asked");
    stage.asked.clear();
    let inside = |row: &&OldRow| asked.from.is_none_or(|from| if asked.forward { row.spot > from } else { row.spot < from });
    let all: Vec<OldRow> = old.iter().filter(inside).cloned().collect();
    let rows: Vec<OldRow> =
        if asked.forward { all.iter().take(100).cloned().collect() } else { all[all.len().saturating_sub(100)..].to_vec() };
    let reached = if asked.forward { rows.last() } else { rows.first() };
    let reached = reached.map(|row| row.spot).or(asked.from).unwrap_or_default();
    let found = Older { is_end: rows.len() == all.len(), rows, reached };
    stage.send(Msg::Reply(Reply::Older(asked, Ok(Arc::new(found)))));
}

#[test]
fn the_list_of_events_reads_on_in_the_history_page_by_page() {
    for (width, height) in [(120, 36), (80, 24)] {
        let (snapshot, old) = with(GONE, 0);
        let mut stage = Stage::new(snapshot, width, height);
        stage.press("7");
        assert!(stage.picture().contains("476 of 1,500 events shown, older ones are in the history"), "{}", stage.picture());
        assert_eq!(asked(&stage), None, "nothing is read unasked");
        stage.press("g g");
        assert!(stage.picture().contains("older events are being read from the history"), "{}", stage.picture());
        answer(&mut stage, &old);
        // The cursor stands on the newest that came, over what is in memory.
        let text = stage.picture();
        assert!(text.contains("576 of 1,500 events shown"), "{text}");
        assert!(text.contains("03-10 17:03:00Z") && text.contains("03-10 17:04:00Z"), "{text}");
        assert!(width < 110 || text.contains("from the history"), "{text}");
        assert!(says(&stage).starts_with("from the history: 2026-03-10 17:03:00Z  4624"), "{}", says(&stage));
        assert_eq!(asked(&stage), None, "the next page waits for the cursor");
        stage.press("k");
        assert!(says(&stage).contains("17:02:00Z"), "{}", says(&stage));
        for _ in 0..11 {
            stage.press("g g");
            if asked(&stage).is_some() {
                answer(&mut stage, &old);
            }
        }
        stage.press("g g");
        assert!(stage.picture().contains("1,500 of 1,500 events shown"), "{}", stage.picture());
        assert!(says(&stage).contains("the logs begin here"), "{}", says(&stage));
        stage.press("j");
        assert!(says(&stage).contains("2026-03-10 00:00:00Z"), "{}", says(&stage));
        stage.press("Enter");
        assert!(stage.picture().contains("only the history has this event"), "{}", stage.picture());
        stage.press("G");
        assert!(says(&stage).contains("2026-03-11 00:59:00Z"), "{}", says(&stage));
    }
}

#[test]
fn newest_first_the_history_comes_below() {
    let (snapshot, old) = with(GONE, 0);
    let mut stage = Stage::new(snapshot, 120, 36);
    stage.press("7 S G");
    answer(&mut stage, &old);
    assert!(says(&stage).contains("17:03:00Z"), "{}", says(&stage));
    stage.press("j");
    assert!(says(&stage).contains("17:02:00Z"), "{}", says(&stage));
    stage.press("g g");
    assert!(says(&stage).contains("2026-03-11 00:59:00Z"), "{}", says(&stage));
}

#[test]
fn what_goes_from_memory_while_it_is_looked_at_comes_back_from_the_history() {
    let (snapshot, old) = with(GONE, 0);
    // As it was before the last segment went.
    let mut before = all();
    before.tables.events.keep_newest(EVENTS - 512);
    before.let_go = LetGo { events: 512, remembered: 512, until: Some(old[511].spot.at), ..LetGo::default() };
    let mut stage = Stage::new(before, 120, 36);
    stage.press("7 g g");
    answer(&mut stage, &old[..512]);
    let here = says(&stage);
    assert!(here.contains("08:31:00Z"), "{here}");
    stage.send(Msg::Snapshot(Arc::new(Snapshot { version: 2, ..snapshot })));
    assert_eq!(says(&stage), here, "the cursor stays with its event");
    assert!(asked(&stage).is_some_and(|asked| asked.forward));
    answer(&mut stage, &old);
    assert_eq!(says(&stage), here);
    stage.press("j");
    assert!(says(&stage).starts_with("from the history") && says(&stage).contains("08:32:00Z"), "{}", says(&stage));
}

#[test]
fn a_filter_reaches_the_history_where_that_keeps_what_it_asks_for() {
    let (snapshot, old) = with(GONE, 0);
    let mut stage = Stage::new(snapshot, 120, 36);
    stage.press("7");
    stage.press("f").write("account:ada");
    assert!(stage.picture().contains("hides 238 of 476"), "{}", stage.picture());
    assert!(stage.picture().contains("not counted: 1,024 older events are in the"), "{}", stage.picture());
    stage.press("Enter");
    assert!(stage.picture().contains("hidden 238 of the newest 476"), "{}", stage.picture());
    stage.press("g g");
    let wanted = asked(&stage).expect("the history is asked");
    assert_eq!(wanted.filter.text(), "account:ada");
    let ada: Vec<OldRow> = old.iter().step_by(2).cloned().collect();
    answer(&mut stage, &ada);
    stage.press("k");
    assert!(says(&stage).contains("17:00:00Z"), "{}", says(&stage));
    stage.press("u f").write("process:x*").press("Enter");
    stage.asked.clear();
    stage.press("g g");
    assert_eq!(asked(&stage), None);
    assert!(stage.picture().contains("does not keep all that this filter asks for"), "{}", stage.picture());
}

#[test]
fn without_a_history_it_is_said_how_many_are_gone_and_from_when() {
    for (width, height) in [(120, 36), (80, 24)] {
        let (snapshot, _) = with(0, 0);
        let mut stage = Stage::new(snapshot, width, height);
        stage.press("7 g g");
        assert_eq!(asked(&stage), None);
        assert!(stage.picture().contains("1,024 events up to 2026-03-10 17:03:00Z were let go of"), "{}", stage.picture());
        let kept = if width < 112 { "476/1,500 ev" } else { "kept 476 of 1,500 events" };
        assert!(stage.picture().contains(kept), "{}", stage.picture());
        stage.press("8");
        assert!(stage.picture().contains("the newest 476 of 1,500 events"), "{}", stage.picture());
    }
}

#[test]
fn a_moment_before_what_is_in_memory_is_gone_to() {
    let (snapshot, old) = with(GONE, 0);
    let mut stage = Stage::new(snapshot, 120, 36);
    stage.press("7");
    stage.press("g t").write("2026-03-10T09:30Z").press("Enter");
    answer(&mut stage, &old);
    assert!(says(&stage).contains("2026-03-10 09:30:00Z"), "{}", says(&stage));
    assert!(stage.picture().contains("later events are being read"), "{}", stage.picture());
    answer(&mut stage, &old);
    stage.press("j");
    assert!(says(&stage).contains("2026-03-10 09:31:00Z"), "{}", says(&stage));
}

#[test]
fn equal_events_are_grouped_as_far_as_they_are_in_memory() {
    let (snapshot, _) = with(GONE, 0);
    let mut stage = Stage::new(snapshot, 120, 36);
    stage.press("7 z g g g");
    assert!(stage.picture().contains("equal ones of each"), "{}", stage.picture());
    assert!(!says(&stage).is_empty());
}

#[test]
fn a_search_says_what_it_did_not_look_through() {
    let (snapshot, _) = with(GONE, 0);
    let mut stage = Stage::new(snapshot, 120, 36);
    stage.press("7 /").write("nobody").press("Enter");
    assert!(stage.picture().contains("not searched: 1,024 older events are in the history"), "{}", stage.picture());
}

#[test]
fn pages_say_where_the_events_are_that_they_cannot_list() {
    let (snapshot, _) = with(GONE, 0);
    let mut stage = Stage::new(snapshot, 160, 48);
    stage.press("3 g g Enter");
    let all = stage.picture();
    assert!(all.contains("(newest 238 of 750, older ones are in the history)"), "{all}");
    // The oldest session, of which no event is left.
    stage.press("Tab Tab Tab Tab Enter");
    let all = stage.picture();
    assert!(all.contains("story, older ones are in the history"), "{all}");
}

#[test]
fn an_event_that_went_while_its_page_is_open_says_so() {
    let mut stage = Stage::new(all(), 120, 36);
    stage.press("7 g g Enter");
    assert!(stage.picture().contains("event 4624"), "{}", stage.picture());
    let (snapshot, _) = with(GONE, 0);
    stage.send(Msg::Snapshot(Arc::new(Snapshot { version: 2, ..snapshot })));
    assert!(stage.picture().contains("0x10000"), "what was read of it stays: {}", stage.picture());
    stage.press("q 7");
    assert!(stage.picture().contains("older ones are in the history"), "{}", stage.picture());
}

#[test]
fn what_is_written_and_played_says_what_is_left_out() {
    let (snapshot, _) = with(GONE, 0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.csv");
    let mut stage = Stage::new(snapshot, 160, 36);
    stage.press("7 w c Ctrl-u").write(&path.display().to_string()).press("Enter");
    let order = stage.asked.iter().find_map(|effect| if let Effect::Write(order) = effect { Some(Arc::clone(order)) } else { None });
    let order = order.expect("a file is written");
    let written = logonscope::ui::write::carry_out(&order);
    stage.send(Msg::Reply(Reply::Written(order, written)));
    assert!(says(&stage).contains("wrote 476 rows"), "{}", says(&stage));
    assert!(says(&stage).contains("not in it: 1,024 older events"), "{}", says(&stage));
    let about = std::fs::read_to_string(folder.path().join("events.csv.about.txt")).unwrap();
    assert!(about.contains("1,024 of the oldest events, in memory no longer"), "{about}");
    stage.press("1 r");
    assert!(says(&stage).contains("of 476 events; 1,024 older events are in the history and not played"), "{}", says(&stage));
    assert!(says(&stage).contains("2026-03-10 17:04:00Z") || says(&stage).contains("2026-03-10 1"), "{}", says(&stage));
}

#[test]
fn stepping_back_from_an_event_ends_where_memory_does() {
    let (mut snapshot, old) = with(GONE, 0);
    snapshot.tables.events.change(GONE, |standing| standing.previous_of_session = EventId::new(3));
    let mut stage = Stage::new(snapshot, 120, 36);
    stage.press("7 g g");
    answer(&mut stage, &old);
    stage.press("j Enter K");
    assert!(says(&stage).contains("no further event in memory that way: 1,024 older events"), "{}", stage.picture());
    assert!(stage.picture().contains("1,025"), "the page stays: {}", stage.picture());
}

#[test]
fn a_history_that_cannot_be_read_is_told_and_tried_again() {
    let (snapshot, old) = with(GONE, 0);
    let mut stage = Stage::new(snapshot, 120, 36);
    stage.press("7 g g");
    let asked = asked(&stage).expect("the history is asked");
    stage.asked.clear();
    stage.send(Msg::Reply(Reply::Older(asked, Err("the disk is gone".to_owned()))));
    assert!(says(&stage).contains("the disk is gone; Enter tries again"), "{}", stage.picture());
    stage.press("k j g g");
    assert_eq!(self::asked(&stage), None, "not by itself");
    stage.press("Enter");
    answer(&mut stage, &old);
    assert!(says(&stage).contains("17:03:00Z"), "{}", stage.picture());
}
