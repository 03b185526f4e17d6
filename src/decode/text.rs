//! Any text input: looks at its first bytes and hands everything to the reader of JSON, XML or CSV.

use super::cut::{Entry, Exit, Part};
use super::json::frame::count_lines;
use super::wide::Encoding;
use super::{Sniffed, csv, json, sniff, xml};
use crate::model::fields::RecordSink;
use crate::model::raw::RawRecord;
use crate::model::shape::Shapes;

/// Reads one text input, block by block.
#[derive(Debug)]
pub struct Decoder {
    shapes: Shapes,
    format: Option<Format>,
    /// The reader of the other format of an input that mixes JSON and XML; which one reads is in `format`.
    other: Option<Format>,
}

#[derive(Debug)]
enum Format {
    Json(Box<json::Decoder>),
    Xml(Box<xml::Decoder>),
    Csv(Box<csv::Decoder>),
}

/// How much of an input is looked at to tell its format.
const LOOKED_AT: usize = 4_096;

impl Decoder {
    #[must_use]
    pub const fn new(shapes: Shapes) -> Self {
        Self { shapes, format: None, other: None }
    }
    /// Makes it ready for the first byte of another input, or of another piece of one: cheaper than a new one, as what was
    /// learned of JSON stays.
    pub fn begin_again(&mut self) {
        let kept = [self.format.take(), self.other.take()].into_iter().flatten().find(|format| matches!(format, Format::Json(_)));
        self.other = kept.map(|mut kept| {
            if let Format::Json(decoder) = &mut kept {
                decoder.begin_again();
            }
            kept
        });
    }
    /// As `json::Decoder::feed`.
    pub fn feed(&mut self, bytes: &[u8], offset: u64, line: u32, last: bool, sink: &mut dyn RecordSink) -> usize {
        let shapes = self.shapes;
        if self.format.is_none() && !last && !is_enough(bytes) {
            return 0;
        }
        if self.format.is_none() && matches!(look(bytes), Sniffed::Json) {
            self.format = self.other.take();
        }
        let mut taken = 0;
        loop {
            let before = bytes.get(..taken).unwrap_or_default();
            let (rest, offset) = (bytes.get(taken..).unwrap_or_default(), offset + taken as u64);
            let line = line.saturating_add(if taken > 0 { count_lines(before) } else { 0 });
            let hands_over = match self.format.get_or_insert_with(|| Format::of(bytes, shapes)) {
                Format::Json(decoder) => {
                    taken += decoder.feed(rest, offset, line, last, sink);
                    decoder.is_at_xml()
                }
                Format::Xml(decoder) => {
                    taken += decoder.feed(rest, offset, line, last, sink);
                    decoder.is_at_json()
                }
                Format::Csv(decoder) => {
                    taken += decoder.feed(rest, offset, line, last, sink);
                    false
                }
            };
            if !hands_over {
                return taken;
            }
            self.swap();
        }
    }
    /// Decodes the records of a part of `bytes`, which are the whole input; `line` (from 1) is that of the beginning of its
    /// range. With `last` nothing follows the input. A decoder that read the last part goes on with `feed`.
    pub fn feed_part(&mut self, bytes: &[u8], part: &Part, line: u32, last: bool, sink: &mut dyn RecordSink) -> Exit {
        self.begin_again();
        self.format = self.other.take();
        match (part.entry, &mut self.format) {
            (Entry::Json(state), Some(Format::Json(decoder))) => decoder.feed_part(bytes, part, state, line, last, sink),
            (Entry::Json(state), format) => {
                let mut decoder = json::Decoder::new(self.shapes);
                let exit = decoder.feed_part(bytes, part, state, line, last, sink);
                *format = Some(Format::Json(Box::new(decoder)));
                exit
            }
            (Entry::Csv(state), format) => {
                let mut decoder = csv::Decoder::new(self.shapes);
                let exit = decoder.feed_part(bytes, part, state, line, last, sink);
                *format = Some(Format::Csv(Box::new(decoder)));
                exit
            }
        }
    }
    /// The other reader goes on.
    fn swap(&mut self) {
        let next = self.other.take().unwrap_or_else(|| match self.format {
            Some(Format::Json(_)) => Format::Xml(Box::new(xml::Decoder::new(self.shapes))),
            _ => Format::Json(Box::new(json::Decoder::new(self.shapes))),
        });
        self.other = self.format.replace(next);
        match &mut self.format {
            Some(Format::Json(decoder)) => decoder.resume(),
            Some(Format::Xml(decoder)) => decoder.resume(),
            Some(Format::Csv(_)) | None => {}
        }
    }
}

/// Whether the format can be told: by the first sign, or else by the first line.
fn is_enough(bytes: &[u8]) -> bool {
    match Encoding::of(bytes) {
        _ if bytes.len() >= LOOKED_AT => true,
        _ if bytes.len() < 8 => false,
        Encoding::Utf8 => tells_format(bytes),
        wide => tells_format(wide.decode(bytes).as_bytes()),
    }
}

fn tells_format(text: &[u8]) -> bool {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let sign = text.trim_ascii_start().first();
    // A line with a type may stand before the header of a table.
    let before = usize::from(sign == Some(&b'#'));
    matches!(sign, Some(b'{' | b'[' | b'<')) || memchr::memchr_iter(b'\n', text).nth(before).is_some()
}

/// The format of a text by its first bytes, UTF-16 turned into UTF-8 for the look.
pub(super) fn look(first_bytes: &[u8]) -> Sniffed {
    let first_bytes = first_bytes.get(..LOOKED_AT).unwrap_or(first_bytes);
    match Encoding::of(first_bytes) {
        Encoding::Utf8 => sniff(first_bytes),
        wide => sniff(wide.decode(first_bytes).as_bytes()),
    }
}

impl Format {
    fn of(bytes: &[u8], shapes: Shapes) -> Self {
        match look(bytes) {
            Sniffed::Xml => Self::Xml(Box::new(xml::Decoder::new(shapes))),
            Sniffed::Csv => Self::Csv(Box::new(csv::Decoder::new(shapes))),
            _ => Self::Json(Box::new(json::Decoder::new(shapes))),
        }
    }
}

/// The record at the start of `bytes_at_record`, rendered for people; `first_bytes` are those of the input (a CSV header).
///
/// # Errors
/// A text for people when no record can be read there.
pub fn raw_record(first_bytes: &[u8], bytes_at_record: &[u8]) -> Result<RawRecord, String> {
    match look(first_bytes) {
        Sniffed::Csv => csv::raw_record(first_bytes, bytes_at_record),
        // Records of an input that mixes both say themselves what they are.
        _ if bytes_at_record.starts_with(b"<") || bytes_at_record.starts_with(b"<\0") || bytes_at_record.starts_with(b"\0<") => {
            xml::raw_record(bytes_at_record)
        }
        _ => json::raw_record(bytes_at_record),
    }
}
