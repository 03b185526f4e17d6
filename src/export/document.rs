//! One nested document in every format: whole in JSON, as rows of place and value where a format knows no nesting.

use crate::export::cell::{Cell, Column, Report};
use crate::export::{Format, Scope, json, masked, write_report};
use serde_json::Value;
use std::io::{self, Write};

const COLUMNS: &[Column] = &[Column::new("fact").shown(1, "fact", 60), Column::new("value").shown(2, "value", 100)];

/// Writes a document, such as the figures.
///
/// # Errors
/// `out` cannot be written to.
pub fn write(document: &Value, format: Format, scope: &Scope<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Json => masked::behind(scope.names, out, |out| json::write_document(out, document)),
        Format::Jsonl => masked::behind(scope.names, out, |out| json::write_line(out, document)),
        Format::Table | Format::Csv | Format::Markdown | Format::Html => {
            let mut facts = Vec::new();
            flatten("", document, &mut facts);
            write_report(Report { columns: COLUMNS, rows: Box::new(facts.into_iter()), empty: "Nothing." }, format, scope, out)
        }
    }
}

/// Depth is that of our own documents, never that of a log.
fn flatten(place: &str, value: &Value, facts: &mut Vec<Vec<Cell>>) {
    let inner = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    let cell = match value {
        Value::Object(pairs) => return pairs.iter().for_each(|(name, value)| flatten(&inner(name), value, facts)),
        Value::Array(values) => {
            return values.iter().enumerate().for_each(|(number, value)| flatten(&inner(&(number + 1).to_string()), value, facts));
        }
        Value::Null => Cell::Null,
        Value::Bool(flag) => Cell::Flag(*flag),
        Value::String(text) => Cell::text(text),
        Value::Number(number) => number.as_u64().map_or_else(|| Cell::Text(number.to_string()), Cell::Number),
    };
    facts.push(vec![Cell::Text(place.to_owned()), cell]);
}
