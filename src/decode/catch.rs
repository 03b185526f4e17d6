//! What a scan caught of one record, and how it becomes `Fields`.
//!
//! Values are kept as places in the input; only what had escapes, or stood in a text of its own, is copied into a scratch
//! that is reused from record to record.

use super::json::keys::Keys;
use super::json::trie::{NodeId, Trie};
use super::{message, positions};
use crate::base::time::Timestamp;
use crate::model::event_id;
use crate::model::fields::{Family, Field, Fields, Value};
use crate::model::shape::{Shape, Slot};

/// A value: its place in the record's bytes, or in the scratch when it was copied.
#[derive(Clone, Copy, Debug)]
pub enum Got {
    Text { copied: bool, from: usize, to: usize },
    Number { copied: bool, from: usize, to: usize },
    Bool(bool),
}

#[derive(Debug, Default)]
pub struct Catch {
    got: Vec<(Slot, u16, Got)>,
    scratch: Vec<u8>,
    key: Vec<u8>,
    pub keys: Keys,
    pub marks: u32,
}

impl Catch {
    pub fn clear(&mut self) {
        self.got.clear();
        self.scratch.clear();
        self.marks = 0;
    }
    #[inline]
    pub fn push(&mut self, slot: Slot, position: u16, got: Got) {
        self.got.push((slot, position, got));
    }
    pub fn copy_text(&mut self, text: &[u8]) -> Got {
        let from = self.scratch.len();
        self.scratch.extend_from_slice(text);
        Got::Text { copied: true, from, to: self.scratch.len() }
    }
    pub fn copy_number(&mut self, text: &[u8]) -> Got {
        let from = self.scratch.len();
        self.scratch.extend_from_slice(text);
        Got::Number { copied: true, from, to: self.scratch.len() }
    }
    pub fn copy_unescaped(&mut self, text: &[u8]) -> Got {
        let from = self.scratch.len();
        unescape_into(text, &mut self.scratch);
        Got::Text { copied: true, from, to: self.scratch.len() }
    }
    pub fn unescaped_key(&mut self, key: &[u8], find: impl FnOnce(&[u8]) -> Option<NodeId>) -> Option<NodeId> {
        self.key.clear();
        unescape_into(key, &mut self.key);
        find(&self.key)
    }
    /// Whether what was caught is a record of the trie's shape.
    #[must_use]
    pub fn fits(&self, trie: &Trie, record: &str) -> bool {
        if !trie.fits(self.marks) {
            return false;
        }
        let endings = trie.shape.rule.any_ending;
        let scratch = std::str::from_utf8(&self.scratch).unwrap_or_default();
        // Some tools name what happened in words only.
        let is_id = |(slot, _, got): &(Slot, u16, Got)| match slot {
            Slot::EventId => text(*got, record, scratch).and_then(small::<u32>).is_some(),
            Slot::Field(Field::Action) => matches!(got, Got::Text { .. }),
            _ => false,
        };
        if trie.shape.family == Family::Windows && !self.got.iter().any(is_id) {
            return false;
        }
        let ends = |field: Field, ending: &str| {
            self.got.iter().any(|(slot, _, got)| {
                matches!(slot, Slot::Field(other) | Slot::Else(other) if *other == field)
                    && text(*got, record, scratch).is_some_and(|text| {
                        let tail = text.len().checked_sub(ending.len()).and_then(|from| text.as_bytes().get(from..));
                        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(ending.as_bytes()))
                    })
            })
        };
        endings.is_empty() || endings.iter().any(|(field, ending)| ends(*field, ending))
    }
    /// Takes from the rendered message what a record without values of its own has nowhere else: flat shapes lose
    /// `UserData`, classic text has nothing but the message.
    pub fn complete(&mut self, record: &str) {
        let says = |field: Field| {
            matches!(field, Field::TargetUserName | Field::SubjectUserName | Field::User | Field::Param1 | Field::PackageName)
        };
        let mut message = None;
        let mut id = None;
        for (slot, _, got) in &self.got {
            match slot {
                Slot::Message => message = Some(*got),
                Slot::EventId => id = Some(*got),
                Slot::Positions | Slot::Params => return,
                Slot::Field(field) if says(*field) => return,
                _ => {}
            }
        }
        let (Some(Got::Text { copied, from, to }), Some(id)) = (message, id) else { return };
        let scratch = std::str::from_utf8(&self.scratch).unwrap_or_default();
        let Some(id) = text(id, record, scratch).and_then(small).filter(|id| message::is_known(*id)) else { return };
        let message = if copied {
            // Texts of the scratch are without escapes already.
            scratch.get(from..to).unwrap_or_default().as_bytes().to_vec()
        } else {
            unescape(record.get(from..to).unwrap_or_default().as_bytes())
        };
        for (field, value) in message::values(id, &String::from_utf8_lossy(&message)) {
            let got = self.copy_text(value.as_bytes());
            self.push(Slot::Else(field), 0, got);
        }
    }
    /// Fills in the fields of the record. `record` is the text the places refer to; `fields` are empty. Of a Windows record
    /// whose log and id say that it is none of those that are read, the values are left out.
    pub fn fill<'a>(&'a self, shape: &Shape, record: &'a str, fields: &mut Fields<'a>) {
        let scratch = std::str::from_utf8(&self.scratch).unwrap_or_default();
        fields.family = shape.family;
        fields.shape = shape.name;
        let says_in_words = self.fill_head(record, scratch, fields);
        if shape.family == Family::Windows && !says_in_words && is_unwanted(fields) {
            fields.known = Some(None);
            return;
        }
        self.fill_values(record, scratch, fields);
    }
    /// What stands over the values. Says whether the record names what happened in words.
    fn fill_head<'a>(&'a self, record: &'a str, scratch: &'a str, fields: &mut Fields<'a>) -> bool {
        let mut time = u8::MAX;
        let mut says_in_words = false;
        for (slot, _, got) in &self.got {
            let text = || text(*got, record, scratch).unwrap_or_default();
            match *slot {
                Slot::EventId => fields.event_id = small(text()).unwrap_or(fields.event_id),
                Slot::Version => fields.version = small(text()).unwrap_or(fields.version),
                Slot::Record => fields.record = text().trim().parse().unwrap_or(fields.record),
                Slot::Provider => first(&mut fields.provider, text()),
                Slot::Channel => first(&mut fields.channel, text()),
                Slot::Computer => first(&mut fields.computer, text()),
                Slot::Time(rank) if rank < time => {
                    if let Some(at) = Timestamp::parse(text()) {
                        fields.at = Some(at);
                        fields.assumed_utc = false;
                        time = rank;
                    }
                }
                Slot::LocalTime(rank) if rank < time => {
                    if let Some(at) = Timestamp::parse(text()) {
                        fields.at = Some(at);
                        fields.assumed_utc = !Timestamp::states_zone(text());
                        time = rank;
                    }
                }
                Slot::Seconds(rank) if rank < time => {
                    let at = text().split('.').next().and_then(|seconds| seconds.trim().parse().ok());
                    if let Some(at) = at.and_then(Timestamp::from_unix_seconds) {
                        fields.at = Some(at);
                        fields.assumed_utc = true;
                        time = rank;
                    }
                }
                Slot::Field(Field::Action) | Slot::Else(Field::Action) => says_in_words = true,
                _ => {}
            }
        }
        says_in_words
    }
    fn fill_values<'a>(&'a self, record: &'a str, scratch: &'a str, fields: &mut Fields<'a>) {
        let mut unfinished = false;
        for (slot, position, got) in &self.got {
            let value = || value(*got, record, scratch);
            match *slot {
                Slot::Field(field) if fields.is_absent(field) || !matches!(value(), Value::Text("")) => fields.set(field, value()),
                Slot::AnyTrue(field) if matches!(got, Got::Bool(_)) && fields.value(field) != Value::Bool(true) => {
                    fields.set(field, value());
                }
                Slot::Params => {
                    if let Some(field) = positions::param(*position) {
                        fields.set(field, value());
                    }
                }
                Slot::Positions | Slot::Else(_) => unfinished = true,
                Slot::Account(name, domain) => {
                    let text = text(*got, record, scratch).unwrap_or_default();
                    let (user, group) = match (text.rsplit_once('@'), text.split_once('\\')) {
                        (Some((user, group)), _) | (None, Some((group, user))) => (user, group),
                        (None, None) => (text, ""),
                    };
                    fields.set(name, Value::Text(user));
                    fields.set(domain, Value::Text(group));
                }
                _ => {}
            }
        }
        if unfinished {
            self.finish(fields, record, scratch);
        }
    }
    /// What needs the rest of the record to be known.
    fn finish<'a>(&'a self, fields: &mut Fields<'a>, record: &'a str, scratch: &'a str) {
        let names = positions::names(fields.event_id, fields.version);
        for (slot, position, got) in &self.got {
            match *slot {
                Slot::Else(field) if fields.is_absent(field) || matches!(fields.value(field), Value::Text("")) => {
                    fields.set(field, value(*got, record, scratch));
                }
                Slot::Positions => {
                    let named =
                        names.map_or_else(|| positions::param(*position), |names| names.get(usize::from(*position)).copied().flatten());
                    if let Some(field) = named {
                        fields.set(field, value(*got, record, scratch));
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether log, provider and id say that the record is none of those that are read. Where one is missing, or a log was
/// cleared (flat shapes have the cleared one in the place of the record's own), nothing is said here.
fn is_unwanted(fields: &Fields<'_>) -> bool {
    let is_named = !fields.channel.is_empty() && !fields.provider.is_empty() && fields.event_id != 104;
    is_named && event_id::find(fields.channel, fields.provider, fields.event_id).is_none()
}

/// The first text that says something stays.
fn first<'a>(place: &mut &'a str, text: &'a str) {
    if place.is_empty() {
        *place = text;
    }
}

/// A small number in decimal or hexadecimal text.
fn small<T: TryFrom<u64>>(text: &str) -> Option<T> {
    let text = text.trim();
    let number = match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok()?,
        None => text.parse::<u64>().ok()?,
    };
    T::try_from(number).ok()
}

fn text<'a>(got: Got, record: &'a str, scratch: &'a str) -> Option<&'a str> {
    match got {
        Got::Text { copied, from, to } | Got::Number { copied, from, to } => {
            if copied {
                scratch.get(from..to)
            } else {
                record.get(from..to)
            }
        }
        Got::Bool(_) => None,
    }
}

fn value<'a>(got: Got, record: &'a str, scratch: &'a str) -> Value<'a> {
    match got {
        Got::Text { .. } => text(got, record, scratch).map_or(Value::Absent, Value::Text),
        Got::Number { .. } => {
            let text = text(got, record, scratch).unwrap_or_default();
            // Never through a float: logon ids and keywords are larger than a float keeps.
            let whole = text.parse::<u64>().ok().or_else(|| text.parse::<i64>().ok().map(i64::cast_unsigned));
            whole.map(Value::Number).or_else(|| text.parse().ok().map(Value::Float)).unwrap_or_default()
        }
        Got::Bool(bool) => Value::Bool(bool),
    }
}

/// A JSON text without its escapes. The escapes were checked by the scan; lone surrogates become U+FFFD.
#[must_use]
pub fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    unescape_into(text, &mut out);
    out
}

fn unescape_into(mut text: &[u8], out: &mut Vec<u8>) {
    while let Some(place) = memchr::memchr(b'\\', text) {
        out.extend_from_slice(text.get(..place).unwrap_or_default());
        let escape = text.get(place + 1).copied().unwrap_or(b'\\');
        let mut taken = place + 2;
        match escape {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'u' => {
                let unit = hex(text.get(taken..taken + 4));
                taken += 4;
                let low = text.get(taken..taken + 6).filter(|next| next.starts_with(b"\\u")).map(|next| hex(next.get(2..)));
                let c = match (unit, low) {
                    (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                        taken += 6;
                        char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00))
                    }
                    (unit, _) => char::from_u32(unit),
                };
                let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => out.push(other),
        }
        text = text.get(taken..).unwrap_or_default();
    }
    out.extend_from_slice(text);
}

fn hex(digits: Option<&[u8]>) -> u32 {
    digits.unwrap_or_default().iter().fold(0, |sum, digit| sum << 4 | char::from(*digit).to_digit(16).unwrap_or(0))
}
