//! What stands round the records: line borders, arrays, envelopes, tags; and where reading goes on behind a broken one.

use super::scan::Scan;

/// Where in the layout the next bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Between records, nothing open.
    Top,
    /// In an array of records that lies in `closers` objects.
    Array { closers: u8 },
    /// Behind that array, still in `closers` objects.
    Tail { closers: u8 },
    /// In a line that is left out up to its end.
    LeftOut,
}

/// The blanks a line begins with, when nothing else was read of it; `None` when something else was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head(Option<Vec<u8>>);

impl Default for Head {
    fn default() -> Self {
        Self(Some(Vec::new()))
    }
}

impl Head {
    /// The head when `taken` follows.
    #[must_use]
    pub fn and(&self, taken: &[u8]) -> Self {
        let (mut head, rest) = match memchr::memrchr(b'\n', taken) {
            Some(newline) => (Some(Vec::new()), taken.get(newline + 1..).unwrap_or_default()),
            None => (self.0.clone(), taken.strip_prefix("\u{feff}".as_bytes()).unwrap_or(taken)),
        };
        if !rest.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return Self(None);
        }
        if let Some(blanks) = &mut head {
            blanks.extend_from_slice(rest);
        }
        Self(head)
    }
}

/// Keys whose value is an array of records when an object is only an envelope: Azure diagnostics, Graph, Elasticsearch,
/// CloudWatch-like exports.
const ENVELOPE_KEYS: [&[u8]; 6] = [b"records", b"value", b"hits", b"Records", b"events", b"results"];

/// Line numbers and offsets of places in a block; asked with rising places.
pub struct Lines<'a> {
    bytes: &'a [u8],
    offset: u64,
    counted_to: usize,
    line: u32,
    /// Characters of the first line that stood before the block.
    column: usize,
}

impl<'a> Lines<'a> {
    /// `column` is how many characters of the first line stand before the block.
    pub const fn new(bytes: &'a [u8], offset: u64, line: u32, column: usize) -> Self {
        Self { bytes, offset, counted_to: 0, line, column }
    }
    /// Of a part that begins at `from` and there at `line`; `bytes` are the whole input.
    pub const fn behind(bytes: &'a [u8], from: usize, line: u32) -> Self {
        Self { bytes, offset: 0, counted_to: from, line, column: 0 }
    }
    /// Characters between the last line border and `at`.
    pub fn column_at(&self, at: usize) -> usize {
        let before = self.bytes.get(..at).unwrap_or(self.bytes);
        let (start, more) = memchr::memrchr(b'\n', before).map_or((0, self.column), |newline| (newline + 1, 0));
        more + before.get(start..).unwrap_or_default().iter().filter(|byte| **byte & 0xc0 != 0x80).count()
    }
    pub const fn offset_of(&self, at: usize) -> u64 {
        self.offset.saturating_add(at as u64)
    }
    pub fn line_at(&mut self, at: usize) -> u32 {
        let more = self.newlines(self.counted_to, at);
        self.line = self.line.saturating_add(more);
        self.counted_to = at.max(self.counted_to);
        self.line
    }
    /// No line ends between the place last asked for and `at`.
    pub const fn skip_unbroken(&mut self, at: usize) {
        self.counted_to = at;
    }
    fn newlines(&self, from: usize, to: usize) -> u32 {
        count_lines(self.bytes.get(from..to).unwrap_or_default())
    }
    /// The line of a place behind the last one asked for; the next question may be about an earlier one.
    pub fn line_ahead(&self, at: usize) -> u32 {
        self.line.saturating_add(self.newlines(self.counted_to, at))
    }
}

/// Newlines in `bytes`.
pub fn count_lines(bytes: &[u8]) -> u32 {
    // Mostly it is the one between two records.
    if let [byte] = bytes {
        return u32::from(*byte == b'\n');
    }
    u32::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u32::MAX)
}

/// First place from `at` on that is no white space.
pub fn skip_blank(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len())
}

/// Place behind the newline that ends the line; the end of the bytes when nothing follows; `None` while it may go on.
pub fn line_end(bytes: &[u8], at: usize, last: bool) -> Option<usize> {
    let rest = bytes.get(at..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map(|newline| at + newline + 1).or(last.then_some(bytes.len()))
}

/// Text between records that means nothing: brackets of a wrapped line, `Record 12` of `evtx_dump -o json`.
///
/// More brackets than `FURNITURE` are no wrapping, but something that hides behind it.
pub fn is_furniture(text: &[u8]) -> bool {
    const FURNITURE: usize = 64;
    let text = text.trim_ascii();
    text.len() <= FURNITURE && text.iter().all(|byte| matches!(byte, b']' | b')' | b',' | b';' | b'[' | 0x1e))
        || text.strip_prefix(b"Record ").is_some_and(|number| number.iter().all(u8::is_ascii_digit))
}

/// Whether the object at the start of `bytes` is an envelope of records: the place behind the opening bracket of their
/// array, and in how many objects it lies.
pub fn envelope(bytes: &[u8]) -> Option<(usize, u8)> {
    let mut scan = Scan::new(bytes, 0);
    let mut closers = 0;
    'object: loop {
        scan.expect(b'{', "").ok()?;
        closers += 1;
        loop {
            let key = scan.key().ok()?;
            let key = bytes.get(key.from..key.to)?;
            let wanted = ENVELOPE_KEYS.contains(&key);
            match scan.token().ok()? {
                b'[' if wanted => {
                    let inside = scan.at + 1;
                    return match bytes.get(skip_blank(bytes, inside)) {
                        Some(b'{' | b']') => Some((inside, closers)),
                        _ => None,
                    };
                }
                // Elasticsearch: `hits.hits`.
                b'{' if wanted && closers == 1 => continue 'object,
                _ => scan.skip().ok()?,
            }
            scan.expect(b',', "").ok()?;
        }
    }
}

/// Where to go on behind a broken record at `at`; `None` when no place can be told from these bytes.
///
/// Records of one file begin alike: on a line of their own, and not further in. The next such line is the place, or
/// the bracket that closes the broken record if that comes first. More bytes behind these never change the answer.
///
/// `head` is what stood on the first line before these bytes.
pub fn resume(head: &Head, bytes: &[u8], at: usize) -> Option<usize> {
    let indent = head.and(bytes.get(..at)?);
    let begins_like_it = |next: &usize| {
        let line = bytes.get(*next..).unwrap_or_default();
        let Head(Some(indent)) = &indent else { return true };
        let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let (blanks, text) = line.split_at_checked(blanks).unwrap_or_default();
        (indent.starts_with(blanks) && text.first() == Some(&b'{')) || line.starts_with(b"Record ") || line.starts_with(b"<Event")
    };
    let next_line = memchr::memchr_iter(b'\n', bytes.get(at..)?).map(|newline| at + newline + 1).find(begins_like_it);
    close_of(bytes.get(..next_line.unwrap_or(bytes.len()))?, at).or(next_line)
}

/// Place behind the bracket that closes the one at `at`, texts left out, grammar not asked.
fn close_of(bytes: &[u8], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut in_text = false;
    let mut escaped = false;
    for (place, byte) in bytes.get(at..)?.iter().enumerate() {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + place + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// The first keys of an object that no shape knows, as the reason why.
pub fn keys_of(record: &str) -> String {
    const SHOWN: usize = 6;
    let mut keys = Vec::new();
    let mut scan = Scan::new(record.as_bytes(), 0);
    let mut more = scan.expect(b'{', "").is_ok();
    while more && keys.len() < SHOWN {
        let Ok(key) = scan.key() else { break };
        keys.push(record.get(key.from..key.to).unwrap_or_default());
        more = scan.skip().and_then(|()| scan.expect(b',', "")).is_ok();
    }
    format!("no known log shape (keys: {})", keys.join(", "))
}
