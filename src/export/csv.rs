//! Comma-separated values by RFC 4180, with line ends of one byte.
//!
//! Texts are cleaned, so there is no tab, carriage return or line end in a field. A text that a spreadsheet would run as a
//! formula gets an apostrophe before it; numbers stay numbers. `=`, `+`, `-` and `@` count, also the wide ones that East
//! Asian spreadsheets take, and also behind blanks and quotes, which some programs cut off first.

use crate::export::Scope;
use crate::export::cell::{Cell, Report};
use std::borrow::Cow;
use std::io::{self, Write};

pub fn write(_scope: &Scope<'_>, report: Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    line(out, report.columns.iter().map(|column| Cow::Borrowed(column.key)))?;
    for row in report.rows {
        line(out, row.iter().map(|cell| Cow::Owned(field(cell))))?;
    }
    Ok(())
}

fn line<'a>(out: &mut dyn Write, fields: impl Iterator<Item = Cow<'a, str>>) -> io::Result<()> {
    for (number, field) in fields.enumerate() {
        if number > 0 {
            out.write_all(b",")?;
        }
        out.write_all(field.as_bytes())?;
    }
    out.write_all(b"\n")
}

fn is_formula(text: &str) -> bool {
    let begin = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte)) && text.parse::<f64>().is_ok();
    begin.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{2212}']) && !is_number
}

fn field(cell: &Cell) -> String {
    let mut text = cell.flat();
    let words = !matches!(cell, Cell::Number(_) | Cell::Flag(_) | Cell::Time(_) | Cell::Null);
    if words && is_formula(&text) {
        text.insert(0, '\'');
    }
    if text.contains([',', '"', '\n', '\r', ';']) || text.starts_with(' ') || text.ends_with(' ') {
        text = format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}
