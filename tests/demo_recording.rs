//! The embedded recording is what its generator makes. `LOGONSCOPE_UPDATE=1 cargo test --test demo_recording` writes it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/demo.rs"]
mod demo;

use serde_json::Value;

fn lines(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

#[test]
fn the_embedded_recording_is_what_its_generator_makes() {
    let (windows, entra) = demo::Recording::make();
    for (name, rows) in [("windows.jsonl", windows), ("entra.jsonl", entra)] {
        let path = format!("{}/assets/demo/{name}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("LOGONSCOPE_UPDATE").is_some() {
            std::fs::write(&path, lines(&rows)).unwrap();
        }
        assert!(
            std::fs::read_to_string(&path).unwrap_or_default() == lines(&rows),
            "{name} differs from its generator: see the comment above"
        );
    }
}
