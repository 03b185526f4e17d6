//! Decodes pieces on threads of its own.
//!
//! A worker keeps its decoders and its table of texts from piece to piece: a text is looked up once for a worker, not
//! once for a piece, and travels to the writer the first time it is met. The writer says which symbols its texts have
//! there, so that the worker itself puts them into its events; only events with a text of the last few pieces are left to
//! the writer. A defect of a decoder costs its piece, never the run.

use super::super::limits::WORKER_TEXTS;
use super::super::load::{Content, DEFECT, Opened, Tail};
use crate::base::intern::{Interner, Symbol};
use crate::decode::cut::{Exit, Part};
use crate::decode::{evtx, text};
use crate::model::event::AuthEvent;
use crate::model::fields::{RecordSink, Unreadable};
use crate::model::ids::InputId;
use crate::model::input::{Format, Tally};
use crate::normalise::batch::Batch;
use crate::normalise::shape::SHAPES;
use smol_str::SmolStr;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One piece of work.
pub struct Task {
    /// Pieces are taken over in the order of these numbers.
    pub number: usize,
    pub input: usize,
    pub piece: usize,
    pub range: Range<usize>,
    /// Line at which the piece begins, from 1, where it is known.
    pub line: Option<u32>,
    /// The input has more than one piece.
    pub is_part: bool,
    /// As in `plan::Piece`.
    pub part: Option<Part>,
}

/// What became of a piece.
pub struct Done {
    pub task: Task,
    pub worker: usize,
    /// Texts the worker met for the first time; they go behind those of its table that are known.
    pub texts: Vec<SmolStr>,
    /// Which of its tables of texts the worker used.
    pub table: usize,
    /// In order of time and record number.
    pub events: Vec<AuthEvent>,
    /// Places of those events whose symbols are still those of the worker.
    pub untranslated: Vec<usize>,
    pub tally: Tally,
    /// Line borders in the piece; counted only where the next piece has to know.
    pub newlines: u32,
    pub tail: Option<Tail>,
    /// Where and how the reading of a part ended.
    pub exit: Option<Exit>,
}

/// The writer's symbols of a worker's texts, as far as it has taken them over.
#[derive(Debug, Default)]
pub struct Known {
    /// Which table of the worker it is.
    pub table: usize,
    pub symbols: Vec<Symbol>,
}

/// The same, held by both.
pub type Shared = Arc<Mutex<Known>>;

/// What a worker and the writer both hold, whatever became of the other one.
pub fn lock(shared: &Shared) -> MutexGuard<'_, Known> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a piece gave.
#[derive(Default)]
struct Decoded {
    batch: Batch,
    tail: Option<Tail>,
    exit: Option<Exit>,
}

/// One thread's decoders and texts.
pub struct Worker {
    number: usize,
    keep_tail: bool,
    evtx: evtx::Decoder,
    text: text::Decoder,
    names: Interner,
    /// Texts the writer has already.
    told: usize,
    shared: Shared,
    /// A copy of what the writer knows of the texts.
    known: Known,
}

impl Worker {
    #[must_use]
    pub fn new(number: usize, keep_tail: bool, shared: Shared) -> Self {
        Self {
            number,
            keep_tail,
            evtx: evtx::Decoder::new(),
            text: text::Decoder::new(SHAPES),
            names: Interner::default(),
            told: 0,
            shared,
            known: Known::default(),
        }
    }
    /// Decodes a piece of an input.
    pub fn run(&mut self, task: Task, opened: &Opened) -> Done {
        let content = opened.content.as_ref().ok();
        let work = std::panic::AssertUnwindSafe(|| content.map(|(content, format)| self.decode(&task, content, *format)));
        let decoded = match std::panic::catch_unwind(work) {
            Ok(done) => done.unwrap_or_default(),
            Err(_) => {
                // What the defect left behind is not used again.
                let table = self.known.table + 1;
                *self = Self::new(self.number, self.keep_tail, Arc::clone(&self.shared));
                self.known.table = table;
                let mut batch = Batch::new(InputId::new(task.input));
                let line = task.line.unwrap_or(1);
                batch.unreadable(Unreadable { offset: task.range.start as u64, line, record: 0, reason: DEFECT.to_owned() });
                Decoded { batch, ..Decoded::default() }
            }
        };
        let bytes = content.and_then(|(content, _)| content.bytes().get(task.range.clone())).unwrap_or_default();
        let counted = if task.is_part && task.line.is_none() && content.is_some_and(|(_, format)| *format == Format::Text) {
            memchr::memchr_iter(b'\n', bytes).count()
        } else {
            0
        };
        self.hand_over(task, decoded, u32::try_from(counted).unwrap_or(u32::MAX))
    }
    fn decode(&mut self, task: &Task, content: &Content, format: Format) -> Decoded {
        let mut batch = Batch::with_names(InputId::new(task.input), std::mem::take(&mut self.names));
        let bytes = content.bytes().get(task.range.clone()).unwrap_or_default();
        let offset = task.range.start as u64;
        let (mut tail, mut exit) = (None, None);
        match format {
            Format::Evtx => {
                for start in task.range.clone().step_by(evtx::CHUNK) {
                    self.evtx.chunk_of(content.bytes(), start, &mut batch);
                }
            }
            Format::Text => {
                let line = task.line.unwrap_or(1);
                let all = content.bytes();
                let grows = self.keep_tail && task.range.end == all.len();
                // Where it stopped, as a place of the input.
                let stopped = if let Some(part) = &task.part {
                    let ended = self.text.feed_part(all, part, line, !self.keep_tail, &mut batch);
                    exit = Some(ended);
                    ended.at
                } else {
                    self.text.begin_again();
                    task.range.start + self.text.feed(bytes, offset, line, !grows, &mut batch)
                };
                if grows {
                    let taken = all.get(task.range.start..stopped.min(all.len())).unwrap_or_default();
                    let lines = memchr::memchr_iter(b'\n', taken).count();
                    let line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
                    let decoder = std::mem::replace(&mut self.text, text::Decoder::new(SHAPES));
                    tail = Some(Tail { decoder, offset: stopped.min(all.len()) as u64, line });
                }
            }
            Format::Unknown => {}
        }
        batch.events.sort_by_key(|event| (event.at, event.record));
        Decoded { batch, tail, exit }
    }
    fn hand_over(&mut self, task: Task, decoded: Decoded, newlines: u32) -> Done {
        let Decoded { batch, tail, exit } = decoded;
        let (names, mut events, tally) = batch.finish();
        let texts = names.texts().shared_from(self.told).cloned().collect();
        self.told = names.len();
        self.names = names;
        let untranslated = self.translate(&mut events);
        let table = self.known.table;
        if self.told > WORKER_TEXTS {
            (self.names, self.told) = (Interner::default(), 0);
            self.known = Known { table: table + 1, symbols: Vec::new() };
        }
        Done { task, worker: self.number, texts, table, events, untranslated, tally, newlines, tail, exit }
    }
    /// Puts the writer's symbols into the events; gives the places of those with a text the writer has not taken over yet.
    fn translate(&mut self, events: &mut [AuthEvent]) -> Vec<usize> {
        let writers = lock(&self.shared);
        if writers.table == self.known.table {
            self.known.symbols.extend_from_slice(writers.symbols.get(self.known.symbols.len()..).unwrap_or_default());
        }
        drop(writers);
        let symbols = &self.known.symbols;
        let mut untranslated = Vec::new();
        for (place, event) in events.iter_mut().enumerate() {
            if symbols.len() < self.told {
                let mut highest = 0;
                event.translate(|symbol| {
                    highest = highest.max(symbol.index());
                    symbol
                });
                if highest >= symbols.len() {
                    untranslated.push(place);
                    continue;
                }
            }
            event.translate(|symbol| symbols.get(symbol.index()).copied().unwrap_or(Symbol::NONE));
        }
        untranslated
    }
}
