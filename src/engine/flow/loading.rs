//! Folds recordings while they are read, and shows how far it is.

use super::super::Engine;
use super::super::clock::Stopwatch;
use super::super::handle::Command;
use super::super::ingest::Taker;
use super::super::limits::SNAPSHOT_LOADING;
use super::super::preview::Preview;
use super::{Publisher, must_stop};
use crate::base::intern::Interner;
use crate::model::event::AuthEvent;
use crate::model::input::InputStatus;
use crate::store::Phase;
use crate::store::progress::Progress;
use crossbeam_channel::Receiver;

/// The reading of the inputs of a run.
pub(super) struct Loading<'a> {
    pub engine: Engine,
    pub publisher: Publisher,
    commands: &'a Receiver<Command>,
    /// What is shown meanwhile, where it is not what was read so far.
    preview: Option<Engine>,
    /// Grows when the reading begins anew.
    pub epoch: u64,
    pub stopped: bool,
    /// Since the reading began, the last time.
    took: Stopwatch,
}

impl<'a> Loading<'a> {
    /// Begins; a preview, if there is one, is shown before anything is read.
    pub fn begin(engine: Engine, publisher: Publisher, commands: &'a Receiver<Command>, preview: Option<Preview>) -> Self {
        let mut loading = Self { engine, publisher, commands, preview: None, epoch: 0, stopped: false, took: Stopwatch::default() };
        if let Some(Preview { engine, inputs }) = preview {
            let of_bytes = inputs.iter().map(|input| input.bytes).sum();
            let preview = loading.preview.insert(engine);
            loading.publisher.previewing(preview, &inputs, Progress { of_bytes, ..Progress::default() });
        }
        loading
    }
    /// Publishes what is known, and how far it is.
    fn show(&mut self, done: u64, total: u64, inputs: &[InputStatus]) {
        let events = self.engine.world().tables.events.len() as u64;
        let took = self.took.elapsed();
        match &mut self.preview {
            Some(preview) => {
                let progress = Progress { unpacking: None, bytes: done, of_bytes: total, events, took };
                let phase = Phase::Loading { percent: progress.percent() };
                self.publisher.previewing(preview, inputs, progress);
                let now = self.engine.last().unwrap_or_default();
                self.publisher.hand_over(&mut self.engine, inputs, phase, now, self.epoch);
            }
            None => {
                let now = self.engine.last().unwrap_or_default();
                self.publisher.loading(&mut self.engine, inputs, (done, total, events, took), now, self.epoch);
            }
        }
    }
}

impl Taker for Loading<'_> {
    fn names(&mut self) -> &mut Interner {
        self.engine.names()
    }
    fn take(&mut self, event: AuthEvent) {
        self.engine.apply(event);
    }
    fn start_over(&mut self) {
        self.engine = self.engine.anew();
        self.epoch += 1;
        self.took = Stopwatch::default();
    }
    fn progress(&mut self, done: u64, total: u64, inputs: &[InputStatus]) -> bool {
        loop {
            let waits = self.publisher.make_room(&mut self.engine, self.epoch);
            if self.publisher.is_due(SNAPSHOT_LOADING) {
                self.show(done, total, inputs);
            }
            self.stopped = must_stop(self.commands);
            if !waits || self.stopped {
                return !self.stopped;
            }
            self.publisher.await_history(&mut self.engine);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ingest::{self, Reading};
    use crate::engine::load::Opened;
    use crate::engine::preview::{self, Bounds};
    use crate::engine::{Rules, flow};
    use crate::store::Phase;
    use std::sync::Arc;

    #[test]
    fn a_preview_is_shown_until_everything_is_read_and_the_events_are_those_of_the_inputs() {
        let lines: &[u8] = include_bytes!("../../../assets/demo/windows.jsonl");
        let opened = [Opened::memory("windows.jsonl", Arc::from(lines))];
        let rules = Rules { preview: Bounds { over: 1, bytes: lines.len() / 4, least: 1 }, ..Rules::default() };
        let (_commands, received) = crossbeam_channel::bounded(1);
        let (publisher, seen) = flow::publisher(crossbeam_channel::bounded(1).0, None);
        let preview = preview::of(&opened, Reading::default(), &rules);
        let mut loading = Loading::begin(Engine::default().by_rules(rules), publisher, &received, preview);
        let first = Arc::clone(&seen.borrow());
        assert!(first.preview.is_some() && first.preview == first.first && first.tables.anomalies.is_empty());
        assert!((100..3_000).contains(&first.tables.events.len()), "{}", first.tables.events.len());
        assert_eq!((first.phase, first.inputs.len()), (Phase::Loading { percent: 0 }, 1));
        let finished = ingest::read(&opened, Reading::default(), &mut loading);
        loading.show(1, 2, &finished.inputs);
        let half = Arc::clone(&seen.borrow());
        assert_eq!((half.preview, half.epoch, half.phase), (first.preview, preview::EPOCH, Phase::Loading { percent: 50 }));
        assert_eq!(half.tables.events.len(), first.tables.events.len());
        assert!(half.inputs[0].logs.is_empty() && half.inputs[0].events > 0, "{:?}", half.inputs);
        let Loading { mut engine, mut publisher, epoch, .. } = loading;
        publisher.publish(&mut engine, &finished.inputs, Phase::File, first.now, epoch);
        let read = Arc::clone(&seen.borrow());
        assert_eq!((read.preview, read.epoch), (None, 0));
        assert_eq!(read.tables.events.len() as u64, read.inputs[0].events);
        assert!(read.tables.events.len() > 2 * first.tables.events.len() && !read.tables.anomalies.is_empty());
        let newest =
            |snapshot: &crate::store::Snapshot| snapshot.tables.events.last().map(|row| (row.event.at, row.event.provenance.offset));
        assert_eq!(newest(&read), newest(&first), "both end with the same record, which can be read again");
    }
}
