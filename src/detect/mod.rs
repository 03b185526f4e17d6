//! What is odd, and why: detections over events and sessions.
//!
//! One file in `rule/` is one detection: its text, its settings with units, what it remembers and the sentence it says.
//! `watch.rs` feeds them and turns what they find into anomalies; `baseline` is what is usual, learned once for all of
//! them; `site` what only people know; `window`, `rate` and `geo` are the statistics they share, `score` the arithmetic
//! of points, `say` the wording; `link` and `wave` make incidents of anomalies. A detection sees event time only, keeps bounded state, and formats nothing before it has
//! something to say.
//!
//! To add one: a file in a folder of `rule/`, its line in that folder's `ALL`, a folder of cases in `tests/detections/`.

pub mod baseline;
pub mod finding;
pub mod geo;
mod link;
pub mod news;
pub mod page;
mod raise;
pub mod rate;
pub mod rule;
pub mod say;
pub mod score;
pub mod settings;
pub mod sigma;
pub mod sign_in;
pub mod site;
pub mod state;
pub mod step;
pub mod watch;
mod wave;
pub mod window;

pub use settings::{SettingError, Settings};
pub use watch::Watch;

use crate::model::anomaly::Detection;
use crate::model::event::EventKind;
use crate::model::ids::AccountId;
use crate::model::logon_type::LogonType;
use finding::Findings;
use serde::Serialize;
use serde::de::DeserializeOwned;
use step::{Step, Tick};

/// A detection at work: its memory and its judgement.
pub trait Detector: Send {
    /// Looks at one event of a kind it asked for.
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings);
    /// Looks at the clock, for what shows by not happening. Called every five minutes of event time at most, before the
    /// event that moved the clock.
    fn tick(&mut self, _tick: &Tick<'_>, _out: &mut Findings) {}
    /// An account turned out to be another: what was remembered of the one is of the other.
    fn merge(&mut self, _goes: AccountId, _stays: AccountId) {}
    /// Forgets what no event after `step` can need. Called now and then, by event time.
    fn forget(&mut self, _now: crate::base::time::Timestamp) {}
}

/// What a file in `rule/` provides.
pub trait Rule: Detector + Sized + 'static {
    /// Thresholds; the field names say the units. Missing ones take their default.
    type Settings: Default + Serialize + DeserializeOwned;
    const ABOUT: &'static Detection;
    /// Kinds of events it wants to see; others never reach it.
    const KINDS: &'static [EventKind];
    /// Of logons and failed ones (4624, 4625): the types it wants to see; others never reach it.
    const LOGONS: &'static [LogonType] = LogonType::ALL;
    fn new(settings: Self::Settings) -> Self;
}

/// A line of a folder's `ALL`.
#[derive(Debug)]
pub struct Entry {
    pub about: &'static Detection,
    pub kinds: &'static [EventKind],
    logons: &'static [LogonType],
    make: fn(&Settings) -> Result<Box<dyn Detector>, SettingError>,
    defaults: fn() -> Option<toml::Table>,
}

impl Entry {
    /// Kinds of events it wants to see, with each type of logon it wants of them.
    fn wants(&self) -> impl Iterator<Item = (EventKind, LogonType)> {
        self.kinds.iter().flat_map(|kind| {
            let types = if matches!(kind, EventKind::Logon | EventKind::LogonFailed) { self.logons } else { &[LogonType::System] };
            types.iter().map(|logon_type| (*kind, *logon_type))
        })
    }
    /// The detection with the settings given for it.
    ///
    /// # Errors
    /// A setting that the detection does not know, or a value of the wrong kind.
    pub fn make(&self, settings: &Settings) -> Result<Box<dyn Detector>, SettingError> {
        (self.make)(settings)
    }
    /// Its settings in force: what is set, and the rest as usual.
    #[must_use]
    pub fn settings(&self, settings: &Settings) -> toml::Table {
        let mut all = self.defaults();
        for (name, value) in settings.table(self.about.id).into_iter().flatten() {
            all.insert(name.clone(), value.clone());
        }
        all
    }
    /// Its settings as they are when nothing is set.
    #[must_use]
    pub fn defaults(&self) -> toml::Table {
        (self.defaults)().unwrap_or_default()
    }
}

const fn entry<R: Rule>() -> Entry {
    Entry {
        about: R::ABOUT,
        kinds: R::KINDS,
        logons: R::LOGONS,
        make: |settings| Ok(Box::new(R::new(settings.of(R::ABOUT.id)?))),
        defaults: || toml::Table::try_from(R::Settings::default()).ok(),
    }
}

/// Every detection there is.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    rule::GROUPS.iter().copied().flatten()
}

/// What every detection is about, in the order of `entries`.
pub fn all() -> impl Iterator<Item = &'static Detection> {
    entries().map(|entry| entry.about)
}
