//! Text that came from a log and must not reach a terminal or a file as it is.
//!
//! `Untrusted` has no `Display`: the only ways out are `clean` (for showing) and `raw` (for comparing). Cleaning keeps
//! every character visible: control characters become `^X`, direction marks and other invisible ones `<U+202E>`.

use std::borrow::Cow;
use std::fmt::Write as _;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// A text as some log stated it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Untrusted<'a>(pub &'a str);

impl<'a> Untrusted<'a> {
    /// The text as it stood, for comparing and searching only.
    #[must_use]
    pub const fn raw(self) -> &'a str {
        self.0
    }
    /// The text with everything that could steer a terminal or reorder a line made visible.
    #[must_use]
    pub fn clean(self) -> Cow<'a, str> {
        clean(self.0)
    }
}

/// Characters that never reach a screen or an export as they are.
#[must_use]
pub const fn is_unsafe(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// See `Untrusted::clean`.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\0'..='\u{1f}' => out.extend(['^', char::from(c as u8 ^ 0x40)]),
            '\u{7f}' => out.push_str("^?"),
            c if is_unsafe(c) => {
                let _ = write!(out, "<U+{:04X}>", u32::from(c)); // a String takes every write
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Cells a cleaned text takes on a terminal.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text in at most `cells` cells, cut at a grapheme border with `..` as the mark of the cut.
#[must_use]
pub fn fit(text: &str, cells: usize) -> Cow<'_, str> {
    if text.width() <= cells {
        return Cow::Borrowed(text);
    }
    let room = cells.saturating_sub(2);
    let mut out = String::with_capacity(cells);
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let next = grapheme.width();
        if used + next > room {
            break;
        }
        used += next;
        out.push_str(grapheme);
    }
    out.push_str("..".get(..cells.min(2)).unwrap_or_default());
    Cow::Owned(out)
}

/// The text in exactly `cells` cells: cut as by `fit`, or filled with blanks behind.
#[must_use]
pub fn pad(text: &str, cells: usize) -> String {
    let mut out = fit(text, cells).into_owned();
    out.extend(std::iter::repeat_n(' ', cells.saturating_sub(out.width())));
    out
}

/// A count with thousands separated: `18,402,113`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_survives() {
        assert_eq!(clean("a\u{1b}[31mb\r\n"), "a^[[31mb^M^J");
        assert_eq!(clean("evil\u{202e}txt.exe"), "evil<U+202E>txt.exe");
        assert_eq!(clean("\u{9b}31m\u{7f}"), "<U+009B>31m^?");
        assert!(matches!(clean("ordinary \u{e4}\u{4e2d}"), Cow::Borrowed(_)));
    }

    #[test]
    fn cuts_fall_between_graphemes() {
        assert_eq!(fit("svc_backup", 10), "svc_backup");
        assert_eq!(fit("svc_backup", 6), "svc_..");
        assert_eq!(fit("\u{4e2d}\u{6587}\u{4e2d}\u{6587}", 5), "\u{4e2d}..");
        assert_eq!(fit("abc", 1), ".");
        assert_eq!(pad("\u{4e2d}\u{6587}\u{4e2d}", 5), "\u{4e2d}.. ");
    }

    #[test]
    fn counts_have_separators() {
        assert_eq!([count(0), count(999), count(1_000), count(18_402_113)], ["0", "999", "1,000", "18,402,113"]);
    }
}
