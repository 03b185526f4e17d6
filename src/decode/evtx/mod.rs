//! Windows event logs (`.evtx`): 4 KiB of file header, then chunks of 64 KiB that can be read alone.
//!
//! Every chunk carries its own names and templates, so chunks are the unit of work for threads and for tailing. The
//! counts of the file header are never used: a log copied while in use has too small ones. Records are read in place by
//! `reader`; what it will not vouch for is read again by the crate `evtx` (`slow`), and what that cannot read either
//! becomes an `Unreadable`. In a chunk whose checksum does not fit it is the other way round: the crate reads first.

mod checksum;
mod cursor;
mod library;
mod name;
mod plan;
mod reader;
mod slow;
mod texts;
mod token;
mod value;
mod walk;

use crate::base::evtx_chunk::{RECORD_HEADER, RECORD_SIGNATURE};
use crate::model::fields::{Field, Fields, RecordSink, Unreadable};
use crate::model::raw::RawRecord;

use reader::{From, Reader};
use slow::SlowChunk;
use texts::Texts;
use walk::{Step, Walk};

pub use crate::base::evtx_chunk::{CHUNK, CHUNK_HEADER, FILE_HEADER};

/// Fields for `<Data>` elements without a name, by position.
const PARAMS: [Field; 7] = [Field::Param1, Field::Param2, Field::Param3, Field::Param4, Field::Param5, Field::Param6, Field::Param7];

/// Reads chunks. Keeps the plans of templates and the texts that records repeat from chunk to chunk, whatever log they
/// are of: keep one decoder per thread for as long as the thread reads.
#[derive(Debug, Default)]
pub struct Decoder {
    reader: Reader,
    texts: Texts,
    careful: bool,
    doubted: u64,
}

/// Who reads a chunk first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// The fast reader; the crate `evtx` is asked about what it leaves.
    Sound,
    /// The crate `evtx`; the fast reader is asked about what that leaves.
    Damaged,
    /// The crate `evtx` alone.
    Careful,
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
        let is_damaged = self.check(bytes, offset, || false, sink);
        self.decode(bytes, offset, CHUNK_HEADER, is_damaged, sink);
    }

    /// Decodes the chunk that starts at byte `start` of a whole log. Unlike `chunk` it knows that a log in use has a chunk
    /// with checksums that are out of date.
    pub fn chunk_of(&mut self, log: &[u8], start: usize, sink: &mut dyn RecordSink) {
        let bytes = log.get(start..).unwrap_or_default();
        let is_damaged = self.check(bytes, start as u64, || checksum::may_be_stale(log, start), sink);
        self.decode(bytes, start as u64, CHUNK_HEADER, is_damaged, sink);
    }

    /// Like `chunk`, but only records that start at `from` or later within the chunk. Gives the offset in the chunk just
    /// behind the last record, which is the `from` of the next call when the chunk has grown. Checksums are not asked: the
    /// log is being written.
    ///
    /// Records in the slack are counted only by a call that starts at the first record.
    pub fn chunk_from(&mut self, bytes: &[u8], offset: u64, from: usize, sink: &mut dyn RecordSink) -> usize {
        self.decode(bytes, offset, from, false, sink)
    }

    /// Whether a checksum says that the chunk is not what was written; tells it.
    fn check(&self, bytes: &[u8], offset: u64, may_be_stale: impl FnOnce() -> bool, sink: &mut dyn RecordSink) -> bool {
        match checksum::mismatch(bytes.get(..bytes.len().min(CHUNK)).unwrap_or_default()) {
            Some(reason) if !may_be_stale() => {
                sink.checksum_mismatch(offset, reason);
                true
            }
            _ => false,
        }
    }

    fn decode(&mut self, bytes: &[u8], offset: u64, from: usize, is_damaged: bool, sink: &mut dyn RecordSink) -> usize {
        let bytes = bytes.get(..bytes.len().min(CHUNK)).unwrap_or_default();
        let trust = match (self.careful, is_damaged) {
            (true, _) => Trust::Careful,
            (false, true) => Trust::Damaged,
            (false, false) => Trust::Sound,
        };
        let mut texts = std::mem::take(&mut self.texts);
        self.reader.start_chunk(texts.start_chunk());
        let behind = self.records(From { chunk: bytes, texts: &texts }, offset, from, trust, sink);
        self.texts = texts;
        behind
    }

    fn records(&mut self, source: From<'_>, offset: u64, from: usize, trust: Trust, sink: &mut dyn RecordSink) -> usize {
        let bytes = source.chunk;
        let mut fields = Fields::default();
        let mut slow = None;
        let mut walk = Walk::new(bytes, from);
        let place = |at: usize| offset.saturating_add(at as u64);
        while let Some(step) = walk.next() {
            match step {
                Step::Record { at, end, number } => {
                    let mut fast = |this: &mut Self, sink: &mut dyn RecordSink| {
                        let read = this.reader.read(source, at + RECORD_HEADER, end, &mut fields);
                        if read.is_some() {
                            fields.offset = place(at);
                            if fields.record == 0 {
                                fields.record = number;
                            }
                            sink.record(&fields);
                        }
                        read.is_some()
                    };
                    if trust == Trust::Sound && fast(self, sink) {
                        continue;
                    }
                    self.doubted += 1;
                    match slow.get_or_insert_with(|| SlowChunk::read(bytes)).record(at) {
                        Ok(json) => {
                            let mut fields = Fields::default();
                            (fields.shape, fields.offset) = ("evtx", place(at));
                            slow::fill(json, &mut fields);
                            if fields.record == 0 {
                                fields.record = number;
                            }
                            sink.record(&fields);
                        }
                        Err(_) if trust == Trust::Damaged && fast(self, sink) => {}
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
    let xml = slow::xml(chunk, offset - start).unwrap_or_default();
    let length = file_bytes.get(offset + 4..offset + 8).and_then(|size| size.try_into().ok()).map_or(0, u32::from_le_bytes);
    let bytes = file_bytes.get(offset..).unwrap_or_default();
    let bytes = bytes.get(..bytes.len().min(usize::try_from(length).unwrap_or(0)).min(CHUNK)).unwrap_or_default();
    Ok(RawRecord { json: text, fields: slow::flatten(json), xml, ..RawRecord::default() }.stored_as(bytes))
}
