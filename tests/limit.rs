//! A limit of memory: the oldest rows go when the history has them, everything else stays, and nothing is lost in silence.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/waiting.rs"]
mod waiting;

use logonscope::engine::handle::{Command, Handle};
use logonscope::engine::load::Opened;
use logonscope::engine::older::Asked;
use logonscope::engine::preview::Bounds;
use logonscope::engine::remember::{self, Writing};
use logonscope::engine::{Mode, Plan, Rules, start_remembering};
use logonscope::history::account::{Reader, Whose};
use logonscope::history::older::Spot;
use logonscope::history::{Scribe, Settings, upkeep};
use logonscope::model::world::Row;
use logonscope::query::{self, Filter};
use logonscope::source::archive::Unpacking;
use logonscope::store::{Phase, Snapshot};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;
use waiting::wait;

const MOST: u64 = 1_500;

/// Logons of four accounts, one a second; each tenth record is one that no history keeps.
fn log(records: std::ops::Range<u32>) -> String {
    let line = |number: u32| {
        let (hour, minute, second) = (number / 3600, number / 60 % 60, number % 60);
        let what = if number % 10 == 9 {
            "\"EventID\":4616,\"PreviousTime\":\"2026-03-10T00:00:00Z\",\"NewTime\":\"2026-03-10T00:00:00Z\"".to_owned()
        } else {
            format!(
                "\"EventID\":4624,\"TargetUserName\":\"user{}\",\"TargetDomainName\":\"CORP\",\"TargetLogonId\":\"{:#x}\",\"LogonType\":3,\"IpAddress\":\"10.0.4.11\"",
                number % 4,
                0x10_000 + number
            )
        };
        format!(
            "{{{what},\"Channel\":\"Security\",\"Computer\":\"fs01.corp.example\",\"Provider\":\"Microsoft-Windows-Security-Auditing\",\"EventRecordID\":{},\"TimeCreated\":\"2026-03-10T{hour:02}:{minute:02}:{second:02}Z\"}}\n",
            number + 1
        )
    };
    records.map(line).collect()
}

/// Opens a log with room for so many events; with a history where a path is given.
fn opened(path: &Path, most: u64, history: Option<&Path>, rules: Rules) -> (Handle, Option<Writing>) {
    let (feed, writing) = history.map(|path| remember::start(Scribe::open(path, Settings::default()).unwrap())).unzip();
    let plan = Plan {
        inputs: vec![Opened::file(path.to_path_buf())],
        arguments: vec![path.to_path_buf()],
        unpacking: Unpacking::default(),
        mode: Mode::Open { follow: true },
    };
    let mut rules = rules;
    rules.memory.keep_events = most;
    (start_remembering(plan, None, rules, feed), writing)
}

fn is_read(snapshot: &Snapshot, events: usize) -> bool {
    snapshot.tables.events.len() == events && !matches!(snapshot.phase, Phase::Loading { .. }) && snapshot.preview.is_none()
}

fn kept(snapshot: &Snapshot) -> usize {
    snapshot.tables.events.len() - snapshot.tables.events.first_kept()
}

/// All but the rows.
fn found(snapshot: &Snapshot) -> String {
    let tables = &snapshot.tables;
    let lists =
        (tables.sessions.iter().collect::<Vec<_>>(), tables.visits.iter().collect::<Vec<_>>(), tables.accounts.iter().collect::<Vec<_>>());
    format!("{lists:?} {:?} {:?}", tables.anomalies, tables.totals)
}

fn end(handle: Handle, writing: Option<Writing>) {
    handle.command(Command::Stop).unwrap();
    if let Some(writing) = writing {
        writing.wait(Duration::from_secs(60), || {});
    }
}

#[test]
fn with_a_limit_old_rows_go_once_the_history_has_them_and_all_are_there_exactly_once() {
    let folder = tempfile::tempdir().unwrap();
    let (path, history) = (folder.path().join("log.jsonl"), folder.path().join("h.db"));
    std::fs::write(&path, log(0..6_000)).unwrap();
    let (mut all, _) = opened(&path, 0, None, Rules::default());
    let whole = wait(&mut all, "whole", |now| is_read(now, 6_000));
    assert_eq!((kept(&whole), whole.let_go.events), (6_000, 0));
    let (mut handle, writing) = opened(&path, MOST, Some(&history), Rules::default());
    let first = wait(&mut handle, "let go", |now| is_read(now, 6_000) && kept(now) < 2_100);
    let gone = first.let_go;
    assert!(kept(&first) >= 1_500 && gone.events == first.tables.events.first_kept() as u64, "{gone:?}");
    assert_eq!(gone.remembered + gone.unkept, gone.events, "{gone:?}");
    assert_eq!(gone.unkept, gone.events / 10, "{gone:?}");
    assert_eq!(found(&first), found(&whole), "sessions, accounts, anomalies and counts stay");
    // What comes later pushes out what is old, too.
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(log(6_000..9_000).as_bytes()).unwrap();
    let last = wait(&mut handle, "grown", |now| is_read(now, 9_000) && kept(now) < 2_100);
    assert!(last.let_go.until > gone.until);
    let oldest = last.tables.events.iter().next().unwrap().event.at;
    assert!(last.let_go.until.is_some_and(|until| until < oldest));
    end(handle, writing);
    assert_eq!(upkeep::stats(&history).unwrap().events, 8_100, "each record once");
    let reader = Reader::open(&history).unwrap();
    let whose = Whose { names: vec!["corp\\user1".into()], before: oldest };
    let past = reader.events(&whose, 10_000).unwrap();
    let of_user = last.let_go.events / 4 - last.let_go.events / 20;
    assert!((past.len() as u64).abs_diff(of_user) <= 1, "{} {of_user}", past.len());
}

#[test]
fn without_a_history_old_rows_go_and_are_counted_as_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    std::fs::write(&path, log(0..4_000)).unwrap();
    let (mut handle, _) = opened(&path, MOST, None, Rules::default());
    let now = wait(&mut handle, "let go", |now| is_read(now, 4_000) && kept(now) < 2_100);
    assert_eq!((now.let_go.lost(), now.let_go.remembered, now.let_go.waits), (now.let_go.events, 0, false));
    assert!(now.let_go.events >= 1_900 && now.let_go.until.is_some());
    end(handle, None);
}

#[test]
fn behind_a_preview_and_a_replay_rows_go_to_the_history_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let (path, history) = (folder.path().join("log.jsonl"), folder.path().join("h.db"));
    let text = log(0..6_000);
    std::fs::write(&path, &text).unwrap();
    let preview = Bounds { over: 1, bytes: text.len() / 8, least: 1 };
    let (mut handle, writing) = opened(&path, MOST, Some(&history), Rules { preview, ..Rules::default() });
    let now = wait(&mut handle, "read", |now| is_read(now, 6_000) && kept(now) < 2_100);
    let from = now.tables.events.iter().next().unwrap().event.at;
    handle.command(Command::Replay(from)).unwrap();
    wait(&mut handle, "replay", |now| matches!(now.phase, Phase::Replay { .. }));
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(log(6_000..9_000).as_bytes()).unwrap();
    wait(&mut handle, "appended", |now| now.inputs[0].events == 9_000);
    handle.command(Command::LeaveReplay).unwrap();
    let last = wait(&mut handle, "grown", |now| is_read(now, 9_000) && kept(now) < 2_100);
    assert_eq!(last.let_go.remembered + last.let_go.unkept, last.let_go.events);
    end(handle, writing);
    assert_eq!(upkeep::stats(&history).unwrap().events, 8_100);
}

/// Pages of what is in memory no longer, back from the newest of it, as one list, oldest first.
fn older(handle: &Handle, snapshot: &Snapshot, filter: &str) -> Vec<String> {
    let filter = query::parse(filter, snapshot.now).unwrap();
    assert!(filter.asks_only_of_history());
    let (mut from, mut all) = (None, Vec::new());
    loop {
        let asked = Asked { from, forward: false, filter: filter.clone() };
        let page = handle.past.as_ref().unwrap().older(snapshot, &asked).unwrap();
        assert!(page.rows.is_sorted_by_key(|row| row.spot));
        all.splice(0..0, page.rows.iter().map(|old| said(&old.row, snapshot)));
        from = Some(page.reached);
        if page.is_end {
            return all;
        }
    }
}

/// What a history keeps of an event.
fn said(row: &Row, snapshot: &Snapshot) -> String {
    let (names, tables, event) = (&snapshot.names, &snapshot.tables, &row.event);
    format!(
        "{} {} {:?} {:?} {:?} {} {} {} {}",
        event.at.rfc3339(),
        event.event_id,
        event.lane(),
        event.outcome,
        event.logon_type,
        event.status.code_text(),
        tables.account(row.account).map(|account| account.name(names)).unwrap_or_default(),
        tables.host(row.host).map(|host| names.shown(host.name)).unwrap_or_default(),
        tables.source(row.source).map(|source| source.name(names)).unwrap_or_default(),
    )
}

#[test]
fn the_history_gives_back_what_was_let_go_of_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (path, history) = (folder.path().join("log.jsonl"), folder.path().join("h.db"));
    // Another log of the same hours was opened before: it is no part of this one.
    let other = folder.path().join("other.jsonl");
    std::fs::write(&other, log(0..900).replace("fs01.corp", "elsewhere.corp")).unwrap();
    let (mut handle, writing) = opened(&other, 0, Some(&history), Rules::default());
    wait(&mut handle, "read", |now| is_read(now, 900));
    end(handle, writing);
    let demo = [include_str!("../assets/demo/windows.jsonl"), include_str!("../assets/demo/entra.jsonl")].concat();
    // The last has rows that were packed before they went.
    for (text, most) in [(log(0..6_000), 200), (demo, 200), (log(0..20_000), 9_000)] {
        std::fs::write(&path, text).unwrap();
        let (mut all, _) = opened(&path, 0, None, Rules::default());
        let whole = wait(&mut all, "whole", |now| !now.tables.events.is_empty() && is_read(now, now.tables.events.len()));
        let events = whole.tables.events.len();
        let (mut handle, writing) = opened(&path, most, Some(&history), Rules::default());
        let now = wait(&mut handle, "let go", |now| is_read(now, events) && kept(now) < most as usize + 600);
        let gone = now.tables.events.first_kept();
        assert!(gone > 0, "{events}");
        let rows = || whole.tables.each_event().take(gone).filter(|(_, row)| logonscope::history::keeps(row));
        let sorted = |mut list: Vec<String>| {
            list.sort();
            list
        };
        let expected: Vec<String> = rows().map(|(_, row)| said(&row, &whole)).collect();
        assert_eq!(expected.len() as u64, now.let_go.remembered);
        assert_eq!(sorted(older(&handle, &now, "")), sorted(expected));
        let filter = "account:*a* outcome:success";
        let passes = query::parse(filter, now.now).unwrap();
        let expected = rows().filter(|(id, _)| passes.matches_event(*id, &whole.names, &whole.tables)).map(|(_, row)| said(&row, &whole));
        assert_eq!(sorted(older(&handle, &now, filter)), sorted(expected.collect()));
        // Forward from the oldest is the same.
        let from = Spot { at: now.first.unwrap(), record: i64::MIN };
        let asked = Asked { from: Some(from), forward: true, filter: Filter::default() };
        let page = handle.past.as_ref().unwrap().older(&now, &asked).unwrap();
        let first: Vec<String> = page.rows.iter().map(|old| said(&old.row, &now)).collect();
        assert_eq!(first, older(&handle, &now, "")[..first.len()]);
        end(handle, writing);
    }
}
