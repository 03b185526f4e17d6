//! Recorded files in memory: small ones are read, large ones are mapped and read in place.
//!
//! A mapped file that another program cuts short while it is read would end this one (SIGBUS); logs are not cut short
//! by those who write them, and small files, where it is likeliest, are not mapped.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Files up to this size are read into memory, which also gives one state of a file that is being written.
const READ_UP_TO: u64 = 64 << 20;

/// The bytes of a file.
pub enum Mapped {
    Read(Vec<u8>),
    Map(memmap2::Mmap),
}

#[allow(unsafe_code)]
fn map(file: &File) -> io::Result<memmap2::Mmap> {
    // SAFETY: the map is read only and private to this process; see the module comment for files that shrink.
    unsafe { memmap2::Mmap::map(file) }
}

impl Mapped {
    /// # Errors
    /// The file cannot be opened, read or mapped.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        // Pipes and devices have no length; they are read to their end.
        if metadata.is_file() && metadata.len() > READ_UP_TO {
            return Ok(Self::Map(map(&file)?));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
        file.read_to_end(&mut bytes)?;
        Ok(Self::Read(bytes))
    }
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Read(bytes) => bytes,
            Self::Map(map) => map,
        }
    }
}
