//! Where bytes come from: files, folders, patterns, standard input.
//!
//! `expand` turns what was typed into a list of inputs (`folder` looks into folders); `archive` unpacks containers, `file`
//! reads what is recorded, `follow` what is being written, `listen` takes in what is sent.
//! Nothing here knows what the bytes mean, beyond how an event log grows.

pub mod archive;
pub mod file;
pub mod folder;
pub mod follow;
pub mod identity;
pub mod journal;
pub mod listen;
mod spool;

use folder::Found;
use std::path::{Path, PathBuf};

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    File(PathBuf),
    /// A folder or a link that cannot be looked into: the path, and why.
    Unreadable(PathBuf, String),
    Stdin,
}

impl Input {
    /// The path, `-` for standard input.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        match self {
            Self::File(path) | Self::Unreadable(path, _) => path.clone(),
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
    #[error("the folder {path} holds no {endings} file{others}: give the folder that holds the logs", endings = archive::endings())]
    NoLogs { path: String, others: String },
    #[error("nothing matches {0}: check the pattern")]
    NoMatch(String),
    #[error("{pattern} is no pattern: {reason}")]
    BadPattern { pattern: String, reason: String },
}

fn shown(path: &Path) -> String {
    crate::base::text::clean(&path.to_string_lossy()).into_owned()
}

/// Turns arguments into inputs: files as they are, folders and patterns into the logs in them, `-` into standard input.
/// Sorted by path, standard input last, each once.
///
/// # Errors
/// The first argument that gives nothing to read.
pub fn expand(arguments: &[PathBuf]) -> Result<Vec<Input>, InputError> {
    Ok(look(arguments)?.into_inputs())
}

/// As `expand`, with the folders that were looked into.
///
/// # Errors
/// The first argument that gives nothing to read.
pub fn look(arguments: &[PathBuf]) -> Result<Found, InputError> {
    let mut found = Found::default();
    for argument in arguments {
        if argument.as_os_str() == "-" {
            found.stdin = true;
            continue;
        }
        match std::fs::metadata(argument) {
            Ok(metadata) if metadata.is_dir() => {
                let before = found.left;
                if !found.folder(argument)? {
                    let others = found.left - before;
                    let others = if others > 0 { format!(" ({others} others)") } else { String::new() };
                    return Err(InputError::NoLogs { path: shown(argument), others });
                }
            }
            Ok(_) => {
                found.files.insert(argument.clone());
            }
            Err(_) => pattern(argument, &mut found)?,
        }
    }
    // One folder without links has each file once.
    if arguments.len() > 1 || found.has_links {
        found.each_once();
    }
    Ok(found)
}

fn pattern(argument: &Path, found: &mut Found) -> Result<(), InputError> {
    let text = argument.to_string_lossy();
    if !text.contains(['*', '?', '[']) {
        return Err(InputError::Missing(shown(argument)));
    }
    let matches = glob::glob(&text).map_err(|error| InputError::BadPattern { pattern: shown(argument), reason: error.to_string() })?;
    let mut met = false;
    for path in matches {
        met = true;
        match path {
            Ok(path) if path.is_dir() => {
                // A pattern may well match folders without logs; only a pattern without any match is a mistake.
                let _ = found.folder(&path);
            }
            Ok(path) => {
                found.folders.extend(path.parent().map(Path::to_path_buf));
                found.files.insert(path);
            }
            Err(error) => found.unreadable(error.path(), error.error()),
        }
    }
    // What is added beside what matches now is looked for.
    let fixed: PathBuf = argument.components().take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '['])).collect();
    found.folders.insert(fixed);
    found.has_links = true;
    if met { Ok(()) } else { Err(InputError::NoMatch(shown(argument))) }
}
