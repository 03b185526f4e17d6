//! The pull scanner: walks one JSON value, checks its grammar, and keeps the places of the values a trie asks for.
//!
//! What a member costs is what reading costs, so key, text and comma are taken in one loop without a call: a `Result` that
//! is handed through memory was half of it. Places that hold one value are filled in the same loop. Instructions a byte
//! (callgrind, 4 MB), before and after: winlogbeat 12.0 and 10.4, Entra 15.9 and 13.3, Entra with normalising 20.2 and
//! 16.6; medians of 64 MB on one core of a busy machine, taking turns, with normalising: 63 and 54 ms, 92 and 62 ms.
//!
//! Strings are looked through eight bytes at a time and unescaped only when they are wanted. Depth is bounded: wanted paths
//! by `DEEPEST_WANTED`, skipped values by `DEEPEST`, and skipping does not recurse.

use super::index::Marks;
use super::keys::{Found, Step};
use super::trie::{Node, NodeId, ROOT, Trie};
use crate::decode::catch::{self, Catch, Got};
use crate::decode::keyvalue;
use crate::model::shape::Slot;

/// Objects and arrays entered on wanted paths.
const DEEPEST_WANTED: u32 = 24;
/// Objects and arrays inside one another in values that are skipped.
pub const DEEPEST: u32 = 512;

const COMMA_IN_OBJECT: &str = "a key in quotes (there is a comma before `}`)";
const COMMA_IN_ARRAY: &str = "a value (there is a comma before `]`)";

/// Why a scan stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The bytes end inside the value.
    Incomplete,
    /// No JSON at this place; the text says what was expected.
    Bad(usize, &'static str),
}

impl Stop {
    /// The same for places that count from `from` places earlier.
    #[must_use]
    pub const fn behind(self, from: usize) -> Self {
        match self {
            Self::Bad(place, expected) => Self::Bad(from + place, expected),
            Self::Incomplete => Self::Incomplete,
        }
    }
}

pub struct Scan<'a> {
    bytes: &'a [u8],
    pub at: usize,
    /// Ends of texts that were found beforehand; none where the bytes have no index.
    pub marks: Marks<'a>,
    /// How many texts ended at their marks.
    pub texts: usize,
    /// The bytes are a text that will be gone: keep copies, not places.
    copy: bool,
    depth: u32,
    position: u16,
    in_positions: bool,
}

/// A string as it stands: places of its first byte and its closing quote.
#[derive(Clone, Copy)]
pub struct Quoted {
    pub from: usize,
    pub to: usize,
}

impl<'a> Scan<'a> {
    #[must_use]
    pub const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, marks: Marks::NONE, texts: 0, copy: false, depth: 0, position: 0, in_positions: false }
    }
    /// A scanner of bytes whose beginning has an index.
    #[must_use]
    pub const fn with_marks(bytes: &'a [u8], at: usize, marks: Marks<'a>) -> Self {
        Self { marks, ..Self::new(bytes, at) }
    }
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
    /// The next byte that is no white space, not taken.
    #[inline]
    pub fn token(&mut self) -> Result<u8, Stop> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(byte) => return Ok(byte),
                None => return Err(Stop::Incomplete),
            }
        }
    }
    fn bad<T>(&self, expected: &'static str) -> Result<T, Stop> {
        Err(Stop::Bad(self.at, expected))
    }
    /// Takes `byte` or stops.
    #[inline]
    pub fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Stop> {
        if self.token()? != byte {
            return self.bad(expected);
        }
        self.at += 1;
        Ok(())
    }
    /// Takes a string; `at` stands on its opening quote.
    #[inline(always)]
    pub fn string(&mut self) -> Result<Quoted, Stop> {
        let from = self.at + 1;
        if let Some(to) = self.marks.closing(self.at)
            && self.bytes.get(to) == Some(&b'"')
        {
            self.at = to + 1;
            self.texts += 1;
            return Ok(Quoted { from, to });
        }
        self.string_by_bytes()
    }
    /// As `string`, without marks: at the end of what has an index, and where it says that something is wrong.
    #[cold]
    fn string_by_bytes(&mut self) -> Result<Quoted, Stop> {
        let from = self.at + 1;
        let mut at = from;
        loop {
            at = find_special(self.bytes, at);
            match self.bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(Quoted { from, to: at });
                }
                Some(b'\\') => match self.bytes.get(at + 1) {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => at += 2,
                    Some(b'u') => {
                        for place in at + 2..at + 6 {
                            match self.bytes.get(place) {
                                Some(byte) if byte.is_ascii_hexdigit() => {}
                                Some(_) => return Err(Stop::Bad(place, "a hexadecimal digit")),
                                None => return Err(Stop::Incomplete),
                            }
                        }
                        at += 6;
                    }
                    Some(_) => return Err(Stop::Bad(at + 1, "an escape of JSON")),
                    None => return Err(Stop::Incomplete),
                },
                Some(b'\n' | b'\r') => return Err(Stop::Bad(at, "a closing quote before the line ends")),
                Some(_) => return Err(Stop::Bad(at, "no control character inside a text")),
                None => return Err(Stop::Incomplete),
            }
        }
    }
    /// Whether a string holds escapes.
    #[inline(always)]
    fn is_escaped(&self, text: Quoted) -> bool {
        if self.marks.cover(text.to) { self.marks.has_slash(text.from, text.to) } else { self.slice(text.from, text.to).contains(&b'\\') }
    }
    #[inline]
    pub fn slice(&self, from: usize, to: usize) -> &'a [u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }
    /// Takes a number, `true`, `false` or `null`, and tells where it ends.
    #[inline]
    fn scalar(&mut self) -> Result<(usize, usize), Stop> {
        let from = self.at;
        let rest = self.bytes.get(from..).unwrap_or_default();
        let len = match rest {
            [b't', b'r', b'u', b'e', ..] | [b'n', b'u', b'l', b'l', ..] => 4,
            [b'f', b'a', b'l', b's', b'e', ..] => 5,
            rest => plain_number(rest),
        };
        if len > 0 && matches!(rest.get(len), Some(b',' | b'}' | b']')) {
            self.at = from + len;
            return Ok((from, self.at));
        }
        self.any_scalar()
    }
    /// As `scalar`, for what is written in a rarer way, goes on in the next block, or is no value.
    #[cold]
    fn any_scalar(&mut self) -> Result<(usize, usize), Stop> {
        let from = self.at;
        let end = self
            .slice(from, self.bytes.len())
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'+' | b'-' | b'.' | b'E'));
        // A number or word at the very end of the bytes may go on in the next block.
        let Some(len) = end else { return Err(Stop::Incomplete) };
        let text = self.slice(from, from + len);
        if matches!(text, b"true" | b"false" | b"null") || is_number(text) {
            self.at += len;
            return Ok((from, from + len));
        }
        self.bad("a value")
    }
    /// Takes any value unread.
    #[inline]
    pub fn skip(&mut self) -> Result<(), Stop> {
        match self.token()? {
            b'"' => self.string().map(|_| ()),
            b'{' | b'[' => self.skip_container(),
            _ => self.scalar().map(|_| ()),
        }
    }
    fn skip_container(&mut self) -> Result<(), Stop> {
        // Whether what is round each level is an object, one bit a level.
        let mut levels = [0_u64; (DEEPEST / 64) as usize];
        let (mut depth, mut in_object) = (0_u32, false);
        loop {
            // At a value.
            let mut fresh = false;
            match self.token()? {
                b'"' => {
                    self.string()?;
                }
                open @ (b'{' | b'[') => {
                    let Some(word) = levels.get_mut((depth / 64) as usize) else { return self.bad("less than 512 levels") };
                    let bit = 1_u64 << (depth % 64);
                    *word = if in_object { *word | bit } else { *word & !bit };
                    depth += 1;
                    self.at += 1;
                    (in_object, fresh) = (open == b'{', true);
                }
                _ => {
                    self.scalar()?;
                }
            }
            // Behind a value, or behind an opening bracket.
            loop {
                let Some(level) = depth.checked_sub(1) else { return Ok(()) };
                let byte = self.token()?;
                let (close, comma) = if in_object { (b'}', COMMA_IN_OBJECT) } else { (b']', COMMA_IN_ARRAY) };
                if byte == close {
                    self.at += 1;
                    depth = level;
                    in_object = levels.get((level / 64) as usize).is_some_and(|word| word >> (level % 64) & 1 == 1);
                    fresh = false;
                    continue;
                }
                if !fresh {
                    if byte != b',' {
                        return self.bad(if in_object { "`,` or `}`" } else { "`,` or `]`" });
                    }
                    self.at += 1;
                    if self.token()? == close {
                        return self.bad(comma);
                    }
                }
                if in_object {
                    self.key()?;
                }
                break;
            }
        }
    }
    /// Takes a key and its colon.
    #[inline(always)]
    pub fn key(&mut self) -> Result<Quoted, Stop> {
        if self.peek() != Some(b'"') && self.token()? != b'"' {
            return self.bad("a key in quotes");
        }
        let key = self.string()?;
        if self.peek() != Some(b':') {
            self.expect(b':', "`:`")?;
            return Ok(key);
        }
        self.at += 1;
        // Nearly all writers put one blank here or none.
        self.at += usize::from(self.peek() == Some(b' '));
        Ok(key)
    }
    /// Takes a value of the record, keeping what `trie` wants at `id`.
    pub fn value(&mut self, trie: &Trie, id: NodeId, catch: &mut Catch) -> Result<(), Stop> {
        let Some(node) = trie.node(id) else { return self.skip() };
        let byte = self.token()?;
        if self.depth >= DEEPEST_WANTED {
            return self.skip();
        }
        match byte {
            b'"' => {
                let text = self.string()?;
                match node.slot {
                    // Long and full of escapes: unescaped later, and only where it is needed.
                    Some(Slot::Message) if !self.copy => {
                        catch.push(Slot::Message, 0, Got::Text { copied: false, from: text.from, to: text.to })
                    }
                    Some(Slot::EventXml) => {
                        // A text with `<` only; messages and the like are left alone.
                        if memchr::memchr2(b'<', b'\\', self.slice(text.from, text.to)).is_none() {
                            return Ok(());
                        }
                        let xml = catch::unescape(self.slice(text.from, text.to));
                        crate::decode::xml::event_data(&String::from_utf8_lossy(&xml), catch);
                    }
                    Some(Slot::KeyValues) if keyvalue::is_event(self.slice(text.from, text.to)) => {
                        let lines = catch::unescape(self.slice(text.from, text.to));
                        keyvalue::read(&String::from_utf8_lossy(&lines), trie, id, catch);
                    }
                    Some(Slot::KeyValues) => {}
                    Some(slot) => {
                        let got = self.got_text(text, catch);
                        catch.push(slot, self.position, got);
                    }
                    None => {}
                }
                if node.has_children() && !node.positional {
                    self.embedded(text, trie, id, catch);
                }
                Ok(())
            }
            b'{' if node.pairs.is_some() => self.pair(trie, id, catch),
            b'{' if node.has_children() => self.object(trie, id, catch),
            b'[' if (node.slot.is_some() || node.has_children()) && !self.in_positions => self.array(trie, id, node.positional, catch),
            b'{' | b'[' => self.skip_container(),
            _ => {
                let (from, to) = self.scalar()?;
                let Some(slot) = node.slot else { return Ok(()) };
                let got = match self.slice(from, to) {
                    b"null" => return Ok(()),
                    b"true" => Got::Bool(true),
                    b"false" => Got::Bool(false),
                    text if self.copy => catch.copy_number(text),
                    _ => Got::Number { copied: false, from, to },
                };
                catch.push(slot, self.position, got);
                Ok(())
            }
        }
    }
    #[inline(always)]
    fn got_text(&self, text: Quoted, catch: &mut Catch) -> Got {
        if self.is_escaped(text) {
            catch.copy_unescaped(self.slice(text.from, text.to))
        } else if self.copy {
            catch.copy_text(self.slice(text.from, text.to))
        } else {
            Got::Text { copied: false, from: text.from, to: text.to }
        }
    }
    fn object(&mut self, trie: &Trie, id: NodeId, catch: &mut Catch) -> Result<(), Stop> {
        self.at += 1;
        self.depth += 1;
        let any = trie.node(id).and_then(|node| node.any);
        if self.token()? != b'}' {
            loop {
                let key = self.key()?;
                match (self.child(trie, id, key, catch), any) {
                    (Some(step), _) => {
                        catch.marks |= step.marks;
                        match step.plain {
                            Some(slot) if self.peek() == Some(b'"') && self.depth < DEEPEST_WANTED => {
                                let text = self.string()?;
                                let got = self.got_text(text, catch);
                                catch.push(slot, self.position, got);
                            }
                            _ => self.value(trie, step.child, catch)?,
                        }
                    }
                    (None, Some(any)) if self.token()? == b'{' => self.value(trie, any, catch)?,
                    (None, _) => self.skip()?,
                }
                match self.token()? {
                    b',' => self.at += 1,
                    b'}' => break,
                    _ => return self.bad("`,` or `}`"),
                }
                if self.peek() != Some(b'"') && self.token()? == b'}' {
                    return self.bad(COMMA_IN_OBJECT);
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }
    /// Where a key leads.
    #[inline(always)]
    fn child(&self, trie: &Trie, id: NodeId, key: Quoted, catch: &mut Catch) -> Found {
        let text = self.slice(key.from, key.to);
        if let Some(known) = catch.keys.recall(trie, id, text) {
            return known;
        }
        let found = self.new_child(trie, id, key, catch);
        catch.keys.learn(trie, id, text, found);
        found
    }
    /// The same, looked up by the key's spelling.
    #[cold]
    fn new_child(&self, trie: &Trie, id: NodeId, key: Quoted, catch: &mut Catch) -> Found {
        let node = trie.node(id)?;
        let child = if self.is_escaped(key) {
            catch.unescaped_key(self.slice(key.from, key.to), |key| node.child(key))
        } else {
            node.child(self.slice(key.from, key.to))
        }?;
        let place = trie.node(child);
        // A record inside a wrapper starts again at the root; its marks are set by its own keys.
        let marks = place.filter(|_| child != ROOT).map_or(0, |node| node.marks);
        Some(Step { child, marks, plain: place.and_then(Node::plain) })
    }
    /// An object that is a name and a value, as lists of properties and XML turned into JSON have them. Without a name the
    /// value is one of those that go by their position; an object that is neither holds names itself.
    fn pair(&mut self, trie: &Trie, id: NodeId, catch: &mut Catch) -> Result<(), Stop> {
        let mut inner = Scan { at: self.at + 1, depth: self.depth + 1, in_positions: false, ..*self };
        let begin = (self.at, self.marks);
        self.skip_container()?;
        let (mut name, mut value) = (None, None);
        while inner.at < self.at && inner.token()? != b'}' {
            let key = inner.key()?;
            inner.token()?;
            let (from, marks) = (inner.at, inner.marks);
            inner.skip()?;
            match self.slice(key.from, key.to) {
                b"Name" | b"name" | b"@Name" | b"-Name" | b"Key" | b"key" => name = self.slice(from, inner.at).get(1..inner.at - from - 1),
                b"Value" | b"value" | b"#text" | b"Text" => value = Some((from, marks)),
                _ => {}
            }
            if inner.token()? == b',' {
                inner.at += 1;
            }
        }
        let names = trie.node(id).and_then(|node| node.pairs).unwrap_or(id);
        let place = match (name, value) {
            (None, None) if names != id => {
                (inner.at, inner.marks) = begin;
                return inner.value(trie, names, catch);
            }
            (Some(name), _) => trie.node(names).and_then(|node| node.child(name)),
            (None, _) => Some(id),
        };
        if let (Some(place), Some(value)) = (place, value) {
            (inner.at, inner.marks) = value;
            inner.in_positions = self.in_positions;
            inner.value(trie, place, catch)?;
            catch.marks |= trie.node(place).map_or(0, |node| node.marks);
        }
        Ok(())
    }
    fn array(&mut self, trie: &Trie, id: NodeId, positional: bool, catch: &mut Catch) -> Result<(), Stop> {
        self.at += 1;
        self.depth += 1;
        self.in_positions = positional;
        let mut first = true;
        let mut number = 0_u16;
        loop {
            match self.token()? {
                b']' => break,
                b',' if !first => {
                    self.at += 1;
                    if self.token()? == b']' {
                        return self.bad(COMMA_IN_ARRAY);
                    }
                }
                _ if first => {}
                _ => return self.bad("`,` or `]`"),
            }
            first = false;
            if positional {
                self.position = number;
            }
            self.value(trie, id, catch)?;
            number = number.saturating_add(1);
        }
        self.at += 1;
        self.depth -= 1;
        self.in_positions = false;
        self.position = 0;
        Ok(())
    }
    /// A text where an object is wanted: some exporters write `properties` and dynamic columns as JSON text.
    fn embedded(&self, text: Quoted, trie: &Trie, id: NodeId, catch: &mut Catch) {
        let raw = self.slice(text.from, text.to);
        let looks = |byte: &u8| matches!(byte, b'{' | b'[');
        if self.depth + 1 >= DEEPEST_WANTED
            || !raw.iter().find(|byte| !matches!(byte, b' ' | b'\\' | b'n' | b'r' | b't')).is_some_and(looks)
        {
            return;
        }
        let inner = if self.is_escaped(text) { catch::unescape(raw) } else { raw.to_vec() };
        embedded(&inner, self.depth + 1, trie, id, catch);
    }
}

/// Reads a text that is JSON of its own; what is wrong with it stops only itself.
pub fn embedded(text: &[u8], depth: u32, trie: &Trie, id: NodeId, catch: &mut Catch) {
    let mut scan = Scan { copy: true, depth, ..Scan::new(text, 0) };
    let _ = scan.value(trie, id, catch); // what was read before the fault is kept
}

/// First place from `at` on that holds a quote, a backslash or a control character; the end when there is none.
#[inline]
fn find_special(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*word);
        let quote = word ^ (ONES * b'"' as u64);
        let slash = word ^ (ONES * b'\\' as u64);
        let found =
            (quote.wrapping_sub(ONES) & !quote | slash.wrapping_sub(ONES) & !slash | word.wrapping_sub(ONES * 0x20) & !word) & HIGHS;
        if found != 0 {
            // The lowest mark is exact; marks above it may be carried over.
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    bytes.get(at..).map_or(bytes.len(), |rest| rest.iter().position(special).map_or(bytes.len(), |place| at + place))
}

/// How long a number is that stands at the beginning, by the commonest forms of the grammar: a whole number, or one with a
/// fraction. 0 where it may be another.
#[inline]
fn plain_number(text: &[u8]) -> usize {
    let digits = |from: usize| text.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(text.first() == Some(&b'-'));
    let whole = digits(sign);
    if whole == 0 || (whole > 1 && text.get(sign) == Some(&b'0')) {
        return 0;
    }
    if text.get(sign + whole) != Some(&b'.') {
        return sign + whole;
    }
    match digits(sign + whole + 1) {
        0 => 0,
        part => sign + whole + 1 + part,
    }
}

/// The grammar of JSON numbers.
fn is_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(text);
    if whole == 0 || (whole > 1 && text.first() == Some(&b'0')) {
        return false;
    }
    let mut rest = text.get(whole..).unwrap_or_default();
    if let Some(part) = rest.strip_prefix(b".") {
        let count = digits(part);
        if count == 0 {
            return false;
        }
        rest = part.get(count..).unwrap_or_default();
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
        let count = digits(exponent);
        return count > 0 && count == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skip(text: &str) -> Result<usize, Stop> {
        let mut scan = Scan::new(text.as_bytes(), 0);
        scan.skip().map(|()| scan.at)
    }

    #[test]
    fn the_grammar_is_checked_while_values_are_skipped() {
        for good in [r#"{"a":[1,-2.5e+3,true,null,{"b":"c\"\\\u00e4"}],"d":{}}"#, "[ ]", "{ }", r#""text""#, r#"[[[]],[{}]]"#] {
            assert_eq!(skip(good), Ok(good.len()), "{good}");
        }
        for (bad, at) in [
            (r#"{"a":1,}"#, 7),
            (r#"{"a" 1}"#, 5),
            (r#"[1,]"#, 3),
            (r#"[1 2]"#, 3),
            (r#"{a:1}"#, 1),
            (r#"{"a":01}"#, 5),
            (r#"{"a":nul}"#, 5),
            ("{\"a\":\"x\ny\"}", 7),
            (r#"{"a":"\x"}"#, 7),
        ] {
            assert!(matches!(skip(bad), Err(Stop::Bad(place, _)) if place == at), "{bad}: {:?}", skip(bad));
        }
        for cut in [r#"{"a":[1,"#, r#"{"a":"x"#, r#"{"a":"x\"#, r#"{"a":"\u00"#, "12"] {
            assert_eq!(skip(cut), Err(Stop::Incomplete), "{cut}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_without_recursion() {
        let deep = "[".repeat(100_000);
        assert!(matches!(skip(&deep), Err(Stop::Bad(512, _))));
        let fits = format!("{}{}", "[".repeat(512), "]".repeat(512));
        assert_eq!(skip(&fits), Ok(1_024));
    }

    #[test]
    fn quotes_are_found_at_every_distance() {
        for gap in 0..40 {
            let text = format!("{}\"{}", "x".repeat(gap), "\u{fffd}y\u{7f}".repeat(4));
            assert_eq!(find_special(text.as_bytes(), 0), gap);
            let text = format!("{}\n", "\u{e4}".repeat(gap));
            assert_eq!(find_special(text.as_bytes(), 0), gap * 2);
        }
    }
}
