//! JSON and JSON lines. Characters that could steer a terminal or reorder a line leave as `\u` escapes, so the text
//! stays whole and harmless.

use crate::base::text::is_unsafe;
use crate::export::Scope;
use crate::export::cell::{Cell, Column, Report};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};
use std::io::{self, Write};

/// Wraps a formatter; its strings are free of unsafe characters.
struct Safe<F>(F);

impl<F: Formatter> Formatter for Safe<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((place, c)) = rest.char_indices().find(|(_, c)| is_unsafe(*c)) {
            let (before, after) = rest.split_at(place);
            out.write_all(before.as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = after.get(c.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }
    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }
    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }
    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }
    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }
    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

/// One row under its columns.
struct Object<'a>(&'static [Column], &'a [Cell]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (column, cell) in self.0.iter().zip(self.1) {
            map.serialize_entry(column.key, cell)?;
        }
        map.end()
    }
}

/// Writes one document over several lines, with a line end behind it.
///
/// # Errors
/// `out` cannot be written to.
pub fn write_document(out: &mut dyn Write, document: &impl Serialize) -> io::Result<()> {
    document.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Safe(PrettyFormatter::new())))?;
    out.write_all(b"\n")
}

/// Writes one document on one line.
///
/// # Errors
/// `out` cannot be written to.
pub fn write_line(out: &mut dyn Write, document: &impl Serialize) -> io::Result<()> {
    line(out, document)?;
    out.write_all(b"\n")
}

fn line(out: &mut dyn Write, document: &impl Serialize) -> io::Result<()> {
    Ok(document.serialize(&mut serde_json::Serializer::with_formatter(out, Safe(CompactFormatter)))?)
}

/// One array, one row a line.
pub fn write(_scope: &Scope<'_>, report: Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (number, row) in report.rows.enumerate() {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        line(out, &Object(report.columns, &row))?;
    }
    out.write_all(b"\n]\n")
}

/// One object a line.
pub fn write_lines(_scope: &Scope<'_>, mut report: Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    report.rows.try_for_each(|row| write_line(out, &Object(report.columns, &row)))
}
