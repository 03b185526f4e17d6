//! In which order the shapes are tried on a record: those met last first, as streams that mix shapes repeat them.
//!
//! A shape that looks anywhere in a record fits nearly every one, so it keeps its place behind all others.

use super::trie::Trie;

/// Places in the list of shapes; small, so that it is copied rather than borrowed while a record is walked.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    places: [u8; MOST],
    len: usize,
}

/// More shapes than there will be.
const MOST: usize = 64;

impl Order {
    /// The order of the list.
    #[must_use]
    pub fn new(tries: &[Trie]) -> Self {
        let mut places = [0; MOST];
        for (number, place) in places.iter_mut().enumerate() {
            *place = u8::try_from(number).unwrap_or(u8::MAX);
        }
        Self { places, len: tries.len().min(MOST) }
    }
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.places.iter().take(self.len).map(|place| usize::from(*place))
    }
    /// The last record was of the shape with this number.
    #[inline]
    pub fn met(&mut self, number: usize, trie: &Trie) {
        let is_first = self.places.first().is_some_and(|first| usize::from(*first) == number);
        if is_first || trie.looks_anywhere() {
            return;
        }
        let at = self.iter().position(|known| known == number);
        if let Some(at) = at
            && let Some(head) = self.places.get_mut(..=at)
        {
            head.rotate_right(1);
        }
    }
}
