//! Each person of real recordings is one account. Runs where `LOGONSCOPE_CORPUS` names the recordings.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn accounts(path: &Path) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logonscope"));
    command.args(["report", "--what", "accounts", "--format", "jsonl", "--settings"]);
    let none = tempfile::NamedTempFile::new().unwrap();
    let done = command.arg(none.path()).arg(path).output().unwrap();
    assert!(done.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

/// File, account, and the other names it was met under.
const PEOPLE: [(&str, &str, &str); 7] = [
    ("evtx/one-machine-rdpauth", r"windomain\vagrant", "vagrant@windomain.local (UPN)"),
    ("evtx/one-machine-rdpauth", r"windomain\dc$", r"windomain.local\dc$ (SID)"),
    ("json/nxlog/lab_three_days_logon_events.jsonl", r"theshire\pgustavo", r"theshire.local\pgustavo (SID)"),
    ("json/nxlog/lab_three_days_logon_events.jsonl", r"theshire.local\sbeavers", r"theshire\sbeavers (SID)"),
    (
        "evtx/attack/sbousseaden/LM_WMIC_4648_rpcss.evtx",
        r"example.corp\administrator",
        r"example\administrator (first label of the domain)",
    ),
    (
        "evtx/attack/sbousseaden/samaccount_spoofing_CVE-2021-42287_CVE-2021-42278_DC_securitylogs.evtx",
        r"threebeesco.com\lgrove",
        r"3b\lgrove (SID)",
    ),
    (
        // The account took the name of the domain controller, and laid it down again.
        "evtx/attack/sbousseaden/samaccount_spoofing_CVE-2021-42287_CVE-2021-42278_DC_securitylogs.evtx",
        r"3b\dc012",
        r"3b\01566s-win16-ir (renamed, 4781)",
    ),
];

#[test]
fn people_of_real_recordings_are_one_account_each() {
    let Some(corpus) = std::env::var_os("LOGONSCOPE_CORPUS").map(PathBuf::from) else {
        eprintln!("skipped: LOGONSCOPE_CORPUS is not set");
        return;
    };
    let mut read: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (file, name, other) in PEOPLE {
        let rows = read.entry(file).or_insert_with(|| accounts(&corpus.join(file)));
        let found: Vec<&Value> = rows.iter().filter(|row| text(row, "account") == name).collect();
        assert_eq!(found.len(), 1, "{file}: {name}");
        let also = text(found[0], "also_known_as");
        assert!(also.split(", ").collect::<Vec<_>>().contains(&other) || also.contains(other), "{file}: {name}: {also}");
        let (user, _) = other.split_once(" (").unwrap();
        assert!(rows.iter().all(|row| text(row, "account") != user), "{file}: {user} is an account of its own");
    }
    for (file, rows) in &read {
        let mut by_sid: BTreeMap<&str, &str> = BTreeMap::new();
        for row in rows.iter().filter(|row| text(row, "sid").starts_with("S-1-5-21-")) {
            let twin = by_sid.insert(text(row, "sid"), text(row, "account"));
            assert_eq!(twin, None, "{file}: two accounts have the SID of {}", text(row, "account"));
        }
    }
}
