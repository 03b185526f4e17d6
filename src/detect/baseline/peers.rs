//! Who does the same work: groups of accounts by the hosts and apps they share.
//!
//! Groups that people name come first (`site`); the rest is learned once a day of event time. An account joins the first
//! group whose pattern it resembles (Jaccard at least 0.3) and stays while it does so by half of that, so that groups do
//! not change with each new host. A group counts when it has five members.

use super::profile::{Dimension, Profile, Value};
use crate::base::by_id::ById;
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};

/// Likeness at which an account joins, and at which it stays.
const JOINS: f64 = 0.3;
const STAYS: f64 = 0.15;
/// Groups that are learned; accounts that fit into none of them have none.
const MOST: usize = 1_024;
/// Values of an account that are compared.
const COMPARED: usize = 64;
/// An account with fewer tells nothing of its work.
const FEWEST: usize = 2;
/// Numbers below are of groups that people named.
const LEARNED_FROM: u32 = 1 << 16;

/// The learned groups, each by the values of the account that began it.
#[derive(Debug, Default)]
pub struct Groups {
    patterns: Vec<Vec<u64>>,
    /// Groups by each value of their patterns.
    with: FxHashMap<u64, Vec<u32>>,
}

impl Groups {
    /// The number of a group that people named.
    #[must_use]
    pub fn named(place: u16) -> u32 {
        u32::from(place)
    }
    /// The group of a profile, which has `before`; nothing for one that does like nobody.
    fn of(&mut self, values: Vec<u64>, before: Option<u32>) -> Option<u32> {
        if values.len() < FEWEST {
            return None;
        }
        if let Some(pattern) = before.and_then(|group| self.pattern(group))
            && likeness(&values, pattern) >= STAYS
        {
            return before;
        }
        let mut near: Vec<u32> = values.iter().filter_map(|value| self.with.get(value)).flatten().copied().collect();
        near.sort_unstable();
        near.dedup();
        let best = near.into_iter().map(|group| (group, self.pattern(group).map_or(0.0, |pattern| likeness(&values, pattern))));
        // Of equal ones the oldest.
        let best = best.fold(None, |best: Option<(u32, f64)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        });
        if let Some((group, _)) = best.filter(|(_, likeness)| *likeness >= JOINS) {
            return Some(group);
        }
        if self.patterns.len() >= MOST {
            return None;
        }
        let group = LEARNED_FROM + u32::try_from(self.patterns.len()).ok()?;
        for value in &values {
            self.with.entry(*value).or_default().push(group);
        }
        self.patterns.push(values);
        Some(group)
    }
    fn pattern(&self, group: u32) -> Option<&[u64]> {
        self.patterns.get(usize::try_from(group.checked_sub(LEARNED_FROM)?).ok()?).map(Vec::as_slice)
    }
    /// Gives every profile its group, the named ones by `named`; says whose group changed.
    pub fn assign(&mut self, profiles: &ById<Profile>, named: impl Fn(usize) -> Option<u16>) -> Vec<(usize, Option<u32>)> {
        let mut changes = Vec::new();
        for (index, profile) in profiles.iter() {
            let group = match named(index) {
                Some(place) => Some(Self::named(place)),
                None => self.of(values(profile), profile.peers),
            };
            if group != profile.peers {
                changes.push((index, group));
            }
        }
        changes
    }
}

/// What tells an account's work, sorted: the hosts and apps it used most.
fn values(profile: &Profile) -> Vec<u64> {
    let mut values: Vec<u64> = [Dimension::Host, Dimension::Reached, Dimension::App]
        .into_iter()
        .flat_map(|dimension| profile.seen(dimension).by_use().into_iter().map(move |(value, _)| number(dimension, value)).take(COMPARED))
        .collect();
    values.sort_unstable();
    values.dedup();
    values
}

fn number(dimension: Dimension, value: Value) -> u64 {
    let mut hasher = FxHasher::default();
    (dimension, value).hash(&mut hasher);
    hasher.finish()
}

/// Jaccard: what both have, of what either has. Both are sorted.
fn likeness(one: &[u64], other: &[u64]) -> f64 {
    let (mut left, mut right, mut both) = (one.iter().peekable(), other.iter().peekable(), 0_u32);
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        match a.cmp(b) {
            std::cmp::Ordering::Less => drop(left.next()),
            std::cmp::Ordering::Greater => drop(right.next()),
            std::cmp::Ordering::Equal => {
                both += 1;
                left.next();
                right.next();
            }
        }
    }
    let either = u32::try_from(one.len() + other.len()).unwrap_or(u32::MAX).saturating_sub(both);
    if either == 0 { 0.0 } else { f64::from(both) / f64::from(either) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Span, Timestamp};

    fn using(hosts: &[u32]) -> Profile {
        let start = Timestamp::parse("2024-01-01T09:00:00Z").unwrap();
        let mut profile = Profile::default();
        for (place, host) in hosts.iter().enumerate() {
            profile.add(Dimension::Reached, Value::Number(*host), start + Span::hours(i64::try_from(place).unwrap()));
        }
        profile
    }
    fn give(profiles: &mut ById<Profile>, groups: &mut Groups) {
        for (index, group) in groups.assign(profiles, |index| (index == 9).then_some(3)) {
            profiles.get_mut(index).unwrap().peers = group;
        }
    }

    #[test]
    fn accounts_with_the_same_work_are_one_group() {
        let (mut profiles, mut groups) = (ById::default(), Groups::default());
        let work: [&[u32]; 10] = [&[1, 2, 3], &[1, 2, 4], &[1, 2], &[7, 8], &[7, 8, 9], &[1], &[], &[7, 8, 1], &[20, 21], &[1, 2, 3]];
        for (index, hosts) in work.iter().enumerate() {
            profiles.entry(index, || using(hosts));
        }
        give(&mut profiles, &mut groups);
        let group = |profiles: &ById<Profile>, index| profiles.get(index).unwrap().peers;
        assert!(group(&profiles, 0).is_some() && (1..3).all(|index| group(&profiles, index) == group(&profiles, 0)));
        assert_eq!(group(&profiles, 3), group(&profiles, 4));
        assert_eq!(group(&profiles, 3), group(&profiles, 7));
        assert_ne!(group(&profiles, 0), group(&profiles, 3));
        assert_eq!((group(&profiles, 5), group(&profiles, 6)), (None, None), "too little to tell");
        assert_eq!(group(&profiles, 9), Some(3), "named by people");
        // One new host does not move it, other work does.
        for (index, hosts) in [(1, &[1, 2, 4, 7, 8][..]), (2, &[20, 21])] {
            let mut changed = using(hosts);
            changed.peers = group(&profiles, index);
            *profiles.get_mut(index).unwrap() = changed;
        }
        give(&mut profiles, &mut groups);
        assert_eq!(group(&profiles, 1), group(&profiles, 0));
        assert_eq!(group(&profiles, 2), group(&profiles, 8));
    }
}
