//! Decodes pieces on threads of its own.
//!
//! A worker keeps its decoders and its table of texts from piece to piece: a text is looked up once for a worker, not
//! once for a piece, and travels to the writer the first time it is met. A defect of a decoder costs its piece, never
//! the run.

use super::super::limits::WORKER_TEXTS;
use super::super::load::{Content, DEFECT, Opened, Tail};
use crate::base::intern::Interner;
use crate::decode::cut::{Exit, Part};
use crate::decode::{evtx, text};
use crate::model::event::AuthEvent;
use crate::model::fields::{RecordSink, Unreadable};
use crate::model::ids::InputId;
use crate::model::input::{Format, Tally};
use crate::normalise::batch::Batch;
use crate::normalise::shape::SHAPES;
use std::ops::Range;

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
    /// Texts the worker met for the first time; they go behind the first `texts_from` of it.
    pub texts: Vec<String>,
    pub texts_from: usize,
    /// In order of time and record number.
    pub events: Vec<AuthEvent>,
    pub tally: Tally,
    /// Line borders in the piece; counted only where the next piece has to know.
    pub newlines: u32,
    pub tail: Option<Tail>,
    /// Where and how the reading of a part ended.
    pub exit: Option<Exit>,
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
}

impl Worker {
    #[must_use]
    pub fn new(number: usize, keep_tail: bool) -> Self {
        Self { number, keep_tail, evtx: evtx::Decoder::new(), text: text::Decoder::new(SHAPES), names: Interner::default(), told: 0 }
    }
    /// Decodes a piece of an input.
    pub fn run(&mut self, task: Task, opened: &Opened) -> Done {
        let content = opened.content.as_ref().ok();
        let work = std::panic::AssertUnwindSafe(|| content.map(|(content, format)| self.decode(&task, content, *format)));
        let decoded = match std::panic::catch_unwind(work) {
            Ok(done) => done.unwrap_or_default(),
            Err(_) => {
                // What the defect left behind is not used again.
                *self = Self::new(self.number, self.keep_tail);
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
        let (names, events, tally) = batch.finish();
        let texts_from = self.told;
        let texts = names.texts().from(texts_from).map(str::to_owned).collect();
        self.told = names.len();
        self.names = names;
        if self.told > WORKER_TEXTS {
            (self.names, self.told) = (Interner::default(), 0);
        }
        Done { task, worker: self.number, texts, texts_from, events, tally, newlines, tail, exit }
    }
}
