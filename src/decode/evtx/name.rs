//! Which value an element or `Data` name stands for.
//!
//! The table is built once from the vendor's spelling of every `Field`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::model::fields::Field;

/// Where the content of an element goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Field(Field),
    Nowhere,
}

static FIELDS: LazyLock<FxHashMap<&'static str, Field>> = LazyLock::new(|| Field::ALL.iter().map(|field| (field.name(), *field)).collect());

/// The place for a name as the vendor spells it (case matters: `SessionID` and `SessionId` are two fields).
#[must_use]
pub fn place_of(name: &str) -> Place {
    // RemoteConnectionManager and others spell the positional names `param1`.
    let found = FIELDS.get(name).copied().or_else(|| match name.strip_prefix("param")? {
        "1" => Some(Field::Param1),
        "2" => Some(Field::Param2),
        "3" => Some(Field::Param3),
        "4" => Some(Field::Param4),
        "5" => Some(Field::Param5),
        "6" => Some(Field::Param6),
        "7" => Some(Field::Param7),
        _ => None,
    });
    found.map_or(Place::Nowhere, Place::Field)
}
