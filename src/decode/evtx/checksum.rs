//! Whether a chunk is still what Windows wrote.
//!
//! A chunk carries two CRC-32: one of its records (from byte 512 to its free space) and one of its header without the
//! two words they stand in (bytes 0 to 120 and 128 to 512). Two flags say when not to ask them. Bit 2 (4) of a chunk's
//! flags, and of a log's: the writer makes no checksums at all. Bit 0 (1) of a log's flags: dirty, the log was not closed
//! (it is in use, or was copied while it was); the checksums of the chunk that was being written then may be older than
//! its last records, those of all other chunks hold. Bit 0 of a chunk's flags is set in nearly all logs and means nothing
//! here.

use crate::base::evtx_chunk::{CHUNK, CHUNK_HEADER, CHUNK_SIGNATURE, ChunkHeader, FILE_HEADER, FILE_SIGNATURE, u32_at};

const DIRTY: u32 = 1;
const NO_CHECKSUMS: u32 = 4;
/// Where the flags stand, in the header of a log and in that of a chunk.
const FLAGS: usize = 120;

/// Which checksum of the chunk does not fit; `None` when both do, or cannot be asked.
pub fn mismatch(chunk: &[u8]) -> Option<&'static str> {
    if !chunk.starts_with(CHUNK_SIGNATURE) || u32_at(chunk, FLAGS)? & NO_CHECKSUMS != 0 {
        return None;
    }
    let mut header = crc32fast::Hasher::new();
    header.update(chunk.get(..FLAGS)?);
    header.update(chunk.get(128..CHUNK_HEADER)?);
    if header.finalize() != u32_at(chunk, 124)? {
        return Some("the checksum of the header of this chunk does not fit: its records are read with care");
    }
    // Of a chunk that was cut off only the records that are there can be judged, one by one.
    let records = chunk.get(CHUNK_HEADER..u32_at(chunk, 48)? as usize)?;
    if crc32fast::hash(records) != u32_at(chunk, 52)? {
        return Some("the checksum of the records of this chunk does not fit: they are read with care");
    }
    None
}

/// Whether the chunk from `start` on may have checksums that are out of date, as a log in use has them, or none.
pub fn may_be_stale(log: &[u8], start: usize) -> bool {
    if !log.starts_with(FILE_SIGNATURE) {
        return false;
    }
    let flags = u32_at(log, FLAGS).unwrap_or(0);
    flags & NO_CHECKSUMS != 0 || (flags & DIRTY != 0 && is_newest(log, start))
}

fn is_newest(log: &[u8], start: usize) -> bool {
    let last = |start: usize| log.get(start..).and_then(ChunkHeader::read).map(|header| header.last);
    let own = last(start);
    !(FILE_HEADER..log.len()).step_by(CHUNK).any(|other| last(other) > own)
}
