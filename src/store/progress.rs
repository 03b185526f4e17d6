//! How far the reading of recorded inputs is, how fast it goes, and how long it will take.

use std::path::PathBuf;
use std::time::Duration;

/// Before so long nothing is said of the time left: it would be a guess.
const TELLING: Duration = Duration::from_millis(800);

/// What is done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The archive that is being unpacked; nothing once the logs themselves are read.
    pub unpacking: Option<PathBuf>,
    /// Bytes done: unpacked, or read.
    pub bytes: u64,
    /// Bytes in all; 0 where that is not known, as while unpacking.
    pub of_bytes: u64,
    /// Events on screen.
    pub events: u64,
    /// Since this began.
    pub took: Duration,
}

impl Progress {
    /// Share of the bytes, 0 to 100.
    #[must_use]
    pub fn percent(&self) -> u8 {
        if self.of_bytes == 0 {
            return if self.unpacking.is_some() { 0 } else { 100 };
        }
        u8::try_from(self.bytes.saturating_mul(100) / self.of_bytes).unwrap_or(100).min(100)
    }
    /// Bytes a second, so far.
    #[must_use]
    pub fn bytes_per_second(&self) -> u64 {
        per_second(self.bytes, self.took)
    }
    /// Events a second, so far.
    #[must_use]
    pub fn events_per_second(&self) -> u64 {
        per_second(self.events, self.took)
    }
    /// Time until all is read, at the pace so far; `None` while that cannot be told.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let rest = self.of_bytes.checked_sub(self.bytes)?;
        let pace = self.bytes_per_second();
        (self.took >= TELLING && pace > 0).then(|| Duration::from_secs(rest.div_ceil(pace)))
    }
}

fn per_second(count: u64, took: Duration) -> u64 {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    count.saturating_mul(1000).checked_div(millis).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pace_and_time_left_follow_from_what_is_done() {
        let progress =
            Progress { bytes: 300 << 20, of_bytes: 400 << 20, events: 60_000, took: Duration::from_secs(3), ..Progress::default() };
        assert_eq!((progress.percent(), progress.bytes_per_second(), progress.events_per_second()), (75, 100 << 20, 20_000));
        assert_eq!(progress.left(), Some(Duration::from_secs(1)));
        let young = Progress { took: Duration::from_millis(100), ..progress.clone() };
        assert_eq!(young.left(), None, "too early to tell");
        let unpacking = Progress { unpacking: Some("a.zip".into()), of_bytes: 0, ..progress };
        assert_eq!((unpacking.percent(), unpacking.left()), (0, None));
        assert_eq!(Progress::default().percent(), 100, "nothing to read is all read");
    }
}
