//! JSON in any layout becomes `Fields`: lines, arrays, pretty-printed or concatenated objects, pages and envelopes.
//!
//! One pass a record: the scanner walks it with the key paths of the shape in force and skips everything else. Only when
//! the record is not of that shape the others are tried. A record that cannot be read is reported with line and column,
//! and reading goes on at the next one. Bytes come in blocks of any size; what is incomplete stays for the next block.

pub(super) mod frame;
mod order;
mod raw;
pub(super) mod scan;
mod split;
pub(super) mod trie;

use super::catch::Catch;
use super::wide::Units;
use crate::model::fields::{RecordSink, Unreadable};
use crate::model::shape::Shapes;
use frame::{Frame, Head, Lines};
use order::Order;
pub use raw::raw_record;
use scan::{Scan, Stop};
pub use split::split;
use std::sync::Arc;
use trie::{ROOT, Trie};

/// Reads one JSON input, block by block.
#[derive(Debug)]
pub struct Decoder {
    tries: Arc<[Trie]>,
    /// The shape of the last record, as a place in `tries`.
    current: Option<usize>,
    order: Order,
    catch: Catch,
    frame: Frame,
    /// The last thing at the top was an envelope, so the next may be one too.
    envelopes: bool,
    units: Units,
    /// Characters of the current line that were taken already.
    column: usize,
    head: Head,
    /// An event in XML stands where the next record should.
    at_xml: bool,
}

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
            frame: Frame::Top,
            envelopes: false,
            units: Units::default(),
            column: 0,
            head: Head::default(),
            at_xml: false,
        }
    }
    /// Whether the bytes were left at an event in XML, which is for another reader.
    #[must_use]
    pub const fn is_at_xml(&self) -> bool {
        self.at_xml
    }
    /// Goes on at the beginning of a line behind what another reader took.
    pub fn resume(&mut self) {
        self.at_xml = false;
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
        let mut lines = Lines::new(bytes, offset, line, self.column);
        let mut at = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        loop {
            let taken = match self.frame {
                Frame::Top => self.top(bytes, at, last, &mut lines, sink),
                Frame::Array { closers } => self.element(bytes, at, closers, last, &mut lines, sink),
                Frame::Tail { closers } => self.tail(bytes, at, closers, last, &mut lines, sink),
            };
            match taken {
                Outcome::Taken(next) if next > at => at = next,
                Outcome::Taken(_) | Outcome::Wait if last && !self.at_xml => return bytes.len(),
                Outcome::Taken(_) | Outcome::Wait => {
                    self.column = lines.column_at(at);
                    self.head = self.head.and(bytes.get(..at).unwrap_or_default());
                    return at;
                }
            }
        }
    }
    /// Between records at the top of the input.
    fn top(&mut self, bytes: &[u8], at: usize, last: bool, lines: &mut Lines<'_>, sink: &mut dyn RecordSink) -> Outcome {
        let at = frame::skip_blank(bytes, at);
        match bytes.get(at) {
            None => Outcome::Taken(at),
            Some(b'{') => self.record(bytes, at, last, lines, sink),
            Some(b'[') => match bytes.get(frame::skip_blank(bytes, at + 1)) {
                Some(b'{' | b']') => {
                    self.frame = Frame::Array { closers: 0 };
                    Outcome::Taken(at + 1)
                }
                None if !last => Outcome::Wait,
                _ => self.prefixed(bytes, at, last, lines, sink),
            },
            Some(_) => self.prefixed(bytes, at, last, lines, sink),
        }
    }
    /// A line that does not begin with a record: there may be one behind a tag, as Fluent Bit writes it.
    fn prefixed(&mut self, bytes: &[u8], at: usize, last: bool, lines: &mut Lines<'_>, sink: &mut dyn RecordSink) -> Outcome {
        let Some(end) = frame::line_end(bytes, at, last) else { return Outcome::Wait };
        let text = bytes.get(at..end).unwrap_or_default();
        if text.starts_with(b"<Event") || text.starts_with(b"<?xml") {
            self.at_xml = true;
            return Outcome::Wait;
        }
        if let Some(open) = memchr::memchr(b'{', text) {
            return self.record(bytes, at + open, last, lines, sink);
        }
        if !frame::is_furniture(text) {
            sink.unreadable(lines.unreadable(at, "no JSON object in this line".to_owned()));
        }
        Outcome::Taken(end)
    }
    /// Between the elements of an array of records.
    fn element(&mut self, bytes: &[u8], at: usize, closers: u8, last: bool, lines: &mut Lines<'_>, sink: &mut dyn RecordSink) -> Outcome {
        let mut at = frame::skip_blank(bytes, at);
        if bytes.get(at) == Some(&b',') {
            at = frame::skip_blank(bytes, at + 1);
        }
        match bytes.get(at) {
            None => Outcome::Wait,
            Some(b']') => {
                self.frame = if closers == 0 { Frame::Top } else { Frame::Tail { closers } };
                Outcome::Taken(at + 1)
            }
            Some(b'{') => self.record(bytes, at, last, lines, sink),
            Some(_) => {
                let mut scan = Scan::new(bytes, at);
                match scan.skip() {
                    Ok(()) => {
                        lines.unknown(at, "a value that is no object", sink);
                        Outcome::Taken(scan.at)
                    }
                    Err(Stop::Incomplete) if !last => Outcome::Wait,
                    Err(_) if frame::line_end(bytes, at, last).is_none() => Outcome::Wait,
                    Err(_) => {
                        // Not an array of records after all, or its end is lost.
                        self.frame = Frame::Top;
                        self.prefixed(bytes, at, last, lines, sink)
                    }
                }
            }
        }
    }
    /// Behind the records of an envelope, before its end.
    fn tail(&mut self, bytes: &[u8], at: usize, closers: u8, last: bool, lines: &mut Lines<'_>, sink: &mut dyn RecordSink) -> Outcome {
        let at = frame::skip_blank(bytes, at);
        match bytes.get(at) {
            None => Outcome::Wait,
            Some(b'}') => {
                self.frame = if closers <= 1 { Frame::Top } else { Frame::Tail { closers: closers - 1 } };
                Outcome::Taken(at + 1)
            }
            Some(b',') => {
                let mut scan = Scan::new(bytes, at + 1);
                match scan.key().and_then(|_| scan.skip()) {
                    Ok(()) => Outcome::Taken(scan.at),
                    Err(Stop::Incomplete) if !last => Outcome::Wait,
                    Err(_) => {
                        let Some(end) = frame::line_end(bytes, at, last) else { return Outcome::Wait };
                        self.frame = Frame::Top;
                        sink.unreadable(lines.unreadable(at, "the end of the envelope is damaged".to_owned()));
                        Outcome::Taken(end)
                    }
                }
            }
            Some(_) => {
                self.frame = Frame::Top;
                self.top(bytes, at, last, lines, sink)
            }
        }
    }
    /// An object at `at`.
    fn record(&mut self, bytes: &[u8], at: usize, last: bool, lines: &mut Lines<'_>, sink: &mut dyn RecordSink) -> Outcome {
        let rest = bytes.get(at..).unwrap_or_default();
        let at_top = self.frame == Frame::Top;
        if at_top && (self.current.is_none() || self.envelopes) {
            if let Some(taken) = self.envelope(rest, at) {
                return taken;
            }
            self.envelopes = false;
        }
        let order = self.order;
        let mut end = 0;
        let mut text = "";
        let mut found = None;
        for number in order.iter() {
            let Some(trie) = self.tries.get(number) else { continue };
            self.catch.clear();
            let mut scan = Scan::new(rest, 0);
            match scan.value(trie, ROOT, &mut self.catch) {
                Ok(()) => {}
                Err(stop) => return self.broken(bytes, at, stop, last, lines, sink),
            }
            if end == 0 {
                end = scan.at;
                let raw = rest.get(..end).unwrap_or_default();
                match simdutf8::compat::from_utf8(raw) {
                    Ok(valid) => text = valid,
                    Err(error) => {
                        sink.unreadable(lines.fault(at, at + error.valid_up_to(), "not valid UTF-8"));
                        return Outcome::Taken(at + end);
                    }
                }
            }
            if self.catch.fits(trie, text) {
                found = Some(number);
                self.order.met(number, trie);
                break;
            }
        }
        match found.and_then(|number| self.tries.get(number)) {
            Some(trie) => {
                self.catch.complete(text);
                let mut fields = self.catch.fields(trie.shape, text);
                fields.offset = lines.offset_of(at);
                fields.line = lines.line_at(at);
                sink.record(&fields);
                self.current = found;
            }
            None => {
                if at_top
                    && self.current.is_some()
                    && let Some(taken) = self.envelope(rest, at)
                {
                    return taken;
                }
                lines.unknown(at, &frame::keys_of(text), sink);
            }
        }
        Outcome::Taken(at + end)
    }
    fn envelope(&mut self, rest: &[u8], at: usize) -> Option<Outcome> {
        let (inside, closers) = frame::envelope(rest)?;
        self.envelopes = true;
        self.frame = Frame::Array { closers };
        Some(Outcome::Taken(at + inside))
    }
    fn broken(&mut self, bytes: &[u8], at: usize, stop: Stop, last: bool, lines: &mut Lines<'_>, sink: &mut dyn RecordSink) -> Outcome {
        // An envelope is larger than any block, and a fault in it is one of a single record.
        let rest = bytes.get(at..).unwrap_or_default();
        if self.frame == Frame::Top
            && let Some(taken) = self.envelope(rest, at)
        {
            return taken;
        }
        let fault = match stop {
            Stop::Incomplete => {
                if !last {
                    return Outcome::Wait;
                }
                sink.unreadable(lines.unreadable(at, "cut off: the input ends inside this record".to_owned()));
                return Outcome::Taken(bytes.len());
            }
            Stop::Bad(place, expected) => lines.fault(at, at + place, &format!("no valid JSON, expected {expected}")),
        };
        let next = frame::resume(&self.head, bytes, at);
        if next.is_none() && !last {
            return Outcome::Wait;
        }
        sink.unreadable(fault);
        Outcome::Taken(next.unwrap_or(bytes.len()))
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
