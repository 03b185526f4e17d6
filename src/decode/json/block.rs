//! One block on its way through the decoder: its bytes, its lines, and the stretch of it that is looked at just now.
//!
//! A stretch is checked for UTF-8 and indexed in one go, which costs far less than doing it record by record; it is small
//! enough to stay in the nearest cache until its records are walked. It begins at a record, so the index begins outside of
//! any text.

use super::frame::Lines;
use super::index::Index;

/// Bytes of a usual stretch.
const STRETCH: usize = 32 << 10;
/// Bytes of the first one, and of the next one behind a record that is no UTF-8.
const SHORTEST: usize = 4 << 10;

pub struct Block<'b> {
    pub bytes: &'b [u8],
    /// Nothing follows this block.
    pub last: bool,
    pub lines: Lines<'b>,
    stretch: Stretch<'b>,
    /// How long the next stretch is, and the last record was.
    next: usize,
    usual: usize,
}

/// A part of the block that has an index; places in it count from its beginning.
#[derive(Clone, Copy)]
pub struct Stretch<'b> {
    /// Where it begins in the block.
    pub from: usize,
    /// The block from there on.
    pub bytes: &'b [u8],
    /// As much of the stretch as is UTF-8.
    pub text: &'b str,
    /// Whether all of the block behind `from` belongs to it.
    ends_with_block: bool,
}

impl<'b> Block<'b> {
    pub const fn new(bytes: &'b [u8], last: bool, lines: Lines<'b>) -> Self {
        let stretch = Stretch { from: 0, bytes, text: "", ends_with_block: false };
        Self { bytes, last, lines, stretch, next: SHORTEST, usual: 0 }
    }
    /// The stretch for a record at `at`: the present one, if it seems to hold all of the record.
    pub fn stretch_at(&mut self, at: usize, index: &mut Index) -> Stretch<'b> {
        let begins = at.saturating_sub(self.stretch.from);
        let left = self.stretch.text.len().saturating_sub(begins);
        if left > 0 && (left > self.usual || self.stretch.ends_with_block) {
            return self.stretch;
        }
        let stretch = self.begin(at, self.next.max(self.usual.saturating_mul(2)), index);
        self.next = (self.next * 2).min(STRETCH);
        stretch
    }
    /// A new stretch of `len` bytes at `at`.
    pub fn begin(&mut self, at: usize, len: usize, index: &mut Index) -> Stretch<'b> {
        let bytes = self.bytes.get(at..).unwrap_or_default();
        let part = bytes.get(..len).unwrap_or(bytes);
        index.build(part);
        let text = match simdutf8::compat::from_utf8(part) {
            Ok(text) => text,
            Err(fault) => part.get(..fault.valid_up_to()).and_then(|part| std::str::from_utf8(part).ok()).unwrap_or_default(),
        };
        self.stretch = Stretch { from: at, bytes, text, ends_with_block: text.len() == bytes.len() };
        self.stretch
    }
    /// Remembers how long a record was.
    pub const fn took(&mut self, len: usize) {
        self.usual = len;
    }
    /// A record was no UTF-8: others may not be either.
    pub const fn was_no_text(&mut self) {
        self.next = SHORTEST;
    }
}
