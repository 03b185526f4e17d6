//! What is kept of the events does not change what is found in them: sessions, anomalies and counts are the same with all
//! rows and with the newest only.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/notation.rs"]
mod notation;

use logonscope::base::intern::Interner;
use logonscope::base::time::Zone;
use logonscope::engine::load::{Opened, Reading, load};
use logonscope::engine::{Engine, Keep};
use logonscope::export::{self, Format, Scope, What};
use logonscope::model::event::AuthEvent;
use logonscope::query::Filter;
use logonscope::store::Snapshot;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn folded(events: &[AuthEvent], names: &Interner, keep: Keep) -> Snapshot {
    let mut engine = Engine::keeping(names.clone(), keep);
    for event in events {
        engine.apply(event.clone());
    }
    engine.finish(Vec::new())
}

fn summary(snapshot: &Snapshot) -> String {
    let mut out = Vec::new();
    for format in [Format::Json, Format::Table] {
        let scope = Scope {
            names: &snapshot.names,
            tables: &snapshot.tables,
            trails: &snapshot.trails,
            inputs: &snapshot.inputs,
            filter: &Filter::default(),
            case: &logonscope::casefile::Case::default(),
            zone: Zone::Utc,
            width: None,
            more: Default::default(),
        };
        export::write(What::Summary, format, &scope, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

/// Says how many rows were let go.
fn same(what: &str, events: &[AuthEvent], names: &Interner) -> usize {
    let mut all = folded(events, names, Keep::All);
    let rows = folded(events, names, Keep::Rows);
    let recent = folded(events, names, Keep::Recent(0));
    let found = |snapshot: &Snapshot| {
        let tables = &snapshot.tables;
        let sessions: Vec<String> = tables.sessions.iter().map(|session| format!("{session:?}")).collect();
        let anomalies: Vec<String> = tables.anomalies.iter().map(|anomaly| format!("{anomaly:?}")).collect();
        let accounts: Vec<String> = tables.accounts.iter().map(|account| format!("{account:?}")).collect();
        (sessions, anomalies, accounts, summary(snapshot), snapshot.meters.duplicates, snapshot.last)
    };
    let expected = found(&all);
    assert!(found(&rows) == expected, "{what}: without drawing");
    assert!(found(&recent) == expected, "{what}: with the newest rows only");
    assert_eq!(recent.tables.events.len(), all.tables.events.len(), "{what}");
    // Now by counting rows.
    assert!(all.tables.totals.take().is_some() || events.is_empty(), "{what}");
    assert_eq!(summary(&all), expected.3, "{what}: counting rows");
    recent.tables.events.first_kept()
}

fn read(inputs: &[Opened]) -> (Vec<AuthEvent>, Interner) {
    let loaded = load(inputs, Reading::default(), &mut |_, _, _| true);
    (loaded.events, loaded.names)
}

/// The embedded recording.
fn demo() -> (Vec<AuthEvent>, Interner) {
    let input = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo").join(name);
        Opened::memory(name, Arc::from(std::fs::read(path).unwrap()))
    };
    read(&[input("windows.jsonl"), input("entra.jsonl")])
}

#[test]
fn the_embedded_recording_is_the_same_without_its_rows() {
    let (events, names) = demo();
    assert!(same("demo", &events, &names) > 0);
}

#[test]
fn a_reading_that_begins_anew_keeps_no_more_than_before() {
    let (events, names) = demo();
    let rows_of = |mut engine: Engine| {
        *engine.names() = names.clone();
        for event in &events {
            engine.apply(event.clone());
        }
        engine.finish(Vec::new()).tables.events.iter().count()
    };
    let recent = || Engine::keeping(Interner::default(), Keep::Recent(0));
    assert_eq!(rows_of(recent().anew()), rows_of(recent()));
    assert!(rows_of(recent()) < rows_of(Engine::default().anew()));
}

#[test]
fn what_needs_an_earlier_record_does_not_need_its_row() {
    // Between the parts of each story stand more events than rows are kept.
    let crowd = "09:00:01 x1200 every=0ms 4776 user=CORP\\crowd{n} host=dc01.corp.example ws=PC{n} status=0\n";
    let text = format!(
        "09:00:00 4672 user=CORP\\admin logon=0x501 host=fs01.corp.example\n\
         09:00:00 4634 user=CORP\\late logon=0x777 host=fs01.corp.example\n\
         09:00:00 x9 every=20s 4625 user=CORP\\bob host=fs01.corp.example from=203.0.113.9 type=3 status=0xC000006D sub=0xC000006A\n\
         {crowd}\
         09:00:02 4624 user=CORP\\admin logon=0x501 type=3 host=fs01.corp.example from=10.0.0.9\n\
         09:03:30 4624 user=CORP\\bob logon=0x502 type=3 host=fs01.corp.example from=203.0.113.9\n\
         09:04:00 4624 user=CORP\\eve logon=0x600 type=10 host=fs01.corp.example from=10.0.0.8\n\
         09:05:00 4779 user=CORP\\eve logon=0x600 host=fs01.corp.example session_name=RDP-Tcp#8 ws=PC8 from=10.0.0.8\n\
         09:05:01 4624 user=CORP\\eve logon=0x601 type=7 host=fs01.corp.example from=10.0.0.8\n\
         {}\
         09:05:20 4778 user=CORP\\eve logon=0x600 host=fs01.corp.example session_name=RDP-Tcp#8 ws=PC8 from=10.0.0.8\n",
        crowd.replace("09:00:01", "09:05:02")
    );
    let (events, names) = notation::events(&text);
    assert!(same("stories", &events, &names) > 1_000);
    let found = folded(&events, &names, Keep::Recent(0));
    let kinds: Vec<&str> = found.tables.anomalies.iter().map(|anomaly| anomaly.detection.id).collect();
    assert!(kinds.contains(&"fail-burst-then-success"), "{kinds:?}");
    assert!(!kinds.contains(&"rdp-session-hijack"), "the logon before the reconnect is remembered");
    assert!(found.tables.sessions.iter().next().unwrap().privileged);
}

#[test]
fn real_recordings_are_the_same_without_their_rows() {
    let Some(corpus) = std::env::var_os("LOGONSCOPE_CORPUS").map(PathBuf::from) else {
        return eprintln!("skipped: LOGONSCOPE_CORPUS names no recordings");
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut folders = vec![corpus.join("evtx"), corpus.join("json"), corpus.join("entra")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { paths.push(path) }
        }
    }
    paths.sort();
    let mut let_go = 0;
    for path in &paths {
        let (events, names) = read(&[Opened::file(path.clone())]);
        let_go += same(&path.display().to_string(), &events, &names);
    }
    let all: Vec<Opened> = paths.iter().map(|path| Opened::file(path.clone())).collect();
    let (events, names) = read(&all);
    let_go += same("all of them", &events, &names);
    assert!(paths.len() > 60 && let_go > 1_000, "{let_go}");
}
