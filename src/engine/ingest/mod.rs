//! Reads recorded inputs on all cores and hands their events over in order, while it reads.
//!
//! One thread, the caller's, says what is read next (`plan`), takes pieces over in the order in which they were given out,
//! and lets events leave as soon as nothing older can come (`merge`); the others decode (`work`). What leaves and in
//! which order does not depend on the number of threads. Texts that are no lists of lines are cut where records seem to
//! begin; where that turns out to be wrong (`seam`), the piece is read again, or the whole input as one. Memory does not
//! grow with the inputs: pieces in flight are bounded, and of each input only a window waits. Small inputs are sorted as a
//! whole instead. Where an input turns out to be out of order beyond its window, everything is read once more and sorted as
//! a whole; inputs too large for that keep what comes late, which is counted by the engine.

mod merge;
mod plan;
mod seam;
mod work;

use super::clock::Stopwatch;
use super::limits::{HELD_PIECES, PIECE_BYTES, PIECES_IN_FLIGHT, RESORT_UP_TO, SORT_WHOLE_UP_TO};
use super::load::{Opened, Tail};
use crate::base::evtx_chunk::FILE_HEADER;
use crate::base::intern::{Interner, Symbol};
use crate::model::event::AuthEvent;
use crate::model::fields::Unreadable;
use crate::model::ids::InputId;
use crate::model::input::{Format, InputState, InputStatus, PlaceKind};
use merge::{Merge, Run};
use plan::Pieces;
use seam::{Fit, Seam};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use work::{Done, Known, Shared, Task, Worker};

/// How inputs are read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Leave an incomplete last record of a text input alone: it is still being written.
    pub keep_tail: bool,
    /// Threads that decode, at least 1. What is read does not depend on it.
    pub threads: usize,
    /// Bytes that are decoded as one piece of work.
    pub piece_bytes: usize,
    /// Inputs of so many bytes in all are sorted as a whole.
    pub sort_whole_up_to: u64,
    /// Inputs of so many bytes in all are read again when they are out of order beyond their window; with 0 nothing is ever
    /// read again.
    pub resort_up_to: u64,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            keep_tail: false,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            piece_bytes: PIECE_BYTES,
            sort_whole_up_to: SORT_WHOLE_UP_TO,
            resort_up_to: RESORT_UP_TO,
        }
    }
}

/// Who takes the events.
pub trait Taker {
    /// The table that the symbols of events are of.
    fn names(&mut self) -> &mut Interner;
    /// The next event.
    fn take(&mut self, event: AuthEvent);
    /// What came so far comes again, in a better order: forget it. Not asked for where `Reading::resort_up_to` is 0.
    fn start_over(&mut self);
    /// Bytes done and bytes in all; returning `false` stops early.
    fn progress(&mut self, _done: u64, _total: u64, _inputs: &[InputStatus]) -> bool {
        true
    }
}

/// What is known of the inputs after reading.
#[derive(Default)]
pub struct Finished {
    pub inputs: Vec<InputStatus>,
    /// By number of the input; only where `Reading::keep_tail` asked for them.
    pub tails: BTreeMap<usize, Tail>,
}

/// How one way through the inputs ended.
enum End {
    Complete,
    Stopped,
    /// An input is out of order beyond its window.
    OutOfOrder,
    /// The input with this number cannot be read in pieces.
    InOnePiece(usize),
}

/// Reads all inputs to their ends.
pub fn read(opened: &[Opened], reading: Reading, taker: &mut dyn Taker) -> Finished {
    let total: u64 = opened.iter().filter_map(|input| input.content.as_ref().ok()).map(|(content, _)| content.bytes().len() as u64).sum();
    let mut whole = total <= reading.sort_whole_up_to;
    let mut uncut = BTreeSet::new();
    let took = Stopwatch::default();
    tracing::info!(inputs = opened.len(), bytes = total, threads = reading.threads, "reading");
    loop {
        let mut finished = Finished { inputs: opened.iter().enumerate().map(status).collect(), tails: BTreeMap::new() };
        let may_start_over = !whole && total <= reading.resort_up_to;
        let plan = |(number, input): (usize, &Opened)| {
            let may_guess = reading.resort_up_to > 0 && !uncut.contains(&number);
            match &input.content {
                Ok((content, format)) if whole => Pieces::in_place(content, *format, reading.piece_bytes, may_guess),
                Ok((content, format)) => Pieces::by_time(content, *format, reading.piece_bytes, may_guess),
                Err(_) => Pieces::default(),
            }
        };
        let plans = opened.iter().enumerate().map(plan).collect();
        let mut pass = Pass::new(opened, reading, (plans, whole), may_start_over, &mut finished);
        match pass.run(total, taker) {
            End::OutOfOrder => {
                tracing::info!("an input is far out of order: everything is read again and sorted as a whole");
                taker.start_over();
                whole = true;
            }
            End::InOnePiece(input) => {
                tracing::info!(input, "an input cannot be read in pieces: everything is read again, and it as one");
                taker.start_over();
                uncut.insert(input);
            }
            End::Stopped => return finished,
            End::Complete => {
                finished.inputs.iter_mut().for_each(conclude);
                let events: u64 = finished.inputs.iter().map(|input| input.events).sum();
                tracing::info!(events, millis = took.elapsed().as_millis(), "read");
                return finished;
            }
        }
    }
}

/// Reads about `share` of the newest bytes of each input, sorted as a whole; nothing where that cannot be told of one
/// without reading all of it.
pub fn read_newest(opened: &[Opened], reading: Reading, share: usize, taker: &mut dyn Taker) -> Option<Finished> {
    let plan = |input: &Opened| match &input.content {
        Ok((content, format)) => Pieces::newest(content, *format, share, reading.piece_bytes),
        Err(_) => Some(Pieces::default()),
    };
    let plans: Vec<Pieces> = opened.iter().map(plan).collect::<Option<_>>()?;
    let mut finished = Finished { inputs: opened.iter().enumerate().map(status).collect(), tails: BTreeMap::new() };
    let total = plans.iter().flat_map(|plan| &plan.waiting).map(|piece| piece.range.len() as u64).sum();
    Pass::new(opened, reading, (plans, true), false, &mut finished).run(total, taker);
    Some(finished)
}

fn status((number, input): (usize, &Opened)) -> InputStatus {
    let mut status =
        InputStatus { id: InputId::new(number), path: input.path.clone(), state: InputState::Reading, ..InputStatus::default() };
    match &input.content {
        Ok((content, format)) => {
            status.bytes = content.bytes().len() as u64;
            status.format = *format;
            status.problem.clone_from(&input.problem);
        }
        Err(problem) => {
            status.state = InputState::Failed;
            status.problem = Some(problem.clone());
        }
    }
    status
}

/// The state of an input that was read to its end.
fn conclude(status: &mut InputStatus) {
    if status.state != InputState::Reading {
        return;
    }
    status.state = InputState::Done;
    if status.format == Format::Evtx && (1..FILE_HEADER as u64).contains(&status.bytes) {
        let reason = "the file ends inside its header of 4 KiB: no record of it is left".to_owned();
        status.tally.place(PlaceKind::Unreadable, Unreadable { offset: status.bytes, line: 0, record: 0, reason });
    }
    let readable = status.records - status.unknown;
    if status.format == Format::Text && readable == 0 && status.records + status.unreadable > 0 {
        status.state = InputState::Failed;
        status.problem = Some(super::load::nothing_known(status));
    }
}

/// One way through the inputs.
struct Pass<'a> {
    opened: &'a [Opened],
    reading: Reading,
    may_start_over: bool,
    plans: Vec<Pieces>,
    /// Pieces of each input that were not taken over yet.
    open_pieces: Vec<usize>,
    /// Pieces of each input in all.
    pieces: Vec<usize>,
    /// Lines of each input in front of its next piece.
    lines: Vec<u32>,
    merge: Merge,
    /// For each input that is cut at guessed borders, the piece taken over last.
    seams: Vec<Option<Seam>>,
    /// For each worker, the writer's own last, the writer's symbol of each of its texts.
    symbols: Vec<Shared>,
    finished: &'a mut Finished,
    given_out: usize,
    bytes_done: u64,
}

impl<'a> Pass<'a> {
    /// `plans` of the inputs, which may be sorted as a whole.
    fn new(
        opened: &'a [Opened],
        reading: Reading,
        (plans, whole): (Vec<Pieces>, bool),
        may_start_over: bool,
        finished: &'a mut Finished,
    ) -> Self {
        let pieces: Vec<usize> = plans.iter().map(|plan| plan.waiting.len()).collect();
        let held = if whole { usize::MAX } else { HELD_PIECES };
        let mut merge = Merge::new(plans.iter().map(|plan| plan.begins_at), held);
        for (input, _) in pieces.iter().enumerate().filter(|(_, pieces)| **pieces == 0) {
            merge.finish(input);
        }
        Self {
            opened,
            reading,
            may_start_over,
            open_pieces: pieces.clone(),
            lines: vec![0; pieces.len()],
            seams: pieces.iter().map(|_| None).collect(),
            plans,
            pieces,
            merge,
            symbols: (0..=reading.threads.max(1)).map(|_| Shared::default()).collect(),
            finished,
            given_out: 0,
            bytes_done: 0,
        }
    }
    /// The piece that is read next: one of the input that holds up the others.
    fn next_task(&mut self) -> Option<Task> {
        let plans = &self.plans;
        let input = self.merge.unfinished().find(|input| plans.get(*input).is_some_and(|plan| !plan.waiting.is_empty()))?;
        let piece = self.plans.get_mut(input)?.waiting.pop_front()?;
        let is_part = self.pieces.get(input).is_some_and(|pieces| *pieces > 1);
        let number = self.given_out;
        self.given_out += 1;
        Some(Task { number, input, piece: piece.number, range: piece.range, line: piece.line, is_part, part: piece.part })
    }
    fn run(&mut self, total: u64, taker: &mut dyn Taker) -> End {
        let threads = self.reading.threads.max(1);
        let most = threads * PIECES_IN_FLIGHT;
        let (tasks, waiting) = crossbeam_channel::bounded::<Task>(most);
        let (results, done) = crossbeam_channel::bounded::<Done>(most);
        let (opened, keep_tail) = (self.opened, self.reading.keep_tail);
        std::thread::scope(|scope| {
            // Owned here, so that the workers end when this ends.
            let (tasks, done) = (tasks, done);
            for (number, symbols) in self.symbols.iter().take(threads).enumerate() {
                let (waiting, results, symbols) = (waiting.clone(), results.clone(), Arc::clone(symbols));
                scope.spawn(move || {
                    let mut worker = Worker::new(number, keep_tail, symbols);
                    for task in waiting {
                        let Some(input) = opened.get(task.input) else { continue };
                        if results.send(worker.run(task, input)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop((waiting, results));
            let (mut in_flight, mut next) = (0, 0);
            let mut early: BTreeMap<usize, Done> = BTreeMap::new();
            let mut own = Worker::new(threads, keep_tail, self.symbols.last().cloned().unwrap_or_default());
            loop {
                while in_flight < most
                    && let Some(task) = self.next_task()
                {
                    if tasks.send(task).is_err() {
                        return End::Stopped;
                    }
                    in_flight += 1;
                }
                if in_flight == 0 {
                    self.merge.release(|event| taker.take(event));
                    return End::Complete;
                }
                let piece: Done = loop {
                    if let Some(piece) = early.remove(&next) {
                        break piece;
                    }
                    let Ok(piece) = done.recv() else { return End::Stopped };
                    early.insert(piece.task.number, piece);
                };
                let input = piece.task.input;
                let Some(piece) = self.fitting(piece, &mut own, taker) else { return End::InOnePiece(input) };
                next += 1;
                in_flight -= 1;
                if let Some(end) = self.take_over(piece, taker) {
                    return end;
                }
                self.merge.release(|event| taker.take(event));
                if !taker.progress(self.bytes_done, total, &self.finished.inputs) {
                    return End::Stopped;
                }
            }
        })
    }
    /// A piece as it fits to the one in front of it: mostly it does as it is, or else `own` reads it again, here, as the next
    /// one cannot be taken over before. `None` when the input has to be read as one.
    fn fitting(&mut self, piece: Done, own: &mut Worker, taker: &mut dyn Taker) -> Option<Done> {
        let last = self.seams.get_mut(piece.task.input)?;
        let part = match seam::fit(last, &piece) {
            Fit::Yes => return Some(piece),
            Fit::Again(part) => part,
            Fit::No => return None,
        };
        self.learn(&piece, taker);
        let opened = self.opened.get(piece.task.input)?;
        let again = own.run(Task { part: Some(part), ..piece.task }, opened);
        matches!(seam::fit(self.seams.get_mut(again.task.input)?, &again), Fit::Yes).then_some(again)
    }
    /// Takes in the texts that a worker met for the first time.
    fn learn(&mut self, done: &Done, taker: &mut dyn Taker) {
        let Some(shared) = self.symbols.get(done.worker) else { return };
        let mut known = work::lock(shared);
        if known.table != done.table {
            *known = Known { table: done.table, symbols: Vec::new() };
        }
        let names = taker.names();
        known.symbols.extend(done.texts.iter().map(|text| names.intern_shared(text)));
    }
    /// Takes over a piece; says so when reading has to end, as its events come too late to be put in order.
    fn take_over(&mut self, done: Done, taker: &mut dyn Taker) -> Option<End> {
        self.learn(&done, taker);
        let Done { task, worker, mut events, untranslated, mut tally, newlines, tail, .. } = done;
        let status = self.finished.inputs.get_mut(task.input)?;
        let known = work::lock(self.symbols.get(worker)?);
        let symbol = |symbol: Symbol| known.symbols.get(symbol.index()).copied().unwrap_or(Symbol::NONE);
        for place in untranslated {
            if let Some(event) = events.get_mut(place) {
                event.translate(symbol);
            }
        }
        let lines = match (task.line, self.lines.get_mut(task.input)) {
            (None, Some(lines)) => std::mem::replace(lines, lines.saturating_add(newlines)),
            _ => 0,
        };
        tally.move_lines(lines);
        status.tally.merge(&tally, symbol);
        drop(known);
        let read = task.range.len() as u64;
        status.bytes_read += read;
        self.bytes_done += read;
        if let Some(mut tail) = tail {
            tail.line = tail.line.saturating_add(lines);
            self.finished.tails.insert(task.input, tail);
        }
        let run = Run { input: task.input, piece: task.piece, lines, events };
        if self.merge.is_late(&run) {
            if self.may_start_over {
                return Some(End::OutOfOrder);
            }
            // Read as one, it is in order.
            if task.part.is_some() {
                return Some(End::InOnePiece(task.input));
            }
        }
        self.merge.put(run);
        if let Some(open) = self.open_pieces.get_mut(task.input) {
            *open -= 1;
            if *open == 0 {
                self.merge.finish(task.input);
            }
        }
        None
    }
}
