//! What several tests share: logs made by this project, and where real recordings are.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod evtx_writer;

use std::path::PathBuf;

/// The folder of real recordings that `LOGONSCOPE_CORPUS` names; without it the caller says "skipped" and passes.
pub fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("LOGONSCOPE_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        eprintln!("skipped: LOGONSCOPE_CORPUS names no folder of recordings");
    }
    corpus
}
