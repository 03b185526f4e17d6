//! How an event log grows that Windows writes.
//!
//! Records appear inside the newest chunk, whole chunks are added behind, the file header stays stale while the log is
//! open, a full circular log goes on in its oldest chunk, and a cleared one begins again in its first. So the file header
//! is not asked. A chunk is known by its first record (number and time), not by its place, and what is kept of it is how
//! far it was given; so a chunk that was given is not given again from an archive either, be it renamed or copied.
//! The chunks where something is likely to happen are looked at every time, the others in turn.

use super::{Looked, Reading, read_at};
use crate::base::evtx_chunk::{CHUNK, CHUNK_HEADER, ChunkHeader, FILE_HEADER, Found, RECORD_HEADER, record_at, u64_at};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most chunks given in one look; the rest comes with the next.
const AT_ONCE: usize = 64;
/// Chunks looked at in turn, besides those where something is likely to happen.
const IN_TURN: u64 = 128;
/// Looks that a record may take to become whole; after that it is damage.
const PATIENCE: u32 = 30;
/// Chunks remembered for each chunk of the file: a circular log writes over the others.
const REMEMBERED: u64 = 4;
/// Chunks remembered at least.
const REMEMBERED_AT_LEAST: u64 = 4_096;

/// New records of one chunk.
#[derive(Debug)]
pub struct EvtxPiece {
    /// Counts the files that stood under the name.
    pub file: u32,
    /// The chunk; without what is behind its last complete record while that is being written.
    pub bytes: Vec<u8>,
    /// Where the chunk begins in the file.
    pub offset: u64,
    /// Where the new records begin in the chunk, and where they end.
    pub from: usize,
    pub end: usize,
}

/// Who a chunk is: its slot is used again when the log is cleared or full. In order of age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Who {
    /// When its first record was written, 100 ns since 1601.
    written: u64,
    /// Number of its first record.
    first: u64,
}

/// How far a log was given.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Up to where the records of each chunk were given; shared by the files that stood under one name.
    given: Arc<Mutex<BTreeMap<Who, usize>>>,
    /// Slots with something new that did not fit into the last look, by age.
    waiting: BTreeSet<(Who, u64)>,
    /// The slot written last, and who was there.
    newest: (u64, Who),
    turn: u64,
    /// All chunks were looked at.
    begun: bool,
    /// A record that is not whole was waited for so many times, up to here.
    waited: (usize, u32),
}

fn who(chunk: &[u8]) -> Option<(Who, ChunkHeader)> {
    let header = ChunkHeader::read(chunk)?;
    let written = u64_at(chunk, CHUNK_HEADER + 16)?;
    // A chunk that was begun but has no record yet is nobody.
    (header.free > CHUNK_HEADER && written > 0).then_some((Who { written, first: header.first }, header))
}

/// Where the complete records end that follow each other from `from`. In a chunk that is being written over, records of
/// the old one may stand behind the new header: they have smaller numbers.
fn end_of_records(chunk: &[u8], from: usize, header: ChunkHeader) -> usize {
    let mut at = from;
    while at < header.free {
        let Found::Record { size, number } = record_at(chunk, at) else { break };
        if number < header.first {
            break;
        }
        at += size;
    }
    at
}

impl Log {
    pub(super) fn after(bytes: &[u8]) -> Self {
        let mut log = Self::default();
        let chunks = || bytes.get(FILE_HEADER..).unwrap_or_default().chunks(CHUNK).zip(0_u64..);
        log.newest =
            chunks().filter_map(|(chunk, slot)| Some((who(chunk)?.0, slot))).max().map_or((0, Who::default()), |(who, slot)| (slot, who));
        for (chunk, slot) in chunks() {
            let Some((who, header)) = who(chunk) else { continue };
            // Behind damage a chunk that is full has nothing to wait for.
            let end = if slot == log.newest.0 { end_of_records(chunk, CHUNK_HEADER, header) } else { header.free };
            log.given().insert(who, end);
        }
        log
    }

    fn given(&self) -> MutexGuard<'_, BTreeMap<Who, usize>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slots_to_look_at(&mut self, slots: u64) -> BTreeSet<u64> {
        if !self.begun {
            self.begun = true;
            return (0..slots).collect();
        }
        let turn = (0..IN_TURN.min(slots)).map(|step| (self.turn + step) % slots);
        let mut chosen: BTreeSet<u64> = turn.collect();
        self.turn = (self.turn + IN_TURN).checked_rem(slots).unwrap_or(0);
        chosen.extend([0, self.newest.0, self.newest.0.saturating_add(1)].into_iter().filter(|slot| *slot < slots));
        chosen
    }

    fn look_at(&mut self, file: &mut File, slot: u64) -> io::Result<()> {
        let head = read_chunk(file, slot, (CHUNK_HEADER + RECORD_HEADER) as u64)?;
        if let Some((who, header)) = who(&head)
            && self.given().get(&who).is_none_or(|end| *end < header.free)
        {
            self.waiting.insert((who, slot));
        }
        Ok(())
    }

    fn take(&mut self, file: &mut File, slot: u64, number: u32) -> io::Result<Option<EvtxPiece>> {
        let mut bytes = read_chunk(file, slot, CHUNK as u64)?;
        let Some((who, header)) = who(&bytes) else { return Ok(None) };
        let from = self.given().get(&who).copied().unwrap_or(CHUNK_HEADER);
        // The clock may have been set back: the chunk behind the newest is newer whatever its time says.
        let is_newest = slot == self.newest.0 || slot == self.newest.0.saturating_add(1) || who > self.newest.1;
        if is_newest {
            self.newest = (slot, who);
        }
        let mut end = end_of_records(&bytes, from, header);
        if end < header.free {
            self.waited = if self.waited.0 == end { (end, self.waited.1 + 1) } else { (end, 0) };
            if is_newest && self.waiting.is_empty() && self.waited.1 < PATIENCE {
                // A record that is being written: the next look finds it whole.
                bytes.truncate(end);
            } else {
                // Nobody writes here any more: the decoder says what is wrong with the rest.
                end = header.free;
            }
        }
        if end <= from {
            return Ok(None);
        }
        self.given().insert(who, end);
        Ok(Some(EvtxPiece { file: number, bytes, offset: FILE_HEADER as u64 + slot * CHUNK as u64, from, end }))
    }
}

impl Reading for Log {
    type Piece = EvtxPiece;

    fn look(&mut self, file: &mut File, number: u32, pieces: &mut Vec<EvtxPiece>) -> io::Result<Looked> {
        let slots = file.metadata()?.len().saturating_sub(FILE_HEADER as u64).div_ceil(CHUNK as u64);
        if self.waiting.is_empty() {
            for slot in self.slots_to_look_at(slots) {
                self.look_at(file, slot)?;
            }
        }
        let before = pieces.len();
        while pieces.len() < before + AT_ONCE {
            let Some((_, slot)) = self.waiting.pop_first() else { break };
            pieces.extend(self.take(file, slot, number)?);
        }
        let mut given = self.given();
        while given.len() as u64 > (slots * REMEMBERED).max(REMEMBERED_AT_LEAST) {
            given.pop_first();
        }
        Ok(if pieces.len() > before { Looked::New { more: !self.waiting.is_empty() } } else { Looked::Nothing })
    }

    fn of_next(&self) -> Self {
        Self { given: Arc::clone(&self.given), ..Self::default() }
    }

    fn goes_on_in(&self, file: &mut File) -> io::Result<bool> {
        for slot in [0, self.newest.0] {
            let head = read_chunk(file, slot, (CHUNK_HEADER + RECORD_HEADER) as u64)?;
            if who(&head).is_some_and(|(who, _)| self.given().contains_key(&who)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_telling(&self) -> bool {
        !self.given().is_empty()
    }

    fn head(&self) -> &[u8] {
        &[]
    }

    fn look_everywhere(&mut self) {
        self.begun = false;
        self.waiting.clear();
    }

    /// A log that is written changes neither size nor times until it is closed.
    fn is_quiet(&self, _metadata: &Metadata) -> bool {
        false
    }
}

fn read_chunk(file: &mut File, slot: u64, most: u64) -> io::Result<Vec<u8>> {
    read_at(file, FILE_HEADER as u64 + slot * CHUNK as u64, most)
}
