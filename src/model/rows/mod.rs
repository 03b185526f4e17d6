//! The rows of all events that were applied. The newest stand as they are; older ones are sealed, segment by segment, into
//! columns of packed numbers (about 30 bytes for an event of a busy Security log instead of 264) and made into rows again
//! where they are read.
//!
//! Positions are those of `SegVec`: they stay, and the oldest rows may be let go. What a row was found to belong to may
//! still change later; such changes of sealed rows are kept beside them.

mod sealed;
mod sign_ins;
#[cfg(test)]
mod tests;
mod uniques;
mod words;

use crate::base::segments::{SEGMENT, SegVec};
use crate::base::time::Timestamp;
use crate::model::attempt::Counted;
use crate::model::ids::{EventId, SessionId, VisitId};
use crate::model::world::Row;
use sealed::{Press, Sealed};
use std::borrow::Cow;
use std::sync::Arc;
use words::Words;

/// The newest rows that stand as they are. Most of what still changes in a row does within seconds of it.
pub const OPEN: usize = 16 * SEGMENT;

/// Segments that have their combinations in common; old ones are let go with the last of their rows.
const AGE: usize = 2_048;

/// What a row was found to belong to, which later events may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub counted: Counted,
    pub session: SessionId,
    pub visit: VisitId,
    pub previous_of_session: EventId,
}

impl Standing {
    const fn of(row: &Row) -> Self {
        let Row { counted, session, visit, previous_of_session, .. } = *row;
        Self { counted, session, visit, previous_of_session }
    }
    const fn set(self, row: &mut Row) {
        let Self { counted, session, visit, previous_of_session } = self;
        (row.counted, row.session, row.visit, row.previous_of_session) = (counted, session, visit, previous_of_session);
    }
}

/// A sealed segment.
#[derive(Clone, Debug)]
struct Slot {
    sealed: Arc<Sealed>,
    /// What changed since it was sealed, by place in the segment.
    changed: Option<Arc<Vec<(u16, Standing)>>>,
}

impl Slot {
    fn changed(&self, place: usize) -> Option<&Standing> {
        let (changed, place) = (self.changed.as_deref()?, u16::try_from(place).ok()?);
        let at = changed.binary_search_by_key(&place, |(place, _)| *place).ok()?;
        changed.get(at).map(|(_, standing)| standing)
    }
}

/// The rows.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// All that are not sealed, at their own positions.
    open: SegVec<Row>,
    /// By number of the segment; nothing for those that were let go.
    sealed: SegVec<Option<Slot>>,
    /// Rows that were let go: whole segments.
    gone: usize,
    /// Combinations of ages before the one that is written; nothing for those that were let go.
    ages: Vec<Option<Arc<Words>>>,
    words: Words,
    press: Press,
}

impl Rows {
    /// Rows ever pushed: the position of the next one.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.open.len()
    }
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
    /// Position of the oldest row that is still there.
    #[must_use]
    pub const fn first_kept(&self) -> usize {
        self.gone
    }
    /// The row; `None` beyond the end and for one that was let go.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Cow<'_, Row>> {
        if index >= self.open.first_kept() {
            return self.open.get(index).map(Cow::Borrowed);
        }
        self.sealed_row(index).map(Cow::Owned)
    }
    fn sealed_row(&self, index: usize) -> Option<Row> {
        let (slot, words) = self.slot(index)?;
        let mut row = slot.sealed.row(index % SEGMENT, index, words);
        if let Some(standing) = slot.changed(index % SEGMENT) {
            standing.set(&mut row);
        }
        Some(row)
    }
    /// The sealed segment of a row, with the combinations of its age.
    fn slot(&self, index: usize) -> Option<(&Slot, &Words)> {
        let number = index / SEGMENT;
        let slot = self.sealed.get(number)?.as_ref()?;
        let words = match self.ages.get(number / AGE) {
            Some(age) => age.as_deref()?,
            None => &self.words,
        };
        Some((slot, words))
    }
    /// When it happened: less work than the whole row.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<Timestamp> {
        if index >= self.open.first_kept() {
            return self.open.get(index).map(|row| row.event.at);
        }
        self.slot(index).map(|(slot, _)| slot.sealed.at(index % SEGMENT))
    }
    /// What it belongs to: less work than the whole row.
    #[must_use]
    pub fn standing(&self, index: usize) -> Option<Standing> {
        if index >= self.open.first_kept() {
            return self.open.get(index).map(Standing::of);
        }
        let (slot, words) = self.slot(index)?;
        let place = index % SEGMENT;
        Some(slot.changed(place).copied().unwrap_or_else(|| slot.sealed.standing(place, index, words)))
    }
    /// The newest row.
    #[must_use]
    pub fn last(&self) -> Option<&Row> {
        self.open.last()
    }
    /// The rows that are there, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Cow<'_, Row>> {
        (self.gone..self.len()).filter_map(|index| self.get(index))
    }
    /// Rows from position `start` on, without walking what lies before.
    pub fn iter_from(&self, start: usize) -> impl Iterator<Item = Cow<'_, Row>> {
        (start.max(self.gone)..self.len()).filter_map(|index| self.get(index))
    }
    /// Appends and says at which position.
    #[inline]
    pub fn push(&mut self, row: Row) -> usize {
        let index = self.open.push(row);
        if self.open.len() - self.open.first_kept() >= OPEN + SEGMENT {
            self.seal();
        }
        index
    }
    /// Seals the oldest segment that stands as it is.
    fn seal(&mut self) {
        let first = self.open.first_kept();
        let number = first / SEGMENT;
        // Those before were let go without ever being sealed.
        while self.sealed.len() < number {
            self.sealed.push(None);
        }
        while self.ages.len() < number / AGE {
            let words = std::mem::take(&mut self.words).share();
            self.ages.push(Some(Arc::new(words)));
        }
        let rows = self.open.segment_at(first);
        let sealed = Arc::new(Sealed::of(rows, first, &mut self.words, &mut self.press));
        self.sealed.push(Some(Slot { sealed, changed: None }));
        self.open.keep_newest(OPEN);
    }
    /// Changes what a row belongs to; a row that was let go, or never was, is not changed.
    pub fn change(&mut self, index: usize, change: impl FnOnce(&mut Standing)) {
        if index >= self.open.first_kept() {
            if let Some(row) = self.open.get_mut(index) {
                let mut standing = Standing::of(row);
                change(&mut standing);
                standing.set(row);
            }
            return;
        }
        let Some(before) = self.standing(index) else { return };
        let mut standing = before;
        change(&mut standing);
        if standing == before {
            return;
        }
        let Some(slot) = self.sealed.get_mut(index / SEGMENT).and_then(Option::as_mut) else { return };
        let changed = Arc::make_mut(slot.changed.get_or_insert_default());
        let Ok(place) = u16::try_from(index % SEGMENT) else { return };
        match changed.binary_search_by_key(&place, |(place, _)| *place) {
            Ok(at) => {
                if let Some((_, known)) = changed.get_mut(at) {
                    *known = standing;
                }
            }
            Err(at) => changed.insert(at, (place, standing)),
        }
    }
    /// Lets go of the oldest rows, in whole segments, as long as `keep` remain.
    #[inline]
    pub fn keep_newest(&mut self, keep: usize) {
        while self.len() - self.gone > SEGMENT && self.len() - self.gone >= keep.saturating_add(SEGMENT) {
            let number = self.gone / SEGMENT;
            if self.gone == self.open.first_kept() {
                self.open.keep_newest(keep);
                self.gone = self.open.first_kept();
                continue;
            }
            if let Some(slot) = self.sealed.get_mut(number) {
                *slot = None;
            }
            self.gone += SEGMENT;
            self.sealed.keep_newest(self.sealed.len() - self.gone / SEGMENT);
            if (number + 1).is_multiple_of(AGE)
                && let Some(age) = self.ages.get_mut(number / AGE)
            {
                *age = None;
            }
        }
    }
    /// Rows that later changes do not reach, without a copy of them. `clone` gives the same but copies what was changed
    /// since the last share.
    #[must_use]
    pub fn share(&mut self) -> Self {
        Self {
            open: self.open.share(),
            sealed: self.sealed.share(),
            gone: self.gone,
            ages: self.ages.clone(),
            words: self.words.share(),
            press: Press::default(),
        }
    }
}

impl FromIterator<Row> for Rows {
    fn from_iter<I: IntoIterator<Item = Row>>(items: I) -> Self {
        let mut rows = Self::default();
        for row in items {
            rows.push(row);
        }
        rows
    }
}
