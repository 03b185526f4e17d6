//! A growing list whose older items are kept as bytes (`base::terse`) and made into items again where they are read.
//!
//! The newest items stand as they are; older ones are written down segment by segment. An item that is changed afterwards
//! stands open beside its segment, until there are so many there that the segment is written again: what did not change is
//! copied as it is. Positions are those of `SegVec`: they stay.

use super::segments::{SEGMENT, SegVec};
use super::terse::{BEHIND, Pen, Reader};
use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::Arc;

/// The newest items that stand as they are. Most of what still changes in an item does soon after it came.
pub const OPEN: usize = 16 * SEGMENT;
/// Items that may stand open beside a segment; with one more it is written again.
const BESIDE: usize = 32;
/// Bytes of an item, so that places of all in a segment have 16 bits: what is longer stands open.
const LONGEST: usize = u16::MAX as usize / SEGMENT;

/// What can stand on a shelf.
pub trait Terse: Clone {
    /// What many items have in common and name by numbers.
    type Words: Clone + Debug + Default;
    /// What the items of a segment are written near to.
    type Near: Copy + Debug;
    /// The same words for those who only read; see `SegVec::share`.
    fn share(words: &mut Self::Words) -> Self::Words;
    /// What a segment is written near to that begins with this item.
    fn near(&self) -> Self::Near;
    /// Writes the item that has this number in the list.
    fn write(&self, number: u32, near: Self::Near, words: &mut Self::Words, pen: &mut Pen<'_>);
    /// Reads it again.
    fn read(number: u32, near: Self::Near, words: &Self::Words, reader: &mut Reader<'_>) -> Self;
}

/// The bytes of a segment.
#[derive(Clone, Debug)]
struct Sealed<N> {
    near: N,
    /// Where each item ends; one that stands open has none.
    ends: Box<[u16]>,
    bytes: Box<[u8]>,
}

#[derive(Clone, Debug)]
struct Slot<T: Terse> {
    sealed: Arc<Sealed<T::Near>>,
    /// Items that stand open, by place in the segment.
    open: Option<Arc<Vec<(u16, T)>>>,
    /// How many of these could not be written.
    long: u16,
}

impl<T: Terse> Slot<T> {
    fn open(&self, place: usize) -> Option<&T> {
        let open = self.open.as_deref()?;
        let at = open.binary_search_by_key(&place, |(place, _)| usize::from(*place)).ok()?;
        open.get(at).map(|(_, item)| item)
    }
    fn read(&self, place: usize, number: u32, words: &T::Words) -> T {
        let at = place.checked_sub(1).and_then(|before| self.sealed.ends.get(before)).copied().unwrap_or(0);
        T::read(number, self.sealed.near, words, &mut Reader::new(&self.sealed.bytes, at.into()))
    }
}

/// Gathers the bytes of a segment.
#[derive(Debug, Default)]
struct Press {
    bytes: Vec<u8>,
    ends: Vec<u16>,
}

impl Press {
    /// The item at hand is written; says whether it is short enough, and takes it back where not.
    fn end(&mut self) -> bool {
        let begin = self.ends.last().copied().unwrap_or(0);
        let is_short = self.bytes.len() - usize::from(begin) <= LONGEST;
        if !is_short {
            self.bytes.truncate(begin.into());
        }
        self.ends.push(u16::try_from(self.bytes.len()).unwrap_or(begin));
        is_short
    }
    fn finish<N>(&mut self, near: N) -> Sealed<N> {
        self.bytes.extend([0; BEHIND]);
        let sealed = Sealed { near, ends: Box::from(self.ends.as_slice()), bytes: Box::from(self.bytes.as_slice()) };
        self.bytes.clear();
        self.ends.clear();
        sealed
    }
}

/// The list.
#[derive(Debug)]
pub struct Shelf<T: Terse> {
    /// All that are not sealed, at their own positions.
    open: SegVec<T>,
    /// By number of the segment.
    sealed: SegVec<Slot<T>>,
    words: T::Words,
    press: Press,
}

impl<T: Terse> Default for Shelf<T> {
    fn default() -> Self {
        Self { open: SegVec::default(), sealed: SegVec::default(), words: T::Words::default(), press: Press::default() }
    }
}

impl<T: Terse> Clone for Shelf<T> {
    fn clone(&self) -> Self {
        Self { open: self.open.clone(), sealed: self.sealed.clone(), words: self.words.clone(), press: Press::default() }
    }
}

#[allow(clippy::cast_possible_truncation)] // ids have 32 bits
const fn narrow(number: usize) -> u32 {
    number as u32
}

impl<T: Terse> Shelf<T> {
    /// Items ever pushed: the position of the next one.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.open.len()
    }
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
    /// The item; `None` beyond the end.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Cow<'_, T>> {
        if index >= self.open.first_kept() {
            return self.open.get(index).map(Cow::Borrowed);
        }
        self.get_sealed(index)
    }
    #[inline(never)]
    fn get_sealed(&self, index: usize) -> Option<Cow<'_, T>> {
        let slot = self.sealed.get(index / SEGMENT)?;
        Some(match slot.open(index % SEGMENT) {
            Some(item) => Cow::Borrowed(item),
            None => Cow::Owned(slot.read(index % SEGMENT, narrow(index), &self.words)),
        })
    }
    /// All items, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Cow<'_, T>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
    /// A list that later changes do not reach, without a copy of the items. `clone` gives the same but copies what was
    /// changed since the last share.
    #[must_use]
    pub fn share(&mut self) -> Self {
        Self { open: self.open.share(), sealed: self.sealed.share(), words: T::share(&mut self.words), press: Press::default() }
    }
    /// How many items are sealed, and how many bytes these take, without what an item that stands open points to.
    #[must_use]
    pub fn sealed(&self) -> (usize, usize) {
        let bytes = |slot: &Slot<T>| {
            let open = slot.open.as_ref().map_or(0, |open| open.capacity() * size_of::<(u16, T)>());
            slot.sealed.bytes.len() + slot.sealed.ends.len() * size_of::<u16>() + open
        };
        (self.open.first_kept(), self.sealed.iter().map(bytes).sum())
    }
    /// Appends and says at which position.
    #[inline]
    pub fn push(&mut self, item: T) -> usize {
        let index = self.open.push(item);
        if self.open.len() - self.open.first_kept() >= OPEN + SEGMENT {
            self.seal();
        }
        index
    }
    /// For changing; `None` beyond the end.
    #[inline]
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        if index >= self.open.first_kept() {
            return self.open.get_mut(index);
        }
        self.reopen(index)
    }
    /// Seals the oldest segment that stands as it is.
    #[inline(never)]
    fn seal(&mut self) {
        let first = self.open.first_kept();
        let items = self.open.segment_at(first);
        let Some(near) = items.first().map(T::near) else { return };
        let mut long: Vec<(u16, T)> = Vec::new();
        for (place, item) in (0_u16..).zip(items) {
            item.write(narrow(first) + u32::from(place), near, &mut self.words, &mut Pen::new(&mut self.press.bytes));
            if !self.press.end() {
                long.push((place, item.clone()));
            }
        }
        self.sealed.push(Slot::of(Arc::new(self.press.finish(near)), long));
        self.open.keep_newest(OPEN);
    }
    #[inline(never)]
    fn reopen(&mut self, index: usize) -> Option<&mut T> {
        let (number, at) = (index / SEGMENT, index % SEGMENT);
        let slot = self.sealed.get(number)?;
        let open = slot.open.as_deref().map_or(&[][..], Vec::as_slice);
        if open.len() >= BESIDE + usize::from(slot.long) && slot.open(at).is_none() {
            let again = again(slot, narrow(number * SEGMENT), &mut self.words, &mut self.press);
            *self.sealed.get_mut(number)? = again;
        }
        let (words, slot) = (&self.words, self.sealed.get_mut(number)?);
        let place = u16::try_from(at).ok()?;
        let open = slot.open.as_deref().map_or(&[][..], Vec::as_slice);
        let (position, fresh) = match open.binary_search_by_key(&place, |(place, _)| *place) {
            Ok(position) => (position, None),
            Err(position) => (position, Some(slot.read(at, narrow(index), words))),
        };
        let open = Arc::make_mut(slot.open.get_or_insert_default());
        if let Some(item) = fresh {
            open.insert(position, (place, item));
        }
        open.get_mut(position).map(|(_, item)| item)
    }
}

impl<T: Terse> Slot<T> {
    fn of(sealed: Arc<Sealed<T::Near>>, open: Vec<(u16, T)>) -> Self {
        let long = u16::try_from(open.len()).unwrap_or(u16::MAX);
        Self { sealed, open: (!open.is_empty()).then(|| Arc::new(open)), long }
    }
}

/// A segment written again with what stood open; `first` is the number of its first item.
fn again<T: Terse>(slot: &Slot<T>, first: u32, words: &mut T::Words, press: &mut Press) -> Slot<T> {
    let near = slot.sealed.near;
    let mut long = Vec::new();
    let mut open = slot.open.iter().flat_map(|open| open.iter()).peekable();
    let mut begin = 0;
    for (place, end) in (0_u16..).zip(&slot.sealed.ends) {
        if let Some((_, item)) = open.next_if(|(other, _)| *other == place) {
            item.write(first + u32::from(place), near, words, &mut Pen::new(&mut press.bytes));
        } else {
            press.bytes.extend_from_slice(slot.sealed.bytes.get(begin.into()..(*end).into()).unwrap_or_default());
        }
        if !press.end() {
            long.extend(slot.open(place.into()).map(|item| (place, item.clone())));
        }
        begin = *end;
    }
    Slot::of(Arc::new(press.finish(near)), long)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number, and as many more as it says.
    #[derive(Clone, Debug, PartialEq)]
    struct Item {
        number: u64,
        more: Vec<u32>,
    }

    impl Terse for Item {
        type Words = ();
        type Near = u64;
        fn share(_: &mut ()) {}
        fn near(&self) -> u64 {
            self.number
        }
        fn write(&self, number: u32, near: u64, _: &mut (), pen: &mut Pen<'_>) {
            pen.small(number);
            pen.large(self.number.wrapping_sub(near));
            pen.small(narrow(self.more.len()));
            self.more.iter().for_each(|number| pen.small(*number));
        }
        fn read(number: u32, near: u64, (): &(), reader: &mut Reader<'_>) -> Self {
            assert_eq!(reader.small(), number, "it stands at its own place");
            let number = near.wrapping_add(reader.large());
            let more = (0..reader.small()).map(|_| reader.small()).collect();
            Self { number, more }
        }
    }

    fn item(number: usize) -> Item {
        Item { number: (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (number % 60), more: vec![1; number % 7] }
    }
    fn is(shelf: &Shelf<Item>, known: &[Item]) {
        assert_eq!(shelf.len(), known.len());
        for (number, item) in known.iter().enumerate() {
            assert_eq!(shelf.get(number).as_deref(), Some(item), "{number}");
        }
        assert!(shelf.iter().map(Cow::into_owned).eq(known.iter().cloned()));
        assert!(shelf.iter().rev().take(700).map(Cow::into_owned).eq(known.iter().rev().take(700).cloned()));
        assert_eq!(shelf.get(known.len()), None);
    }

    #[test]
    fn items_are_what_they_were_and_changes_stay() {
        let mut shelf = Shelf::default();
        let mut known = Vec::new();
        let mut shared: Vec<(Shelf<Item>, Vec<Item>)> = Vec::new();
        for number in 0..OPEN + 8 * SEGMENT {
            assert_eq!(shelf.push(item(number)), number);
            known.push(item(number));
            // Old ones and new ones are changed, some to what is too long to be written and back.
            let changed = number * 7_919 % known.len();
            let long = if number % 5 == 0 { LONGEST + 1 } else { 3 };
            shelf.get_mut(changed).unwrap().more = vec![1; long];
            known[changed].more = vec![1; long];
            if number % 3_001 == 0 {
                shared.push((shelf.share(), known.clone()));
            }
        }
        assert_eq!(shelf.get_mut(known.len()), None);
        is(&shelf, &known);
        is(&shelf.clone(), &known);
        shared.iter().for_each(|(shelf, known)| is(shelf, known));
    }

    #[test]
    fn what_is_not_changed_stands_as_bytes_and_few_stand_beside() {
        let mut shelf = Shelf::default();
        (0..OPEN + 4 * SEGMENT).for_each(|number| _ = shelf.push(item(number)));
        for number in 0..300 {
            shelf.get_mut(number).unwrap().more.clear();
        }
        assert_eq!(shelf.open.len() - shelf.open.first_kept(), OPEN);
        let beside: Vec<usize> = shelf.sealed.iter().map(|slot| slot.open.as_ref().map_or(0, |open| open.len())).collect();
        assert_eq!(beside, [300 % BESIDE, 0, 0, 0]);
        assert!(matches!(shelf.get(0), Some(Cow::Owned(_))) && matches!(shelf.get(299), Some(Cow::Borrowed(_))));
    }
}
