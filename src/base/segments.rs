//! Containers whose clones are cheap: snapshots share what did not change since.
//!
//! `SegVec` is a growing list in segments of fixed length, `SegMap` a sorted map in segments of bounded length. A clone
//! copies one pointer for each segment; a change after a clone copies the one segment it touches.

use std::sync::Arc;

const SEGMENT: usize = 512;

/// A growing list with stable positions and cheap clones.
#[derive(Debug)]
pub struct SegVec<T> {
    segments: Vec<Arc<Vec<T>>>,
    len: usize,
}

impl<T> Clone for SegVec<T> {
    fn clone(&self) -> Self {
        Self { segments: self.segments.clone(), len: self.len }
    }
}

impl<T> Default for SegVec<T> {
    fn default() -> Self {
        Self { segments: Vec::new(), len: 0 }
    }
}

impl<T> SegVec<T> {
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&T> {
        self.segments.get(index / SEGMENT)?.get(index % SEGMENT)
    }
    #[must_use]
    pub fn last(&self) -> Option<&T> {
        self.get(self.len.checked_sub(1)?)
    }
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.segments.iter().flat_map(|segment| segment.iter())
    }
    /// Items from `start` on, without walking what lies before.
    pub fn iter_from(&self, start: usize) -> impl Iterator<Item = &T> {
        let first = self.segments.get(start / SEGMENT).into_iter().flat_map(move |segment| segment.iter().skip(start % SEGMENT));
        first.chain(self.segments.iter().skip(start / SEGMENT + 1).flat_map(|segment| segment.iter()))
    }
}

impl<T: Clone> SegVec<T> {
    /// Appends and says at which position.
    pub fn push(&mut self, item: T) -> usize {
        match self.segments.last_mut() {
            Some(segment) if segment.len() < SEGMENT => Arc::make_mut(segment).push(item),
            _ => {
                let mut segment = Vec::with_capacity(SEGMENT);
                segment.push(item);
                self.segments.push(Arc::new(segment));
            }
        }
        self.len += 1;
        self.len - 1
    }
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        Arc::make_mut(self.segments.get_mut(index / SEGMENT)?).get_mut(index % SEGMENT)
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

/// A sorted map with cheap clones; best when keys mostly arrive in order.
#[derive(Debug)]
pub struct SegMap<K, V> {
    segments: Vec<Arc<Vec<(K, V)>>>,
    len: usize,
}

impl<K, V> Clone for SegMap<K, V> {
    fn clone(&self) -> Self {
        Self { segments: self.segments.clone(), len: self.len }
    }
}

impl<K, V> Default for SegMap<K, V> {
    fn default() -> Self {
        Self { segments: Vec::new(), len: 0 }
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
    /// The segment that holds `key`, or would.
    fn segment_of(&self, key: K) -> usize {
        self.segments.partition_point(|segment| segment.first().is_some_and(|(first, _)| *first <= key)).saturating_sub(1)
    }
    #[must_use]
    pub fn get(&self, key: K) -> Option<&V> {
        let segment = self.segments.get(self.segment_of(key))?;
        let place = segment.binary_search_by(|(other, _)| other.cmp(&key)).ok()?;
        segment.get(place).map(|(_, value)| value)
    }
    /// Changes the value of `key`, which starts as `fresh()` when it was not there.
    pub fn update(&mut self, key: K, fresh: impl FnOnce() -> V, change: impl FnOnce(&mut V)) {
        if self.segments.is_empty() {
            self.segments.push(Arc::new(Vec::with_capacity(SEGMENT)));
        }
        let number = self.segment_of(key);
        let Some(shared) = self.segments.get_mut(number) else { return };
        let segment = Arc::make_mut(shared);
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
                if segment.len() >= SEGMENT * 2 {
                    let tail = segment.split_off(SEGMENT);
                    self.segments.insert(number + 1, Arc::new(tail));
                }
            }
        }
    }
    pub fn remove(&mut self, key: K) -> bool {
        let number = self.segment_of(key);
        let Some(shared) = self.segments.get_mut(number) else { return false };
        let Ok(place) = shared.binary_search_by(|(other, _)| other.cmp(&key)) else { return false };
        let segment = Arc::make_mut(shared);
        segment.remove(place);
        self.len -= 1;
        if segment.is_empty() {
            self.segments.remove(number);
        }
        true
    }
    /// Entries with `from <= key < to`, in order.
    pub fn range(&self, from: K, to: K) -> impl Iterator<Item = (K, &V)> {
        let number = self.segment_of(from);
        let place = self.segments.get(number).map_or(0, |segment| segment.partition_point(|(key, _)| *key < from));
        self.segments
            .iter()
            .skip(number)
            .enumerate()
            .flat_map(move |(step, segment)| segment.iter().skip(if step == 0 { place } else { 0 }))
            .take_while(move |(key, _)| *key < to)
            .map(|(key, value)| (*key, value))
    }
    /// Entries with `key < to`, last first.
    pub fn before(&self, to: K) -> impl Iterator<Item = (K, &V)> {
        let number = self.segment_of(to);
        self.segments
            .iter()
            .take(number + 1)
            .rev()
            .flat_map(|segment| segment.iter().rev())
            .skip_while(move |(key, _)| *key >= to)
            .map(|(key, value)| (*key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_clone_does_not_see_later_changes() {
        let mut list: SegVec<u32> = (0..2_000).collect();
        let before = list.clone();
        *list.get_mut(700).unwrap() = 9;
        list.push(1);
        assert_eq!((before.len(), before.get(700)), (2_000, Some(&700)));
        assert_eq!((list.len(), list.get(700), list.last()), (2_001, Some(&9), Some(&1)));
        assert_eq!(list.iter_from(1_999).copied().collect::<Vec<_>>(), [1_999, 1]);
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
        }
    }
}
