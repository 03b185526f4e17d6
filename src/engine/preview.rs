//! The newest part of large inputs, on screen while the rest is read.
//!
//! Sessions and detections are a fold in the order of time, so the end of a log cannot be folded before its beginning. A
//! preview is a world of its own, made of the last bytes of each input: it is shown, marked as what it is, until everything
//! is read, and then it is gone. It begins where the last bytes of every input are (`since`), so nothing that happened
//! after that is missing. What began before is known as in any log that begins late: from its first record on. Nothing is
//! looked for in it, because a detection that does not know the past would call everything new; nothing of it goes to the
//! history, and the screen lets nothing of it out (`ui::preview`).
//!
//! There is none where the end of an input cannot be read without its beginning (arrays, CSV, XML), for so many inputs
//! that a share of the bytes would say little, and where everything is read in about the same time.

use super::ingest::{self, Reading, Taker};
use super::limits::{PREVIEW_BYTES, PREVIEW_LEAST, PREVIEW_OVER};
use super::load::Opened;
use super::{Engine, Rules};
use crate::base::intern::Interner;
use crate::model::event::AuthEvent;
use crate::model::input::{InputStatus, Tally};

/// Which inputs have a preview, and of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Inputs of no more bytes in all have none.
    pub over: u64,
    /// Bytes that are read of all inputs together.
    pub bytes: usize,
    /// A smaller share for one input is not worth it.
    pub least: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { over: PREVIEW_OVER, bytes: PREVIEW_BYTES, least: PREVIEW_LEAST }
    }
}

/// Rows of it mean nothing in what is read later.
pub const EPOCH: u64 = u64::MAX;

/// Times out of order that an end may begin with, as one in so many.
const STRAY: usize = 100;

#[derive(Default)]
struct Collected {
    names: Interner,
    events: Vec<AuthEvent>,
}

impl Taker for Collected {
    fn names(&mut self) -> &mut Interner {
        &mut self.names
    }
    fn take(&mut self, mut event: AuthEvent) {
        // Lines are counted from the beginning.
        event.provenance.line = 0;
        self.events.push(event);
    }
    fn start_over(&mut self) {
        self.events.clear();
    }
}

/// A preview, and the inputs of which nothing else was read yet.
pub struct Preview {
    pub engine: Engine,
    pub inputs: Vec<InputStatus>,
}

/// The newest events of these inputs, folded; nothing where there is none.
#[must_use]
pub fn of(opened: &[Opened], reading: Reading, rules: &Rules) -> Option<Preview> {
    let bounds = rules.preview;
    let lengths: Vec<usize> = opened.iter().map(|input| input.content.as_ref().map_or(0, |(content, _)| content.bytes().len())).collect();
    let share = bounds.bytes / lengths.iter().filter(|length| **length > 0).count().max(1);
    if lengths.iter().map(|length| *length as u64).sum::<u64>() <= bounds.over || share < bounds.least {
        return None;
    }
    let mut collected = Collected::default();
    let finished = ingest::read_newest(opened, reading, share, &mut collected)?;
    let Collected { names, events } = collected;
    // Of an input of which there is only the end, nothing is known before the end begins.
    let begins = lengths.iter().enumerate().filter(|(_, length)| **length > share).filter_map(|(input, _)| {
        let mut times = events.iter().filter(|event| event.provenance.input.index() == input).map(|event| event.at);
        times.nth(events.iter().filter(|event| event.provenance.input.index() == input).count() / STRAY)
    });
    let since = begins.max().or_else(|| events.first().map(|event| event.at))?;
    tracing::info!(events = events.len(), since = %since.rfc3339(), "preview");
    let mut engine = Engine::new(names).by_rules(rules.clone()).previewing(since);
    for event in events.into_iter().filter(|event| event.at >= since) {
        engine.apply(event);
    }
    let unread = |status| InputStatus { tally: Tally::default(), bytes_read: 0, ..status };
    Some(Preview { engine, inputs: finished.inputs.into_iter().map(unread).collect() })
}

/// What is said of the inputs meanwhile: their texts are those of what is read, which the preview does not know.
#[must_use]
pub fn told(inputs: &[InputStatus]) -> Vec<InputStatus> {
    let counts = |status: &InputStatus| {
        let mut tally = Tally::default();
        tally.add_counts(&status.tally);
        tally.places = status.tally.places.clone();
        InputStatus { tally, ..status.clone() }
    };
    inputs.iter().map(counts).collect()
}
