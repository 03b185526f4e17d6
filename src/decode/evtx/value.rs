//! Values of binary XML as the texts and numbers that `Fields` promises.
//!
//! Numbers of every width, hex numbers and pointers become numbers; SIDs, GUIDs (lower case, no braces) and times become
//! text. Text that is not valid Unicode is kept with U+FFFD in place of what is wrong, never dropped.

use std::io::Write as _;

use super::token;
use crate::base::evtx_chunk::{u16_at, u32_at, u64_at};
use crate::base::time::Timestamp;

/// A value whose text, if any, lies in a `String` that more texts are added to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Stored {
    #[default]
    Absent,
    /// From and up to, in bytes of the arena.
    Text(u32, u32),
    Number(u64),
    Float(f64),
    Bool(bool),
}

/// Texts of one record, one after the other: always whole UTF-8.
#[derive(Debug, Default)]
pub struct Arena {
    bytes: Vec<u8>,
}

impl Arena {
    pub fn clear(&mut self) {
        self.bytes.clear();
    }
    /// One text; `all` is quicker for many.
    pub fn get(&self, from: u32, to: u32) -> &str {
        self.bytes.get(from as usize..to as usize).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
    /// All texts, to be cut at the places that were given when they were stored.
    pub fn all(&self) -> &str {
        simdutf8::basic::from_utf8(&self.bytes).unwrap_or_default()
    }
    fn since(&self, from: usize) -> Stored {
        // A record is at most 64 KiB, so its texts stay far below 4 GiB.
        Stored::Text(u32::try_from(from).unwrap_or(0), u32::try_from(self.bytes.len()).unwrap_or(0))
    }
    /// A text that came from `push_utf16`.
    pub fn text(&mut self, text: &[u8]) -> Stored {
        let from = self.bytes.len();
        self.bytes.extend_from_slice(text);
        self.since(from)
    }
    /// UTF-16LE up to the first NUL.
    pub fn utf16(&mut self, utf16: &[u8]) -> Stored {
        let from = self.bytes.len();
        push_utf16(utf16, &mut self.bytes);
        self.since(from)
    }
    /// A value of type `kind`; `None` where its size does not fit its type.
    pub fn value(&mut self, kind: u8, bytes: &[u8]) -> Option<Stored> {
        let from = self.bytes.len();
        Some(match (kind, bytes.len()) {
            (token::NULL, _) | (_, 0) => match kind {
                token::STRING | token::ANSI_STRING => self.since(from),
                _ => Stored::Absent,
            },
            (token::STRING, size) if size % 2 == 0 => self.utf16(bytes),
            (token::ANSI_STRING, _) => {
                // Windows-1252 and Latin-1 agree but for 27 characters no account name should have.
                bytes.iter().take_while(|byte| **byte != 0).for_each(|byte| push_char(char::from(*byte), &mut self.bytes));
                self.since(from)
            }
            (token::UINT8, 1) => Stored::Number(u64::from(*bytes.first()?)),
            (token::INT8, 1) => Stored::Number(i64::from(bytes.first()?.cast_signed()).cast_unsigned()),
            (token::UINT16, 2) => Stored::Number(u64::from(u16_at(bytes, 0)?)),
            (token::INT16, 2) => Stored::Number(i64::from(u16_at(bytes, 0)?.cast_signed()).cast_unsigned()),
            (token::UINT32 | token::HEX32 | token::SIZE, 4) => Stored::Number(u64::from(u32_at(bytes, 0)?)),
            (token::INT32, 4) => Stored::Number(i64::from(u32_at(bytes, 0)?.cast_signed()).cast_unsigned()),
            (token::UINT64 | token::INT64 | token::HEX64 | token::SIZE, 8) => Stored::Number(u64_at(bytes, 0)?),
            (token::REAL32, 4) => Stored::Float(f64::from(f32::from_bits(u32_at(bytes, 0)?))),
            (token::REAL64, 8) => Stored::Float(f64::from_bits(u64_at(bytes, 0)?)),
            (token::BOOL, 4) => match u32_at(bytes, 0)? {
                0 => Stored::Bool(false),
                1 => Stored::Bool(true),
                other => Stored::Number(u64::from(other)),
            },
            (token::GUID, 16) => {
                push_guid(bytes, &mut self.bytes)?;
                self.since(from)
            }
            (token::FILETIME, 8) => match Timestamp::from_filetime(u64_at(bytes, 0)?) {
                Some(at) => {
                    push_time(at, &mut self.bytes);
                    self.since(from)
                }
                None => Stored::Absent,
            },
            (token::SYSTEMTIME, 16) => {
                push_systemtime(bytes, &mut self.bytes)?;
                self.since(from)
            }
            (token::SID, _) => {
                push_sid(bytes, &mut self.bytes)?;
                self.since(from)
            }
            (kind, _) if kind & token::LIST != 0 => return None,
            (token::BINARY, _) => {
                for byte in bytes {
                    let _ = write!(self.bytes, "{byte:02X}");
                }
                self.since(from)
            }
            _ => return None,
        })
    }
    /// A time of the `System` part or of a value, in either of Windows' two forms.
    pub fn time(kind: u8, bytes: &[u8]) -> Option<Timestamp> {
        match kind {
            token::FILETIME => Timestamp::from_filetime(u64_at(bytes, 0)?),
            token::SYSTEMTIME => {
                let mut text = Vec::new();
                push_systemtime(bytes, &mut text)?;
                Timestamp::parse(std::str::from_utf8(&text).ok()?)
            }
            token::STRING => {
                let mut text = Vec::new();
                push_utf16(bytes, &mut text);
                Timestamp::parse(std::str::from_utf8(&text).ok()?)
            }
            _ => None,
        }
    }
}

/// UTF-16LE up to the first NUL as UTF-8.
pub fn push_utf16(utf16: &[u8], out: &mut Vec<u8>) {
    let (units, _) = utf16.as_chunks::<2>();
    // Written so that the compiler makes wide instructions of both loops: nearly all text is ASCII.
    let (all, has_nul) = units.iter().fold((0, false), |(all, has_nul), unit| {
        let unit = u16::from_le_bytes(*unit);
        (all | unit, has_nul | (unit == 0))
    });
    if all < 0x80 && !has_nul {
        out.extend(units.iter().map(|[low, _]| *low));
        return;
    }
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
    char::decode_utf16(units).for_each(|unit| push_char(unit.unwrap_or(char::REPLACEMENT_CHARACTER), out));
}

fn push_char(character: char, out: &mut Vec<u8>) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// `54849625-5478-4994-a5ba-3e3b0328c30d`.
fn push_guid(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    for (place, index) in ORDER.into_iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        let byte = *bytes.get(index)?;
        out.extend_from_slice(&[hex_digit(byte >> 4), hex_digit(byte & 15)]);
    }
    Some(())
}

const fn hex_digit(digit: u8) -> u8 {
    if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }
}

fn push_number(mut number: u64, out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        out.push(b'0' + u8::try_from(number % 10).unwrap_or(0));
        number /= 10;
        if number == 0 {
            break;
        }
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

/// `S-1-5-21-...`: revision, count of parts, authority (big-endian), parts (little-endian).
fn push_sid(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (head, parts) = bytes.split_first_chunk::<8>()?;
    let [revision, count, authority @ ..] = *head;
    let authority = authority.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    out.extend_from_slice(b"S-");
    push_number(u64::from(revision), out);
    out.push(b'-');
    push_number(authority, out);
    let (parts, rest) = parts.as_chunks::<4>();
    if parts.len() != usize::from(count) || !rest.is_empty() {
        return None;
    }
    for part in parts {
        out.push(b'-');
        push_number(u64::from(u32::from_le_bytes(*part)), out);
    }
    Some(())
}

/// RFC 3339 in UTC with all seven digits of a FILETIME.
fn push_time(at: Timestamp, out: &mut Vec<u8>) {
    let _ = write!(out, "{}.{:07}Z", at.to_chrono().format("%Y-%m-%dT%H:%M:%S"), at.as_ticks().rem_euclid(10_000_000));
}

fn push_systemtime(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let part = |index: usize| u16_at(bytes, index * 2);
    let (year, month, day) = (part(0)?, part(1)?, part(3)?);
    let (hour, minute, second, milli) = (part(4)?, part(5)?, part(6)?, part(7)?);
    write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: u8, bytes: &[u8]) -> String {
        let mut arena = Arena::default();
        match arena.value(kind, bytes) {
            Some(Stored::Text(from, to)) => arena.get(from, to).to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn values_are_written_as_windows_shows_them() {
        let sid = [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xf4, 1, 0, 0];
        assert_eq!(shown(token::SID, &sid), "S-1-5-21-1-2-3-500");
        assert_eq!(shown(token::SID, &sid[..24]), "None");
        let guid = *b"\x25\x96\x84\x54\x78\x54\x94\x49\xa5\xba\x3e\x3b\x03\x28\xc3\x0d";
        assert_eq!(shown(token::GUID, &guid), "54849625-5478-4994-a5ba-3e3b0328c30d");
        assert_eq!(shown(token::HEX64, &0x3_08fa_bb0c_u64.to_le_bytes()), "Some(Number(13035551500))");
        assert_eq!(shown(token::FILETIME, &132_576_067_510_354_251_u64.to_le_bytes()), "2021-02-12T12:32:31.0354251Z");
        assert_eq!(shown(token::SYSTEMTIME, &[0xe5, 7, 2, 0, 5, 0, 12, 0, 12, 0, 32, 0, 31, 0, 35, 0]), "2021-02-12T12:32:31.035Z");
    }

    #[test]
    fn text_stops_at_nul_and_bad_unicode_is_marked() {
        assert_eq!(shown(token::STRING, b"a\0b\0\0\0c\0"), "ab");
        assert_eq!(shown(token::STRING, b"a\0\x00\xd8b\0"), "a\u{fffd}b");
        assert_eq!(shown(token::STRING, b"\xe4\0\x3d\xd8\x00\xde"), "ä\u{1f600}");
        assert_eq!(shown(token::STRING, b"a\0b"), "None");
    }
}
