//! The filter language: one for the prompt, saved filters, the find box and `--filter`.
//!
//! ```text
//! expr  = or ; or = and { "or" and } ; and = not { ["and"] not } ; not = ["not" | "!" | "-"] atom
//! atom  = "(" expr ")" | field op value | word | "@" name of a saved filter
//! op    = ":" "=" "!=" ">" "<" ">=" "<=" "~"
//! value = bare | "quoted" | (v, v) | v..v | /regex/  times: 09:30, -2h, 2026-03-14T09:30Z, yesterday 18:00
//! ```
//!
//! A filter that is not finished is never applied: `parse` gives a `Filter` or an error with a column and a fix. What
//! each term means on an event, a session, an anomaly or an account stands in `eval`. `~` looks for a text anywhere, `*`
//! and `?` are wild, `/.../` is a regular expression, which runs in time of the text's length.

pub mod ast;
mod check;
pub mod complete;
pub mod eval;
pub mod field;
mod lex;
mod moment;
pub mod narrow;
mod parse;
mod pattern;
pub mod saved;

use crate::base::time::{Timestamp, Zone};
use std::sync::Arc;

pub use complete::{Completion, complete};
pub use narrow::{narrow, retimed};
pub use saved::Saved;

/// A filter that was understood. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    text: Arc<str>,
    expr: Option<Arc<ast::Expr>>,
}

impl Filter {
    /// The text it was made of, as typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Plain texts that what passes may show, in lower case: names and addresses that are asked for, not those excluded.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        if let Some(expr) = &self.expr {
            expr.texts(&mut texts);
        }
        texts
    }
    /// It lets everything pass.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        self.expr.is_none()
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// Why a text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {message}; {fix}")]
pub struct ParseError {
    /// Where, in characters from 1.
    pub column: usize,
    /// What is wrong or was expected.
    pub message: String,
    /// What to write instead.
    pub fix: String,
}

/// Reads a filter; clock times are UTC, and relative ones count from `now`.
///
/// # Errors
/// See `ParseError`.
pub fn parse(text: &str, now: Timestamp) -> Result<Filter, ParseError> {
    parse_in(text, now, Zone::Utc)
}

/// Reads a filter whose clock times are meant in `zone`.
///
/// # Errors
/// See `ParseError`.
pub fn parse_in(text: &str, now: Timestamp, zone: Zone) -> Result<Filter, ParseError> {
    parse_with(text, now, zone, &Saved::default())
}

/// Reads a filter that may name saved ones.
///
/// # Errors
/// See `ParseError`.
pub fn parse_with(text: &str, now: Timestamp, zone: Zone, saved: &Saved) -> Result<Filter, ParseError> {
    let expr = parse::Parser::new(text, moment::Clock { now, zone }, saved).filter()?;
    Ok(Filter { text: text.trim().into(), expr: expr.map(Arc::new) })
}

/// Reads one moment as filters write times: `09:30`, `-2h`, `2026-03-14T09:30Z`, `yesterday 18:00`. A text that means a
/// stretch (a minute, a day) gives its beginning.
#[must_use]
pub fn moment_in(text: &str, now: Timestamp, zone: Zone) -> Option<Timestamp> {
    moment::Clock { now, zone }.parse(text.trim()).map(|stretch| stretch.first)
}
