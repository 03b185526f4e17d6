//! What people may change of a replay.

use crate::base::setting::settings;
use crate::model::anomaly::Severity;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The severity from which on an anomaly holds the clock; `never` in the file is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PauseOn(pub Option<Severity>);

const NEVER: &str = "never";

impl Serialize for PauseOn {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.map_or(NEVER, Severity::word))
    }
}

impl<'de> Deserialize<'de> for PauseOn {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?.to_ascii_lowercase();
        let severity = Severity::ALL.into_iter().find(|severity| severity.word() == text);
        if severity.is_none() && text != NEVER {
            let words: Vec<&str> = Severity::ALL.iter().map(|severity| severity.word()).collect();
            return Err(serde::de::Error::custom(format!("'{text}' is no severity: write {NEVER}, {}", words.join(", "))));
        }
        Ok(Self(severity))
    }
}

settings! {
    /// See the module.
    pub struct Settings {
        /// An anomaly of this severity or worse holds the clock of a replay: never, info, low, medium, high, critical.
        pub pause_on: PauseOn = PauseOn(None),
        /// A stretch without events that would take longer than so many seconds to play is skipped; 0 skips none.
        pub skip_after_seconds: f64 = 2.0,
    }
}
