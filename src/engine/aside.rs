//! A replay beside a run: what came so far is played in an engine of its own, while what comes goes on being kept.

use super::clock::Stopwatch;
use super::handle::Command;
use super::replay::Replay;
use super::{Engine, Rules};
use crate::base::time::Timestamp;
use crate::store::{Phase, Playing};
use std::time::Duration;

/// Event seconds for each wall second, until a key says otherwise.
const SPEED: f64 = 60.0;

/// The replay, and the state of its own.
pub struct Aside {
    replay: Replay,
    engine: Engine,
    watch: Stopwatch,
    /// Epochs before these are of the run or of earlier replays.
    base: u64,
}

impl Aside {
    /// Plays what `run` holds, from a moment on. `used` is the newest epoch that is taken.
    pub fn new(run: &mut Engine, rules: Rules, from: Timestamp, used: u64) -> Self {
        let (rows, names) = (run.world.tables.events.share(), run.world.names.clone());
        let mut replay = Replay::of_rows(rows, names, SPEED).by_rules(rules).recalling(run.recall.clone());
        replay.begin_at(from);
        let engine = replay.engine();
        Self { replay, engine, watch: Stopwatch::default(), base: used + 1 }
    }
    /// Lets the time that passed go by; gives the number of events applied.
    pub fn advance(&mut self) -> usize {
        let applied = self.replay.advance(&mut self.engine, self.watch.lap()).applied;
        // What a replay learns is known already.
        drop(self.engine.handed());
        applied
    }
    pub fn command(&mut self, command: Command) {
        self.replay.command(&mut self.engine, command);
        // What a command took is not time of the recording.
        self.watch.lap();
    }
    pub const fn epoch(&self) -> u64 {
        self.base + self.replay.epoch()
    }
    /// Until the next look at it.
    pub const fn pause(&self) -> Option<Duration> {
        if self.replay.is_busy() { Some(Duration::from_millis(15)) } else { None }
    }
    /// What is to be published.
    pub fn shown(&mut self) -> (&mut Engine, Phase, Timestamp, Playing) {
        (&mut self.engine, self.replay.phase(), self.replay.clock(), self.replay.playing())
    }
}
