//! Applications of Microsoft that matter to a judgement: command-line tools, portals of administrators, the broker.
//!
//! By id; records that state no id are told by the name.

use crate::base::table;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AppKind {
    /// Asks for tokens for all applications of a device.
    Broker,
    /// Registers devices.
    Registration,
    /// Command lines and editors: what stolen tokens are traded for.
    Tool,
    /// Portals and interfaces of administrators.
    Admin,
    #[default]
    Other,
}

impl AppKind {
    fn parse(word: &str) -> Self {
        match word {
            "broker" => Self::Broker,
            "registration" => Self::Registration,
            "tool" => Self::Tool,
            "admin" => Self::Admin,
            _ => Self::Other,
        }
    }
}

/// Ids, and names in lower case.
static APPS: LazyLock<HashMap<String, AppKind>> = LazyLock::new(|| {
    let rows = table::rows(include_str!("../../assets/tables/cloud_apps.csv"));
    let both = rows.filter_map(|row| {
        let [id, kind, name] = row.as_slice() else { return None };
        let kind = AppKind::parse(kind);
        Some([((*id).to_owned(), kind), (name.to_lowercase(), kind)])
    });
    both.flatten().collect()
});

/// What an application is, by its id or its name, in lower case.
#[must_use]
pub fn kind(id_or_name: &str) -> AppKind {
    APPS.get(id_or_name).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_names_are_known() {
        for (text, expected) in [
            ("29d9ed98-a469-4536-ade2-f981bc1d605e", AppKind::Broker),
            ("device registration service", AppKind::Registration),
            ("azure cli", AppKind::Tool),
            ("azure portal", AppKind::Admin),
            ("outlook", AppKind::Other),
            ("", AppKind::Other),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
        assert!(APPS.values().all(|kind| *kind != AppKind::Other));
    }
}
