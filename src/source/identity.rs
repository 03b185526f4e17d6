//! Tells one file from another that took over its name.
//!
//! A file system gives the number of a deleted file to the next one, often at once, so the time of birth belongs to the
//! identity where the system keeps it; renaming changes neither. Where nothing is kept, files are told apart by their
//! content, which is the business of those who follow them.

use std::fs::Metadata;

/// Equal for one file under any name, different for another under the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    device: u64,
    number: u64,
    /// Nanoseconds since 1970; 0 where the file system does not keep it.
    born: u64,
}

impl Identity {
    /// As numbers, for keeping it.
    #[must_use]
    pub const fn to_parts(self) -> [u64; 3] {
        [self.device, self.number, self.born]
    }
    #[must_use]
    pub const fn from_parts([device, number, born]: [u64; 3]) -> Self {
        Self { device, number, born }
    }
}

fn born(metadata: &Metadata) -> u64 {
    let created = metadata.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    created.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0))
}

#[cfg(unix)]
#[must_use]
pub fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    Identity { device: metadata.dev(), number: metadata.ino(), born: born(metadata) }
}

#[cfg(not(unix))]
#[must_use]
pub fn identity(metadata: &Metadata) -> Identity {
    Identity { device: 0, number: 0, born: born(metadata) }
}
