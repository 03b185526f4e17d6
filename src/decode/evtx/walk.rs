//! From record to record through a chunk, as far as it can be trusted, and a count of what lies behind.
//!
//! A chunk is written over when a log wraps, so behind its last record lie older ones. They belong to no order of this
//! log any more: they are counted, not read. Damage between good records is stepped over with a reason.

use super::CHUNK_HEADER;
use super::cursor::{u32_at, u64_at};

/// Bytes before a record's binary XML: signature, size, number, time written.
pub const RECORD_HEADER: usize = 24;
pub const RECORD_SIGNATURE: &[u8; 4] = b"**\0\0";
const CHUNK_SIGNATURE: &[u8; 8] = b"ElfChnk\0";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A record from `at`; its binary XML ends at `end`.
    Record {
        at: usize,
        end: usize,
        number: u64,
    },
    Damage {
        at: usize,
        number: u64,
        reason: &'static str,
    },
}

/// Walks the records of one chunk.
#[derive(Debug)]
pub struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the free space starts, by the chunk's header.
    free: usize,
    first: u64,
    last: u64,
    before: Option<u64>,
    start: Start,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Signed,
    /// No signature: its damage is still to be told.
    Unsigned,
    /// Nothing in it, or told.
    Done,
}

impl<'a> Walk<'a> {
    pub fn new(bytes: &'a [u8], from: usize) -> Self {
        let start = if bytes.starts_with(CHUNK_SIGNATURE) {
            Start::Signed
        } else if bytes.iter().all(|byte| *byte == 0) {
            Start::Done
        } else {
            Start::Unsigned
        };
        let free = u32_at(bytes, 48).map_or(0, |free| free as usize).min(bytes.len());
        let (first, last) = (u64_at(bytes, 24).unwrap_or(0), u64_at(bytes, 32).unwrap_or(0));
        Self { bytes, at: from.max(CHUNK_HEADER), free, first, last, before: None, start }
    }

    /// The offset just behind the last record walked over.
    pub fn behind_last(&self) -> usize {
        self.at
    }

    pub fn next(&mut self) -> Option<Step> {
        match self.start {
            Start::Done => return None,
            Start::Unsigned => {
                self.start = Start::Done;
                self.at = CHUNK_HEADER.min(self.bytes.len());
                return Some(Step::Damage { at: 0, number: 0, reason: "a chunk of 64 KiB without its signature ElfChnk" });
            }
            Start::Signed => {}
        }
        if self.at >= self.free {
            return None;
        }
        match self.record_at(self.at) {
            Found::Record { size, number } => {
                let at = self.at;
                self.at += size;
                self.before = Some(number);
                Some(Step::Record { at, end: at + size - 4, number })
            }
            found => self.after_damage(found),
        }
    }

    fn after_damage(&mut self, found: Found) -> Option<Step> {
        let at = self.at;
        let next = self.next_live(at.saturating_add(4));
        let (number, reason) = match found {
            // The header may put the start of the free space too far back.
            Found::Nothing if next.is_none() => {
                self.start = Start::Done;
                return None;
            }
            Found::Record { number, .. } | Found::Torn { number } => (number, "a record written over in part"),
            Found::Nothing => (0, "zeros between the records of a chunk"),
            Found::Cut { number } => (number, "the file ends in the middle of this record"),
            Found::BadSize { number } => (number, "a record with an impossible size"),
            Found::Unsigned => (0, "no record where the one before ends"),
        };
        match next {
            Some(next) => self.at = next,
            None => self.start = Start::Done,
        }
        Some(Step::Damage { at, number, reason })
    }

    fn next_live(&self, from: usize) -> Option<usize> {
        let mut from = from;
        loop {
            let at = self.find(from, self.free)?;
            if let Found::Record { size, number } = self.record_at(at)
                && at + size <= self.free
                && (self.first..=self.last).contains(&number)
                && self.before.is_none_or(|before| number > before)
            {
                return Some(at);
            }
            from = at + 1;
        }
    }

    /// Whole records between the end of the walk and the end of the chunk.
    pub fn slack(&self) -> u64 {
        let (mut from, mut count) = (self.at, 0);
        while let Some(at) = self.find(from, self.bytes.len()) {
            match self.record_at(at) {
                Found::Record { size, .. } => {
                    count += 1;
                    from = at + size;
                }
                _ => from = at + 1,
            }
        }
        count
    }

    fn find(&self, from: usize, to: usize) -> Option<usize> {
        Some(from + memchr::memmem::find(self.bytes.get(from..to)?, RECORD_SIGNATURE)?)
    }

    fn record_at(&self, at: usize) -> Found {
        let Some(head) = self.bytes.get(at..).and_then(|rest| rest.get(..RECORD_HEADER)) else {
            return Found::Nothing;
        };
        if !head.starts_with(RECORD_SIGNATURE) {
            return if head.iter().all(|byte| *byte == 0) { Found::Nothing } else { Found::Unsigned };
        }
        let (size, number) = (u32_at(head, 4).unwrap_or(0) as usize, u64_at(head, 8).unwrap_or(0));
        if !(RECORD_HEADER + 4..=super::CHUNK).contains(&size) {
            Found::BadSize { number }
        } else if at + size > self.bytes.len() {
            Found::Cut { number }
        } else if u32_at(self.bytes, at + size - 4).is_none_or(|copy| copy as usize != size) {
            Found::Torn { number }
        } else {
            Found::Record { size, number }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// A record that ends with a copy of its size, which damage does not forge.
    Record {
        size: usize,
        number: u64,
    },
    /// Its end is not its own.
    Torn {
        number: u64,
    },
    /// Zeros, or the end of the bytes.
    Nothing,
    Unsigned,
    BadSize {
        number: u64,
    },
    Cut {
        number: u64,
    },
}
