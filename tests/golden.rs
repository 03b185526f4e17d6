//! Whole recordings to sessions and anomalies, byte for byte.
//!
//! The embedded recording has its result beside it (`LOGONSCOPE_UPDATE=1 cargo test --test golden` writes it; read the
//! difference before you keep it). Real recordings, where `LOGONSCOPE_CORPUS` names them, are compared with themselves:
//! one thread and many, one shape and another.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/files.rs"]
mod files;

use files::files;
use logonscope::engine::load::Opened;
use std::path::{Path, PathBuf};

fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("LOGONSCOPE_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        eprintln!("skipped: LOGONSCOPE_CORPUS names no recordings");
    }
    corpus
}

#[test]
fn the_embedded_recording_gives_what_it_gave_before() {
    let found = digest::of(&digest::at_once(&digest::demo()));
    let path = format!("{}/tests/golden/demo.jsonl", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("LOGONSCOPE_UPDATE").is_some() {
        std::fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "line {}", number + 1);
    }
    assert_eq!(found.lines().count(), expected.lines().count());
}

#[test]
fn one_thread_and_many_give_the_same() {
    let demo = digest::demo();
    assert!(digest::of(&digest::at_once_by(1, &demo)) == digest::of(&digest::at_once_by(8, &demo)));
    let Some(corpus) = corpus() else { return };
    let mut paths = Vec::new();
    files(&corpus.join("evtx"), &mut paths);
    files(&corpus.join("json"), &mut paths);
    assert!(paths.len() > 60, "the corpus is there");
    for path in paths {
        let opened = [Opened::file(path.clone())];
        assert!(digest::of(&digest::at_once_by(1, &opened)) == digest::of(&digest::at_once_by(7, &opened)), "{}", path.display());
    }
}

#[test]
fn the_same_events_in_twelve_shapes_give_the_same_sessions() {
    let Some(corpus) = corpus() else { return };
    let mut paths = Vec::new();
    files(&corpus.join("json/shapes"), &mut paths);
    paths.sort();
    assert_eq!(paths.len(), 12);
    // Some shapes keep whole seconds only, so times are compared to the second and order within one is left open.
    let cell = |line: &serde_json::Value, key: &str| match &line[key] {
        serde_json::Value::String(text) if key == "start" || key == "end" => text[..19].to_owned(),
        value => value.to_string(),
    };
    let keys = ["host", "logon_type", "logon_id", "start", "end", "end_reason", "source"];
    let sessions = |path: &Path| -> Vec<String> {
        let text = digest::of(&digest::at_once(&[Opened::file(path.to_path_buf())]));
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let sessions = lines.filter(|line| line.get("logon_id").is_some());
        let mut rows: Vec<String> = sessions.map(|line| keys.map(|key| cell(&line, key)).join(" ")).collect();
        rows.sort();
        rows
    };
    let expected = sessions(&corpus.join("json/shapes/evtx_dump.jsonl"));
    assert!(expected.len() > 30);
    for path in paths {
        assert_eq!(sessions(&path), expected, "{}", path.display());
    }
}
