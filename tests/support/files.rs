//! The files of a folder.
#![allow(dead_code, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// Adds all files of a folder and of the folders in it, in no order.
pub fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.push(path);
        }
    }
}
