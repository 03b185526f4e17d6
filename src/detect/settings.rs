//! Settings of all detections: one table for each, named by the detection's id.
//!
//! The tables stay as read until a detection is made, so a detection declares its settings in its own file and nothing
//! here grows with it.

use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    #[error("settings of detection {detection}: {reason}")]
    Value { detection: String, reason: String },
    #[error("no detection is called {0}; `logonscope detections` lists them")]
    UnknownDetection(String),
}

/// `[detection-id]` tables; a detection without one runs on its defaults.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    tables: BTreeMap<String, toml::Table>,
    off: Vec<String>,
}

impl Settings {
    /// Reads `detection-id = { setting = value, ... }`; `enabled = false` switches one off.
    ///
    /// # Errors
    /// A name that is no detection, or a value that is no table.
    pub fn from_tables(tables: toml::Table) -> Result<Self, SettingError> {
        let mut settings = Self::default();
        for (id, value) in tables {
            if !super::all().any(|about| about.id == id) {
                return Err(SettingError::UnknownDetection(id));
            }
            let toml::Value::Table(mut table) = value else {
                return Err(SettingError::Value { detection: id, reason: "is no table".to_owned() });
            };
            if let Some(enabled) = table.remove("enabled") {
                match enabled.as_bool() {
                    Some(true) => {}
                    Some(false) => settings.off.push(id.clone()),
                    None => return Err(SettingError::Value { detection: id, reason: "enabled is neither true nor false".to_owned() }),
                }
            }
            settings.tables.insert(id, table);
        }
        Ok(settings)
    }
    #[must_use]
    pub fn is_off(&self, id: &str) -> bool {
        self.off.iter().any(|off| off == id)
    }
    /// What is set for a detection.
    pub(super) fn table(&self, id: &str) -> Option<&toml::Table> {
        self.tables.get(id)
    }
    pub(super) fn of<S: Default + DeserializeOwned>(&self, id: &str) -> Result<S, SettingError> {
        match self.tables.get(id) {
            None => Ok(S::default()),
            Some(table) => table
                .clone()
                .try_into()
                .map_err(|error: toml::de::Error| SettingError::Value { detection: id.to_owned(), reason: error.message().to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Watch, entries};

    fn settings(text: &str) -> Result<Settings, SettingError> {
        Settings::from_tables(text.parse().unwrap())
    }

    #[test]
    fn a_setting_replaces_its_default_and_leaves_the_others() {
        let some = settings("[fail-burst-then-success]\nfailures = 7").unwrap();
        assert!(Watch::new(&some).is_ok());
    }

    #[test]
    fn wrong_names_and_values_are_told() {
        assert_eq!(settings("[no-such]\nx = 1").unwrap_err(), SettingError::UnknownDetection("no-such".to_owned()));
        let wrong = settings("[fail-burst-then-success]\nfailurs = 7").unwrap();
        assert!(Watch::new(&wrong).unwrap_err().to_string().contains("failurs"));
        let wrong = settings("[fail-burst-then-success]\nfailures = \"many\"").unwrap();
        assert!(Watch::new(&wrong).is_err());
    }

    #[test]
    fn every_detection_lists_its_defaults_and_ids_are_unique() {
        let mut ids: Vec<_> = crate::detect::all().map(|about| about.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), entries().count());
        for entry in entries() {
            assert!(!entry.kinds.is_empty(), "{}", entry.about.id);
            for technique in entry.about.attack {
                assert!(crate::model::attack::tactic(technique).is_some(), "{technique} has no tactic in model/attack.rs");
            }
            assert!(!entry.about.attack.is_empty() && !entry.about.check.is_empty() && !entry.about.needs.is_empty());
        }
    }
}
