//! Tables exported as CSV: rows of Log Analytics (`SigninLogs`, `SecurityEvent`) with a header line.
//!
//! A column is a key at the top of a JSON record: the same shapes and the same paths serve, cells with JSON text included.
//! The portal writes ` [UTC]` behind the names of time columns; that is cut. A first row that begins with a number is no
//! header: then columns are named `#1`, `#2`, ...

mod cut;

use super::catch::{Catch, Got};
use super::cut::{Entry, Exit, Part};
use super::json::frame::{Lines, line_end};
use super::json::scan;
use super::json::trie::{self, NodeId, ROOT, Trie};
use super::wide::{Encoding, Units};
use crate::model::fields::{Fields, RecordSink};
use crate::model::raw::RawRecord;
use crate::model::shape::{Shapes, Slot};
pub use cut::{Layout, State};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// What Windows PowerShell puts in front of a table.
const TYPE_LINE: &[u8] = b"#TYPE ";

/// Reads one CSV input, block by block.
#[derive(Debug)]
pub struct Decoder {
    tries: Arc<[Trie]>,
    /// For each shape: the node of each column and the marks of all columns.
    columns: Vec<(Vec<Option<NodeId>>, u32)>,
    width: usize,
    /// A row may have one cell more than the header, which is then column `#more`.
    has_more: bool,
    current: usize,
    catch: Catch,
    units: Units,
}

impl Decoder {
    #[must_use]
    pub fn new(shapes: Shapes) -> Self {
        Self {
            tries: trie::all(shapes),
            columns: Vec::new(),
            width: 0,
            has_more: false,
            current: 0,
            catch: Catch::default(),
            units: Units::default(),
        }
    }
    /// As `json::Decoder::feed`; the first row of the input is its header.
    pub fn feed(&mut self, bytes: &[u8], offset: u64, line: u32, last: bool, sink: &mut dyn RecordSink) -> usize {
        let mut units = self.units;
        let mut read = |bytes: &[u8], offset, line, sink: &mut dyn RecordSink| self.feed_utf8(bytes, offset, line, last, sink);
        let taken = units.feed((bytes, offset, line), last, sink, &mut read);
        self.units = units;
        taken
    }
    fn feed_utf8(&mut self, bytes: &[u8], offset: u64, line: u32, last: bool, sink: &mut dyn RecordSink) -> usize {
        let at = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        self.rows((bytes, last), at..usize::MAX, &mut Lines::new(bytes, offset, line, 0), sink).0
    }
    /// As `json::Decoder::feed_part`, by a decoder that has read nothing yet.
    pub fn feed_part(&mut self, bytes: &[u8], part: &Part, state: State, line: u32, last: bool, sink: &mut dyn RecordSink) -> Exit {
        self.units = Units::UTF8;
        let mut lines = Lines::behind(bytes, part.range.start, line);
        let mut from = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        if part.from > 0 {
            self.learn(bytes);
            from = part.from;
        }
        self.current = state.shape;
        let until = if part.range.end < bytes.len() { part.range.end } else { usize::MAX };
        let (at, ends) = self.rows((bytes, last), from..until, &mut lines, sink);
        Exit { at, entry: ends.then_some(Entry::Csv(State { shape: self.current })) }
    }
    /// Takes the header at the beginning of an input, and says where the rows begin.
    pub(super) fn learn(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        loop {
            let (rest, mut cells) = (bytes.get(at..)?, Vec::new());
            let taken = row(rest, true, &mut cells).filter(|taken| *taken > 0)?;
            if !rest.starts_with(TYPE_LINE) {
                self.header(rest, &cells);
                return Some(if is_data(rest, &cells) { at } else { at + taken });
            }
            at += taken;
        }
    }
    /// Decodes rows of `bytes`, behind which nothing follows with `last`; gives the place of the first one that is not for
    /// it, and whether that is because of the range, or the end of the input.
    fn rows(
        &mut self,
        (bytes, last): (&[u8], bool),
        range: Range<usize>,
        lines: &mut Lines<'_>,
        sink: &mut dyn RecordSink,
    ) -> (usize, bool) {
        let mut at = range.start;
        let mut cells = Vec::new();
        while at < bytes.len().min(range.end) {
            cells.clear();
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(taken) = row(rest, last, &mut cells) else {
                if !last {
                    return (at, range.end == usize::MAX);
                }
                sink.unreadable(lines.unreadable(at, "cut off: the input ends inside a quoted cell".to_owned()));
                // The quote may be a stray one; the rows behind it are worth reading.
                at = line_end(bytes, at, true).unwrap_or(bytes.len());
                continue;
            };
            // Windows PowerShell puts the type of its objects in front.
            if self.columns.is_empty() && rest.starts_with(TYPE_LINE) {
                at += taken;
                continue;
            }
            let is_header = self.columns.is_empty() && !is_data(rest, &cells);
            if self.columns.is_empty() {
                self.header(rest, &cells);
            }
            if !is_header && cells.iter().any(|cell| cell.from < cell.to) {
                self.row(rest.get(..taken).unwrap_or_default(), &cells, at, lines, sink);
            }
            at += taken;
        }
        (at, true)
    }
    fn header(&mut self, bytes: &[u8], cells: &[Cell]) {
        let names = column_names(bytes, cells);
        let more = "#more".to_owned();
        self.width = cells.len();
        for trie in self.tries.iter() {
            let child = |name: &String| trie.node(ROOT).and_then(|root| root.child(name.as_bytes()));
            let nodes: Vec<_> = names.iter().chain([&more]).map(child).collect();
            let marks = nodes.iter().flatten().filter_map(|id| trie.node(*id)).fold(0, |marks, node| marks | node.marks);
            self.has_more |= trie.fits(marks) && nodes.last().is_some_and(Option::is_some);
            self.columns.push((nodes, marks));
        }
    }
    fn row(&mut self, bytes: &[u8], cells: &[Cell], at: usize, lines: &mut Lines<'_>, sink: &mut dyn RecordSink) {
        let text = match simdutf8::compat::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                return sink.unreadable(lines.fault(at, at + error.valid_up_to(), "not valid UTF-8"));
            }
        };
        if cells.len() != self.width && !(self.has_more && cells.len() == self.width + 1) {
            let reason = format!("{} cells where the header has {}", cells.len(), self.width);
            return sink.unreadable(lines.unreadable(at, reason));
        }
        for number in std::iter::once(self.current).chain((0..self.tries.len()).filter(|number| *number != self.current)) {
            let (Some(trie), Some((nodes, marks))) = (self.tries.get(number), self.columns.get(number)) else { continue };
            if !trie.fits(*marks) {
                continue;
            }
            self.catch.clear();
            self.catch.marks = *marks;
            for (cell, node) in cells.iter().zip(nodes) {
                if let Some(id) = node {
                    cell.keep(bytes, trie, *id, &mut self.catch);
                }
            }
            if self.catch.fits(trie, text) {
                self.current = number;
                self.catch.complete(text);
                let mut fields = Fields::default();
                self.catch.fill(trie.shape, text, &mut fields);
                fields.offset = lines.offset_of(at);
                fields.line = lines.line_at(at);
                return sink.record(&fields);
            }
        }
        lines.unknown(at, "no known log shape has these columns", sink);
    }
}

/// Whether the first row is data already.
fn is_data(bytes: &[u8], cells: &[Cell]) -> bool {
    let first = cells.first().and_then(|cell| bytes.get(cell.from..cell.to)).unwrap_or_default();
    !first.is_empty() && first.iter().all(u8::is_ascii_digit)
}

fn column_names(bytes: &[u8], cells: &[Cell]) -> Vec<String> {
    if is_data(bytes, cells) {
        return (1..=cells.len()).map(|number| format!("#{number}")).collect();
    }
    let name = |cell: &Cell| {
        let name = cell.text(bytes);
        let name = name.trim();
        name.strip_suffix(" [UTC]").unwrap_or(name).to_owned()
    };
    cells.iter().map(name).collect()
}

/// A cell without its quotes.
#[derive(Clone, Copy)]
struct Cell {
    from: usize,
    to: usize,
    /// It holds doubled quotes.
    doubled: bool,
}

impl Cell {
    fn text(self, bytes: &[u8]) -> Cow<'_, str> {
        let text = String::from_utf8_lossy(bytes.get(self.from..self.to).unwrap_or_default());
        if self.doubled { Cow::Owned(undoubled(&text)) } else { text }
    }
    /// Keeps the cell of a row that is UTF-8.
    fn keep(self, row: &[u8], trie: &Trie, id: NodeId, catch: &mut Catch) {
        if self.from == self.to {
            return;
        }
        let Some(node) = trie.node(id) else { return };
        match node.slot {
            // Nothing has to be looked for in it, and a message alone is asked for as it would stand in JSON.
            Some(slot) if !self.doubled && !node.is_list() && !matches!(slot, Slot::EventXml | Slot::KeyValues | Slot::Message) => {
                if !matches!(slot, Slot::Positions | Slot::Params) {
                    catch.push(slot, 0, Got::Text { copied: false, from: self.from, to: self.to });
                }
            }
            _ => keep(&self.text(row), trie, id, catch),
        }
    }
}

/// The text with one quote in the place of two.
fn undoubled(mut text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    while let Some((before, behind)) = memchr::memchr(b'"', text.as_bytes()).and_then(|place| text.split_at_checked(place + 1)) {
        out.push_str(before);
        text = behind.strip_prefix('"').unwrap_or(behind);
    }
    out.push_str(text);
    out
}

/// Keeps the text of a column that leads to `id`.
pub(super) fn keep(text: &str, trie: &Trie, id: NodeId, catch: &mut Catch) {
    let Some(node) = trie.node(id) else { return };
    match node.slot {
        // Lists that were not written as JSON are only the name of their type.
        Some(Slot::Positions | Slot::Params) => {}
        Some(Slot::EventXml) => super::xml::event_data(text, catch),
        Some(Slot::KeyValues) => super::keyvalue::read(text, trie, id, catch),
        Some(slot) => {
            let got = catch.copy_text(text.as_bytes());
            catch.push(slot, 0, got);
        }
        None => {}
    }
    if node.is_list() && text.trim_start().starts_with(['{', '[']) {
        scan::embedded(text.as_bytes(), 1, trie, id, catch);
    }
}

/// Splits the row at the start of `bytes` into cells; returns its length with the newline, `None` when it is not complete.
fn row(bytes: &[u8], last: bool, cells: &mut Vec<Cell>) -> Option<usize> {
    let mut at = 0;
    loop {
        let quoted = bytes.get(at) == Some(&b'"');
        let from = at + usize::from(quoted);
        let mut doubled = false;
        let mut to = from;
        if quoted {
            loop {
                to += memchr::memchr(b'"', bytes.get(to..)?)?;
                match bytes.get(to + 1) {
                    Some(b'"') => {
                        doubled = true;
                        to += 2;
                    }
                    None if !last => return None,
                    _ => break,
                }
            }
            at = to + 1;
        }
        // What stands behind a closing quote belongs to no cell.
        let rest = bytes.get(at..).unwrap_or_default();
        let end = memchr::memchr2(b',', b'\n', rest);
        let border = match end {
            Some(place) => at + place,
            None if last => bytes.len(),
            None => return None,
        };
        if !quoted {
            to = border;
            if bytes.get(border) != Some(&b',') && to > from && bytes.get(to - 1) == Some(&b'\r') {
                to -= 1;
            }
        }
        cells.push(Cell { from, to, doubled });
        at = border + 1;
        if bytes.get(border) != Some(&b',') {
            return Some(at.min(bytes.len()));
        }
    }
}

/// The row at the start of `bytes`, with the names of the header at the start of `header` (the input's first bytes).
///
/// # Errors
/// A text for people when there is no whole row.
pub fn raw_record(header: &[u8], bytes: &[u8]) -> Result<RawRecord, String> {
    const WIDE_LOOK: usize = 1 << 20;
    let encoding = Encoding::of(header);
    if encoding != Encoding::Utf8 {
        let narrow = |wide: &[u8]| encoding.decode(wide.get(..WIDE_LOOK).unwrap_or(wide));
        return raw_record(narrow(header).as_bytes(), narrow(bytes).as_bytes());
    }
    let header = header.strip_prefix("\u{feff}".as_bytes()).unwrap_or(header);
    let header = if header.starts_with(TYPE_LINE) { header.splitn(2, |byte| *byte == b'\n').nth(1).unwrap_or_default() } else { header };
    let (mut names, mut cells) = (Vec::new(), Vec::new());
    row(header, true, &mut names).ok_or("the header cannot be read")?;
    let end = row(bytes, true, &mut cells).ok_or("no row at this place")?;
    let stored = bytes.get(..end).unwrap_or_default();
    let names = column_names(header, &names).into_iter().chain(["#more".to_owned()]);
    let fields: Vec<_> = names.zip(&cells).map(|(name, cell)| (name, cell.text(bytes).into_owned())).collect();
    let members: serde_json::Map<_, _> = fields.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let json = serde_json::to_string_pretty(&members).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(stored).trim_end_matches(['\r', '\n']).to_owned();
    Ok(RawRecord { json, fields, stored: text, ..RawRecord::default() }.stored_as(stored))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_quotes_stand_for_one() {
        for text in ["", "a", "\"\"", "\"\"\"\"", "a\"\"b\u{e4}\"\"", "\"\"\"", "\"", "\u{e4}\"\u{e4}\"\"\""] {
            assert_eq!(undoubled(text), text.replace("\"\"", "\""), "{text}");
        }
    }
}
