//! Reads lanes by host, account or source, on a thread of its own; the newest question wins.

use crate::engine::handle::ProjectionRequest;
use crate::store::Snapshot;
use crate::store::group::{Grouped, Index, Question};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Rows taken in between two looks for a newer question.
const STEP: usize = 100_000;

/// The index of the lanes last asked for, and the number of the newest question.
#[derive(Debug, Default)]
pub struct Grouper {
    index: Mutex<Option<Index>>,
    newest: AtomicU64,
}

impl Grouper {
    /// The number of a new question; those before it are not wanted any more.
    pub fn ticket(&self) -> u64 {
        self.newest.fetch_add(1, Ordering::Relaxed) + 1
    }
    /// Answers a question; nothing when a newer one came. What was counted until then is kept for it.
    #[must_use]
    pub fn answer(&self, ticket: u64, snapshot: &Snapshot, question: Question, filter: ProjectionRequest) -> Option<Grouped> {
        let mut held = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let filter = filter.map(|(_, filter)| filter);
        let index = match held.take() {
            Some(index) if index.fits(question.by, snapshot.epoch, filter.as_ref()) => held.insert(index),
            _ => held.insert(Index::new(question.by, snapshot.epoch, filter)),
        };
        let is_wanted = || self.newest.load(Ordering::Relaxed) == ticket;
        while is_wanted() {
            if index.extend(snapshot, STEP) {
                return Some(index.answer(snapshot, question));
            }
        }
        None
    }
}
