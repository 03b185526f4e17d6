//! How a Windows event log is laid out: a file header, chunks, and where records begin and end in a chunk.
//!
//! Reading and following a log both need the borders of records; what is inside a record is not known here. Offsets are
//! in bytes, numbers little-endian, and every read is checked: a log may say anything.

/// Bytes of the file header.
pub const FILE_HEADER: usize = 4096;
/// Bytes of a chunk.
pub const CHUNK: usize = 65536;
/// Bytes of a chunk's header, with its tables of names and templates.
pub const CHUNK_HEADER: usize = 512;
/// Bytes before a record's binary XML: signature, size, number, time written.
pub const RECORD_HEADER: usize = 24;
pub const FILE_SIGNATURE: &[u8; 8] = b"ElfFile\0";
pub const CHUNK_SIGNATURE: &[u8; 8] = b"ElfChnk\0";
pub const RECORD_SIGNATURE: &[u8; 4] = b"**\0\0";

#[inline]
pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|two| u16::from_le_bytes(*two))
}
#[inline]
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}
#[inline]
pub fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|eight| u64::from_le_bytes(*eight))
}

/// What a chunk says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChunkHeader {
    /// Numbers of its first and last record.
    pub first: u64,
    pub last: u64,
    /// Where its free space starts; not beyond the bytes given.
    pub free: usize,
}

impl ChunkHeader {
    /// `None` without the signature of a chunk.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if !bytes.starts_with(CHUNK_SIGNATURE) {
            return None;
        }
        Some(Self { first: u64_at(bytes, 24)?, last: u64_at(bytes, 32)?, free: (u32_at(bytes, 48)? as usize).min(CHUNK) })
    }
}

/// What stands at a place of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A record that ends with a copy of its size, which damage does not forge.
    Record {
        size: usize,
        number: u64,
    },
    /// Its end is not its own: written over in part, or not yet written.
    Torn {
        number: u64,
    },
    /// Zeros, or the end of the bytes.
    Nothing,
    Unsigned,
    BadSize {
        number: u64,
    },
    /// The bytes end before the record does.
    Cut {
        number: u64,
    },
}

/// Looks for a record at `at` of a chunk.
#[must_use]
pub fn record_at(bytes: &[u8], at: usize) -> Found {
    let Some(head) = bytes.get(at..).and_then(|rest| rest.get(..RECORD_HEADER)) else { return Found::Nothing };
    if !head.starts_with(RECORD_SIGNATURE) {
        return if head.iter().all(|byte| *byte == 0) { Found::Nothing } else { Found::Unsigned };
    }
    let (size, number) = (u32_at(head, 4).unwrap_or(0) as usize, u64_at(head, 8).unwrap_or(0));
    if !(RECORD_HEADER + 4..=CHUNK).contains(&size) {
        Found::BadSize { number }
    } else if at + size > bytes.len() {
        Found::Cut { number }
    } else if u32_at(bytes, at + size - 4).is_none_or(|copy| copy as usize != size) {
        Found::Torn { number }
    } else {
        Found::Record { size, number }
    }
}
