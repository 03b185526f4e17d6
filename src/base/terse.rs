//! Numbers in as few bytes as they need, one after another: how what is seldom read is kept.
//!
//! Four numbers share a byte that tells how long each of them is; 0 takes no more than its part of that. Writing or reading a
//! number costs some fifteen instructions, where a column of `packed` numbers takes fewer bytes and some hundred
//! instructions to write.

use super::intern::Symbol;
use super::time::{Span, Timestamp};

/// Bytes behind the last number, so that every number can be read with one look.
pub const BEHIND: usize = 8;

/// Bytes of a number up to 32 bits, by its two bits of length.
const SMALL: [u8; 4] = [0, 1, 2, 4];
/// Bytes of a longer one: times and identifiers.
const LARGE: [u8; 4] = [0, 3, 5, 8];

/// Writes numbers behind what stands in `bytes`.
#[derive(Debug)]
pub struct Pen<'a> {
    bytes: &'a mut Vec<u8>,
    /// Where the byte of lengths stands that is being filled, and how many are in it.
    lengths: usize,
    filled: u8,
}

impl<'a> Pen<'a> {
    #[must_use]
    pub const fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self { bytes, lengths: 0, filled: 4 }
    }
    fn put(&mut self, number: u64, code: u8, bytes: u8) {
        if self.filled == 4 {
            (self.lengths, self.filled) = (self.bytes.len(), 0);
            self.bytes.push(0);
        }
        if let Some(lengths) = self.bytes.get_mut(self.lengths) {
            *lengths |= code << (self.filled * 2);
        }
        self.filled += 1;
        self.bytes.extend_from_slice(number.to_le_bytes().get(..usize::from(bytes)).unwrap_or_default());
    }
    pub fn small(&mut self, number: u32) {
        let code = match number {
            0 => 0,
            1..=0xff => 1,
            0x100..=0xffff => 2,
            _ => 3,
        };
        self.put(number.into(), code, SMALL.get(usize::from(code)).copied().unwrap_or(0));
    }
    pub fn large(&mut self, number: u64) {
        let code = match number {
            0 => 0,
            1..=0xff_ffff => 1,
            0x100_0000..=0xff_ffff_ffff => 2,
            _ => 3,
        };
        self.put(number, code, LARGE.get(usize::from(code)).copied().unwrap_or(0));
    }
    pub fn symbol(&mut self, symbol: Symbol) {
        self.small(symbol.number());
    }
    /// A moment near another one.
    pub fn moment(&mut self, at: Timestamp, near: Timestamp) {
        self.large(folded(at.as_ticks().wrapping_sub(near.as_ticks())));
    }
}

/// Reads what a `Pen` wrote, in the same order.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    lengths: u8,
    left: u8,
}

impl<'a> Reader<'a> {
    /// From a place in bytes, which reach `BEHIND` further than what was written.
    #[must_use]
    pub const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, lengths: 0, left: 0 }
    }
    #[inline]
    fn take(&mut self, lengths: [u8; 4]) -> u64 {
        if self.left == 0 {
            (self.lengths, self.left) = (self.bytes.get(self.at).copied().unwrap_or(0), 4);
            self.at += 1;
        }
        let length = lengths.get(usize::from(self.lengths & 3)).copied().unwrap_or(0);
        (self.lengths, self.left) = (self.lengths >> 2, self.left - 1);
        let word = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk).copied().map_or(0, u64::from_le_bytes);
        self.at += usize::from(length);
        if length == 8 { word } else { word & ((1 << (length * 8)) - 1) }
    }
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // four bytes at most
    pub fn small(&mut self) -> u32 {
        self.take(SMALL) as u32
    }
    #[inline]
    pub fn large(&mut self) -> u64 {
        self.take(LARGE)
    }
    pub fn symbol(&mut self) -> Symbol {
        Symbol::from_number(self.small())
    }
    pub fn moment(&mut self, near: Timestamp) -> Timestamp {
        Timestamp::default() + Span::ticks(near.as_ticks().wrapping_add(unfolded(self.large())))
    }
}

/// Numbers near 0, of either sign, become small.
#[must_use]
pub const fn folded(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}
#[must_use]
pub const fn unfolded(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}
#[must_use]
pub const fn folded_32(number: u32) -> u32 {
    let number = number.cast_signed();
    (number << 1 ^ number >> 31).cast_unsigned()
}
#[must_use]
pub const fn unfolded_32(number: u32) -> u32 {
    number >> 1 ^ (number & 1).wrapping_neg()
}

/// How far the number of a row lies behind `own`; 0 for none, which is the greatest number. A row does not point to itself:
/// that stands for the distance that none would have.
#[must_use]
pub const fn behind(own: u32, to: u32) -> u32 {
    own.wrapping_sub(swapped(own, to))
}
#[must_use]
pub const fn at_distance(own: u32, distance: u32) -> u32 {
    swapped(own, own.wrapping_sub(distance))
}
const fn swapped(own: u32, to: u32) -> u32 {
    match to {
        u32::MAX => own,
        to if to == own => u32::MAX,
        to => to,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back_as_they_were(
            numbers in prop::collection::vec(
                (any::<bool>(), prop_oneof![Just(0), 0..300_u64, (0..64_u32).prop_map(|bits| 1 << bits), any::<u64>(), Just(u64::MAX)]),
                0..40,
            ),
        ) {
            let mut bytes = vec![7; 3];
            let mut pen = Pen::new(&mut bytes);
            #[allow(clippy::cast_possible_truncation)]
            for (is_small, number) in &numbers {
                if *is_small { pen.small(*number as u32) } else { pen.large(*number) }
            }
            bytes.extend([0xff; BEHIND]);
            let mut reader = Reader::new(&bytes, 3);
            for (is_small, number) in &numbers {
                if *is_small {
                    prop_assert_eq!(u64::from(reader.small()), number & 0xffff_ffff);
                } else {
                    prop_assert_eq!(reader.large(), *number);
                }
            }
        }

        #[test]
        fn distances_and_signs_come_back(own in any::<u32>(), to in any::<u32>(), number in any::<i64>()) {
            for to in [to, own, u32::MAX, 0, own.wrapping_sub(1)] {
                prop_assert_eq!(at_distance(own, behind(own, to)), to);
                prop_assert_eq!(unfolded_32(folded_32(to)), to);
            }
            prop_assert_eq!(behind(own, u32::MAX), 0);
            for number in [number, i64::MIN, i64::MAX, 0, -1] {
                prop_assert_eq!(unfolded(folded(number)), number);
            }
            let at = |ticks| Timestamp::default() + Span::ticks(ticks);
            for near in [at(number), Timestamp::MIN, Timestamp::MAX, at(i64::MAX)] {
                let mut bytes = Vec::new();
                Pen::new(&mut bytes).moment(at(number), near);
                bytes.extend([0; BEHIND]);
                prop_assert_eq!(Reader::new(&bytes, 0).moment(near), at(number));
            }
        }
    }
}
