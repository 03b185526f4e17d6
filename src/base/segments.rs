//! Containers that are cheap to share: snapshots share what did not change since.
//!
//! `SegVec` is a growing list in segments of fixed length, `SegMap` a sorted map in segments of bounded length. A share
//! copies one pointer for each segment, of a list one for each page of segments: a list of ten million rows is shared sixty
//! times a second. A change after a share copies the one segment it touches. Between two shares the writer owns its segments
//! and changes them without a look at any counter: millions of changes come between two.

use std::cmp::Ordering;
use std::sync::Arc;

/// Items of a segment: what is let go of a list goes in so many.
pub const SEGMENT: usize = 512;
/// Segments of a page.
const PAGE: usize = 128;

/// A piece of a container: the writer's own, which is changed without a look at any counter, or shared with clones.
///
/// Every row of every table is read and changed through two of these, by each stage for each event: so it is laid out for
/// the code that does it to be short. Which of the two lists holds the items is chosen without a branch.
#[derive(Debug)]
struct Segment<T> {
    /// Empty while `shared` holds the items.
    own: Vec<T>,
    shared: Option<Arc<Vec<T>>>,
}

impl<T> Segment<T> {
    const fn of(own: Vec<T>) -> Self {
        Self { own, shared: None }
    }
    #[inline]
    fn items(&self) -> &[T] {
        let items = match &self.shared {
            None => &self.own,
            Some(shared) => shared.as_ref(),
        };
        items.as_slice()
    }
    /// Makes it shared.
    fn seal(&mut self) {
        if self.shared.is_none() {
            self.shared = Some(Arc::new(std::mem::take(&mut self.own)));
        }
    }
    /// Makes it shared and gives another hold of it.
    fn share(&mut self) -> Self {
        self.seal();
        Self { own: Vec::new(), shared: self.shared.clone() }
    }
}

impl<T: Clone> Segment<T> {
    /// The items for changing; those that are shared are copied first.
    #[inline]
    fn own(&mut self) -> &mut Vec<T> {
        if self.shared.is_some() {
            self.part();
        }
        &mut self.own
    }
    #[cold]
    #[inline(never)]
    fn part(&mut self) {
        if let Some(items) = self.shared.take() {
            self.own = Arc::try_unwrap(items).unwrap_or_else(|items| {
                let mut copy = Vec::with_capacity(items.capacity());
                copy.extend_from_slice(&items);
                copy
            });
        }
    }
}

impl<T: Clone> Clone for Segment<T> {
    fn clone(&self) -> Self {
        Self { own: self.own.clone(), shared: self.shared.clone() }
    }
}

/// A growing list with stable positions and cheap shares; its oldest items may be let go.
#[derive(Clone, Debug)]
pub struct SegVec<T> {
    /// Segments in pages of `PAGE`; those that were let go are empty until their page is.
    pages: Vec<Segment<Segment<T>>>,
    /// Items before the first page; always whole pages.
    base: usize,
    /// Items that were let go; always whole segments.
    gone: usize,
    /// Items ever pushed.
    len: usize,
    /// Room of a segment that was let go, for the next one.
    spare: Vec<T>,
}

impl<T> Default for SegVec<T> {
    fn default() -> Self {
        Self { pages: Vec::new(), base: 0, gone: 0, len: 0, spare: Vec::new() }
    }
}

/// Counts what is read, for tests of what something costs.
#[cfg(test)]
pub mod visits {
    use std::cell::Cell;

    thread_local! {
        static COUNT: Cell<u64> = const { Cell::new(0) };
    }

    pub(super) fn one() {
        COUNT.with(|count| count.set(count.get() + 1));
    }
    /// Entries read on this thread since the last call.
    #[must_use]
    pub fn taken() -> u64 {
        COUNT.with(Cell::take)
    }
}

#[inline]
fn visit() {
    #[cfg(test)]
    visits::one();
}

impl<T> SegVec<T> {
    /// Items ever pushed: the position of the next one.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// Position of the oldest item that is still there.
    #[must_use]
    pub const fn first_kept(&self) -> usize {
        self.gone
    }
    /// The item; `None` beyond the end and for one that was let go.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&T> {
        visit();
        // Below the base it wraps round to where no page is.
        let index = index.wrapping_sub(self.base);
        self.pages.get(index / (SEGMENT * PAGE))?.items().get(index / SEGMENT % PAGE)?.items().get(index % SEGMENT)
    }
    /// A segment by its number, counted from the first page.
    fn segment(&self, number: usize) -> &[T] {
        self.pages.get(number / PAGE).and_then(|page| page.items().get(number % PAGE)).map_or(&[], Segment::items)
    }
    /// The items that stand together with the one at a position, from its segment's first.
    #[must_use]
    pub fn segment_at(&self, index: usize) -> &[T] {
        index.checked_sub(self.base).map_or(&[], |index| self.segment(index / SEGMENT))
    }
    /// Numbers of the segments from that of an item on.
    fn numbers(&self, from: usize) -> std::ops::Range<usize> {
        (from - self.base) / SEGMENT..(self.len - self.base).div_ceil(SEGMENT)
    }
    #[must_use]
    pub fn last(&self) -> Option<&T> {
        self.get(self.len.checked_sub(1)?)
    }
    /// The items that are there, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.numbers(self.gone).flat_map(|number| self.segment(number)).inspect(|_| visit())
    }
    /// Items from position `start` on, without walking what lies before.
    pub fn iter_from(&self, start: usize) -> impl Iterator<Item = &T> {
        let start = start.clamp(self.gone, self.len);
        let mut numbers = self.numbers(start);
        let first = numbers.next().and_then(|number| self.segment(number).get(start % SEGMENT..)).unwrap_or_default();
        first.iter().chain(numbers.flat_map(|number| self.segment(number))).inspect(|_| visit())
    }
    /// A list that later changes do not reach, without a copy of the items. `clone` gives the same but copies what was
    /// changed since the last share.
    #[must_use]
    pub fn share(&mut self) -> Self {
        let share = |page: &mut Segment<Segment<T>>| {
            page.own.iter_mut().for_each(Segment::seal);
            page.share()
        };
        Self { pages: self.pages.iter_mut().map(share).collect(), base: self.base, gone: self.gone, len: self.len, spare: Vec::new() }
    }
}

impl<T: Clone> SegVec<T> {
    /// Lets go of the oldest items, in whole segments, as long as `keep` remain.
    #[inline]
    pub fn keep_newest(&mut self, keep: usize) {
        while self.len - self.gone > SEGMENT && self.len - self.gone >= keep.saturating_add(SEGMENT) {
            let number = (self.gone - self.base) / SEGMENT;
            let Some(segment) = self.pages.first_mut().and_then(|page| page.own().get_mut(number)) else { return };
            let Segment { own: mut items, shared } = std::mem::replace(segment, Segment::of(Vec::new()));
            if shared.is_none() {
                items.clear();
                self.spare = items;
            }
            self.gone += SEGMENT;
            if number + 1 == PAGE {
                self.pages.remove(0);
                self.base = self.gone;
            }
        }
    }
    /// Appends and says at which position.
    #[inline]
    pub fn push(&mut self, item: T) -> usize {
        if self.len.is_multiple_of(SEGMENT) {
            self.begin_segment();
        }
        if let Some(segment) = self.pages.last_mut().and_then(|page| page.own().last_mut()) {
            segment.own().push(item);
        }
        self.len += 1;
        self.len - 1
    }
    #[cold]
    #[inline(never)]
    fn begin_segment(&mut self) {
        if self.len.is_multiple_of(SEGMENT * PAGE) {
            self.pages.push(Segment::of(Vec::with_capacity(PAGE)));
        }
        let mut items = std::mem::take(&mut self.spare);
        if items.capacity() < SEGMENT {
            items.reserve_exact(SEGMENT);
        }
        if let Some(page) = self.pages.last_mut() {
            page.own().push(Segment::of(items));
        }
    }
    #[inline]
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let index = index.wrapping_sub(self.base);
        let page = self.pages.get_mut(index / (SEGMENT * PAGE))?.own();
        page.get_mut(index / SEGMENT % PAGE)?.own().get_mut(index % SEGMENT)
    }
}

impl<T: Clone> FromIterator<T> for SegVec<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Self::default();
        for item in items {
            list.push(item);
        }
        list
    }
}

/// How many of the items have lesser keys, where at most `most` do, and mostly just so many.
fn place_near<K: Ord, V>(items: &[(K, V)], key: K, most: usize) -> usize {
    if most >= items.len() {
        return items.partition_point(|(other, _)| *other < key);
    }
    let (mut high, mut step) = (most, 1);
    while high > 0 {
        let low = high.saturating_sub(step);
        if items.get(low).is_some_and(|(other, _)| *other < key) {
            return low + items.get(low..high).map_or(0, |part| part.partition_point(|(other, _)| *other < key));
        }
        (high, step) = (low, step * 2);
    }
    0
}

/// A sorted map with cheap shares; best when keys mostly arrive in order.
#[derive(Clone, Debug)]
pub struct SegMap<K, V> {
    segments: Vec<Segment<(K, V)>>,
    /// The first key of each segment, side by side: a search touches a few lines of memory, not one for each segment.
    firsts: Vec<K>,
    len: usize,
}

impl<K, V> Default for SegMap<K, V> {
    fn default() -> Self {
        Self { segments: Vec::new(), firsts: Vec::new(), len: 0 }
    }
}

impl<K: Ord + Copy, V: Clone> SegMap<K, V> {
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// A map that later changes do not reach, without a copy of the entries; see `SegVec::share`.
    #[must_use]
    pub fn share(&mut self) -> Self {
        Self { segments: self.segments.iter_mut().map(Segment::share).collect(), firsts: self.firsts.clone(), len: self.len }
    }
    /// The segment that holds `key`, or would. Keys mostly come in order, so the last one is looked at first.
    fn segment_of(&self, key: K) -> usize {
        if self.firsts.last().is_some_and(|first| *first <= key) {
            return self.firsts.len() - 1;
        }
        self.firsts.partition_point(|first| *first <= key).saturating_sub(1)
    }
    #[must_use]
    pub fn get(&self, key: K) -> Option<&V> {
        let segment = self.segments.get(self.segment_of(key))?.items();
        let place = segment.binary_search_by(|(other, _)| other.cmp(&key)).ok()?;
        segment.get(place).map(|(_, value)| value)
    }
    /// Changes the value of `key`, which starts as `fresh()` when it was not there.
    pub fn update(&mut self, key: K, fresh: impl FnOnce() -> V, change: impl FnOnce(&mut V)) {
        // Mostly the newest entry is meant, or one behind it.
        match self.segments.last_mut() {
            Some(segment) => match segment.items().last().map(|(newest, _)| newest.cmp(&key)) {
                Some(Ordering::Equal) => {
                    if let Some((_, value)) = segment.own().last_mut() {
                        change(value);
                    }
                    return;
                }
                Some(Ordering::Less) => {
                    let mut value = fresh();
                    change(&mut value);
                    self.len += 1;
                    if segment.items().len() < SEGMENT {
                        segment.own().push((key, value));
                    } else {
                        let mut next = Vec::with_capacity(SEGMENT);
                        next.push((key, value));
                        self.segments.push(Segment::of(next));
                        self.firsts.push(key);
                    }
                    return;
                }
                Some(Ordering::Greater) | None => {}
            },
            None => {
                self.segments.push(Segment::of(Vec::with_capacity(SEGMENT)));
                self.firsts.push(key);
            }
        }
        let number = self.segment_of(key);
        let Some(shared) = self.segments.get_mut(number) else { return };
        let segment = shared.own();
        match segment.binary_search_by(|(other, _)| other.cmp(&key)) {
            Ok(place) => {
                if let Some((_, value)) = segment.get_mut(place) {
                    change(value);
                }
            }
            Err(place) => {
                let mut value = fresh();
                change(&mut value);
                segment.insert(place, (key, value));
                self.len += 1;
                if let (0, Some(first)) = (place, self.firsts.get_mut(number)) {
                    *first = key;
                }
                if segment.len() >= SEGMENT * 2 {
                    let tail = segment.split_off(SEGMENT);
                    // Keys mostly come in order: what lies behind the newest grows no more.
                    segment.shrink_to(SEGMENT);
                    self.firsts.splice(number + 1..number + 1, tail.first().map(|(first, _)| *first));
                    self.segments.insert(number + 1, Segment::of(tail));
                }
            }
        }
    }
    pub fn remove(&mut self, key: K) -> bool {
        let number = self.segment_of(key);
        let Some(shared) = self.segments.get_mut(number) else { return false };
        let Ok(place) = shared.items().binary_search_by(|(other, _)| other.cmp(&key)) else { return false };
        let segment = shared.own();
        segment.remove(place);
        if segment.len() * 4 < segment.capacity() {
            segment.shrink_to(segment.len() * 2);
        }
        self.len -= 1;
        match (segment.first(), self.firsts.get_mut(number)) {
            (Some((key, _)), Some(first)) => *first = *key,
            _ => {
                self.segments.remove(number);
                self.firsts.remove(number);
            }
        }
        true
    }
    /// Entries with `from <= key < to`, in order.
    pub fn range(&self, from: K, to: K) -> impl Iterator<Item = (K, &V)> {
        let number = self.segment_of(from);
        let place = self.segments.get(number).map_or(0, |segment| segment.items().partition_point(|(key, _)| *key < from));
        self.segments
            .iter()
            .skip(number)
            .enumerate()
            .flat_map(move |(step, segment)| segment.items().iter().skip(if step == 0 { place } else { 0 }))
            .take_while(move |(key, _)| *key < to)
            .inspect(|_| visit())
            .map(|(key, value)| (*key, value))
    }
    /// The same in slices, for keys that are as far apart as one can tell: `most` says how many entries can lie from the
    /// first key of a segment up to (not with) another key. Where so many do, nothing is searched.
    pub fn slices(&self, from: K, to: K, most: impl Fn(K, K) -> usize) -> impl Iterator<Item = &[(K, V)]> {
        let number = self.segment_of(from);
        let place = move |number: usize, items: &[(K, V)], key: K| {
            self.firsts.get(number).map_or(0, |first| if *first < key { place_near(items, key, most(*first, key)) } else { 0 })
        };
        (number..self.segments.len()).zip(self.segments.iter().skip(number)).zip(self.firsts.iter().skip(number)).map_while(
            move |((this, segment), first)| {
                let items = segment.items();
                let begin = if this == number { place(this, items, from) } else { 0 };
                let end = if items.last().is_some_and(|(last, _)| *last < to) { items.len() } else { place(this, items, to) };
                let slice = items.get(begin..end).unwrap_or_default();
                slice.iter().for_each(|_| visit());
                (this == number || *first < to).then_some(slice)
            },
        )
    }
    /// Entries with `key < to`, last first.
    pub fn before(&self, to: K) -> impl Iterator<Item = (K, &V)> {
        let number = self.segment_of(to);
        self.segments
            .iter()
            .take(number + 1)
            .rev()
            .flat_map(|segment| segment.items().iter().rev())
            .inspect(|_| visit())
            .skip_while(move |(key, _)| *key >= to)
            .map(|(key, value)| (*key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_share_and_a_clone_do_not_see_later_changes() {
        let mut list: SegVec<u32> = (0..2_000).collect();
        let (before, copied) = (list.share(), list.clone());
        *list.get_mut(700).unwrap() = 9;
        list.push(1);
        let deep = list.clone();
        *list.get_mut(701).unwrap() = 8;
        for before in [before, copied] {
            assert_eq!((before.len(), before.get(700), before.get(701)), (2_000, Some(&700), Some(&701)));
        }
        assert_eq!((deep.get(700), deep.get(701)), (Some(&9), Some(&701)));
        assert_eq!((list.len(), list.get(700), list.last()), (2_001, Some(&9), Some(&1)));
        assert_eq!(list.iter_from(1_999).copied().collect::<Vec<_>>(), [1_999, 1]);
    }

    #[test]
    fn old_items_are_let_go_and_positions_stay() {
        let mut list = SegVec::default();
        for item in 0..10_000_usize {
            assert_eq!(list.push(item), item);
            list.keep_newest(1_000);
            let kept = list.len() - list.first_kept();
            assert!(kept < 1_000 + SEGMENT && (kept >= 1_000 || list.first_kept() == 0));
        }
        let first = list.first_kept();
        assert_eq!((list.get(first - 1), list.get(first)), (None, Some(&first)));
        assert!(list.get_mut(first - 1).is_none() && list.get_mut(first).is_some());
        assert_eq!(list.iter().next(), Some(&first));
        assert_eq!(list.iter_from(9_998).copied().collect::<Vec<_>>(), [9_998, 9_999]);
        assert_eq!(list.iter_from(0).count(), list.len() - first);
        list.keep_newest(0);
        assert_eq!((list.last(), list.len()), (Some(&9_999), 10_000));
    }

    #[test]
    fn the_map_behaves_like_a_sorted_map() {
        let (mut map, mut model) = (SegMap::default(), BTreeMap::new());
        let mut key = 7_u64;
        for step in 0..20_000_u64 {
            key = key.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step);
            let small = key >> 50;
            if step % 5 == 0 {
                assert_eq!(map.remove(small), model.remove(&small).is_some());
            } else {
                map.update(small, || 0, |value| *value += step);
                *model.entry(small).or_insert(0) += step;
            }
        }
        assert_eq!(map.len(), model.len());
        assert_eq!(
            map.range(0, u64::MAX).map(|(k, v)| (k, *v)).collect::<Vec<_>>(),
            model.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>()
        );
        for from in [0, 5_000, 16_000] {
            assert_eq!(
                map.range(from, from + 300).map(|(k, _)| k).collect::<Vec<_>>(),
                model.range(from..from + 300).map(|(k, _)| *k).collect::<Vec<_>>()
            );
            assert_eq!(
                map.before(from).take(20).map(|(k, _)| k).collect::<Vec<_>>(),
                model.range(..from).rev().take(20).map(|(k, _)| *k).collect::<Vec<_>>()
            );
            assert_eq!(map.get(from), model.get(&from));
            let most = |first: u64, key: u64| usize::try_from(key - first).unwrap();
            for to in [from, from + 1, from + 700, u64::MAX] {
                assert_eq!(
                    map.slices(from, to, most).flatten().copied().collect::<Vec<_>>(),
                    model.range(from..to).map(|(k, v)| (*k, *v)).collect::<Vec<_>>()
                );
            }
        }
    }
}
