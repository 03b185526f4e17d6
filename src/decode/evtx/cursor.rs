//! Little-endian reading with checked bounds: every read gives `None` at the end, nothing panics.

use crate::base::evtx_chunk::{u16_at, u32_at};

/// A place in a chunk. Positions are offsets in the chunk, because names and templates are named by such offsets.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    chunk: &'a [u8],
    pub at: usize,
    pub end: usize,
}

impl<'a> Cursor<'a> {
    /// Reads `chunk` from `at` up to `end`, which is brought inside the chunk.
    pub fn new(chunk: &'a [u8], at: usize, end: usize) -> Self {
        Self { chunk, at, end: end.min(chunk.len()) }
    }
    pub fn chunk(&self) -> &'a [u8] {
        self.chunk
    }
    pub fn is_at_end(&self) -> bool {
        self.at >= self.end
    }
    #[inline]
    pub fn skip(&mut self, bytes: usize) -> Option<()> {
        self.take(bytes).map(|_| ())
    }
    #[inline]
    pub fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(bytes).filter(|end| *end <= self.end)?;
        let taken = self.chunk.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }
    #[inline]
    pub fn peek(&self) -> Option<u8> {
        if self.is_at_end() { None } else { self.chunk.get(self.at).copied() }
    }
    #[inline]
    pub fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }
    #[inline]
    pub fn u16(&mut self) -> Option<u16> {
        u16_at(self.take(2)?, 0)
    }
    #[inline]
    pub fn u32(&mut self) -> Option<u32> {
        u32_at(self.take(4)?, 0)
    }
    /// The offset of a name; a name that is written right here for the first time in the chunk is stepped over.
    pub fn name(&mut self) -> Option<usize> {
        let name = self.u32()? as usize;
        if name == self.at {
            let characters = u16_at(self.chunk, name.checked_add(6)?)?;
            self.skip(8 + usize::from(characters) * 2 + 2)?;
        }
        Some(name)
    }
}

/// The UTF-16 bytes of the name at an offset of the chunk.
pub fn name_bytes(chunk: &[u8], at: usize) -> Option<&[u8]> {
    let characters = u16_at(chunk, at.checked_add(6)?)?;
    chunk.get(at + 8..)?.get(..usize::from(characters) * 2)
}
