//! Runs the stages behind a handle: reads what is recorded, then follows it, or replays it.
//!
//! One writer thread owns the engine. It answers commands first, then takes in what came, then publishes a snapshot if
//! it is time. Nothing waits for the screen.

mod loading;

use super::aside::Aside;
use super::chronicle::Chronicle;
use super::clock::{Rate, Stopwatch, wall};
use super::follow::Followers;
use super::handle::{Command, Handle};
use super::ingest::{self, Finished, Reading, Taker};
use super::limits::{COMMANDS, HISTORY_STEP, LIVE_LAG, SNAPSHOT, SNAPSHOT_LOADING, TICK, WEIGH};
use super::load::{self, Loaded, Opened};
use super::newcomers::Newcomers;
use super::opener::Opening;
use super::raw::Records;
use super::remember::{Feed, PastSource};
use super::replay::Replay;
use super::resume::Keeping;
use super::{Engine, Recall, Rules, memory, opener, preview, projector, raw};
use crate::base::intern::Interner;
use crate::base::time::{Timestamp, Zone};
use crate::model::event::AuthEvent;
use crate::model::ids::InputId;
use crate::model::input::{InputState, InputStatus};
use crate::query;
use crate::source::archive::Unpacking;
use crate::store::progress::Progress;
use crate::store::{Meters, Phase, Playing, Snapshot};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use loading::Loading;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::sync::watch;

/// What to run.
pub struct Plan {
    pub inputs: Vec<Opened>,
    /// What the inputs came from: looked at again when asked.
    pub arguments: Vec<PathBuf>,
    /// How containers among them are unpacked.
    pub unpacking: Unpacking,
    pub mode: Mode,
}

pub enum Mode {
    /// Read and, where asked, follow: files that grow, standard input.
    Open { follow: bool },
    /// Play against the clock of the recording, at this many event seconds a second; from the first event, or from a
    /// time as filters write it (a clock time means the day of the first event).
    Replay { speed: f64, from: Option<(String, Zone)> },
}

/// Publishes snapshots at a bounded pace.
struct Publisher {
    snapshots: watch::Sender<Arc<Snapshot>>,
    wake: Sender<()>,
    since: Stopwatch,
    rate: Rate,
    waiting: bool,
    /// Snapshots published so far.
    version: u64,
    /// Records that were kept for the next start and had to make room.
    dropped: u64,
    /// Where the run is remembered.
    feed: Option<Feed>,
    /// How the reading goes.
    progress: Option<Progress>,
    queue_percent: u8,
    chronicle: Chronicle,
    /// Memory of the program, and when that was looked at.
    memory: Option<u64>,
    weighed: Option<Stopwatch>,
}

impl Publisher {
    /// Looks how much memory there is in use, if it is time; a screen on which nothing else happens is told of more too.
    fn weigh(&mut self) {
        if self.weighed.is_some_and(|weighed| weighed.elapsed() < WEIGH) {
            return;
        }
        self.weighed = Some(Stopwatch::default());
        let memory = memory::own();
        let (now, told) = (memory.unwrap_or_default(), self.memory.unwrap_or_default());
        self.waiting |= now.abs_diff(told) > told / 8;
        self.memory = memory;
    }
    fn is_due(&self, pace: Duration) -> bool {
        self.since.elapsed() >= pace
    }
    fn publish(&mut self, engine: &mut Engine, inputs: &[InputStatus], phase: Phase, now: Timestamp, epoch: u64) {
        let snapshot = self.made(engine, inputs, phase, now, epoch);
        let snapshot = Arc::new(snapshot);
        if let Some(feed) = &mut self.feed {
            feed.offer(engine, &snapshot);
        }
        self.send(snapshot);
    }
    /// As `publish`, for a replay: the history knows what it plays.
    fn publish_played(
        &mut self,
        (engine, phase, now, playing): (&mut Engine, Phase, Timestamp, Playing),
        inputs: &[InputStatus],
        epoch: u64,
    ) {
        let snapshot = Snapshot { playing, ..self.made(engine, inputs, phase, now, epoch) };
        self.send(Arc::new(snapshot));
    }
    fn made(&mut self, engine: &mut Engine, inputs: &[InputStatus], phase: Phase, now: Timestamp, epoch: u64) -> Snapshot {
        self.weigh();
        let lag_seconds = match phase {
            Phase::Live => {
                engine.last().map(|last| (wall() - last).as_seconds_f64().max(0.0)).filter(|lag| *lag < LIVE_LAG.as_seconds_f64())
            }
            _ => None,
        };
        let meters = Meters {
            events_per_second: self.rate.per_second(),
            lag_seconds,
            queue_percent: self.queue_percent,
            dropped: self.dropped,
            spilled: inputs.iter().map(|input| input.spooled).sum(),
            memory: self.memory,
            ..Meters::default()
        };
        let mut snapshot = engine.snapshot(Arc::new(inputs.to_vec()), meters, phase, now);
        snapshot.epoch = epoch;
        // Counted here: an engine that is built anew for a step back begins to count anew.
        self.version += 1;
        snapshot.version = self.version;
        snapshot.progress.clone_from(&self.progress);
        self.chronicle.look(inputs);
        snapshot.history = self.feed.as_ref().map(|feed| Arc::new(feed.history().state()));
        snapshot
    }
    fn send(&mut self, snapshot: Arc<Snapshot>) {
        self.snapshots.send_replace(snapshot);
        // A full channel means that the projector is about to look anyway.
        let _ = self.wake.try_send(());
        self.since = Stopwatch::default();
        self.waiting = false;
    }
    /// Publishes while recordings are read: bytes done and in all, events so far, and how long it took.
    fn loading(
        &mut self,
        engine: &mut Engine,
        inputs: &[InputStatus],
        (bytes, of_bytes, events, took): (u64, u64, u64, Duration),
        now: Timestamp,
        epoch: u64,
    ) {
        let progress = Progress { unpacking: None, bytes, of_bytes, events, took };
        let phase = Phase::Loading { percent: progress.percent() };
        self.progress = Some(progress);
        self.publish(engine, inputs, phase, now, epoch);
    }
    /// Lets go of the oldest rows where there is a limit; says whether reading has to wait for the history.
    fn make_room(&mut self, engine: &mut Engine, epoch: u64) -> bool {
        let before = engine.gone();
        let waits = engine.let_go(self.feed.as_ref().and_then(|feed| feed.stand(epoch)));
        self.waiting |= engine.gone() != before;
        waits
    }
    /// Waits a moment for the history.
    fn await_history(&mut self, engine: &mut Engine) {
        if let Some(feed) = &mut self.feed {
            feed.look(engine);
            feed.await_step(HISTORY_STEP);
        }
    }
    /// Hands over to the history what is not on screen but fills the memory: the run behind a preview or a replay.
    fn hand_over(&mut self, engine: &mut Engine, inputs: &[InputStatus], phase: Phase, now: Timestamp, epoch: u64) {
        let Some(feed) = self.feed.as_mut().filter(|feed| feed.is_free() && engine.beyond() > 0) else { return };
        let snapshot = engine.snapshot(Arc::new(inputs.to_vec()), Meters::default(), phase, now);
        feed.offer(engine, &Arc::new(Snapshot { epoch, ..snapshot }));
    }
    /// As `loading`, of a preview: the history never hears of it.
    fn previewing(&mut self, preview: &mut Engine, inputs: &[InputStatus], progress: Progress) {
        let (phase, now) = (Phase::Loading { percent: progress.percent() }, preview.last().unwrap_or_default());
        self.progress = Some(progress);
        let snapshot = self.made(preview, &preview::told(inputs), phase, now, preview::EPOCH);
        self.send(Arc::new(snapshot));
    }
    /// The run ends: what was not handed over to the history yet goes there.
    fn finish(self, engine: &mut Engine, inputs: &[InputStatus], phase: Phase, epoch: u64) {
        let Some(feed) = self.feed else { return };
        let now = engine.last().unwrap_or_default();
        let mut snapshot = engine.snapshot(Arc::new(inputs.to_vec()), Meters::default(), phase, now);
        snapshot.epoch = epoch;
        feed.finish(engine, &Arc::new(snapshot));
    }
}

/// A publisher, and where its snapshots are seen; `wake` has the newest looked at.
fn publisher(wake: Sender<()>, feed: Option<Feed>) -> (Publisher, watch::Receiver<Arc<Snapshot>>) {
    // Until there is something, the reading is about to begin.
    let nothing = Snapshot { phase: Phase::Loading { percent: 0 }, ..Snapshot::default() };
    let (snapshots, seen) = watch::channel(Arc::new(nothing));
    let publisher = Publisher {
        snapshots,
        wake,
        since: Stopwatch::default(),
        rate: Rate::default(),
        waiting: true,
        version: 0,
        dropped: 0,
        feed,
        progress: None,
        queue_percent: 0,
        chronicle: Chronicle::default(),
        memory: None,
        weighed: None,
    };
    (publisher, seen)
}

/// Starts the engine on a thread of its own; it stops by `Command::Stop` or when the handle is dropped.
#[must_use]
pub fn start(plan: Plan) -> Handle {
    start_keeping(plan, None)
}

/// As `start`; what comes while inputs are followed is kept for the next start.
#[must_use]
pub fn start_keeping(plan: Plan, keep: Option<Keeping>) -> Handle {
    start_with(plan, keep, Rules::default())
}

/// As `start_keeping`, by other rules.
#[must_use]
pub fn start_with(plan: Plan, keep: Option<Keeping>, rules: Rules) -> Handle {
    start_remembering(plan, keep, rules, None)
}

/// As `start_with`; what inputs say that are opened or followed goes into a history, and what is there is known.
#[must_use]
pub fn start_remembering(plan: Plan, keep: Option<Keeping>, rules: Rules, feed: Option<Feed>) -> Handle {
    start_opening(plan, None, keep, rules, feed)
}

/// As `start_remembering`; where inputs are still being opened they are waited for, while the screen says how far that is.
/// They stand in front of those of the plan.
#[must_use]
pub fn start_opening(plan: Plan, opening: Option<Opening>, keep: Option<Keeping>, rules: Rules, feed: Option<Feed>) -> Handle {
    let (commands, received) = crossbeam_channel::bounded(COMMANDS);
    let (requests, wanted) = watch::channel(None);
    let (wake, woken) = crossbeam_channel::bounded(1);
    let (publisher, seen) = publisher(wake.clone(), feed);
    let projections = projector::start(seen.clone(), wanted, woken);
    let stream: Arc<Mutex<raw::Pieces>> = Arc::default();
    let known = if opening.is_none() { plan.inputs.as_slice() } else { &[] };
    let raw = Arc::new(raw::Records::of(known, &stream));
    let past = publisher.feed.as_ref().map(|feed| feed.history() as Arc<dyn PastSource>);
    let records = Arc::clone(&raw);
    let failure: Arc<OnceLock<Vec<String>>> = Arc::default();
    let failed = Arc::clone(&failure);
    std::thread::spawn(move || {
        let (mut plan, mut publisher) = (plan, publisher);
        if let Some(opening) = opening {
            match await_inputs(&opening, &mut publisher, &received) {
                Some(Ok(mut inputs)) => {
                    inputs.append(&mut plan.inputs);
                    plan.inputs = inputs;
                }
                // It is there before the publisher goes, which the screen notices.
                Some(Err(sentences)) => return drop(failed.set(sentences)),
                None => return,
            }
            records.begin(&plan.inputs, &stream);
        }
        run(&plan, (keep, rules), stream, &records, publisher, &received);
    });
    Handle { snapshots: seen, projections, commands, requests, wake, raw, failure, past }
}

/// Waits for the inputs and says how far they are; `None` when the run is to end.
fn await_inputs(opening: &Opening, publisher: &mut Publisher, commands: &Receiver<Command>) -> Option<opener::Outcome> {
    let (took, mut empty) = (Stopwatch::default(), Engine::default());
    loop {
        if let Some(result) = opening.within(SNAPSHOT_LOADING) {
            return Some(result);
        }
        if must_stop(commands) {
            return None;
        }
        let (unpacking, bytes) = opening.now();
        publisher.progress = Some(Progress { unpacking, bytes, of_bytes: 0, events: 0, took: took.elapsed() });
        publisher.publish(&mut empty, &[], Phase::Loading { percent: 0 }, Timestamp::default(), 0);
    }
}

fn run(
    plan: &Plan,
    (keep, rules): (Option<Keeping>, Rules),
    stream: Arc<Mutex<raw::Pieces>>,
    records: &Records,
    mut publisher: Publisher,
    commands: &Receiver<Command>,
) {
    // Before anything is read, so that what is written meanwhile is met twice rather than never.
    let followers = match plan.mode {
        Mode::Open { follow: true } => Followers::of(&plan.inputs, stream, keep),
        // Listeners are heard all the same.
        Mode::Open { follow: false } | Mode::Replay { .. } => Followers::none(keep),
    }
    .and_listeners(&plan.inputs);
    match &plan.mode {
        Mode::Open { follow } => {
            let reading = Reading { keep_tail: followers.are_any(), ..Reading::default() };
            let recall = publisher.feed.as_ref().map(|feed| feed.history() as Arc<dyn Recall>);
            let engine = Engine::default().by_rules(rules.clone()).recalling(recall);
            let mut loading = Loading::begin(engine, publisher, commands, preview::of(&plan.inputs, reading, &rules));
            let finished = ingest::read(&plan.inputs, reading, &mut loading);
            let Loading { mut engine, publisher, epoch, stopped, .. } = loading;
            if stopped {
                publisher.finish(&mut engine, &finished.inputs, Phase::Loading { percent: 0 }, epoch);
                return;
            }
            let newcomers = Newcomers::new(if *follow { &plan.arguments } else { &[] }, &plan.unpacking);
            let begun = Begun { opened: &plan.inputs, finished, epoch };
            open(begun, (engine, rules), (followers, newcomers), publisher, commands, records);
        }
        Mode::Replay { speed, from } => {
            let mut empty = Engine::default();
            let (mut stopped, took) = (false, Stopwatch::default());
            let loaded = load::load(&plan.inputs, Reading::default(), &mut |done, total, inputs| {
                if publisher.is_due(SNAPSHOT_LOADING) {
                    let events = inputs.iter().map(|input| input.events).sum();
                    publisher.loading(&mut empty, inputs, (done, total, events, took.elapsed()), Timestamp::default(), 0);
                }
                stopped = must_stop(commands);
                !stopped
            });
            if stopped {
                return;
            }
            publisher.progress = None;
            let first = loaded.events.first().map(|event| event.at).unwrap_or_default();
            let from = from.as_ref().and_then(|(text, zone)| query::moment_in(text, first, *zone));
            let Some((engine, finished, epoch)) = replay((loaded, rules.clone()), *speed, from, &mut publisher, commands) else { return };
            // It was left: the whole recording is a file like others.
            let begun = Begun { opened: &plan.inputs, finished, epoch };
            open(begun, (engine, rules), (followers, Newcomers::new(&[], &plan.unpacking)), publisher, commands, records);
        }
    }
}

/// While recordings are read only the end of the program is listened to.
fn must_stop(commands: &Receiver<Command>) -> bool {
    loop {
        match commands.try_recv() {
            Ok(Command::Stop) | Err(crossbeam_channel::TryRecvError::Disconnected) => return true,
            Ok(_) => {}
            Err(crossbeam_channel::TryRecvError::Empty) => return false,
        }
    }
}

/// What was read before anything is followed.
struct Begun<'a> {
    opened: &'a [Opened],
    finished: Finished,
    epoch: u64,
}

fn open(
    begun: Begun<'_>,
    (mut engine, rules): (Engine, Rules),
    (mut followers, mut newcomers): (Followers, Newcomers),
    mut publisher: Publisher,
    commands: &Receiver<Command>,
    records: &Records,
) {
    let Begun { opened, finished: Finished { mut inputs, tails }, epoch } = begun;
    followers.begin(opened, tails, &mut inputs);
    publisher.progress = None;
    let (mut arrived, mut asked) = (false, false);
    let mut ticked = Stopwatch::default();
    // A replay of what came so far, and the newest epoch that is taken.
    let (mut aside, mut used): (Option<Aside>, u64) = (None, epoch);
    loop {
        let waits = publisher.make_room(&mut engine, epoch);
        let applied = if waits { 0 } else { followers.poll(&mut engine, &mut inputs) };
        publisher.rate.count(applied);
        arrived |= applied > 0;
        let (phase, now) = live_state(&engine, &inputs, arrived);
        let tick = phase == Phase::Live && ticked.elapsed() >= TICK;
        publisher.dropped = followers.dropped();
        publisher.weigh();
        publisher.queue_percent = followers.queue_percent();
        publisher.waiting |= applied > 0 || followers.take_changed() || tick;
        if let Some(aside) = &mut aside {
            let played = aside.advance();
            publisher.rate.count(played as u64);
            publisher.waiting |= played > 0 || aside.pause().is_some();
            publisher.hand_over(&mut engine, &inputs, phase, now, epoch);
        }
        if publisher.waiting && publisher.is_due(SNAPSHOT) {
            match &mut aside {
                Some(aside) => {
                    let epoch = aside.epoch();
                    publisher.publish_played(aside.shown(), &inputs, epoch);
                }
                None => publisher.publish(&mut engine, &inputs, phase, now, epoch),
            }
            ticked = Stopwatch::default();
        }
        if let Some(feed) = &mut publisher.feed {
            feed.look(&mut engine);
        }
        let appeared = followers.take_appeared();
        newcomers.look(std::mem::take(&mut asked) || appeared, &mut followers, &mut inputs, records);
        if let Some(list) = newcomers.opened() {
            let shown = (inputs.as_slice(), phase, epoch);
            let mut joining = Joining { engine: &mut engine, publisher: &mut publisher, commands, shown, stopped: false };
            // They are older than what is live: to begin anew for the sake of their order would forget that.
            let finished = ingest::read(&list, Reading { resort_up_to: 0, ..Reading::default() }, &mut joining);
            if joining.stopped {
                publisher.finish(&mut engine, &inputs, phase, epoch);
                return;
            }
            list.iter().for_each(|opened| records.add_opened(opened));
            let from = inputs.len();
            inputs.extend(
                finished.inputs.into_iter().enumerate().map(|(number, status)| InputStatus { id: InputId::new(from + number), ..status }),
            );
            publisher.waiting = true;
        }
        let pause = if publisher.waiting { SNAPSHOT.saturating_sub(publisher.since.elapsed()) } else { TICK.min(newcomers.next_look()) };
        let pause = aside.as_ref().and_then(Aside::pause).map_or(pause, |soon| pause.min(soon));
        // What is held back stays where it comes from.
        let next = if waits { commands.recv_timeout(HISTORY_STEP) } else { followers.wait(commands, pause) };
        match next {
            Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => {
                publisher.finish(&mut engine, &inputs, phase, epoch);
                return;
            }
            Ok(Command::Rescan) => asked = true,
            Ok(Command::Replay(from)) => {
                let next = Aside::new(&mut engine, rules.clone(), from, used);
                used = next.epoch();
                aside = Some(next);
                publisher.waiting = true;
            }
            Ok(Command::LeaveReplay) => {
                aside = None;
                publisher.waiting = true;
            }
            Ok(command) => {
                if let Some(aside) = &mut aside {
                    aside.command(command);
                    used = used.max(aside.epoch());
                    publisher.waiting = true;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Reads inputs that came later beside those that are there.
struct Joining<'a> {
    engine: &'a mut Engine,
    publisher: &'a mut Publisher,
    commands: &'a Receiver<Command>,
    /// The inputs that are there, what the engine does, and the epoch.
    shown: (&'a [InputStatus], Phase, u64),
    stopped: bool,
}

impl Taker for Joining<'_> {
    fn names(&mut self) -> &mut Interner {
        self.engine.names()
    }
    fn take(&mut self, mut event: AuthEvent) {
        event.provenance.input = InputId::new(self.shown.0.len() + event.provenance.input.index());
        self.engine.apply(event);
    }
    fn start_over(&mut self) {}
    fn progress(&mut self, _: u64, _: u64, _: &[InputStatus]) -> bool {
        let (inputs, phase, epoch) = self.shown;
        loop {
            let waits = self.publisher.make_room(self.engine, epoch);
            let now = self.engine.last().unwrap_or_default();
            self.publisher.hand_over(self.engine, inputs, phase, now, epoch);
            self.stopped = must_stop(self.commands);
            if !waits || self.stopped {
                return !self.stopped;
            }
            self.publisher.await_history(self.engine);
        }
    }
}

/// Live or recorded, and the clock of the data. Old records that are written now (a log being copied) keep their own
/// time: the wall clock would move the window to where nothing is.
fn live_state(engine: &Engine, inputs: &[InputStatus], arrived: bool) -> (Phase, Timestamp) {
    let last = engine.last().unwrap_or_default();
    let wall = wall();
    let fresh = engine.last().is_some() && last + LIVE_LAG >= wall;
    let followed = inputs.iter().any(|input| input.state == InputState::Following);
    match (followed && (arrived || fresh), fresh) {
        (true, true) => (Phase::Live, wall.max(last)),
        (true, false) => (Phase::Live, last),
        (false, _) => (Phase::File, last),
    }
}

/// Plays until the run ends, or until the replay is left: then everything is known.
fn replay(
    (loaded, rules): (Loaded, Rules),
    speed: f64,
    from: Option<Timestamp>,
    publisher: &mut Publisher,
    commands: &Receiver<Command>,
) -> Option<(Engine, Finished, u64)> {
    let Loaded { events, names, inputs, tails } = loaded;
    let mut replay = Replay::new(events, names, speed).by_rules(rules);
    let mut engine = replay.engine();
    if let Some(from) = from {
        replay.seek(&mut engine, from);
    }
    let mut watch = Stopwatch::default();
    loop {
        let progress = replay.advance(&mut engine, watch.lap());
        publisher.rate.count(progress.applied as u64);
        // Also the last events, after which nothing moves any more, have to be seen.
        publisher.waiting |= progress.applied > 0;
        if publisher.is_due(SNAPSHOT) && (publisher.waiting || replay.is_playing()) {
            let shown = (replay.phase(), replay.clock(), replay.playing());
            publisher.publish_played((&mut engine, shown.0, shown.1, shown.2), &inputs, replay.epoch());
        }
        let pause = if replay.is_playing() || publisher.waiting { Duration::from_millis(15) } else { Duration::from_secs(1) };
        match commands.recv_timeout(pause) {
            Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => continue,
            Ok(Command::LeaveReplay) => {
                replay.finish(&mut engine);
                publisher.waiting = true;
                return Some((engine, Finished { inputs, tails }, replay.epoch()));
            }
            Ok(command) => replay.command(&mut engine, command),
        }
        // What a command took is not time of the recording.
        watch.lap();
        publisher.waiting = true;
    }
}
