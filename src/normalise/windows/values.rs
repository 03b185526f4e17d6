//! Values of Windows records in one spelling: "absent" is absent, numbers are numbers, names are trimmed.
//!
//! Every rule here is about a spelling, none about an event id.

use crate::base::intern::{Interner, Symbol};
use crate::base::net::parse_address;
use crate::base::unique::Unique;
use crate::model::event::{AuthEvent, Identity, LogonId, Tri};
use crate::model::fields::{Field, Fields, Value};
use crate::model::logon_type::LogonType;

/// Fields of one record with the interner their texts go to.
pub(super) struct Values<'f, 'a, 'n> {
    pub fields: &'f Fields<'a>,
    pub names: &'n mut Interner,
}

impl Values<'_, '_, '_> {
    /// The text; a number is written in decimal, for shapes that give names of digits as numbers.
    pub fn text(&mut self, field: Field) -> Symbol {
        match self.fields.value(field) {
            Value::Number(number) => self.names.intern(&number.to_string()),
            _ => self.names.intern(self.fields.text(field)),
        }
    }
    /// A SID; the null SID is none.
    pub fn sid(&mut self, field: Field) -> Symbol {
        match self.fields.text(field) {
            "S-1-0-0" | "NULL SID" => Symbol::NONE,
            sid => self.names.intern(sid),
        }
    }
    /// A GUID without braces, lower case; the zero GUID is none.
    pub fn guid(&mut self, field: Field) -> Unique {
        let guid = self.fields.text(field).trim_start_matches('{').trim_end_matches('}');
        if guid.bytes().all(|byte| matches!(byte, b'0' | b'-')) {
            return Unique::NONE;
        }
        Unique::read(guid, self.names)
    }
    pub fn logon_type(&self) -> LogonType {
        match self.fields.number(Field::LogonType) {
            Some(number) => LogonType::from_number(number),
            None => LogonType::named(self.fields.text(Field::LogonType)),
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
            Value::Number(1842) => Tri::Yes,
            Value::Number(1843) => Tri::No,
            _ => match self.fields.text(field) {
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
        let (domain, user) = text.split_once('\\').unwrap_or(("", text));
        Identity { user: self.names.intern(user), domain: self.names.intern(domain), sid: Symbol::NONE }
    }
    /// The client's claim of its own name; NTLM writes some as `\\NAME`.
    pub fn workstation(&mut self, field: Field) -> Symbol {
        let name = self.fields.text(field).trim_start_matches('\\');
        self.names.intern(name)
    }
    /// Where from: an address, or the text where it is none. `LOCAL` means this computer's own screen: nothing.
    pub fn source(&mut self, event: &mut AuthEvent, field: Field) {
        let text = self.fields.text(field);
        event.address = parse_address(text);
        let says_nothing = text.eq_ignore_ascii_case("LOCAL") || matches!(text, "::" | "0.0.0.0" | "Unknown");
        if event.address.is_none() && !says_nothing {
            event.address_text = self.text(field);
        }
    }
}
