//! A handful of values and on how many days each was met: the computers of one person, the people of one computer.
//!
//! It counts as `SeenSet` does, but is looked through from end to end: of sixteen values most are passed in less time than
//! an index takes, and who meets a new one each day, with the list full, pays no more than who always meets the same.

use crate::base::time::Timestamp;
use crate::detect::baseline::seen::day;

/// A value of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met<K> {
    pub value: K,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub days: u32,
    pub count: u32,
}

/// See the module.
#[derive(Debug)]
pub struct Few<K> {
    list: Vec<Met<K>>,
    last_at: Option<Timestamp>,
    /// Days on which any value was met.
    days: u32,
    /// No value was ever met on more.
    most_days: u32,
}

/// Where a value stands in a list.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    At(usize),
    /// It is not there; this is the place of the one not met for longest.
    New(usize),
}

impl<K> Default for Few<K> {
    fn default() -> Self {
        Self { list: Vec::new(), last_at: None, days: 0, most_days: 0 }
    }
}

impl<K: Copy + PartialEq> Few<K> {
    /// One pass finds the value, or who would make room for it.
    #[must_use]
    pub fn find(&self, value: K) -> Place {
        let mut oldest = 0;
        let mut age = (Timestamp::MAX, Timestamp::MAX);
        for (place, met) in self.list.iter().enumerate() {
            if met.value == value {
                return Place::At(place);
            }
            // One comparison decides nearly always.
            if met.last_at < age.0 || (met.last_at == age.0 && met.first_at < age.1) {
                (oldest, age) = (place, (met.last_at, met.first_at));
            }
        }
        Place::New(oldest)
    }
    /// Learns a value that stands at `place`; beyond `most` the one not met for longest is forgotten.
    pub fn learn(&mut self, place: Place, value: K, at: Timestamp, most: usize) {
        if self.last_at.is_none_or(|last| at > last) {
            self.days = self.days.saturating_add(u32::from(self.last_at.is_none_or(|last| day(at) > day(last))));
            self.last_at = Some(at);
        }
        let place = match place {
            Place::At(place) => place,
            Place::New(oldest) => return self.meet(oldest, value, at, most),
        };
        let Some(met) = self.list.get_mut(place) else { return };
        if at > met.last_at {
            met.days = met.days.saturating_add(u32::from(day(at) > day(met.last_at)));
            met.last_at = at;
            self.most_days = self.most_days.max(met.days);
        }
        met.first_at = met.first_at.min(at);
        met.count = met.count.saturating_add(1);
    }
    fn meet(&mut self, oldest: usize, value: K, at: Timestamp, most: usize) {
        let met = Met { value, first_at: at, last_at: at, days: 1, count: 1 };
        self.most_days = self.most_days.max(1);
        if self.list.len() < most {
            return self.list.push(met);
        }
        // What comes late may itself be what was not met for longest.
        if let Some(oldest) = self.list.get_mut(oldest)
            && (oldest.last_at, oldest.first_at) <= (at, at)
        {
            *oldest = met;
        }
    }
    /// At least as many days as any value was met on.
    #[must_use]
    pub const fn most_days(&self) -> u32 {
        self.most_days
    }
    #[must_use]
    pub fn at(&self, place: usize) -> Option<&Met<K>> {
        self.list.get(place)
    }
    /// The values, in no order.
    #[must_use]
    pub fn list(&self) -> &[Met<K>] {
        &self.list
    }
    #[must_use]
    pub const fn days(&self) -> u32 {
        self.days
    }
    #[must_use]
    pub const fn last_at(&self) -> Option<Timestamp> {
        self.last_at
    }
    /// Takes in what was met by the same somebody under another name. Days that both have count once; others may be missed.
    pub fn absorb(&mut self, other: Self, most: usize) {
        for more in other.list {
            match self.list.iter_mut().find(|met| met.value == more.value) {
                Some(met) => {
                    met.first_at = met.first_at.min(more.first_at);
                    met.last_at = met.last_at.max(more.last_at);
                    met.days = met.days.max(more.days);
                    met.count = met.count.saturating_add(more.count);
                }
                None => self.list.push(more),
            }
        }
        let age = |met: &Met<K>| (met.last_at, met.first_at);
        while self.list.len() > most
            && let Some(oldest) = (0..self.list.len()).min_by_key(|place| self.list.get(*place).map(age))
        {
            self.list.swap_remove(oldest);
        }
        self.most_days = self.most_days.max(other.most_days);
        self.last_at = self.last_at.max(other.last_at);
        self.days = self.days.max(other.days);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;
    use crate::detect::baseline::SeenSet;

    fn at(hours: i64) -> Timestamp {
        Timestamp::parse("2024-01-01T00:00:00Z").unwrap() + Span::hours(hours)
    }
    fn known(few: &Few<u32>) -> Vec<(u32, u32, u32, Timestamp, Timestamp)> {
        few.list().iter().map(|met| (met.value, met.days, met.count, met.first_at, met.last_at)).collect()
    }
    fn same(set: &SeenSet<u32>) -> Vec<(u32, u32, u32, Timestamp, Timestamp)> {
        set.values().filter_map(|value| set.get(value).map(|met| (value, met.days, met.count, met.first_at, met.last_at))).collect()
    }

    fn add(few: &mut Few<u32>, value: u32, at: Timestamp) {
        few.learn(few.find(value), value, at, 8);
    }

    /// Values and hours that wander, some of them late.
    fn lessons() -> impl Iterator<Item = (u32, i64)> {
        (0..3_000_u32).map(|number| {
            let random = number.wrapping_mul(2_654_435_761) >> 7;
            (random % 23, i64::from(number / 4) - i64::from(random % 5 == 0) * i64::from(random % 70))
        })
    }

    #[test]
    fn it_counts_as_a_set_does() {
        let (mut few, mut set) = (Few::default(), SeenSet::default());
        for (value, hours) in lessons() {
            add(&mut few, value, at(hours));
            set.add(value, at(hours), 8);
            assert_eq!(known(&few), same(&set));
            assert!(few.list().iter().all(|met| met.days <= few.most_days()));
        }
        assert_eq!((few.days(), few.last_at()), (set.activity.days, set.activity.last_at()));
    }

    #[test]
    fn two_names_of_one_make_one_list() {
        let (mut few, mut set) = (Few::default(), SeenSet::default());
        let (mut other, mut others) = (Few::default(), SeenSet::default());
        for (value, hours) in lessons().take(40) {
            add(&mut few, value, at(hours));
            set.add(value, at(hours), 8);
            add(&mut other, value + 3, at(2 * hours));
            others.add(value + 3, at(2 * hours), 8);
        }
        few.absorb(other, 8);
        set.absorb(&others, 8);
        assert_eq!(known(&few), same(&set));
        assert_eq!((few.days(), few.last_at()), (set.activity.days, set.activity.last_at()));
    }
}
