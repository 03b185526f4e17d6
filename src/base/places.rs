//! Where the things of a list stand, by their hashes: a map that holds no keys.
//!
//! One word for each thing, of which a look-up reads one, nearly always: sixteen bits of the hash stand in it, so that of
//! the list itself only the thing wanted is read, and nothing of it when words move. Open addressing, at most half full,
//! without graves.

/// Bits of a word for the place; those above are of the hash.
const BITS: u32 = 16;
const MASK: u32 = (1 << BITS) - 1;

/// See the module. Whoever changes the list tells. For lists of at most 65,535 things: those beyond are not found.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// As many as a power of two; 0 is free, else the place plus one and bits of the hash.
    words: Vec<u32>,
}

/// The bits of a hash that stand in its word, and decide where that stands.
const fn tag(hash: u64) -> u32 {
    (hash as u32) << BITS
}

/// What stands in a word for a place; nothing for one beyond what a word can hold.
fn number(place: usize) -> Option<u32> {
    u32::try_from(place + 1).ok().filter(|number| *number <= MASK)
}

impl Places {
    pub const EMPTY: Self = Self { words: Vec::new() };

    const fn mask(&self) -> usize {
        self.words.len().wrapping_sub(1)
    }
    /// Where a word of this tag stands when nothing is in its way.
    const fn home(&self, tag: u32) -> usize {
        (tag >> BITS) as usize & self.mask()
    }
    /// The place of a thing of this hash that is the one wanted.
    #[inline]
    pub fn find(&self, hash: u64, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        // A plain loop: a chain of iterators was not made one, and this is where learning spends its time.
        let (tag, mask) = (tag(hash), self.mask());
        let mut at = self.home(tag);
        loop {
            let word = *self.words.get(at).filter(|word| **word != 0)?;
            let place = ((word & MASK) - 1) as usize;
            if word & !MASK == tag && is_it(place) {
                return Some(place);
            }
            at = (at + 1) & mask;
        }
    }
    /// A thing of this hash stands at the end of the list, which has `len` things with it.
    pub fn push(&mut self, hash: u64, len: usize) {
        if len * 2 > self.words.len() && len <= MASK as usize {
            let words = std::mem::replace(&mut self.words, vec![0; (len * 2).next_power_of_two().max(8)]);
            words.into_iter().filter(|word| *word != 0).for_each(|word| self.put(word));
        }
        if let Some(number) = number(len - 1) {
            self.put(number | tag(hash));
        }
    }
    fn put(&mut self, new: u32) {
        let (mut at, mask) = (self.home(new & !MASK), self.mask());
        while let Some(word) = self.words.get_mut(at) {
            if *word == 0 {
                *word = new;
                return;
            }
            at = (at + 1) & mask;
        }
    }
    /// Where the word of a thing of this hash at `place` stands.
    fn word_at(&self, hash: u64, place: usize) -> Option<usize> {
        let (wanted, mask) = (number(place)? | tag(hash), self.mask());
        let mut at = self.home(tag(hash));
        loop {
            match self.words.get(at)? {
                0 => return None,
                word if *word == wanted => return Some(at),
                _ => at = (at + 1) & mask,
            }
        }
    }
    /// The thing of this hash at `place` goes out of the list.
    pub fn remove(&mut self, hash: u64, place: usize) {
        let Some(mut free) = self.word_at(hash, place) else { return };
        let (mut at, mask) = (free, self.mask());
        loop {
            at = (at + 1) & mask;
            let Some(word) = self.words.get(at).copied().filter(|word| *word != 0) else { break };
            // It may move up unless its home lies behind what is free.
            let home = self.home(word & !MASK);
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(free) & mask {
                if let Some(before) = self.words.get_mut(free) {
                    *before = word;
                }
                free = at;
            }
        }
        if let Some(word) = self.words.get_mut(free) {
            *word = 0;
        }
    }
    /// Another thing stands at `place`, where one of the hash `before` stood.
    pub fn replace(&mut self, place: usize, before: u64, hash: u64) {
        self.remove(before, place);
        if let Some(number) = number(place) {
            self.put(number | tag(hash));
        }
    }
    /// The thing of this hash stands at `to` from now on.
    pub fn moved(&mut self, hash: u64, from: usize, to: usize) {
        let (Some(at), Some(now)) = (self.word_at(hash, from), number(to)) else { return };
        if let Some(word) = self.words.get_mut(at) {
            *word = now | tag(hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list of numbers with their places, as a set keeps them; numbers that are equal modulo `alike` have one hash.
    struct List {
        numbers: Vec<u64>,
        places: Places,
        alike: u64,
    }

    impl List {
        fn hash(&self, number: u64) -> u64 {
            (number % self.alike).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(20)
        }
        fn place(&self, number: u64) -> Option<usize> {
            self.places.find(self.hash(number), |place| self.numbers[place] == number)
        }
        fn add(&mut self, number: u64) {
            self.numbers.push(number);
            self.places.push(self.hash(number), self.numbers.len());
        }
        fn remove(&mut self, place: usize) {
            self.places.remove(self.hash(self.numbers[place]), place);
            let last = self.numbers.len() - 1;
            if place != last {
                self.places.moved(self.hash(self.numbers[last]), last, place);
            }
            self.numbers.swap_remove(place);
        }
        fn replace(&mut self, place: usize, number: u64) {
            self.places.replace(place, self.hash(self.numbers[place]), self.hash(number));
            self.numbers[place] = number;
        }
    }

    #[test]
    fn whatever_comes_and_goes_each_thing_is_found_where_it_stands() {
        for alike in [1, 3, 50, 1 << 40] {
            let mut list = List { numbers: Vec::new(), places: Places::default(), alike };
            let mut dice = 0x9e37_79b9_u64;
            for _ in 0..4_000 {
                dice ^= dice << 13;
                dice ^= dice >> 7;
                dice ^= dice << 17;
                let number = dice % 200;
                match list.place(number) {
                    Some(place) if dice & 0x100_0000 != 0 => list.remove(place),
                    Some(_) => {}
                    None if list.numbers.len() > 40 => list.replace(number as usize % 40, number),
                    None => list.add(number),
                }
                assert!(list.numbers.iter().enumerate().all(|(place, number)| list.place(*number) == Some(place)), "{alike}");
                let gone = (0..200).filter(|number| !list.numbers.contains(number));
                assert!(gone.into_iter().all(|number| list.place(number).is_none()), "{alike}");
            }
            assert!(list.numbers.len() > 20);
        }
        assert_eq!(Places::EMPTY.find(7, |_| true), None);
    }

    #[test]
    fn what_lies_beyond_the_bound_is_not_found_and_harms_nothing() {
        let (mut places, bound) = (Places::default(), MASK as usize);
        let hash = |place: usize| (place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(20);
        (0..=bound + 1).for_each(|place| places.push(hash(place), place + 1));
        let found = |wanted: usize| places.find(hash(wanted), |place| place == wanted);
        assert_eq!((found(bound), found(bound + 1)), (None, None));
        assert!([0, 1, bound / 2, bound - 1].into_iter().all(|wanted| found(wanted) == Some(wanted)));
    }
}
