//! The few texts that nearly all records of a log repeat: provider, channel, computer.
//!
//! They are converted when they are first met; after that a record costs one comparison with the text its predecessor
//! had in the same place. Texts are only added while a chunk is read, so that what was handed out stays where it is.

use std::cell::{Cell, OnceCell};

use crate::base::memo::hash;
use crate::model::value::utf16;

/// Places for texts, and how many may be taken; a chunk that needs more (a forged one) is left to the careful reader.
const PLACES: usize = 2048;
const MOST: usize = 1024;

#[derive(Debug)]
struct Entry {
    raw: Box<[u8]>,
    text: Box<str>,
}

/// Which part of a record a text is of.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    Provider,
    EventSource,
    Channel,
    Computer,
}

#[derive(Debug, Default)]
pub struct Texts {
    entries: Vec<OnceCell<Entry>>,
    taken: Cell<usize>,
    /// For each part the place of its last text.
    last: [Cell<usize>; 4],
}

impl Texts {
    /// Makes room for one more chunk. True when what was known is forgotten.
    pub fn start_chunk(&mut self) -> bool {
        let is_full = self.taken.get() * 2 > MOST || self.entries.is_empty();
        if is_full {
            self.entries.clear();
            self.entries.resize_with(PLACES, OnceCell::new);
            self.taken.set(0);
        }
        is_full
    }
    /// The text of UTF-16 bytes, and a number that stands for it until the next time everything is forgotten.
    #[inline]
    pub fn get(&self, part: Part, raw: &[u8]) -> Option<(&str, usize)> {
        let last = self.last.get(part as usize)?;
        let place = last.get();
        if let Some(entry) = self.entries.get(place).and_then(OnceCell::get)
            && *entry.raw == *raw
        {
            return Some((&entry.text, place));
        }
        let place = self.find(raw)?;
        last.set(place);
        Some((&self.entries.get(place)?.get()?.text, place))
    }
    #[allow(clippy::cast_possible_truncation)]
    fn find(&self, raw: &[u8]) -> Option<usize> {
        let first = hash(0, raw) as usize;
        for step in 0..PLACES {
            let place = first.wrapping_add(step) % PLACES;
            let cell = self.entries.get(place)?;
            match cell.get() {
                Some(entry) if *entry.raw == *raw => return Some(place),
                Some(_) => {}
                None if self.taken.get() < MOST => {
                    self.taken.set(self.taken.get() + 1);
                    let _ = cell.set(Entry { raw: raw.into(), text: utf16(raw).into() });
                    return Some(place);
                }
                None => return None,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_and_are_bounded() {
        let mut texts = Texts::default();
        assert!(texts.start_chunk());
        let (text, number) = texts.get(Part::Channel, b"S\0e\0c\0").unwrap();
        assert_eq!(text, "Sec");
        assert_eq!(texts.get(Part::Computer, b"S\0e\0c\0").unwrap().1, number);
        let found = (0..4_000_u32).filter(|number| texts.get(Part::Computer, &number.to_le_bytes()).is_some()).count();
        assert!((MOST - 1..=MOST).contains(&found), "{found}");
        assert_eq!(texts.get(Part::Channel, b"S\0e\0c\0").unwrap(), ("Sec", number));
        assert!(texts.start_chunk());
        assert!(!texts.start_chunk());
    }
}
