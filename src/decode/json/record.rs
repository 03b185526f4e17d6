//! One record: walked with the shape in force, or with the others, and handed over; or named with its fault.
//!
//! A record that cannot be walked costs itself and nothing else: reading goes on where the next one begins.

use super::block::{Block, Stretch};
use super::frame::{self, Frame};
use super::index::Marks;
use super::scan::{Scan, Stop};
use super::trie::ROOT;
use super::{Decoder, Outcome};
use crate::model::fields::{Fields, RecordSink};

/// A record that was walked. What was caught is of its shape.
struct Walked {
    /// A place in `tries`.
    shape: Option<usize>,
    /// Where it ends in its stretch.
    end: usize,
    /// It is known that no line ends in it.
    one_line: bool,
}

impl Decoder {
    /// An object at `at`.
    pub(super) fn record(&mut self, block: &mut Block<'_>, at: usize, sink: &mut dyn RecordSink) -> Outcome {
        let at_top = self.frame == Frame::Top;
        if at_top && (self.current.is_none() || self.envelopes) {
            if let Some(taken) = self.envelope(block.bytes, at) {
                return taken;
            }
            self.envelopes = false;
        }
        let mut stretch = block.stretch_at(at, &mut self.index);
        let walked = loop {
            let from = at - stretch.from;
            let walked = match self.walk(stretch, from) {
                Ok(walked) => walked,
                Err(stop) => return self.broken(block, at, stop.behind(stretch.from), sink),
            };
            block.took(walked.end - from);
            if walked.end <= stretch.text.len() {
                break walked;
            }
            // A long record, or one that is no text.
            let record = stretch.bytes.get(from..walked.end).unwrap_or_default();
            if let Err(fault) = simdutf8::compat::from_utf8(record) {
                sink.unreadable(block.lines.fault(at, at + fault.valid_up_to(), "not valid UTF-8"));
                block.was_no_text();
                return Outcome::Taken(stretch.from + walked.end);
            }
            stretch = block.begin(at, record.len(), &mut self.index);
        };
        let end = stretch.from + walked.end;
        match walked.shape.and_then(|number| self.tries.get(number)) {
            Some(trie) => {
                self.catch.complete(stretch.text);
                let mut fields = Fields::default();
                self.catch.fill(trie.shape, stretch.text, &mut fields);
                fields.offset = block.lines.offset_of(at);
                fields.line = block.lines.line_at(at);
                sink.record(&fields);
                self.current = walked.shape;
                if walked.one_line {
                    block.lines.skip_unbroken(end);
                }
            }
            None => {
                if at_top
                    && self.current.is_some()
                    && let Some(taken) = self.envelope(block.bytes, at)
                {
                    return taken;
                }
                let text = stretch.text.get(at - stretch.from..walked.end).unwrap_or_default();
                block.lines.unknown(at, &frame::keys_of(text), sink);
            }
        }
        Outcome::Taken(end)
    }
    /// Walks the record at `from` of a stretch with one shape after the other, that of the last record first.
    fn walk(&mut self, stretch: Stretch<'_>, from: usize) -> Result<Walked, Stop> {
        let order = self.order;
        let left = self.index.marks().left_from(from);
        self.index.pass(left, 0);
        let bytes = stretch.bytes.get(..from.saturating_add(self.longest)).unwrap_or(stretch.bytes);
        let mut walked = Walked { shape: None, end: from, one_line: false };
        for number in order.iter() {
            let Some(trie) = self.tries.get(number) else { continue };
            self.catch.clear();
            let marks = if self.careful { Marks::NONE } else { self.index.marks() };
            let mut scan = Scan::with_marks(bytes, from, marks);
            scan.value(trie, ROOT, &mut self.catch)?;
            walked.end = scan.at;
            if scan.at > stretch.text.len() {
                break;
            }
            if self.catch.fits(trie, stretch.text) {
                walked.shape = Some(number);
                self.order.met(number, trie);
                let (left, texts) = (scan.marks.left_from(walked.end), scan.texts);
                walked.one_line = self.index.pass(left, texts) && !self.careful;
                break;
            }
        }
        Ok(walked)
    }
    fn envelope(&mut self, bytes: &[u8], at: usize) -> Option<Outcome> {
        let (inside, closers) = frame::envelope(bytes.get(at..)?)?;
        self.envelopes = true;
        self.frame = Frame::Array { closers };
        Some(Outcome::Taken(at + inside))
    }
    /// The record at `at` cannot be walked; places of `stop` are those of the block.
    fn broken(&mut self, block: &mut Block<'_>, at: usize, stop: Stop, sink: &mut dyn RecordSink) -> Outcome {
        // An envelope is larger than any block, and a fault in it is one of a single record.
        if self.frame == Frame::Top
            && let Some(taken) = self.envelope(block.bytes, at)
        {
            return taken;
        }
        let is_long = block.bytes.len() - at >= self.longest;
        let fault = match stop {
            Stop::Incomplete if !block.last || is_long => return Outcome::Wait,
            Stop::Incomplete => block.lines.unreadable(at, "cut off: the input ends inside this record".to_owned()),
            Stop::Bad(place, expected) => block.lines.fault(at, place, &format!("no valid JSON, expected {expected}")),
        };
        let within = block.bytes.get(..at.saturating_add(self.longest)).unwrap_or(block.bytes);
        let next = frame::resume(&self.head, within, at);
        if next.is_none() && is_long {
            self.frame = Frame::LeftOut;
        } else if next.is_none() && !block.last {
            return Outcome::Wait;
        }
        sink.unreadable(fault);
        Outcome::Taken(next.unwrap_or(within.len()))
    }
}
