//! Symbols of texts as JSON, XML and CSV hold them, remembered by their bytes.
//!
//! A sign-in has some thirty of them, nearly all met before: trimming, lower case and the table of texts are asked once
//! for each, not once for each record.

use super::lower;
use crate::base::intern::{Interner, Symbol};
use crate::model::fields::{Field, Fields, Value, without_dash};
use std::borrow::Cow;

/// Kinds of reading that the interner remembers; others have numbers beside these.
pub(super) const AS_IT_IS: u8 = 16;
const TRIMMED: u8 = 17;
const LOWERED: u8 = 18;

/// The text as it stands.
#[inline]
pub(super) fn as_it_is(text: &str, names: &mut Interner) -> Symbol {
    names.recall(AS_IT_IS, text.as_bytes(), |names| names.intern(text))
}

/// The text without blanks around it; none for every spelling of "absent".
#[inline]
pub(super) fn trimmed(text: &str, names: &mut Interner) -> Symbol {
    if text.is_empty() { Symbol::NONE } else { names.recall(TRIMMED, text.as_bytes(), |names| names.intern(without_dash(text))) }
}

/// The same in lower case.
#[inline]
pub(super) fn lowered(text: &str, names: &mut Interner) -> Symbol {
    let read = |names: &mut Interner| names.intern(&lower(Cow::Borrowed(without_dash(text))));
    if text.is_empty() { Symbol::NONE } else { names.recall(LOWERED, text.as_bytes(), read) }
}

/// `trimmed` for the text of a field.
#[inline]
pub(super) fn of(fields: &Fields<'_>, field: Field, names: &mut Interner) -> Symbol {
    match fields.value(field) {
        Value::Text(text) => trimmed(text, names),
        Value::Absent => Symbol::NONE,
        _ => names.intern(&fields.text(field)),
    }
}

/// `lowered` for the text of a field.
#[inline]
pub(super) fn lowered_of(fields: &Fields<'_>, field: Field, names: &mut Interner) -> Symbol {
    match fields.value(field) {
        Value::Text(text) => lowered(text, names),
        Value::Absent => Symbol::NONE,
        _ => names.intern(&lower(fields.text(field))),
    }
}
