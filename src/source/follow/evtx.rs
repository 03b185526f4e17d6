//! An event log that Windows writes.
//!
//! Records appear inside the newest chunk, whole chunks are added behind, the file header stays stale while the log is
//! open, a full circular log goes on in its oldest chunk, and a cleared one begins again in its first. So the file header
//! is not asked. What is known of each chunk is who it is (number and time of its first record) and how far it was given;
//! whatever differs from that is new. The chunks where something is likely to happen are looked at every time, the others
//! in turn.

use super::super::identity::Identity;
use super::{is_replaced, open};
use crate::base::evtx_chunk::{CHUNK, CHUNK_HEADER, ChunkHeader, FILE_HEADER, Found, RECORD_HEADER, record_at, u64_at};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

/// Most chunks given in one look; the rest comes with the next.
const AT_ONCE: usize = 64;
/// Chunks looked at in turn, besides those where something is likely to happen.
const IN_TURN: u64 = 128;

/// New records of one chunk.
pub struct EvtxPiece {
    /// The chunk, up to the end of its last complete record.
    pub bytes: Vec<u8>,
    /// Where the chunk begins in the file.
    pub offset: u64,
    /// Where the new records begin in the chunk.
    pub from: usize,
}

/// Who a chunk is: its slot is used again when the log is cleared or full. In order of age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Who {
    /// When its first record was written, 100 ns since 1601.
    written: u64,
    /// Number of its first record.
    first: u64,
}

#[derive(Clone, Copy, Debug)]
struct Given {
    who: Who,
    /// Up to where its records were given.
    end: usize,
}

/// Watches one log.
#[derive(Debug)]
pub struct FollowEvtx {
    path: PathBuf,
    file: Option<(File, Identity)>,
    given: BTreeMap<u64, Given>,
    /// Slots with something new that did not fit into the last look, by age.
    waiting: BTreeSet<(Who, u64)>,
    /// The slot written last.
    newest: u64,
    turn: u64,
    /// All chunks are to be looked at.
    begun: bool,
}

fn who(chunk: &[u8]) -> Option<(Who, ChunkHeader)> {
    let header = ChunkHeader::read(chunk)?;
    let written = u64_at(chunk, CHUNK_HEADER + 16)?;
    // A chunk that was begun but has no record yet is nobody.
    (header.free > CHUNK_HEADER && written > 0).then_some((Who { written, first: header.first }, header))
}

/// Where the complete records end that follow each other from `from`.
fn end_of_records(chunk: &[u8], from: usize, free: usize) -> usize {
    let mut at = from;
    while at < free {
        let Found::Record { size, .. } = record_at(chunk, at) else { break };
        at += size;
    }
    at
}

impl FollowEvtx {
    /// Watches from the beginning.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        let (given, waiting) = (BTreeMap::new(), BTreeSet::new());
        Self { path, file: None, given, waiting, newest: 0, turn: 0, begun: false }
    }

    /// Watches from behind the records in `bytes`, the file as it was read.
    #[must_use]
    pub fn after(path: PathBuf, bytes: &[u8]) -> Self {
        let mut follow = Self::new(path);
        follow.file = open(&follow.path).ok();
        let chunks = || bytes.get(FILE_HEADER..).unwrap_or_default().chunks(CHUNK).zip(0_u64..);
        let known = |(chunk, slot)| Some((who(chunk)?.0, slot));
        let newest = chunks().filter_map(known).max();
        follow.newest = newest.map_or(0, |(_, slot)| slot);
        for (chunk, slot) in chunks() {
            let Some((who, header)) = who(chunk) else { continue };
            // Behind damage a chunk that is full has nothing to wait for.
            let end = if slot == follow.newest { end_of_records(chunk, CHUNK_HEADER, header.free) } else { header.free };
            follow.given.insert(slot, Given { who, end });
        }
        follow
    }

    /// New records since the last look, oldest chunk first.
    ///
    /// # Errors
    /// The file cannot be read now; the next look tries again.
    pub fn poll(&mut self) -> io::Result<Vec<EvtxPiece>> {
        let mut pieces = Vec::new();
        if let Some((mut file, id)) = self.file.take() {
            let is_replaced = is_replaced(&self.path, id);
            self.begun &= !is_replaced;
            loop {
                let before = pieces.len();
                if let Err(error) = self.look(&mut file, &mut pieces) {
                    self.file = Some((file, id));
                    return Err(error);
                }
                if !is_replaced || pieces.len() == before {
                    break;
                }
            }
            if !is_replaced {
                self.file = Some((file, id));
                return Ok(pieces);
            }
            // The log was archived under another name; what follows is in the new file.
            let path = std::mem::take(&mut self.path);
            *self = Self::new(path);
        }
        let (mut file, id) = open(&self.path)?;
        let looked = self.look(&mut file, &mut pieces);
        self.file = Some((file, id));
        looked.map(|()| pieces)
    }

    fn look(&mut self, file: &mut File, pieces: &mut Vec<EvtxPiece>) -> io::Result<()> {
        let slots = file.metadata()?.len().saturating_sub(FILE_HEADER as u64).div_ceil(CHUNK as u64);
        self.given.retain(|slot, _| *slot < slots);
        if self.waiting.is_empty() {
            for slot in self.slots_to_look_at(slots) {
                self.look_at(file, slot)?;
            }
        }
        let most = pieces.len() + AT_ONCE;
        while pieces.len() < most {
            let Some((_, slot)) = self.waiting.pop_first() else { break };
            pieces.extend(self.take(file, slot)?);
        }
        Ok(())
    }

    fn slots_to_look_at(&mut self, slots: u64) -> BTreeSet<u64> {
        if !self.begun {
            self.begun = true;
            return (0..slots).collect();
        }
        let turn = (0..IN_TURN.min(slots)).map(|step| (self.turn + step) % slots);
        let mut chosen: BTreeSet<u64> = turn.collect();
        self.turn = (self.turn + IN_TURN).checked_rem(slots).unwrap_or(0);
        chosen.extend([0, self.newest, self.newest.saturating_add(1)].into_iter().filter(|slot| *slot < slots));
        chosen
    }

    fn look_at(&mut self, file: &mut File, slot: u64) -> io::Result<()> {
        let head = read_chunk(file, slot, (CHUNK_HEADER + RECORD_HEADER) as u64)?;
        match who(&head) {
            Some((who, header)) if self.given.get(&slot).is_none_or(|given| given.who != who || given.end < header.free) => {
                self.waiting.insert((who, slot));
            }
            Some(_) => {}
            None => {
                self.given.remove(&slot);
            }
        }
        Ok(())
    }

    fn take(&mut self, file: &mut File, slot: u64) -> io::Result<Option<EvtxPiece>> {
        let mut bytes = read_chunk(file, slot, CHUNK as u64)?;
        let Some((who, header)) = who(&bytes) else { return Ok(None) };
        let from = match self.given.get(&slot) {
            Some(given) if given.who == who => given.end,
            _ => CHUNK_HEADER,
        };
        let newest = self.given.get(&self.newest).map(|given| given.who);
        let is_newest = slot == self.newest || newest.is_none_or(|newest| who > newest);
        if is_newest {
            self.newest = slot;
        }
        let mut end = end_of_records(&bytes, from, header.free);
        if end < header.free {
            if is_newest && self.waiting.is_empty() {
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
        self.given.insert(slot, Given { who, end });
        Ok(Some(EvtxPiece { bytes, offset: FILE_HEADER as u64 + slot * CHUNK as u64, from }))
    }
}

fn read_chunk(file: &mut File, slot: u64, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(most).unwrap_or(0));
    file.seek(SeekFrom::Start(FILE_HEADER as u64 + slot * CHUNK as u64))?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
