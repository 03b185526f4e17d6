//! Opens inputs: a file is what it is, a container becomes the logs in it.
//!
//! Each file is opened once and told by its first bytes. What is unpacked is limited for the run as a whole, so one
//! opener opens all inputs of a run.

use super::load::{Content, Opened};
use crate::source::archive::{self, Unpacked, Unpacker, Unpacking};
use crate::source::file::{Mapped, Part};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Bytes of small files that one run reads into memory; after that they are mapped too, so that memory does not grow
/// with the number of files.
const IN_MEMORY: u64 = 64 << 20;

/// What is being opened, for who waits for it.
#[derive(Default)]
pub struct Waiting(Mutex<(Option<PathBuf>, Option<Unpacked>)>);

impl Waiting {
    /// The archive that is being unpacked, and bytes unpacked so far in all.
    #[must_use]
    pub fn now(&self) -> (Option<PathBuf>, u64) {
        let (path, unpacked) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (path.clone(), unpacked.as_ref().map_or(0, Unpacked::bytes))
    }
    /// `opener` opens `path` next.
    pub fn for_next(&self, opener: &Opener, path: &Path) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (Some(path.to_path_buf()), Some(opener.unpacker.unpacked()));
    }
}

/// Opens the inputs of one run.
pub struct Opener {
    unpacker: Unpacker,
    /// Bytes of files that were read into memory.
    in_memory: u64,
}

impl Opener {
    #[must_use]
    pub fn new(unpacking: Unpacking) -> Self {
        Self { unpacker: Unpacker::new(unpacking), in_memory: 0 }
    }
    /// Adds a file, or the logs in it. One that cannot be read is added with the reason.
    pub fn file(&mut self, path: PathBuf, list: &mut Vec<Opened>) {
        let before = list.len();
        self.open(path, list);
        list.iter().skip(before).for_each(tell);
    }
    fn open(&mut self, path: PathBuf, list: &mut Vec<Opened>) {
        let opened = File::open(&path).and_then(|file| file.metadata().map(|metadata| (file, metadata)));
        let whole = match opened {
            // A pipe or a device comes once, and may not end soon.
            Ok((file, metadata)) if !metadata.is_file() && !metadata.is_dir() => {
                self.unpacker.stream(&path, &mut BufReader::new(file), &mut |member| list.push(unpacked(member)));
                return;
            }
            Ok((file, metadata)) => Mapped::whole(&file, &metadata, IN_MEMORY.saturating_sub(self.in_memory)),
            Err(error) => Err(error),
        };
        match whole {
            Ok(file) if archive::kind(file.bytes()).is_some() => {
                self.unpacker.unpack(&path, &Part::of(file), &mut |member| list.push(unpacked(member)));
            }
            Ok(file) => {
                if let Mapped::Read(bytes) = &file {
                    self.in_memory += bytes.len() as u64;
                }
                list.push(Opened::content(path, Content::File(file), None));
            }
            Err(error) => list.push(Opened::unreadable(path, &error)),
        }
    }
    /// Adds what a stream holds, which may be packed, an event log or text, read to its end.
    ///
    /// # Errors
    /// Nothing came; the text says what to do.
    pub fn stream(&mut self, name: &str, reader: &mut dyn BufRead, list: &mut Vec<Opened>) -> Result<(), String> {
        let before = list.len();
        let mut is_empty = true;
        self.unpacker.stream(Path::new(name), reader, &mut |member| {
            is_empty &= member.problem.is_none() && member.part.bytes().trim_ascii_start().is_empty();
            list.push(unpacked(member));
        });
        if is_empty {
            list.truncate(before);
            return Err("standard input is empty: pipe records into it, for example `cat events.jsonl | logonscope report -`".to_owned());
        }
        Ok(())
    }
}

fn tell(opened: &Opened) {
    let path = opened.path.display();
    match &opened.content {
        Ok((content, format)) => tracing::debug!(%path, ?format, bytes = content.bytes().len(), "opened"),
        Err(problem) => tracing::warn!(%path, %problem, "cannot be opened"),
    }
    if let Some(problem) = &opened.problem {
        tracing::warn!(%path, %problem, "opened in part");
    }
}

fn unpacked(member: archive::Member) -> Opened {
    Opened::content(member.path, Content::Unpacked(member.part), member.problem)
}
