//! Looks into folders for logs and archives, at any depth.
//!
//! Names decide (`archive::by_name`), so that a folder of thousands of files costs no more than listing it; only files
//! whose names say nothing are opened for a look at their first bytes. Links are followed. What may not be looked into is
//! an input of its own, with the reason; what was left alone is counted.

use super::archive::{LOOKED_AT, Look, by_name};
use super::{Input, InputError, shown};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// What arguments lead to.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub files: BTreeSet<PathBuf>,
    /// Folders that were looked into.
    pub folders: BTreeSet<PathBuf>,
    /// Files that nothing says to be logs.
    pub left: u64,
    pub(super) stdin: bool,
    /// The same file may have been met by two ways.
    pub(super) has_links: bool,
    unreadable: BTreeMap<PathBuf, String>,
}

fn takes(path: &Path) -> bool {
    let look = path.file_name().map_or(Look::Leave, |name| by_name(&name.to_string_lossy()));
    if look != Look::Peek {
        return look == Look::Take;
    }
    let mut first_bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LOOKED_AT as u64).read_to_end(&mut first_bytes));
    read.is_ok() && look.takes(&first_bytes)
}

impl Found {
    /// Adds the logs in a folder; false when there are none.
    pub(super) fn folder(&mut self, folder: &Path) -> Result<bool, InputError> {
        let mut met = false;
        for entry in walkdir::WalkDir::new(folder).follow_links(true) {
            match entry {
                Ok(entry) => {
                    self.has_links |= entry.path_is_symlink();
                    if entry.file_type().is_dir() {
                        self.folders.insert(entry.into_path());
                    } else if entry.file_type().is_file() && takes(entry.path()) {
                        met = true;
                        self.files.insert(entry.into_path());
                    } else {
                        self.left += 1;
                    }
                }
                Err(error) if error.depth() == 0 => {
                    return Err(InputError::Unreadable { path: shown(folder), reason: error.to_string() });
                }
                // A link to a folder above it leads to nothing that is not read anyway.
                Err(error) if error.loop_ancestor().is_some() => {}
                // A folder below that may not be entered does not stop the rest.
                Err(error) => match (error.path(), error.io_error()) {
                    (Some(path), Some(reason)) => {
                        met = true;
                        self.unreadable(path, reason);
                    }
                    _ => self.left += 1,
                },
            }
        }
        Ok(met)
    }

    pub(super) fn unreadable(&mut self, path: &Path, error: &io::Error) {
        let text = match error.kind() {
            io::ErrorKind::PermissionDenied => "cannot be looked into: permission denied; open it with more rights".to_owned(),
            io::ErrorKind::NotFound if by_name(&path.to_string_lossy()) == Look::Leave => {
                self.left += 1;
                return;
            }
            io::ErrorKind::NotFound => "is a link to something that is not there".to_owned(),
            _ => format!("cannot be looked into: {error}"),
        };
        self.unreadable.insert(path.to_path_buf(), format!("{} {text}", path.display()));
    }

    /// Leaves one of the spellings of each file (`a.evtx`, `./a.evtx`, a link).
    pub(super) fn each_once(&mut self) {
        let mut known = BTreeSet::new();
        self.files.retain(|path| one_name(path).is_none_or(|name| known.insert(name)));
    }

    /// All of it, files first, standard input last.
    #[must_use]
    pub fn into_inputs(self) -> Vec<Input> {
        let files = self.files.into_iter().map(Input::File);
        let unreadable = self.unreadable.into_iter().map(|(path, text)| Input::Unreadable(path, text));
        files.chain(unreadable).chain(self.stdin.then_some(Input::Stdin)).collect()
    }
}

/// The same for every way to one file.
#[cfg(unix)]
fn one_name(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn one_name(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

/// Notices by their times that folders got or lost something. Costs a look at each folder, not at what is in it.
#[derive(Debug, Default)]
pub struct Changes {
    folders: BTreeMap<PathBuf, Option<SystemTime>>,
    /// Looks for which what changed counts as changed again.
    again: u8,
}

/// Times of some file systems and shares are coarse: a second change may leave the time as it is.
const AGAIN: u8 = 3;

impl Changes {
    /// These folders from now on. Says whether one of them was not watched before: what it got since it was listed is not
    /// noticed, so it is to be listed again.
    pub fn watch(&mut self, folders: impl IntoIterator<Item = PathBuf>) -> bool {
        let mut before = std::mem::take(&mut self.folders);
        let mut is_new = false;
        for folder in folders {
            let known = before.remove(&folder);
            is_new |= known.is_none();
            let time = known.unwrap_or_else(|| changed_at(&folder));
            self.folders.insert(folder, time);
        }
        is_new
    }
    /// Whether one of them changed since the last look.
    pub fn look(&mut self) -> bool {
        let (mut is_changed, mut is_coarse) = (false, false);
        for (folder, known) in &mut self.folders {
            let now = changed_at(folder);
            if now != *known {
                let nanoseconds = now.and_then(|now| now.duration_since(UNIX_EPOCH).ok()).map_or(0, |since| since.subsec_nanos());
                (is_changed, is_coarse) = (true, is_coarse || nanoseconds == 0);
                *known = now;
            }
        }
        let is_again = self.again > 0;
        self.again = if is_coarse { AGAIN } else { self.again.saturating_sub(1) };
        is_changed || is_again
    }
}

fn changed_at(folder: &Path) -> Option<SystemTime> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    std::fs::metadata(folder).and_then(|metadata| metadata.modified()).ok()
}
