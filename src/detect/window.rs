//! Sliding windows on event time, with a bound on what they hold.

use crate::base::time::{Span, Timestamp};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::hash::Hash;

/// Items of the last while, oldest first; late ones are put in their place.
#[derive(Clone, Debug)]
pub struct Window<T> {
    items: VecDeque<(Timestamp, T)>,
    /// Items that left because of the bound while still in time.
    crowded_out: u32,
}

impl<T> Default for Window<T> {
    fn default() -> Self {
        Self { items: VecDeque::new(), crowded_out: 0 }
    }
}

impl<T> Window<T> {
    /// Adds an item; forgets what is older than `length` before the newest, and the oldest beyond `most`.
    pub fn push(&mut self, at: Timestamp, item: T, length: Span, most: usize) {
        if self.items.back().is_none_or(|(newest, _)| *newest <= at) {
            self.items.push_back((at, item));
        } else {
            self.put_in(at, item);
        }
        if let Some((newest, _)) = self.items.back() {
            self.forget_before(*newest - length);
        }
        while self.items.len() > most {
            self.items.pop_front();
            self.crowded_out = self.crowded_out.saturating_add(1);
        }
    }
    #[cold]
    #[inline(never)]
    fn put_in(&mut self, at: Timestamp, item: T) {
        let place = self.items.iter().rposition(|(other, _)| *other <= at).map_or(0, |index| index + 1);
        self.items.insert(place, (at, item));
    }
    pub fn forget_before(&mut self, limit: Timestamp) {
        while self.items.front().is_some_and(|(at, _)| *at < limit) {
            self.items.pop_front();
        }
        if self.items.is_empty() {
            self.crowded_out = 0;
        }
    }
    /// Items from `from` to `to`, both included, oldest first.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = &(Timestamp, T)> + Clone {
        // Mostly the end is now, and the window no longer than what is asked for: then nothing is searched.
        let is_whole = self.items.front().is_none_or(|(oldest, _)| *oldest >= from);
        let is_new = self.items.back().is_none_or(|(newest, _)| *newest <= to);
        let first = if is_whole { 0 } else { self.items.partition_point(|(at, _)| *at < from) };
        let end = if is_new { self.items.len() } else { self.items.partition_point(|(at, _)| *at <= to) }.max(first);
        self.items.range(first..end)
    }
    /// Whether one of the items from `from` to `to` fits.
    pub fn any_between(&self, from: Timestamp, to: Timestamp, fits: impl Fn(&T) -> bool) -> bool {
        let fits = |(at, item): &(Timestamp, T)| fits(item) && *at >= from && *at <= to;
        // In two plain loops, and no search for where they begin: it is for windows that hold little.
        let (older, newer) = self.items.as_slices();
        older.iter().any(fits) || newer.iter().any(fits)
    }
    pub fn iter(&self) -> impl Iterator<Item = &(Timestamp, T)> + Clone {
        self.items.iter()
    }
    /// Changes the newest item that fits; says whether there is one.
    pub fn mark(&mut self, fits: impl Fn(&T) -> bool, change: impl FnOnce(&mut T)) -> bool {
        let found = self.items.iter_mut().rev().find(|(_, item)| fits(item));
        found.map(|(_, item)| change(item)).is_some()
    }
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
    #[must_use]
    pub const fn crowded_out(&self) -> u32 {
        self.crowded_out
    }
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        self.items.back().map(|(at, _)| *at)
    }
    pub fn clear(&mut self) {
        self.items.clear();
        self.crowded_out = 0;
    }
}

/// Keeps about `most` entries of a map: those that were heard of last. What has no newest moment goes first.
pub fn shed<K: Eq + Hash, V>(map: &mut FxHashMap<K, V>, most: usize, newest: impl Fn(&V) -> Option<Timestamp>) {
    if map.len() <= most {
        return;
    }
    let mut moments: Vec<Option<Timestamp>> = map.values().map(&newest).collect();
    let oldest = moments.len() - most;
    // By value, not by place in the map: the same entries leave in every run.
    let limit = *moments.select_nth_unstable(oldest).1;
    map.retain(|_, value| newest(value) >= limit);
}

/// How many different seconds some moments (in order) fall into: one retry storm is not a person guessing.
#[must_use]
pub fn distinct_seconds(moments: impl Iterator<Item = Timestamp>) -> usize {
    let mut last = None;
    let mut count = 0;
    for at in moments {
        let second = at.as_unix_seconds();
        if last != Some(second) {
            count += 1;
            last = Some(second);
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    #[test]
    fn old_items_leave_and_late_ones_find_their_place() {
        let mut window = Window::default();
        for (second, name) in [(100, 'a'), (110, 'c'), (105, 'b')] {
            window.push(at(second), name, Span::seconds(60), 10);
        }
        assert_eq!(window.iter().map(|(_, name)| *name).collect::<String>(), "abc");
        assert_eq!(window.between(at(101), at(105)).count(), 1);
        window.push(at(165), 'd', Span::seconds(60), 10);
        assert_eq!(window.iter().map(|(_, name)| *name).collect::<String>(), "bcd");
    }

    #[test]
    fn an_item_is_found_in_its_time_alone() {
        let mut window = Window::default();
        (0..10).for_each(|second| window.push(at(second), second, Span::seconds(4), 10));
        let holds = |from, to, wanted| window.any_between(at(from), at(to), |item| *item == wanted);
        assert!(holds(5, 9, 9) && holds(5, 9, 5) && !holds(6, 9, 5) && !holds(5, 8, 9) && !holds(0, 9, 4));
    }

    #[test]
    fn the_bound_holds_and_counts_what_it_costs() {
        let mut window = Window::default();
        for second in 0..100 {
            window.push(at(second), (), Span::hours(1), 10);
        }
        assert_eq!((window.len(), window.crowded_out()), (10, 90));
    }

    #[test]
    fn shedding_keeps_what_was_heard_last() {
        let mut map: FxHashMap<i64, i64> = (0..100).map(|second| (second, second)).collect();
        shed(&mut map, 10, |second| Some(at(*second)));
        let mut kept: Vec<_> = map.into_keys().collect();
        kept.sort_unstable();
        assert_eq!(kept, (90..100).collect::<Vec<_>>());
    }

    #[test]
    fn seconds_are_counted_once() {
        assert_eq!(distinct_seconds([1, 1, 2, 5, 5].into_iter().map(at)), 3);
        assert_eq!(distinct_seconds(std::iter::empty()), 0);
    }
}
