//! What is odd, and why: detections over events and sessions.
//!
//! One file in `rule/` is one detection: its text, its settings with units, what it remembers and the sentence it says.
//! `watch.rs` feeds them and turns what they find into anomalies; `window`, `baseline`, `rate` and `geo` are the
//! statistics they share, `score` the arithmetic of points, `say` the wording. A detection sees event time only, keeps
//! bounded state, and formats nothing before it has something to say.
//!
//! To add one: a file in `rule/`, its line in `DETECTORS`, a folder of cases in `tests/detections/`.

pub mod baseline;
pub mod finding;
pub mod geo;
pub mod rate;
pub mod rule;
pub mod say;
pub mod score;
pub mod settings;
pub mod step;
pub mod watch;
pub mod window;

pub use settings::{SettingError, Settings};
pub use watch::Watch;

use crate::model::anomaly::Detection;
use crate::model::event::EventKind;
use crate::model::ids::AccountId;
use finding::Findings;
use serde::Serialize;
use serde::de::DeserializeOwned;
use step::Step;

/// A detection at work: its memory and its judgement.
pub trait Detector: Send {
    /// Looks at one event of a kind it asked for.
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings);
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
    fn new(settings: Self::Settings) -> Self;
}

/// A line of `DETECTORS`.
pub struct Entry {
    pub about: &'static Detection,
    pub kinds: &'static [EventKind],
    make: fn(&Settings) -> Result<Box<dyn Detector>, SettingError>,
    defaults: fn() -> Option<toml::Table>,
}

impl Entry {
    /// The detection with the settings given for it.
    ///
    /// # Errors
    /// A setting that the detection does not know, or a value of the wrong kind.
    pub fn make(&self, settings: &Settings) -> Result<Box<dyn Detector>, SettingError> {
        (self.make)(settings)
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
        make: |settings| Ok(Box::new(R::new(settings.of(R::ABOUT.id)?))),
        defaults: || toml::Table::try_from(R::Settings::default()).ok(),
    }
}

/// Every detection there is, most trusted first.
pub const DETECTORS: &[Entry] = &[
    entry::<rule::fail_burst_then_success::Rule>(),
    entry::<rule::entra_fail_burst_then_success::Rule>(),
    entry::<rule::token_replay_after_device_code::Rule>(),
    entry::<rule::silent_signin_without_parent::Rule>(),
    entry::<rule::service_account_interactive::Rule>(),
    entry::<rule::rdp_session_hijack::Rule>(),
    entry::<rule::rdp_loopback_tunnel::Rule>(),
    entry::<rule::log_cleared_in_session::Rule>(),
    entry::<rule::dollar_account_interactive::Rule>(),
    entry::<rule::machine_account_wrong_ip::Rule>(),
    entry::<rule::mfa_fatigue::Rule>(),
    entry::<rule::device_registration_then_prt::Rule>(),
    entry::<rule::password_spray_windows::Rule>(),
    entry::<rule::workload_secret_changed::Rule>(),
    entry::<rule::workload_host_changed::Rule>(),
    entry::<rule::impossible_travel::Rule>(),
    entry::<rule::pass_the_hash_target::Rule>(),
    entry::<rule::first_seen_host_for_account::Rule>(),
    entry::<rule::off_hours_logon::Rule>(),
];

/// What every detection is about, in the order of `DETECTORS`.
pub fn all() -> impl Iterator<Item = &'static Detection> {
    DETECTORS.iter().map(|entry| entry.about)
}
