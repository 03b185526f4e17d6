//! At which hours of the week somebody is there. A flood cannot teach: one hour of one day counts once.

use super::seen::{Activity, day};
use crate::base::time::Timestamp;

/// Hours of a week.
pub const WEEK: usize = 168;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;

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
    fn hours_of_two_names_of_one_account_are_one() {
        let (mut day, mut night) = (office(), HourProfile::default());
        night.add(24 + 3, monday() + Span::days(43) + Span::hours(3));
        assert!(day.gap(24 + 3) > 0);
        day.absorb(night);
        assert_eq!(day.gap(24 + 3), 0);
    }
}
