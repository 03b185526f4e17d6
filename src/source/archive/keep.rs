//! Where unpacked bytes lie, and how many there may be.
//!
//! Small members stay in memory while there is room, everything else goes one after the other into one temporary file
//! without a name, which is mapped: so what is unpacked is read like any file, at any place, and memory does not grow
//! with it. The file vanishes with the program, however that ends.

use super::super::file::{Mapped, Part};
use std::fs::File;
use std::io::{self, BufRead, Read, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Members up to this size may stay in memory.
const SMALL: usize = 1 << 20;
/// Memory for small members of all containers together.
const MEMORY: usize = 32 << 20;
/// Places in the temporary file at which members begin.
const ALIGNED: u64 = 4096;

/// Bytes that all containers of a run may unpack to, unless told otherwise.
pub const LIMIT: u64 = 64 << 30;
/// A container that unpacks to this many times its own size is stopped, from `RATIO_FROM` on: logs that repeat
/// themselves pack to a hundredth, empty event logs to less, but these are small.
const RATIO: u64 = 200;
const RATIO_FROM: u64 = 256 << 20;

/// How containers are unpacked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unpacking {
    /// Most bytes unpacked in one run. Whoever names a limit also vouches for how densely the containers are packed.
    pub limit: Option<u64>,
    /// Folder of the temporary file; the system's own otherwise.
    pub folder: Option<PathBuf>,
}

/// Why reading was stopped on purpose.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

impl Refused {
    pub fn error(text: String) -> io::Error {
        io::Error::other(Self(text))
    }
    /// The text, where an error is a refusal.
    pub fn of(error: &io::Error) -> Option<&str> {
        error.get_ref()?.downcast_ref::<Self>().map(|refused| refused.0.as_str())
    }
}

/// How much was unpacked, and how much may be.
#[derive(Debug)]
pub struct Budget {
    limit: u64,
    is_named: bool,
    unpacked: AtomicU64,
    /// Packed bytes that were read of the container that is open, and what they gave.
    packed: AtomicU64,
    given: AtomicU64,
}

fn mib(bytes: u64) -> String {
    if bytes >= 10 << 30 { format!("{} GiB", bytes >> 30) } else { format!("{} MiB", bytes >> 20) }
}

impl Budget {
    fn begin(&self) {
        self.packed.store(0, Ordering::Relaxed);
        self.given.store(0, Ordering::Relaxed);
    }
    fn check(&self) -> io::Result<()> {
        let (unpacked, given) = (self.unpacked.load(Ordering::Relaxed), self.given.load(Ordering::Relaxed));
        if unpacked >= self.limit {
            let text = format!("the limit for unpacked bytes is reached ({}): raise it with --unpack-limit", mib(self.limit));
            return Err(Refused::error(text));
        }
        let packed = self.packed.load(Ordering::Relaxed).max(1);
        if !self.is_named && given >= RATIO_FROM && given / packed >= RATIO {
            let text = format!(
                "unpacks to more than {RATIO} times its size ({} so far), which logs do not: \
                 if it is no decompression bomb, name a limit with --unpack-limit",
                mib(given)
            );
            return Err(Refused::error(text));
        }
        Ok(())
    }
    fn spend(&self, bytes: usize) {
        self.unpacked.fetch_add(bytes as u64, Ordering::Relaxed);
        self.given.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// Bytes that a run unpacked so far.
#[derive(Clone)]
pub struct Unpacked(Arc<Budget>);

impl Unpacked {
    pub(super) fn of(budget: &Arc<Budget>) -> Self {
        Self(Arc::clone(budget))
    }
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.unpacked.load(Ordering::Relaxed)
    }
}

/// Packed bytes on their way into an unpacker.
pub struct Fed<'a> {
    pub inner: &'a mut dyn BufRead,
    pub budget: Arc<Budget>,
}

impl Read for Fed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(into)?;
        self.budget.packed.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

impl BufRead for Fed<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }
    fn consume(&mut self, length: usize) {
        self.budget.packed.fetch_add(length as u64, Ordering::Relaxed);
        self.inner.consume(length);
    }
}

/// A reader of unpacked bytes that keeps to the budget.
pub struct Metered<R> {
    pub inner: R,
    pub budget: Arc<Budget>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.budget.check()?;
        let length = self.inner.read(into)?;
        self.budget.spend(length);
        Ok(length)
    }
}

/// Keeps unpacked bytes.
pub struct Keeper {
    unpacking: Unpacking,
    pub budget: Arc<Budget>,
    file: Option<File>,
    /// Where the next member begins in the file.
    end: u64,
    in_memory: usize,
    buffer: Vec<u8>,
}

impl Keeper {
    #[must_use]
    pub fn new(unpacking: Unpacking) -> Self {
        let budget = Budget {
            limit: unpacking.limit.unwrap_or(LIMIT),
            is_named: unpacking.limit.is_some(),
            unpacked: AtomicU64::new(0),
            packed: AtomicU64::new(0),
            given: AtomicU64::new(0),
        };
        Self { unpacking, budget: Arc::new(budget), file: None, end: 0, in_memory: 0, buffer: Vec::new() }
    }
    /// Another container comes next.
    pub fn begin(&self) {
        self.budget.begin();
    }
    /// All bytes of `reader`, or those before the error that is given with them.
    pub fn keep(&mut self, reader: &mut dyn Read) -> (Part, Option<io::Error>) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(SMALL, 0);
        let (length, error) = fill(reader, &mut buffer);
        let is_all = length < buffer.len() || error.is_some();
        let kept = if is_all && length <= MEMORY.saturating_sub(self.in_memory) {
            self.in_memory += length;
            (Part::of(Mapped::Read(buffer.get(..length).unwrap_or_default().to_vec())), error)
        } else {
            self.write(&mut buffer, length, error, reader)
        };
        self.buffer = buffer;
        kept
    }
    /// Writes the first bytes and the rest of the reader into the file and maps them.
    fn write(&mut self, buffer: &mut [u8], first: usize, error: Option<io::Error>, reader: &mut dyn Read) -> (Part, Option<io::Error>) {
        let start = self.end;
        let (mut length, mut error) = (first, error);
        let trouble = loop {
            if let Err(problem) = self.append(buffer.get(..length).unwrap_or_default()) {
                break Some(self.no_room(&problem));
            }
            if error.is_some() || length < buffer.len() {
                break error;
            }
            (length, error) = fill(reader, buffer);
        };
        let length = usize::try_from(self.end - start).unwrap_or(0);
        let mapped = self.file.as_ref().map_or_else(|| Ok(Mapped::Read(Vec::new())), |file| Mapped::part_of(file, start, length));
        self.end = self.end.next_multiple_of(ALIGNED);
        match mapped {
            Ok(mapped) => (Part::of(mapped), trouble),
            Err(problem) => (Part::of(Mapped::Read(Vec::new())), Some(self.no_room(&problem))),
        }
    }
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => match &self.unpacking.folder {
                Some(folder) => tempfile::tempfile_in(folder)?,
                None => tempfile::tempfile()?,
            },
        };
        let written = file.seek(SeekFrom::Start(self.end)).and_then(|_| file.write_all(bytes));
        self.file = Some(file);
        written?;
        self.end += bytes.len() as u64;
        Ok(())
    }
    fn no_room(&self, problem: &io::Error) -> io::Error {
        let folder = self.unpacking.folder.clone().unwrap_or_else(std::env::temp_dir);
        Refused::error(format!(
            "cannot be unpacked into {} ({problem}): make room there, or name another folder with --temp",
            folder.display()
        ))
    }
}

/// Reads until the buffer is full or the reader ends or fails.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (length, Some(error)),
        }
    }
    (length, None)
}
