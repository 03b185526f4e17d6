//! The case file: JSON lines that are only ever added to, so that two programs may hold one and a crash loses nothing.
//!
//! The first line says what it is. Lines that cannot be read (of a newer version, or cut off) stay where they are; they
//! are counted. A file that is something else is refused and left as it is.

use super::Case;
use super::entry::{Act, Entry};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    logonscope_case: u32,
}

/// A line of a kind that this version does not know.
#[derive(Debug, Deserialize)]
struct Foreign {
    #[serde(rename = "id")]
    _id: String,
    act: String,
}

/// Kinds of entries of this version: a line of one of these that cannot be read is damaged.
const KINDS: [&str; 6] = ["decide", "suppress", "mark", "note", "delete", "undo"];

const VERSION: u32 = 1;
/// Longer lines are none of ours.
const LONGEST: u64 = 1 << 20;

#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    #[error("the case file {0} cannot be used: {1}")]
    Io(PathBuf, io::Error),
    #[error("{0} is no case file: its first line is not {{\"logonscope_case\":{VERSION}}}; nothing was written to it")]
    Foreign(PathBuf),
    #[error("the case file {0} is of version {1}, this program knows {VERSION}: use a newer logonscope; nothing was written to it")]
    Newer(PathBuf, u32),
}

/// An open case file, or a case that is kept nowhere.
#[derive(Debug, Default)]
pub struct Book {
    path: Option<PathBuf>,
    file: Option<File>,
    pub case: Case,
    /// Lines that could not be read.
    pub unreadable: usize,
    /// Lines of kinds that a newer version writes; they stay in the file.
    pub unknown: usize,
    written: u64,
}

impl Book {
    /// A case that ends with the program.
    #[must_use]
    pub fn unkept() -> Self {
        Self::default()
    }
    /// Reads a case file. One that is not there is made with the first entry.
    ///
    /// # Errors
    /// It cannot be read, or is something else.
    pub fn open(path: &Path) -> Result<Self, CaseError> {
        let failed = |error| CaseError::Io(path.to_owned(), error);
        let mut book = Self { path: Some(path.to_owned()), ..Self::default() };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(book),
            Err(error) => return Err(failed(error)),
        };
        let mut lines = BufReader::new(file);
        let mut line = Vec::new();
        let mut is_first = true;
        loop {
            line.clear();
            let taken = lines.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(failed)?;
            if taken == 0 {
                return Ok(book);
            }
            if std::mem::take(&mut is_first) {
                match serde_json::from_slice::<Head>(&line) {
                    Ok(Head { logonscope_case: VERSION }) => {}
                    Ok(Head { logonscope_case: other }) => return Err(CaseError::Newer(path.to_owned(), other)),
                    Err(_) => return Err(CaseError::Foreign(path.to_owned())),
                }
                continue;
            }
            match serde_json::from_slice::<Entry>(&line) {
                Ok(entry) => book.case.add(entry),
                // Two programs may both have begun the file.
                Err(_) if serde_json::from_slice::<Head>(&line).is_ok() => {}
                Err(_) if serde_json::from_slice::<Foreign>(&line).is_ok_and(|line| !KINDS.contains(&line.act.as_str())) => {
                    book.unknown += 1
                }
                Err(_) => book.unreadable += usize::from(!line.iter().all(u8::is_ascii_whitespace)),
            }
        }
    }
    /// Where it is kept.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
    /// As `record_all`, of one.
    ///
    /// # Errors
    /// It could not be written down.
    pub fn record(&mut self, act: Act, at: String, by: String) -> Result<(), CaseError> {
        self.record_all(vec![act], &at, &by)
    }
    /// Takes entries in; they hold in this run also when they cannot be written. `at` is RFC 3339.
    ///
    /// # Errors
    /// They could not be written down.
    pub fn record_all(&mut self, acts: Vec<Act>, at: &str, by: &str) -> Result<(), CaseError> {
        let mut entries: Vec<Entry> = Vec::new();
        for act in acts {
            self.written += 1;
            let id = format!("{at}-{}-{}", std::process::id(), self.written);
            entries.push(Entry { id, at: at.to_owned(), by: by.to_owned(), act });
        }
        let kept = self.write(&entries);
        entries.into_iter().for_each(|entry| self.case.add(entry));
        kept
    }
    fn write(&mut self, entries: &[Entry]) -> Result<(), CaseError> {
        let Some(path) = self.path.clone() else { return Ok(()) };
        let failed = |error| CaseError::Io(path.clone(), error);
        if self.file.is_none() {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(failed)?;
            }
            let mut file = OpenOptions::new().create(true).read(true).append(true).open(&path).map_err(failed)?;
            match file.metadata().map_err(failed)?.len() {
                0 => append(&mut file, &[Head { logonscope_case: VERSION }]).map_err(failed)?,
                // A line that was cut off must not swallow the next one.
                length if !ends_with_newline(&mut file, length).map_err(failed)? => file.write_all(b"\n").map_err(failed)?,
                _ => {}
            }
            self.file = Some(file);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        append(file, entries).map_err(failed)
    }
}

fn ends_with_newline(file: &mut File, length: u64) -> io::Result<bool> {
    use std::io::{Seek as _, SeekFrom};
    let mut last = [0];
    file.seek(SeekFrom::Start(length.saturating_sub(1)))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// One write for lines that belong together, so that those of two programs do not mix.
fn append(file: &mut File, lines: &[impl Serialize]) -> io::Result<()> {
    let mut bytes = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut bytes, line)?;
        bytes.push(b'\n');
    }
    file.write_all(&bytes)?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casefile::entry::{Scope, State};
    use crate::casefile::subject::Subject;

    fn decide(account: &str) -> Act {
        let anomaly = Subject {
            detection: "mfa-fatigue".into(),
            at: "2026-03-14T09:00:00Z".into(),
            accounts: vec![account.into()],
            hosts: Vec::new(),
            sources: Vec::new(),
        };
        Act::Decide { anomaly, state: State::Dismissed, reason: "asked \"him\"\n".into() }
    }
    fn record(book: &mut Book, act: Act) {
        book.record(act, "2026-03-14T10:00:00Z".into(), "kl".into()).unwrap();
    }

    #[test]
    fn entries_come_back_and_two_holders_do_not_lose_each_other_s() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new folder/case.jsonl");
        let mut one = Book::open(&path).unwrap();
        assert!(!path.exists(), "nothing is written before there is something to keep");
        let mut other = Book::open(&path).unwrap();
        record(&mut one, decide("a"));
        record(&mut other, decide("b"));
        record(&mut one, Act::Suppress { scope: Scope::default(), reason: String::new() });
        let again = Book::open(&path).unwrap();
        assert_eq!(again.unreadable, 0);
        assert_eq!(again.case.entries().len(), 3);
        let mut all: Vec<_> = one.case.entries().iter().chain(other.case.entries()).cloned().collect();
        for entry in again.case.entries() {
            let place = all.iter().position(|known| known == entry).unwrap();
            all.remove(place);
        }
        assert!(all.is_empty());
    }

    #[test]
    fn a_line_that_was_cut_off_costs_itself_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("case.jsonl");
        let mut book = Book::open(&path).unwrap();
        record(&mut book, decide("a"));
        record(&mut book, decide("b"));
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
        let mut cut = Book::open(&path).unwrap();
        assert_eq!((cut.case.entries().len(), cut.unreadable), (1, 1));
        record(&mut cut, decide("c"));
        let after = Book::open(&path).unwrap();
        assert_eq!((after.case.entries().len(), after.unreadable), (2, 1));
    }

    #[test]
    fn entries_of_newer_versions_stay_and_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("case.jsonl");
        let newer = "{\"logonscope_case\":1}\n{\"id\":\"1\",\"at\":\"2026-03-14T10:00:00Z\",\"by\":\"\",\"act\":\"paint\",\"colour\":3}\n";
        std::fs::write(&path, newer).unwrap();
        let mut book = Book::open(&path).unwrap();
        assert_eq!((book.case.entries().len(), book.unreadable, book.unknown), (0, 0, 1));
        record(&mut book, decide("a"));
        assert!(std::fs::read_to_string(&path).unwrap().starts_with(newer));
        assert_eq!(Book::open(&path).unwrap().case.entries().len(), 1);
    }

    #[test]
    fn files_of_others_are_refused_and_left_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text, says) in [
            ("text", "dear diary\n", "is no case file"),
            ("log", "{\"EventID\":4624}\n", "is no case file"),
            ("newer", "{\"logonscope_case\":2}\n", "is of version 2"),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let error = Book::open(&path).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
