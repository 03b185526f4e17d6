//! Keys that were met before, and where they lead.
//!
//! Logs repeat a few hundred keys for ever, in any order. Looking one up by its spelling in any letter case is slow, so
//! what came of it is remembered by the bytes of the key: met again, it is told by four words. A decoder has one such
//! memory for all shapes.

use super::trie::{NodeId, Trie};
use crate::model::shape::Slot;

type Words = [u64; 4];

#[derive(Clone, Copy, Debug)]
struct Learned {
    /// The first and the last sixteen bytes: all of a key of up to 32 bytes. Of shorter keys less, which overlaps.
    words: Words,
    len: u8,
    /// The tree and the node whose child it is.
    at: (u16, NodeId),
    found: Found,
}

/// Where a key leads.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub child: NodeId,
    /// What the key marks.
    pub marks: u32,
    /// The slot of a place that holds one value and nothing else, as most do.
    pub plain: Option<Slot>,
}

/// `None` for a key that is not wanted.
pub type Found = Option<Step>;

/// Keys remembered; a key that falls on the place of another replaces it.
const LEARNED: usize = 1_024;
/// Longer keys are looked up every time.
const LONGEST: usize = 32;

/// The memory; it takes no room before the first key.
#[derive(Debug, Default)]
pub struct Keys {
    learned: Vec<Learned>,
    is_stopped: bool,
}

impl Keys {
    /// From now on every key is looked up by its spelling.
    pub fn stop_learning(&mut self) {
        *self = Self { learned: Vec::new(), is_stopped: true };
    }
    /// Where a key below `id` leads, if it was met before.
    #[inline(always)]
    pub fn recall(&self, trie: &Trie, id: NodeId, key: &[u8]) -> Option<Found> {
        let words = words_of(key)?;
        let at = (trie.number, id);
        let learned = self.learned.get(place_of(words, at))?;
        (are_same(learned.words, words) && usize::from(learned.len) == key.len() && learned.at == at).then_some(learned.found)
    }
    pub fn learn(&mut self, trie: &Trie, id: NodeId, key: &[u8], found: Found) {
        let (Some(words), Ok(len)) = (words_of(key), u8::try_from(key.len())) else { return };
        if self.is_stopped {
            return;
        }
        if self.learned.is_empty() {
            self.learned = vec![Learned { words: [0; 4], len: u8::MAX, at: (0, 0), found: None }; LEARNED];
        }
        let at = (trie.number, id);
        if let Some(place) = self.learned.get_mut(place_of(words, at)) {
            *place = Learned { words, len, at, found };
        }
    }
}

/// Compared word by word: put together for a wide comparison they would have to go through memory.
#[inline(always)]
const fn are_same([a, b, c, d]: Words, [e, f, g, h]: Words) -> bool {
    (a ^ e) | (b ^ f) | (c ^ g) | (d ^ h) == 0
}

/// The words of a key that may be learned. With its length they are the key.
#[inline(always)]
fn words_of(key: &[u8]) -> Option<Words> {
    let (first, last) = (key.first_chunk::<8>().copied().map(u64::from_le_bytes), key.last_chunk::<8>().copied().map(u64::from_le_bytes));
    Some(match key.len() {
        17..=LONGEST => {
            let (second, third) = (key.get(8..)?.first_chunk::<8>()?, key.get(..key.len() - 8)?.last_chunk::<8>()?);
            [first?, last?, u64::from_le_bytes(*second), u64::from_le_bytes(*third)]
        }
        8..=16 => [first?, last?, 0, 0],
        4..8 => [u32::from_le_bytes(*key.first_chunk()?).into(), u32::from_le_bytes(*key.last_chunk()?).into(), 0, 0],
        1..4 => [(*key.first()?).into(), u16::from_le_bytes([*key.get(key.len() / 2)?, *key.last()?]).into(), 0, 0],
        _ => return None,
    })
}

#[inline(always)]
#[allow(clippy::cast_possible_truncation)] // ten bits are left
fn place_of([first, last, ..]: Words, (trie, id): (u16, NodeId)) -> usize {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = (first ^ last.rotate_left(25) ^ u64::from(id) ^ u64::from(trie) << 16).wrapping_mul(MIX);
    (mixed >> (64 - LEARNED.trailing_zeros())) as usize
}
