//! Sessions as data: every `tests/sessions/*.toml` states events in short form (`tests/support/notation.rs`) and what
//! must come of them. Add a file to add a case; keys that a file does not state are not compared.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/lineages.rs"]
mod lineages;
#[path = "support/notation.rs"]
mod notation;

use logonscope::base::time::Timestamp;
use logonscope::model::event::{EventKind, LogonId, Outcome as EventOutcome, SignInCategory};
use logonscope::model::ids::{HostId, SessionId, SourceId, VisitId};
use logonscope::model::lineage::{MOST_BRANCHES, Parent, SKEW};
use logonscope::model::session::Session;
use logonscope::model::visit::{Client, LENGTHS, Visit, VisitKind};
use logonscope::model::world::{Changes, Row, Tables, World};
use logonscope::session::Sessions;
use logonscope::session::settings::{Hosts, Rules, Settings};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn cases() -> Vec<(String, toml::Table)> {
    notation::cases("tests/sessions")
}

struct Outcome {
    world: World,
    duplicates: i64,
    repeats: i64,
}

/// What timelines know of visits: where each is filed after all changes that were told.
#[derive(Default)]
struct Filed(BTreeMap<usize, String>);

impl Filed {
    fn place(visit: &Visit) -> String {
        let length = visit.end.filter(|_| !visit.is_open() || visit.kind == VisitKind::Run).map(|end| end - visit.start);
        let class = length.map(|length| LENGTHS.iter().filter(|bound| length >= **bound).count());
        if visit.is_shown() { format!("{} {:?} {class:?}", visit.lane.word(), visit.start) } else { String::new() }
    }
    fn note(&mut self, tables: &Tables, changes: &Changes) {
        for id in changes.visits.iter() {
            self.0.insert(id.index(), Self::place(&tables.visit(id).unwrap()));
        }
    }
    fn check(&self, tables: &Tables, name: &str) {
        for (number, visit) in tables.visits.iter().enumerate() {
            assert_eq!(self.0.get(&number), Some(&Self::place(&visit)), "{name}: visit {number} changed and nobody was told");
        }
    }
}

/// Applies the events as they stand, which is not always by time: late records are cases too.
fn run(case: &toml::Table, backwards: bool) -> Outcome {
    let (mut events, names) = notation::events(case["events"].as_str().unwrap());
    if backwards {
        events.reverse();
    }
    let mut world = World { names, ..World::default() };
    let settings: Settings = case.get("settings").map_or_else(Settings::default, |table| table.clone().try_into().unwrap());
    let hosts: Hosts = case.get("host_settings").map_or_else(Hosts::default, |table| table.clone().try_into().unwrap());
    let mut sessions = Sessions::new(Rules { accounts: Arc::new(settings), hosts: Arc::new(hosts), ..Rules::default() });
    let (mut duplicates, mut repeats) = (0, 0);
    for event in events {
        let changes = sessions.apply(event, &mut world);
        repeats += i64::from(changes.attempt.is_some_and(|attempt| attempt.repeat));
        duplicates += i64::from(changes.duplicate);
        assert_eq!(changes.duplicate, changes.event.is_none());
    }
    Outcome { world, duplicates, repeats }
}

/// `09:00:00` on the day of the notation, with milliseconds where there are any.
fn clock(at: Timestamp) -> String {
    let text = at.to_chrono().format("%H:%M:%S%.3f").to_string();
    text.trim_end_matches(".000").to_owned()
}

/// `corp\\alice 2 ok 1 failed`.
fn tried(name: &str, successes: u32, failures: u32) -> String {
    format!("{name} {successes} ok {failures} failed")
}

fn logon(id: LogonId) -> String {
    if id == LogonId::NONE { String::new() } else { id.to_string() }
}

/// What a session says of `key`, as the files write it.
fn said(world: &World, session: &Session, key: &str) -> String {
    let names = world.names.names();
    let account = world.tables.account(session.account);
    match key {
        "account" => account.map_or(String::new(), |account| account.key(&names)),
        "class" => account.map_or(String::new(), |account| account.class.word().to_owned()),
        "host" => world.tables.host(session.host).map_or(String::new(), |host| names.raw(host.name).to_owned()),
        "source" => world.tables.source(session.source).map_or(String::new(), |source| source.name(&names)),
        "logon" => logon(session.logon_id),
        "type" => session.logon_type.number().map_or(String::new(), |number| number.to_string()),
        "lane" => session.lane.word().to_owned(),
        "boot" => session.boot.to_string(),
        "start" => clock(session.start),
        "end" => session.end.map_or(String::new(), clock),
        "how" => session.end_reason.word().to_owned(),
        "elevated" => session.elevated.word().to_owned(),
        "privileged" => session.privileged.to_string(),
        "linked" => world.tables.session(session.linked).map_or(String::new(), |other| logon(other.logon_id)),
        "parent" => world.tables.session(session.parent).map_or(String::new(), |other| logon(other.logon_id)),
        "credential" => session.credential.kind.word().to_owned(),
        "credential_quality" => session.credential.quality().to_owned(),
        "credential_by" => session.credential.by.text().to_owned(),
        "authority" => session.authority.quality().word().to_owned(),
        "entra_session" => session.entra_session().shown(&names),
        "events" => session.events.to_string(),
        "disconnected" => session
            .disconnected()
            .iter()
            .map(|(from, until)| format!("{}-{}", clock(*from), until.map_or(String::new(), clock)))
            .collect::<Vec<_>>()
            .join(" "),
        other => panic!("a session has no '{other}'"),
    }
}

/// What a visit says of `key`, as the files write it.
fn said_of_visit(world: &World, (id, visit): (VisitId, &Visit), key: &str) -> String {
    let names = world.names.names();
    let tables = &world.tables;
    let source = |id| tables.source(id).map_or("-".to_owned(), |source| source.name(&names));
    match key {
        "kind" => visit.kind.word().to_owned(),
        "account" => tables.account(visit.account).map_or(String::new(), |account| account.key(&names)),
        "host" => tables.host(visit.host).map_or(String::new(), |host| names.raw(host.name).to_owned()),
        "source" => source(visit.source),
        "lane" => visit.lane.word().to_owned(),
        "type" => visit.logon_type.number().map_or(String::new(), |number| number.to_string()),
        "start" => clock(visit.start),
        "end" => visit.end.map_or(String::new(), clock),
        "how" => visit.end_reason.word().to_owned(),
        "logons" => {
            let mut ids: Vec<_> = tables.sessions_of_visit(id).map(|(_, session)| logon(session.logon_id)).collect();
            ids.reverse();
            ids.join(" ")
        }
        "joined" => {
            let mut how: Vec<_> = tables.sessions_of_visit(id).map(|(_, session)| session.joined.word()).collect();
            how.reverse();
            how.join(" ")
        }
        "count" => visit.logons.to_string(),
        "open" => visit.open_logons.to_string(),
        "number" => visit.ts_session().map_or(String::new(), |number| number.to_string()),
        "privileged" => visit.privileged.to_string(),
        "parent" => tables.visit(visit.parent).map_or(String::new(), |parent| clock(parent.start)),
        "start_quality" => visit.start_quality.word().to_owned(),
        "end_quality" => visit.end_quality().word().to_owned(),
        "source_quality" => visit.source_quality(tables.source(visit.source)).word().to_owned(),
        "loose" => tables.loose_events_of_visit(id).count().to_string(),
        "records" => tables.events.iter().filter(|row| row.visit == id).count().to_string(),
        "states" => {
            let states = visit.states().iter();
            states.map(|(at, state)| format!("{} {}", clock(*at), state.word())).collect::<Vec<_>>().join(", ")
        }
        "clients" => {
            let clients = visit.clients().iter();
            let said = |client: &Client| {
                let mut text = format!("{} {}", clock(client.at), source(client.source));
                if client.workstation.is_some() {
                    text += &format!(" {}", names.raw(client.workstation));
                }
                if client.gateway.is_some() {
                    text += &format!(" by {}", source(client.gateway));
                }
                text
            };
            clients.map(said).collect::<Vec<_>>().join(", ")
        }
        other => panic!("a visit has no '{other}'"),
    }
}

fn written(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(value) => value.to_string(),
        other => panic!("write {other:?} as a text"),
    }
}

#[test]
fn the_files_hold() {
    let cases = cases();
    assert!(cases.len() >= 10, "the cases are not where they should be");
    let mut wrong = Vec::new();
    for (name, case) in &cases {
        let outcome = run(case, false);
        let tables = &outcome.world.tables;
        let expected = case.get("session").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let mut compare = |what: String, expected: String, found: String| {
            if expected != found {
                wrong.push(format!("{name}: {what}: expected '{expected}', found '{found}'"));
            }
        };
        compare("sessions".to_owned(), expected.len().to_string(), tables.sessions.len().to_string());
        for (number, (expected, session)) in expected.iter().zip(tables.sessions.iter()).enumerate() {
            for (key, value) in expected.as_table().unwrap() {
                compare(format!("session {} {key}", number + 1), written(value), said(&outcome.world, &session, key));
            }
        }
        if let Some(expected) = case.get("visit").and_then(toml::Value::as_array) {
            compare("visits".to_owned(), expected.len().to_string(), tables.visits().count().to_string());
            for (number, (expected, (id, visit))) in expected.iter().zip(tables.visits()).enumerate() {
                for (key, value) in expected.as_table().unwrap() {
                    compare(format!("visit {} {key}", number + 1), written(value), said_of_visit(&outcome.world, (id, &visit), key));
                }
            }
        }
        if let Some(expected) = case.get("lineage").and_then(toml::Value::as_array) {
            compare("lineages".to_owned(), expected.len().to_string(), tables.lineages.len().to_string());
            for (number, (expected, lineage)) in expected.iter().zip(tables.lineages.iter()).enumerate() {
                for (key, value) in expected.as_table().unwrap() {
                    let found = lineages::said(&outcome.world, lineage, key);
                    compare(format!("lineage {} {key}", number + 1), written(value).trim_end().to_owned(), found);
                }
            }
        }
        let names = outcome.world.names.names();
        let orphans = tables
            .events
            .iter()
            .filter(|row| matches!(row.event.kind, EventKind::Logoff | EventKind::UserLogoff) && row.session.is_none())
            .count();
        for (key, value) in case {
            let found = match key.as_str() {
                "title" | "events" | "session" | "visit" | "settings" | "host_settings" | "lineage" => continue,
                "duplicates" => outcome.duplicates.to_string(),
                "repeats" => outcome.repeats.to_string(),
                "attempts_of_accounts" => tables
                    .each_account()
                    .map(|(_, row)| tried(&row.key(&names), row.successes, row.failures))
                    .collect::<Vec<_>>()
                    .join(", "),
                "attempts_on_hosts" => {
                    tables.hosts.iter().map(|row| tried(names.raw(row.name), row.successes, row.failures)).collect::<Vec<_>>().join(", ")
                }
                "attempts_from_sources" => {
                    tables.sources.iter().map(|row| tried(&row.name(&names), row.successes, row.failures)).collect::<Vec<_>>().join(", ")
                }
                "clocks" => tables
                    .hosts
                    .iter()
                    .filter_map(|row| {
                        row.clock.map(|clock| format!("{} {:.3} s by {}", names.raw(row.name), clock.ahead.as_seconds_f64(), clock.pairs))
                    })
                    .collect::<Vec<_>>()
                    .join(", "),
                // Time and id of the events that belong to no session.
                "outside" => tables
                    .events
                    .iter()
                    .filter(|row| row.session.is_none())
                    .map(|row| format!("{} {}", clock(row.event.at), row.event.event_id))
                    .collect::<Vec<_>>()
                    .join(", "),
                "orphans" => orphans.to_string(),
                "rows" => tables.events.len().to_string(),
                "boots" => tables.hosts.iter().map(|host| host.boot.to_string()).collect::<Vec<_>>().join(" "),
                "open" => tables.each_account().map(|(_, account)| account.open_sessions).sum::<u32>().to_string(),
                "accounts" => tables.each_account().map(|(_, account)| account.key(&names)).collect::<Vec<_>>().join(" "),
                "classes" => tables.each_account().map(|(_, account)| account.class.word()).collect::<Vec<_>>().join(", "),
                "reasons" => tables.each_account().map(|(_, account)| account.class_reason).collect::<Vec<_>>().join("; "),
                // By account, in its order: `corp\x: corp.example\x (SID), x@corp.example (UPN)`.
                "also" => tables
                    .each_account()
                    .filter(|(_, account)| account.joined.is_some())
                    .map(|(_, account)| {
                        let aliases: Vec<String> = account.aliases().map(|alias| alias.shown(&names)).collect();
                        format!("{}: {}", account.key(&names), aliases.join(", "))
                    })
                    .collect::<Vec<_>>()
                    .join("\n"),
                "counts" => tables.each_account().map(|(_, account)| account.events.to_string()).collect::<Vec<_>>().join(" "),
                "hosts" => tables.hosts.iter().map(|host| names.raw(host.name)).collect::<Vec<_>>().join(" "),
                "host_names" => tables
                    .hosts
                    .iter()
                    .filter(|host| host.names.is_some())
                    .map(|host| {
                        let other = host.aliases().map(|name| format!("{} ({})", names.raw(name.name), name.by.word()));
                        format!("{}: {}", names.raw(host.name), other.collect::<Vec<_>>().join(", "))
                    })
                    .collect::<Vec<_>>()
                    .join("; "),
                "renamed" => tables
                    .hosts
                    .iter()
                    .filter_map(|host| Some((host, tables.host(host.renamed_to)?)))
                    .map(|(old, new)| format!("{} to {}", names.raw(old.name), names.raw(new.name)))
                    .collect::<Vec<_>>()
                    .join("; "),
                "kinds" => {
                    tables.hosts.iter().map(|host| format!("{}: {}", host.kind.word(), host.kind_reason)).collect::<Vec<_>>().join("; ")
                }
                "claims" => tables
                    .sources
                    .iter()
                    .map(|source| {
                        let claims = source.claims().into_iter();
                        let claims = claims.map(|claim| format!("{} {}-{}", names.raw(claim.name), clock(claim.first), clock(claim.last)));
                        let more =
                            if source.forgotten_claims() > 0 { format!(" and {} more", source.forgotten_claims()) } else { String::new() };
                        format!("{}: {}{more}", source.name(&names), claims.collect::<Vec<_>>().join(", "))
                    })
                    .collect::<Vec<_>>()
                    .join("; "),
                "merged" => tables.merged_accounts.to_string(),
                "parents" => lineages::parents(&outcome.world),
                "successes" => tables.each_account().map(|(_, account)| account.successes.to_string()).collect::<Vec<_>>().join(" "),
                "failures" => tables.each_account().map(|(_, account)| account.failures.to_string()).collect::<Vec<_>>().join(" "),
                "sources" => tables.sources.iter().map(|source| source.name(&names)).collect::<Vec<_>>().join(" "),
                other => panic!("{name}: unknown key '{other}'"),
            };
            compare(key.clone(), written(value), found);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn tables_stay_whole_in_any_order() {
    for (name, case) in cases() {
        for backwards in [false, true] {
            let outcome = run(&case, backwards);
            check(&outcome.world.tables, &name);
            check_visits(&outcome.world.tables, &name);
        }
    }
}

/// Counters agree with the rows, every chain ends, nothing ends before it begins, and no two open sessions of a host
/// hold one id.
fn check(tables: &Tables, name: &str) {
    for (id, account) in tables.each_account() {
        let sessions: Vec<_> = tables.sessions_of_account(id).collect();
        assert_eq!(tables.events_of_account(id).count(), account.events as usize, "{name}");
        assert_eq!(sessions.len(), account.sessions as usize, "{name}");
        assert_eq!(account.by_lane.iter().sum::<u32>(), account.sessions, "{name}");
        let open = sessions.iter().filter(|(_, session)| session.is_open()).count();
        assert_eq!(open, account.open_sessions as usize, "{name}");
    }
    for (number, host) in tables.hosts.iter().enumerate() {
        let id = HostId::new(number);
        assert_eq!(tables.events_of_host(id).count(), host.events as usize, "{name}");
        assert_eq!(tables.sessions_of_host(id).filter(|(_, session)| session.is_open()).count(), host.open_sessions as usize, "{name}");
    }
    let mut held = BTreeSet::new();
    for (number, session) in tables.sessions.iter().enumerate() {
        let id = SessionId::new(number);
        assert_eq!(tables.events_of_session(id).count(), session.events as usize, "{name}");
        assert!(session.end.is_none_or(|end| end >= session.start), "{name}: a session ends before it begins");
        assert_eq!(session.is_open(), session.end.is_none(), "{name}");
        if session.host.is_some() && session.is_open() {
            assert!(held.insert((session.host, session.logon_id)), "{name}: one id is held by two open sessions");
        }
        if let Some(other) = tables.session(session.linked) {
            assert_eq!(other.linked, id, "{name}: half a pair");
        }
        for (from, until) in session.disconnected() {
            assert!(until.is_some() || session.is_open(), "{name}: still disconnected from {from:?} after the end");
        }
    }
    check_attempts(tables, name);
}

/// What the rows say of attempts is what was counted, in all and at each account, host and source; each has a place of each.
fn check_attempts(tables: &Tables, name: &str) {
    let counts = |is_here: &dyn Fn(&Row) -> bool| {
        tables.events.iter().filter(|row| is_here(row)).fold((0, 0), |(successes, failures), row| {
            if row.counted.success { (successes + 1, failures) } else { (successes, failures + 1) }
        })
    };
    let all = counts(&|row| row.counted.account);
    let totals = tables.totals.as_deref().unwrap();
    assert_eq!((totals.successes, totals.failures), all, "{name}: in all");
    let in_lanes = counts(&|row| row.counted.account && row.event.lane().is_some());
    assert_eq!(totals.failures_by_lane.iter().sum::<u64>(), in_lanes.1, "{name}: by lane");
    for (id, account) in tables.each_account() {
        let found = counts(&|row| row.counted.account && tables.account_id(row.account) == id);
        assert_eq!((u64::from(account.successes), u64::from(account.failures)), found, "{name}: account");
        assert_eq!(account.hours.iter().flat_map(|hours| hours.iter()).sum::<u32>(), account.successes, "{name}: hours");
    }
    for (number, host) in tables.hosts.iter().enumerate() {
        let found = counts(&|row| row.counted.host && row.host == HostId::new(number));
        assert_eq!((u64::from(host.successes), u64::from(host.failures)), found, "{name}: host");
    }
    for (number, source) in tables.sources.iter().enumerate() {
        let found = counts(&|row| row.counted.source && row.source == SourceId::new(number));
        assert_eq!((u64::from(source.successes), u64::from(source.failures)), found, "{name}: source");
    }
    assert_eq!(counts(&|row| row.counted.host && row.host.is_some()), counts(&|row| row.counted.account && row.host.is_some()), "{name}");
}

/// What hosts and controllers write of attempts of few users from few places within seconds, in disorder.
fn random_attempts() -> impl Strategy<Value = String> {
    let event = (0..9_000_u32, 0..9_usize, 0..3_u8, 0..2_u8, 0..4_u8, 0..3_u8, 1..30_u64, 0..4_u8);
    proptest::collection::vec(event, 1..80).prop_map(|events| {
        let line = |(millis, kind, host, user, from, ws, logon, guid): (u32, usize, u8, u8, u8, u8, u64, u8)| {
            let what = ["4624", "4624", "4625", "4768", "4769", "4771", "4776", "4776 status=0xc000006a", "NTLM/8004"][kind];
            let (what, status) = what.split_once(' ').unwrap_or((what, ""));
            let some = |key: &str, number: u8, rest: &str| if number == 0 { String::new() } else { format!("{key}{number}{rest}") };
            let (from, ws, guid) = (some("from=10.0.0.", from, ""), some("ws=WS", ws, ""), some("guid=g", guid, ""));
            let (logon_type, linked) = ([2, 3][usize::from(host % 2)], logon ^ 1);
            let ids = if what == "4624" { format!("logon={logon} linked={linked} type={logon_type}") } else { String::new() };
            format!(
                "09:00:{:02}.{:03} {what} {status} host=h{host}.corp.local user=CORP\\u{user} target=H{host}$ {ids} {from} {ws} {guid}",
                millis / 1_000,
                millis % 1_000
            )
        };
        events.into_iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

/// Every logon is in one visit, and its rows with it; a visit counts its logons and is open as long as they hold it; what
/// is part of another visit is in no chain.
fn check_visits(tables: &Tables, name: &str) {
    let mut seats = vec![0; tables.sessions.len()];
    for (number, visit) in tables.visits.iter().enumerate() {
        let id = VisitId::new(number);
        let logons: Vec<_> = tables.sessions_of_visit(id).collect();
        assert_eq!(logons.len(), visit.logons as usize, "{name}: logons of visit {number}");
        assert_eq!(logons.last().map_or(SessionId::NONE, |(id, _)| *id), visit.first_session, "{name}: the first logon");
        let open: Vec<_> = logons.iter().filter(|(_, session)| session.is_open()).collect();
        assert_eq!(open.len(), visit.open_logons as usize, "{name}: open logons");
        assert_eq!(open.iter().filter(|(_, session)| !session.passing).count(), visit.held_by as usize, "{name}: what holds a visit");
        assert!(visit.end.is_none_or(|end| end >= visit.start), "{name}: visit {number} ends before it begins");
        assert_eq!(
            visit.is_shown() && visit.end.is_none(),
            visit.is_open() && visit.kind != VisitKind::Run,
            "{name}: visit {number} is open or not"
        );
        if visit.kind == VisitKind::Run {
            assert!(!visit.is_open() || visit.held_by > 0, "{name}: run {number} is open with nothing in it");
        }
        assert!(visit.is_shown() || (visit.logons == 0 && visit.last_event.is_none()), "{name}: a part keeps nothing");
        for (session, row) in logons {
            seats[session.index()] += 1;
            assert_eq!(row.visit, id, "{name}: a logon in the chain of another visit");
            assert!(tables.events_of_session(session).all(|(_, row)| row.visit == id), "{name}: a row in another visit");
        }
        for (_, row) in tables.loose_events_of_visit(id) {
            assert_eq!((row.visit, row.session), (id, SessionId::NONE), "{name}: a loose event of another visit");
        }
        for (one, next) in visit.states().iter().zip(visit.states().iter().skip(1)) {
            assert!(one.0 <= next.0 && one.1 != next.1, "{name}: states in order, each once");
        }
    }
    assert!(seats.iter().all(|count| *count == 1), "{name}: a logon in no visit, or in two");
    for (id, account) in tables.each_account() {
        let visits: Vec<_> = tables.visits_of_account(id).collect();
        assert_eq!(visits.len(), account.visits as usize, "{name}: visits of an account");
        assert_eq!(visits.iter().filter(|(_, visit)| visit.is_open()).count(), account.open_visits as usize, "{name}: open visits");
    }
    for (number, host) in tables.hosts.iter().enumerate() {
        let visits: Vec<_> = tables.visits_of_host(HostId::new(number)).collect();
        assert_eq!(visits.len(), host.visits as usize, "{name}: visits of a host");
        assert_eq!(visits.iter().filter(|(_, visit)| visit.is_open()).count(), host.open_visits as usize, "{name}: open visits of a host");
    }
    for (number, source) in tables.sources.iter().enumerate() {
        assert_eq!(tables.visits_of_source(SourceId::new(number)).count(), source.visits as usize, "{name}: visits of a source");
    }
}

/// Sign-ins of few users with few sessions, devices and places, so that they meet; times go back now and then.
fn random_sign_ins() -> impl Strategy<Value = String> {
    let line = (0..50_u32, 0..3_usize, 0..2_u8, 0..4_u8, 0..3_u8, 0..3_u8, 0..4_usize, 0..6_u8);
    proptest::collection::vec(line, 1..100).prop_map(|lines| {
        let line = |(minute, what, user, session, device, from, status, id): (u32, usize, u8, u8, u8, u8, usize, u8)| {
            let what = ["signin", "signin-ni", "signin-ni"][what];
            let status = [0, 0, 50_074, 50_126][status];
            let some = |key: &str, number: u8| if number == 0 { String::new() } else { format!("{key}{number}") };
            let (session, device) = (some("session_id=s", session), some("device_id=d", device));
            let id = if id == 5 { "id=one" } else { "" };
            format!(
                "09:{minute:02}:00 {what} user=u{user}@corp.com from=10.0.0.{from} browser=Edge status={status} correlation_id=c{from} {session} {device} {id}"
            )
        };
        lines.into_iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

/// Exact parents are those of an interactive sign-in of the same user and session that is not later; likely ones are of
/// rows without a session or of sessions that no interactive row names; roots and branches point to rows of the user.
fn check_lineages(tables: &Tables, lines: &str) {
    for row in tables.events.iter() {
        let sign_in = row.event.entra.as_deref().unwrap();
        let Some(parent) = tables.token_parent(&row) else { continue };
        let is_parent = |other: &Row| {
            let entra = other.event.entra.as_deref().unwrap();
            entra.category == SignInCategory::Interactive
                && entra.session_id == sign_in.session_id
                && other.account == row.account
                && other.event.outcome == EventOutcome::Success
                && other.event.at <= row.event.at + SKEW
        };
        let exact = sign_in.session_id.is_some() && tables.events.iter().any(|other| is_parent(&other));
        assert_eq!(parent == Parent::Exact, exact, "{lines}\n{:?}", row.event);
    }
    for lineage in tables.lineages.iter() {
        for event in lineage.all().flat_map(|branch| [branch.first_event, branch.last_event]).chain(lineage.root.map(|root| root.event)) {
            assert_eq!(tables.event(event).unwrap().account, lineage.account, "{lines}");
        }
        assert!(lineage.first <= lineage.last && lineage.branches.len() <= MOST_BRANCHES, "{lines}");
    }
    let counted: u32 = tables.lineages.iter().flat_map(|lineage| lineage.all()).map(|branch| branch.sign_ins()).sum();
    let successes: u32 = tables.accounts.iter().map(|account| account.successes).sum();
    assert_eq!(counted, successes, "{lines}");
}

/// Lines of events on few hosts with few ids, so that they meet; times go back now and then.
fn random_events() -> impl Strategy<Value = String> {
    let kinds = [
        "4624",
        "4624",
        "4624",
        "4634",
        "4634",
        "4647",
        "4672",
        "4672",
        "4778",
        "4779",
        "4800",
        "4801",
        "4608",
        "System/12",
        "System/6005",
        "LSM/21",
        "LSM/23",
        "LSM/24",
        "LSM/25",
        "LSM/40",
        "LSM/41",
        "RCM/1149",
        "RdpCoreTS/131",
        "System/13",
        "System/7001",
        "System/7002",
        "System/41",
        "4802",
        "4803",
        "4648",
        "4625",
        "4768",
        "4776",
    ];
    let event = (0..40_u32, 0..kinds.len(), 0..2_u8, 0..6_u64, 0..6_u64, 0..3_u8, 1..4_u8);
    proptest::collection::vec(event, 1..120).prop_map(move |events| {
        let line = |(minute, kind, host, logon, linked, user, ts): (u32, usize, u8, u64, u64, u8, u8)| {
            let logon_type = [2, 3, 10, 7, 5, 9][(usize::from(user) + linked as usize) % 6];
            let from = [1, 2, 9][usize::from(ts) % 3];
            format!(
                "09:{minute:02}:00 {} host=h{host}.corp.local user=CORP\\u{user} logon={logon} linked={linked} by_logon={linked} type={logon_type} ts={ts} from=10.0.0.{from}",
                kinds[kind]
            )
        };
        events.into_iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

#[test]
fn cases_in_any_order_leave_the_tables_whole() {
    for ((name, case), seed) in cases().iter().flat_map(|case| (0..10_u64).map(move |seed| (case, seed))) {
        let (mut events, names) = notation::events(case["events"].as_str().unwrap());
        let mut random = seed;
        for place in (1..events.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            events.swap(place, (random >> 33) as usize % (place + 1));
        }
        let mut world = World { names, ..World::default() };
        let (mut sessions, mut filed) = (Sessions::default(), Filed::default());
        for event in events {
            let changes = sessions.apply(event, &mut world);
            filed.note(&world.tables, &changes);
        }
        let name = format!("{name} (seed {seed})");
        check(&world.tables, &name);
        check_visits(&world.tables, &name);
        filed.check(&world.tables, &name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_sign_ins_in_disorder_have_the_parents_they_have(lines in random_sign_ins()) {
        let (events, names) = notation::events(&lines);
        let mut world = World { names, ..World::default() };
        let mut sessions = Sessions::default();
        let mut filed = Filed::default();
        for event in events {
            let changes = sessions.apply(event, &mut world);
            filed.note(&world.tables, &changes);
        }
        check(&world.tables, &lines);
        check_visits(&world.tables, &lines);
        filed.check(&world.tables, &lines);
        check_lineages(&world.tables, &lines);
    }

    #[test]
    fn random_attempts_in_disorder_are_counted_once(lines in random_attempts()) {
        let (events, names) = notation::events(&lines);
        let mut world = World { names, ..World::default() };
        let mut sessions = Sessions::default();
        for event in events {
            sessions.apply(event, &mut world);
        }
        check(&world.tables, &lines);
    }

    #[test]
    fn random_events_in_disorder_leave_the_tables_whole(lines in random_events()) {
        let (events, names) = notation::events(&lines);
        let mut world = World { names, ..World::default() };
        let (mut sessions, mut filed) = (Sessions::default(), Filed::default());
        for event in events {
            let changes = sessions.apply(event, &mut world);
            filed.note(&world.tables, &changes);
        }
        check(&world.tables, &lines);
        check_visits(&world.tables, &lines);
        filed.check(&world.tables, &lines);
    }
}
