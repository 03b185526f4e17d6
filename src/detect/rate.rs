//! How unusual a count is for somebody whose usual rate is known only from little history.
//!
//! Gamma-Poisson: the rate has a Gamma prior of shape 0.5, the history updates it, and the predicted count of the next
//! day is negative binomial (catalogue 2.4). With no history the prior speaks.

use crate::base::time::{Span, Timestamp};

const PRIOR_SHAPE: f64 = 0.5;
const HALF_LIFE_DAYS: f64 = 14.0;

/// Daily counts with a half-life of two weeks.
#[derive(Clone, Copy, Debug, Default)]
pub struct DailyRate {
    first_at: Option<Timestamp>,
    last_at: Timestamp,
    events: f64,
}

impl DailyRate {
    pub fn add(&mut self, at: Timestamp) {
        if self.first_at.is_none() {
            self.first_at = Some(at);
            self.last_at = at;
        }
        if at > self.last_at {
            self.events *= decay(at - self.last_at);
            self.last_at = at;
        }
        self.events += 1.0;
    }
    /// Takes in the history of the same somebody under another name.
    pub fn absorb(&mut self, other: &Self) {
        if other.first_at.is_none() {
            return;
        }
        let last_at = if self.first_at.is_some() { self.last_at.max(other.last_at) } else { other.last_at };
        let at_last = |rate: &Self| if rate.first_at.is_some() { rate.events * decay(last_at - rate.last_at) } else { 0.0 };
        self.events = at_last(self) + at_last(other);
        self.last_at = last_at;
        self.first_at = self.first_at.into_iter().chain(other.first_at).min();
    }
    /// Days of history before `at`.
    #[must_use]
    pub fn days(&self, at: Timestamp) -> f64 {
        self.first_at.map_or(0.0, |first| (at - first).as_seconds_f64().max(0.0) / 86_400.0)
    }
    /// The usual count of a day.
    #[must_use]
    pub fn per_day(&self, at: Timestamp) -> f64 {
        let (events, days) = self.weighted(at);
        if days > 0.0 { events / days } else { 0.0 }
    }
    fn weighted(&self, at: Timestamp) -> (f64, f64) {
        let events = if at > self.last_at { self.events * decay(at - self.last_at) } else { self.events };
        // Days with the same weights: the integral of 2^(-t/H) from now back to the first day.
        let rate = std::f64::consts::LN_2 / HALF_LIFE_DAYS;
        (events, (1.0 - (-rate * self.days(at)).exp()) / rate)
    }
    /// Chance of `count` or more in one day, given the history without its newest `apart` events.
    #[must_use]
    pub fn tail(&self, count: u32, apart: u32, at: Timestamp) -> f64 {
        let (events, days) = self.weighted(at);
        tail(PRIOR_SHAPE + (events - f64::from(apart)).max(0.0), 1.0 + days, count)
    }
}

/// Chance of `count` or more in one day for somebody who had `events` in `days`.
#[must_use]
pub fn tail_of(events: u32, days: f64, count: u32) -> f64 {
    tail(PRIOR_SHAPE + f64::from(events), 1.0 + days, count)
}

fn decay(age: Span) -> f64 {
    (-std::f64::consts::LN_2 * age.as_seconds_f64() / 86_400.0 / HALF_LIFE_DAYS).exp()
}

/// P(X >= count) for a Poisson count of one unit whose rate is Gamma(shape, rate).
fn tail(shape: f64, rate: f64, count: u32) -> f64 {
    // Negative binomial: p(0) = (rate/(rate+1))^shape, p(k+1) = p(k) * (k+shape)/(k+1) / (rate+1).
    let mut chance = (rate / (rate + 1.0)).powf(shape);
    let mut below = 0.0;
    for k in 0..count.min(10_000) {
        below += chance;
        chance *= (f64::from(k) + shape) / (f64::from(k) + 1.0) / (rate + 1.0);
    }
    (1.0 - below).max(0.0)
}

/// P(X >= count) for a Poisson count that is expected to be `mean`.
#[must_use]
pub fn poisson_tail(mean: f64, count: usize) -> f64 {
    let mut chance = (-mean).exp();
    let mut below = 0.0;
    for k in 0..count.min(10_000) {
        below += chance;
        #[allow(clippy::cast_precision_loss)] // at most 10,000
        let next = k as f64 + 1.0;
        chance *= mean / next;
    }
    (1.0 - below).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_history_makes_ten_failures_a_surprise() {
        let mut rate = DailyRate::default();
        let start = Timestamp::from_unix_seconds(1_600_000_000).unwrap();
        rate.add(start);
        rate.add(start + Span::days(10));
        let now = start + Span::days(20);
        assert!(rate.tail(10, 0, now) < 1e-4, "{}", rate.tail(10, 0, now));
        assert!(rate.tail(1, 0, now) > 0.05);
    }

    #[test]
    fn the_tail_of_a_poisson_count_is_what_tables_say() {
        assert!((poisson_tail(2.0, 0) - 1.0).abs() < 1e-12);
        assert!((poisson_tail(2.0, 3) - 0.323_324).abs() < 1e-6);
        assert!(poisson_tail(0.06, 5) < 1e-6 && poisson_tail(2.5, 5) > 0.1);
    }

    #[test]
    fn two_names_have_the_history_of_both() {
        let start = Timestamp::from_unix_seconds(1_600_000_000).unwrap();
        let of = |days: &[i64]| {
            let mut rate = DailyRate::default();
            days.iter().for_each(|day| rate.add(start + Span::days(*day)));
            rate
        };
        let whole = of(&[0, 1, 2, 3, 4, 5]);
        for (one, other) in
            [(&[0, 2, 4][..], &[1, 3, 5][..]), (&[1, 3, 5], &[0, 2, 4]), (&[0, 1, 2, 3, 4, 5], &[]), (&[], &[0, 1, 2, 3, 4, 5])]
        {
            let mut both = of(one);
            both.absorb(&of(other));
            let now = start + Span::days(7);
            assert!((both.per_day(now) - whole.per_day(now)).abs() < 1e-9 && both.days(now) == whole.days(now), "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_noisy_history_does_not() {
        let mut rate = DailyRate::default();
        let start = Timestamp::from_unix_seconds(1_600_000_000).unwrap();
        for hour in 0..24 * 14 {
            if hour % 4 == 0 {
                rate.add(start + Span::hours(hour));
            }
        }
        let now = start + Span::days(14);
        assert!((rate.per_day(now) - 6.0).abs() < 0.7, "{}", rate.per_day(now));
        assert!(rate.tail(10, 0, now) > 0.01);
    }
}
