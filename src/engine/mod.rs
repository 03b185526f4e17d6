//! The only place that knows all stages, threads and clocks.
//!
//! `Engine` is the pure fold: no clock, no thread, no I/O, so that live, replay, report and tests give the same sessions
//! and anomalies for the same events. `load` reads recorded inputs on all cores, `follow` watches them grow, `replay`
//! feeds the fold by a clock of its own, `preview` shows the newest part of large inputs meanwhile, `resume` keeps what came for the next start, `remember` writes the history, `letting_go` keeps memory to its limit, `flow`
//! runs it all behind a `handle`.

mod aside;
pub mod chronicle;
pub mod clock;
mod flow;
mod follow;
pub mod handle;
pub mod ingest;
pub mod letting_go;
pub mod limits;
pub mod load;
pub mod memory;
mod newcomers;
pub mod older;
pub mod opener;
pub mod preview;
mod projector;
mod raw;
pub mod remember;
mod repeats;
pub mod replay;
pub mod resume;

pub use flow::{Mode, Plan, start, start_keeping, start_opening, start_remembering, start_with};

use crate::base::intern::Interner;
use crate::base::time::Timestamp;
use crate::detect::baseline::past::{Learned, Past};
use crate::detect::{self, Watch};
use crate::model::event::AuthEvent;
use crate::model::ids::{AnomalyId, VisitId};
use crate::model::input::InputStatus;
use crate::model::world::World;
use crate::session::{self, Sessions};
use crate::store::{LetGo, Meters, Phase, Snapshot, Store};
use repeats::{Origin, Repeats};
use std::sync::Arc;

/// What stays of the events when they were applied. Sessions and anomalies do not depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Every row, and what screens draw.
    #[default]
    All,
    /// Every row, for reports that list or filter events; nothing is drawn.
    Rows,
    /// About as many of the newest rows; nothing is drawn. For reports that need counts only (`Totals`).
    Recent(usize),
}

/// What people may change of the fold.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub sessions: session::settings::Rules,
    /// They were tried when they were read: `Watch::new` takes them.
    pub detections: Arc<detect::Settings>,
    pub site: detect::site::Settings,
    pub sigma: Arc<detect::sigma::Rules>,
    pub replay: replay::settings::Settings,
    pub memory: memory::settings::Settings,
    /// What is shown of large inputs while they are read.
    pub preview: preview::Bounds,
}

/// What earlier runs learned. The fold asks once, before its first event, for what was known before the day of that event:
/// the answer is an input like the events.
pub trait Recall: Send + Sync + std::fmt::Debug {
    fn before(&self, first: Timestamp) -> Past;
}

/// The fold of all stages behind the decoders.
#[derive(Debug, Default)]
pub struct Engine {
    keep: Keep,
    rules: Rules,
    world: World,
    sessions: Sessions,
    watch: Watch,
    store: Store,
    repeats: Repeats,
    recall: Option<Arc<dyn Recall>>,
    /// The past is known.
    recalled: bool,
    /// It is a preview of what happened since then.
    preview: Option<Timestamp>,
    /// Sessions that changed since they were handed over; kept only where the run is remembered.
    changed: Vec<VisitId>,
    /// Rows that went to keep to `Rules::memory`.
    let_go: LetGo,
}

impl Engine {
    /// An engine whose events speak the texts of `names`.
    #[must_use]
    pub fn new(names: Interner) -> Self {
        Self { world: World { names, ..World::default() }, ..Self::default() }
    }
    /// The same, which keeps less.
    #[must_use]
    pub fn keeping(names: Interner, keep: Keep) -> Self {
        Self { keep, ..Self::new(names) }
    }
    /// The same, before its first event, by other rules.
    #[must_use]
    pub fn by_rules(self, rules: Rules) -> Self {
        let watch = Watch::new(&rules.detections).unwrap_or_default().at_site(rules.site.clone()).with_rules(&rules.sigma);
        let store = Store::of(detect::state::Roster::of(&rules.detections, rules.sigma.about()));
        let mut world = self.world;
        world.tables.databases = Arc::from(rules.sessions.atlas.databases());
        Self { sessions: Sessions::new(rules.sessions.clone()), watch, store, rules, world, ..self }
    }
    /// The same, before its first event, which knows the past and keeps what it learns.
    #[must_use]
    pub fn recalling(self, recall: Option<Arc<dyn Recall>>) -> Self {
        Self { recall, ..self }
    }
    /// The same, for a preview: nothing is looked for.
    #[must_use]
    fn previewing(self, since: Timestamp) -> Self {
        Self { preview: Some(since), ..self }
    }
    /// Nothing comes any more: what waits to be learned is learned.
    pub fn conclude(&mut self) {
        self.watch.conclude();
    }
    /// What was learned, and which sessions changed, since the last call.
    pub fn handed(&mut self) -> (Learned, Vec<VisitId>) {
        (self.watch.learned(), std::mem::take(&mut self.changed))
    }
    /// An engine without events that keeps what this one keeps, by the same rules.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self::keeping(Interner::default(), self.keep).by_rules(self.rules.clone()).recalling(self.recall.clone())
    }
    /// The texts, for events that are still to be translated.
    pub const fn names(&mut self) -> &mut Interner {
        &mut self.world.names
    }
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }
    /// Takes in one event; its symbols are of `names`. Gives the anomalies it raised for the first time.
    pub fn apply(&mut self, event: AuthEvent) -> Vec<AnomalyId> {
        if let Some(recall) = self.recall.as_ref().filter(|_| !self.recalled) {
            self.recalled = true;
            self.watch.recall(&recall.before(event.at), &mut self.world.names);
        }
        let origin = Origin::of(&event);
        if self.store.last().is_some_and(|last| event.at + limits::REORDER < last) {
            self.repeats.late(origin);
        }
        let (at, before) = (event.at, self.world.tables.anomalies.len());
        let changes = self.sessions.apply(event, &mut self.world);
        if changes.duplicate {
            self.repeats.duplicate(origin);
            return Vec::new();
        }
        if self.recalled {
            self.changed.extend(changes.visits.iter());
        }
        self.store.notice(at);
        if self.keep == Keep::All {
            self.store.draw(&self.world.tables, &changes);
        }
        if !matches!(self.keep, Keep::Recent(_)) {
            self.store.trail(&self.world.tables, &changes);
        }
        if self.preview.is_some() {
            return Vec::new();
        }
        let mut found = self.watch.observe(&mut self.world, &changes);
        match self.keep {
            Keep::All => found.iter().for_each(|anomaly| self.store.mark(&self.world.tables, *anomaly)),
            Keep::Rows => {}
            Keep::Recent(rows) => self.world.tables.events.keep_newest(rows),
        }
        found.retain(|anomaly| anomaly.index() >= before);
        found
    }
    /// Time of the newest event.
    #[must_use]
    pub const fn last(&self) -> Option<Timestamp> {
        self.store.last()
    }
    pub fn snapshot(&mut self, mut inputs: Arc<Vec<InputStatus>>, meters: Meters, phase: Phase, now: Timestamp) -> Snapshot {
        self.repeats.tell(&self.world.names, Arc::<Vec<_>>::make_mut(&mut inputs));
        let (mut bad, mut dropped) = (0, 0);
        for input in inputs.iter() {
            bad += input.unreadable;
            dropped += input.dropped;
        }
        let meters = Meters { bad, dropped, late: self.repeats.late, duplicates: self.repeats.duplicates, ..meters };
        let snapshot = self.store.snapshot(&mut self.world, inputs, meters, phase, now);
        Snapshot { preview: self.preview, let_go: self.let_go, ..snapshot }
    }
    /// The state after everything was read, for reports.
    pub fn finish(&mut self, inputs: Vec<InputStatus>) -> Snapshot {
        let now = self.last().unwrap_or_default();
        self.snapshot(Arc::new(inputs), Meters::default(), Phase::File, now)
    }
}
