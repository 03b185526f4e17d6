//! Decisions about anomalies: the keys of the queue, what reports make of a case file, and the program itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/stage.rs"]
mod stage;

use logonscope::casefile::entry::State;
use logonscope::casefile::file::Book;
use logonscope::model::ids::AnomalyId;
use stage::Stage;
use std::path::Path;
use std::process::{Command, Output};

fn queue(width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(digest::demo_with(&digest::ATTACK), width, height);
    stage.press("2 g g");
    stage
}

/// State letter and detection of each row of the queue; `+` or `-` for an incident.
fn listed(stage: &Stage) -> Vec<(char, String)> {
    let severities = ["C", "H", "M", "L", "i"];
    let row = |row: String| {
        let words: Vec<&str> = row.split_whitespace().filter(|word| *word != ">").collect();
        let [state, severity, _, _, _, _, detection, ..] = words.as_slice() else { return None };
        let letter = state.trim_start_matches('>').chars().next()?;
        (severities.contains(severity) && "*!adz".contains(letter)).then(|| (letter, (*detection).to_owned()))
    };
    (4..16).filter_map(|y| row(stage.row(y))).collect()
}

fn states(stage: &Stage) -> Vec<State> {
    let anomalies = stage.app.scene.snapshot.tables.anomalies.len();
    (0..anomalies).map(|place| stage.app.scene.triage.state(AnomalyId::new(place))).collect()
}

fn count(stage: &Stage, state: State) -> usize {
    states(stage).into_iter().filter(|other| *other == state).count()
}

#[test]
fn each_key_decides_and_the_queue_shows_it() {
    for (keys, state, letter) in [("a", State::Acknowledged, 'a'), ("!", State::Confirmed, '!'), ("d Enter", State::Dismissed, 'd')] {
        let mut stage = queue(120, 36);
        let (before, open) = (listed(&stage), stage.app.scene.triage.open());
        assert!(before.len() > 1 && before.iter().all(|(letter, _)| *letter == '*'), "{before:?}");
        // The last line is an anomaly that stands alone.
        stage.press("G");
        stage.press(keys);
        assert_eq!(count(&stage, state), 1, "{keys}");
        assert_eq!(stage.app.scene.triage.open(), open - usize::from(!state.is_open()), "{keys}");
        assert!(listed(&stage).contains(&(letter, before.last().unwrap().1.clone())), "{keys}\n{}", stage.picture());
        assert_eq!(listed(&stage)[0].0, '*', "what is still to be done stands first");
        stage.press("U");
        assert_eq!(count(&stage, State::New), states(&stage).len(), "{keys} was taken back");
        assert_eq!(listed(&stage), before);
    }
}

#[test]
fn an_incident_opens_into_its_anomalies_and_is_decided_as_one() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut stage = queue(width, height);
        let closed = listed(&stage);
        assert_eq!(closed[0].1, "+", "{}", stage.picture());
        stage.press("Enter");
        let opened = listed(&stage);
        assert_eq!(opened[0].1, "-", "{}", stage.picture());
        assert!(opened.len() > closed.len() + 1 && opened[1].1.contains('-'), "{}", stage.picture());
        stage.press("j a");
        assert_eq!(count(&stage, State::Acknowledged), 1, "a line of it is decided alone");
        assert_eq!(listed(&stage)[0], ('*', "-".to_owned()), "something of it is still to be done");
        stage.press("k Enter");
        assert_eq!(listed(&stage), closed);
        stage.press("U");

        let members = stage.app.scene.snapshot.tables.each_incident().map(|(_, incident)| incident.count).max().unwrap();
        stage.press("!");
        assert_eq!(count(&stage, State::Confirmed), members as usize, "{}", stage.picture());
        assert!(stage.row_from_below(0).contains(&format!("confirmed: {members} anomalies")), "{}", stage.picture());
        assert!(listed(&stage).iter().any(|(letter, sign)| *letter == '!' && sign == "+"), "{}", stage.picture());
        stage.press("U");
        assert_eq!(count(&stage, State::Confirmed), 0, "one key takes back what one key decided");
    }
}

#[test]
fn the_page_of_a_detection_opens_over_the_queue() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut stage = queue(width, height);
        stage.press("G g d");
        let picture = stage.picture();
        for words in ["detection: ", "severity", "ATT&CK", "works", "check"] {
            assert!(picture.contains(words), "{words}\n{picture}");
        }
        stage.press("G");
        assert!(stage.picture().contains("settings  [detections.") || stage.picture().contains(" = "), "{}", stage.picture());
        stage.press("Esc");
        assert!(!stage.picture().contains("detection: "));
    }
}

#[test]
fn an_incident_weighs_what_is_open_of_it() {
    let mut stage = queue(120, 36);
    let score = |stage: &Stage| stage.row(5).split_whitespace().find_map(|word| word.parse::<u32>().ok()).unwrap();
    let whole = score(&stage);
    stage.press("Enter j d Enter k");
    assert!(score(&stage) < whole, "{}", stage.picture());
    stage.press("d Enter");
    assert!(listed(&stage).iter().any(|(letter, sign)| *letter == 'd' && sign == "-"), "{}", stage.picture());
}

#[test]
fn a_dismissal_keeps_the_words_and_opening_again_brings_it_back() {
    let mut stage = queue(120, 36);
    stage.press("G d");
    assert!(stage.row_from_below(0).contains("dismiss, because"), "{}", stage.picture());
    stage.write("patch night\u{1b}[31m");
    stage.press("Enter G");
    let picture = stage.picture();
    assert!(picture.contains("dismissed by kl 2026-03-14 10:00:00Z: patch night"), "{picture}");
    assert!(!picture.contains('\u{1b}'));
    stage.press("O");
    assert_eq!(count(&stage, State::Dismissed), 0);
    stage.press("d Esc");
    assert_eq!(count(&stage, State::Dismissed), 0, "Esc leaves it as it is");
}

#[test]
fn a_suppression_asks_for_its_scope_and_its_end() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut stage = queue(width, height);
        stage.press("G X");
        assert!(stage.picture().contains("suppress ") && stage.picture().contains("everything of this detection"), "{}", stage.picture());
        stage.press("G Enter");
        assert!(stage.row_from_below(0).contains("30d"), "{}", stage.picture());
        stage.write("audit-scanner");
        stage.press("Enter");
        let detection = |place: usize| stage.app.scene.snapshot.tables.anomaly(AnomalyId::new(place)).unwrap().detection.id;
        let suppressed: Vec<&str> =
            (0..states(&stage).len()).filter(|place| states(&stage)[*place] == State::Suppressed).map(detection).collect();
        assert!(!suppressed.is_empty());
        assert!(suppressed.iter().all(|id| *id == suppressed[0]), "{suppressed:?}");
        stage.press("G");
        assert!(stage.picture().contains("audit-scanner"), "{}", stage.picture());
        stage.press("O");
        assert_eq!(count(&stage, State::Suppressed), 0, "opening one again lifts what covers it");
        stage.press("X Enter Ctrl-u");
        stage.write("tomorrow");
        stage.press("Enter");
        assert!(stage.row_from_below(0).contains("write 12h, 30d"), "{}", stage.picture());
        assert_eq!(count(&stage, State::Suppressed), 0);
    }
}

fn run(case: &Path, more: &[&str]) -> Output {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
    let mut command = Command::new(env!("CARGO_BIN_EXE_logonscope"));
    command.arg("report").arg(assets).arg("--case").arg(case).args(more).output().unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Decides in one run, as the screen does, what the program reads in the next.
#[test]
fn reports_honour_the_case_file_and_end_with_status_1_only_for_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.jsonl");
    let nothing_decided = run(&path, &["--what", "anomalies", "--format", "json", "--fail-on", "critical"]);
    assert_eq!(nothing_decided.status.code(), Some(1));
    assert!(!path.exists(), "a report writes no case file");

    let mut stage = Stage::new(digest::at_once(&digest::demo()), 120, 36);
    stage.press("2 g g");
    let all = states(&stage).len();
    for _ in 0..all {
        stage.press("g g d");
        stage.write("lab");
        stage.press("Enter");
    }
    assert_eq!(count(&stage, State::Dismissed), all);
    let mut kept = Book::open(&path).unwrap();
    for entry in stage.book.case.entries() {
        kept.record(entry.act.clone(), entry.at.clone(), entry.by.clone()).unwrap();
    }

    let rows = run(&path, &["--what", "anomalies", "--format", "json", "--fail-on", "low"]);
    assert_eq!(rows.status.code(), Some(0), "{}", String::from_utf8_lossy(&rows.stderr));
    let rows = json(&rows);
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), all, "nothing is left out of the list");
    assert!(rows.iter().all(|row| row["state"] == "dismissed" && row["reason"] == "lab" && row["decided_by"] == "kl"), "{rows:#?}");
    let summary = json(&run(&path, &["--format", "json"]));
    assert_eq!(summary["anomalies"]["total"], 0);
    assert_eq!(summary["anomalies"]["dismissed_or_suppressed"], all);
    let page = run(&path, &[]);
    assert!(String::from_utf8_lossy(&page.stdout).contains(&format!("none open; {all} dismissed or suppressed")));

    let count =
        |filter: &str| json(&run(&path, &["--what", "anomalies", "--format", "json", "--filter", filter])).as_array().unwrap().len();
    assert_eq!(["tag:dismissed", "note:lab", "note:elsewhere", "-tag:*"].map(count), [all, all, 0, 0]);

    std::fs::write(&path, "{\"EventID\":4624}\n").unwrap();
    let refused = run(&path, &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is no case file"));
}

#[test]
fn a_filter_by_what_was_said_wants_a_case() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
    let refused =
        Command::new(env!("CARGO_BIN_EXE_logonscope")).arg("report").arg(assets).args(["--filter", "tag:bookmark"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--case FILE"));
}
