//! Where the things of a list stand, by their hashes: a map that holds no keys.
//!
//! One word for each thing, of which a look-up reads one, nearly always: twelve bits of the hash stand in it, so that of
//! the list itself only the thing wanted is read. Open addressing, at most half full, without graves.

/// Bits of a word for the place; those above are of the hash.
const BITS: u32 = 20;
const MASK: u32 = (1 << BITS) - 1;

/// See the module. Whoever changes the list tells. For lists of less than a million things: those beyond are not found.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// As many as a power of two; 0 is free, else the place plus one and bits of the hash.
    words: Vec<u32>,
}

/// The upper bits of a hash, which do not decide where its word stands.
const fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32 & !MASK
}

/// What stands in a word for a place; nothing for one beyond what a word can hold.
fn number(place: usize) -> Option<u32> {
    u32::try_from(place + 1).ok().filter(|number| *number <= MASK)
}

impl Places {
    pub const EMPTY: Self = Self { words: Vec::new() };

    fn mask(&self) -> usize {
        self.words.len().wrapping_sub(1)
    }
    fn home(&self, hash: u64) -> usize {
        hash as usize & self.mask()
    }
    /// Words from where one of the hash may stand on, with where they are, up to the first free one.
    fn run(&self, hash: u64) -> impl Iterator<Item = (usize, u32)> {
        let (home, mask) = (self.home(hash), self.mask());
        let words = (0..self.words.len()).map(move |step| (home + step) & mask);
        words.map_while(|at| self.words.get(at).filter(|word| **word != 0).map(|word| (at, *word)))
    }
    /// The place of a thing of this hash that is the one wanted.
    #[inline]
    pub fn find(&self, hash: u64, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        // A plain loop: a chain of iterators was not made one, and this is where learning spends its time.
        let (mut at, mask, tag) = (self.home(hash), self.mask(), tag(hash));
        loop {
            let word = *self.words.get(at).filter(|word| **word != 0)?;
            let place = ((word & MASK) - 1) as usize;
            if word & !MASK == tag && is_it(place) {
                return Some(place);
            }
            at = (at + 1) & mask;
        }
    }
    /// A thing of this hash stands at the end of the list, which has `len` things with it. `hash_of` tells the others'.
    pub fn push(&mut self, hash: u64, len: usize, hash_of: impl Fn(usize) -> u64) {
        if len * 2 > self.words.len() {
            self.words = vec![0; (len * 2).next_power_of_two().max(8)];
            (0..len - 1).for_each(|place| self.put(hash_of(place), place));
        }
        self.put(hash, len - 1);
    }
    fn put(&mut self, hash: u64, place: usize) {
        let Some(number) = number(place) else { return };
        let (mut at, mask) = (self.home(hash), self.mask());
        while let Some(word) = self.words.get_mut(at) {
            if *word == 0 {
                *word = number | tag(hash);
                return;
            }
            at = (at + 1) & mask;
        }
    }
    /// The thing at `place` goes out of the list. `hash_of` tells the hashes of all that are there, and of it.
    pub fn remove(&mut self, place: usize, hash_of: impl Fn(usize) -> u64) {
        let wanted = place + 1;
        let Some((mut free, _)) = self.run(hash_of(place)).find(|(_, word)| (word & MASK) as usize == wanted) else { return };
        let mask = self.mask();
        let mut at = free;
        loop {
            at = (at + 1) & mask;
            let Some(word) = self.words.get(at).copied().filter(|word| *word != 0) else { break };
            // It may move up unless its home lies behind what is free.
            let home = self.home(hash_of(((word & MASK) - 1) as usize));
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
    /// The thing of this hash stands at `to` from now on.
    pub fn moved(&mut self, hash: u64, from: usize, to: usize) {
        let (wanted, Some(now)) = (from + 1, number(to)) else { return };
        let Some((at, _)) = self.run(hash).find(|(_, word)| (word & MASK) as usize == wanted) else { return };
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
            let (hashes, hash): (Vec<u64>, u64) = (self.numbers.iter().map(|one| self.hash(*one)).collect(), self.hash(number));
            self.places.push(hash, self.numbers.len(), |place| hashes[place]);
        }
        fn remove(&mut self, place: usize) {
            let hashes: Vec<u64> = self.numbers.iter().map(|one| self.hash(*one)).collect();
            self.places.remove(place, |place| hashes[place]);
            let last = self.numbers.len() - 1;
            if place != last {
                self.places.moved(hashes[last], last, place);
            }
            self.numbers.swap_remove(place);
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
        places.push(hash(bound), bound + 1, hash);
        assert_eq!(places.find(hash(bound), |place| place == bound), None);
        assert!([0, 1, bound / 2, bound - 1].into_iter().all(|wanted| places.find(hash(wanted), |place| place == wanted) == Some(wanted)));
    }
}
