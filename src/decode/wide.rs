//! UTF-16, as Windows PowerShell 5.1 writes it: turned into UTF-8 block by block, places turned back.

use super::json::frame::count_lines;
use crate::model::fields::{Fields, RecordSink, Unreadable};

/// How the bytes of a text stand for characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    /// By the byte order mark, or by the zero beside the first bracket where there is none.
    #[must_use]
    pub const fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0xff, 0xfe, ..] | [b'{' | b'[' | b'<', 0, ..] => Self::Utf16Le,
            [0xfe, 0xff, ..] | [0, b'{' | b'[' | b'<', ..] => Self::Utf16Be,
            _ => Self::Utf8,
        }
    }
    fn units(self, bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
        let (pairs, _) = bytes.as_chunks::<2>();
        pairs.iter().map(move |pair| if self == Self::Utf16Be { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) })
    }
    /// The text; lone surrogates become U+FFFD.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> String {
        let text = char::decode_utf16(self.units(bytes)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>();
        text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
    }
}

/// Reads UTF-8 from its first byte and says how much of it was taken.
type Reader<'a> = &'a mut dyn FnMut(&[u8], &mut dyn RecordSink) -> usize;

/// Reads UTF-8 that begins at an offset and a line, and says how much of it was taken.
pub type PlacedReader<'a> = &'a mut dyn FnMut(&[u8], u64, u32, &mut dyn RecordSink) -> usize;

/// How an input is encoded, and the line it has come to. Lines of UTF-16 are counted here: the caller counts bytes, and a
/// byte of a wide character may look like a newline.
#[derive(Clone, Copy, Debug, Default)]
pub struct Units {
    encoding: Option<Encoding>,
    line: Option<u32>,
}

impl Units {
    /// Known to be no UTF-16.
    pub const UTF8: Self = Self { encoding: Some(Encoding::Utf8), line: None };

    /// Hands a block to a reader of UTF-8 (bytes, offset, line, sink), whatever its encoding; returns the bytes taken.
    pub fn feed(
        &mut self,
        (bytes, offset, line): (&[u8], u64, u32),
        last: bool,
        sink: &mut dyn RecordSink,
        read: PlacedReader<'_>,
    ) -> usize {
        let encoding = match self.encoding {
            Some(encoding) => encoding,
            None if bytes.len() < 4 && !last => return 0,
            None => *self.encoding.insert(Encoding::of(bytes)),
        };
        if encoding == Encoding::Utf8 {
            return read(bytes, offset, line, sink);
        }
        let line = self.line.unwrap_or(line);
        let mut next = line;
        let mut reader = |text: &[u8], sink: &mut dyn RecordSink| {
            let taken = read(text, 0, line, sink);
            next = line.saturating_add(count_lines(text.get(..taken).unwrap_or_default()));
            taken
        };
        let taken = feed(&mut reader, encoding, bytes, offset, last, sink);
        self.line = Some(next);
        taken
    }
}

/// Hands a block of UTF-16 that begins at `offset` to a reader of UTF-8; returns the bytes taken.
fn feed(reader: Reader<'_>, encoding: Encoding, bytes: &[u8], offset: u64, last: bool, sink: &mut dyn RecordSink) -> usize {
    let mark = if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) { 2 } else { 0 };
    let mut body = bytes.get(mark..).unwrap_or_default();
    // Half a pair at the end of a block waits for its other half.
    if !last && encoding.units(body).last().is_some_and(|unit| (0xd800..0xdc00).contains(&unit)) {
        body = body.get(..body.len() & !1).and_then(|even| even.get(..even.len().saturating_sub(2))).unwrap_or_default();
    }
    let text = encoding.decode(body);
    let mut places = Places { text: &text, seen: 0, wide: 0, offset: offset + mark as u64, sink };
    let taken = reader(text.as_bytes(), &mut places);
    let wide = places.wide_of(taken);
    if last && body.len() % 2 == 1 {
        let at = text.len() as u64;
        let reason = "cut off: the input ends inside a character of UTF-16".to_owned();
        places.unreadable(Unreadable { offset: at, line: 0, record: 0, reason });
    }
    if last { bytes.len() } else { mark + wide }
}

/// Turns offsets in the UTF-8 text back to offsets in the input.
struct Places<'a> {
    text: &'a str,
    seen: usize,
    wide: usize,
    offset: u64,
    sink: &'a mut dyn RecordSink,
}

impl Places<'_> {
    fn wide_of(&mut self, at: usize) -> usize {
        if let Some(between) = self.text.get(self.seen..at) {
            self.wide += between.encode_utf16().count() * 2;
            self.seen = at;
        }
        self.wide
    }
    fn offset_of(&mut self, at: u64) -> u64 {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        self.offset + self.wide_of(at) as u64
    }
}

impl RecordSink for Places<'_> {
    fn record(&mut self, fields: &Fields<'_>) {
        let mut fields = fields.clone();
        fields.offset = self.offset_of(fields.offset);
        self.sink.record(&fields);
    }
    fn unreadable(&mut self, mut what: Unreadable) {
        what.offset = self.offset_of(what.offset);
        self.sink.unreadable(what);
    }
    fn unknown(&mut self, offset: u64, line: u32, reason: &str) {
        let offset = self.offset_of(offset);
        self.sink.unknown(offset, line, reason);
    }
}
