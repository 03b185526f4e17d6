//! Which values were seen, on how many days, and whether new ones are usual.

use crate::base::places::Places;
use crate::base::time::{Span, TICKS_PER_SECOND, Timestamp};
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash};

const TICKS_PER_DAY: i64 = 86_400 * TICKS_PER_SECOND;

/// Days since the epoch.
#[must_use]
pub const fn day(at: Timestamp) -> i64 {
    at.as_ticks().div_euclid(TICKS_PER_DAY)
}

/// How long somebody has been watched and on how many days something was seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Activity {
    pub first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    pub days: u32,
    /// Lessons: the same one counts once an hour.
    pub count: u32,
}

impl Activity {
    pub const NONE: Self = Self { first_at: None, last_at: None, days: 0, count: 0 };

    #[inline]
    pub fn add(&mut self, at: Timestamp) {
        if self.last_at.is_none_or(|last| day(at) > day(last)) {
            self.days = self.days.saturating_add(1);
        }
        self.last_at = self.last_at.max(Some(at));
        self.first_at = Some(self.first_at.map_or(at, |first| first.min(at)));
        self.count = self.count.saturating_add(1);
    }
    /// What an earlier run knew; the end is known to the day.
    #[must_use]
    pub(super) const fn recalled(first_at: Timestamp, last_at: Timestamp, days: u32, count: u32) -> Self {
        Self { first_at: Some(first_at), last_at: Some(last_at), days, count }
    }
    /// Takes in that of the same somebody under another name. Days that both have count once; others may be missed.
    pub fn absorb(&mut self, other: &Self) {
        self.first_at = self.first_at.into_iter().chain(other.first_at).min();
        self.last_at = self.last_at.max(other.last_at);
        self.days = self.days.max(other.days);
        self.count = self.count.saturating_add(other.count);
    }
    #[must_use]
    pub const fn last_at(&self) -> Option<Timestamp> {
        self.last_at
    }
    /// Time since the first.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Span {
        self.first_at.map_or(Span::ZERO, |first| now - first)
    }
}

/// What learning a value did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added<K> {
    Known,
    New {
        /// The value that made room.
        evicted: Option<K>,
    },
}

#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub days: u32,
    pub count: u32,
    /// In this run, on the day of `last_at`.
    pub(super) today: u32,
    /// `today` was not told to whoever keeps what is learned.
    pub(super) is_untold: bool,
}

impl Seen {
    fn again(&mut self, at: Timestamp) {
        if at > self.last_at && day(at) > day(self.last_at) {
            self.days = self.days.saturating_add(1);
            self.today = 0;
        }
        self.today = self.today.saturating_add(1);
        self.is_untold = true;
        self.first_at = self.first_at.min(at);
        self.last_at = self.last_at.max(at);
        self.count = self.count.saturating_add(1);
    }
    /// What an earlier run knew.
    pub(super) fn recalled(activity: &Activity) -> Self {
        let first_at = activity.first_at.unwrap_or_default();
        let last_at = activity.last_at.unwrap_or(first_at);
        Self { first_at, last_at, days: activity.days, count: activity.count, today: 0, is_untold: false }
    }
}

/// Values of one dimension seen with one entity: hosts of an account, networks of a workload.
///
/// There are at most some hundred, mostly a few, and the next is mostly the last one again. What an event teaches is spread
/// over some ten sets, none of which is in the cache, so each line of it that is not touched counts: a value stands beside
/// what is known of it, and is found by one word of `places`; a full set is searched once for the next few to leave.
#[derive(Clone, Debug)]
pub struct SeenSet<K> {
    pub activity: Activity,
    /// The value seen last, and its place.
    last: Option<(K, u32)>,
    values: Vec<(K, Seen)>,
    places: Places,
    leaving: Option<Box<Leaving>>,
}

impl<K> SeenSet<K> {
    pub const EMPTY: Self = Self { activity: Activity::NONE, last: None, values: Vec::new(), places: Places::EMPTY, leaving: None };
}

/// How many of a full set are found in one search: a busy address has a new account with each event.
const FOUND_AT_ONCE: usize = 16;

/// Who leaves next, as far as it is known: places of values and when each was seen last, the next one at the end. All others
/// were seen later, and no two of these at once, so the order holds while nothing older is learned.
#[derive(Clone, Debug, Default)]
struct Leaving {
    list: Vec<(usize, Timestamp)>,
}

impl<K> Default for SeenSet<K> {
    fn default() -> Self {
        Self::EMPTY
    }
}

fn hash(value: impl Hash) -> u64 {
    FxBuildHasher.hash_one(value)
}

impl<K: Copy + PartialEq + Hash> SeenSet<K> {
    fn is_at(&self, value: K, place: usize) -> bool {
        self.values.get(place).is_some_and(|(other, _)| *other == value)
    }
    #[inline]
    fn place(&self, value: K) -> Option<usize> {
        match self.last {
            Some((last, place)) if last == value && self.is_at(value, place as usize) => Some(place as usize),
            _ if self.values.is_empty() => None,
            _ => self.places.find(hash(value), |place| self.is_at(value, place)),
        }
    }
    fn push(&mut self, value: K, hash: u64, seen: Seen) {
        self.values.push((value, seen));
        self.places.push(hash, self.values.len());
    }
    fn remove(&mut self, place: usize) -> Option<K> {
        let (value, _) = self.values.get(place).copied()?;
        self.places.remove(hash(value), place);
        let last = self.values.len() - 1;
        if place != last
            && let Some((moves, _)) = self.values.get(last)
        {
            self.places.moved(hash(*moves), last, place);
        }
        self.values.swap_remove(place);
        if let Some(leaving) = &mut self.leaving {
            leaving.list.retain(|(leaver, _)| *leaver != place);
            leaving.list.iter_mut().filter(|(leaver, _)| *leaver == last).for_each(|(leaver, _)| *leaver = place);
        }
        Some(value)
    }
    /// Learns a value, and says whether it is new; beyond `most` values the one unseen for longest is forgotten.
    pub fn add(&mut self, value: K, at: Timestamp, most: usize) -> Added<K> {
        self.activity.add(at);
        self.doubt(at);
        let Some(place) = self.place(value) else { return self.add_new(value, at, most) };
        self.last = u32::try_from(place).ok().map(|place| (value, place));
        if let Some((_, seen)) = self.values.get_mut(place) {
            seen.again(at);
        }
        Added::Known
    }
    /// Something was seen at a time by which others are known to leave: it may be their time no more.
    #[inline]
    fn doubt(&mut self, at: Timestamp) {
        if self.leaving.as_ref().is_some_and(|leaving| leaving.list.first().is_some_and(|(_, newest)| at <= *newest)) {
            self.leaving = None;
        }
    }
    #[inline(never)]
    fn add_new(&mut self, value: K, at: Timestamp, most: usize) -> Added<K> {
        let mut new = Seen { first_at: at, last_at: at, days: 1, count: 0, today: 0, is_untold: false };
        let mut evicted = None;
        new.again(at);
        if self.values.len() < most {
            self.push(value, hash(value), new);
            self.last = u32::try_from(self.values.len() - 1).ok().map(|place| (value, place));
        } else {
            evicted = self.replace_oldest(value, new);
        }
        Added::New { evicted }
    }
    /// A new value takes the place of the one unseen for longest, unless it is that itself; gives the one that is not there.
    fn replace_oldest(&mut self, value: K, new: Seen) -> Option<K> {
        if self.next_known().is_none() {
            self.leaving = Some(Box::new(self.search()));
        }
        let Some((place, (oldest, seen))) = self.next_known().and_then(|place| Some((place, self.values.get_mut(place)?))) else {
            return Some(value);
        };
        if (new.last_at, new.first_at) < (seen.last_at, seen.first_at) {
            self.leaving = None;
            return Some(value);
        }
        let gone = std::mem::replace(oldest, value);
        *seen = new;
        self.places.replace(place, hash(gone), hash(value));
        self.doubt(new.last_at);
        if let Some(leaving) = &mut self.leaving {
            leaving.list.retain(|(leaver, _)| *leaver != place);
        }
        self.last = u32::try_from(place).ok().map(|place| (value, place));
        Some(gone)
    }
    /// Forgets the value unseen for longest.
    fn leave(&mut self) -> Option<K> {
        let oldest = self.oldest()?;
        self.leaving = None;
        self.remove(oldest)
    }
    /// Adds a value that an earlier run knew.
    pub(super) fn put(&mut self, value: K, seen: Seen) {
        self.leaving = None;
        self.push(value, hash(value), seen);
    }
    /// Another name for a value; one that is there under both stays under the new one. Says whether it was there.
    pub(super) fn rename(&mut self, from: K, to: K) -> bool {
        let Some(place) = self.place(from) else { return false };
        if self.contains(to) {
            self.remove(place);
        } else if let Some(seen) = self.get(from).copied() {
            self.remove(place);
            self.put(to, seen);
        }
        true
    }
    /// The value that the next new one would make room by.
    pub(super) fn next_to_leave(&self, most: usize) -> Option<(K, Seen)> {
        let place = self.oldest().filter(|_| self.values.len() >= most)?;
        self.values.get(place).copied()
    }
    /// Values that were seen since the last call.
    pub(super) fn untold(&mut self) -> Vec<(K, Seen)> {
        let untold = self.values.iter_mut().filter(|(_, seen)| seen.is_untold);
        untold
            .map(|(value, seen)| {
                seen.is_untold = false;
                (*value, *seen)
            })
            .collect()
    }
    /// Place of the value unseen for longest; of several, of the one that was first seen first.
    fn oldest(&self) -> Option<usize> {
        self.next_known().or_else(|| self.search().list.last().map(|(place, _)| *place))
    }
    /// The next to leave, where it is known without a search: seen again, it stays.
    fn next_known(&self) -> Option<usize> {
        let is_still = |place: usize, last_at| self.values.get(place).is_some_and(|(_, seen)| seen.last_at == last_at);
        self.leaving.as_ref()?.list.iter().rev().find(|(place, last_at)| is_still(*place, *last_at)).map(|(place, _)| *place)
    }
    /// Looks for those unseen for longest.
    fn search(&self) -> Leaving {
        let age = |place: &usize| self.values.get(*place).map(|(_, seen)| (seen.last_at, seen.first_at));
        let mut oldest: Vec<usize> = Vec::with_capacity(FOUND_AT_ONCE + 2);
        for (place, seen) in self.seen().enumerate() {
            // One comparison decides nearly always; comparing pairs took a twentieth of all detection.
            let is_older = |other: &usize| self.values.get(*other).is_some_and(|(_, other)| seen.last_at <= other.last_at);
            if oldest.len() <= FOUND_AT_ONCE || oldest.last().is_some_and(is_older) {
                let after = oldest.partition_point(|other| age(other) <= age(&place));
                oldest.insert(after, place);
                oldest.truncate(FOUND_AT_ONCE + 1);
            }
        }
        // Of two of one age, which leaves first depends on where they stand, and that changes.
        let is_apart = |pair: &&[usize]| matches!(pair, [one, other] if age(one).map(|age| age.0) < age(other).map(|age| age.0));
        let certain = oldest.windows(2).take_while(is_apart).count().max(1);
        let last_at = |place: &usize| self.values.get(*place).map(|(_, seen)| (*place, seen.last_at));
        Leaving { list: oldest.iter().take(certain).rev().filter_map(last_at).collect() }
    }
    #[must_use]
    pub fn get(&self, value: K) -> Option<&Seen> {
        self.values.get(self.place(value)?).map(|(_, seen)| seen)
    }
    #[must_use]
    pub fn contains(&self, value: K) -> bool {
        self.place(value).is_some()
    }
    /// The values, in no order.
    pub fn values(&self) -> impl Iterator<Item = K> {
        self.values.iter().map(|(value, _)| *value)
    }
    fn seen(&self) -> impl Iterator<Item = &Seen> {
        self.values.iter().map(|(_, seen)| seen)
    }
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
    /// Values, most used first; of equal ones the oldest.
    #[must_use]
    pub fn by_use(&self) -> Vec<(K, Seen)> {
        let mut values = self.values.clone();
        values.sort_by_key(|(_, seen)| (std::cmp::Reverse(seen.count), seen.first_at));
        values
    }
    /// Good-Turing estimate of the chance that the next value is a new one: values seen on one day only, over all
    /// (value, day) pairs. 1 when nothing was seen.
    #[must_use]
    pub fn novelty(&self) -> f64 {
        let (once, pairs) = self.once();
        if pairs == 0.0 { 1.0 } else { once / pairs }
    }
    /// The same as it was at `limit`, roughly: without values that came since. With how many there were.
    #[must_use]
    pub fn novelty_before(&self, limit: Timestamp) -> (f64, usize) {
        let before = || self.seen().filter(|seen| seen.first_at < limit);
        let once = before().filter(|seen| seen.days == 1).count();
        let pairs: u64 = before().map(|seen| u64::from(seen.days)).sum();
        #[allow(clippy::cast_precision_loss)] // counts far below 2^52
        let novelty = if pairs == 0 { 1.0 } else { once as f64 / pairs as f64 };
        (novelty, before().count())
    }
    /// How much a new value says, in bits; the estimate leans towards one half, so that it is never without end.
    #[must_use]
    pub fn surprise(&self) -> f64 {
        let (once, pairs) = self.once();
        -((once + 0.5) / (pairs + 1.0)).log2()
    }
    /// Values seen on one day only, and (value, day) pairs.
    #[allow(clippy::cast_precision_loss)] // counts far below 2^52
    fn once(&self) -> (f64, f64) {
        let once = self.seen().filter(|seen| seen.days == 1).count();
        let pairs: u64 = self.seen().map(|seen| u64::from(seen.days)).sum();
        (once as f64, pairs as f64)
    }
    /// Takes in what was seen of the same somebody under another name.
    pub fn absorb(&mut self, other: &Self, most: usize) {
        self.leaving = None;
        for (value, more) in &other.values {
            match self.place(*value).and_then(|place| self.values.get_mut(place)) {
                Some((_, seen)) => {
                    if day(more.last_at) > day(seen.last_at) {
                        (seen.today, seen.is_untold) = (more.today, more.is_untold);
                    }
                    seen.first_at = seen.first_at.min(more.first_at);
                    seen.last_at = seen.last_at.max(more.last_at);
                    seen.days = seen.days.max(more.days);
                    seen.count = seen.count.saturating_add(more.count);
                }
                None => self.push(*value, hash(*value), *more),
            }
        }
        while self.values.len() > most && self.leave().is_some() {}
        self.activity.absorb(&other.activity);
    }
    /// Forgets values unseen since `limit`, and gives them.
    pub fn forget_before(&mut self, limit: Timestamp) -> Vec<K> {
        let mut gone = Vec::new();
        let mut place = 0;
        while let Some((_, seen)) = self.values.get(place) {
            if seen.last_at >= limit {
                place += 1;
            } else {
                gone.extend(self.remove(place));
            }
        }
        gone
    }
}

/// What a map holds of an account that turned out to be another goes to that one; `join` where it has its own.
pub fn rekey<K: Eq + std::hash::Hash, V>(map: &mut FxHashMap<K, V>, from: &K, to: K, join: impl FnOnce(&mut V, V)) {
    let Some(value) = map.remove(from) else { return };
    match map.entry(to) {
        Entry::Vacant(place) => {
            place.insert(value);
        }
        Entry::Occupied(mut there) => join(there.get_mut(), value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-01-01 was a Monday.
    fn monday() -> Timestamp {
        Timestamp::parse("2024-01-01T00:00:00Z").unwrap()
    }

    #[test]
    fn a_wanderer_is_known_by_values_seen_once() {
        let (mut steady, mut wanderer) = (SeenSet::default(), SeenSet::default());
        for date in 0..20 {
            steady.add(date % 2, monday() + Span::days(date), 64);
            wanderer.add(date, monday() + Span::days(date), 64);
        }
        assert!(steady.novelty() < 0.01 && wanderer.novelty() > 0.9);
        assert!((SeenSet::<u32>::default().novelty() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn sets_are_bounded_and_forget_the_oldest() {
        let mut set = SeenSet::default();
        for value in 0..100 {
            set.add(value, monday() + Span::days(value), 10);
        }
        assert_eq!(set.len(), 10);
        assert!(set.contains(99) && !set.contains(0));
    }

    /// What `SeenSet` says of itself: beyond its bound the value unseen for longest goes, of several the one seen first first,
    /// and of those the one that stands first.
    #[test]
    fn whatever_the_order_of_events_the_value_unseen_for_longest_goes() {
        let mut dice = 0x9e37_79b9_u64;
        let mut roll = |sides: u64| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            i64::try_from(dice % sides).unwrap()
        };
        for spread in [1, 4, 400] {
            let mut set = SeenSet::default();
            let mut plain: Vec<(i64, Timestamp, Timestamp)> = Vec::new();
            for step in 0..3_000 {
                // Mostly in order; many at once; some late.
                let late = if roll(10) == 0 { roll(300) } else { 0 };
                let at = monday() + Span::seconds(step / spread - late);
                let value = roll(60);
                match plain.iter_mut().find(|known| known.0 == value) {
                    Some(known) => (known.1, known.2) = (known.1.max(at), known.2.min(at)),
                    None => plain.push((value, at, at)),
                }
                let gone = if plain.len() > 20 { (0..plain.len()).min_by_key(|place| (plain[*place].1, plain[*place].2)) } else { None };
                let gone = gone.map(|place| plain.swap_remove(place).0);
                if roll(50) == 0 {
                    assert_eq!(set.next_to_leave(1).map(|(value, _)| value), set.oldest().map(|place| set.values[place].0));
                }
                let evicted = match set.add(value, at, 20) {
                    Added::New { evicted } => evicted,
                    Added::Known => None,
                };
                assert_eq!(evicted, gone, "{spread} {step}");
                if roll(200) == 0 {
                    let limit = monday() + Span::seconds(step / spread - 200);
                    set.forget_before(limit);
                    let mut place = 0;
                    while place < plain.len() {
                        if plain[place].1 < limit {
                            plain.swap_remove(place);
                        } else {
                            place += 1;
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn two_names_of_one_account_make_one_baseline() {
        let (mut one, mut other) = (SeenSet::default(), SeenSet::default());
        for date in 0..10 {
            one.add(date % 2, monday() + Span::days(date), 64);
            other.add(2 - date % 2, monday() + Span::days(20 + date), 64);
        }
        one.absorb(&other, 64);
        let seen = one.get(1).unwrap();
        assert_eq!((one.len(), seen.count, seen.first_at), (3, 10, monday() + Span::days(1)));
        assert_eq!((one.activity.count, one.activity.first_at), (20, Some(monday())));
        one.absorb(&SeenSet::default(), 1);
        assert_eq!(one.len(), 1, "bounded as ever");
    }

    #[test]
    fn what_was_remembered_goes_to_the_account_that_stays() {
        let mut map: FxHashMap<u8, u32> = FxHashMap::default();
        map.insert(1, 10);
        rekey(&mut map, &1, 2, |there, more| *there += more);
        map.insert(3, 5);
        rekey(&mut map, &3, 2, |there, more| *there += more);
        rekey(&mut map, &9, 2, |there, more| *there += more);
        assert_eq!((map.get(&2), map.len()), (Some(&15), 1));
    }
}
