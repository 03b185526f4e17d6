//! JSON in any layout becomes `Fields`: lines, arrays, pretty-printed or concatenated objects, pages and envelopes.
//!
//! One pass a record: the scanner walks it with the key paths of the shape in force and skips everything else. Only when
//! the record is not of that shape the others are tried. A record that cannot be read is reported with line and column,
//! and reading goes on at the next one. Bytes come in blocks of any size; what is incomplete stays for the next block.

mod block;
mod cut;
pub(super) mod frame;
mod index;
pub(super) mod keys;
mod look;
mod order;
mod raw;
mod record;
pub(super) mod scan;
mod split;
pub(super) mod trie;

use super::catch::Catch;
use super::cut::{Entry, Exit, Part};
use super::wide::Units;
use crate::model::fields::{RecordSink, Unreadable};
use crate::model::shape::Shapes;
use block::Block;
pub use cut::{Layout, State};
use frame::{Frame, Head, Lines};
use index::Index;
use order::Order;
pub use raw::raw_record;
use scan::{Scan, Stop};
pub use split::{lines, split};
use std::sync::Arc;
use trie::Trie;

/// Reads one JSON input, block by block.
#[derive(Debug)]
pub struct Decoder {
    tries: Arc<[Trie]>,
    /// The shape of the last record, as a place in `tries`.
    current: Option<usize>,
    order: Order,
    catch: Catch,
    index: Index,
    frame: Frame,
    /// The last thing at the top was an envelope, so the next may be one too.
    envelopes: bool,
    units: Units,
    /// Characters of the current line that were taken already.
    column: usize,
    head: Head,
    /// An event in XML stands where the next record should.
    at_xml: bool,
    /// Bytes of an incomplete record that were looked at in vain.
    seen: usize,
    /// Bytes of a record at most.
    longest: usize,
    /// Every byte and key is looked at anew.
    careful: bool,
}

/// Bytes a record may have; what is longer is no log record, and is left out instead of being kept in memory.
const LONGEST: usize = 64 << 20;

/// What became of the bytes at a place where a record begins.
enum Outcome {
    /// Taken up to here.
    Taken(usize),
    /// Not complete yet.
    Wait,
}

impl Decoder {
    #[must_use]
    pub fn new(shapes: Shapes) -> Self {
        let tries = trie::all(shapes);
        Self {
            order: Order::new(&tries),
            tries,
            current: None,
            catch: Catch::default(),
            index: Index::default(),
            frame: Frame::Top,
            envelopes: State::START.envelopes,
            units: Units::default(),
            column: 0,
            head: Head::default(),
            at_xml: false,
            seen: 0,
            longest: LONGEST,
            careful: false,
        }
    }
    /// A decoder that looks at every byte and every key anew: slower, and what the other is compared with.
    #[must_use]
    pub fn careful(shapes: Shapes) -> Self {
        let mut decoder = Self { careful: true, ..Self::new(shapes) };
        decoder.catch.keys.stop_learning();
        decoder
    }
    /// The same with another limit for the bytes of a record.
    #[must_use]
    pub const fn with_longest(mut self, bytes: usize) -> Self {
        self.longest = bytes;
        self
    }
    /// Makes it ready for the first byte of another input, or of another piece of one; what it learned of keys and shapes
    /// stays.
    pub fn begin_again(&mut self) {
        self.units = Units::default();
        self.set(State::START);
        self.resume();
    }
    /// Whether the bytes were left at an event in XML, which is for another reader.
    #[must_use]
    pub const fn is_at_xml(&self) -> bool {
        self.at_xml
    }
    /// Goes on at the beginning of a line behind what another reader took.
    pub fn resume(&mut self) {
        self.at_xml = false;
        self.seen = 0;
        self.column = 0;
        self.head = Head::default();
    }
    /// Decodes every complete record of `bytes`, which begin at byte `offset` and line `line` (from 1) of the input, and
    /// returns how many bytes were taken: the rest is an incomplete record and must come again in front of the next block.
    /// With `last` nothing follows: an incomplete record is reported as unreadable, and all bytes are taken.
    pub fn feed(&mut self, bytes: &[u8], offset: u64, line: u32, last: bool, sink: &mut dyn RecordSink) -> usize {
        let mut units = self.units;
        let mut read = |bytes: &[u8], offset, line, sink: &mut dyn RecordSink| self.feed_utf8(bytes, offset, line, last, sink);
        let taken = units.feed((bytes, offset, line), last, sink, &mut read);
        self.units = units;
        taken
    }
    fn feed_utf8(&mut self, bytes: &[u8], offset: u64, line: u32, last: bool, sink: &mut dyn RecordSink) -> usize {
        if !last && self.waits_on(bytes) {
            return 0;
        }
        let mut block = Block::new(bytes, last, Lines::new(bytes, offset, line, self.column));
        let at = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        self.read(&mut block, at, usize::MAX, sink).0
    }
    /// Decodes the records of a part of `bytes`, which are the whole input; `line` (from 1) is that of the beginning of its
    /// range. With `last` nothing follows the input. A decoder that read the last part goes on with `feed`.
    pub fn feed_part(&mut self, bytes: &[u8], part: &Part, state: State, line: u32, last: bool, sink: &mut dyn RecordSink) -> Exit {
        self.begin_again();
        self.units = Units::UTF8;
        self.set(state);
        let mut block = Block::new(bytes, last, Lines::behind(bytes, part.range.start, line));
        let at = if part.from == 0 && bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { part.from };
        let until = if part.range.end < bytes.len() { part.range.end } else { usize::MAX };
        let (at, ends) = self.read(&mut block, at, until, sink);
        let state = State { frame: self.frame, envelopes: self.envelopes };
        Exit { at, entry: (ends && !self.at_xml).then_some(Entry::Json(state)) }
    }
    fn set(&mut self, state: State) {
        (self.frame, self.envelopes) = (state.frame, state.envelopes);
    }
    /// Decodes from `at` on, up to the first record that begins at `until` or behind it. Gives the place, and whether
    /// it is that record or the end of an input, and not something that waits for more bytes.
    fn read(&mut self, block: &mut Block<'_>, mut at: usize, until: usize, sink: &mut dyn RecordSink) -> (usize, bool) {
        let (bytes, last) = (block.bytes, block.last);
        loop {
            if until < usize::MAX {
                let next = self.next_record(bytes, at);
                if next >= until {
                    return (next, true);
                }
            }
            let taken = match self.frame {
                Frame::Top => self.top(block, at, sink),
                Frame::Array { closers } => self.element(block, at, closers, sink),
                Frame::Tail { closers } => self.tail(block, at, closers, sink),
                Frame::LeftOut => self.left_out(block, at),
            };
            let waits = matches!(taken, Outcome::Wait) && !self.at_xml;
            match taken {
                Outcome::Taken(next) if next > at => at = next,
                _ if waits && bytes.len() - at >= self.longest => {
                    let begins = frame::skip_blank(bytes, at);
                    let reason = format!("longer than {} bytes, left out up to the end of its line: is this a log?", self.longest);
                    sink.unreadable(block.lines.unreadable(begins, reason));
                    self.frame = Frame::LeftOut;
                    at += self.longest;
                }
                Outcome::Taken(_) | Outcome::Wait if last && !self.at_xml => return (bytes.len(), true),
                Outcome::Taken(_) | Outcome::Wait => {
                    self.column = block.lines.column_at(at);
                    self.head = self.head.and(bytes.get(..at).unwrap_or_default());
                    self.seen = if waits { bytes.len() - at } else { 0 };
                    return (at, until == usize::MAX);
                }
            }
        }
    }
    /// Where what follows `at` begins, when blanks and the comma between elements are left out.
    fn next_record(&self, bytes: &[u8], at: usize) -> usize {
        if self.frame == Frame::LeftOut {
            return at;
        }
        let mut next = frame::skip_blank(bytes, at);
        if matches!(self.frame, Frame::Array { .. }) && bytes.get(next) == Some(&b',') {
            let behind = frame::skip_blank(bytes, next + 1);
            // Of two commas the second is no comma between elements.
            next = if bytes.get(behind) == Some(&b',') { next } else { behind };
        }
        // Nothing follows, so nothing is left out.
        if next < bytes.len() { next } else { at }
    }
    /// Whether a record that was incomplete still is: nothing came that could end it. Long ones that come in small blocks
    /// would be walked from their beginning with every block.
    fn waits_on(&mut self, bytes: &[u8]) -> bool {
        let Some(new) = bytes.get(self.seen..).filter(|_| self.seen > 0 && bytes.len() < self.longest) else { return false };
        if memchr::memchr2(b'}', b'\n', new).is_some() {
            return false;
        }
        self.seen = bytes.len();
        true
    }
    /// In a line of which the beginning was too long to be a record.
    fn left_out(&mut self, block: &Block<'_>, at: usize) -> Outcome {
        let rest = block.bytes.get(at..).unwrap_or_default();
        match memchr::memchr(b'\n', rest) {
            Some(newline) => {
                self.frame = Frame::Top;
                Outcome::Taken(at + newline + 1)
            }
            None => Outcome::Taken(block.bytes.len()),
        }
    }
    /// Between records at the top of the input.
    fn top(&mut self, block: &mut Block<'_>, at: usize, sink: &mut dyn RecordSink) -> Outcome {
        let at = frame::skip_blank(block.bytes, at);
        match block.bytes.get(at) {
            None => Outcome::Taken(at),
            Some(b'{') => self.record(block, at, sink),
            Some(b'[') => match block.bytes.get(frame::skip_blank(block.bytes, at + 1)) {
                Some(b'{' | b']') => {
                    self.frame = Frame::Array { closers: 0 };
                    Outcome::Taken(at + 1)
                }
                None if !block.last => Outcome::Wait,
                _ => self.prefixed(block, at, sink),
            },
            Some(_) => self.prefixed(block, at, sink),
        }
    }
    /// A line that does not begin with a record: there may be one behind a tag, as Fluent Bit writes it.
    fn prefixed(&mut self, block: &mut Block<'_>, at: usize, sink: &mut dyn RecordSink) -> Outcome {
        let Some(end) = frame::line_end(block.bytes, at, block.last) else { return Outcome::Wait };
        let text = block.bytes.get(at..end).unwrap_or_default();
        if text.starts_with(b"<Event") || text.starts_with(b"<?xml") {
            self.at_xml = true;
            return Outcome::Wait;
        }
        if let Some(open) = memchr::memchr(b'{', text) {
            return self.record(block, at + open, sink);
        }
        if !frame::is_furniture(text) {
            sink.unreadable(block.lines.unreadable(at, "no JSON object in this line".to_owned()));
        }
        Outcome::Taken(end)
    }
    /// Between the elements of an array of records.
    fn element(&mut self, block: &mut Block<'_>, at: usize, closers: u8, sink: &mut dyn RecordSink) -> Outcome {
        let mut at = frame::skip_blank(block.bytes, at);
        if block.bytes.get(at) == Some(&b',') {
            at = frame::skip_blank(block.bytes, at + 1);
        }
        match block.bytes.get(at) {
            None => Outcome::Wait,
            Some(b']') => {
                self.frame = if closers == 0 { Frame::Top } else { Frame::Tail { closers } };
                Outcome::Taken(at + 1)
            }
            Some(b'{') => self.record(block, at, sink),
            Some(_) => {
                let mut scan = Scan::new(block.bytes, at);
                match scan.skip() {
                    Ok(()) => {
                        block.lines.unknown(at, "a value that is no object", sink);
                        Outcome::Taken(scan.at)
                    }
                    Err(Stop::Incomplete) if !block.last => Outcome::Wait,
                    Err(_) if frame::line_end(block.bytes, at, block.last).is_none() => Outcome::Wait,
                    Err(_) => {
                        // Not an array of records after all, or its end is lost.
                        self.frame = Frame::Top;
                        self.prefixed(block, at, sink)
                    }
                }
            }
        }
    }
    /// Behind the records of an envelope, before its end.
    fn tail(&mut self, block: &mut Block<'_>, at: usize, closers: u8, sink: &mut dyn RecordSink) -> Outcome {
        let at = frame::skip_blank(block.bytes, at);
        match block.bytes.get(at) {
            None => Outcome::Wait,
            Some(b'}') => {
                self.frame = if closers <= 1 { Frame::Top } else { Frame::Tail { closers: closers - 1 } };
                Outcome::Taken(at + 1)
            }
            Some(b',') => {
                let mut scan = Scan::new(block.bytes, at + 1);
                match scan.key().and_then(|_| scan.skip()) {
                    Ok(()) => Outcome::Taken(scan.at),
                    Err(Stop::Incomplete) if !block.last => Outcome::Wait,
                    Err(_) => {
                        let Some(end) = frame::line_end(block.bytes, at, block.last) else { return Outcome::Wait };
                        self.frame = Frame::Top;
                        sink.unreadable(block.lines.unreadable(at, "the end of the envelope is damaged".to_owned()));
                        Outcome::Taken(end)
                    }
                }
            }
            Some(_) => {
                self.frame = Frame::Top;
                self.top(block, at, sink)
            }
        }
    }
}

impl Lines<'_> {
    pub(super) fn unreadable(&mut self, at: usize, reason: String) -> Unreadable {
        Unreadable { offset: self.offset_of(at), line: self.line_at(at), record: 0, reason }
    }
    /// A record at `at` with a fault at `place`: its line, and in the reason its column, in characters from 1.
    pub(super) fn fault(&mut self, at: usize, place: usize, what: &str) -> Unreadable {
        let line = self.line_ahead(place);
        Unreadable { offset: self.offset_of(at), line, record: 0, reason: format!("column {}: {what}", self.column_at(place) + 1) }
    }
    pub(super) fn unknown(&mut self, at: usize, reason: &str, sink: &mut dyn RecordSink) {
        let line = self.line_at(at);
        sink.unknown(self.offset_of(at), line, reason);
    }
}

#[cfg(test)]
mod tests;
