//! The lines of a case file. Names are those of the file, which other programs may read: one JSON object a line.

use super::subject::Subject;
use super::thing::Thing;
use crate::base::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where an anomaly stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nobody decided anything.
    #[default]
    New,
    /// Part of an incident.
    Confirmed,
    /// Somebody looks at it.
    Acknowledged,
    /// Benign, for the reason given.
    Dismissed,
    /// Covered by a suppression.
    Suppressed,
}

impl State {
    pub const ALL: [Self; 5] = [Self::New, Self::Confirmed, Self::Acknowledged, Self::Dismissed, Self::Suppressed];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Confirmed => "confirmed",
            Self::Acknowledged => "acknowledged",
            Self::Dismissed => "dismissed",
            Self::Suppressed => "suppressed",
        }
    }
    /// What stands for it where there is no room and no colour.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::New => '*',
            Self::Confirmed => '!',
            Self::Acknowledged => 'a',
            Self::Dismissed => 'd',
            Self::Suppressed => 'z',
        }
    }
    /// Still to be dealt with.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Dismissed | Self::Suppressed)
    }
}

/// Which anomalies a suppression covers: those that concern what it states, and no other account, host or source beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detection: Option<String>,
    /// `domain\user`, as reports write it; case does not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Anomalies raised at this time or later are not covered; without it none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Scope {
    #[must_use]
    pub fn covers(&self, anomaly: &Subject) -> bool {
        // An anomaly that concerns others too is not hidden for the sake of one.
        let names = |wanted: &Option<String>, named: &[String]| {
            let is_wanted = |wanted: &str| !named.is_empty() && named.iter().all(|name| name.eq_ignore_ascii_case(wanted));
            wanted.as_deref().is_none_or(is_wanted)
        };
        let is_in_time = || match self.until.as_deref() {
            None => true,
            // A time that cannot be read suppresses nothing.
            Some(until) => Timestamp::parse(&anomaly.at).zip(Timestamp::parse(until)).is_some_and(|(at, until)| at < until),
        };
        self.detection.as_deref().is_none_or(|detection| detection == anomaly.detection)
            && names(&self.account, &anomaly.accounts)
            && names(&self.host, &anomaly.hosts)
            && names(&self.source, &anomaly.sources)
            && is_in_time()
    }
    /// `off-hours-logon account corp\x source 10.0.9.66 until 2026-04-01`
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = vec![self.detection.clone().unwrap_or_else(|| "all detections".to_owned())];
        let entities = [("account", &self.account), ("host", &self.host), ("source", &self.source)];
        words.extend(entities.into_iter().filter_map(|(word, name)| name.as_ref().map(|name| format!("{word} {name}"))));
        let until = self.until.as_deref().map(|until| until.split('T').next().unwrap_or(until));
        words.push(until.map_or_else(|| "for ever".to_owned(), |until| format!("until {until}")));
        words.join(" ")
    }
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "lowercase")]
pub enum Act {
    Decide {
        anomaly: Subject,
        state: State,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    Suppress {
        scope: Scope,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Sets a bookmark, or takes it away.
    Mark {
        on: Thing,
        set: bool,
        /// The moment of the data that was looked at, RFC 3339: where a thing without a time of its own stands among others.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        moment: Option<String>,
    },
    /// Says something about a thing; without words the note that was there goes.
    Note {
        on: Thing,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        moment: Option<String>,
    },
    /// An earlier decision does not count any more. Other than `Undo` it can be taken back itself.
    Delete {
        /// Its `id`.
        of: String,
    },
    /// Takes an earlier entry back.
    Undo {
        /// Its `id`.
        of: String,
    },
}

impl Act {
    /// Why, in the words of whoever decided.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Decide { reason, .. } | Self::Suppress { reason, .. } => reason,
            Self::Note { text, .. } => text,
            Self::Mark { .. } | Self::Delete { .. } | Self::Undo { .. } => "",
        }
    }
    /// What it is about, of those that are about a thing of the logs.
    #[must_use]
    pub fn thing(&self) -> Option<Thing> {
        match self {
            Self::Decide { anomaly, .. } => Some(Thing::Anomaly { subject: anomaly.clone() }),
            Self::Mark { on, .. } | Self::Note { on, .. } => Some(on.clone()),
            Self::Suppress { .. } | Self::Delete { .. } | Self::Undo { .. } => None,
        }
    }
    /// When it belongs there: the time of what it is about, or the moment that was looked at.
    #[must_use]
    pub fn moment(&self) -> Option<Timestamp> {
        let seen = match self {
            Self::Mark { moment, .. } | Self::Note { moment, .. } => moment.as_deref().and_then(Timestamp::parse),
            _ => None,
        };
        self.thing().and_then(|thing| thing.at()).or(seen)
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Different for every entry of a file.
    pub id: String,
    /// When it was decided, RFC 3339.
    pub at: String,
    /// Who decided; empty when the system does not say.
    #[serde(default)]
    pub by: String,
    #[serde(flatten)]
    pub act: Act,
}
