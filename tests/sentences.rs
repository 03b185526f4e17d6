//! The sentences that pages of detections show are those that a case of their tests raises
//! (`LOGONSCOPE_UPDATE=1 cargo test --test sentences` writes the list; read the difference before it is kept).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use logonscope::detect;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The sentence of the first positive case of a detection, by name.
fn sentence(id: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/detections").join(id);
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases.into_iter().find_map(|path| {
        let case: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        let is_positive = case["kind"].as_str() == Some("positive");
        let why = case.get("anomaly")?.as_array()?.first()?.get("why")?.as_str()?.to_owned();
        is_positive.then_some(why)
    })
}

#[test]
fn pages_show_sentences_that_were_said() {
    let mut list = "id,sentence\n".to_owned();
    for about in detect::all() {
        if let Some(sentence) = sentence(about.id) {
            assert!(!sentence.contains(",\""), "{}: the list cannot hold it: {sentence}", about.id);
            writeln!(list, "{},\"{sentence}\"", about.id).unwrap();
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/tables/sentences.csv");
    if std::env::var_os("LOGONSCOPE_UPDATE").is_some() {
        std::fs::write(&path, &list).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(kept, list, "LOGONSCOPE_UPDATE=1 cargo test --test sentences");
    for about in detect::all() {
        let shown = detect::page::sentence(about.id);
        assert_eq!(shown.map(str::to_owned), sentence(about.id), "{}", about.id);
    }
}
