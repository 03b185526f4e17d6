//! Columns of whole numbers in few bits, readable in place.
//!
//! A column is a straight line and the distances from it, in as many bits as most of them need; those that need more stand
//! aside, and where many are 0 only the others are written. So a constant or an even count costs nothing for each number, times
//! cost how unevenly they come, and one number far away does not widen all the others. Any numbers come back as they were.

/// Bytes behind the last number, so that every number can be read with one look at `WORD` bytes.
const WORD: usize = 16;
/// Numbers of a block of those that are not 0: a bit for each.
const BLOCK: usize = 64;
/// Bytes of a block: how many there were before, and the bits.
const BLOCK_BYTES: usize = 2 + 8;
/// Bytes of a number that stands aside: which one, and what it is.
const ASIDE: usize = 2 + 8;
/// Parts of one that a step from number to number is counted in: bits.
const FRACTION: u32 = 16;
/// Every so many numbers are looked at to choose how to write all of them.
const SAMPLED: usize = 8;

/// Where the numbers of a column stand in the bytes they were packed into, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct Column {
    base: u64,
    /// From one number to the next, in parts of one.
    slope: i64,
    /// Where the distances begin. Before them stand the blocks, and before these the numbers aside.
    at: u32,
    /// How many stand aside.
    aside: u16,
    /// Bits of a distance.
    width: u8,
    /// Blocks of those that are not 0; without any all numbers are written.
    blocks: u8,
}

/// How numbers are written.
#[derive(Clone, Copy)]
struct Plan {
    slope: i64,
    /// Distances are counted from the greatest number downwards: a few lie far below.
    down: bool,
}

#[allow(clippy::cast_possible_truncation)] // 64 at most
const fn bits_of(number: u64) -> u8 {
    (u64::BITS - number.leading_zeros()) as u8
}

const fn mask(width: u8) -> u64 {
    if width >= 64 { u64::MAX } else { (1 << width) - 1 }
}

/// How far the line has risen at a place.
#[inline]
#[allow(clippy::cast_possible_wrap, clippy::cast_sign_loss)] // what wraps here wraps back when it is read
const fn risen(slope: i64, place: usize) -> u64 {
    (slope.wrapping_mul(place as i64) >> FRACTION) as u64
}

#[inline]
fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(<[u8]>::first_chunk::<N>).copied().unwrap_or([0; N])
}

impl Column {
    /// The number at a place, which must be one of those that were packed; `bytes` are those they were packed into.
    #[inline]
    #[must_use]
    pub fn get(&self, place: usize, bytes: &[u8]) -> u64 {
        let start = self.at as usize;
        let mut place = place;
        if self.blocks > 0 {
            let block = start - usize::from(self.blocks) * BLOCK_BYTES + place / BLOCK * BLOCK_BYTES;
            let bits = u64::from_le_bytes(bytes_at(bytes, block + 2));
            let bit = place % BLOCK;
            if place / BLOCK >= usize::from(self.blocks) || bits >> bit & 1 == 0 {
                return 0;
            }
            let before = u16::from_le_bytes(bytes_at(bytes, block));
            place = usize::from(before) + (bits & mask_below(bit)).count_ones() as usize;
        }
        let line = self.base.wrapping_add(risen(self.slope, place));
        if self.width == 0 {
            return line;
        }
        let bit = place * usize::from(self.width);
        let word = u128::from_le_bytes(bytes_at(bytes, start + bit / 8));
        #[allow(clippy::cast_possible_truncation)] // the mask leaves no more
        let code = (word >> (bit % 8)) as u64 & mask(self.width);
        if self.aside > 0 && code == mask(self.width) {
            return self.aside(place, bytes);
        }
        line.wrapping_add(code)
    }
    /// A number that stands aside.
    fn aside(&self, place: usize, bytes: &[u8]) -> u64 {
        let count = usize::from(self.aside);
        let start = self.at as usize - usize::from(self.blocks) * BLOCK_BYTES - count * ASIDE;
        let place_of = |number: usize| usize::from(u16::from_le_bytes(bytes_at(bytes, start + number * ASIDE)));
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low.midpoint(high);
            if place_of(middle) < place {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        u64::from_le_bytes(bytes_at(bytes, start + low * ASIDE + 2))
    }
}

const fn mask_below(bit: usize) -> u64 {
    (1 << bit) - 1
}

/// Packs columns one after another into bytes; its room is used again.
#[derive(Clone, Debug, Default)]
pub struct Packer {
    bytes: Vec<u8>,
    numbers: Vec<u64>,
    /// Those that are not 0.
    some: Vec<u64>,
    /// Distances from the line.
    codes: Vec<u64>,
}

impl Packer {
    /// The bytes that all columns since the last call stand in.
    pub fn finish(&mut self) -> Box<[u8]> {
        self.bytes.extend([0; WORD]);
        let bytes = Box::from(self.bytes.as_slice());
        self.bytes.clear();
        bytes
    }
    /// Packs numbers; at most 16,000 of them, more are left out.
    pub fn column(&mut self, numbers: impl Iterator<Item = u64>) -> Column {
        let mut all = std::mem::take(&mut self.numbers);
        all.clear();
        all.extend(numbers.take(BLOCK * 250));
        let first = all.first().copied().unwrap_or(0);
        let column =
            if all.iter().all(|number| *number == first) { Column { base: first, ..Column::default() } } else { self.uneven(&all) };
        self.numbers = all;
        column
    }
    /// Numbers that are not all the same.
    fn uneven(&mut self, numbers: &[u64]) -> Column {
        let zeros = numbers.iter().filter(|number| **number == 0).count();
        let blocks = numbers.len().div_ceil(BLOCK) * BLOCK_BYTES;
        // Few may stand aside; where there are more, what is left out must be worth the blocks.
        let pays = || {
            let most = numbers.iter().copied().max().unwrap_or(0);
            let least = numbers.iter().copied().filter(|number| *number != 0).min().unwrap_or(0);
            let without = (numbers.len() - zeros) * usize::from(bits_of(most - least)) + blocks * 8;
            without < numbers.len() * usize::from(bits_of(most))
        };
        if zeros * ASIDE <= blocks || !pays() {
            let plan = self.choose(numbers);
            return self.write(numbers, plan, &[]);
        }
        let mut some = std::mem::take(&mut self.some);
        some.clear();
        some.extend(numbers.iter().copied().filter(|number| *number != 0));
        let plan = self.choose(&some);
        let column = self.write(&some, plan, numbers);
        self.some = some;
        column
    }
    /// How to write numbers, by a look at some of them.
    fn choose(&mut self, numbers: &[u64]) -> Plan {
        let mut best = (Plan { slope: 0, down: false }, usize::MAX);
        let steep = slope(numbers);
        for slope in [0, steep].into_iter().take(if steep == 0 { 1 } else { 2 }) {
            self.codes.clear();
            let sampled = numbers.iter().enumerate().step_by(SAMPLED);
            self.codes.extend(sampled.map(|(place, number)| number.wrapping_sub(risen(slope, place))));
            let (least, most) = bounds(&self.codes);
            for down in [false, true] {
                let mut lengths = [0; 65];
                self.codes.iter().for_each(|code| count(&mut lengths, far(*code, (least, most), down)));
                let (_, cost) = narrowest(&lengths, bits_of(most.wrapping_sub(least)));
                if cost < best.1 {
                    best = (Plan { slope, down }, cost);
                }
            }
        }
        best.0
    }
    /// Writes numbers; where they are what is not 0 among `of`, with the blocks that tell which.
    fn write(&mut self, numbers: &[u64], Plan { slope, down }: Plan, of: &[u64]) -> Column {
        self.codes.clear();
        self.codes.extend(numbers.iter().enumerate().map(|(place, number)| number.wrapping_sub(risen(slope, place))));
        let bounds = bounds(&self.codes);
        let base = if down { bounds.1 } else { bounds.0 };
        let mut lengths = [0; 65];
        for code in &mut self.codes {
            *code = far(*code, bounds, down);
            count(&mut lengths, *code);
        }
        let most = bounds.1.wrapping_sub(bounds.0);
        let full = bits_of(most);
        let (width, _) = narrowest(&lengths, full);
        // Where some stand aside, the greatest code says so.
        let limit = if width < full { mask(width) } else { u64::MAX };
        // Counted downwards, the line is lowered so that the least that is written is 0.
        let near = match (down, width < full) {
            (false, _) => 0,
            (true, false) => most,
            (true, true) => self.codes.iter().copied().filter(|far| *far < limit).max().unwrap_or(0),
        };
        let base = base.wrapping_sub(near);
        let mut aside = 0_u16;
        if width < full {
            for ((place, number), far) in numbers.iter().enumerate().zip(&self.codes) {
                if *far >= limit {
                    #[allow(clippy::cast_possible_truncation)] // 16,000 at most
                    self.bytes.extend_from_slice(&(place as u16).to_le_bytes());
                    self.bytes.extend_from_slice(&number.to_le_bytes());
                    aside += 1;
                }
            }
        }
        let mut before = 0_u16;
        for block in of.chunks(BLOCK) {
            let bits = block.iter().enumerate().fold(0_u64, |bits, (bit, number)| bits | u64::from(*number != 0) << bit);
            self.bytes.extend_from_slice(&before.to_le_bytes());
            self.bytes.extend_from_slice(&bits.to_le_bytes());
            #[allow(clippy::cast_possible_truncation)] // 64 at most
            let more = bits.count_ones() as u16;
            before += more;
        }
        let at = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let (mut word, mut filled) = (0_u64, 0_u32);
        if width > 0 {
            self.bytes.reserve((self.codes.len() * usize::from(width)).div_ceil(8) + 8);
            for far in &self.codes {
                let code = if width < full && *far >= limit {
                    limit
                } else if down {
                    near - far
                } else {
                    *far
                };
                word |= code << filled;
                filled += u32::from(width);
                if filled >= u64::BITS {
                    self.bytes.extend_from_slice(&word.to_le_bytes());
                    filled -= u64::BITS;
                    // What did not fit; nothing where all of it did.
                    word = code.checked_shr(u32::from(width) - filled).unwrap_or(0);
                }
            }
            let rest = word.to_le_bytes();
            self.bytes.extend_from_slice(rest.get(..filled.div_ceil(8) as usize).unwrap_or_default());
        }
        let blocks = u8::try_from(of.len().div_ceil(BLOCK)).unwrap_or(u8::MAX);
        Column { base, slope, at, aside, width, blocks }
    }
}

/// The least and the greatest of numbers, as numbers that may be below 0.
#[allow(clippy::cast_possible_wrap, clippy::cast_sign_loss)] // to compare alone
fn bounds(codes: &[u64]) -> (u64, u64) {
    let Some((first, rest)) = codes.split_first() else { return (0, 0) };
    let first = *first as i64;
    let (least, most) = rest.iter().map(|code| *code as i64).fold((first, first), |(least, most), code| (least.min(code), most.max(code)));
    (least as u64, most as u64)
}

/// How far a number lies from the least, or from the greatest.
#[inline]
const fn far(code: u64, (least, most): (u64, u64), down: bool) -> u64 {
    if down { most.wrapping_sub(code) } else { code.wrapping_sub(least) }
}

#[inline]
fn count(lengths: &mut [u32; 65], number: u64) {
    if let Some(length) = lengths.get_mut(usize::from(bits_of(number))) {
        *length += 1;
    }
}

/// The width that costs the least, and what it costs in bits, given how many numbers have which length.
fn narrowest(lengths: &[u32; 65], full: u8) -> (u8, usize) {
    let all: usize = lengths.iter().map(|count| *count as usize).sum();
    let mut best = (full, all * usize::from(full));
    let mut longer = all;
    for (width, count) in (0_u8..).zip(lengths).take(usize::from(full)) {
        longer -= *count as usize;
        // A number that has all bits of the width stands aside too; that it may be one more does not change the choice.
        let cost = all * usize::from(width) + longer * ASIDE * 8;
        if width > 0 && cost < best.1 {
            best = (width, cost);
        }
    }
    best
}

/// About how much numbers rise from one to the next. What lies far below others among which it stands does not count.
fn slope(numbers: &[u64]) -> i64 {
    let quarter = numbers.len() / 4;
    let most = |part: Option<&[u64]>| part.and_then(|part| part.iter().max()).map_or(0, |most| i128::from(*most));
    let (Some(end), true) = (numbers.len().checked_sub(quarter), quarter > 0) else { return 0 };
    let risen = most(numbers.get(end..)) - most(numbers.get(..quarter));
    i64::try_from((risen << FRACTION) / i128::try_from(end).unwrap_or(i128::MAX)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn again(numbers: &[u64]) -> usize {
        let mut packer = Packer::default();
        // Another column before and behind it.
        let before = packer.column([7, 0, u64::MAX].into_iter());
        let column = packer.column(numbers.iter().copied());
        let behind = packer.column((0..600).map(|number| number % 3 * number));
        let bytes = packer.finish();
        for (place, number) in numbers.iter().enumerate() {
            assert_eq!(column.get(place, &bytes), *number, "{place} of {}: {column:?}", numbers.len());
        }
        assert_eq!([0, 1, 2].map(|place| before.get(place, &bytes)), [7, 0, u64::MAX]);
        assert_eq!([0, 7, 599].map(|place| behind.get(place, &bytes)), [0, 7, 2 * 599]);
        packer.column(numbers.iter().copied());
        packer.finish().len() - WORD
    }

    #[test]
    fn constants_and_even_counts_cost_nothing() {
        assert_eq!(again(&[0; 512]), 0);
        assert_eq!(again(&[u64::MAX; 512]), 0);
        assert_eq!(again(&(0..512).map(|number| (1 << 40) + number * 17).collect::<Vec<_>>()), 0);
        // With every third of them 0: a bit for each, and how many there were before.
        let numbers: Vec<u64> = (0..512).map(|number| if number % 3 == 0 { 0 } else { 9 }).collect();
        assert_eq!(again(&numbers), 8 * BLOCK_BYTES);
    }

    #[test]
    fn one_number_far_away_does_not_widen_the_others() {
        let near = |number: u64| 1_000_000 + number * 7919 % 61;
        for far in [1, u64::MAX] {
            let numbers: Vec<u64> = (0..512).map(|number| if number == 200 { far } else { near(number) }).collect();
            assert!(again(&numbers) <= 512 * 6 / 8 + 2 * ASIDE, "{}", again(&numbers));
        }
    }

    #[test]
    fn a_rising_count_costs_how_unevenly_it_rises() {
        let mut at = 1 << 50;
        let numbers: Vec<u64> = (0..512_u64)
            .map(|number| {
                at += 9_000 + number * 7919 % 2_000;
                at
            })
            .collect();
        assert!(again(&numbers) <= 512 * 16 / 8, "{}", again(&numbers));
    }

    proptest! {
        #[test]
        fn numbers_come_back_as_they_were(
            numbers in prop::collection::vec(
                prop_oneof![
                    3 => Just(0),
                    3 => 0..50_u64,
                    2 => (1_u64 << 40)..(1 << 40) + 1_000,
                    1 => any::<u64>(),
                    1 => Just(u64::MAX),
                ],
                0..600,
            ),
            rise in prop_oneof![Just(0), 0..100_u64, any::<u64>()],
        ) {
            again(&numbers);
            let risen: Vec<u64> = (0_u64..).zip(&numbers).map(|(place, number)| number.wrapping_add(place.wrapping_mul(rise))).collect();
            again(&risen);
        }
    }
}
