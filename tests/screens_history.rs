//! The past beside the live: the page of an account, and where the inputs view says that a run is remembered.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/stage.rs"]
mod stage;

use logonscope::base::time::Timestamp;
use logonscope::engine::load::Opened;
use logonscope::history::account::{AccountPast, Met, PastEvent, Whose};
use logonscope::store::{Remembered, Snapshot};
use logonscope::ui::effect::Effect;
use logonscope::ui::update::Msg;
use logonscope::ui::view::Reply;
use stage::Stage;
use std::sync::Arc;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A quiet day, in which nothing is odd.
fn day() -> Snapshot {
    let line = |number: usize| {
        format!(
            "{{\"EventID\":4624,\"Channel\":\"Security\",\"Computer\":\"fs01.corp.example\",\"Provider\":\"Microsoft-Windows-Security-Auditing\",\"EventRecordID\":{number},\"TimeCreated\":\"2026-03-10T{:02}:00:00Z\",\"TargetUserName\":\"ada\",\"TargetDomainName\":\"CORP\",\"TargetUserSid\":\"S-1-5-21-1-2-3-1104\",\"TargetLogonId\":\"{:#x}\",\"LogonType\":3,\"IpAddress\":\"10.0.4.11\"}}\n",
            number + 7,
            0x10_000 + number
        )
    };
    let text: String = (1..6).map(line).collect();
    digest::at_once(&[Opened::memory("log.jsonl", Arc::from(text.into_bytes()))])
}

fn remembered(state: Remembered, width: u16, height: u16) -> Stage {
    let mut snapshot = day();
    snapshot.history = Some(Arc::new(state));
    Stage::new(snapshot, width, height)
}

fn here() -> Remembered {
    Remembered { path: "/cases/logonscope/history.db".into(), ..Remembered::default() }
}

/// The page of the first account of the list, and what it asked for.
fn page(width: u16, height: u16) -> (Stage, Effect) {
    let mut stage = remembered(here(), width, height);
    stage.press("3 g g Enter");
    let asked = stage.asked.iter().find(|effect| matches!(effect, Effect::FetchPast(..))).cloned().expect("the past is asked for");
    (stage, asked)
}

fn past() -> AccountPast {
    let met = |name: &str, days| Met { name: name.into(), first: at("2026-01-05T07:00:00Z"), last: at("2026-03-09T18:00:00Z"), days };
    let mut hours = Box::new([0; 168]);
    for hour in [0, 1, 2, 27, 28, 29, 150] {
        hours[hour] = 4;
    }
    AccountPast {
        first: Some(at("2026-01-05T07:00:00Z")),
        last: Some(at("2026-03-09T18:00:00Z")),
        days: 31,
        hours: Some(hours),
        hosts: vec![met("fs01.corp.example", 30), met("old\u{1b}[31m.corp.example", 2), met("b", 1), met("c", 1)],
        sources: vec![met("10.0.4.11", 31)],
        events: vec![PastEvent {
            at: at("2026-03-09T18:00:00Z"),
            what: "4624".into(),
            outcome: "success",
            logon_type: Some(3),
            host: "fs01.corp.example".into(),
            source: "10.0.4.11".into(),
            status: String::new(),
        }],
    }
}

fn answer(stage: &mut Stage, asked: &Effect, past: Result<AccountPast, String>) {
    let Effect::FetchPast(id, whose) = asked.clone() else { panic!("{asked:?}") };
    stage.send(Msg::Reply(Reply::Past(id, whose, past.map(Arc::new))));
}

#[test]
fn the_page_of_an_account_shows_its_past_beside_the_live() {
    let (mut stage, asked) = page(120, 36);
    assert!(!stage.picture().contains("history"), "nothing is claimed before the answer came");
    answer(&mut stage, &asked, Ok(past()));
    let picture = stage.picture();
    for words in ["history  31 days, 2026-01-05 .. 2026-03-09 18:00:00Z", "last 4624 success on fs01.corp.example", "h: history"] {
        assert!(picture.contains(words), "{words}\n{picture}");
    }
    assert!(!picture.contains('\u{1b}'));
    insta::assert_snapshot!("account_120", picture);
    let (mut stage, asked) = page(80, 24);
    answer(&mut stage, &asked, Ok(past()));
    stage.press("Shift-Tab");
    insta::assert_snapshot!("account_80", stage.picture());
    stage.press("Tab Tab");
    insta::assert_snapshot!("account_hours_80", stage.picture());
    assert!(stage.picture().contains("history: on 4 of 31 days"), "{}", stage.picture());
}

#[test]
fn a_past_is_asked_for_once_by_every_name_and_only_where_there_is_a_history() {
    let (mut stage, asked) = page(120, 36);
    let Effect::FetchPast(_, Whose { names, before }) = &asked else { panic!() };
    assert!(!names.is_empty() && names.iter().all(|name| *name == name.to_lowercase()), "{names:?}");
    assert_eq!(Some(*before), stage.app.scene.snapshot.first);
    let newest = Arc::clone(&stage.app.newest);
    stage.send(Msg::Snapshot(newest));
    assert_eq!(stage.asked.iter().filter(|effect| matches!(effect, Effect::FetchPast(..))).count(), 1);
    let mut without = Stage::new(day(), 120, 36);
    without.press("3 g g Enter");
    assert!(without.asked.iter().all(|effect| !matches!(effect, Effect::FetchPast(..))));
}

#[test]
fn no_past_and_trouble_with_it_are_said_as_what_they_are() {
    let (mut stage, asked) = page(120, 36);
    answer(&mut stage, &asked, Ok(AccountPast::default()));
    assert!(stage.picture().contains("nothing before these logs"), "{}", stage.picture());
    answer(&mut stage, &asked, Err("the history is damaged".into()));
    assert!(stage.picture().contains("the history is damaged"), "{}", stage.picture());
}

#[test]
fn the_inputs_say_where_the_run_is_remembered_and_how_to_switch_it_off() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut stage = remembered(here(), width, height);
        let picture = stage.press("8").picture();
        assert!(picture.contains("/cases/logonscope/history.db") && picture.contains("--no-history"), "{picture}");
        let failed = Remembered { problem: Some("the history is full".into()), ..here() };
        let picture = remembered(failed, width, height).press("8").picture();
        assert!(picture.contains("the history is full"), "{picture}");
        let behind = Remembered { left: 1_234, too_old: 7, ..here() };
        let picture = remembered(behind, width, height).press("8").picture();
        assert!(picture.contains("1,234 events") && picture.contains("keep_days"), "{picture}");
    }
}

#[test]
fn what_is_usual_is_shown_and_hidden() {
    let (mut stage, asked) = page(120, 36);
    answer(&mut stage, &asked, Ok(past()));
    let before = stage.picture();
    stage.press("b");
    assert!(
        stage.row_from_below(0).contains("what is usual is shown, by the history, 31 days, and these logs"),
        "{}",
        stage.row_from_below(0)
    );
    insta::assert_snapshot!("account_usual_120", stage.picture());
    stage.press("b Esc");
    assert_eq!(stage.picture(), before);
    // Without a history it goes by these logs.
    let (mut stage, _) = page(120, 36);
    stage.press("b");
    assert!(stage.row_from_below(0).contains("by these logs alone"), "{}", stage.row_from_below(0));
    stage.press("Esc");
    assert!(stage.picture().contains("since 03-") && stage.picture().contains("o not usual; usual: "), "{}", stage.picture());
    // Only accounts have one.
    stage.press("4 Enter b");
    assert!(stage.row_from_below(0).contains("known of accounts"), "{}", stage.row_from_below(0));
}
