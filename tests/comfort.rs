//! What makes the program comfortable outside the screen: completions, the manual page, the log of what it does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[cfg(unix)]
#[path = "support/pty.rs"]
mod pty;

use logonscope::query::field::FIELDS;
use logonscope::ui::action::ACTIONS;
use std::path::Path;
use std::process::{Command, Stdio};

const BINARY: &str = env!("CARGO_BIN_EXE_logonscope");

fn printed(arguments: &[&str]) -> String {
    let done = Command::new(BINARY).args(arguments).output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// Runs a program of the system on a file; `None` where there is none of that name.
fn by_system(program: &str, arguments: &[&str], file: &Path) -> Option<std::process::Output> {
    Command::new(program).args(arguments).arg(file).env("MANPAGER", "cat").env("MANWIDTH", "100").stdin(Stdio::null()).output().ok()
}

#[test]
fn completions_are_scripts_that_shells_take() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, check) in [("bash", &["-n"][..]), ("zsh", &["-n"]), ("fish", &["--no-execute"])] {
        let script = printed(&["completions", shell]);
        let path = folder.path().join(shell);
        std::fs::write(&path, &script).unwrap();
        if let Some(done) = by_system(shell, check, &path) {
            assert!(done.status.success(), "{shell}: {}", String::from_utf8_lossy(&done.stderr));
        }
        for word in ["report", "--unpack-limit", "high-contrast", "Europe/Vienna", "impossible-travel", "jsonl"] {
            // fish leaves arguments without a dash to files.
            let word = if shell == "fish" { word.trim_start_matches('-') } else { word };
            assert!(script.contains(word) || (shell == "fish" && word == "impossible-travel"), "{shell}: {word}");
        }
    }
    assert!(printed(&["completions", "powershell"]).contains("Register-ArgumentCompleter"));
}

/// What bash offers after these words; the last is being typed.
fn offered(words: &[&str]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script");
    let mut script = printed(&["completions", "bash"]);
    script.push_str(&format!(
        "\nCOMP_WORDS=({})\nCOMP_CWORD={}\n_logonscope logonscope \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"\necho \"${{COMPREPLY[@]}}\"\n",
        words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        words.len() - 1
    ));
    std::fs::write(&path, script).unwrap();
    let done = by_system("bash", &[], &path)?;
    Some(String::from_utf8(done.stdout).unwrap())
}

#[test]
fn bash_completes_commands_options_and_values() {
    for (words, offers) in [
        (&["logonscope", "det"][..], "detections"),
        (&["logonscope", "report", "--wha"], "--what"),
        (&["logonscope", "report", "--what", "anom"], "anomalies"),
        (&["logonscope", "demo", "--theme", "deu"], "deuteranopia"),
        (&["logonscope", "report", "--fail-on", "cri"], "critical"),
        (&["logonscope", "replay", "--zone", "Europe/Vie"], "Europe/Vienna"),
        (&["logonscope", "detections", "mfa-fat"], "mfa-fatigue"),
    ] {
        let Some(offered) = offered(words) else { return };
        assert_eq!(offered.trim(), offers, "{words:?}");
    }
}

#[test]
fn the_manual_page_is_rendered_and_tells_every_key_and_filter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logonscope.1");
    let source = printed(&["man"]);
    std::fs::write(&path, &source).unwrap();
    assert!(source.contains("\n  logonscope Security.evtx "), "the examples stand in line");
    for section in ["NAME", "SYNOPSIS", "OPTIONS", "COMMANDS", "KEYS", "FILTERS", "SETTINGS", "EXIT STATUS", "ENVIRONMENT", "FILES"] {
        assert!(source.contains(&format!("\n.SH {section}\n")), "{section}");
    }
    // As the reader sees it, where there is something to show it with.
    let seen = by_system("groff", &["-man", "-Tascii", "-ww", "-P-c", "-P-u", "-P-b", "-P-o", "-rLL=200n"], &path);
    let text = match seen {
        Some(done) => {
            assert!(done.status.success() && done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
            String::from_utf8(done.stdout).unwrap()
        }
        None => source.replace("\\-", "-"),
    };
    for (_, id, _) in ACTIONS {
        assert!(text.contains(&format!("({id})")), "{id}");
    }
    for field in FIELDS {
        assert!(text.lines().any(|line| line.trim_start().starts_with(field.name)), "{}", field.name);
    }
    for shown in ["Ctrl-u", "--unpack-limit SIZE", "~/.local/share/logonscope/history.db", "logonscope history prune", "keep_days = 400"] {
        assert!(text.contains(shown), "{shown}");
    }
}

const EVENTS: &[u8] = include_bytes!("../assets/demo/windows.jsonl");

/// Runs a report with a log of what it does; gives the status, what went to standard error, and the log.
fn logged(arguments: &[&str], inputs: &[(&str, &[u8])]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(BINARY);
    command.current_dir(folder.path()).env("XDG_CONFIG_HOME", folder.path()).args(["report", "--log", "run.log"]).args(arguments);
    for (name, bytes) in inputs {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        command.arg(name);
    }
    let done = command.output().unwrap();
    let log = std::fs::read_to_string(folder.path().join("run.log")).unwrap_or_default();
    (done.status.code().unwrap(), String::from_utf8_lossy(&done.stderr).into_owned(), log)
}

#[test]
fn the_log_tells_what_was_done_and_names_nobody() {
    let broken = [EVENTS, b"{\"EventID\": 4624, broken\n"].concat();
    let (status, _, log) = logged(&[], &[("events.jsonl", &broken)]);
    assert_eq!(status, 0);
    for told in ["INFO  run: started version=", "INFO  engine: reading inputs=1 bytes=", "events=", "INFO  run: ended"] {
        assert!(log.contains(told), "{told}:\n{log}");
    }
    let input = log.lines().find(|line| line.contains("engine: input path=events.jsonl")).expect("what became of the input");
    assert!(input.contains("state=\"read\"") && input.contains("format=Text") && input.contains("shapes="), "{input}");
    assert!(log.contains("WARN  engine: losses so far path=events.jsonl unreadable=1"), "{log}");
    for line in log.lines() {
        assert!(
            line.get(..2) == Some("20") && line.get(19..).is_some_and(|rest| rest.contains('Z')),
            "each line begins with its time: {line}"
        );
    }
    // Names out of the logs are nobody's business here.
    for secret in ["svc_backup", "CORP", "10.0.9.66"] {
        assert!(String::from_utf8_lossy(EVENTS).contains(secret) && !log.contains(secret), "{secret}:\n{log}");
    }
}

#[test]
fn the_level_says_how_much_is_written_and_a_failed_run_says_why() {
    let (status, told, log) = logged(&["--log-level", "error"], &[("empty.txt", b"no log at all\n")]);
    assert_eq!(status, 2);
    assert!(told.contains("empty.txt is no Windows event log"), "{told}");
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains("ERROR run: empty.txt is no Windows event log"), "{log}");
    let (_, _, log) = logged(&["--log-level", "debug"], &[("events.jsonl", EVENTS)]);
    assert!(log.contains("DEBUG engine: opened path=events.jsonl format=Text"), "{log}");
}

#[test]
fn a_log_that_cannot_be_written_is_refused_before_anything_is_done() {
    let done = Command::new(BINARY).args(["--log", "/nowhere/at/all.log", "keys"]).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(done.stdout.is_empty() && String::from_utf8_lossy(&done.stderr).contains("--log: cannot write /nowhere/at/all.log"));
}

/// A zip file whose members are stored as they are, so that it is as large as they are.
#[cfg(unix)]
fn archive(path: &Path, members: &[(&str, &[u8])]) {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, bytes) in members {
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        archive.start_file(*name, stored).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

/// As much as takes a moment to unpack.
#[cfg(unix)]
const LARGE: usize = 9 << 20;

#[test]
#[cfg(unix)]
fn what_takes_long_to_open_is_opened_behind_the_screen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe.jsonl");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let mut run = pty::Unseen::shell(&format!("exec $0 --no-history {}", path.display()));
    run.shows("opening the inputs");
    std::fs::write(&path, EVENTS).unwrap();
    run.shows("2026-03-10");
    run.kill();
}

#[test]
#[cfg(unix)]
fn a_large_archive_is_opened_at_once_or_behind_the_screen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("triage.zip");
    archive(&path, &[("events.jsonl", EVENTS), ("padding.bin", &vec![7; LARGE])]);
    let mut run = pty::Unseen::shell(&format!("exec $0 --no-history {}", path.display()));
    run.shows("2026-03-10");
    run.kill();
}

#[test]
#[cfg(unix)]
fn a_large_archive_without_logs_ends_the_screen_with_its_reason_and_status_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pictures.zip");
    archive(&path, &[("a.bin", &vec![7; LARGE])]);
    let mut run = pty::Unseen::shell(&format!("$0 --no-history {}; echo \"status $?\"", path.display()));
    run.shows("holds no logs (1 other members)");
    run.shows("status 2");
    let mut run = pty::Unseen::shell(&format!("$0 report {}; echo \"status $?\"", path.display()));
    run.shows("holds no logs (1 other members)");
    run.shows("status 2");
}
