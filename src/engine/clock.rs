//! The only file that reads a clock.

use crate::base::time::Timestamp;
use std::time::{Duration, Instant};

/// The wall clock in UTC.
#[must_use]
pub fn wall() -> Timestamp {
    Timestamp::from_chrono(chrono::Utc::now()).unwrap_or(Timestamp::MIN)
}

/// Measures wall time that passes.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Default for Stopwatch {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Stopwatch {
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
    /// Time since the last lap, or since the start.
    pub fn lap(&mut self) -> Duration {
        let now = Instant::now();
        let passed = now.duration_since(self.0);
        self.0 = now;
        passed
    }
}

/// Counts events of the last second.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rate {
    since: Stopwatch,
    events: u64,
    per_second: f64,
}

impl Rate {
    pub const fn count(&mut self, events: u64) {
        self.events += events;
    }
    /// Events a second over the last full second.
    #[allow(clippy::cast_precision_loss)] // a rate for the eye
    pub fn per_second(&mut self) -> f64 {
        let passed = self.since.elapsed();
        if passed >= Duration::from_secs(1) {
            self.per_second = self.events as f64 / passed.as_secs_f64();
            self.events = 0;
            self.since = Stopwatch::default();
        }
        self.per_second
    }
}
