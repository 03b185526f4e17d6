//! The settings file as people meet it: the real binary reads it, prints it, and says what is wrong with it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::{Command, Output};

/// Two accounts of Windows and one of Entra.
const EVENTS: &str = r#"{"EventID":4624,"Channel":"Security","SourceName":"Microsoft-Windows-Security-Auditing","Hostname":"srv","EventTime":"2026-03-16 09:00:00","RecordNumber":1,"SourceModuleType":"im_msvistalog","TargetUserName":"x","TargetDomainName":"CORP","TargetUserSid":"S-1-5-21-1-2-3-1104","TargetLogonId":"0x11","LogonType":"3","IpAddress":"10.0.2.7"}
{"EventID":4624,"Channel":"Security","SourceName":"Microsoft-Windows-Security-Auditing","Hostname":"srv","EventTime":"2026-03-16 09:01:00","RecordNumber":2,"SourceModuleType":"im_msvistalog","TargetUserName":"tester","TargetDomainName":"LAB","TargetUserSid":"S-1-5-21-7-7-7-1200","TargetLogonId":"0x12","LogonType":"3","IpAddress":"10.0.2.8"}
"#;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("events.jsonl"), EVENTS).unwrap();
        Self(folder)
    }
    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    fn path(&self) -> &Path {
        self.0.path()
    }
    /// The program in this folder, which is also where the system keeps settings.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_logonscope"));
        command.args(arguments).current_dir(self.path());
        command.env("XDG_CONFIG_HOME", self.path()).env("APPDATA", self.path());
        command.output().unwrap()
    }
    fn accounts(&self, more: &[&str]) -> String {
        let mut arguments = vec!["report", "events.jsonl", "--what", "accounts", "--format", "jsonl"];
        arguments.extend(more);
        let done = self.run(&arguments);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }
    fn refused(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert_eq!(done.status.code(), Some(2));
        assert!(done.stdout.is_empty());
        String::from_utf8(done.stderr).unwrap()
    }
}

const SAME: &str = "[accounts]\nsame = [['CORP\\x', 'LAB\\tester']]\n";

#[test]
fn accounts_that_a_named_file_calls_one_are_one() {
    let place = Place::new();
    assert_eq!(place.accounts(&[]).lines().count(), 2);
    place.write("site.toml", SAME);
    let accounts = place.accounts(&["--settings", "site.toml"]);
    assert_eq!(accounts.lines().count(), 1);
    let account: serde_json::Value = serde_json::from_str(&accounts).unwrap();
    assert_eq!(account["also_known_as"], "lab\\tester (rule)");
    assert_eq!((&account["events"], &account["sessions"]), (&2.into(), &2.into()));
}

#[test]
fn the_file_in_the_usual_place_is_read_unless_another_is_named() {
    let place = Place::new();
    place.write("logonscope/settings.toml", SAME);
    assert_eq!(place.accounts(&[]).lines().count(), 1);
    place.write("empty.toml", "");
    assert_eq!(place.accounts(&["--settings", "empty.toml"]).lines().count(), 2);
}

#[test]
fn a_file_that_is_named_and_missing_is_told() {
    let place = Place::new();
    let told = place.refused(&["report", "events.jsonl", "--settings", "site.toml"]);
    assert!(told.contains("site.toml") && told.contains("`logonscope settings > FILE` writes one"), "{told}");
}

#[test]
fn a_mistake_is_told_with_file_line_and_column() {
    let place = Place::new();
    place.write("site.toml", "[accounts]\n\nsmae = []\n");
    let told = place.refused(&["report", "events.jsonl", "--settings", "site.toml"]);
    assert_eq!(told, "logonscope: site.toml:3:1: no setting of [accounts] is called 'smae'; did you mean 'same'?\n");
    place.write("site.toml", "[detections.fail-burst-then-success]\nfailures = 'many'\n");
    let told = place.refused(&["report", "events.jsonl", "--settings", "site.toml"]);
    assert!(told.starts_with("logonscope: site.toml:2:12: failures is a whole number: the default is"), "{told}");
}

#[test]
fn saved_filters_are_named_on_the_command_line() {
    let place = Place::new();
    place.write("site.toml", "[filters]\nlab = \"domain:LAB\"\nnot-lab = \"-@lab\"\n");
    assert_eq!(place.accounts(&["--settings", "site.toml", "--filter", "@lab"]).lines().count(), 1);
    assert!(place.accounts(&["--settings", "site.toml", "--filter", "@not-lab"]).contains("corp\\\\x"));
    // One that ships needs no file.
    assert_eq!(place.accounts(&["--filter", "@failures"]).lines().count(), 0);
    let told = place.refused(&["report", "events.jsonl", "--filter", "@lab"]);
    assert!(told.contains("--filter: column 1: there is no saved filter '@lab'"), "{told}");
    place.write("site.toml", "[filters]\nlab = \"domain:LAB and\"\n");
    let told = place.refused(&["report", "events.jsonl", "--settings", "site.toml"]);
    assert_eq!(
        told,
        "logonscope: site.toml:2:7: filter 'lab': column 15: a term is expected; write a field and a value, such as account:svc_*, or a word\n"
    );
}

#[test]
fn what_settings_prints_can_be_used_as_it_is() {
    let place = Place::new();
    let printed = place.run(&["settings"]);
    assert!(printed.status.success());
    place.write("site.toml", &String::from_utf8(printed.stdout).unwrap());
    assert_eq!(place.accounts(&["--settings", "site.toml"]), place.accounts(&[]));
}
