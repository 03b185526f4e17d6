//! One value of a rule against one value of an event: no allocation, no case, no regular expression where a comparison does.

use super::field::Val;
use crate::base::net::Network;
use crate::base::table;
use std::fmt::Write as _;
use std::net::IpAddr;

/// A text with `*` and `?` in it, cut at the wildcards. ASCII letters are in lower case unless case counts.
#[derive(Clone, Debug)]
pub struct Pattern {
    pieces: Vec<Piece>,
    cased: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    /// `?`
    One,
    /// `*`
    Any,
}

/// What a rule wants of a field.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// The whole text is this; where both are numbers, they are the same number.
    Is {
        text: Pattern,
        number: Option<u64>,
        address: Option<IpAddr>,
    },
    /// A text with wildcards, or a part of one.
    Like(Pattern),
    Regex(Box<regex::Regex>),
    Network(Network),
    Compare(Order, u64),
    /// `null`
    Absent,
    Exists(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// Where a text is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    #[default]
    Whole,
    Start,
    End,
    Anywhere,
}

impl Pattern {
    /// `\*`, `\?` and `\\` before those stand for themselves; other backslashes too.
    #[must_use]
    pub fn new(text: &str, part: Part, cased: bool) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut push = |piece: Piece| match (pieces.last_mut(), piece) {
            (Some(Piece::Text(text)), Piece::Text(more)) => text.extend(more),
            (Some(Piece::Any), Piece::Any) => {}
            (_, piece) => pieces.push(piece),
        };
        if matches!(part, Part::End | Part::Anywhere) {
            push(Piece::Any);
        }
        let mut bytes = text.bytes().peekable();
        while let Some(byte) = bytes.next() {
            let escaped = if byte == b'\\' { bytes.next_if(|next| matches!(next, b'*' | b'?' | b'\\')) } else { None };
            match (byte, escaped) {
                (_, Some(escaped)) => push(Piece::Text(vec![escaped])),
                (b'*', _) => push(Piece::Any),
                (b'?', _) => push(Piece::One),
                (byte, _) => push(Piece::Text(vec![if cased { byte } else { byte.to_ascii_lowercase() }])),
            }
        }
        if matches!(part, Part::Start | Part::Anywhere) {
            push(Piece::Any);
        }
        Self { pieces, cased }
    }
    fn plain(&self) -> Option<&[u8]> {
        match self.pieces.as_slice() {
            [] => Some(&[]),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }
    /// The text, if it has no wildcards.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.plain().is_some()
    }
    fn starts(&self, text: &[u8], piece: &[u8]) -> bool {
        text.get(..piece.len()).is_some_and(|head| if self.cased { head == piece } else { head.eq_ignore_ascii_case(piece) })
    }
    /// In time of the text's length times the pattern's: of stars only the last is tried again.
    #[must_use]
    pub fn matches(&self, text: &[u8]) -> bool {
        if let Some(plain) = self.plain() {
            return text.len() == plain.len() && self.starts(text, plain);
        }
        let (mut at, mut piece) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let step = match self.pieces.get(piece) {
                None if rest.is_empty() => return true,
                Some(Piece::Any) if piece + 1 == self.pieces.len() => return true,
                Some(Piece::Any) => {
                    retry = Some((at, piece + 1));
                    Some(0)
                }
                Some(Piece::One) if !rest.is_empty() => Some(1),
                Some(Piece::Text(wanted)) if self.starts(rest, wanted) => Some(wanted.len()),
                _ => None,
            };
            match (step, retry) {
                (Some(step), _) => (at, piece) = (at + step, piece + 1),
                (None, Some((from, after))) if from < text.len() => {
                    retry = Some((from + 1, after));
                    (at, piece) = (from + 1, after);
                }
                (None, _) => return false,
            }
        }
    }
}

impl Matcher {
    #[must_use]
    pub fn new(text: &str, part: Part, cased: bool) -> Self {
        let pattern = Pattern::new(text, part, cased);
        if part == Part::Whole && pattern.is_plain() {
            return Self::Is { text: pattern, number: table::number(text), address: text.parse().ok() };
        }
        Self::Like(pattern)
    }
    #[must_use]
    pub fn matches(&self, value: &Val<'_>) -> bool {
        match (self, value) {
            (Self::Absent, value) => value.is_absent(),
            (Self::Exists(wanted), value) => value.is_absent() != *wanted,
            (Self::Is { number: Some(wanted), .. }, Val::Number(number) | Val::Hex(number)) => wanted == number,
            (Self::Is { address: Some(wanted), .. }, Val::Address(address)) => wanted.to_canonical() == address.to_canonical(),
            (Self::Is { text, .. } | Self::Like(text), value) => with_text(value, |value| text.matches(value.as_bytes())),
            (Self::Regex(regex), value) => with_text(value, |value| regex.is_match(value)),
            (Self::Network(network), Val::Address(address)) => network.holds(*address),
            (Self::Compare(order, wanted), Val::Number(number) | Val::Hex(number)) => match order {
                Order::Less => number < wanted,
                Order::AtMost => number <= wanted,
                Order::More => number > wanted,
                Order::AtLeast => number >= wanted,
            },
            (Self::Network(_) | Self::Compare(..), _) => false,
        }
    }
}

/// A number or address as text on the stack; what does not fit is left out.
struct Short {
    bytes: [u8; 64],
    len: usize,
}

impl std::fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let place = self.bytes.get_mut(self.len..self.len + text.len()).ok_or(std::fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}

/// The value as its record writes it.
pub fn with_text<T>(value: &Val<'_>, with: impl FnOnce(&str) -> T) -> T {
    let mut short = Short { bytes: [0; 64], len: 0 };
    let _ = match value {
        Val::Text(text) | Val::Absent(text) => return with(text),
        Val::Number(number) => write!(short, "{number}"),
        Val::Hex(number) => write!(short, "{number:#x}"),
        Val::Address(address) => write!(short, "{address}"),
    };
    with(short.bytes.get(..short.len).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_without_case_and_with_wildcards() {
        let is = |pattern: &str, part, text: &str| Matcher::new(pattern, part, false).matches(&Val::Text(text));
        for (pattern, part, text, fits) in [
            ("Kerberos", Part::Whole, "kerberos", true),
            ("Kerberos", Part::Whole, "kerberos2", false),
            ("adm_*", Part::Whole, "ADM_x", true),
            ("*adm*min", Part::Whole, "xADMadmmin", true),
            ("a?c", Part::Whole, "abc", true),
            ("a?c", Part::Whole, "ac", false),
            (r"a\*c", Part::Whole, "a*c", true),
            (r"a\*c", Part::Whole, "abc", false),
            (r"C:\Windows\\*", Part::Whole, r"c:\windows\explorer.exe", true),
            (r"\\\\host", Part::Whole, r"\\host", true),
            ("$", Part::End, "HOST$", true),
            ("-500", Part::End, "S-1-5-21-1-500", true),
            ("S-1-5", Part::Start, "s-1-5-21", true),
            ("5-21", Part::Anywhere, "S-1-5-21-1", true),
            ("x", Part::Anywhere, "", false),
            ("", Part::Whole, "", true),
            ("*", Part::Whole, "", true),
        ] {
            assert_eq!(is(pattern, part, text), fits, "{pattern} {part:?} {text}");
        }
        assert!(!Matcher::new("Kerberos", Part::Whole, true).matches(&Val::Text("kerberos")));
    }

    #[test]
    fn numbers_and_addresses_are_compared_as_what_they_are() {
        let is = |pattern: &str, value: Val<'_>| Matcher::new(pattern, Part::Whole, false).matches(&value);
        assert!(is("10", Val::Number(10)) && is("0xa", Val::Number(10)) && is("0xC000006D", Val::Hex(0xc000_006d)));
        assert!(is("::ffff:10.0.0.1", Val::Address("10.0.0.1".parse().unwrap())));
        assert!(is("10.0.*", Val::Address("10.0.0.1".parse().unwrap())));
        assert!(is("-", Val::Absent("-")) && !is("-", Val::Text("x")));
        assert!(Matcher::new("50", Part::Start, false).matches(&Val::Number(50_126)));
        let network = Matcher::Network(Network::parse("10.0.0.0/8").unwrap());
        assert!(network.matches(&Val::Address("10.9.9.9".parse().unwrap())) && !network.matches(&Val::Text("10.9.9.9")));
    }

    #[test]
    fn many_stars_do_not_take_for_ever() {
        let pattern = Pattern::new(&"*a".repeat(200), Part::Anywhere, false);
        assert!(!pattern.matches("a".repeat(150).repeat(10).replace('a', "b").as_bytes()));
    }
}
