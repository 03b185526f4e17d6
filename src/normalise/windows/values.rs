//! Values of Windows records in one spelling: "absent" is absent, numbers are numbers, names are trimmed.
//!
//! Every rule here is about a spelling, none about an event id.

use crate::base::intern::{Interner, Symbol};
use crate::base::net::parse_address;
use crate::base::unique::Unique;
use crate::model::event::{AuthEvent, Identity, LogonId, Tri};
use crate::model::fields::{Field, Fields, Value, without_dash};
use crate::model::logon_type::LogonType;
use crate::model::value::{guid_bits, utf16, utf16_is};
use crate::normalise::texts;
use std::net::{IpAddr, Ipv4Addr};

/// Fields of one record with the interner their texts go to.
pub(super) struct Values<'f, 'a, 'n> {
    pub fields: &'f Fields<'a>,
    pub names: &'n mut Interner,
}

/// Kinds of reading that the interner remembers.
const TEXT: u8 = 0;
const SID: u8 = 1;
const SID_TEXT: u8 = 2;
const WORKSTATION: u8 = 3;
pub(super) const HOST: u8 = 4;
const SID_UTF8: u8 = 5;

/// The symbol of a SID in text; the null SID is none.
fn sid_symbol(sid: &str, names: &mut Interner) -> Symbol {
    match sid {
        "S-1-0-0" | "NULL SID" => Symbol::NONE,
        sid => names.intern(sid),
    }
}

/// NTLM writes some names as `\\NAME`.
fn without_slashes(name: &str) -> &str {
    without_dash(name).trim_start_matches('\\')
}

/// Empty, or `-`: the text most fields of most records have.
#[inline]
fn says_nothing(utf16: &[u8]) -> bool {
    matches!(utf16, [] | [b'-', 0])
}

/// `10.20.0.7` or `::ffff:10.20.0.7` and nothing else; whatever is written in another way is read as text.
fn plain_ipv4(utf16: &[u8]) -> Option<IpAddr> {
    let (mut units, _) = utf16.as_chunks::<2>();
    if let Some((prefix, rest)) = units.split_at_checked(7)
        && utf16_is(prefix.as_flattened(), "::ffff:")
    {
        units = rest;
    }
    let (mut parts, mut count, mut part, mut digits) = ([0_u8; 4], 0, 0_u16, 0);
    for [low, high] in units {
        let digit = low.wrapping_sub(b'0');
        if *high != 0 {
            return None;
        } else if digit <= 9 {
            part = part * 10 + u16::from(digit);
            digits += 1;
            // No leading zeros, as in the address parser.
            if digits > 3 || (digits > 1 && part < 10) {
                return None;
            }
        } else if *low == b'.' && digits > 0 && count < 3 {
            *parts.get_mut(count)? = u8::try_from(part).ok()?;
            (count, part, digits) = (count + 1, 0, 0);
        } else {
            return None;
        }
    }
    *parts.get_mut(count).filter(|_| count == 3 && digits > 0)? = u8::try_from(part).ok()?;
    let address = Ipv4Addr::from(parts);
    (!address.is_unspecified()).then_some(IpAddr::V4(address))
}

impl Values<'_, '_, '_> {
    /// The text; a number is written in decimal, for shapes that give names of digits as numbers.
    #[inline]
    pub fn text(&mut self, field: Field) -> Symbol {
        match self.fields.value(field) {
            Value::Absent => Symbol::NONE,
            Value::Utf16(raw) if says_nothing(raw) => Symbol::NONE,
            Value::Utf16(raw) => self.names.recall(TEXT, raw, |names| names.intern(without_dash(&utf16(raw)))),
            Value::Text(text) => texts::trimmed(text, self.names),
            Value::Number(number) => self.names.intern(&number.to_string()),
            other => self.names.intern(without_dash(&other.text())),
        }
    }
    /// A SID; the null SID is none.
    #[inline]
    pub fn sid(&mut self, field: Field) -> Symbol {
        match self.fields.value(field) {
            Value::Absent => Symbol::NONE,
            value @ Value::Sid(raw) => self.names.recall(SID, raw, |names| sid_symbol(&value.text(), names)),
            Value::Utf16(raw) if says_nothing(raw) => Symbol::NONE,
            Value::Utf16(raw) => self.names.recall(SID_TEXT, raw, |names| sid_symbol(without_dash(&utf16(raw)), names)),
            Value::Text(text) => self.names.recall(SID_UTF8, text.as_bytes(), |names| sid_symbol(without_dash(text), names)),
            other => sid_symbol(without_dash(&other.text()), self.names),
        }
    }
    /// A GUID without braces, lower case; the zero GUID is none.
    pub fn guid(&mut self, field: Field) -> Unique {
        match self.fields.value(field) {
            Value::Absent => return Unique::NONE,
            Value::Guid(bytes) => return if *bytes == [0; 16] { Unique::NONE } else { Unique::guid(guid_bits(bytes)) },
            _ => {}
        }
        let text = self.fields.text(field);
        let guid = text.trim_start_matches('{').trim_end_matches('}');
        if guid.bytes().all(|byte| matches!(byte, b'0' | b'-')) {
            return Unique::NONE;
        }
        Unique::read(guid, self.names)
    }
    pub fn logon_type(&self) -> LogonType {
        match self.fields.number(Field::LogonType) {
            Some(number) => LogonType::from_number(number),
            None => LogonType::named(&self.fields.text(Field::LogonType)),
        }
    }
    pub fn logon_id(&self, field: Field) -> LogonId {
        LogonId(self.fields.number(field).unwrap_or(0))
    }
    pub fn u16(&self, field: Field) -> u16 {
        self.fields.number(field).and_then(|number| u16::try_from(number).ok()).unwrap_or(0)
    }
    /// A result code: the lower half, as signed spellings carry their sign upwards.
    #[allow(clippy::cast_possible_truncation)]
    pub fn code(&self, field: Field) -> Option<u32> {
        self.fields.number(field).map(|number| number as u32)
    }
    /// `%%1842` and its translations.
    pub fn yes(&self, field: Field) -> Tri {
        match self.fields.value(field) {
            Value::Bool(value) => Tri::from_bool(value),
            Value::Absent => Tri::Unknown,
            Value::Utf16(raw) if says_nothing(raw) => Tri::Unknown,
            Value::Number(1842) => Tri::Yes,
            Value::Number(1843) => Tri::No,
            Value::Utf16(raw) if utf16_is(raw, "%%1842") => Tri::Yes,
            Value::Utf16(raw) if utf16_is(raw, "%%1843") => Tri::No,
            _ => match &*self.fields.text(field) {
                "%%1842" | "1842" => Tri::Yes,
                "%%1843" | "1843" => Tri::No,
                text if text.eq_ignore_ascii_case("yes") || text.eq_ignore_ascii_case("true") => Tri::Yes,
                text if text.eq_ignore_ascii_case("no") || text.eq_ignore_ascii_case("false") => Tri::No,
                _ => Tri::Unknown,
            },
        }
    }
    pub fn identity(&mut self, user: Field, domain: Field, sid: Field) -> Identity {
        Identity { user: self.text(user), domain: self.text(domain), sid: self.sid(sid) }
    }
    /// `Subject*`, who asked for it.
    pub fn subject(&mut self) -> Identity {
        self.identity(Field::SubjectUserName, Field::SubjectDomainName, Field::SubjectUserSid)
    }
    /// `TargetUserName`, `TargetDomainName`, `TargetUserSid`.
    pub fn target_user(&mut self) -> Identity {
        self.identity(Field::TargetUserName, Field::TargetDomainName, Field::TargetUserSid)
    }
    /// `DOMAIN\user` in one text, as LocalSessionManager and the gateway write it.
    pub fn joined_identity(&mut self, field: Field) -> Identity {
        let text = self.fields.text(field);
        let (domain, user) = text.split_once('\\').unwrap_or(("", &text));
        Identity { user: self.names.intern(user), domain: self.names.intern(domain), sid: Symbol::NONE }
    }
    /// The client's claim of its own name; NTLM writes some as `\\NAME`.
    #[inline]
    pub fn workstation(&mut self, field: Field) -> Symbol {
        match self.fields.value(field) {
            Value::Utf16(raw) if says_nothing(raw) => Symbol::NONE,
            Value::Utf16(raw) => self.names.recall(WORKSTATION, raw, |names| names.intern(without_slashes(&utf16(raw)))),
            other => self.names.intern(without_slashes(&other.text())),
        }
    }
    /// Where from: an address, or the text where it is none. `LOCAL` means this computer's own screen: nothing.
    pub fn source(&mut self, event: &mut AuthEvent, field: Field) {
        if let Value::Utf16(raw) = self.fields.value(field) {
            event.address = plain_ipv4(raw);
            if event.address.is_some() || says_nothing(raw) {
                return;
            }
        }
        let text = self.fields.text(field);
        event.address = parse_address(&text);
        let is_nowhere = text.eq_ignore_ascii_case("LOCAL") || matches!(&*text, "::" | "0.0.0.0" | "Unknown");
        if event.address.is_none() && !is_nowhere {
            event.address_text = self.text(field);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_in_either_form_of_text() {
        for text in [
            "10.20.0.7",
            "255.255.255.255",
            "::ffff:10.0.0.9",
            "::FFFF:10.0.0.9",
            "0.0.0.0",
            "::ffff:0.0.0.0",
            "010.0.0.1",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.256",
            "1.2.3.",
            ".1.2.3",
            "1..2.3",
            "::1",
            "fe80::1%3",
            "10.0.0.1:443",
            "-",
            "",
            "LOCAL",
            "16777216",
            " 10.0.0.1 ",
            "1.2.3.0004",
        ] {
            let raw: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let read = |value: Value<'_>| {
                let mut fields = Fields::default();
                fields.set(Field::IpAddress, value);
                let (mut names, mut event) = (Interner::default(), AuthEvent::default());
                Values { fields: &fields, names: &mut names }.source(&mut event, Field::IpAddress);
                (event.address, names.raw(event.address_text).to_owned())
            };
            assert_eq!(read(Value::Utf16(&raw)), read(Value::Text(text)), "{text:?}");
        }
    }
}
