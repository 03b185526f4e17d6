//! Combinations that come again and again, each kept once and named by a number.

use super::segments::SegVec;
use rustc_hash::FxHashMap;
use std::hash::Hash;

/// Combinations by number. 0 is the one in which everything is absent.
#[derive(Clone, Debug)]
pub struct Dictionary<T> {
    entries: SegVec<T>,
    /// Numbers by combination; only the writer has them.
    numbers: FxHashMap<T, u32>,
}

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self { entries: SegVec::default(), numbers: FxHashMap::default() }
    }
}

impl<T: Copy + Default + Eq + Hash> Dictionary<T> {
    /// The number of a combination; a new one when it was never seen, or not by this writer.
    pub fn number(&mut self, of: T) -> u64 {
        if of == T::default() {
            return 0;
        }
        let entries = &mut self.entries;
        let number = *self.numbers.entry(of).or_insert_with(|| {
            entries.push(of);
            u32::try_from(entries.len()).unwrap_or(0) // there are fewer rows
        });
        number.into()
    }
    #[must_use]
    pub fn get(&self, number: u64) -> T {
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        place.and_then(|place| self.entries.get(place)).copied().unwrap_or_default()
    }
    /// The same for those who only read; see `SegVec::share`.
    #[must_use]
    pub fn share(&mut self) -> Self {
        Self { entries: self.entries.share(), numbers: FxHashMap::default() }
    }
}
