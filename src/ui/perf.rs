//! How the screen does: times and bytes of the last frames, for the overlay of `toggle.perf`.
//!
//! Times are measured by the loop and handed in; nothing here looks at a clock.

use crate::base::text;
use crate::store::Snapshot;
use std::collections::VecDeque;
use std::time::Duration;

/// Frames that are remembered.
const REMEMBERED: usize = 120;

#[derive(Clone, Copy, Debug)]
struct Frame {
    /// Since the screen was opened.
    at: Duration,
    draw: Duration,
    update: Duration,
    bytes: usize,
}

/// The last frames.
#[derive(Clone, Debug, Default)]
pub struct Perf {
    pub is_shown: bool,
    frames: VecDeque<Frame>,
    drawn: u64,
    /// Time that updates took since the last frame.
    updating: Duration,
    snapshot_at: Duration,
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

impl Perf {
    /// Keys and news were taken in for so long.
    pub fn updated(&mut self, took: Duration) {
        self.updating += took;
    }
    /// A new snapshot came.
    pub const fn snapshot(&mut self, at: Duration) {
        self.snapshot_at = at;
    }
    /// A frame was drawn and written.
    pub fn frame(&mut self, at: Duration, draw: Duration, bytes: usize) {
        if self.frames.len() >= REMEMBERED {
            self.frames.pop_front();
        }
        self.frames.push_back(Frame { at, draw, update: std::mem::take(&mut self.updating), bytes });
        self.drawn += 1;
    }
    /// The overlay: a word and what is known.
    #[must_use]
    pub fn lines(&self, snapshot: &Snapshot) -> Vec<(&'static str, String)> {
        let last = self.frames.back();
        let now = last.map_or(Duration::ZERO, |frame| frame.at);
        let time = |of: fn(&Frame) -> Duration| {
            let worst = self.frames.iter().map(of).max().unwrap_or_default();
            format!("{}, worst {}", milliseconds(last.map(of).unwrap_or_default()), milliseconds(worst))
        };
        let count = |number: usize| text::count(number as u64);
        let bytes = self.frames.iter().map(|frame| frame.bytes);
        let recent = self.frames.iter().filter(|frame| now.saturating_sub(frame.at) < Duration::from_secs(1)).count();
        let tables = &snapshot.tables;
        vec![
            ("frame", time(|frame| frame.draw)),
            ("update", time(|frame| frame.update)),
            ("bytes", format!("{}, most {}", count(last.map_or(0, |frame| frame.bytes)), count(bytes.max().unwrap_or(0)))),
            ("frames", format!("{} in the last second, {} in all", recent, text::count(self.drawn))),
            ("snapshot", format!("{:.1} s old, version {}", now.saturating_sub(self.snapshot_at).as_secs_f64(), snapshot.version)),
            ("holds", format!("{} events, {} anomalies", count(tables.events.len()), count(tables.anomalies.len()))),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_frame_and_the_worst_of_the_remembered_are_told() {
        let mut perf = Perf::default();
        let ms = Duration::from_millis;
        perf.snapshot(ms(500));
        for (at, draw, bytes) in [(100, 9, 4_000), (1_500, 2, 0), (2_000, 3, 312)] {
            perf.updated(ms(1));
            perf.frame(ms(at), ms(draw), bytes);
        }
        let lines = perf.lines(&Snapshot::default());
        let told = |word: &str| lines.iter().find(|(known, _)| *known == word).map(|(_, text)| text.as_str()).unwrap();
        assert_eq!(told("frame"), "3.0 ms, worst 9.0 ms");
        assert_eq!(told("update"), "1.0 ms, worst 1.0 ms");
        assert_eq!(told("bytes"), "312, most 4,000");
        assert_eq!(told("frames"), "2 in the last second, 3 in all");
        assert!(told("snapshot").starts_with("1.5 s old"));
        for at in 0..500 {
            perf.frame(ms(3_000 + at), ms(1), 10);
        }
        assert_eq!(perf.lines(&Snapshot::default())[0].1, "1.0 ms, worst 1.0 ms");
    }
}
