//! What a run sees is written into the history, on a thread of its own.
//!
//! The engine hands over its newest snapshot, which costs a pointer, and what its baselines learned; the thread reads the
//! rows from where it stopped. So nothing waits for the disk, and what is live is in the file about a second later. A large
//! log is read faster than it is written down: what is missing when the program ends is written when the log is opened
//! again. When the file cannot be written any more, the run goes on without it and says so.

use super::clock::Stopwatch;
use super::letting_go::Stand;
use super::limits::{HAND_OVER, HISTORY_NOTICED, HISTORY_REST, HISTORY_ROWS, PRUNE_EVERY};
use super::older::{self, Asked, Older};
use super::{Engine, Recall};
use crate::base::time::Timestamp;
use crate::detect::baseline::past::{Learned, Past};
use crate::detect::baseline::seen::day;
use crate::history::account::{AccountPast, Whose};
use crate::history::upkeep::Pruned;
use crate::history::{self, HistoryError, Scribe, recall};
use crate::model::ids::VisitId;
use crate::store::{Phase, Remembered, Snapshot};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Reads what earlier runs saw of an account, off the screen's thread.
pub trait PastSource: Send + Sync {
    /// # Errors
    /// What happened and what to do, for people.
    fn account(&self, whose: &Whose) -> Result<AccountPast, String>;
    /// Events of a run that are in memory no longer.
    ///
    /// # Errors
    /// What happened and what to do, for people.
    fn older(&self, snapshot: &Snapshot, asked: &Asked) -> Result<Older, String>;
}

/// Events of the past that a page gets.
const EVENTS_SHOWN: usize = 500;

/// A history that is read.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    state: Mutex<Remembered>,
    reached: Mutex<Reached>,
}

/// How far the writing is.
#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    epoch: u64,
    stand: Stand,
}

impl History {
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        let state = Mutex::new(Remembered { path: path.clone(), ..Remembered::default() });
        Self { path, state, reached: Mutex::default() }
    }
    fn change(&self, change: impl FnOnce(&mut Remembered)) {
        // A thread that panicked while it held the state left it whole.
        change(&mut self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
    fn fail(&self, error: &HistoryError) {
        tracing::error!(%error, "history");
        self.change(|state| {
            state.problem.get_or_insert_with(|| error.to_string());
        });
    }
    fn reach(&self, scribe: &Scribe) {
        let (epoch, written) = scribe.reached();
        let reached = Reached { epoch, stand: Stand { written, since: scribe.since() } };
        *self.reached.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = reached;
    }
    /// How far it is with the rows of a run; nothing where it is not written any more.
    fn stand(&self, epoch: u64) -> Option<Stand> {
        if self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner).problem.is_some() {
            return None;
        }
        let reached = *self.reached.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // What was written of rows that came again in a better order tells nothing of these.
        Some(if reached.epoch == epoch { reached.stand } else { Stand::default() })
    }
    /// How it stands.
    #[must_use]
    pub fn state(&self) -> Remembered {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

impl Recall for History {
    fn before(&self, first: Timestamp) -> Past {
        recall::past(&self.path, day(first)).unwrap_or_else(|error| {
            self.fail(&error);
            Past::default()
        })
    }
}

impl PastSource for History {
    fn account(&self, whose: &Whose) -> Result<AccountPast, String> {
        match history::account::read(&self.path, whose, EVENTS_SHOWN) {
            Err(HistoryError::Absent { .. }) => Ok(AccountPast::default()),
            past => past.map_err(|error| error.to_string()),
        }
    }
    fn older(&self, snapshot: &Snapshot, asked: &Asked) -> Result<Older, String> {
        older::read(&self.path, snapshot, asked).map_err(|error| error.to_string())
    }
}

/// One hand-over.
struct Handed {
    snapshot: Arc<Snapshot>,
    learned: Learned,
    visits: Vec<VisitId>,
}

/// The engine's end.
pub struct Feed {
    sender: Sender<Handed>,
    history: Arc<History>,
    since: Stopwatch,
    /// What was published and not handed over yet.
    waiting: Option<Arc<Snapshot>>,
    /// The thread made a step.
    stepped: Receiver<()>,
    /// The thread has ended.
    is_over: bool,
}

/// What is waited for at the end of the program.
pub struct Writing {
    done: Receiver<()>,
    abandon: Arc<AtomicBool>,
}

/// Starts the thread.
#[must_use]
pub fn start(scribe: Scribe) -> (Feed, Writing) {
    tracing::info!(path = %scribe.path().display(), "history is kept");
    let history = Arc::new(History::at(scribe.path().to_owned()));
    let (sender, received) = crossbeam_channel::bounded(1);
    let (end, done) = crossbeam_channel::bounded(1);
    let (step, stepped) = crossbeam_channel::bounded(1);
    let abandon = Arc::new(AtomicBool::new(false));
    let (told, stop) = (Arc::clone(&history), Arc::clone(&abandon));
    std::thread::spawn(move || {
        if let Err(error) = write(scribe, (&received, &step), &told, &stop) {
            told.fail(&error);
        }
        // Nobody waits any more when the program ended in a hurry.
        let _ = end.send(());
    });
    (Feed { sender, history, since: Stopwatch::default(), waiting: None, stepped, is_over: false }, Writing { done, abandon })
}

fn write(
    mut scribe: Scribe,
    (received, step): (&Receiver<Handed>, &Sender<()>),
    told: &History,
    stop: &AtomicBool,
) -> Result<(), HistoryError> {
    let mut pruning = Some(Pruned::default());
    for round in 1_usize.. {
        // In small steps, between hand-overs and while nothing comes.
        if let Some(pruned) = &mut pruning
            && !scribe.prune(pruned)?
        {
            pruning = None;
        }
        let handed = match received.recv_timeout(if pruning.is_some() { Duration::ZERO } else { HISTORY_REST }) {
            Ok(handed) => handed,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => continue,
        };
        if round.is_multiple_of(PRUNE_EVERY) {
            pruning = Some(Pruned::default());
        }
        let mut snapshot = take(&mut scribe, handed);
        loop {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let is_settled = !matches!(snapshot.phase, Phase::Loading { .. });
            let is_done = scribe.step(&snapshot.tables, &snapshot.names, HISTORY_ROWS, is_settled)?;
            let (left, too_old) = (scribe.left(&snapshot.tables), scribe.written().too_old);
            told.change(|state| (state.left, state.too_old) = (left, too_old));
            told.reach(&scribe);
            // One that was not taken yet says the same.
            let _ = step.try_send(());
            match received.try_recv() {
                Ok(newer) => snapshot = take(&mut scribe, newer),
                Err(_) if is_done => break,
                Err(_) => {}
            }
        }
    }
    Ok(())
}

fn take(scribe: &mut Scribe, handed: Handed) -> Arc<Snapshot> {
    let Handed { snapshot, learned, visits } = handed;
    scribe.hand(snapshot.epoch, learned, visits);
    snapshot
}

impl Feed {
    #[must_use]
    pub fn history(&self) -> Arc<History> {
        Arc::clone(&self.history)
    }
    /// How far the history is with the rows of this epoch; nothing where it is not written any more.
    #[must_use]
    pub fn stand(&self, epoch: u64) -> Option<Stand> {
        self.history.stand(epoch).filter(|_| !self.is_over)
    }
    /// Whether something could be handed over now.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.since.elapsed() >= HAND_OVER && !self.sender.is_full()
    }
    /// Waits until more was written, at most so long.
    pub fn await_step(&mut self, most: Duration) {
        self.is_over |= self.stepped.recv_timeout(most) == Err(RecvTimeoutError::Disconnected);
    }
    /// Takes over what was published, for the next hand-over.
    pub fn offer(&mut self, engine: &mut Engine, snapshot: &Arc<Snapshot>) {
        self.waiting = Some(Arc::clone(snapshot));
        self.look(engine);
    }
    /// Hands over what waits, if it is time, the thread is free, and nothing came since it was published: what was learned
    /// and the tables are of one moment.
    pub fn look(&mut self, engine: &mut Engine) {
        let is_now = |snapshot: &Snapshot| snapshot.tables.events.len() == engine.world().tables.events.len();
        if self.since.elapsed() < HAND_OVER || self.sender.is_full() || !self.waiting.as_deref().is_some_and(is_now) {
            return;
        }
        if let Some(snapshot) = self.waiting.take() {
            self.give(engine, &snapshot);
        }
    }
    /// Hands over what is left.
    pub fn finish(mut self, engine: &mut Engine, snapshot: &Arc<Snapshot>) {
        engine.conclude();
        self.give(engine, snapshot);
    }
    fn give(&mut self, engine: &mut Engine, snapshot: &Arc<Snapshot>) {
        let (learned, visits) = engine.handed();
        // A thread that has ended said why.
        let _ = self.sender.send(Handed { snapshot: Arc::clone(snapshot), learned, visits });
        self.since = Stopwatch::default();
    }
}

impl Writing {
    /// Waits until everything is written, but not for ever: what is missing then is written the next time. `tell` says so
    /// where it takes long enough to be noticed.
    pub fn wait(&self, patience: Duration, tell: impl FnOnce()) {
        if self.done.recv_timeout(HISTORY_NOTICED) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        tell();
        if self.done.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            self.abandon.store(true, Ordering::Relaxed);
            // The step at hand is finished or undone.
            let _ = self.done.recv_timeout(patience);
        }
    }
}

/// Writes down all of a run that has ended.
///
/// # Errors
/// The file cannot be written.
pub fn write_all(scribe: &mut Scribe, engine: &mut Engine, snapshot: &Snapshot) -> Result<(), HistoryError> {
    engine.conclude();
    let (learned, visits) = engine.handed();
    scribe.hand(snapshot.epoch, learned, visits);
    while !scribe.step(&snapshot.tables, &snapshot.names, HISTORY_ROWS, true)? {}
    let mut pruned = Pruned::default();
    while scribe.prune(&mut pruned)? {}
    Ok(())
}
