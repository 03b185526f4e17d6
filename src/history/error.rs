//! Why a history cannot be used, and what to do.

use std::path::{Path, PathBuf};

const INSTEAD: &str = "name another file by --history FILE, or use --no-history";

#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error("{} is no history of logonscope: {reason}; nothing was written to it; {INSTEAD}", .path.display())]
    Foreign { path: PathBuf, reason: &'static str },
    #[error("the history {} is damaged: {problem}; nothing was repaired in it; move it away to begin a new one, {INSTEAD}", .path.display())]
    Damaged { path: PathBuf, problem: String },
    #[error("the history {} is of version {version}, this program knows {known}: use a newer logonscope, {INSTEAD}; nothing was written to it", .path.display(), known = super::schema::VERSION)]
    Newer { path: PathBuf, version: i32 },
    #[error("there is no history {} yet: opening logs begins one", .path.display())]
    Absent { path: PathBuf },
    #[error("another program holds the history {}: try again when it has ended, {INSTEAD}", .path.display())]
    Busy { path: PathBuf },
    #[error("the history {} cannot be used: {problem}; {INSTEAD}", .path.display())]
    Unusable { path: PathBuf, problem: String },
}

impl HistoryError {
    /// What SQLite says of a file.
    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let (path, problem) = (path.to_owned(), error.to_string());
        match error.sqlite_error_code() {
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => Self::Damaged { path, problem },
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy { path },
            _ => Self::Unusable { path, problem },
        }
    }
    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        Self::Unusable { path: path.to_owned(), problem: error.to_string() }
    }
}

/// Names the file in errors of SQLite.
pub(super) trait At<T> {
    fn at(self, path: &Path) -> Result<T, HistoryError>;
}

impl<T> At<T> for rusqlite::Result<T> {
    fn at(self, path: &Path) -> Result<T, HistoryError> {
        self.map_err(|error| HistoryError::of(path, &error))
    }
}
