//! An anomaly as a case file names it: by what it says, since its number differs from run to run.

use crate::base::intern::Names;
use crate::model::anomaly::Anomaly;
use crate::model::world::Tables;
use serde::{Deserialize, Serialize};

/// Names of one sort that are kept.
const NAMES_KEPT: usize = 8;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub detection: String,
    /// When it was raised, RFC 3339: the time of the record that completed it.
    pub at: String,
    /// The first few, as reports write them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
}

impl Subject {
    #[must_use]
    pub fn of(anomaly: &Anomaly, names: &Names, tables: &Tables) -> Self {
        let accounts = anomaly.accounts.iter().take(NAMES_KEPT).filter_map(|id| tables.account(*id)).map(|account| account.key(names));
        let hosts = anomaly.hosts.iter().take(NAMES_KEPT).filter_map(|id| tables.host(*id)).map(|host| names.raw(host.name).to_owned());
        let sources = anomaly.sources.iter().take(NAMES_KEPT).filter_map(|id| tables.source(*id)).map(|source| match source.address {
            Some(address) => address.to_string(),
            None => names.raw(source.text).to_owned(),
        });
        Self {
            detection: anomaly.detection.id.to_owned(),
            at: anomaly.raised_at.rfc3339(),
            accounts: accounts.collect(),
            hosts: hosts.collect(),
            sources: sources.collect(),
        }
    }
    pub(super) fn key(&self) -> (String, String) {
        (self.detection.clone(), self.at.clone())
    }
    /// The same anomaly: one detection, one moment, and somebody or something in common. Lists may have grown since.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let meet = |one: &[String], other: &[String]| one.iter().any(|name| other.iter().any(|known| known.eq_ignore_ascii_case(name)));
        let names_nothing = |subject: &Self| subject.accounts.is_empty() && subject.hosts.is_empty() && subject.sources.is_empty();
        let met = match (self.accounts.is_empty() || other.accounts.is_empty(), names_nothing(self) || names_nothing(other)) {
            (false, _) => meet(&self.accounts, &other.accounts),
            (true, true) => names_nothing(self) && names_nothing(other),
            (true, false) => meet(&self.hosts, &other.hosts) || meet(&self.sources, &other.sources),
        };
        met && self.detection == other.detection && self.at == other.at
    }
}
