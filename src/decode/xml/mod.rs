//! Windows events as XML: `wevtutil qe`, "Save all events as" of the event viewer, Splunk's `XmlWinEventLog` lines.
//!
//! Splunk's XML export, rows of named fields, is read as a table is.
//!
//! Each `<Event>` is found by its borders and read by one pass over its tags; what stands between events is not looked at.
//! Prefixes of names are dropped, undeclared ones too. Values keep their place; only those with entities are copied.

mod pretty;
mod walk;

use super::catch::{Catch, Got};
use super::json::frame::Lines;
use super::json::trie::{self, ROOT};
use super::wide::{Encoding, Units};
use super::{csv, positions};
use crate::model::fields::{Family, Fields, RecordSink};
use crate::model::raw::RawRecord;
use crate::model::shape::{Rule, Shape, Shapes, Slot};
use memchr::memmem;
use std::borrow::Cow;
use walk::{Fault, Values, unescape, walk};

/// The one shape of this format; its paths are those of the event schema.
static XML: Shape = Shape {
    name: "xml",
    about: "exported event XML (wevtutil, Event Viewer, Splunk)",
    note: "",
    family: Family::Windows,
    rule: Rule { all: &[], any: &[], none: &[], any_ending: &[] },
    tables: &[],
};

/// How long a line between events may be before it is let go.
const LONGEST_LINE: usize = 4_096;

/// What begins and ends a record in this input.
#[derive(Clone, Copy, Debug)]
struct Borders {
    open: &'static [u8],
    close: &'static [u8],
}

const EVENTS: Borders = Borders { open: b"<Event", close: b"</Event>" };
/// Splunk's export: rows of named fields.
const RESULTS: Borders = Borders { open: b"<result", close: b"</result>" };

/// Reads one XML input, block by block.
#[derive(Debug)]
pub struct Decoder {
    shapes: Shapes,
    catch: Catch,
    units: Units,
    borders: Option<Borders>,
    seen: bool,
    /// Characters of the current line that were taken already.
    column: usize,
    /// A record in JSON stands where the next event should.
    at_json: bool,
}

impl Decoder {
    #[must_use]
    pub fn new(shapes: Shapes) -> Self {
        Self { shapes, catch: Catch::default(), units: Units::default(), borders: None, seen: false, column: 0, at_json: false }
    }
    /// Whether the bytes were left at a record in JSON, which is for another reader.
    #[must_use]
    pub const fn is_at_json(&self) -> bool {
        self.at_json
    }
    /// Goes on at the beginning of a line behind what another reader took.
    pub fn resume(&mut self) {
        self.column = 0;
    }
    /// As `json::Decoder::feed`.
    pub fn feed(&mut self, bytes: &[u8], offset: u64, line: u32, last: bool, sink: &mut dyn RecordSink) -> usize {
        self.at_json = false;
        let mut units = self.units;
        let mut read = |bytes: &[u8], offset, line, sink: &mut dyn RecordSink| {
            let taken = self.feed_utf8(bytes, offset, line, last, sink);
            self.column = Lines::new(bytes, offset, line, self.column).column_at(taken);
            taken
        };
        let taken = units.feed((bytes, offset, line), last, sink, &mut read);
        self.units = units;
        taken
    }
    fn feed_utf8(&mut self, bytes: &[u8], offset: u64, line: u32, last: bool, sink: &mut dyn RecordSink) -> usize {
        let mut lines = Lines::new(bytes, offset, line, self.column);
        let mut at = 0;
        loop {
            let borders = self.borders(bytes, at);
            let start = borders.find(bytes, at);
            let gap = bytes.get(at..start.unwrap_or(bytes.len())).unwrap_or_default();
            if let Some(place) = json_line(gap) {
                self.at_json = true;
                return at + place;
            }
            let Some(start) = start else {
                if last {
                    break;
                }
                // The rest of the last line may go on; what was looked at need not come again.
                let kept = memchr::memrchr2(b'\n', b'>', gap).map_or(0, |place| place + 1);
                let kept = if gap.len() - kept > LONGEST_LINE { gap.len() - borders.open.len() } else { kept };
                return at + kept;
            };
            self.seen = true;
            self.borders = Some(borders);
            let inside = start + borders.open.len();
            let next = borders.find(bytes, inside);
            let end = memmem::find(bytes.get(inside..).unwrap_or_default(), borders.close).map(|end| inside + end + borders.close.len());
            match (end, next) {
                (Some(end), next) if next.is_none_or(|next| end <= next) => {
                    self.record(bytes.get(start..end).unwrap_or_default(), start, &mut lines, sink);
                    at = end;
                }
                (_, Some(next)) => {
                    sink.unreadable(lines.unreadable(start, "this record has no end".to_owned()));
                    at = next;
                }
                _ if !last => return start,
                _ => {
                    sink.unreadable(lines.unreadable(start, "cut off: the input ends inside this record".to_owned()));
                    return bytes.len();
                }
            }
        }
        if !self.seen && !bytes.trim_ascii().is_empty() {
            lines.unknown(0, "XML without an <Event> of Windows", sink);
        }
        bytes.len()
    }
    /// The first record tells which ones the input has.
    fn borders(&self, bytes: &[u8], at: usize) -> Borders {
        self.borders.unwrap_or_else(|| match (EVENTS.find(bytes, at), RESULTS.find(bytes, at)) {
            (Some(event), Some(row)) if row < event => RESULTS,
            (None, Some(_)) => RESULTS,
            _ => EVENTS,
        })
    }
    fn record(&mut self, bytes: &[u8], start: usize, lines: &mut Lines<'_>, sink: &mut dyn RecordSink) {
        let text = match simdutf8::compat::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                return sink.unreadable(lines.fault(start, start + error.valid_up_to(), "not valid UTF-8"));
            }
        };
        if text.starts_with("<result") {
            return self.row(text, start, lines, sink);
        }
        self.catch.clear();
        if let Err(Fault(place, what)) = walk(text, &mut Keep { catch: &mut self.catch, copy: false, unnamed: 0 }) {
            return sink.unreadable(lines.fault(start, start + place, what));
        }
        let mut fields = Fields::default();
        self.catch.fill(&XML, text, &mut fields);
        fields.offset = lines.offset_of(start);
        fields.line = lines.line_at(start);
        sink.record(&fields);
    }
    /// A row of named fields: a field is what a key at the top of a JSON record is.
    fn row(&mut self, text: &str, start: usize, lines: &mut Lines<'_>, sink: &mut dyn RecordSink) {
        let mut row = Row::default();
        if let Err(Fault(place, what)) = walk(&without_highlights(text), &mut row) {
            return sink.unreadable(lines.fault(start, start + place, what));
        }
        for trie in trie::all(self.shapes).iter() {
            self.catch.clear();
            for (name, value) in &row.fields {
                let Some(id) = trie.node(ROOT).and_then(|root| root.child(name.as_bytes())).filter(|_| !value.is_empty()) else { continue };
                self.catch.marks |= trie.node(id).map_or(0, |node| node.marks);
                csv::keep(value, trie, id, &mut self.catch);
            }
            if self.catch.fits(trie, "") {
                self.catch.complete("");
                let mut fields = Fields::default();
                self.catch.fill(trie.shape, "", &mut fields);
                fields.offset = lines.offset_of(start);
                fields.line = lines.line_at(start);
                return sink.record(&fields);
            }
        }
        lines.unknown(start, "no known log shape has these fields", sink);
    }
}

/// A row without the marks that Splunk puts round the words that were searched for.
fn without_highlights(text: &str) -> Cow<'_, str> {
    if !text.contains("<sg") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for part in text.replace("</sg>", "").split("<sg") {
        let first = out.is_empty();
        out.push_str(if first { part } else { part.split_once('>').map_or("", |(_, rest)| rest) });
    }
    Cow::Owned(out)
}

/// Collects the fields of a row.
#[derive(Default)]
struct Row {
    name: String,
    fields: Vec<(String, String)>,
}

impl Values for Row {
    fn value(&mut self, path: &[&str], name: &str, text: &str, _from: usize) {
        match path {
            [_, "field"] if name == "k" => self.name = unescape(text),
            [_, "field", .., "v" | "text"] if name.is_empty() => self.fields.push((self.name.clone(), unescape(text))),
            _ => {}
        }
    }
}

impl Borders {
    /// Place of the next `<Event` that is no `<Events`, `<EventData` or `<EventID`, or of the next `<result`.
    fn find(self, bytes: &[u8], from: usize) -> Option<usize> {
        let rest = bytes.get(from..)?;
        let ends = |place: &usize| matches!(rest.get(place + self.open.len()), Some(b' ' | b'>' | b'\t' | b'\r' | b'\n'));
        memmem::find_iter(rest, self.open).find(ends).map(|place| from + place)
    }
}

/// Place of a `{` that begins a line of what stands between events.
fn json_line(gap: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'{', gap).find(|place| {
        let before = gap.get(..*place).unwrap_or_default();
        let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        matches!(before.get(..before.len() - blanks), Some([] | [.., b'\n']))
    })
}

/// Keeps what matters in a `Catch`.
struct Keep<'a> {
    catch: &'a mut Catch,
    /// The text will be gone: keep copies, not places.
    copy: bool,
    unnamed: u16,
}

impl Values for Keep<'_> {
    fn value(&mut self, path: &[&str], name: &str, text: &str, from: usize) {
        let slot = match path {
            [_, "System", "EventID"] if name.is_empty() => Slot::EventId,
            [_, "System", "Version"] => Slot::Version,
            [_, "System", "Channel"] => Slot::Channel,
            [_, "System", "Computer"] => Slot::Computer,
            [_, "System", "EventRecordID"] => Slot::Record,
            [_, "System", "Provider"] if name == "Name" => Slot::Provider,
            [_, "System", "TimeCreated"] if name == "SystemTime" => Slot::Time(2),
            [.., "EventData", "Data"] if name.is_empty() => {
                self.unnamed = self.unnamed.saturating_add(1);
                Slot::Params
            }
            [.., "EventData", "Data"] => match positions::named(name) {
                Some(field) => Slot::Field(field),
                None => return,
            },
            // The second where the text is `UserData` alone, without the event round it.
            [_, "UserData", .., leaf] | ["UserData" | "LogFileCleared" | "EventXML", .., leaf] if name.is_empty() => {
                match positions::named(leaf) {
                    Some(field) => Slot::Field(field),
                    None => return,
                }
            }
            _ => return,
        };
        let got = if text.contains('&') {
            self.catch.copy_text(unescape(text).as_bytes())
        } else if self.copy {
            self.catch.copy_text(text.as_bytes())
        } else {
            Got::Text { copied: false, from, to: from + text.len() }
        };
        self.catch.push(slot, self.unnamed.saturating_sub(1), got);
    }
}

/// `EventData` as XML text inside another format (`SecurityEvent` rows); what is wrong with it stops only itself.
pub(super) fn event_data(text: &str, catch: &mut Catch) {
    let _ = walk(text, &mut Keep { catch, copy: true, unnamed: 0 }); // what was read before the fault is kept
}

/// Collects every value with its path, for people.
#[derive(Default)]
struct Flat(Vec<(String, String)>);

impl Values for Flat {
    fn value(&mut self, path: &[&str], name: &str, text: &str, _from: usize) {
        let path = path.get(1..).unwrap_or_default();
        let shown = match path {
            ["EventData", "Data"] if !name.is_empty() => format!("EventData.{name}"),
            _ if name.is_empty() => path.join("."),
            _ => format!("{}.{name}", path.join(".")),
        };
        if !(name == "xmlns" || text.is_empty() && path.len() < 2) {
            self.0.push((shown, unescape(text)));
        }
    }
}

/// The event at the start of `bytes` (they may go on behind it).
///
/// # Errors
/// A text for people when there is no `<Event>` there.
pub fn raw_record(bytes: &[u8]) -> Result<RawRecord, String> {
    const WIDE_LOOK: usize = 8 << 20;
    let text = match Encoding::of(bytes) {
        Encoding::Utf8 => {
            let close = if bytes.starts_with(RESULTS.open) { RESULTS.close } else { EVENTS.close };
            let end = memmem::find(bytes, close).map_or(0, |end| end + close.len());
            String::from_utf8_lossy(bytes.get(..end).unwrap_or_default())
        }
        wide => wide.decode(bytes.get(..WIDE_LOOK).unwrap_or(bytes)).into(),
    };
    if text.starts_with("<result") {
        let end = text.find("</result>").ok_or("no whole row at this place")? + RESULTS.close.len();
        let mut row = Row::default();
        let _ = walk(&without_highlights(text.get(..end).unwrap_or_default()), &mut row); // it was read once already
        return rendered(row.fields, text.get(..end).unwrap_or_default());
    }
    let end = text.find("</Event>").ok_or("no <Event> at this place")? + 8;
    let mut flat = Flat::default();
    if let Err(Fault(_, what)) = walk(text.get(..end).unwrap_or_default(), &mut flat) {
        return Err(format!("the record cannot be read again: {what}"));
    }
    rendered(flat.0, text.get(..end).unwrap_or_default())
}

fn rendered(fields: Vec<(String, String)>, stored: &str) -> Result<RawRecord, String> {
    let members: serde_json::Map<_, _> = fields.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let json = serde_json::to_string_pretty(&members).map_err(|error| error.to_string())?;
    let record = RawRecord { json, fields, xml: pretty::lines(stored), stored: stored.to_owned(), ..RawRecord::default() };
    Ok(record.stored_as(stored.as_bytes()))
}
