//! Where bytes come from: files, folders, patterns, standard input.
//!
//! `expand` turns what was typed into a list of inputs; `file` reads what is recorded, `follow` what is being written.
//! Nothing here knows what the bytes mean, beyond how an event log grows.

pub mod archive;
pub mod file;
pub mod follow;
pub mod identity;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    File(PathBuf),
    Stdin,
}

impl Input {
    /// The path, `-` for standard input.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        match self {
            Self::File(path) => path.clone(),
            Self::Stdin => PathBuf::from("-"),
        }
    }
}

/// An argument that gives nothing to read. The text says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    #[error("{0} does not exist: check the path, or put a pattern in quotes")]
    Missing(String),
    #[error("{path} cannot be read: {reason}")]
    Unreadable { path: String, reason: String },
    #[error("the folder {0} holds no .evtx, .json, .jsonl, .ndjson, .log, .csv or .xml file: give the folder that holds the logs")]
    NoLogs(String),
    #[error("nothing matches {0}: check the pattern")]
    NoMatch(String),
    #[error("{pattern} is no pattern: {reason}")]
    BadPattern { pattern: String, reason: String },
}

/// Endings of files taken from folders. A file that is named itself is read whatever it is called.
const ENDINGS: [&str; 7] = ["evtx", "json", "jsonl", "ndjson", "log", "csv", "xml"];

fn is_log(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)))
}

fn shown(path: &Path) -> String {
    crate::base::text::clean(&path.to_string_lossy()).into_owned()
}

fn folder(path: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), InputError> {
    let before = files.len();
    let mut met = false;
    for entry in walkdir::WalkDir::new(path).follow_links(true).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_file() && is_log(entry.path()) => {
                met = true;
                files.insert(entry.into_path());
            }
            Ok(_) => {}
            // A folder below that may not be entered does not stop the rest.
            Err(error) if error.depth() > 0 => {}
            Err(error) => return Err(InputError::Unreadable { path: shown(path), reason: error.to_string() }),
        }
    }
    if files.len() == before && !met { Err(InputError::NoLogs(shown(path))) } else { Ok(()) }
}

/// Turns arguments into inputs: files as they are, folders and patterns into the logs in them, `-` into standard input.
/// Sorted by path, standard input last, each once.
///
/// # Errors
/// The first argument that gives nothing to read.
pub fn expand(arguments: &[PathBuf]) -> Result<Vec<Input>, InputError> {
    let mut files = BTreeSet::new();
    let mut stdin = false;
    for argument in arguments {
        if argument.as_os_str() == "-" {
            stdin = true;
        } else if argument.is_dir() {
            folder(argument, &mut files)?;
        } else if argument.exists() {
            std::fs::File::open(argument).map_err(|error| InputError::Unreadable { path: shown(argument), reason: error.to_string() })?;
            files.insert(argument.clone());
        } else {
            pattern(argument, &mut files)?;
        }
    }
    // One file under two spellings (`a.evtx`, `./a.evtx`, a link) is one input.
    let mut known = BTreeSet::new();
    files.retain(|path| known.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    let mut inputs: Vec<Input> = files.into_iter().map(Input::File).collect();
    if stdin {
        inputs.push(Input::Stdin);
    }
    Ok(inputs)
}

fn pattern(argument: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), InputError> {
    let text = argument.to_string_lossy();
    if !text.contains(['*', '?', '[']) {
        return Err(InputError::Missing(shown(argument)));
    }
    let matches = glob::glob(&text).map_err(|error| InputError::BadPattern { pattern: shown(argument), reason: error.to_string() })?;
    let mut met = false;
    for path in matches.flatten() {
        met = true;
        if path.is_dir() {
            // A pattern may well match folders without logs; only a pattern without any match is a mistake.
            let _ = folder(&path, files);
        } else {
            files.insert(path);
        }
    }
    if met { Ok(()) } else { Err(InputError::NoMatch(shown(argument))) }
}
