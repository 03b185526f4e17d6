//! One record for people: pretty-printed, and flattened to named values. Built only when somebody looks.

use super::scan::Scan;
use crate::decode::wide::Encoding;
use crate::model::raw::RawRecord;
use serde_json::Value;

/// How much of a UTF-16 input is turned into UTF-8 to find the end of a record.
const WIDE_LOOK: usize = 8 << 20;

/// The record at the start of `bytes`; they may go on behind it as far as they like.
///
/// # Errors
/// A text for people when there is no JSON object there.
pub fn raw_record(bytes: &[u8]) -> Result<RawRecord, String> {
    let encoding = Encoding::of(bytes);
    let wide = match encoding {
        Encoding::Utf8 => String::new(),
        wide => wide.decode(bytes.get(..WIDE_LOOK).unwrap_or(bytes)),
    };
    let bytes = if encoding == Encoding::Utf8 { bytes } else { wide.as_bytes() };
    let mut scan = Scan::new(bytes, 0);
    scan.skip().map_err(|_| "the record cannot be read again: no whole JSON value at this place".to_owned())?;
    let stored = scan.slice(0, scan.at);
    let text = String::from_utf8_lossy(stored);
    let value = serde_json::from_str(&text).map_err(|error| format!("the record cannot be read again: {error}"))?;
    let mut fields = Vec::new();
    flatten(&value, &mut String::new(), &mut fields);
    let json = serde_json::to_string_pretty(&value).map_err(|error| error.to_string())?;
    let record = RawRecord { json, fields, stored: text.trim().to_owned(), ..RawRecord::default() };
    Ok(record.stored_as(stored))
}

fn flatten(value: &Value, name: &mut String, fields: &mut Vec<(String, String)>) {
    let mut inside = |part: &str, inner: &Value| {
        let before = name.len();
        if before > 0 {
            name.push('.');
        }
        name.push_str(part);
        flatten(inner, name, fields);
        name.truncate(before);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, inner)| inside(key, inner)),
        Value::Array(elements) => elements.iter().enumerate().for_each(|(number, inner)| inside(&number.to_string(), inner)),
        Value::String(text) => match inside_text(text) {
            Some(Inside::Json(inner)) => flatten(&inner, name, fields),
            Some(Inside::Xml(inner)) => fields.extend(inner.into_iter().map(|(path, value)| (format!("{name}.{path}"), value))),
            None => fields.push((name.clone(), text.clone())),
        },
        Value::Null => fields.push((name.clone(), String::new())),
        other => fields.push((name.clone(), other.to_string())),
    }
}

/// A record, or part of one, that stands as a text in another.
enum Inside {
    Json(Value),
    Xml(Vec<(String, String)>),
}

fn inside_text(text: &str) -> Option<Inside> {
    let text = text.trim();
    if text.starts_with('{') && text.len() > 2 {
        return serde_json::from_str(text).ok().map(Inside::Json);
    }
    if text.starts_with("<Event") {
        return crate::decode::xml::raw_record(text.as_bytes()).ok().map(|record| Inside::Xml(record.fields));
    }
    None
}
