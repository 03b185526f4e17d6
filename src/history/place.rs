//! Where history and decisions lie unless a file is named: the folder of the system for data of programs.

use std::ffi::OsString;
use std::path::PathBuf;

/// The folder `logonscope` in `XDG_DATA_HOME` or `~/.local/share`, `%LOCALAPPDATA%`, `~/Library/Application Support`.
#[must_use]
pub fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = if cfg!(windows) {
        folder("LOCALAPPDATA")?
    } else if let Some(named) = folder("XDG_DATA_HOME") {
        named
    } else if cfg!(target_os = "macos") {
        folder("HOME")?.join("Library").join("Application Support")
    } else {
        folder("HOME")?.join(".local").join("share")
    };
    Some(base.join("logonscope"))
}

/// The history in that folder.
#[must_use]
pub fn file(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    folder(variable).map(|folder| folder.join("history.db"))
}

/// The case file beside a history.
#[must_use]
pub fn case_beside(history: &std::path::Path) -> PathBuf {
    history.with_file_name("case.jsonl")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn the_usual_place_is_the_one_of_the_system() {
        let set = |pairs: &'static [(&str, &str)]| {
            file(move |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value)))
        };
        assert_eq!(set(&[("XDG_DATA_HOME", "/x"), ("HOME", "/h")]), Some("/x/logonscope/history.db".into()));
        assert_eq!(set(&[("XDG_DATA_HOME", "x")]), None, "a place that depends on the folder one stands in is none");
        assert_eq!(set(&[]), None);
        if cfg!(target_os = "linux") {
            assert_eq!(set(&[("HOME", "/h")]), Some("/h/.local/share/logonscope/history.db".into()));
        }
    }
}
