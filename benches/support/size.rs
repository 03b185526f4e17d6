//! Whether a benchmark measures, or is only tried.
//!
//! `cargo bench` says `--bench` to it and gets figures. `cargo test` does not, and gets a small run: the same code on little
//! data, once, so that a benchmark that no longer works is found before somebody wants its figures.
#![allow(dead_code)]

use std::path::PathBuf;

/// It is only tried: figures mean nothing.
pub fn is_small() -> bool {
    !std::env::args().any(|argument| argument == "--bench")
}

/// The first of the two where it measures, the second where it is only tried.
pub fn of<T>(whole: T, small: T) -> T {
    if is_small() { small } else { whole }
}

/// What the program was told, without what cargo says.
pub fn arguments() -> Vec<String> {
    std::env::args().skip(1).filter(|argument| argument != "--bench").collect()
}

/// A place for made data: one that is found again where it measures, one of its own where it is only tried.
pub fn place(name: &str) -> PathBuf {
    let name = if is_small() { format!("{}-{name}", std::process::id()) } else { name.to_owned() };
    std::env::temp_dir().join(format!("logonscope-{name}"))
}
