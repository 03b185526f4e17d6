//! One record for people: pretty-printed, and flattened to named values. Built only when somebody looks.

use crate::decode::wide::Encoding;
use crate::model::raw::RawRecord;
use serde_json::Value;

/// The record at the start of `bytes` (they may go on behind it).
///
/// # Errors
/// A text for people when there is no JSON object there.
pub fn raw_record(bytes: &[u8]) -> Result<RawRecord, String> {
    let text = match Encoding::of(bytes) {
        Encoding::Utf8 => String::from_utf8_lossy(bytes),
        wide => wide.decode(bytes).into(),
    };
    let value = serde_json::Deserializer::from_str(&text).into_iter::<Value>().next();
    let value = value.ok_or("no record at this place")?.map_err(|error| format!("the record cannot be read again: {error}"))?;
    let mut fields = Vec::new();
    flatten(&value, &mut String::new(), &mut fields);
    let json = serde_json::to_string_pretty(&value).map_err(|error| error.to_string())?;
    Ok(RawRecord { json, fields })
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
        Value::String(text) => fields.push((name.clone(), text.clone())),
        Value::Null => fields.push((name.clone(), String::new())),
        other => fields.push((name.clone(), other.to_string())),
    }
}
