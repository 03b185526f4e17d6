//! Keys that were met before, and where they lead.
//!
//! Logs repeat a few hundred keys for ever, in any order. Looking one up by its spelling in any letter case is slow, so
//! what came of it is remembered by the bytes of the key: met again, it is told by four words. A decoder has one such
//! memory for all shapes.

use super::trie::{NodeId, Trie};

#[derive(Clone, Copy, Debug)]
struct Learned {
    /// The first and the last eight bytes, and the eight beside each: all of a key of up to 32 bytes.
    words: [u64; 4],
    len: u8,
    /// The tree and the node whose child it is.
    at: (u16, NodeId),
    /// `NOWHERE` when the key is not wanted.
    child: NodeId,
    marks: u32,
}

const NOWHERE: NodeId = NodeId::MAX;
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

/// A node, and the marks it sets.
pub type Found = Option<(NodeId, u32)>;

impl Keys {
    /// From now on every key is looked up by its spelling.
    pub fn stop_learning(&mut self) {
        *self = Self { learned: Vec::new(), is_stopped: true };
    }
    /// Where a key below `id` leads, if it was met before. The key lies in `bytes`, which go on behind it.
    #[inline]
    pub fn recall(&self, trie: &Trie, id: NodeId, bytes: &[u8], key: (usize, usize)) -> Option<Found> {
        let (words, len) = words_of(bytes, key)?;
        let at = (trie.number, id);
        let learned = self.learned.get(place_of(words, at))?;
        if learned.words != words || learned.len != len || learned.at != at {
            return None;
        }
        Some((learned.child != NOWHERE).then_some((learned.child, learned.marks)))
    }
    pub fn learn(&mut self, trie: &Trie, id: NodeId, bytes: &[u8], key: (usize, usize), found: Found) {
        let Some((words, len)) = words_of(bytes, key) else { return };
        if self.is_stopped {
            return;
        }
        if self.learned.is_empty() {
            self.learned = vec![Learned { words: [0; 4], len: u8::MAX, at: (0, 0), child: NOWHERE, marks: 0 }; LEARNED];
        }
        let at = (trie.number, id);
        let (child, marks) = found.unwrap_or((NOWHERE, 0));
        if let Some(place) = self.learned.get_mut(place_of(words, at)) {
            *place = Learned { words, len, at, child, marks };
        }
    }
}

/// The words of a key that may be learned, and its length.
#[inline]
fn words_of(bytes: &[u8], (from, to): (usize, usize)) -> Option<([u64; 4], u8)> {
    let word = |at: usize| bytes.get(at..).and_then(<[u8]>::first_chunk::<8>).map(|word| u64::from_le_bytes(*word));
    let len = to.wrapping_sub(from);
    let words = match len {
        1..8 => [word(from)? & ((1 << (len * 8)) - 1), 0, 0, 0],
        8..=16 => [word(from)?, 0, 0, word(to - 8)?],
        17..=LONGEST => [word(from)?, word(from + 8)?, word(to - 16)?, word(to - 8)?],
        _ => return None,
    };
    Some((words, u8::try_from(len).ok()?))
}

#[inline]
#[allow(clippy::cast_possible_truncation)] // ten bits are left
fn place_of(words: [u64; 4], (trie, id): (u16, NodeId)) -> usize {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let [first, _, _, last] = words;
    let mixed = (first ^ last.rotate_left(25) ^ u64::from(id) ^ u64::from(trie) << 16).wrapping_mul(MIX);
    (mixed >> (64 - LEARNED.trailing_zeros())) as usize
}
