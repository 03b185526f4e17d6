//! Windows event logs (`.evtx`): 4 KiB of file header, then chunks of 64 KiB that can be read alone.
//!
//! Every chunk carries its own names and templates, so chunks are the unit of work for threads and for tailing. The
//! counts of the file header are never used: a log copied while in use has too small ones.

mod name;
mod slow;

use crate::model::fields::{Fields, RecordSink, Unreadable};
use crate::model::raw::RawRecord;

use slow::SlowChunk;

/// Bytes of the file header.
pub const FILE_HEADER: usize = 4096;
/// Bytes of a chunk.
pub const CHUNK: usize = 65536;
/// Bytes of a chunk's header, with its tables of names and templates.
const CHUNK_HEADER: usize = 512;
/// Bytes before a record's binary XML: signature, size, number, time written.
const RECORD_HEADER: usize = 24;
const RECORD_SIGNATURE: &[u8; 4] = b"**\0\0";

/// Reads chunks. Holds buffers that are used again for the next chunk; keep one per thread.
#[derive(Debug, Default)]
pub struct Decoder {}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}
fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|eight| u64::from_le_bytes(*eight))
}

impl Decoder {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes the chunk at byte `offset` of the input. `bytes` may be shorter than a chunk where the file was cut.
    pub fn chunk(&mut self, bytes: &[u8], offset: u64, sink: &mut dyn RecordSink) {
        self.chunk_from(bytes, offset, CHUNK_HEADER, sink);
    }

    /// Like `chunk`, but only records that start at `from` or later within the chunk. Gives the offset in the chunk just
    /// behind the last record, which is the `from` of the next call when the chunk has grown.
    pub fn chunk_from(&mut self, bytes: &[u8], offset: u64, from: usize, sink: &mut dyn RecordSink) -> usize {
        let bytes = bytes.get(..bytes.len().min(CHUNK)).unwrap_or_default();
        let mut at = CHUNK_HEADER.max(from);
        if bytes.iter().all(|byte| *byte == 0) {
            return at;
        }
        let bad = |at: usize, record: u64, reason: &str| Unreadable {
            offset: offset.saturating_add(at as u64),
            line: 0,
            record,
            reason: reason.to_owned(),
        };
        if !bytes.starts_with(b"ElfChnk\0") {
            sink.unreadable(bad(0, 0, "a 64 KiB chunk without its signature ElfChnk"));
            return at;
        }
        let free = u32_at(bytes, 48).map_or(0, |free| free as usize).min(bytes.len());
        let slow = SlowChunk::read(bytes);
        while at < free {
            let signed = bytes.get(at..at + 4) == Some(RECORD_SIGNATURE);
            let (Some(size), Some(record)) = (u32_at(bytes, at + 4), u64_at(bytes, at + 8)) else { break };
            let size = size as usize;
            if !signed || size < RECORD_HEADER + 4 || at + size > bytes.len() {
                break;
            }
            let place = offset.saturating_add(at as u64);
            match slow.record(at) {
                Ok(json) => {
                    let mut fields = Fields::default();
                    (fields.shape, fields.record, fields.offset) = ("evtx", record, place);
                    slow::fill(json, &mut fields);
                    sink.record(&fields);
                }
                Err(reason) => sink.unreadable(bad(at, record, &reason)),
            }
            at += size;
        }
        at
    }
}

/// The record at byte `offset` of a log (its `Provenance::offset`), rendered for people.
///
/// # Errors
/// There is no record at this place, or it cannot be read; the text says which.
pub fn raw_record(file_bytes: &[u8], offset: u64) -> Result<RawRecord, String> {
    let none = || format!("no record at byte {offset} of this log: has the file changed since it was read?");
    let offset = usize::try_from(offset).map_err(|_| none())?;
    let behind_header = offset.checked_sub(FILE_HEADER).ok_or_else(none)?;
    let start = FILE_HEADER + behind_header / CHUNK * CHUNK;
    let chunk = file_bytes.get(start..).ok_or_else(none)?;
    if file_bytes.get(offset..).is_none_or(|rest| !rest.starts_with(RECORD_SIGNATURE)) {
        return Err(none());
    }
    let slow = SlowChunk::read(chunk);
    let json = slow.record(offset - start)?;
    let text = serde_json::to_string_pretty(json).map_err(|error| error.to_string())?;
    Ok(RawRecord { json: text, fields: slow::flatten(json) })
}
