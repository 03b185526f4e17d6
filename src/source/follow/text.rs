//! How a text file grows: at its end, until it is cut short or written over.
//!
//! Its first bytes and the last ones given are kept. Where they do not stand in the file any more it is another text,
//! even if it is longer than before, or just as long.

use super::{Looked, Reading, read_at};
use std::fs::{File, Metadata};
use std::io;
use std::time::SystemTime;

/// Most bytes taken in one look; the rest comes with the next.
const AT_ONCE: u64 = 4 << 20;
/// Bytes kept of the beginning, and of the end of what was given.
const HEAD: usize = 4_096;
const TAIL: usize = 256;

/// New text.
#[derive(Debug)]
pub struct TextPiece {
    /// Counts the files that stood under the name: the text of each is one text.
    pub file: u32,
    pub offset: u64,
    /// Line at `offset`, from 1; only meant when the file was read from its beginning.
    pub line: u32,
    pub bytes: Vec<u8>,
}

/// How far a text was given.
#[derive(Clone, Debug)]
pub struct Text {
    offset: u64,
    line: u32,
    /// Whether more than one line was given.
    is_telling: bool,
    head: Vec<u8>,
    tail: Vec<u8>,
    /// When the file was changed last, as it was at the last look.
    changed: Option<SystemTime>,
}

impl Default for Text {
    fn default() -> Self {
        Self { offset: 0, line: 1, is_telling: false, head: Vec::new(), tail: Vec::new(), changed: None }
    }
}

impl Text {
    pub(super) fn after(bytes: &[u8], line: u32) -> Self {
        let last = bytes.len().saturating_sub(TAIL).max(HEAD);
        let lines = newlines(bytes.get(..HEAD).unwrap_or(bytes)) + newlines(bytes.get(last..).unwrap_or_default());
        let mut text = Self { line, is_telling: lines > 1, ..Self::default() };
        text.keep(bytes);
        text
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.offset += bytes.len() as u64;
        let room = HEAD.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(room));
        self.tail.extend_from_slice(bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or_default());
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
    }
}

fn newlines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

impl Reading for Text {
    type Piece = TextPiece;

    fn look(&mut self, file: &mut File, number: u32, pieces: &mut Vec<TextPiece>) -> io::Result<Looked> {
        let metadata = file.metadata()?;
        if metadata.len() < self.offset || read_at(file, 0, self.head.len() as u64)? != self.head {
            return Ok(Looked::Anew);
        }
        // One read for the bytes that must be there still and for those behind them.
        let mut bytes = read_at(file, self.offset.saturating_sub(self.tail.len() as u64), AT_ONCE)?;
        if !bytes.starts_with(&self.tail) {
            return Ok(Looked::Anew);
        }
        // Taken before the reading: what is written from now on changes it again.
        self.changed = metadata.modified().ok();
        bytes.drain(..self.tail.len());
        if bytes.is_empty() {
            return Ok(Looked::Nothing);
        }
        let lines = newlines(&bytes);
        self.is_telling |= lines > 1 || self.offset > 0 && lines > 0;
        let (offset, line) = (self.offset, self.line);
        self.keep(&bytes);
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        pieces.push(TextPiece { file: number, offset, line, bytes });
        Ok(Looked::New { more: self.offset < metadata.len() })
    }

    fn of_next(&self) -> Self {
        Self::default()
    }

    fn goes_on_in(&self, file: &mut File) -> io::Result<bool> {
        let tail_at = self.offset.saturating_sub(self.tail.len() as u64);
        let stands = file.metadata()?.len() >= self.offset
            && read_at(file, 0, self.head.len() as u64)? == self.head
            && read_at(file, tail_at, self.tail.len() as u64)? == self.tail;
        Ok(stands)
    }

    /// One line alone may be the header of any table.
    fn is_telling(&self) -> bool {
        self.is_telling && self.offset >= TAIL as u64
    }

    fn head(&self) -> &[u8] {
        &self.head
    }

    fn is_quiet(&self, metadata: &Metadata) -> bool {
        metadata.len() == self.offset && self.changed.is_some() && self.changed == metadata.modified().ok()
    }
}
