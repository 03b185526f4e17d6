//! What texts say, read once: the same few programs, services and phrases come with every event, and one look-up by number
//! costs less than a look at the letters.

use rustc_hash::FxHashMap;
use std::hash::Hash;

/// Texts remembered; beyond, all are read anew.
const MOST: usize = 65_536;

/// See the module. What is read must depend on the texts of the key alone.
#[derive(Debug)]
pub struct Read<K, T> {
    known: FxHashMap<K, T>,
}

impl<K, T> Default for Read<K, T> {
    fn default() -> Self {
        Self { known: FxHashMap::default() }
    }
}

impl<K: Eq + Hash, T: Copy> Read<K, T> {
    #[inline]
    pub fn of(&mut self, key: K, read: impl FnOnce() -> T) -> T {
        match self.known.get(&key) {
            Some(known) => *known,
            None => self.add(key, read()),
        }
    }
    #[cold]
    #[inline(never)]
    fn add(&mut self, key: K, value: T) -> T {
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(key, value);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_once_and_never_too_many_are_remembered() {
        let mut read: Read<u32, u32> = Read::default();
        let mut times = 0;
        for _ in 0..3 {
            let value = read.of(7, || {
                times += 1;
                70
            });
            assert_eq!(value, 70);
        }
        assert_eq!(times, 1);
        (0..200_000).for_each(|key| _ = read.of(key, || key));
        assert!(read.known.len() <= MOST && read.of(7, || 7) == 7);
    }
}
