//! Tells one file from another that took over its name.

use std::fs::Metadata;

/// Equal for one file, different for another under the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity(u64, u64);

#[cfg(unix)]
#[must_use]
pub fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    Identity(metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
#[must_use]
pub fn identity(metadata: &Metadata) -> Identity {
    let created = metadata.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    Identity(0, created.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0)))
}
