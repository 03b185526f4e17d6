//! Figures of real recordings against those of an independent reader (`expected.json` of the corpus), one to one.
//!
//! Every difference stands in `KNOWN` with its reason; a difference that is not there fails, and so does a line there
//! that no longer differs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/notation.rs"]
mod notation;
mod support;

use logonscope::engine::load::{Loaded, Opened, Reading, load};
use logonscope::export::figures::Figures;
use logonscope::model::input::InputState;
use logonscope::model::world::World;
use logonscope::session::Sessions;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

const MORE_IN_SLACK: &str = "the independent reader also asks what a record in the slack says; here it counts if it is whole";

/// File, figure (`*`: several of them), why it differs.
const KNOWN: &[(&str, &str, &str)] = &[
    ("evtx/attack/deepbluecli/new-user-security.evtx", "recovered_in_slack", MORE_IN_SLACK),
    ("evtx/attack/evtx-to-mitre/ID4688-4648 Lateral movement with net use.evtx", "recovered_in_slack", MORE_IN_SLACK),
    (
        "evtx/benign/2-vss_0-Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational.evtx",
        "unreadable",
        "a record whose end was written over is told instead of passed in silence",
    ),
    (
        "evtx/damaged/sample_with_a_bad_chunk_magic.evtx",
        "*",
        "two chunks without signature are told, and live records behind the damage are read as such, not as slack",
    ),
    (
        "evtx/damaged/E_Windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx",
        "*",
        "three records whose damage lies in values that no logon record has: their time and id are read",
    ),
    ("evtx/damaged/System2.evtx", "*", "89 whole records of the last chunk, which is cut, are read too; the cut one is told"),
    ("evtx/damaged/derived/cut_in_third_chunk.evtx", "shapes.evtx", "30 whole records of the cut chunk are read too"),
    ("evtx/damaged/derived/cut_in_third_chunk.evtx", "records", "30 whole records of the cut chunk are read too"),
    ("evtx/damaged/derived/cut_in_third_chunk.evtx", "unreadable", "the record that is cut is told"),
    ("evtx/damaged/derived/third_chunk_overwritten.evtx", "unreadable", "a chunk of garbage is told"),
    ("json/shapes/powershell51_convertto_json.json", "sid_count", "SIDs that PowerShell 5.1 wrote as objects are read"),
    ("entra/diagnostic/adfs_abridged_us_time.jsonl", "entra.principals", "an AD FS sign-in is one of its user, not of the application"),
    ("entra/diagnostic/created_later_than_event.jsonl", "entra.ips", "0.0.0.0 is no address"),
    (
        "entra/diagnostic/five_categories_same_id.jsonl",
        "*",
        "sign-ins of Microsoft's own service principals are of the category of service principals",
    ),
];

/// Figures of these inputs read together.
fn figures(paths: &[PathBuf]) -> Value {
    let opened: Vec<_> = paths.iter().cloned().map(Opened::file).collect();
    let Loaded { events, names, inputs, .. } = load(&opened, Reading::default(), &mut |_, _, _| true);
    let mut world = World { names, ..World::default() };
    let (mut sessions, mut figures, mut duplicates) = (Sessions::default(), Figures::default(), 0);
    for event in events {
        figures.observe(&event, &world.names);
        duplicates += u64::from(sessions.apply(event, &mut world).duplicate);
    }
    for input in inputs.iter().filter(|input| input.state == InputState::Failed) {
        eprintln!("{}: {}", input.path.display(), input.problem.as_deref().unwrap_or_default());
    }
    figures.finish(&world.names, &world.tables, &inputs, duplicates)
}

/// `sessions.open: expected 3, found 4` for every leaf that differs.
fn differences(expected: &Value, found: &Value, at: &str, into: &mut Vec<(String, String)>) {
    if let (Value::Object(expected), Value::Object(found)) = (expected, found) {
        let none = Value::Null;
        let keys = expected.keys().chain(found.keys().filter(|key| !expected.contains_key(*key)));
        for key in keys {
            let at = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
            differences(expected.get(key).unwrap_or(&none), found.get(key).unwrap_or(&none), &at, into);
        }
    } else if expected != found {
        into.push((at.to_owned(), format!("expected {expected}, found {found}")));
    }
}

struct Check {
    wrong: Vec<String>,
    used: Vec<bool>,
}

impl Check {
    fn compare(&mut self, name: &str, expected: &Value, found: &Value) {
        let mut all = Vec::new();
        differences(expected, found, "", &mut all);
        for (figure, what) in all {
            match KNOWN.iter().position(|(file, known, _)| *file == name && (*known == "*" || *known == figure)) {
                Some(place) => self.used[place] = true,
                None => self.wrong.push(format!("{name}: {figure}: {what}")),
            }
        }
    }
}

fn is_covered(name: &str) -> bool {
    let folders = ["evtx/", "json/nxlog/", "json/winlogbeat", "json/flat/", "json/shapes/", "json/sentinel/", "entra/"];
    folders.iter().any(|folder| name.starts_with(folder))
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

/// The definitions in small, for those who have no recordings.
#[test]
fn every_figure_counts_what_its_name_says() {
    let (events, names) = notation::events(
        r"
        default host=fs01.corp.local user=CORP\alice sid=S-1-5-21-1-2-3-1104
        09:00:00 4672 logon=0x10
        09:00:00 4624 logon=0x10 type=3 from=10.0.0.5 elevated=yes
        09:00:00 4624 logon=0x10 type=3 from=10.0.0.5 elevated=yes record=2
        09:00:30 4634 logon=0x10
        09:01:00 4624 logon=0x11 linked=0x12 type=2
        09:01:00 4624 logon=0x12 linked=0x11 type=2
        09:02:00 4624 logon=0x3e7 type=5 sid=S-1-5-18
        09:03:00 4634 logon=0x99
        09:04:00 4625 user=CORP\bob status=0xc000006d sub=0xc000006a from=::1
        09:05:00 4768 status=0x6
        09:05:00 4768
        09:06:00 4647 logon=0x11
        09:07:00 LSM/21 from=10.0.0.77
        09:08:00 System/12
        09:09:00 signin user=alice@corp.com from=203.0.113.7 country=AT app=Portal session_id=s1
        09:09:10 signin user=alice@corp.com status=50126 from=203.0.113.7
        ",
    );
    let mut world = World { names, ..World::default() };
    let (mut sessions, mut figures, mut duplicates) = (Sessions::default(), Figures::default(), 0);
    for event in events {
        figures.observe(&event, &world.names);
        duplicates += u64::from(sessions.apply(event, &mut world).duplicate);
    }
    let found = figures.finish(&world.names, &world.tables, &[], duplicates);
    let expected = serde_json::json!({
        "shapes": {}, "records": 0, "unreadable": 0, "logon_events": 14,
        "first": "2026-03-16T09:00:00.000000Z", "last": "2026-03-16T09:08:00.000000Z",
        "by_event": {
            "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational/21": 1,
            "Security/4624": 5, "Security/4625": 1, "Security/4634": 2, "Security/4647": 1, "Security/4672": 1, "Security/4768": 2,
            "System/12": 1,
        },
        "successes": 5, "success_by_type": {"2": 2, "3": 2, "5": 1},
        "failures": 2, "failures_by_code": {"4625 0xc000006d/0xc000006a": 1, "4768 0x6/-": 1},
        "accounts": 2, "account_names": ["corp\\alice", "corp\\bob"], "sid_count": 1,
        "hosts": ["fs01.corp.local"], "host_count": 1,
        "source_ips": ["10.0.0.5", "::1"], "source_ip_count": 2,
        "sessions": {
            "total": 3, "closed": 2, "by_logoff_4634": 1, "by_user_logoff_4647": 1, "ended_by_boot": 1, "superseded": 0, "open": 0,
            "by_type": {"2": 2, "3": 1}, "privileged_4672": 1, "elevated_yes": 1, "orphan_logoffs": 1, "duplicates_dropped": 1,
            "linked_pairs": 1, "linked_halves": 0,
        },
        "service_luid_logons": 1, "longest_closed_session_s": 300.0,
        "entra": {
            "sign_ins": 2, "distinct": 2, "by_kind": {"interactive": 2}, "by_outcome": {"success": 1, "failure": 1},
            "by_code": {"0": 1, "50126": 1}, "users": ["alice@corp.com"], "principals": [], "ips": ["203.0.113.7"], "countries": ["AT"],
            "apps": ["Portal"], "no_time": 0,
            "first": "2026-03-16T09:09:00.000000Z", "last": "2026-03-16T09:09:10.000000Z",
        },
    });
    let mut wrong = Vec::new();
    differences(&expected, &found, "", &mut wrong);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn figures_of_real_recordings_are_those_of_an_independent_reader() {
    let Some(corpus) = support::corpus() else { return };
    let expected: Value = serde_json::from_slice(&std::fs::read(corpus.join("expected.json")).unwrap()).unwrap();
    let mut check = Check { wrong: Vec::new(), used: vec![false; KNOWN.len()] };
    let only = std::env::var("LOGONSCOPE_ONLY").unwrap_or_default();
    for (name, file) in object(&expected["files"]) {
        if is_covered(name) && name.contains(&only) {
            check.compare(name, &file["expected"], &figures(&[corpus.join(name)]));
        }
    }
    for (name, group) in object(&expected["together"]) {
        let files: Vec<_> = group["files"].as_array().unwrap().iter().map(|file| corpus.join(Path::new(file.as_str().unwrap()))).collect();
        check.compare(&format!("together {name}"), &group["expected"], &figures(&files));
    }
    assert!(check.wrong.is_empty(), "{} differences:\n{}", check.wrong.len(), check.wrong.join("\n"));
    for ((file, figure, _), used) in KNOWN.iter().zip(&check.used) {
        assert!(*used || !only.is_empty(), "{file}: {figure} no longer differs: take it out of KNOWN");
    }
}
