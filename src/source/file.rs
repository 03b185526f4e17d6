//! Recorded files in memory: small ones are read, large ones are mapped and read in place.
//!
//! A mapped file that another program cuts short while it is read would end this one (SIGBUS); logs are not cut short
//! by those who write them, and small files, where it is likeliest, are not mapped.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Files up to this size are read into memory, which also gives one state of a file that is being written.
const READ_UP_TO: u64 = 64 << 20;

/// The bytes of a file.
pub enum Mapped {
    Read(Vec<u8>),
    Map(memmap2::Mmap),
}

#[allow(unsafe_code)]
fn map(file: &File, offset: u64, length: usize) -> io::Result<memmap2::Mmap> {
    // SAFETY: the map is read only and private to this process; see the module comment for files that shrink.
    unsafe { memmap2::MmapOptions::new().offset(offset).len(length).map(file) }
}

/// Reads to the end. For many small files calls of the system are what it costs: one is enough when the file has the
/// length that it said.
fn read(mut file: &File, length: usize, is_file: bool) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length.saturating_add(1)];
    let mut read = 0;
    while let Some(rest) = bytes.get_mut(read..) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if is_file && read == length {
            break;
        }
        if read == bytes.len() {
            bytes.resize(read.saturating_mul(2).max(64 << 10), 0);
        }
    }
    bytes.truncate(read);
    Ok(bytes)
}

impl Mapped {
    /// # Errors
    /// The file cannot be opened, read or mapped.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        Self::whole(&file, &metadata, READ_UP_TO)
    }
    /// A file that is open: read where it is not larger than `most_read`, mapped otherwise.
    ///
    /// # Errors
    /// It cannot be read or mapped.
    pub fn whole(file: &File, metadata: &Metadata, most_read: u64) -> io::Result<Self> {
        let length = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
        // Pipes and devices have no length; they are read to their end.
        if metadata.is_file() && metadata.len() > most_read.min(READ_UP_TO) {
            match map(file, 0, length) {
                // There is a limit to the number of maps.
                Err(_) if metadata.len() <= READ_UP_TO => {}
                mapped => return Ok(Self::Map(mapped?)),
            }
        }
        read(file, length, metadata.is_file()).map(Self::Read)
    }
    /// Maps `length` bytes from `offset` of a file that is open.
    ///
    /// # Errors
    /// The file cannot be mapped.
    pub fn part_of(file: &File, offset: u64, length: usize) -> io::Result<Self> {
        if length == 0 { Ok(Self::Read(Vec::new())) } else { Ok(Self::Map(map(file, offset, length)?)) }
    }
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Read(bytes) => bytes,
            Self::Map(map) => map,
        }
    }
}

/// Bytes that stay where they are: a file, or a stretch of one (a member of an archive that is stored as it is).
#[derive(Clone)]
pub struct Part {
    whole: Arc<Mapped>,
    range: Range<usize>,
}

impl Part {
    /// All bytes of a file.
    #[must_use]
    pub fn of(whole: Mapped) -> Self {
        Self { range: 0..whole.bytes().len(), whole: Arc::new(whole) }
    }
    /// A stretch of these bytes; what lies beyond the end is left out.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        let end = self.range.start.saturating_add(range.end).min(self.range.end);
        let start = self.range.start.saturating_add(range.start).min(end);
        Self { whole: Arc::clone(&self.whole), range: start..end }
    }
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.whole.bytes().get(self.range.clone()).unwrap_or_default()
    }
}
