//! A recording against its own clock.
//!
//! The replay clock runs `speed` event seconds for each second that passes outside; events up to it are applied, later
//! ones are unknown to every screen. Going back builds the state anew from the first event, so a replay and a reading
//! at once cannot differ. No clock is read here: time that passed is given.
//!
//! What is played was read for it, or is what a run holds already: then its rows are shared, not copied, and a replay of
//! what came so far costs no second reading.

pub mod settings;

use super::limits::{QUIET_REST, REPLAY_STEP};
use super::{Engine, Recall, Rules};
use crate::base::intern::Interner;
use crate::base::time::{Span, Timestamp};
use crate::model::event::AuthEvent;
use crate::model::ids::AnomalyId;
use crate::model::rows::Rows;
use crate::store::{Phase, Playing};
use std::sync::Arc;
use std::time::Duration;

/// Events in order.
enum Recording {
    Read(Vec<AuthEvent>),
    /// Rows of a run, and their order by time where they did not come in it.
    Held(Box<Rows>, Option<Vec<u32>>),
}

impl Recording {
    fn held(rows: Rows) -> Self {
        let times = || (rows.first_kept()..rows.len()).filter_map(|place| rows.at(place));
        if times().is_sorted() {
            return Self::Held(Box::new(rows), None);
        }
        let mut order: Vec<(Timestamp, u32)> = times().zip(0..).collect();
        order.sort_unstable();
        Self::Held(Box::new(rows), Some(order.into_iter().map(|(_, place)| place).collect()))
    }
    fn len(&self) -> usize {
        match self {
            Self::Read(events) => events.len(),
            Self::Held(rows, _) => rows.len() - rows.first_kept(),
        }
    }
    /// Where an event stands among the rows of a run.
    fn place(rows: &Rows, order: Option<&Vec<u32>>, place: usize) -> Option<usize> {
        let place = match order {
            Some(order) => *order.get(place)? as usize,
            None => place,
        };
        Some(rows.first_kept() + place)
    }
    fn get(&self, place: usize) -> Option<AuthEvent> {
        match self {
            Self::Read(events) => events.get(place).cloned(),
            Self::Held(rows, order) => Some(rows.get(Self::place(rows, order.as_ref(), place)?)?.into_owned().event),
        }
    }
    fn at(&self, place: usize) -> Option<Timestamp> {
        match self {
            Self::Read(events) => events.get(place).map(|event| event.at),
            Self::Held(rows, order) => rows.at(Self::place(rows, order.as_ref(), place)?),
        }
    }
    /// Events up to a moment.
    fn until(&self, to: Timestamp) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at(middle).is_some_and(|at| at <= to) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
    fn first(&self) -> Option<Timestamp> {
        self.at(0)
    }
    fn last(&self) -> Option<Timestamp> {
        self.at(self.len().checked_sub(1)?)
    }
}

pub struct Replay {
    events: Recording,
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
    recall: Option<Arc<dyn Recall>>,
    /// A moment the state is being built up to, before the clock runs.
    goal: Option<Timestamp>,
    looped: Option<(Timestamp, Timestamp)>,
    skipped: Option<(Timestamp, Span)>,
    /// The anomaly that holds the clock.
    paused: Option<AnomalyId>,
}

/// What a step of the replay changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub applied: usize,
    /// A quiet stretch of this length was skipped.
    pub skipped: Option<Span>,
    /// This anomaly holds the clock.
    pub paused: Option<AnomalyId>,
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
        Self::of(Recording::Read(events), names, speed)
    }
    /// A replay of what a run holds; `names` are those of the run.
    #[must_use]
    pub fn of_rows(rows: Rows, names: Interner, speed: f64) -> Self {
        Self::of(Recording::held(rows), names, speed)
    }
    fn of(events: Recording, names: Interner, speed: f64) -> Self {
        let clock = events.first().map_or(Timestamp::default(), |first| first - Span::seconds(1));
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
            recall: None,
            goal: None,
            looped: None,
            skipped: None,
            paused: None,
        }
    }
    /// A fresh engine for this recording.
    #[must_use]
    pub fn engine(&self) -> Engine {
        Engine::new(self.names.clone()).by_rules(self.rules.clone()).recalling(self.recall.clone())
    }
    /// The same by other rules.
    #[must_use]
    pub fn by_rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }
    /// The same, which knows what earlier runs saw.
    #[must_use]
    pub fn recalling(self, recall: Option<Arc<dyn Recall>>) -> Self {
        Self { recall, ..self }
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
    /// The clock runs, or the state is being built up to where it will begin.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.playing || self.goal.is_some()
    }
    #[must_use]
    pub fn phase(&self) -> Phase {
        Phase::Replay {
            playing: self.playing && self.goal.is_none(),
            speed: self.speed,
            position: self.position,
            events: self.events.len(),
        }
    }
    /// What is played, beside the clock.
    #[must_use]
    pub fn playing(&self) -> Playing {
        Playing {
            from: self.events.first(),
            to: self.events.last(),
            goal: self.goal,
            looped: self.looped,
            skipped: self.skipped,
            paused: self.paused.filter(|_| !self.playing),
        }
    }
    pub fn play(&mut self, playing: bool) {
        self.playing = playing && (self.position < self.events.len() || self.looped.is_some());
    }
    pub fn set_speed(&mut self, speed: f64) {
        if speed > 0.0 {
            self.speed = speed;
        }
    }
    /// Plays a stretch again and again, or no longer.
    pub fn set_loop(&mut self, engine: &mut Engine, range: Option<(Timestamp, Timestamp)>) {
        self.looped = range.filter(|(from, to)| from < to);
        if let Some((from, to)) = self.looped {
            if self.clock < from || self.clock >= to {
                self.rewind(engine, from);
            }
            self.playing = true;
        }
    }
    /// Builds the state up to a moment while `advance` is called, then runs from there.
    pub const fn begin_at(&mut self, at: Timestamp) {
        self.goal = Some(at);
    }
    fn apply_one(&mut self, engine: &mut Engine) -> Option<Vec<AnomalyId>> {
        let event = self.events.get(self.position)?;
        self.clock = self.clock.max(event.at);
        let found = engine.apply(event);
        self.position += 1;
        if !found.is_empty() && self.raised.last().is_none_or(|last| *last < self.position) {
            self.raised.push(self.position);
        }
        Some(found)
    }
    fn end_if_done(&mut self) {
        if self.position >= self.events.len() && self.looped.is_none() {
            self.playing = false;
        }
    }
    /// The worst of these that is bad enough to hold the clock.
    fn holding(&self, engine: &Engine, found: &[AnomalyId]) -> Option<AnomalyId> {
        let least = self.rules.replay.pause_on.0?;
        let known = found.iter().filter_map(|id| Some((engine.world().tables.anomaly(*id)?.severity, *id)));
        known.filter(|(severity, _)| *severity >= least).max().map(|(_, id)| id)
    }
    /// Lets `passed` of wall time go by.
    pub fn advance(&mut self, engine: &mut Engine, passed: Duration) -> Progress {
        let mut progress = Progress::default();
        if let Some(goal) = self.goal {
            let position = self.events.until(goal);
            while progress.applied < REPLAY_STEP && self.position < position && self.apply_one(engine).is_some() {
                progress.applied += 1;
            }
            if self.position >= position {
                self.goal = None;
                self.clock = self.clock.max(goal);
                self.end_if_done();
            }
            return progress;
        }
        if !self.playing {
            return progress;
        }
        let mut target = if self.speed.is_finite() { self.clock + to_span(passed, self.speed) } else { Timestamp::MAX };
        if let Some((_, to)) = self.looped {
            target = target.min(to);
        }
        while progress.applied < REPLAY_STEP && self.events.at(self.position).is_some_and(|at| at <= target) {
            let found = self.apply_one(engine).unwrap_or_default();
            progress.applied += 1;
            if let Some(id) = self.holding(engine, &found) {
                (self.playing, self.paused, progress.paused) = (false, Some(id), Some(id));
                return progress;
            }
        }
        match self.events.at(self.position) {
            // More than one step was due: the clock stands where the events stand.
            Some(next) if next <= target => return progress,
            Some(next) => {
                self.clock = self.clock.max(target);
                progress.skipped = self.skip(self.looped.map_or(next, |(_, to)| next.min(to)));
            }
            None if self.looped.is_some() => self.clock = self.clock.max(target.min(self.looped.map_or(target, |(_, to)| to))),
            None => self.end_if_done(),
        }
        if let Some((from, _)) = self.looped.filter(|(_, to)| self.clock >= *to) {
            self.rewind(engine, from);
        }
        progress
    }
    /// Goes over a stretch in which nothing happens, up to shortly before its end.
    fn skip(&mut self, next: Timestamp) -> Option<Span> {
        let quiet = self.rules.replay.skip_after_seconds;
        let rest = next - self.clock;
        let is_long = quiet > 0.0 && self.speed.is_finite() && rest.as_seconds_f64() > quiet * self.speed;
        let until = next - to_span(QUIET_REST, self.speed);
        if !is_long || until <= self.clock {
            return None;
        }
        let skipped = until - self.clock;
        self.clock = until;
        self.skipped = Some((until, skipped));
        Some(skipped)
    }
    /// Goes to a position (events applied), in either direction; holds the clock there.
    pub fn to_position(&mut self, engine: &mut Engine, position: usize) {
        let position = position.min(self.events.len());
        self.goal = None;
        if position < self.position {
            *engine = self.engine();
            self.position = 0;
            self.epoch += 1;
            self.raised.clear();
            (self.skipped, self.paused) = (None, None);
            self.clock = self.events.first().map_or(self.clock, |first| first - Span::seconds(1));
        }
        while self.position < position && self.apply_one(engine).is_some() {}
        self.playing = false;
    }
    pub fn step(&mut self, engine: &mut Engine, events: i64) {
        let shift = usize::try_from(events.unsigned_abs()).unwrap_or(usize::MAX);
        let position = if events < 0 { self.position.saturating_sub(shift) } else { self.position.saturating_add(shift) };
        self.to_position(engine, position);
    }
    fn rewind(&mut self, engine: &mut Engine, to: Timestamp) {
        let playing = self.playing;
        self.to_position(engine, self.events.until(to));
        self.clock = to;
        self.play(playing);
    }
    /// Goes to a moment: all events up to it are known, none after it. A loop that does not hold it ends.
    pub fn seek(&mut self, engine: &mut Engine, to: Timestamp) {
        self.looped = self.looped.filter(|(from, end)| (*from..*end).contains(&to));
        self.rewind(engine, to);
    }
    /// Goes to the next event that raises an anomaly, or to the one before; says whether there is one.
    pub fn seek_anomaly(&mut self, engine: &mut Engine, forward: bool) -> bool {
        self.goal = None;
        if forward {
            let known = self.raised.len();
            while self.raised.len() == known && self.apply_one(engine).is_some() {}
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
    /// Applies all that is left.
    pub fn finish(&mut self, engine: &mut Engine) {
        self.to_position(engine, usize::MAX);
    }
    /// Does what a command asks for, where it is one for a replay.
    pub fn command(&mut self, engine: &mut Engine, command: super::handle::Command) {
        use super::handle::Command;
        match command {
            Command::Play(playing) => self.play(playing),
            Command::Speed(speed) => self.set_speed(speed),
            Command::Step(events) => self.step(engine, events),
            Command::Seek(to) => self.seek(engine, to),
            Command::SeekAnomaly { forward } => {
                self.seek_anomaly(engine, forward);
            }
            Command::Loop(range) => self.set_loop(engine, range),
            Command::Replay(_) | Command::LeaveReplay | Command::Rescan | Command::Stop => {}
        }
    }
}
