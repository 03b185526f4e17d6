//! What screens and reports read: one state of everything, complete in itself and cheap to keep.
//!
//! The writer makes a `Snapshot` at most every few frames; whoever holds one sees no later change, so freezing the
//! screen is keeping an `Arc`. Nothing here reads a clock: `now` is passed in by the engine.

pub mod density;
pub mod group;
pub mod index;
pub mod marks;
pub mod path;
pub mod progress;
pub mod projection;
pub mod story;

use crate::base::intern::Names;
use crate::base::time::{Span, Timestamp};
use crate::detect::state::Roster;
use crate::model::ids::{AnomalyId, EventId};
use crate::model::input::InputStatus;
use crate::model::world::{Changes, Tables, World};
use density::Density;
use index::VisitIndex;
use marks::Marks;
use path::Ground;
use path::trail::Trails;
use progress::Progress;
use projection::Projection;
use std::path::PathBuf;
use std::sync::Arc;

/// What the engine is doing, for the frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Phase {
    /// Reading recorded inputs; share of bytes read, 0 to 100.
    Loading { percent: u8 },
    /// Everything is read; nothing is followed.
    #[default]
    File,
    /// Everything is read; inputs are followed.
    Live,
    /// A recording plays against its own clock; `position` of `events` were applied.
    Replay { playing: bool, speed: f64, position: usize, events: usize },
}

/// What a replay plays, beside its clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Playing {
    /// First and last event of the whole recording, known or not.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    /// The state is being built up to this moment; the clock does not run yet.
    pub goal: Option<Timestamp>,
    /// It is played again and again.
    pub looped: Option<(Timestamp, Timestamp)>,
    /// The newest quiet stretch that was skipped: its end and its length.
    pub skipped: Option<(Timestamp, Span)>,
    /// The anomaly that holds the clock.
    pub paused: Option<AnomalyId>,
}

/// Counters of the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Meters {
    /// Events of the last second.
    pub events_per_second: f64,
    /// Event time of the newest event to the moment it was applied, in live reading.
    pub lag_seconds: Option<f64>,
    /// Fill of the queue between readers and writer, 0 to 100.
    pub queue_percent: u8,
    /// Records that could not be read.
    pub bad: u64,
    /// Events that came after the reorder window; they are stored and drawn.
    pub late: u64,
    /// The same record met twice.
    pub duplicates: u64,
    /// Records an input says it lost.
    pub dropped: u64,
    /// Bytes that wait on disk or in memory because nobody could take them yet.
    pub spilled: u64,
    /// Bytes of memory that the program uses for itself, where the system tells.
    pub memory: Option<u64>,
}

/// Where a run is remembered, and how far that is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    pub path: PathBuf,
    /// Why it is not remembered any more.
    pub problem: Option<String>,
    /// Events that are still to be written.
    pub left: usize,
    /// Events older than what is kept.
    pub too_old: u64,
}

/// Events whose rows are no longer in memory: the oldest, beyond what may stay there. All else that is known of them stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LetGo {
    pub events: u64,
    /// Of these, those that the history has.
    pub remembered: u64,
    /// Of these, those of a kind or age that the history does not keep.
    pub unkept: u64,
    /// Time of the newest of them.
    pub until: Option<Timestamp>,
    /// Reading waits until the history has what is to go.
    pub waits: bool,
}

impl LetGo {
    /// Events that are nowhere any more but in the logs.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.events.saturating_sub(self.remembered)
    }
}

/// One state of everything.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Grows with every snapshot.
    pub version: u64,
    /// Changes when history was built anew (a replay that went back): rows of another epoch mean nothing here.
    pub epoch: u64,
    pub names: Names,
    pub tables: Tables,
    pub density: Density,
    pub visits: VisitIndex,
    pub marks: Marks,
    pub trails: Trails,
    pub inputs: Arc<Vec<InputStatus>>,
    /// Detections as they are set.
    pub roster: Arc<Roster>,
    pub meters: Meters,
    pub phase: Phase,
    /// Of a replay only.
    pub playing: Playing,
    /// First and last event time.
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// The clock of the data: wall clock when live, replay clock in a replay, last event otherwise.
    pub now: Timestamp,
    /// Nothing where the run is not remembered.
    pub history: Option<Arc<Remembered>>,
    /// Rows that are not in `tables` any more.
    pub let_go: LetGo,
    /// How the reading goes; nothing once everything is read.
    pub progress: Option<Progress>,
    /// The rows are those of the newest part of the inputs, since then, without detections; they go when everything is read.
    pub preview: Option<Timestamp>,
}

impl Snapshot {
    /// Events in memory: of all, or of what a filter leaves.
    #[must_use]
    pub fn in_memory(&self, projection: Option<&Projection>) -> usize {
        projection.map_or(self.tables.events.len(), |projection| projection.events.len()).saturating_sub(self.first_place(projection))
    }
    /// The first place of the list of events, or of what a filter leaves of it, whose row is in memory.
    #[must_use]
    pub fn first_place(&self, projection: Option<&Projection>) -> usize {
        let first = self.tables.events.first_kept();
        projection.map_or(first, |projection| projection.first_from(EventId::new(first)))
    }
    /// What paths are made from.
    #[must_use]
    pub const fn ground(&self) -> Ground<'_> {
        Ground { tables: &self.tables, names: &self.names, trails: &self.trails }
    }
}

/// The writer's side: what is derived from the tables as they grow.
#[derive(Clone, Debug, Default)]
pub struct Store {
    density: Density,
    visits: VisitIndex,
    marks: Marks,
    trails: Trails,
    roster: Arc<Roster>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    version: u64,
}

impl Store {
    /// A store that tells of detections set otherwise.
    #[must_use]
    pub fn of(roster: Roster) -> Self {
        Self { roster: Arc::new(roster), ..Self::default() }
    }
    /// Takes over what one event changed.
    pub fn append(&mut self, tables: &Tables, changes: &Changes) {
        if let Some(row) = tables.event(changes.event) {
            self.notice(row.event.at);
        }
        self.draw(tables, changes);
        self.trail(tables, changes);
    }
    /// Takes over the time of an event.
    pub fn notice(&mut self, at: Timestamp) {
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
    }
    /// Notes what paths are made from.
    pub fn trail(&mut self, tables: &Tables, changes: &Changes) {
        self.trails.take(tables, changes);
    }
    /// Files what timelines draw: densities and sessions as shown.
    pub fn draw(&mut self, tables: &Tables, changes: &Changes) {
        if let Some(row) = tables.event(changes.event) {
            self.density.count_event(&row.event);
        }
        for id in changes.visits.iter() {
            if let Some(visit) = tables.visit(id) {
                self.visits.put(id, &visit);
            }
        }
    }
    /// Marks the lane and time of an anomaly; again when evidence was added to it.
    pub fn mark(&mut self, tables: &Tables, id: AnomalyId) {
        let Some(anomaly) = tables.anomaly(id) else { return };
        if let (Some(lane), at) = self.marks.put(tables, id, anomaly) {
            self.density.mark(lane, at, anomaly.severity);
        }
    }
    #[must_use]
    pub const fn last(&self) -> Option<Timestamp> {
        self.last
    }
    /// A state that later events do not change.
    pub fn snapshot(&mut self, world: &mut World, inputs: Arc<Vec<InputStatus>>, meters: Meters, phase: Phase, now: Timestamp) -> Snapshot {
        self.version += 1;
        world.tables.inputs = Arc::clone(&inputs);
        Snapshot {
            version: self.version,
            epoch: 0,
            names: world.names.share(),
            tables: world.tables.share(),
            density: self.density.share(),
            visits: self.visits.share(),
            marks: self.marks.share(),
            trails: self.trails.share(),
            inputs,
            roster: Arc::clone(&self.roster),
            meters,
            phase,
            playing: Playing::default(),
            first: self.first,
            last: self.last,
            now,
            progress: None,
            preview: None,
            history: None,
            let_go: LetGo::default(),
        }
    }
}
