//! Texts that hardly ever come twice: GUIDs and token ids.
//!
//! A log of a million logons holds a million of them. Interned, each would cost a place in three tables for ever; as the
//! 128 bits they are, they cost nothing but their event. Every form is kept so that the text can be written again: a GUID
//! in lower case without braces, a token character by character. What is none of these forms is interned as before.

use super::intern::{Interner, Names, Symbol};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Form {
    #[default]
    Absent,
    /// 8-4-4-4-12 hexadecimal digits, in any case: GUIDs are compared without regard to it.
    Guid,
    /// 22 characters of the URL alphabet of base64: 16 bytes, as newer `uniqueTokenIdentifier`s are written.
    Token,
    /// 48 characters of base64: a GUID in lower case as text, as older ones are.
    GuidText,
    /// A symbol.
    Text,
}

/// One such text; two are equal when the texts are (GUIDs: in any case).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Unique {
    words: [u32; 4],
    form: Form,
}

/// Room for the longest text of a form that is no symbol.
pub type Room = [u8; 48];

/// The last two digits of the alphabets of base64.
const URL: [u8; 2] = *b"-_";
const PLAIN: [u8; 2] = *b"+/";

/// What a hexadecimal digit is worth.
const fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// What a base64 digit is worth, given the last two of its alphabet.
const fn sextet(byte: u8, last: [u8; 2]) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        _ if byte == last[0] => Some(62),
        _ if byte == last[1] => Some(63),
        _ => None,
    }
}

/// The digit a sextet is written with.
#[allow(clippy::cast_possible_truncation)] // six bits
const fn digit(bits: u128, last: [u8; 2]) -> u8 {
    match (bits & 0x3f) as u8 {
        worth @ 0..=25 => b'A' + worth,
        worth @ 26..=51 => b'a' + worth - 26,
        worth @ 52..=61 => b'0' + worth - 52,
        62 => last[0],
        _ => last[1],
    }
}

/// `hex` for every byte; `u8::MAX` where it is no digit.
#[allow(clippy::indexing_slicing)] // a byte is always a place in 256, and a fault would end the compilation
const HEX: [u8; 256] = {
    let mut table = [u8::MAX; 256];
    let mut byte = 0_u8;
    loop {
        if let Some(worth) = hex(byte) {
            table[byte as usize] = worth;
        }
        match byte.checked_add(1) {
            Some(next) => byte = next,
            None => break,
        }
    }
    table
};

/// The bits of a GUID in the order they are written.
fn guid_bits(text: &[u8]) -> Option<u128> {
    let text = <&[u8; 36]>::try_from(text).ok()?;
    let [.., d1, _, _, _, _, d2, _, _, _, _, d3, _, _, _, _, d4, _, _, _, _, _, _, _, _, _, _, _, _] = text;
    if [*d1, *d2, *d3, *d4] != *b"----" {
        return None;
    }
    let mut faults = 0;
    let mut digits = |bits: u64, part: Option<&[u8]>| {
        part.unwrap_or_default().iter().fold(bits, |bits, byte| {
            let worth = HEX.get(usize::from(*byte)).copied().unwrap_or(u8::MAX);
            faults |= worth;
            bits << 4 | u64::from(worth & 0xf)
        })
    };
    let high = digits(0, text.get(..8));
    let high = digits(high, text.get(9..13));
    let high = digits(high, text.get(14..18));
    let low = digits(0, text.get(19..23));
    let low = digits(low, text.get(24..));
    (faults < 16).then_some(u128::from(high) << 64 | u128::from(low))
}

fn write_guid(bits: u128, out: &mut [u8]) {
    let mut shift = 128;
    for (place, byte) in out.iter_mut().take(36).enumerate() {
        *byte = if matches!(place, 8 | 13 | 18 | 23) {
            b'-'
        } else {
            shift -= 4;
            let digit = (bits >> shift & 0xf) as u8;
            if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }
        };
    }
}

/// 22 characters hold 132 bits: the last four must be 0, or the text could not be written again.
fn token_bits(text: &[u8]) -> Option<u128> {
    let (last, head) = text.split_last().filter(|_| text.len() == 22)?;
    let mut bits = 0_u128;
    for byte in head {
        bits = bits << 6 | u128::from(sextet(*byte, URL)?);
    }
    let last = sextet(*last, URL)?;
    (last & 0xf == 0).then_some(bits << 2 | u128::from(last >> 4))
}

fn write_token(bits: u128, out: &mut [u8]) {
    for (place, byte) in out.iter_mut().take(22).enumerate() {
        *byte = digit(if place == 21 { (bits & 3) << 4 } else { bits >> (122 - place * 6) }, URL);
    }
}

fn guid_text_bits(text: &[u8]) -> Option<u128> {
    if text.len() != 48 {
        return None;
    }
    let mut guid = [0; 36];
    for (from, to) in text.chunks_exact(4).zip(guid.chunks_exact_mut(3)) {
        let mut bits = 0_u32;
        for byte in from {
            bits = bits << 6 | u32::from(sextet(*byte, PLAIN)?);
        }
        let [_, bytes @ ..] = bits.to_be_bytes();
        to.copy_from_slice(&bytes);
    }
    // Capital letters inside could not be written again.
    if guid.iter().any(u8::is_ascii_uppercase) { None } else { guid_bits(&guid) }
}

fn write_guid_text(bits: u128, out: &mut [u8]) {
    let mut guid = [0; 36];
    write_guid(bits, &mut guid);
    for (from, to) in guid.chunks_exact(3).zip(out.chunks_exact_mut(4)) {
        let bits = from.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for (place, byte) in to.iter_mut().enumerate() {
            *byte = digit((bits >> (18 - place * 6)).into(), PLAIN);
        }
    }
}

impl Unique {
    pub const NONE: Self = Self { words: [0; 4], form: Form::Absent };

    /// What a text says; `names` takes it in only where it has none of the known forms.
    #[must_use]
    pub fn read(text: &str, names: &mut Interner) -> Self {
        let bytes = text.as_bytes();
        let read = match bytes.len() {
            0 => return Self::NONE,
            36 => guid_bits(bytes).map(|bits| (bits, Form::Guid)),
            22 => token_bits(bytes).map(|bits| (bits, Form::Token)),
            48 => guid_text_bits(bytes).map(|bits| (bits, Form::GuidText)),
            _ => None,
        };
        match read {
            Some((bits, form)) => Self::of_bits(bits, form),
            None => Self::of_symbol(names.intern(text)),
        }
    }
    /// A GUID by its 128 bits, in the order of its digits.
    #[must_use]
    pub const fn guid(bits: u128) -> Self {
        Self::of_bits(bits, Form::Guid)
    }
    #[allow(clippy::cast_possible_truncation)] // four words make the bits
    const fn of_bits(bits: u128, form: Form) -> Self {
        Self { words: [(bits >> 96) as u32, (bits >> 64) as u32, (bits >> 32) as u32, bits as u32], form }
    }
    fn of_symbol(symbol: Symbol) -> Self {
        if symbol.is_none() {
            return Self::NONE;
        }
        Self::of_bits(u128::from(symbol.number()), Form::Text)
    }
    const fn bits(self) -> u128 {
        let [a, b, c, d] = self.words;
        (a as u128) << 96 | (b as u128) << 64 | (c as u128) << 32 | d as u128
    }
    /// What it consists of, for packing: `of_parts` makes it again.
    #[must_use]
    pub const fn parts(self) -> (u8, u128) {
        (self.form as u8, self.bits())
    }
    /// Of the parts that `parts` gave; `NONE` of what it never gives.
    #[must_use]
    pub const fn of_parts(form: u8, bits: u128) -> Self {
        match form {
            1 => Self::of_bits(bits, Form::Guid),
            2 => Self::of_bits(bits, Form::Token),
            3 => Self::of_bits(bits, Form::GuidText),
            4 => Self::of_bits(bits, Form::Text),
            _ => Self::NONE,
        }
    }
    const fn symbol(self) -> Symbol {
        let [.., number] = self.words;
        if matches!(self.form, Form::Text) { Symbol::from_number(number) } else { Symbol::NONE }
    }
    #[must_use]
    pub const fn is_none(self) -> bool {
        matches!(self.form, Form::Absent)
    }
    #[must_use]
    pub const fn is_some(self) -> bool {
        !self.is_none()
    }
    /// Moves it to another table of texts, where it has a symbol.
    pub fn translate(&mut self, symbol: impl FnOnce(Symbol) -> Symbol) {
        if matches!(self.form, Form::Text) {
            *self = Self::of_symbol(symbol(self.symbol()));
        }
    }
    /// The text as it stood in the log; `room` is where it is written when it was no symbol. Not clean: see `shown`.
    #[must_use]
    pub fn raw<'a>(self, names: &'a Names, room: &'a mut Room) -> &'a str {
        let length = match self.form {
            Form::Absent | Form::Text => return names.raw(self.symbol()),
            Form::Guid => {
                write_guid(self.bits(), room);
                36
            }
            Form::Token => {
                write_token(self.bits(), room);
                22
            }
            Form::GuidText => {
                write_guid_text(self.bits(), room);
                48
            }
        };
        room.get(..length).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
    }
    /// The cleaned text, for showing.
    #[must_use]
    pub fn shown(self, names: &Names) -> String {
        super::text::clean(self.raw(names, &mut [0; 48])).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(text: &str, names: &mut Interner) -> String {
        let unique = Unique::read(text, names);
        unique.raw(names.texts(), &mut [0; 48]).to_owned()
    }

    #[test]
    fn known_forms_are_written_again_and_never_interned() {
        let mut names = Interner::default();
        for text in [
            "54849625-5478-4994-a5ba-3e3b0328c30d",
            "00000000-0000-0000-0000-000000000007",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "BQxqT3p2E0mXr7-_k1s2Ag",
            "AAAAAAAAAAAAAAAAAAAAAA",
            "_____________________w",
            "ZDU5MzVkY2EtODZmMi00YWM5LWE0MmMtMzU5M2IwMGFmODAx",
        ] {
            assert_eq!(again(text, &mut names), text);
        }
        assert!(names.is_empty());
        assert_eq!(again("54849625-5478-4994-A5BA-3E3B0328C30D", &mut names), "54849625-5478-4994-a5ba-3e3b0328c30d");
    }

    #[test]
    fn other_texts_are_kept_as_texts() {
        let mut names = Interner::default();
        for text in [
            "s1",
            "54849625_5478-4994-a5ba-3e3b0328c30d",
            "g4849625-5478-4994-a5ba-3e3b0328c30d",
            "CXXXXXXXXXXXXXXXXXXXXX",
            "BQxqT3p2E0mXr7+/k1s2Ag",
            "\u{e4}BQxqT3p2E0mXr7-_k1s2",
            "ZDU5MzVkY2EtODZmMi00YWM5LWE0MmMtMzU5M2IwMGFmODA9",
            "RDU5MzVkY2EtODZmMi00YWM5LWE0MmMtMzU5M2IwMGFmODAx",
        ] {
            assert_eq!(again(text, &mut names), text);
        }
        assert!(!names.is_empty());
        assert!(Unique::read("", &mut names).is_none() && Unique::default().is_none());
    }

    #[test]
    fn forms_do_not_meet() {
        let mut names = Interner::default();
        let zero = Unique::read("00000000-0000-0000-0000-000000000000", &mut names);
        assert!(zero.is_some() && zero != Unique::read("AAAAAAAAAAAAAAAAAAAAAA", &mut names));
    }

    #[test]
    fn only_texts_are_translated() {
        let (mut from, mut to) = (Interner::default(), Interner::default());
        to.intern("other");
        let mut text = Unique::read("s1", &mut from);
        text.translate(|symbol| to.intern(from.raw(symbol)));
        assert_eq!(text.raw(to.texts(), &mut [0; 48]), "s1");
        let mut guid = Unique::guid(7);
        guid.translate(|_| panic!("a GUID is no symbol"));
        assert_eq!(guid, Unique::guid(7));
    }
}
