//! Opens inputs: a file is what it is, a container becomes the logs in it.
//!
//! Each file is opened once and told by its first bytes. What is unpacked is limited for the run as a whole, so one
//! opener opens all inputs of a run.

use super::load::{Content, DEFECT, Opened};
use crate::source::archive::{self, Unpacked, Unpacker, Unpacking};
use crate::source::file::{Mapped, Part};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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
    fn tell(&self, path: Option<&Path>, unpacked: Unpacked) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (path.map(Path::to_path_buf), Some(unpacked));
    }
}

/// Opened inputs, or why none of them can be used.
pub type Outcome = Result<Vec<Opened>, Vec<String>>;

/// Inputs that are being opened on a thread of their own: folders are listed, archives unpacked, small logs read.
pub struct Opening {
    waiting: Arc<Waiting>,
    opened: Receiver<Outcome>,
}

impl Opening {
    /// Begins to open them.
    #[must_use]
    pub fn begin(open: impl FnOnce(&Arc<Waiting>) -> Outcome + Send + 'static) -> Self {
        let waiting: Arc<Waiting> = Arc::default();
        let (sender, opened) = crossbeam_channel::bounded(1);
        let told = Arc::clone(&waiting);
        std::thread::spawn(move || {
            // Nobody waits any more when the program was left meanwhile.
            let _ = sender.send(open(&told));
        });
        Self { waiting, opened }
    }
    /// They, if they are there within `patience`.
    #[must_use]
    pub fn within(&self, patience: Duration) -> Option<Outcome> {
        match self.opened.recv_timeout(patience) {
            Ok(result) => Some(result),
            Err(RecvTimeoutError::Disconnected) => Some(Err(vec![DEFECT.to_owned()])),
            Err(RecvTimeoutError::Timeout) => None,
        }
    }
    /// See `Waiting::now`.
    #[must_use]
    pub fn now(&self) -> (Option<PathBuf>, u64) {
        self.waiting.now()
    }
}

/// Opens the inputs of one run.
pub struct Opener {
    unpacker: Unpacker,
    /// Bytes of files that were read into memory.
    in_memory: u64,
    /// Who waits for it.
    waiting: Option<Arc<Waiting>>,
}

impl Opener {
    #[must_use]
    pub fn new(unpacking: Unpacking) -> Self {
        Self { unpacker: Unpacker::new(unpacking), in_memory: 0, waiting: None }
    }
    /// The same, which says what it unpacks.
    #[must_use]
    pub fn telling(self, waiting: Option<Arc<Waiting>>) -> Self {
        Self { waiting, ..self }
    }
    fn tell(&self, path: Option<&Path>) {
        if let Some(waiting) = &self.waiting {
            waiting.tell(path, self.unpacker.unpacked());
        }
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
                self.tell(Some(&path));
                self.unpacker.stream(&path, &mut BufReader::new(file), &mut |member| list.push(unpacked(member)));
                return;
            }
            Ok((file, metadata)) => Mapped::whole(&file, &metadata, IN_MEMORY.saturating_sub(self.in_memory)),
            Err(error) => Err(error),
        };
        match whole {
            Ok(file) if archive::kind(file.bytes()).is_some() => {
                self.tell(Some(&path));
                self.unpacker.unpack(&path, &Part::of(file), &mut |member| list.push(unpacked(member)));
                self.tell(None);
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
