//! Case-blind patterns with `*` (any text) and `?` (one character).
//!
//! The pattern is folded once; texts are folded while they are walked, so comparing allocates nothing. Texts in ASCII,
//! nearly all of them, take a path without Unicode tables.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    One(char),
    AnyOne,
    AnyText,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pieces: Vec<Piece>,
    wild: bool,
    /// `@` or `\` occurs: the pattern names a domain too.
    pub names_domain: bool,
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
        let mut pattern = Self::new(text, true);
        pattern.pieces.insert(0, Piece::AnyText);
        pattern.pieces.push(Piece::AnyText);
        pattern.wild = true;
        pattern
    }
    fn new(text: &str, wild: bool) -> Self {
        let mut pieces = Vec::with_capacity(text.len());
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
        let wild = pieces.iter().any(|piece| !matches!(piece, Piece::One(_)));
        let names_domain = pieces.iter().any(|piece| matches!(piece, Piece::One('@' | '\\')));
        Self { pieces, wild, names_domain }
    }
    /// It has a `*` or `?`.
    pub const fn is_wild(&self) -> bool {
        self.wild
    }
    pub fn matches(&self, text: &str) -> bool {
        if text.is_ascii() {
            self.walk(text.bytes().map(|byte| char::from(byte.to_ascii_lowercase())))
        } else {
            self.walk(text.chars().flat_map(char::to_lowercase))
        }
    }
    /// As if the three texts were written one behind the other.
    pub fn matches_joined(&self, first: &str, between: &str, last: &str) -> bool {
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
            ("\u{c4}rger*", "\u{e4}RGER3", true),
        ] {
            assert_eq!(Pattern::glob(pattern).matches(text), expected, "{pattern} on {text}");
        }
        assert!(Pattern::inside("back").matches("svc_BACKUP"));
        assert!(!Pattern::exact("svc*").matches("svc_backup"));
        assert!(Pattern::glob("svc_*@corp").matches_joined("svc_backup", "@", "CORP"));
    }
}
