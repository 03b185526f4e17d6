//! Sigma rules as data: every `tests/sigma/*.toml` has rules, events in short form (`tests/support/notation.rs`), and the
//! anomalies of those rules that must come of them, or the reasons for which rules are refused. Add a file to add a case.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/notation.rs"]
mod notation;

use logonscope::detect::sigma::Rules;
use logonscope::detect::{Settings, Watch};
use logonscope::model::world::World;
use logonscope::session::Sessions;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

fn rules(table: &toml::Table) -> Arc<Rules> {
    let files: Vec<(String, String)> = match &table["rules"] {
        toml::Value::String(text) => vec![("rules/own.yml".to_owned(), text.clone())],
        list => list
            .as_array()
            .unwrap()
            .iter()
            .zip(0..)
            .map(|(text, place)| (format!("rules/{place}.yml"), text.as_str().unwrap().to_owned()))
            .collect(),
    };
    Arc::new(Rules::read(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))))
}

fn run(rules: &Arc<Rules>, events: &str) -> World {
    let mut watch = Watch::new(&Settings::default()).unwrap().with_rules(rules);
    let (events, names) = notation::events(events);
    let mut world = World { names, ..World::default() };
    let mut sessions = Sessions::default();
    for event in events {
        let changes = sessions.apply(event, &mut world);
        watch.observe(&mut world, &changes);
    }
    world
}

#[test]
fn rules_raise_what_they_state_and_say_why_they_cannot() {
    let mut wrong = Vec::new();
    for (name, table) in notation::cases("tests/sigma") {
        let rules = rules(&table);
        let refused: Vec<String> = rules.refused.iter().map(ToString::to_string).collect();
        let expected: Vec<&str> =
            table.get("refused").map_or_else(Vec::new, |list| list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect());
        if refused.len() != expected.len() || !expected.iter().all(|text| refused.iter().any(|reason| reason.contains(text))) {
            wrong.push(format!("{name}: refused\n  expected {expected:#?}\n  found    {refused:#?}"));
        }
        let Some(events) = table.get("events") else { continue };
        let world = run(&rules, events.as_str().unwrap());
        let own: Vec<_> = world.tables.anomalies.iter().filter(|anomaly| anomaly.detection.id.starts_with("sigma:")).collect();
        let expected = table.get("anomaly").map_or_else(Vec::new, |list| list.as_array().unwrap().clone());
        if own.len() != expected.len() {
            let whys: Vec<_> = own.iter().map(|anomaly| format!("\n  {} {}", anomaly.detection.id, anomaly.why)).collect();
            wrong.push(format!("{name}: {} anomalies expected, {} found{}", expected.len(), own.len(), whys.concat()));
            continue;
        }
        for (expected, anomaly) in expected.iter().zip(own) {
            let list = |texts: &[&str]| toml::Value::Array(texts.iter().map(|text| toml::Value::String((*text).to_owned())).collect());
            let text = |text: &str| toml::Value::String(text.to_owned());
            let records = anomaly.records.iter().map(|id| toml::Value::Integer(i64::try_from(id.index()).unwrap() + 1)).collect();
            let words = BTreeMap::from([
                ("id", text(anomaly.detection.id)),
                ("title", text(anomaly.detection.title)),
                ("severity", text(anomaly.severity.word())),
                ("attack", list(anomaly.detection.attack)),
                ("check", text(anomaly.detection.check)),
                ("needs", text(anomaly.detection.needs)),
                ("count", toml::Value::Integer(anomaly.count.into())),
                ("records", toml::Value::Array(records)),
                ("why", text(&anomaly.why)),
            ]);
            for (key, value) in expected.as_table().unwrap() {
                if words[key.as_str()] != *value {
                    wrong.push(format!("{name}: {key}\n  expected {value:?}\n  found    {:?}", words[key.as_str()]));
                }
            }
            assert!(anomaly.why.ends_with('.') && !anomaly.why.contains(char::is_control), "{name}: {}", anomaly.why);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn hostile_files_are_told_and_survived() {
    let alias = "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b]\n".to_owned();
    let head = "title: t\nlogsource: {product: windows, service: security}\n";
    let texts = [
        alias,
        "[".repeat(20_000),
        "{a: ".repeat(20_000),
        "- ".repeat(20_000),
        format!("{head}detection:\n  s: {{EventID: 4624, ProcessName|re: '(a{{1000}}){{1000}}'}}\n  condition: s\n"),
        format!("{head}detection:\n  s: {{EventID: 4624, ProcessName|re: '('}}\n  condition: s\n"),
        format!("{head}detection:\n  s: {{EventID: 4624}}\n  condition: {}s{}\n", "(".repeat(5_000), ")".repeat(5_000)),
        format!("{head}detection:\n  s: {{EventID: 4624}}\n  condition: {}s\n", "not ".repeat(5_000)),
        "title: \u{1b}[2J\nlogsource: x\ndetection: y\n".to_owned(),
        "\u{0}\u{1}\u{2}".to_owned(),
        "title: t\ncorrelation: {type: event_count, rules: [t], timespan: 99999999999999999999d, condition: {gte: 1}}\n".to_owned(),
    ];
    for text in &texts {
        let rules = Rules::read([("bad\u{1b}.yml", text.as_str())]);
        assert_eq!((rules.rules.len(), rules.refused.len()), (0, 1), "{:?}", rules.refused);
        let told = rules.refused[0].to_string();
        assert!(!told.contains(char::is_control) && told.contains("not run"), "{told}");
    }
    // An expression that is slow elsewhere runs in time of the text here.
    let slow = format!("{head}id: slow\ndetection:\n  s: {{EventID: 4624, ProcessName|re: '^(a+)+$'}}\n  condition: s\n");
    let rules = Arc::new(Rules::read([("slow.yml", slow.as_str())]));
    assert!(rules.refused.is_empty());
    run(&rules, &format!("09:00:00 4624 user=x type=2 image={}!", "a".repeat(5_000)));
}

/// Any change of any byte of a rule gives a rule or a refusal.
#[test]
fn any_byte_of_a_rule_may_be_wrong() {
    let rule = "title: t\nid: i\nlogsource:\n  product: windows\n  service: security\ndetection:\n  s:\n    EventID: [4624, 4625]\n    IpAddress|cidr: 10.0.0.0/8\n  f:\n    - LogonType: 3\n    - TargetUserName|endswith: '$'\n  condition: s and not f\nlevel: high\n";
    for place in 0..rule.len() {
        for byte in [b' ', b'\n', b':', b'-', b'[', b'"', b'*', b'|', b'{', b'0'] {
            let mut bytes = rule.as_bytes().to_vec();
            bytes[place] = byte;
            let text = String::from_utf8(bytes).unwrap();
            let rules = Rules::read([("x.yml", text.as_str())]);
            assert!(rules.rules.len() + rules.refused.len() <= 2);
        }
        let _ = Rules::read([("x.yml", &rule[..place])]);
    }
}

const EVENTS: &str = r#"{"EventID":4624,"Channel":"Security","SourceName":"Microsoft-Windows-Security-Auditing","Hostname":"srv","EventTime":"2026-03-16 09:00:00","RecordNumber":1,"SourceModuleType":"im_msvistalog","TargetUserName":"x","TargetDomainName":"CORP","TargetUserSid":"S-1-5-21-1-2-3-1104","TargetLogonId":"0x11","LogonType":"10","IpAddress":"203.0.113.9"}
"#;

const RULE: &str = "title: A desktop from far away\nid: 11111111-2222-4333-8444-555555555555\nlevel: high\ntags: [attack.t1021.001]\nlogsource: {product: windows, service: security}\ndetection:\n  logon: {EventID: 4624, LogonType: 10, IpAddress|startswith: '203.'}\n  condition: logon\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("rules/deep")).unwrap();
    std::fs::write(folder.path().join("events.jsonl"), EVENTS).unwrap();
    std::fs::write(folder.path().join("rules/deep/far.yml"), RULE).unwrap();
    std::fs::write(
        folder.path().join("rules/other.yaml"),
        "title: Other\nlogsource: {product: linux}\ndetection: {a: {b: c}, condition: a}\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("rules/readme.md"), "no rule").unwrap();
    folder
}

fn command(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logonscope"));
    command.args(arguments).current_dir(folder).env("XDG_CONFIG_HOME", folder).env("APPDATA", folder);
    command.output().unwrap()
}

fn texts(done: Output) -> (String, String) {
    (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap())
}

#[test]
fn a_folder_of_rules_is_run_and_what_cannot_be_run_is_said() {
    let folder = folder();
    let report = ["report", "events.jsonl", "--what", "anomalies", "--format", "jsonl", "--rules", "rules"];
    let (out, said) = texts(command(folder.path(), &report));
    assert!(out.contains("\"sigma:11111111-2222-4333-8444-555555555555\"") && out.contains("T1021.001"), "{out}");
    assert!(said.contains("1 Sigma rule runs, 1 cannot; `logonscope detections --rules FOLDER` says why"), "{said}");
    for (filter, lines) in [("rule:sigma*", 1), ("rule:\"sigma:11111111*\"", 1), ("rule:other", 0)] {
        let (out, _) = texts(command(folder.path(), &[&report[..], &["--filter", filter]].concat()));
        assert_eq!(out.lines().filter(|line| line.contains("sigma:")).count(), lines, "{filter}: {out}");
    }
    assert_eq!(command(folder.path(), &[&report[..], &["--fail-on", "high"]].concat()).status.code(), Some(1));
    let (out, said) = texts(command(folder.path(), &["detections", "--rules", "rules"]));
    assert!(out.contains("sigma:11111111") && out.contains("A desktop from far away"), "{out}");
    assert!(said.contains("other.yaml:2: 'Other' not run: no log of product linux is read"), "{said}");
    std::fs::write(folder.path().join("settings.toml"), "[site]\nrules = [\"rules\"]\n").unwrap();
    let (out, _) = texts(command(folder.path(), &["detections", "--settings", "settings.toml"]));
    assert!(out.contains("sigma:11111111"));
}

#[test]
fn a_folder_without_rules_is_refused() {
    let folder = folder();
    for (name, told) in [("absent", "cannot read absent"), ("events.jsonl", "has no .yml or .yaml file")] {
        let done = command(folder.path(), &["report", "events.jsonl", "--rules", name]);
        assert_eq!(done.status.code(), Some(2));
        assert!(String::from_utf8(done.stderr).unwrap().contains(told));
    }
}
