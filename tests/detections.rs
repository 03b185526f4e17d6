//! Detections as data: every `tests/detections/ID/*.toml` states events in short form (`tests/support/notation.rs`) and
//! the anomalies of that detection that must come of them, none where none is stated. Add a file to add a case.
//!
//! `kind` says what the case is for: `positive`, `near-miss` (one condition off), `benign` (what looks like it and is not),
//! `cold-start` (nothing is known yet), `suppression` (people said that it is all right), `dedupe`, `late`. Each detection
//! needs a positive case, a near miss, a cold start and a suppression. `[settings]` are those of the detection, `[site]` those of the place, `[suppress]` is
//! a suppression as a case file has it: what it covers is not stated.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/notation.rs"]
mod notation;

use logonscope::casefile::entry::Scope;
use logonscope::casefile::subject::Subject;
use logonscope::detect::{self, Settings, Watch};
use logonscope::model::anomaly::{Anomaly, EVIDENCE_KEPT};
use logonscope::model::place::Place;
use logonscope::model::world::World;
use logonscope::session::Sessions;
use logonscope::session::atlas::Atlas;
use logonscope::session::settings::Rules;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

const KINDS: [&str; 7] = ["positive", "near-miss", "benign", "cold-start", "suppression", "dedupe", "late"];

struct Case {
    detection: String,
    name: String,
    table: toml::Table,
}

fn cases() -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/detections");
    let mut cases = Vec::new();
    for detection in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let id = detection.file_name().unwrap().to_string_lossy().into_owned();
        for path in std::fs::read_dir(&detection).unwrap().map(|entry| entry.unwrap().path()) {
            let name = format!("{id}/{}", path.file_stem().unwrap().to_string_lossy());
            let table = std::fs::read_to_string(&path).unwrap().parse().unwrap_or_else(|problem| panic!("{name}: {problem}"));
            cases.push(Case { detection: id.clone(), name, table });
        }
    }
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    cases
}

fn run(case: &Case) -> World {
    let mut settings = toml::Table::new();
    if let Some(own) = case.table.get("settings") {
        settings.insert(case.detection.clone(), own.clone());
    }
    let mut watch = Settings::from_tables(settings)
        .and_then(|settings| Watch::new(&settings))
        .unwrap_or_else(|problem| panic!("{}: {problem}", case.name));
    if let Some(site) = case.table.get("site") {
        watch = watch.at_site(site.clone().try_into().unwrap_or_else(|problem| panic!("{}: {problem}", case.name)));
    }
    let places = &watch.site().settings().places;
    let placed = places.iter().map(|(network, at)| (network.0, Place::on_earth(at.0, at.1).unwrap()));
    let mut sessions = Sessions::new(Rules { atlas: Arc::new(Atlas::new(placed.collect())), ..Rules::default() });
    let (events, names) = notation::events(case.table["events"].as_str().unwrap());
    let mut world = World { names, ..World::default() };
    for event in events {
        let before = world.tables.anomalies.len();
        let changes = sessions.apply(event, &mut world);
        let ids = watch.observe(&mut world, &changes);
        let new = world.tables.anomalies.len() - before;
        assert!(ids.len() >= new, "{}: new anomalies are reported", case.name);
    }
    world
}

fn own<'a>(case: &Case, world: &'a World) -> Vec<&'a Arc<Anomaly>> {
    let scope: Option<Scope> = case.table.get("suppress").map(|scope| scope.clone().try_into().unwrap());
    let names = world.names.names();
    let covered = |anomaly: &Anomaly| scope.as_ref().is_some_and(|scope| scope.covers(&Subject::of(anomaly, &names, &world.tables)));
    let own = |anomaly: &&Arc<Anomaly>| anomaly.detection.id == case.detection && !covered(anomaly);
    world.tables.anomalies.iter().filter(own).collect()
}

fn words(anomaly: &Anomaly, world: &World) -> BTreeMap<&'static str, toml::Value> {
    let names = world.names.names();
    let list = |texts: Vec<String>| toml::Value::Array(texts.into_iter().map(toml::Value::String).collect());
    let tables = &world.tables;
    BTreeMap::from([
        ("severity", toml::Value::String(anomaly.severity.word().to_owned())),
        ("score", toml::Value::Integer(anomaly.score.into())),
        ("count", toml::Value::Integer(anomaly.count.into())),
        ("why", toml::Value::String(anomaly.why.clone())),
        ("at", toml::Value::String(anomaly.at.rfc3339()[..19].to_owned())),
        ("end", toml::Value::String(anomaly.end.rfc3339()[..19].to_owned())),
        ("accounts", list(anomaly.accounts.iter().map(|id| tables.account(*id).unwrap().key(&names)).collect())),
        ("hosts", list(anomaly.hosts.iter().map(|id| tables.host(*id).unwrap().short(&names)).collect())),
        ("sources", list(anomaly.sources.iter().map(|id| tables.source(*id).unwrap().name(&names)).collect())),
        ("sessions", list(anomaly.sessions.iter().map(|id| tables.session(*id).unwrap().logon_id.to_string()).collect())),
        // Evidence as the ordinals of the events, from 1.
        (
            "records",
            toml::Value::Array(anomaly.records.iter().map(|id| toml::Value::Integer(i64::try_from(id.index()).unwrap() + 1)).collect()),
        ),
    ])
}

/// What holds for every anomaly, whatever it is.
fn check_invariants(case: &Case, world: &World) {
    let tables = &world.tables;
    let mut by_account = vec![0; tables.accounts.len()];
    let mut by_visit = vec![0; tables.visits.len()];
    for anomaly in tables.anomalies.iter() {
        let name = format!("{}: {}", case.name, anomaly.detection.id);
        assert_eq!(
            anomaly.score_parts.iter().map(|part| u32::from(part.points)).sum::<u32>(),
            u32::from(anomaly.score),
            "{name}: parts make the score"
        );
        assert!(anomaly.score >= anomaly.severity.points() && anomaly.score <= 100, "{name}: score fits its severity");
        assert!(!anomaly.records.is_empty() && anomaly.records.len() <= EVIDENCE_KEPT, "{name}");
        assert!(anomaly.records.is_sorted() && anomaly.count as usize >= anomaly.records.len(), "{name}");
        assert!(anomaly.at <= anomaly.raised_at && anomaly.at <= anomaly.end, "{name}");
        assert!(anomaly.why.ends_with('.') && !anomaly.why.contains(char::is_control), "{name}: {}", anomaly.why);
        for id in &anomaly.accounts {
            by_account[id.index()] += 1;
            assert!(tables.account(*id).unwrap().worst >= Some(anomaly.severity), "{name}: its account knows the severity");
        }
        let visits: BTreeSet<_> = anomaly.sessions.iter().map(|id| tables.session(*id).unwrap().visit).collect();
        for visit in visits {
            by_visit[visit.index()] += 1;
            assert!(tables.visit(visit).unwrap().worst >= Some(anomaly.severity), "{name}: its session as shown knows the severity");
        }
        for id in &anomaly.sessions {
            assert!(tables.session(*id).unwrap().worst >= Some(anomaly.severity), "{name}: its session knows the severity");
        }
    }
    let counted: Vec<u32> = tables.accounts.iter().map(|account| account.anomalies).collect();
    assert_eq!(counted, by_account, "{}: accounts count their anomalies", case.name);
    let counted: Vec<u32> = tables.visits.iter().map(|visit| visit.anomalies).collect();
    assert_eq!(counted, by_visit, "{}: a session as shown counts an anomaly once, however many of its logons are concerned", case.name);
}

#[test]
fn every_case_raises_what_it_states_and_nothing_else() {
    let mut wrong = Vec::new();
    for case in cases() {
        let world = run(&case);
        check_invariants(&case, &world);
        let found = own(&case, &world);
        if std::env::var_os("SHOW").is_some() {
            for anomaly in world.tables.anomalies.iter() {
                println!("{} | {} {} {} | {}", case.name, anomaly.detection.id, anomaly.severity.word(), anomaly.score, anomaly.why);
            }
        }
        let expected = case.table.get("anomaly").map_or_else(Vec::new, |list| list.as_array().unwrap().clone());
        if found.len() != expected.len() {
            let whys: Vec<_> = found.iter().map(|anomaly| format!("\n  {}", anomaly.why)).collect();
            wrong.push(format!("{}: {} anomalies expected, {} found{}", case.name, expected.len(), found.len(), whys.concat()));
            continue;
        }
        for (expected, anomaly) in expected.iter().zip(found) {
            let words = words(anomaly, &world);
            for (key, value) in expected.as_table().unwrap() {
                let found = words.get(key.as_str()).unwrap_or_else(|| panic!("{}: an anomaly has no '{key}'", case.name));
                if found != value {
                    wrong.push(format!("{}: {key}\n  expected {value:?}\n  found    {found:?}", case.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_detection_has_a_case_that_speaks_and_one_that_stays_quiet() {
    let cases = cases();
    for case in &cases {
        assert!(detect::all().any(|about| about.id == case.detection), "{} is no detection", case.detection);
        let kind = case.table["kind"].as_str().unwrap();
        assert!(KINDS.contains(&kind), "{}: kind {kind}", case.name);
        assert!(!case.table["title"].as_str().unwrap().is_empty());
        let states = case.table.contains_key("anomaly");
        assert!(kind != "positive" || states, "{}: a positive case states what is raised", case.name);
    }
    for about in detect::all() {
        let own = |quiet: bool| cases.iter().any(|case| case.detection == about.id && case.table.contains_key("anomaly") != quiet);
        assert!(own(false), "{} has no case in which it speaks", about.id);
        assert!(own(true), "{} has no case in which it stays quiet", about.id);
        for kind in ["positive", "near-miss", "cold-start", "suppression"] {
            let is_there = cases.iter().any(|case| case.detection == about.id && case.table["kind"].as_str() == Some(kind));
            assert!(is_there, "{} has no case of the kind {kind}", about.id);
        }
    }
}

#[test]
fn a_detection_that_is_switched_off_says_nothing() {
    for case in cases().iter().filter(|case| case.table["kind"].as_str() == Some("positive")) {
        let mut off = toml::Table::new();
        off.insert(case.detection.clone(), toml::Value::Table("enabled = false".parse().unwrap()));
        let mut watch = Watch::new(&Settings::from_tables(off).unwrap()).unwrap();
        let (events, names) = notation::events(case.table["events"].as_str().unwrap());
        let mut world = World { names, ..World::default() };
        let mut sessions = Sessions::default();
        for event in events {
            let changes = sessions.apply(event, &mut world);
            watch.observe(&mut world, &changes);
        }
        assert!(own(case, &world).is_empty(), "{}", case.name);
    }
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    }
}

/// Lines of every kind with few different values, so that they meet, and times that jump, also to the ends of time.
fn nonsense(seed: u64, lines: usize) -> String {
    const WHAT: [&str; 24] = [
        "4624",
        "4625",
        "4634",
        "4648",
        "4672",
        "4720",
        "4740",
        "4768",
        "4769",
        "4771",
        "4776",
        "4778",
        "4779",
        "1102",
        "System/104",
        "LSM/21",
        "LSM/25",
        "RCM/1149",
        "System/12",
        "signin",
        "signin-ni",
        "signin-sp",
        "signin-mi",
        "4647",
    ];
    const STATUS: [&str; 8] = ["0", "0x18", "0x6", "0xc000006a", "0xc0000064", "50126", "500121", "50076"];
    const FROM: [&str; 6] = ["127.0.0.1", "10.0.0.5", "203.0.113.7", "::1", "16777216", "LOCAL"];
    const COORDINATES: [&str; 4] = ["59.9/10.7", "6.4/3.3", "inf/NaN", "1e300/-1e300"];
    let mut dice = Dice(seed);
    let mut text = String::new();
    for _ in 0..lines {
        let mut pick = |list: &[&'static str]| list[usize::try_from(dice.roll(list.len() as u64)).unwrap()];
        let (what, status, from, coordinates) = (pick(&WHAT), pick(&STATUS), pick(&FROM), pick(&COORDINATES));
        let time = match dice.roll(200) {
            0 => "1601-01-02T00:00:00".to_owned(),
            1 => "9999-12-31T23:59:59".to_owned(),
            2 => "2026-03-16T00:00:00".to_owned(),
            3 => "+20d".to_owned(),
            _ => format!("+{}s", dice.roll(90)),
        };
        let user = ["CORP\\alice", "CORP\\svc_app", "PC01$", "bob@corp.com", "\u{202e}x\u{7}\u{1b}[2J", "$"]
            [usize::try_from(dice.roll(6)).unwrap()];
        text += &format!("{time} {what} user=\"{user}\" from={from} by={user} by_logon={} logon={}", dice.roll(6), dice.roll(6) + 0x3e6);
        text += &format!(" type={} ws=W{} session_name=RDP-Tcp#{} target=T{}", dice.roll(14), dice.roll(3), dice.roll(2), dice.roll(9));
        if what.starts_with("signin") {
            text += &format!(" asn={} coordinates={coordinates} session_id=s{} device_id=d{}", dice.roll(4), dice.roll(3), dice.roll(3));
            text += &format!(
                " credential_key_id=k{} protocol={}",
                dice.roll(2),
                ["devicecode", "none"][usize::try_from(dice.roll(2)).unwrap()]
            );
        }
        if matches!(what, "4625" | "4768" | "4769" | "4771" | "4776") || what.starts_with("signin") {
            text += &format!(" status={status}");
        }
        text.push('\n');
    }
    text
}

#[test]
fn nonsense_is_survived_and_leaves_sound_anomalies() {
    for seed in 0..8 {
        let mut table = toml::Table::new();
        table.insert("events".to_owned(), toml::Value::String(nonsense(seed, 4_000)));
        let case = Case { detection: "log-cleared-in-session".to_owned(), name: format!("nonsense {seed}"), table };
        let world = run(&case);
        check_invariants(&case, &world);
        assert!(world.tables.anomalies.len() > 20, "nonsense meets detections");
    }
}
