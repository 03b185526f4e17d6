//! Patterns of names and networks as people write them in settings.

use crate::base::net;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A pattern with `*` and `?`, compared without case.
#[derive(Clone, Debug)]
pub struct Glob(glob::Pattern);

impl Glob {
    /// # Errors
    /// What is wrong with the pattern.
    pub fn new(text: &str) -> Result<Self, String> {
        glob::Pattern::new(&text.to_lowercase()).map(Self).map_err(|error| format!("'{text}' is no pattern: {}", error.msg))
    }
    /// `text` is in lower case.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0.matches(text)
    }
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.as_str()
    }
}

impl Serialize for Glob {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.text())
    }
}

impl<'de> Deserialize<'de> for Glob {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// A network as `10.0.2.0/24` in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network(pub net::Network);

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        net::Network::parse(&text).map(Self).ok_or_else(|| D::Error::custom(format!("'{text}' is no network: write it like 10.0.2.0/24")))
    }
}
