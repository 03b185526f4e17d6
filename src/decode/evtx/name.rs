//! Which value an element or `Data` name stands for.
//!
//! The table is built once from the vendor's spelling of every `Field`, and asked with the UTF-16 that stands in the log:
//! every chunk defines its templates anew, so names are looked up often.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::model::fields::Field;

static FIELDS: LazyLock<FxHashMap<&'static str, Field>> = LazyLock::new(|| {
    let named = Field::ALL.iter().map(|field| (field.name(), *field));
    // Some manifests write the positional names small.
    let small = ["param1", "param2", "param3", "param4", "param5", "param6", "param7"];
    named.chain(small.into_iter().zip(super::PARAMS)).collect()
});

static UTF16: LazyLock<FxHashMap<Vec<u8>, Field>> =
    LazyLock::new(|| FIELDS.iter().map(|(name, field)| (name.encode_utf16().flat_map(u16::to_le_bytes).collect(), *field)).collect());

/// The field of a name as the vendor spells it; case matters: `SessionID` and `SessionId` are two fields.
#[must_use]
pub fn field_of(name: &str) -> Option<Field> {
    FIELDS.get(name).copied()
}

/// The same for a name as it stands in a log.
#[must_use]
pub fn field_of_utf16(name: &[u8]) -> Option<Field> {
    UTF16.get(name).copied()
}
