//! Walks the characters of a filter text and takes words, operators and values off it.

use crate::query::ParseError;

/// Comparison between field and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Matches,
    Equals,
    Differs,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
}

impl Op {
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Matches => ":",
            Self::Equals => "=",
            Self::Differs => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Contains => "~",
        }
    }
    /// `<`, `<=`, `>`, `>=`.
    pub const fn is_ordering(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual)
    }
}

/// A value as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pub text: String,
    /// Column of its first character, from 1.
    pub column: usize,
    pub quoted: bool,
    /// It stood between slashes.
    pub is_regex: bool,
    /// The upper end where a quoted end makes it a range; bare ranges are still in `text`.
    pub upto: Option<Box<Value>>,
}

/// A place in the text. Columns count characters from 1.
#[derive(Clone, Debug)]
pub struct Cursor {
    chars: Vec<char>,
    place: usize,
}

impl Cursor {
    pub fn new(text: &str) -> Self {
        Self { chars: text.chars().collect(), place: 0 }
    }
    pub const fn column(&self) -> usize {
        self.place + 1
    }
    pub fn peek(&self) -> Option<char> {
        self.chars.get(self.place).copied()
    }
    pub fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.place + ahead).copied()
    }
    pub fn skip(&mut self, count: usize) {
        self.place = (self.place + count).min(self.chars.len());
    }
    pub fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.place += 1;
        }
    }
    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, c)| self.peek_at(ahead) == Some(c))
    }
    /// Takes `word` (lower case) if it stands here whole, whatever its case.
    pub fn take_keyword(&mut self, word: &str) -> bool {
        let mut ahead = 0;
        for c in word.chars() {
            if self.peek_at(ahead).map(|c| c.to_ascii_lowercase()) != Some(c) {
                return false;
            }
            ahead += 1;
        }
        if self.peek_at(ahead).is_some_and(|c| !c.is_whitespace() && !matches!(c, '(' | ')')) {
            return false;
        }
        self.skip(ahead);
        true
    }
    /// A name followed by an operator; nothing is taken when it is not that. Only comparisons may stand apart from the
    /// name, so that `and :x` is no field.
    pub fn take_field(&mut self) -> Option<(String, usize, Op)> {
        let mut ahead = 0;
        while self.peek_at(ahead).is_some_and(|c| c.is_ascii_alphabetic() || (ahead > 0 && matches!(c, '.' | '_'))) {
            ahead += 1;
        }
        if ahead == 0 {
            return None;
        }
        let mut there = self.clone();
        there.skip(ahead);
        let glued = there.column();
        there.skip_blanks();
        let apart = there.column() != glued;
        let op = there.take_op()?;
        if apart && !(op.is_ordering() || matches!(op, Op::Equals | Op::Differs)) {
            return None;
        }
        let name = self.chars.get(self.place..self.place + ahead)?.iter().collect();
        let column = self.column();
        *self = there;
        Some((name, column, op))
    }
    fn take_op(&mut self) -> Option<Op> {
        const SIGNS: [Op; 8] =
            [Op::LessOrEqual, Op::GreaterOrEqual, Op::Differs, Op::Matches, Op::Equals, Op::Less, Op::Greater, Op::Contains];
        let op = SIGNS.into_iter().find(|op| self.starts_with(op.sign()))?;
        self.skip(op.sign().len());
        Some(op)
    }
    /// `"text"`, with `\"` and `\\` inside.
    pub fn take_quoted(&mut self) -> Result<String, ParseError> {
        let column = self.column();
        self.skip(1);
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.skip(1);
            match c {
                '"' => return Ok(text),
                '\\' if matches!(self.peek(), Some('"' | '\\')) => {
                    text.extend(self.peek());
                    self.skip(1);
                }
                c => text.push(c),
            }
        }
        Err(ParseError { column, message: "this quote is never closed".into(), fix: "write a \" behind the text".into() })
    }
    /// `/re/`, with `\/` inside; nothing is taken where a slash stands in the middle, as in a path.
    pub fn take_regex(&mut self) -> Result<Option<String>, ParseError> {
        if self.peek() != Some('/') {
            return Ok(None);
        }
        let (mut text, mut ahead) = (String::new(), 1);
        while let Some(c) = self.peek_at(ahead) {
            match (c, self.peek_at(ahead + 1)) {
                ('\\', Some('/')) => {
                    text.push('/');
                    ahead += 1;
                }
                ('\\', Some(next)) => {
                    text.extend(['\\', next]);
                    ahead += 1;
                }
                ('/', next) => {
                    let ends = next.is_none_or(|next| next.is_whitespace() || matches!(next, ',' | ')'));
                    if !ends || text.is_empty() {
                        return Ok(None);
                    }
                    self.skip(ahead + 1);
                    return Ok(Some(text));
                }
                (c, _) => text.push(c),
            }
            ahead += 1;
        }
        let fix = "write a / behind it, or quote the text: \"/...\"".to_owned();
        Err(ParseError { column: self.column(), message: "this expression is never closed".into(), fix })
    }
    /// Characters up to a blank, a quote, a parenthesis or, when `stop` says so, a comma.
    pub fn take_bare(&mut self, stop_at_comma: bool) -> String {
        let mut text = String::new();
        while let Some(c) = self.peek() {
            if c.is_whitespace() || matches!(c, '"' | '(' | ')') || (stop_at_comma && c == ',') {
                break;
            }
            text.push(c);
            self.skip(1);
        }
        text
    }
    /// After a day (`yesterday`, `2026-03-14`): a blank and a clock time, as in `yesterday 18:00`.
    pub fn take_clock(&mut self) -> Option<String> {
        let mut there = self.clone();
        there.skip_blanks();
        let digit = |ahead: usize| there.peek_at(ahead).is_some_and(|c| c.is_ascii_digit());
        let colon = if digit(0) && digit(1) { 2 } else { 1 };
        if there.column() == self.column() || !digit(0) || there.peek_at(colon) != Some(':') || !digit(colon + 1) {
            return None;
        }
        let text = there.take_bare(true);
        *self = there;
        Some(text)
    }
}
