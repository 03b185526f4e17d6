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
use crate::model::remark::Remarks;
use std::sync::Arc;

pub use complete::{Completion, complete};
pub use narrow::{narrow, retimed};
pub use saved::Saved;

/// A filter that was understood. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    text: Arc<str>,
    expr: Option<Arc<ast::Expr>>,
    /// What `tag:` and `note:` ask, where the text has them.
    remarks: Option<Arc<dyn Remarks>>,
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
    /// It asks only for what a history keeps of an event.
    #[must_use]
    pub fn asks_only_of_history(&self) -> bool {
        self.expr.as_ref().is_none_or(|expr| expr.asks_only_of_history())
    }
    /// It has `tag:` or `note:`: it is to be told what people said (`hearing`).
    #[must_use]
    pub fn asks_of_remarks(&self) -> bool {
        self.expr.as_ref().is_some_and(|expr| expr.asks_of_remarks())
    }
    /// The same filter, with what people said by now. Without it nothing passes `tag:` and `note:`.
    #[must_use]
    pub fn hearing(self, remarks: Option<&Arc<dyn Remarks>>) -> Self {
        let remarks = remarks.filter(|_| self.asks_of_remarks()).map(Arc::clone);
        Self { remarks, ..self }
    }
    /// The same for filters that leave the same: the text, and how much people had said.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.remarks {
            Some(remarks) => format!("{}\n{}", self.text, remarks.version()),
            None => self.text.to_string(),
        }
    }
    /// It lets everything pass.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        self.expr.is_none()
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        let version = |filter: &Self| filter.remarks.as_ref().map(|remarks| remarks.version());
        self.text == other.text && version(self) == version(other)
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
    Ok(Filter { text: text.trim().into(), expr: expr.map(Arc::new), remarks: None })
}

/// Reads one moment as filters write times: `09:30`, `-2h`, `2026-03-14T09:30Z`, `yesterday 18:00`. A text that means a
/// stretch (a minute, a day) gives its beginning.
#[must_use]
pub fn moment_in(text: &str, now: Timestamp, zone: Zone) -> Option<Timestamp> {
    moment::Clock { now, zone }.parse(text.trim()).map(|stretch| stretch.first)
}
