//! Text that comes in pieces, and its decoder: an incomplete record at the end waits here for the rest.

use crate::decode::text;
use crate::engine::load::Tail;
use crate::normalise::batch::Batch;
use crate::normalise::shape::SHAPES;

/// One text: a file, or a stream.
pub(super) struct TextReader {
    decoder: text::Decoder,
    waiting: Vec<u8>,
    offset: u64,
    line: u32,
}

impl TextReader {
    pub fn new() -> Self {
        Self::at(0, 1)
    }
    pub fn at(offset: u64, line: u32) -> Self {
        Self { decoder: text::Decoder::new(SHAPES), waiting: Vec::new(), offset, line }
    }
    /// Goes on where the reading of a file stopped; `rest` are the bytes it left.
    pub fn going_on(tail: Tail, rest: &[u8]) -> Self {
        Self { decoder: tail.decoder, waiting: rest.to_vec(), offset: tail.offset, line: tail.line }
    }
    /// The first byte that is not read yet, and its line.
    pub const fn place(&self) -> (u64, u32) {
        (self.offset, self.line)
    }
    /// Takes in what comes next; with `last` nothing more will.
    pub fn take(&mut self, bytes: &[u8], last: bool, batch: &mut Batch) {
        self.waiting.extend_from_slice(bytes);
        let used = self.decoder.feed(&self.waiting, self.offset, self.line, last, batch).min(self.waiting.len());
        let lines = memchr::memchr_iter(b'\n', self.waiting.get(..used).unwrap_or_default()).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.offset += used as u64;
        self.waiting.drain(..used);
    }
}
