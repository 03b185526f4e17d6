//! One value of a record as a decoder hands it over.
//!
//! Text formats give UTF-8. Event logs give the bytes as they stand in the log (UTF-16, a SID, a GUID): most values of a
//! log were met before, and what was met before need not be written out again. Whoever needs the text asks for it here;
//! text that is not valid Unicode is kept with U+FFFD in place of what is wrong, never dropped.

use crate::base::time::Timestamp;
use std::borrow::Cow;
use std::fmt::Write as _;

/// A value as it stands in the record.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Value<'a> {
    #[default]
    Absent,
    Text(&'a str),
    /// UTF-16LE, which ends before the first NUL.
    Utf16(&'a [u8]),
    /// One byte for a character, which ends before the first NUL.
    Latin1(&'a [u8]),
    /// Revision, count of parts, authority (big-endian), parts (little-endian); the decoder has looked at the lengths.
    Sid(&'a [u8]),
    /// In the order of memory.
    Guid(&'a [u8; 16]),
    Binary(&'a [u8]),
    Time(Timestamp),
    Number(u64),
    Float(f64),
    Bool(bool),
}

impl<'a> Value<'a> {
    /// The text of what is text, a SID, a GUID (lower case, no braces), binary (hexadecimal) or a time (RFC 3339, UTC);
    /// empty for numbers and what is absent.
    #[must_use]
    pub fn text(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Utf16(bytes) => Cow::Owned(utf16(bytes)),
            Self::Latin1(bytes) => Cow::Owned(bytes.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()),
            Self::Sid(bytes) => Cow::Owned(sid(bytes)),
            Self::Guid(bytes) => Cow::Owned(guid(bytes)),
            Self::Binary(bytes) => Cow::Owned(bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
                let _ = write!(text, "{byte:02X}");
                text
            })),
            Self::Time(at) => {
                let digits = at.as_ticks().rem_euclid(10_000_000);
                Cow::Owned(format!("{}.{digits:07}Z", at.to_chrono().format("%Y-%m-%dT%H:%M:%S")))
            }
            Self::Absent | Self::Number(_) | Self::Float(_) | Self::Bool(_) => Cow::Borrowed(""),
        }
    }
    /// The number: as it is, or read from decimal or `0x` text. `None` when absent or no number.
    #[must_use]
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Text(text) => parse_number(text),
            Self::Utf16(bytes) => digits(bytes).or_else(|| match ascii(bytes, &mut [0; 64]) {
                Some(text) => parse_number(text),
                None => parse_number(&utf16(bytes)),
            }),
            Self::Latin1(_) => parse_number(&self.text()),
            Self::Float(float) if float.is_finite() && (0.0..9.0e15).contains(&float) => {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the range was tested
                Some(float as u64)
            }
            Self::Bool(value) => Some(u64::from(value)),
            _ => None,
        }
    }
}

fn parse_number(text: &str) -> Option<u64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        // Before Vista a LogonId is written as its two halves, `(0x0,0x3E7)`.
        None if text.starts_with('(') => {
            let (high, low) = text.strip_prefix('(')?.strip_suffix(')')?.split_once(',')?;
            let half = |text: &str| u32::try_from(parse_number(text)?).ok();
            Some(u64::from(half(high)?) << 32 | u64::from(half(low)?))
        }
        // NXLog prints unsigned 64-bit values as signed ones.
        None => text.parse::<u64>().ok().or_else(|| text.parse::<i64>().ok().map(i64::cast_unsigned)),
    }
}

/// UTF-16LE up to the first NUL, if it is short and ASCII, as numbers and what stands in their place (`-`) are: written into
/// `room`, as most records have one of them and memory need not be asked for.
fn ascii<'r>(utf16: &[u8], room: &'r mut [u8; 64]) -> Option<&'r str> {
    let (units, _) = utf16.as_chunks::<2>();
    let mut length = 0;
    for [low, high] in units.iter().take_while(|unit| **unit != [0, 0]) {
        if *high != 0 || !low.is_ascii() {
            return None;
        }
        *room.get_mut(length)? = *low;
        length += 1;
    }
    std::str::from_utf8(room.get(..length)?).ok()
}

/// A few decimal digits and nothing else, which is how ports are written.
#[inline]
fn digits(utf16: &[u8]) -> Option<u64> {
    let (units, _) = utf16.as_chunks::<2>();
    if units.is_empty() || units.len() > 9 {
        return None;
    }
    let mut sum = 0_u64;
    for [low, high] in units {
        let digit = low.wrapping_sub(b'0');
        if *high != 0 || digit > 9 {
            return None;
        }
        sum = sum * 10 + u64::from(digit);
    }
    Some(sum)
}

/// Whether UTF-16LE is just this ASCII text.
#[must_use]
#[inline]
pub fn utf16_is(utf16: &[u8], ascii: &str) -> bool {
    utf16.len() == ascii.len() * 2 && utf16.as_chunks::<2>().0.iter().zip(ascii.bytes()).all(|(unit, byte)| *unit == [byte, 0])
}

/// UTF-16LE up to the first NUL as UTF-8.
#[must_use]
pub fn utf16(bytes: &[u8]) -> String {
    let (units, _) = bytes.as_chunks::<2>();
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
    let mut text = String::with_capacity(bytes.len() / 2);
    text.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text
}

/// `S-1-5-21-...`
fn sid(bytes: &[u8]) -> String {
    let Some((head, parts)) = bytes.split_first_chunk::<8>() else { return String::new() };
    let [revision, _, authority @ ..] = *head;
    let authority = authority.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let mut text = format!("S-{revision}-{authority}");
    for part in parts.as_chunks::<4>().0 {
        let _ = write!(text, "-{}", u32::from_le_bytes(*part));
    }
    text
}

/// The 128 bits of a GUID in the order in which they are written.
#[must_use]
pub const fn guid_bits(bytes: &[u8; 16]) -> u128 {
    let [a, b, c, d, e, f, g, h, rest @ ..] = *bytes;
    let head = u64::from_be_bytes([d, c, b, a, f, e, h, g]);
    (head as u128) << 64 | u64::from_be_bytes(rest) as u128
}

/// `54849625-5478-4994-a5ba-3e3b0328c30d`
fn guid(bytes: &[u8; 16]) -> String {
    let bits = guid_bits(bytes);
    let part = |shift: u32, digits: u32| bits >> shift & ((1 << (digits * 4)) - 1);
    format!("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", part(96, 8), part(80, 4), part(64, 4), part(48, 4), part(0, 12))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_windows_shows_them() {
        let sid = [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xf4, 1, 0, 0];
        assert_eq!(Value::Sid(&sid).text(), "S-1-5-21-1-2-3-500");
        let guid = b"\x25\x96\x84\x54\x78\x54\x94\x49\xa5\xba\x3e\x3b\x03\x28\xc3\x0d";
        assert_eq!(Value::Guid(guid).text(), "54849625-5478-4994-a5ba-3e3b0328c30d");
        let at = Timestamp::from_filetime(132_576_067_510_354_251).unwrap();
        assert_eq!(Value::Time(at).text(), "2021-02-12T12:32:31.0354251Z");
        assert_eq!(Value::Binary(&[0, 0xab]).text(), "00AB");
        assert_eq!(Value::Latin1(b"\xe4b\0c").text(), "\u{e4}b");
    }

    #[test]
    fn text_stops_at_nul_and_bad_unicode_is_marked() {
        assert_eq!(utf16(b"a\0b\0\0\0c\0"), "ab");
        assert_eq!(utf16(b"a\0\x00\xd8b\0"), "a\u{fffd}b");
        assert_eq!(utf16(b"\xe4\0\x3d\xd8\x00\xde"), "\u{e4}\u{1f600}");
    }

    #[test]
    fn numbers_are_read_from_either_form_of_text() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        for text in
            ["0", "50443", " 7 ", "0x3e7", "0X3E7", "-1", "18446744073709551615", "123456789", "1234567890", "-", "", "ten", "1\u{661}"]
        {
            assert_eq!(Value::Utf16(&wide(text)).number(), Value::Text(text).number(), "{text:?}");
        }
        assert_eq!(Value::Text("-1").number(), Some(u64::MAX));
        assert_eq!(Value::Text("(0x0,0x3E7)").number(), Some(0x3e7));
        assert_eq!(Value::Text("(0x1, 0x2)").number(), Some(0x1_0000_0002));
        assert_eq!(["(", "(1)", "(1,2", "(0x100000000,1)", "((1,2),3)"].map(|text| Value::Text(text).number()), [None; 5]);
        assert_eq!(Value::Utf16(&wide("0x3e7")).number(), Some(0x3e7));
        assert_eq!(Value::Utf16(b"8\09\0\0\0").number(), Some(89));
    }
}
