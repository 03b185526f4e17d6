//! Remembers which symbol came of which bytes, so that what stands in a log a million times is converted once.
//!
//! The key is the bytes as they stand in the log and the kind of reading they were given; a hit costs one hash and one
//! comparison of the bytes. It is a memory, not a table of record: it may forget everything at any time, is bounded in
//! entries and bytes, and a forged flood of colliding keys only makes it forget.

use super::intern::Symbol;

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// Upper half of the hash, never 0 in a slot that is taken.
    tag: u32,
    from: u32,
    size: u16,
    kind: u8,
    symbol: Symbol,
}

#[derive(Debug, Default)]
pub struct Memo {
    slots: Vec<Slot>,
    bytes: Vec<u8>,
    taken: usize,
}

/// Most slots, a quarter of which is used, and most bytes of keys.
const SLOTS: usize = 1 << 17;
const BYTES: usize = 16 << 20;
/// Places looked at for one key.
const REACH: usize = 12;
/// Longer keys are not remembered.
const LONGEST: usize = 512;

/// A place where a key may be kept.
#[derive(Clone, Copy, Debug)]
pub struct Key(u64);

/// Both halves of a product: so the last characters of a text, which stand in the upper bits, reach the lower ones.
#[inline]
#[allow(clippy::cast_possible_truncation)]
const fn mix(sum: u64, word: u64) -> u64 {
    let product = (sum ^ word) as u128 * 0x9e37_79b9_7f4a_7c15;
    (product >> 64) as u64 ^ product as u64
}

/// The hash of bytes.
#[must_use]
#[inline]
pub fn hash(kind: u8, raw: &[u8]) -> u64 {
    let mut sum = mix((raw.len() as u64) << 8 | u64::from(kind), 0x2545_f491_4f6c_dd1d);
    let (eights, rest) = raw.as_chunks::<8>();
    for eight in eights {
        sum = mix(sum, u64::from_le_bytes(*eight));
    }
    if !rest.is_empty() {
        // The last eight bytes lie over the ones before; a shorter key is put together.
        let last = match raw.last_chunk::<8>() {
            Some(last) => u64::from_le_bytes(*last),
            None => rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        sum = mix(sum, last);
    }
    sum
}

/// Whether two texts of one length are the same. In the loop of the caller: most are so short that a call of the system's
/// comparison costs more than they do.
#[inline]
fn are_same(one: &[u8], other: &[u8]) -> bool {
    let ((ones, rest), (others, other_rest)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    ones.iter().zip(others).all(|(one, other)| one == other)
        && match (one.last_chunk::<8>(), other.last_chunk::<8>()) {
            (Some(one), Some(other)) => one == other,
            _ => rest.iter().zip(other_rest).all(|(one, other)| one == other),
        }
}

impl Memo {
    /// The symbol of these bytes, or the key to keep it under.
    ///
    /// # Errors
    /// The bytes are not known.
    #[inline]
    pub fn find(&self, kind: u8, raw: &[u8]) -> Result<Symbol, Key> {
        let hash = hash(kind, raw);
        let tag = tag(hash);
        let mask = self.slots.len().wrapping_sub(1);
        for step in 0..REACH {
            let Some(slot) = self.slots.get(place(hash, step) & mask) else { break };
            if slot.tag == tag && slot.kind == kind && usize::from(slot.size) == raw.len() {
                let from = slot.from as usize;
                if self.bytes.get(from..from + raw.len()).is_some_and(|known| are_same(known, raw)) {
                    return Ok(slot.symbol);
                }
            }
            if slot.tag == 0 {
                break;
            }
        }
        Err(Key(hash))
    }
    /// Keeps what `find` did not know.
    pub fn keep(&mut self, Key(hash): Key, kind: u8, raw: &[u8], symbol: Symbol) {
        if raw.len() > LONGEST {
            return;
        }
        if self.slots.is_empty() {
            self.slots.resize(1 << 10, Slot::default());
        }
        if self.taken * 4 >= self.slots.len() || self.bytes.len() + raw.len() > BYTES {
            self.grow();
        }
        let (Ok(from), Ok(size)) = (u32::try_from(self.bytes.len()), u16::try_from(raw.len())) else { return };
        self.bytes.extend_from_slice(raw);
        self.put(hash, Slot { tag: tag(hash), from, size, kind, symbol });
    }
    /// Into a free place, or else over what stands in its first one.
    fn put(&mut self, hash: u64, slot: Slot) {
        let mask = self.slots.len().wrapping_sub(1);
        let is_free = |step: &usize| self.slots.get(place(hash, *step) & mask).is_some_and(|slot| slot.tag == 0);
        let free = (0..REACH).find(is_free);
        self.taken += usize::from(free.is_some());
        if let Some(at) = self.slots.get_mut(place(hash, free.unwrap_or(0)) & mask) {
            *at = slot;
        }
    }
    fn forget(&mut self) {
        self.slots.fill(Slot::default());
        self.bytes.clear();
        self.taken = 0;
    }
    /// Twice the room; at the limit everything is forgotten.
    fn grow(&mut self) {
        let more = self.slots.len() * 2;
        if more > SLOTS || self.bytes.len() * 2 > BYTES {
            self.forget();
            return;
        }
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); more]);
        self.taken = 0;
        for slot in old.into_iter().filter(|slot| slot.tag != 0) {
            let from = slot.from as usize;
            if let Some(raw) = self.bytes.get(from..from + usize::from(slot.size)) {
                self.put(hash(slot.kind, raw), slot);
            }
        }
    }
}

#[inline]
#[allow(clippy::cast_possible_truncation)]
const fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32 | 1
}

#[inline]
#[allow(clippy::cast_possible_truncation)]
const fn place(hash: u64, step: usize) -> usize {
    (hash as usize).wrapping_add(step)
}

#[cfg(test)]
mod tests {
    use super::super::intern::Interner;
    use super::*;

    #[test]
    fn the_same_bytes_give_the_same_symbol_and_kinds_are_apart() {
        let mut names = Interner::default();
        let (mut memo, mut known) = (Memo::default(), Vec::new());
        for number in 0..200_000_u32 {
            let raw = format!("account {number}").into_bytes();
            let kind = u8::try_from(number % 3).unwrap();
            if number < 5_000 {
                known.push((kind, raw.clone(), names.intern(&format!("{kind} {number}"))));
            }
            let symbol = known.get(number as usize).map_or(Symbol::NONE, |(.., symbol)| *symbol);
            let key = memo.find(kind, &raw).unwrap_err();
            memo.keep(key, kind, &raw, symbol);
            assert_eq!(memo.find(kind, &raw).unwrap(), symbol);
            assert!(memo.find(kind + 1, &raw).is_err());
            if number == 5_000 {
                let kept = known.iter().filter(|(kind, raw, symbol)| memo.find(*kind, raw).is_ok_and(|found| found == *symbol));
                assert!(kept.count() > 4_900);
            }
        }
        assert!(memo.slots.len() <= SLOTS && memo.bytes.len() <= BYTES);
    }

    #[test]
    fn long_keys_are_not_kept() {
        let mut memo = Memo::default();
        let raw = vec![b'a'; LONGEST + 1];
        let key = memo.find(0, &raw).unwrap_err();
        memo.keep(key, 0, &raw, Symbol::NONE);
        assert!(memo.find(0, &raw).is_err());
    }
}
