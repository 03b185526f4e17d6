//! The file that keeps how screens were left, by their inputs. It is a convenience: one that is damaged is left aside with a
//! sentence, and nothing of it is ever needed.

use crate::ui::restore::Left;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Screens that are kept; the one that was left longest ago goes first.
const MOST: usize = 50;
/// Longer files are none of ours.
const LONGEST: u64 = 1 << 20;

#[derive(Debug, Default, Serialize, Deserialize)]
struct File {
    logonscope_screens: u32,
    /// Newest first.
    screens: Vec<Kept>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    inputs: String,
    #[serde(flatten)]
    left: Left,
}

/// The folder of the system for what programs want to find again: `XDG_STATE_HOME` or `~/.local/state`, `%LOCALAPPDATA%`,
/// `~/Library/Application Support`.
#[must_use]
pub fn place(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = if cfg!(windows) {
        folder("LOCALAPPDATA")?
    } else if let Some(named) = folder("XDG_STATE_HOME") {
        named
    } else if cfg!(target_os = "macos") {
        folder("HOME")?.join("Library").join("Application Support")
    } else {
        folder("HOME")?.join(".local").join("state")
    };
    Some(base.join("logonscope").join("screens.json"))
}

/// What tells one set of inputs from another: their whole paths, in the order of names, so that it does not matter how they
/// were written. None for what is no file.
#[must_use]
pub fn key(arguments: &[PathBuf]) -> Option<String> {
    if arguments.is_empty() || arguments.iter().any(|path| path.as_os_str() == "-") {
        return None;
    }
    let whole = |path: &PathBuf| std::fs::canonicalize(path).unwrap_or_else(|_| path.clone()).display().to_string();
    let mut paths: Vec<String> = arguments.iter().map(whole).collect();
    paths.sort();
    paths.dedup();
    Some(paths.join("\n"))
}

fn read(path: &Path) -> Result<File, String> {
    let damaged = |reason: String| format!("how screens were left is not known: {}: {reason}; it is written anew", path.display());
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(File::default()),
        Err(error) => return Err(damaged(error.to_string())),
        Ok(metadata) if metadata.len() > LONGEST => return Err(damaged("it is too long".to_owned())),
        Ok(_) => {}
    }
    let text = std::fs::read(path).map_err(|error| damaged(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))
}

/// How the screen of these inputs was left.
///
/// # Errors
/// The file is damaged; a sentence for the message row.
pub fn load(path: &Path, inputs: &str) -> Result<Option<Left>, String> {
    let file = read(path)?;
    Ok(file.screens.into_iter().find(|kept| kept.inputs == inputs).map(|kept| kept.left))
}

/// Keeps how the screen of these inputs is, in place of what was kept before.
///
/// # Errors
/// The file cannot be written; the old one stays whole.
pub fn keep(path: &Path, inputs: &str, left: Left) -> io::Result<()> {
    let mut file = read(path).unwrap_or_default();
    file.logonscope_screens = 1;
    file.screens.retain(|kept| kept.inputs != inputs);
    file.screens.insert(0, Kept { inputs: inputs.to_owned(), left });
    file.screens.truncate(MOST);
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder)?;
    // Two programs may end at once: each writes a file of its own and puts it in the place of the other's as a whole.
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut fresh, &file)?;
    fresh.flush()?;
    fresh.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(filter: &str) -> Left {
        Left { filter: filter.to_owned(), window: Some(("2026-03-14T09:00:00Z".into(), "2026-03-14T10:00:00Z".into())), ..Left::default() }
    }

    #[test]
    fn screens_come_back_by_their_inputs_and_the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/screens.json");
        assert_eq!(load(&path, "a").unwrap(), None);
        for number in 0..=MOST {
            keep(&path, &format!("input {number}"), left(&format!("account:a{number}"))).unwrap();
        }
        assert_eq!(load(&path, "input 0").unwrap(), None, "one too many");
        assert_eq!(load(&path, "input 1").unwrap(), Some(left("account:a1")));
        keep(&path, "input 1", left("")).unwrap();
        assert_eq!(load(&path, "input 1").unwrap().unwrap().filter, "");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left lying about");
    }

    #[test]
    fn a_damaged_file_is_said_and_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("screens.json");
        for text in ["", "{", "[1]", "{\"screens\":{}}"] {
            std::fs::write(&path, text).unwrap();
            assert!(load(&path, "a").unwrap_err().contains("written anew"), "{text}");
        }
        keep(&path, "a", left("type:10")).unwrap();
        assert_eq!(load(&path, "a").unwrap(), Some(left("type:10")));
    }

    #[test]
    fn inputs_are_the_same_however_they_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&one, "").unwrap();
        std::fs::write(&other, "").unwrap();
        assert_eq!(key(&[one.clone(), other.clone()]), key(&[folder.path().join("./b"), one.clone(), other]));
        assert_eq!(key(&["-".into()]), None);
        assert_eq!(key(&[]), None);
    }
}
