//! What the screen holds of the engine: snapshots in, commands out, nothing else.

pub use super::clock::Stopwatch;
use super::limits::COMMANDS;
pub use super::older::{Asked as OlderAsked, Older};
use super::projector;
use super::remember::PastSource;
use crate::base::time::Timestamp;
use crate::model::event::Provenance;
use crate::model::raw::RawRecord;
use crate::query::Filter;
use crate::store::Snapshot;
use crate::store::projection::Projection;
use crossbeam_channel::{Receiver, Sender, TrySendError};
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;

/// What the screen may ask of the engine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Replay: run or hold the clock.
    Play(bool),
    /// Replay: event seconds for each wall second; infinite is "as fast as possible".
    Speed(f64),
    /// Replay: this many events on (or back, when negative); holds the clock.
    Step(i64),
    /// Replay: to a moment, in either direction.
    Seek(Timestamp),
    /// Replay: to the next (or the one before) anomaly; holds the clock there.
    SeekAnomaly {
        forward: bool,
    },
    /// Replay: play this stretch again and again, or no longer.
    Loop(Option<(Timestamp, Timestamp)>),
    /// Files and live inputs: play what came so far, from this moment on; what comes meanwhile is kept.
    Replay(Timestamp),
    /// Leave the replay: back to all that came, or to the end of the recording.
    LeaveReplay,
    /// Look at the inputs again.
    Rescan,
    Stop,
}

/// A filter to be projected, with its key; the newest request wins.
pub type ProjectionRequest = Option<(String, Filter)>;

/// Reads a record again from where it stands.
pub trait RawSource: Send + Sync {
    /// # Errors
    /// What happened and what to do, for people.
    fn raw(&self, at: Provenance) -> Result<RawRecord, String>;
}

/// The screen's end of a running engine.
pub struct Handle {
    /// Newest snapshot; changes at most every frame or so.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// Newest projection of the filter in force; `None` while there is no filter.
    pub projections: watch::Receiver<Option<Arc<Projection>>>,
    pub(super) commands: Sender<Command>,
    pub(super) requests: watch::Sender<ProjectionRequest>,
    pub(super) wake: Sender<()>,
    pub raw: Arc<dyn RawSource>,
    /// Why the engine ended before anything could be read: sentences for people.
    pub failure: Arc<OnceLock<Vec<String>>>,
    /// What earlier runs saw, where there is a history.
    pub past: Option<Arc<dyn PastSource>>,
}

impl Handle {
    /// Sends a command; says so when the engine is busy with earlier ones.
    ///
    /// # Errors
    /// The text to show when the command was not taken.
    pub fn command(&self, command: Command) -> Result<(), &'static str> {
        match self.commands.try_send(command) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err("the engine is still busy with the last key, press again"),
            Err(TrySendError::Disconnected(_)) => Err("the engine has stopped, quit and open the inputs again"),
        }
    }
    /// Asks for the projection of a filter, or drops it.
    pub fn project(&self, request: ProjectionRequest) {
        self.requests.send_replace(request);
        // A full channel means that the projector is about to look anyway.
        let _ = self.wake.try_send(());
    }
    /// A handle on one fixed snapshot, for tests: commands arrive at the receiver.
    #[must_use]
    pub fn fixed(snapshot: Arc<Snapshot>, raw: Arc<dyn RawSource>) -> (Self, Receiver<Command>) {
        let (commands, received) = crossbeam_channel::bounded(COMMANDS);
        let (sender, snapshots) = watch::channel(snapshot);
        let (requests, wanted) = watch::channel(None);
        let (wake, woken) = crossbeam_channel::bounded(1);
        let projections = projector::start(snapshots.clone(), wanted, woken);
        // The last snapshot stays readable after its sender is gone.
        drop(sender);
        (Self { snapshots, projections, commands, requests, wake, raw, failure: Arc::default(), past: None }, received)
    }
}
