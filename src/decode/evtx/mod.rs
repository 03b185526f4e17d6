//! Windows event logs (`.evtx`): 4 KiB of file header, then chunks of 64 KiB that can be read alone.
//!
//! Every chunk carries its own names and templates, so chunks are the unit of work for threads and for tailing. The
//! counts of the file header are never used: a log copied while in use has too small ones. Records are read in place by
//! `reader`; what it will not vouch for is read again by the crate `evtx` (`slow`), and what that cannot read either
//! becomes an `Unreadable`.

mod cursor;
mod name;
mod plan;
mod reader;
mod slow;
mod token;
mod value;
mod walk;

use crate::base::evtx_chunk::{RECORD_HEADER, RECORD_SIGNATURE};
use crate::model::fields::{Field, Fields, RecordSink, Unreadable};
use crate::model::raw::RawRecord;

use reader::Reader;
use slow::SlowChunk;
use walk::{Step, Walk};

pub use crate::base::evtx_chunk::{CHUNK, CHUNK_HEADER, FILE_HEADER};

/// Fields for `<Data>` elements without a name, by position.
const PARAMS: [Field; 7] = [Field::Param1, Field::Param2, Field::Param3, Field::Param4, Field::Param5, Field::Param6, Field::Param7];

/// Reads chunks. Holds buffers that are used again for the next chunk; keep one per thread.
#[derive(Debug, Default)]
pub struct Decoder {
    reader: Reader,
    careful: bool,
    doubted: u64,
}

impl Decoder {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// A decoder that reads the values of every record, also of those that cannot be logon records.
    #[must_use]
    pub fn thorough() -> Self {
        let mut this = Self::default();
        this.reader.thorough = true;
        this
    }
    /// A decoder that reads everything through the crate `evtx`: slow, and what the fast way is tested against.
    #[must_use]
    pub fn careful() -> Self {
        Self { careful: true, ..Self::default() }
    }

    /// Records so far that the crate `evtx` was asked about.
    #[must_use]
    pub fn doubted(&self) -> u64 {
        self.doubted
    }

    /// Decodes the chunk at byte `offset` of the input. `bytes` may be shorter than a chunk where the file was cut.
    pub fn chunk(&mut self, bytes: &[u8], offset: u64, sink: &mut dyn RecordSink) {
        self.chunk_from(bytes, offset, CHUNK_HEADER, sink);
    }

    /// Like `chunk`, but only records that start at `from` or later within the chunk. Gives the offset in the chunk just
    /// behind the last record, which is the `from` of the next call when the chunk has grown.
    ///
    /// Records in the slack are counted only by a call that starts at the first record.
    pub fn chunk_from(&mut self, bytes: &[u8], offset: u64, from: usize, sink: &mut dyn RecordSink) -> usize {
        let bytes = bytes.get(..bytes.len().min(CHUNK)).unwrap_or_default();
        self.reader.start_chunk();
        let mut slow = None;
        let mut walk = Walk::new(bytes, from);
        let place = |at: usize| offset.saturating_add(at as u64);
        while let Some(step) = walk.next() {
            match step {
                Step::Record { at, end, number } => {
                    if !self.careful && self.reader.read(bytes, at + RECORD_HEADER, end).is_some() {
                        let mut fields = Fields::default();
                        self.reader.fill(&mut fields);
                        fields.offset = place(at);
                        if fields.record == 0 {
                            fields.record = number;
                        }
                        sink.record(&fields);
                        continue;
                    }
                    self.doubted += 1;
                    match slow.get_or_insert_with(|| SlowChunk::read(bytes)).record(at) {
                        Ok(json) => {
                            let mut fields = Fields::default();
                            (fields.shape, fields.record, fields.offset) = ("evtx", number, place(at));
                            slow::fill(json, &mut fields);
                            sink.record(&fields);
                        }
                        Err(reason) => sink.unreadable(Unreadable { offset: place(at), line: 0, record: number, reason }),
                    }
                }
                Step::Damage { at, number, reason } => {
                    sink.unreadable(Unreadable { offset: place(at), line: 0, record: number, reason: reason.to_owned() });
                }
            }
        }
        if from <= CHUNK_HEADER {
            match walk.slack() {
                0 => {}
                count => sink.recovered_in_slack(count),
            }
        }
        walk.behind_last()
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
