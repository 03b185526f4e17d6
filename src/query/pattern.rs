//! Case-blind patterns with `*` (any text) and `?` (one character), and regular expressions.
//!
//! The pattern is folded once; texts are folded while they are walked, so comparing allocates nothing. Nearly all
//! patterns are plain texts with at most a `*` at an end, and nearly all texts are ASCII: those compare bytes. Only an
//! expression on an account and its domain joins texts anew.

use regex::{Regex, RegexBuilder};

/// Bytes that a regular expression may grow to.
const MOST_REGEX: usize = 1 << 20;

/// What a plain pattern asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Whole,
    Start,
    End,
    Inside,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    One(char),
    AnyOne,
    AnyText,
}

#[derive(Clone, Debug)]
pub struct Pattern {
    /// Asked instead of everything else.
    regex: Option<Regex>,
    pieces: Vec<Piece>,
    /// Folded text of a pattern without wildcards inside, where it is ASCII.
    plain: Option<(Shape, Box<[u8]>)>,
    has_at: bool,
    has_backslash: bool,
}

impl Pattern {
    /// `*` and `?` are wild.
    pub fn glob(text: &str) -> Self {
        Self::new(text, true)
    }
    /// Every character stands for itself.
    pub fn exact(text: &str) -> Self {
        Self::new(text, false)
    }
    /// The text may stand anywhere.
    pub fn inside(text: &str) -> Self {
        let mut pieces = vec![Piece::AnyText];
        Self::read(text, true, &mut pieces);
        pieces.push(Piece::AnyText);
        Self::of(pieces)
    }
    /// A regular expression, anywhere in the text or on all of it.
    ///
    /// # Errors
    /// It is none, or too large; in words.
    pub fn regex(text: &str, whole: bool) -> Result<Self, String> {
        let text = if whole { format!("^(?:{text})$") } else { text.to_owned() };
        let built = RegexBuilder::new(&text).case_insensitive(true).size_limit(MOST_REGEX).dfa_size_limit(MOST_REGEX).build();
        let regex = built.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it grows too large".to_owned(),
            // The last line says what is wrong; those before it show the place.
            error => error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
        })?;
        Ok(Self { regex: Some(regex), ..Self::of(Vec::new()) })
    }
    fn new(text: &str, wild: bool) -> Self {
        let mut pieces = Vec::with_capacity(text.len());
        Self::read(text, wild, &mut pieces);
        Self::of(pieces)
    }
    fn read(text: &str, wild: bool, pieces: &mut Vec<Piece>) {
        for c in text.chars() {
            match c {
                '*' if wild => {
                    if pieces.last() != Some(&Piece::AnyText) {
                        pieces.push(Piece::AnyText);
                    }
                }
                '?' if wild => pieces.push(Piece::AnyOne),
                c => pieces.extend(c.to_lowercase().map(Piece::One)),
            }
        }
    }
    fn of(mut pieces: Vec<Piece>) -> Self {
        pieces.dedup_by(|a, b| *a == Piece::AnyText && *b == Piece::AnyText);
        let has_at = pieces.contains(&Piece::One('@'));
        let has_backslash = pieces.contains(&Piece::One('\\'));
        let (shape, inner) = match pieces.as_slice() {
            [Piece::AnyText, inner @ .., Piece::AnyText] => (Shape::Inside, inner),
            [Piece::AnyText, inner @ ..] => (Shape::End, inner),
            [inner @ .., Piece::AnyText] => (Shape::Start, inner),
            inner => (Shape::Whole, inner),
        };
        let byte = |piece: &Piece| match piece {
            Piece::One(c) if c.is_ascii() => u8::try_from(*c).ok(),
            _ => None,
        };
        let plain = inner.iter().map(byte).collect::<Option<Box<[u8]>>>().map(|text| (shape, text));
        Self { regex: None, pieces, plain, has_at, has_backslash }
    }
    /// The longest text in it without a wildcard, in lower case; nothing shorter than two letters.
    pub fn text(&self) -> Option<String> {
        let plain = self.pieces.split(|piece| !matches!(piece, Piece::One(_)));
        let longest = plain.max_by_key(|run| run.len()).filter(|run| run.len() > 1)?;
        // Tables show the user without his domain where there is little room.
        let text: String = longest.iter().filter_map(|piece| if let Piece::One(c) = piece { Some(*c) } else { None }).collect();
        Some(text.split_once('@').map_or(text.clone(), |(user, _)| if user.len() > 1 { user.to_owned() } else { text.clone() }))
    }
    pub fn matches(&self, text: &str) -> bool {
        if let Some(regex) = &self.regex {
            return regex.is_match(text);
        }
        // Characters outside ASCII may fold into it (the Kelvin sign into `k`), so only pure ASCII compares by bytes.
        let ascii = text.is_ascii();
        if ascii && let Some((shape, needle)) = &self.plain {
            return holds(*shape, needle, text.as_bytes());
        }
        if ascii {
            self.walk(text.bytes().map(|byte| char::from(byte.to_ascii_lowercase())))
        } else {
            self.walk(text.chars().flat_map(char::to_lowercase))
        }
    }
    /// On `user`, `user@domain` and, when the pattern has a backslash, `domain\user`.
    pub fn matches_account(&self, user: &str, domain: &str) -> bool {
        if self.matches(user) {
            return true;
        }
        if domain.is_empty() {
            return false;
        }
        if let Some(regex) = &self.regex {
            return regex.is_match(&format!("{user}@{domain}")) || regex.is_match(&format!("{domain}\\{user}"));
        }
        if self.has_backslash && self.matches_joined(domain, "\\", user) {
            return true;
        }
        // Without an `@` only a `*` can pass over the one between user and domain.
        match &self.plain {
            Some((Shape::Whole | Shape::Start, _)) if !self.has_at => false,
            Some(_) if !self.has_at && user.is_ascii() => self.matches(domain),
            _ => self.matches_joined(user, "@", domain),
        }
    }
    /// As if the three texts were written one behind the other.
    fn matches_joined(&self, first: &str, between: &str, last: &str) -> bool {
        if first.is_ascii() && last.is_ascii() {
            let joined = first.bytes().chain(between.bytes()).chain(last.bytes());
            self.walk(joined.map(|byte| char::from(byte.to_ascii_lowercase())))
        } else {
            self.walk(first.chars().chain(between.chars()).chain(last.chars()).flat_map(char::to_lowercase))
        }
    }
    /// Walks text and pattern together; on a mismatch the last `*` takes one character more.
    fn walk(&self, mut text: impl Iterator<Item = char> + Clone) -> bool {
        let mut place = 0;
        let mut retry = None;
        loop {
            match (self.pieces.get(place), text.clone().next()) {
                (Some(Piece::AnyText), _) => {
                    place += 1;
                    if place == self.pieces.len() {
                        return true;
                    }
                    retry = Some((place, text.clone()));
                    continue;
                }
                (Some(Piece::AnyOne), Some(_)) => {
                    text.next();
                    place += 1;
                    continue;
                }
                (Some(Piece::One(wanted)), Some(c)) if *wanted == c => {
                    text.next();
                    place += 1;
                    continue;
                }
                (None, None) => return true,
                (_, None) => return false,
                (_, Some(_)) => {}
            }
            match retry.as_mut() {
                Some((after_star, from)) => {
                    from.next();
                    text = from.clone();
                    place = *after_star;
                }
                None => return false,
            }
        }
    }
}

fn holds(shape: Shape, needle: &[u8], text: &[u8]) -> bool {
    let Some(spare) = text.len().checked_sub(needle.len()) else { return false };
    let same = |part: Option<&[u8]>| part.is_some_and(|part| part.eq_ignore_ascii_case(needle));
    match shape {
        Shape::Whole => spare == 0 && same(Some(text)),
        Shape::Start => same(text.get(..needle.len())),
        Shape::End => same(text.get(spare..)),
        Shape::Inside => match needle.first() {
            None => true,
            Some(first) => {
                let begins = |byte: &u8| byte.to_ascii_lowercase() == *first;
                let heads = text.iter().take(spare + 1).enumerate().filter(|(_, byte)| begins(byte));
                heads.map(|(place, _)| text.get(place..place + needle.len())).any(same)
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_case_blind_and_know_wildcards() {
        for (pattern, text, expected) in [
            ("svc_*", "SVC_backup", true),
            ("svc_*", "svc", false),
            ("*backup", "svc_backup", true),
            ("s?c", "SvC", true),
            ("s?c", "sc", false),
            ("*a*b*c", "xxaxxbxxbxc", true),
            ("*a*b*c", "xxaxxbxxbx", false),
            ("", "", true),
            ("*", "", true),
            ("**", "x", true),
            ("*b*", "abc", true),
            ("*abcd*", "abc", false),
            ("*bcc*", "abcbccd", true),
            ("*\u{e4}*", "abc", false),
            ("k*", "\u{212a}elvin", true),
            ("\u{c4}rger*", "\u{e4}RGER3", true),
        ] {
            assert_eq!(Pattern::glob(pattern).matches(text), expected, "{pattern} on {text}");
        }
        assert!(Pattern::inside("back").matches("svc_BACKUP"));
        assert!(!Pattern::exact("svc*").matches("svc_backup"));
        assert!(Pattern::inside("").matches(""));
    }

    #[test]
    fn accounts_are_found_by_user_and_by_both_spellings_with_a_domain() {
        for (pattern, expected) in [
            ("svc_backup", true),
            ("svc_*", true),
            ("svc_*@corp", true),
            ("svc_*@c*", true),
            ("*@corp", true),
            ("*corp", true),
            ("*or*", true),
            ("corp\\svc_*", true),
            ("CORP\\*", true),
            ("corp*", false),
            ("corp", false),
            ("*@other", false),
            ("svc_?ackup@corp", true),
        ] {
            assert_eq!(Pattern::glob(pattern).matches_account("svc_backup", "CORP"), expected, "{pattern}");
        }
    }

    proptest::proptest! {
        #[test]
        fn comparing_bytes_and_walking_characters_agree(pattern in "[ab*?]{0,6}", text in "[abAB]{0,8}") {
            let pattern = Pattern::glob(&pattern);
            let walked = pattern.walk(text.chars().flat_map(char::to_lowercase));
            proptest::prop_assert_eq!(pattern.matches(&text), walked);
        }
    }
}
