//! A recording against its own clock.
//!
//! The replay clock runs `speed` event seconds for each second that passes outside; events up to it are applied, later
//! ones are unknown to every screen. Going back builds the state anew from the first event, so a replay and a reading
//! at once cannot differ. No clock is read here: time that passed is given.

use super::limits::{QUIET, QUIET_REST, REPLAY_STEP};
use super::{Engine, Rules};
use crate::base::intern::Interner;
use crate::base::time::{Span, Timestamp};
use crate::model::event::AuthEvent;
use crate::store::Phase;
use std::time::Duration;

pub struct Replay {
    events: Vec<AuthEvent>,
    names: Interner,
    /// Events applied so far.
    position: usize,
    /// Nothing later than this is known.
    clock: Timestamp,
    speed: f64,
    playing: bool,
    /// Positions just after an event that raised an anomaly, ascending.
    raised: Vec<usize>,
    /// Grows each time the state is built anew.
    epoch: u64,
    rules: Rules,
}

/// What a step of the replay changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub applied: usize,
    /// A quiet stretch of this length was skipped.
    pub skipped: Option<Span>,
}

fn to_span(duration: Duration, speed: f64) -> Span {
    // Past a century a day more or less does not matter; `as` saturates.
    #[allow(clippy::cast_possible_truncation)]
    Span::ticks((duration.as_secs_f64() * speed * 1e7).min(9e17) as i64)
}

impl Replay {
    /// A replay of events in order, held before the first one.
    #[must_use]
    pub fn new(events: Vec<AuthEvent>, names: Interner, speed: f64) -> Self {
        let clock = events.first().map_or(Timestamp::default(), |event| event.at - Span::seconds(1));
        Self {
            events,
            names,
            position: 0,
            clock,
            speed: speed.max(0.001),
            playing: true,
            raised: Vec::new(),
            epoch: 0,
            rules: Rules::default(),
        }
    }
    /// A fresh engine for this recording.
    #[must_use]
    pub fn engine(&self) -> Engine {
        Engine::new(self.names.clone()).by_rules(self.rules.clone())
    }
    /// The same by other rules.
    #[must_use]
    pub fn by_rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }
    #[must_use]
    pub const fn clock(&self) -> Timestamp {
        self.clock
    }
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }
    #[must_use]
    pub const fn is_playing(&self) -> bool {
        self.playing
    }
    #[must_use]
    pub const fn phase(&self) -> Phase {
        Phase::Replay { playing: self.playing, speed: self.speed, position: self.position, events: self.events.len() }
    }
    pub const fn play(&mut self, playing: bool) {
        self.playing = playing && self.position < self.events.len();
    }
    pub fn set_speed(&mut self, speed: f64) {
        if speed > 0.0 {
            self.speed = speed;
        }
    }
    fn apply_one(&mut self, engine: &mut Engine) -> bool {
        let Some(event) = self.events.get(self.position) else { return false };
        self.clock = self.clock.max(event.at);
        let found = engine.apply(event.clone());
        self.position += 1;
        if !found.is_empty() && self.raised.last().is_none_or(|last| *last < self.position) {
            self.raised.push(self.position);
        }
        true
    }
    fn end_if_done(&mut self) {
        if self.position >= self.events.len() {
            self.playing = false;
        }
    }
    /// Lets `passed` of wall time go by.
    pub fn advance(&mut self, engine: &mut Engine, passed: Duration) -> Progress {
        let mut progress = Progress::default();
        if !self.playing {
            return progress;
        }
        let target = if self.speed.is_finite() { self.clock + to_span(passed, self.speed) } else { Timestamp::MAX };
        while progress.applied < REPLAY_STEP && self.events.get(self.position).is_some_and(|event| event.at <= target) {
            self.apply_one(engine);
            progress.applied += 1;
        }
        match self.events.get(self.position) {
            // More than one step was due: the clock stands where the events stand.
            Some(next) if next.at <= target => {}
            Some(next) => {
                self.clock = self.clock.max(target);
                let rest = next.at - self.clock;
                if rest > to_span(QUIET, self.speed) {
                    let until = next.at - to_span(QUIET_REST, self.speed);
                    progress.skipped = Some(until - self.clock);
                    self.clock = until;
                }
            }
            None => self.end_if_done(),
        }
        progress
    }
    /// Goes to a position (events applied), in either direction; holds the clock there.
    pub fn to_position(&mut self, engine: &mut Engine, position: usize) {
        let position = position.min(self.events.len());
        if position < self.position {
            *engine = self.engine();
            self.position = 0;
            self.epoch += 1;
            self.raised.clear();
            self.clock = self.events.first().map_or(self.clock, |event| event.at - Span::seconds(1));
        }
        while self.position < position && self.apply_one(engine) {}
        self.playing = false;
    }
    pub fn step(&mut self, engine: &mut Engine, events: i64) {
        let shift = usize::try_from(events.unsigned_abs()).unwrap_or(usize::MAX);
        let position = if events < 0 { self.position.saturating_sub(shift) } else { self.position.saturating_add(shift) };
        self.to_position(engine, position);
    }
    /// Goes to a moment: all events up to it are known, none after it.
    pub fn seek(&mut self, engine: &mut Engine, to: Timestamp) {
        let playing = self.playing;
        let position = self.events.partition_point(|event| event.at <= to);
        self.to_position(engine, position);
        self.clock = to;
        self.play(playing);
    }
    /// Goes to the next event that raises an anomaly, or to the one before; says whether there is one.
    pub fn seek_anomaly(&mut self, engine: &mut Engine, forward: bool) -> bool {
        if forward {
            let known = self.raised.len();
            while self.raised.len() == known && self.apply_one(engine) {}
            self.playing = false;
            return self.raised.len() > known;
        }
        let before = self.raised.iter().copied().rfind(|raised| *raised < self.position);
        if let Some(before) = before {
            self.to_position(engine, before);
        }
        self.playing = false;
        before.is_some()
    }
}
