//! Reading through the crate `evtx`: slower, but it has met more kinds of damage.
//!
//! It reads what the fast reader will not vouch for, renders raw records for people, and is the oracle the fast reader
//! is tested against. It sees one chunk at a time, so it costs nothing where it is not needed.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::evtx::{EvtxChunkData, ParserSettings};
use serde_json::Value as Json;

use super::name::field_of;
use super::{CHUNK, PARAMS};
use crate::base::evtx_chunk::RECORD_HEADER;
use crate::base::time::Timestamp;
use crate::model::fields::{Field, Fields, Value};

/// The records of one chunk as JSON trees, by offset of the record in the chunk.
#[derive(Debug, Default)]
pub struct SlowChunk {
    records: BTreeMap<usize, Result<Json, String>>,
    /// Why the chunk as a whole cannot be read.
    failed: Option<String>,
}

impl SlowChunk {
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut this = Self::default();
        let mut whole = bytes.get(..bytes.len().min(CHUNK)).unwrap_or_default().to_vec();
        // The crate wants whole chunks; a file may have been cut in the middle of one.
        whole.resize(CHUNK, 0);
        let settings = Arc::new(ParserSettings::default().validate_checksums(false));
        let mut data = match EvtxChunkData::new(whole, false) {
            Ok(data) => data,
            Err(error) => {
                this.failed = Some(error.to_string());
                return this;
            }
        };
        let mut chunk = match data.parse(settings) {
            Ok(chunk) => chunk,
            Err(error) => {
                this.failed = Some(error.to_string());
                return this;
            }
        };
        for record in chunk.iter() {
            // What has no place is found by the walk over the chunk itself.
            let Ok(record) = record else { continue };
            let Some(at) = usize::try_from(record.binxml_offset).ok().and_then(|at| at.checked_sub(RECORD_HEADER)) else {
                continue;
            };
            this.records.insert(at, record.into_json_value().map(|record| record.data).map_err(|error| words(&error)));
        }
        this
    }

    /// The record that starts `at` bytes into the chunk.
    ///
    /// # Errors
    /// The reason why it cannot be read.
    pub fn record(&self, at: usize) -> Result<&Json, String> {
        match self.records.get(&at) {
            Some(Ok(json)) => Ok(json),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err(self.failed.clone().unwrap_or_else(|| "invalid binary XML".to_owned())),
        }
    }
}

/// The record that starts `at` bytes into the chunk as the XML that Windows shows, an element a line.
#[must_use]
pub fn xml(chunk: &[u8], at: usize) -> Option<String> {
    let mut whole = chunk.get(..chunk.len().min(CHUNK))?.to_vec();
    whole.resize(CHUNK, 0);
    let settings = Arc::new(ParserSettings::default().validate_checksums(false).indent(true));
    let mut data = EvtxChunkData::new(whole, false).ok()?;
    let mut chunk = data.parse(settings).ok()?;
    let is_it = |offset: u64| usize::try_from(offset).ok().and_then(|offset| offset.checked_sub(RECORD_HEADER)) == Some(at);
    let record = chunk.iter().flatten().find(|record| is_it(record.binxml_offset))?;
    record.into_xml().ok().map(|record| record.data)
}

/// The innermost reason: the outer ones repeat the record number, which is told beside it.
fn words(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn text_of(json: &Json) -> Value<'_> {
    match json {
        Json::Null | Json::Array(_) => Value::Absent,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), _, _) => Value::Number(number),
            (None, Some(number), _) => Value::Number(number.cast_unsigned()),
            (None, None, Some(number)) => Value::Float(number),
            _ => Value::Absent,
        },
        Json::String(text) => Value::Text(without_braces(text)),
        Json::Object(object) => object.get("#text").map_or(Value::Absent, text_of),
    }
}

/// The crate writes GUIDs in braces and lower case; what a program wrote itself stays as it is.
fn without_braces(text: &str) -> &str {
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(inner) if inner.len() == 36 && !inner.bytes().any(|byte| byte.is_ascii_uppercase()) => inner,
        _ => text,
    }
}

fn number_of(json: Option<&Json>) -> Option<u64> {
    match text_of(json?) {
        Value::Number(number) => Some(number),
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn str_of(json: Option<&Json>) -> &str {
    match json.map(text_of) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

fn attribute<'a>(json: Option<&'a Json>, name: &str) -> Option<&'a Json> {
    json?.get("#attributes")?.get(name)
}

/// Fills `fields` from a record's JSON tree. `offset`, `record` and `shape` are the caller's.
pub fn fill<'a>(json: &'a Json, fields: &mut Fields<'a>) {
    let Some(event) = json.get("Event") else { return };
    if let Some(system) = event.get("System") {
        let provider = system.get("Provider");
        fields.provider = match str_of(attribute(provider, "Name")) {
            "" => str_of(attribute(provider, "EventSourceName")),
            name => name,
        };
        fields.event_id = number_of(system.get("EventID")).and_then(|id| u32::try_from(id).ok()).unwrap_or(0);
        fields.version = number_of(system.get("Version")).and_then(|version| u8::try_from(version).ok()).unwrap_or(0);
        fields.channel = str_of(system.get("Channel"));
        fields.computer = str_of(system.get("Computer"));
        if let Some(number) = number_of(system.get("EventRecordID")) {
            fields.record = number;
        }
        fields.at = Timestamp::parse(str_of(attribute(system.get("TimeCreated"), "SystemTime")));
    }
    if let Some(Json::Object(data)) = event.get("EventData") {
        for (name, value) in data {
            match (name.as_str(), value) {
                ("Data", value) => fill_unnamed(value, fields),
                (name, value) => put(name, value, fields),
            }
        }
    }
    if let Some(user) = event.get("UserData") {
        fill_user(user, 0, fields);
    }
}

fn put<'a>(name: &str, value: &'a Json, fields: &mut Fields<'a>) {
    if let Some(field) = field_of(name)
        && fields.is_absent(field)
    {
        fields.set(field, text_of(value));
    }
}

/// `<Data>` without names: a text, or a list of texts.
fn fill_unnamed<'a>(value: &'a Json, fields: &mut Fields<'a>) {
    let inner = match value {
        Json::Object(object) => object.get("#text").unwrap_or(&Json::Null),
        other => other,
    };
    match inner {
        Json::Array(items) => {
            for (item, field) in items.iter().zip(PARAMS) {
                fields.set(field, text_of(item));
            }
        }
        other => fields.set(Field::Param1, text_of(other)),
    }
}

fn fill_user<'a>(json: &'a Json, depth: u32, fields: &mut Fields<'a>) {
    let Json::Object(object) = json else { return };
    for (name, value) in object {
        if name == "#attributes" || depth > 8 {
            continue;
        }
        if depth >= 1 && !value.as_object().is_some_and(|inner| inner.keys().any(|key| !key.starts_with('#'))) {
            put(name, value, fields);
        }
        fill_user(value, depth + 1, fields);
    }
}

/// Flattens a record for people: (name, value) in the record's order.
pub fn flatten(json: &Json) -> Vec<(String, String)> {
    let mut out = Vec::new();
    if let Some(Json::Object(event)) = json.get("Event") {
        for (name, part) in event.iter().filter(|(name, _)| !name.starts_with('#')) {
            match part {
                Json::Object(inner) if name == "UserData" => inner.values().for_each(|value| flatten_into("", value, &mut out)),
                Json::Object(_) => flatten_into("", part, &mut out),
                other => flatten_into(name, other, &mut out),
            }
        }
    }
    out
}

fn flatten_into(name: &str, json: &Json, out: &mut Vec<(String, String)>) {
    match json {
        Json::Null => {
            if !name.is_empty() {
                out.push((name.to_owned(), String::new()));
            }
        }
        Json::String(text) => out.push((name.to_owned(), text.clone())),
        Json::Bool(_) | Json::Number(_) => out.push((name.to_owned(), json.to_string())),
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten_into(&format!("{name}[{}]", index + 1), item, out);
            }
        }
        Json::Object(object) => {
            for (key, value) in object {
                match key.as_str() {
                    "xmlns" => {}
                    "#attributes" | "#text" => flatten_into(name, value, out),
                    key if name.is_empty() => flatten_into(key, value, out),
                    key => flatten_into(&format!("{name}.{key}"), value, out),
                }
            }
        }
    }
}
