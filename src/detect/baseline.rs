//! What is usual for somebody: the hours of the week, the values seen, and whether new ones are usual too.
//!
//! Baselines keep counts, never rows. A flood cannot teach: one hour of one day counts once.

use crate::base::time::{Span, Timestamp};
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

/// Hours of a week.
pub const WEEK: usize = 168;

const DAY_SECONDS: i64 = 86_400;

/// Days since the epoch.
#[must_use]
pub const fn day(at: Timestamp) -> i64 {
    at.as_unix_seconds().div_euclid(DAY_SECONDS)
}

/// How long somebody has been watched and on how many days something was seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Activity {
    pub first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    pub days: u32,
    pub count: u32,
}

impl Activity {
    pub fn add(&mut self, at: Timestamp) {
        if self.last_at.is_none_or(|last| day(at) > day(last)) {
            self.days = self.days.saturating_add(1);
        }
        self.last_at = self.last_at.max(Some(at));
        self.first_at = Some(self.first_at.map_or(at, |first| first.min(at)));
        self.count = self.count.saturating_add(1);
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

#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub days: u32,
    pub count: u32,
}

/// Values of one dimension seen with one entity: hosts of an account, networks of a workload.
///
/// There are at most some hundred, mostly a few, and the next is mostly the last one again: two lists are faster than a
/// map, above all where the oldest of a full set leaves with each new one.
#[derive(Clone, Debug)]
pub struct SeenSet<K> {
    values: Vec<K>,
    /// Of the value at the same place.
    seen: Vec<Seen>,
    /// Place of the value seen last.
    last: usize,
    pub activity: Activity,
}

impl<K> Default for SeenSet<K> {
    fn default() -> Self {
        Self { values: Vec::new(), seen: Vec::new(), last: 0, activity: Activity::default() }
    }
}

impl<K: Copy + Ord> SeenSet<K> {
    fn place(&self, value: K) -> Option<usize> {
        if self.values.get(self.last) == Some(&value) {
            return Some(self.last);
        }
        self.values.iter().position(|other| *other == value)
    }
    fn remove(&mut self, place: usize) {
        self.values.swap_remove(place);
        self.seen.swap_remove(place);
    }
    /// Learns a value; beyond `most` values the one unseen for longest is forgotten.
    pub fn add(&mut self, value: K, at: Timestamp, most: usize) {
        self.activity.add(at);
        let place = self.place(value).unwrap_or_else(|| {
            self.values.push(value);
            self.seen.push(Seen { first_at: at, last_at: at, days: 1, count: 0 });
            self.values.len() - 1
        });
        self.last = place;
        let Some(seen) = self.seen.get_mut(place) else { return };
        if day(at) > day(seen.last_at) {
            seen.days = seen.days.saturating_add(1);
        }
        seen.first_at = seen.first_at.min(at);
        seen.last_at = seen.last_at.max(at);
        seen.count = seen.count.saturating_add(1);
        if self.values.len() > most
            && let Some(oldest) = self.oldest()
        {
            self.remove(oldest);
        }
    }
    /// Place of the value unseen for longest; of equal ones the least.
    fn oldest(&self) -> Option<usize> {
        let limit = self.seen.iter().map(|seen| seen.last_at).min()?;
        let oldest = self.seen.iter().zip(&self.values).enumerate().filter(|(_, (seen, _))| seen.last_at == limit);
        oldest.min_by_key(|(_, (_, value))| **value).map(|(place, _)| place)
    }
    #[must_use]
    pub fn get(&self, value: K) -> Option<&Seen> {
        self.seen.get(self.place(value)?)
    }
    #[must_use]
    pub fn contains(&self, value: K) -> bool {
        self.place(value).is_some()
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
        let mut values: Vec<_> = self.values.iter().copied().zip(self.seen.iter().copied()).collect();
        values.sort_by_key(|(value, seen)| (std::cmp::Reverse(seen.count), seen.first_at, *value));
        values
    }
    /// Good-Turing estimate of the chance that the next value is a new one: values seen on one day only, over all
    /// (value, day) pairs. 1 when nothing was seen.
    #[must_use]
    pub fn novelty(&self) -> f64 {
        let once = self.seen.iter().filter(|seen| seen.days == 1).count();
        let pairs: u64 = self.seen.iter().map(|seen| u64::from(seen.days)).sum();
        #[allow(clippy::cast_precision_loss)] // counts far below 2^52
        if pairs == 0 { 1.0 } else { once as f64 / pairs as f64 }
    }
    /// Takes in what was seen of the same somebody under another name.
    pub fn absorb(&mut self, other: &Self, most: usize) {
        for (value, more) in other.values.iter().zip(&other.seen) {
            match self.place(*value).and_then(|place| self.seen.get_mut(place)) {
                Some(seen) => {
                    seen.first_at = seen.first_at.min(more.first_at);
                    seen.last_at = seen.last_at.max(more.last_at);
                    seen.days = seen.days.max(more.days);
                    seen.count = seen.count.saturating_add(more.count);
                }
                None => {
                    self.values.push(*value);
                    self.seen.push(*more);
                }
            }
        }
        while self.values.len() > most {
            let Some(oldest) = self.oldest() else { break };
            self.remove(oldest);
        }
        self.activity.absorb(&other.activity);
    }
    /// Forgets values unseen for longer than `length`.
    pub fn forget_before(&mut self, limit: Timestamp) {
        let mut place = 0;
        while let Some(seen) = self.seen.get(place) {
            if seen.last_at >= limit { place += 1 } else { self.remove(place) }
        }
    }
}

/// Decayed logons by hour of the week; one for each hour and day at most.
#[derive(Clone, Debug)]
pub struct HourProfile {
    bins: Box<[f64; WEEK]>,
    days: Box<[i32; WEEK]>,
    /// Moment to which the bins are decayed.
    decayed_to: Option<Timestamp>,
    pub activity: Activity,
}

impl Default for HourProfile {
    fn default() -> Self {
        Self { bins: Box::new([0.0; WEEK]), days: Box::new([i32::MIN; WEEK]), decayed_to: None, activity: Activity::default() }
    }
}

/// How odd an hour is for a profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Oddness {
    /// Chance of an hour as rare as this one or rarer.
    pub p: f64,
    /// Hours to the nearest hour of the week with use.
    pub gap: usize,
    /// That hour of the week.
    pub nearest: usize,
}

/// Weight of a logon halves in this many days (catalogue 2.1).
const HALF_LIFE_DAYS: f64 = 28.0;
/// Strength of the prior: as much as this many logons.
const PRIOR: f64 = 10.0;
/// Part of the prior that is flat, so that no hour is impossible.
const FLAT: f64 = 0.001;
/// Share of an hour that leaks to the same hour of other days of its kind (work day or weekend).
const LEAK: f64 = 0.2;
/// A bin with less than this was not used.
const USED: f64 = 0.5;

impl HourProfile {
    pub fn add(&mut self, hour: usize, at: Timestamp) {
        self.activity.add(at);
        self.decay_to(at);
        let today = i32::try_from(day(at)).unwrap_or(i32::MAX);
        let (Some(bin), Some(last)) = (self.bins.get_mut(hour), self.days.get_mut(hour)) else { return };
        if *last != today {
            *last = today;
            *bin += 1.0;
        }
    }
    /// Takes in the hours of the same somebody under another name.
    pub fn absorb(&mut self, mut other: Self) {
        if let Some(at) = self.decayed_to.max(other.decayed_to) {
            self.decay_to(at);
            other.decay_to(at);
        }
        for (bin, more) in self.bins.iter_mut().zip(other.bins.iter()) {
            *bin += more;
        }
        for (day, other) in self.days.iter_mut().zip(other.days.iter()) {
            *day = (*day).max(*other);
        }
        self.activity.absorb(&other.activity);
    }
    fn decay_to(&mut self, at: Timestamp) {
        let from = *self.decayed_to.get_or_insert(at);
        // Once a day is enough for a half-life of weeks.
        if day(at) > day(from) {
            let factor = (-std::f64::consts::LN_2 * (at - from).as_seconds_f64() / 86_400.0 / HALF_LIFE_DAYS).exp();
            for bin in self.bins.iter_mut() {
                *bin *= factor;
            }
            self.decayed_to = Some(at);
        }
    }
    /// How odd `hour` (of the week) is; the prior is `site`, the counts of everybody, or flat where there are none.
    #[must_use]
    pub fn oddness(&self, hour: usize, site: Option<&Self>) -> Oddness {
        let smooth = smoothed(&self.bins);
        let total: f64 = smooth.iter().sum();
        let prior = site.map(|site| smoothed(&site.bins));
        let prior_total: f64 = prior.as_ref().map_or(0.0, |prior| prior.iter().sum());
        #[allow(clippy::cast_precision_loss)] // 168
        let flat = 1.0 / WEEK as f64;
        let chance = |bin: usize| -> f64 {
            let share = prior
                .as_ref()
                .filter(|_| prior_total > 0.0)
                .and_then(|prior| prior.get(bin))
                .map_or(flat, |count| (1.0 - FLAT) * count / prior_total + FLAT * flat);
            (smooth.get(bin).copied().unwrap_or(0.0) + PRIOR * share) / (total + PRIOR)
        };
        let here = chance(hour);
        let p = (0..WEEK).map(chance).filter(|other| *other <= here * 1.000_001).sum();
        let (gap, nearest) = self.nearest(hour);
        Oddness { p, gap, nearest }
    }
    fn used(&self, hour: usize) -> bool {
        self.bins.get(hour % WEEK).is_some_and(|bin| *bin >= USED)
    }
    /// Hours round the week from `hour` to the nearest one that was used.
    #[must_use]
    pub fn gap(&self, hour: usize) -> usize {
        self.nearest(hour).0
    }
    /// The same, and that hour.
    fn nearest(&self, hour: usize) -> (usize, usize) {
        (0..=WEEK / 2)
            .find_map(|gap| {
                let (before, after) = ((hour + WEEK - gap) % WEEK, (hour + gap) % WEEK);
                if self.used(before) { Some((gap, before)) } else { self.used(after).then_some((gap, after)) }
            })
            .unwrap_or((WEEK / 2, hour))
    }
    /// The unused stretch of the week round `hour`: the first unused hour and the first used one after.
    #[must_use]
    pub fn unused_round(&self, hour: usize) -> (usize, usize) {
        let back = (1..WEEK).find(|step| self.used(hour + WEEK - step)).unwrap_or(1);
        let on = (1..WEEK).find(|step| self.used(hour + step)).unwrap_or(1);
        ((hour + WEEK + 1 - back) % WEEK, (hour + on) % WEEK)
    }
}

/// Neighbouring hours share (1/4, 1/2, 1/4), and an hour leaks to the same hour of other days of its kind.
fn smoothed(bins: &[f64; WEEK]) -> Vec<f64> {
    let at = |index: usize| bins.get(index % WEEK).copied().unwrap_or(0.0);
    let near: Vec<f64> = (0..WEEK).map(|bin| 0.25 * at(bin + WEEK - 1) + 0.5 * at(bin) + 0.25 * at(bin + 1)).collect();
    let near_at = |index: usize| near.get(index).copied().unwrap_or(0.0);
    (0..WEEK)
        .map(|bin| {
            let (weekday, hour) = (bin / 24, bin % 24);
            let kind = if weekday < 5 { 0..5 } else { 5..7 };
            #[allow(clippy::cast_precision_loss)] // 2 or 5
            let days = kind.len() as f64;
            let shared: f64 = kind.map(|weekday| near_at(weekday * 24 + hour)).sum::<f64>() / days;
            (1.0 - LEAK) * near_at(bin) + LEAK * shared
        })
        .collect()
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

    fn office() -> HourProfile {
        let mut profile = HourProfile::default();
        for date in (0..42).filter(|date| date % 7 < 5) {
            for hour in [8, 9, 13, 17] {
                let at = monday() + Span::days(date) + Span::hours(hour);
                profile.add(at.hour_of_week(), at);
            }
        }
        profile
    }

    #[test]
    fn the_night_is_odd_for_an_office_worker_and_the_morning_is_not() {
        let profile = office();
        let night = profile.oddness(24 + 3, Some(&profile));
        assert!(night.p < 0.002 && night.gap == 5 && night.nearest == 24 + 8, "{night:?}");
        assert!(profile.oddness(24 + 9, Some(&profile)).p > 0.3);
        assert_eq!(profile.unused_round(24 + 3), (18, 24 + 8));
        assert_eq!(profile.unused_round(5 * 24 + 10), (4 * 24 + 18, 8), "the weekend");
    }

    #[test]
    fn hours_are_round_the_clock() {
        let mut profile = HourProfile::default();
        for date in 0..30 {
            let at = monday() + Span::days(date) + Span::hours(23);
            profile.add(at.hour_of_week(), at);
        }
        assert_eq!(profile.oddness(1, None), Oddness { gap: 2, nearest: 167, ..profile.oddness(1, None) }, "Monday 01 h and Sunday 23 h");
    }

    #[test]
    fn a_flood_in_one_hour_counts_once() {
        let mut profile = HourProfile::default();
        for second in 0..1_000 {
            let at = monday() + Span::seconds(second);
            profile.add(at.hour_of_week(), at);
        }
        assert!((profile.bins.iter().sum::<f64>() - 1.0).abs() < 1e-9);
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
        let (mut day, mut night) = (office(), HourProfile::default());
        night.add(24 + 3, monday() + Span::days(43) + Span::hours(3));
        assert!(day.gap(24 + 3) > 0);
        day.absorb(night);
        assert_eq!(day.gap(24 + 3), 0);
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
