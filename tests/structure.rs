//! The structure of the source: who may import whom, where foreign crates and clocks may appear, how long a file is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules by floor. A module imports from lower floors and from its own folder.
const FLOORS: [&[&str]; 8] = [
    &["base"],
    &["model"],
    &["source", "decode", "normalise", "session", "detect", "query", "casefile"],
    &["store", "history"],
    &["engine", "export"],
    &["ui"],
    &["config"],
    &["run", "main", "lib"],
];

/// Lines a file may have without its tests.
const LONGEST: usize = 600;

struct File {
    /// From `src` on, with `/`.
    path: String,
    text: String,
    /// Without comments and without the tests at the end.
    code: String,
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn sources() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    assert!(paths.len() > 50, "the source was not found");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        let shipped = text.split("#[cfg(test)]\nmod ").next().unwrap();
        let code = shipped.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
        let path = path.strip_prefix(&root).unwrap().components().map(|part| part.as_os_str().to_str().unwrap()).collect::<Vec<_>>();
        File { path: path.join("/"), code, text }
    };
    paths.into_iter().map(read).collect()
}

fn module(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap()
}

fn floor(module: &str) -> usize {
    FLOORS.iter().position(|modules| modules.contains(&module)).unwrap_or_else(|| panic!("module {module} stands on no floor"))
}

/// Modules that a text names by `crate::`.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (place, _) in code.match_indices("crate::") {
        let rest = &code[place + "crate::".len()..];
        // `crate::{a::b, c}` names several.
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap().split(',').map(str::trim).collect(),
            None => vec![rest],
        };
        found.extend(names.iter().map(|name| name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned()));
    }
    found
}

#[test]
fn modules_import_only_from_lower_floors() {
    let mut breaches = Vec::new();
    for file in sources() {
        let own = module(&file.path);
        for other in imports(&file.code) {
            if other != own && floor(&other) >= floor(own) {
                breaches.push(format!("{} imports {other}", file.path));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn the_floors_would_notice_a_breach() {
    assert_eq!(imports("use crate::ui::view;\nuse crate::{store, engine::flow};"), ["engine", "store", "ui"].map(str::to_owned).into());
    assert!(floor("ui") > floor("engine") && floor("store") > floor("query"));
    assert_eq!(module("run.rs"), "run");
}

#[test]
fn the_screen_knows_of_the_engine_only_its_handle() {
    for file in sources().iter().filter(|file| module(&file.path) == "ui") {
        for (place, _) in file.code.match_indices("engine::") {
            assert!(file.code[place..].starts_with("engine::handle"), "{}", file.path);
        }
    }
}

/// Files whose code names one of `words`.
fn naming(words: &[&str]) -> Vec<String> {
    let is_word = |code: &str, word: &str| {
        code.match_indices(word).any(|(place, _)| {
            let before = code[..place].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
        })
    };
    sources().into_iter().filter(|file| words.iter().any(|word| is_word(&file.code, word))).map(|file| file.path).collect()
}

#[test]
fn terminal_crates_appear_in_the_ui_only() {
    let files = naming(&["ratatui::", "crossterm::"]);
    assert!(files.len() > 5);
    for file in files {
        assert!(file.starts_with("ui/"), "{file}");
    }
}

#[test]
fn the_crate_evtx_appears_in_its_decoder_only() {
    let files = naming(&["::evtx::", "evtx::EvtxParser", "evtx::ParserSettings"]);
    assert!(!files.is_empty());
    for file in files {
        assert!(file.starts_with("decode/evtx"), "{file}");
    }
}

#[test]
fn the_database_is_known_to_the_history_only() {
    let files = naming(&["rusqlite::"]);
    assert!(!files.is_empty());
    for file in files {
        assert!(file.starts_with("history/"), "{file}");
    }
}

#[test]
fn one_file_looks_at_the_clock() {
    assert_eq!(naming(&["SystemTime::", "Instant::now", "Utc::now", "Local::now"]), ["engine/clock.rs"]);
}

#[test]
fn files_are_short_and_say_first_what_they_are() {
    let mut breaches = Vec::new();
    for file in sources() {
        let lines = file.text.split("#[cfg(test)]\nmod ").next().unwrap().lines().count();
        if lines > LONGEST {
            breaches.push(format!("{} has {lines} lines", file.path));
        }
        let is_test = file.path.ends_with("tests.rs");
        if !is_test && !file.text.starts_with("//! ") {
            breaches.push(format!("{} does not say what it is", file.path));
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn unsafe_code_stands_alone_and_says_why() {
    for file in sources() {
        for (place, _) in file.text.match_indices("#[allow(unsafe_code)]") {
            let before: Vec<&str> = file.text[..place].lines().rev().take(12).collect();
            assert!(before.iter().any(|line| line.contains("//")), "{}: no reason for unsafe code", file.path);
        }
        let blocks = file.code.matches("unsafe {").count();
        assert_eq!(blocks, file.code.matches("#[allow(unsafe_code)]").count(), "{}", file.path);
        assert!(blocks <= 1, "{}", file.path);
    }
}
