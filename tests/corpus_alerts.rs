//! Real recordings raise what they are about, and hardly anything else.
//!
//! `expected.json` of the corpus names alerts in words of its own; `SCOPE` says which detection answers to each, or why
//! none does. What is raised beyond that must stand in `BEYOND` with its reason, so a detection that becomes noisy on any
//! recording, attack or benign, fails here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use logonscope::detect::Watch;
use logonscope::engine::load::{Loaded, Opened, Reading, load};
use logonscope::model::world::World;
use logonscope::session::Sessions;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

enum Scope {
    /// Answered by this detection.
    Is(&'static str),
    /// Answered by one of these: which one depends on what was tried.
    OneOf(&'static [&'static str]),
    /// Not answered, and why.
    Out(&'static str),
}

use Scope::{Is, OneOf, Out};

/// Alerts of the corpus, each with who answers to it.
const SCOPE: &[(&str, Scope)] = &[
    ("log_cleared", Is("log-cleared-in-session")),
    ("rdp_from_loopback", Is("rdp-loopback-tunnel")),
    ("rdp_session_switch", Is("rdp-session-hijack")),
    ("password_spray", Is("password-spray-windows")),
    ("explicit_credential_spray", Is("password-spray-windows")),
    ("machine_account_ntlm_logon", Is("machine-account-wrong-ip")),
    ("success_after_brute_force", Is("fail-burst-then-success")),
    ("rdp_session_takeover", Is("rdp-session-hijack")),
    ("brute_force", OneOf(&["rdp-guessing", "kerberos-preauth-spray"])),
    ("mssql_brute_force", Out("Application 18456 is no Windows logon")),
    ("ssh_failed_password", Out("OpenSSH/Operational is not read")),
    ("user_enumeration", Is("user-enumeration")),
    ("anonymous_network_logon", Is("anonymous-network-logon")),
    ("network_logon_from_loopback", Out("not built: local relays and many services do it")),
    ("new_credentials_logon", Is("overpass-newcreds")),
    ("ntlm_keylength0_network_logon", Out("KeyLength 0 is in more than half of NTLMv2 logons; pass-the-hash-target wants a profile")),
    ("explicit_credentials", Out("one 4648 is everyday; explicit-creds-fanout wants many")),
    ("kerberoast_rc4_ticket", Is("kerberoast-fanout")),
    ("asrep_roast", Is("asrep-roast-hint")),
    ("computer_name_without_dollar", Out("not in the catalogue of detections")),
    ("rid500_with_unusual_name", Is("golden-ticket-hint")),
    ("random_workstation_name", Is("relay-name-mismatch")),
    ("unusual_logon_process", Is("newcreds-rare-process")),
    ("lateral_fan_out", Is("lateral-fanout")),
    ("rdp_connection_burst", Is("rdp-guessing")),
    ("logon_denied_by_policy", Is("refused-by-policy")),
    ("special_group_logon", Is("first-admin-logon")),
    ("time_changed_by_user", Is("time-changed-in-session")),
    ("logon_by_new_account", Is("new-account-used-fast")),
    ("event_log_service_stopped", Is("audit-gap")),
    ("entra_device_code", Is("device-code-first-use")),
    ("entra_smart_lockout", Out("one lockout of one user is neither burst nor spray")),
];

/// Alerts of single recordings that their detection does not answer: file, alert, why.
const NOT_HERE: &[(&str, &str, &str)] = &[(
    "json/winlogbeat7/security_samples.jsonl",
    "unusual_logon_process",
    "a failed network logon with a made-up name for Schannel; the detection is about programs that log somebody on",
)];

/// What recordings raise beyond their alerts: file, detection, why that is right.
const BEYOND: &[(&str, &str, &str)] = &[
    ("evtx/benign/security.evtx", "session-open-too-long", "somebody stayed for six days where three are long: information"),
    ("evtx/damaged/security_bad_string_cache.evtx", "session-open-too-long", "the same log, damaged"),
    (
        "json/nxlog/rdp_interactive_taskmanager_lsass_dump_2020-09-22043748.filtered.jsonl",
        "rdp-from-public-ip",
        "the lab's client has the public address 1.2.3.4",
    ),
    ("json/nxlog/lab_three_days_logon_events.jsonl", "rdp-from-public-ip", "the same session"),
    (
        "evtx/attack/sbousseaden/DE_Fake_ComputerAccount_4720.evtx",
        "dollar-account-interactive",
        "a user called $ is created with 4720: what the file is about",
    ),
    (
        "evtx/attack/evtx-to-mitre/ID4720-4726 Fast created-deleted user.evtx",
        "new-account-used-fast",
        "created and deleted within two minutes: what the file is about",
    ),
    ("evtx/benign/security.evtx", "dormant-account-woke", "low: the only user of the machine came back after eight months"),
    ("evtx/damaged/security_bad_string_cache.evtx", "dormant-account-woke", "low: the same log"),
    ("evtx/attack/sbousseaden/kerberos_pwd_spray_4771.evtx", "kerberos-preauth-spray", "the same spray, by the ticket options of its tool"),
    (
        "evtx/attack/evtx-to-mitre/ID4768-4771-Kerberos user enumeration (Kerbrute).evtx",
        "kerberos-preauth-spray",
        "the tool also tries passwords, with ticket options of its own",
    ),
    (
        "evtx/attack/evtx-to-mitre/ID4768-4771-Kerberos user enumeration (Kerbrute).evtx",
        "disabled-account-attempt",
        "thirteen of the names are disabled",
    ),
    (
        "evtx/attack/deepbluecli/smb-password-guessing-security.evtx",
        "disabled-account-attempt",
        "the Administrator that is guessed at is disabled",
    ),
];

fn watch(path: &Path) -> World {
    let Loaded { events, names, .. } = load(&[Opened::file(path.to_path_buf())], Reading::default(), &mut |_, _, _| true);
    let mut world = World { names, ..World::default() };
    let (mut sessions, mut watch) = (Sessions::default(), Watch::default());
    for event in events {
        let changes = sessions.apply(event, &mut world);
        watch.observe(&mut world, &changes);
    }
    world
}

#[test]
fn recordings_raise_what_they_are_about_and_nothing_that_is_not_explained() {
    let Some(corpus) = support::corpus() else { return };
    let expected: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(corpus.join("expected.json")).unwrap()).unwrap();
    let scope: BTreeMap<_, _> = SCOPE.iter().map(|(alert, scope)| (*alert, scope)).collect();
    let (mut wrong, mut explained, mut answered) = (Vec::new(), BTreeSet::new(), 0);
    for (name, file) in expected["files"].as_object().unwrap() {
        let world = watch(&corpus.join(name));
        let names = world.tables.anomalies.iter().map(|anomaly| anomaly.detection.id).collect::<BTreeSet<_>>();
        let mut wanted = BTreeSet::new();
        for alert in file["should_raise"].as_array().into_iter().flatten() {
            let word = alert["alert"].as_str().unwrap();
            let Some(scope) = scope.get(word) else {
                wrong.push(format!("{name}: {word} stands in no list"));
                continue;
            };
            if NOT_HERE.iter().any(|(file, alert, _)| file == name && *alert == word) {
                continue;
            }
            let ids = match scope {
                Is(id) => std::slice::from_ref(id),
                OneOf(ids) => ids,
                Out(why) => {
                    if alert["primary"] == true {
                        println!("out of scope: {name}: {word}: {why}");
                    }
                    continue;
                }
            };
            wanted.extend(ids.iter().copied());
            answered += 1;
            let records: BTreeSet<u64> = alert["records"].as_array().unwrap().iter().filter_map(serde_json::Value::as_u64).collect();
            let own = || world.tables.anomalies.iter().filter(|anomaly| ids.contains(&anomaly.detection.id));
            if own().next().is_none() {
                wrong.push(format!("{name}: {word} raises no {ids:?}"));
            } else if !records.is_empty() {
                let has = |event: &logonscope::model::ids::EventId| records.contains(&world.tables.event(*event).unwrap().event.record);
                if !own().any(|anomaly| anomaly.records.iter().any(has)) {
                    wrong.push(format!("{name}: {ids:?} have none of the records {records:?} in their evidence"));
                }
            }
        }
        for id in names.difference(&wanted) {
            match BEYOND.iter().find(|(file, detection, _)| file == name && detection == id) {
                Some(line) => _ = explained.insert((line.0, line.1)),
                None => {
                    let whys: Vec<_> =
                        world.tables.anomalies.iter().filter(|anomaly| anomaly.detection.id == *id).map(|anomaly| &anomaly.why).collect();
                    wrong.push(format!("{name}: {id} is raised and not explained: {whys:?}"));
                }
            }
        }
        // A storm must stay one finding, whatever it is.
        let most = 3;
        for id in names {
            let count = world.tables.anomalies.iter().filter(|anomaly| anomaly.detection.id == id).count();
            if count > most {
                wrong.push(format!("{name}: {count} times {id} in one recording"));
            }
        }
    }
    for (file, detection, _) in BEYOND {
        if !explained.contains(&(*file, *detection)) {
            wrong.push(format!("{file}: {detection} is explained and not raised"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(answered >= 40, "only {answered} alerts of the corpus were answered");
}

#[test]
fn the_same_recording_gives_the_same_anomalies_twice() {
    let Some(corpus) = support::corpus() else { return };
    for name in [
        "evtx/attack/deepbluecli/password-spray.evtx",
        "json/nxlog/lab_three_days_logon_events.jsonl",
        "entra/loganalytics/SigninLogs_rows.jsonl",
    ] {
        let say = |world: &World| world.tables.anomalies.iter().map(|anomaly| format!("{anomaly:?}")).collect::<Vec<_>>();
        assert_eq!(say(&watch(&corpus.join(name))), say(&watch(&corpus.join(name))), "{name}");
    }
}
