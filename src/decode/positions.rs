//! Names of values that come without names: by the event's manifest, or `Param1`, `Param2`, ...
//!
//! The order of a manifest is fixed for an event id and version; a later version only adds values at the end, so one list
//! serves all versions except where a row of the table names an own version.

use crate::base::table;
use crate::model::fields::Field;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Windows names of values.
static BY_NAME: LazyLock<HashMap<&str, Field>> = LazyLock::new(|| Field::windows().map(|field| (field.name(), *field)).collect());

type Names = Vec<Option<Field>>;

/// `assets/tables/positions.csv`: event id, version (`*` for any), names in order.
static TABLE: LazyLock<HashMap<(u32, Option<u8>), Names>> = LazyLock::new(|| {
    table::rows(include_str!("../../assets/tables/positions.csv"))
        .filter_map(|row| {
            let [id, version, names] = row.as_slice() else { return None };
            let names = names.split_whitespace().map(named).collect();
            Some(((id.parse().ok()?, version.parse().ok()), names))
        })
        .collect()
});

/// The field of a value's Windows name.
#[must_use]
pub fn named(name: &str) -> Option<Field> {
    BY_NAME.get(name).copied()
}

/// The fields of an event's values in order; `None` for events whose manifest the table does not hold.
#[must_use]
pub fn names(event_id: u32, version: u8) -> Option<&'static [Option<Field>]> {
    TABLE.get(&(event_id, Some(version))).or_else(|| TABLE.get(&(event_id, None))).map(Vec::as_slice)
}

/// `Param1` for 0 and so on; `None` past `Param7`.
#[must_use]
pub fn param(position: u16) -> Option<Field> {
    let params = [Field::Param1, Field::Param2, Field::Param3, Field::Param4, Field::Param5, Field::Param6, Field::Param7];
    params.get(usize::from(position)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_without_names_get_those_of_the_manifest() {
        let logon = names(4624, 2).unwrap();
        assert_eq!(logon.len(), 27);
        assert_eq!(logon.get(7), Some(&Some(Field::TargetLogonId)));
        assert_eq!(names(4624, 3).unwrap().get(22), Some(&Some(Field::RemoteCredentialGuard)));
        assert_eq!(names(4634, 0).unwrap().get(3), Some(&Some(Field::TargetLogonId)));
        assert_eq!(names(1, 0), None);
        assert_eq!(
            [named("PreviousTime"), named("OldTargetUserName"), named("Id")],
            [Some(Field::PreviousTime), Some(Field::OldTargetUserName), None]
        );
        assert_eq!([param(0), param(6), param(7)], [Some(Field::Param1), Some(Field::Param7), None]);
    }
}
