//! How far back interactive sign-ins are in the logs: only then can one be missed.
//!
//! The service keeps sign-ins for 7 or 30 days, exports begin and end where somebody chose, and the interactive log may be
//! absent altogether. That nothing began a token is a fact only where interactive sign-ins of its tenant were logged all
//! through the life of the token.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use std::collections::BTreeMap;

/// Days without any interactive sign-in of a tenant that still are one log; more is a hole. Small tenants rest at weekends.
const HOLE: i64 = 7;

/// Tenants and days of each that are remembered: ten years. What is beyond counts as not logged.
const MOST_TENANTS: usize = 64;
const MOST_DAYS: usize = 3_660;

const DAY: Span = Span::days(1);

/// Days on which interactive sign-ins were logged, by tenant.
#[derive(Clone, Debug, Default)]
pub struct SignInLog {
    /// By day number: the first interactive sign-in of that day.
    tenants: Vec<(Symbol, BTreeMap<i64, Timestamp>)>,
}

const fn day(at: Timestamp) -> i64 {
    at.as_ticks().div_euclid(DAY.as_ticks())
}

impl SignInLog {
    /// An interactive sign-in would change nothing here; most do not.
    #[must_use]
    pub fn knows(&self, tenant: Symbol, at: Timestamp) -> bool {
        match self.days(tenant) {
            Some(days) => days.get(&day(at)).map_or(days.len() >= MOST_DAYS, |first| *first <= at),
            None => self.tenants.len() >= MOST_TENANTS,
        }
    }
    /// Remembers an interactive sign-in, whatever came of it.
    pub fn see(&mut self, tenant: Symbol, at: Timestamp) {
        if self.knows(tenant, at) {
            return;
        }
        let place = self.tenants.iter().position(|(known, _)| *known == tenant);
        let place = place.unwrap_or_else(|| {
            self.tenants.push((tenant, BTreeMap::new()));
            self.tenants.len() - 1
        });
        if let Some((_, days)) = self.tenants.get_mut(place) {
            let first = days.entry(day(at)).or_insert(at);
            *first = at.min(*first);
        }
    }
    fn days(&self, tenant: Symbol) -> Option<&BTreeMap<i64, Timestamp>> {
        self.tenants.iter().find(|(known, _)| *known == tenant).map(|(_, days)| days)
    }
    /// Since when interactive sign-ins of the tenant are in the logs without a hole until `at`; nothing where there is a
    /// hole at that time. Rows that state no tenant are of the only one there is.
    #[must_use]
    pub fn covered_since(&self, tenant: Symbol, at: Timestamp) -> Option<Timestamp> {
        let only = match self.tenants.as_slice() {
            [(_, days)] if tenant.is_none() => Some(days),
            _ => None,
        };
        let days = self.days(tenant).or(only)?;
        let (mut later, mut since) = (day(at), None);
        for (day, first) in days.range(..=later).rev() {
            if later - day > HOLE {
                break;
            }
            (later, since) = (*day, Some(*first));
        }
        since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_log_reaches_back_to_its_beginning_and_not_over_a_hole() {
        let mut log = SignInLog::default();
        for moment in
            ["2026-01-10T08:00:00Z", "2026-03-01T12:00:00Z", "2026-03-01T09:00:00Z", "2026-03-08T09:00:00Z", "2026-03-14T09:00:00Z"]
        {
            log.see(Symbol::NONE, at(moment));
        }
        let since = |moment| log.covered_since(Symbol::NONE, at(moment));
        assert_eq!(since("2026-03-16T00:00:00Z"), Some(at("2026-03-01T09:00:00Z")));
        assert_eq!(since("2026-03-07T00:00:00Z"), Some(at("2026-03-01T09:00:00Z")));
        // The log stops, or has not begun.
        assert_eq!(since("2026-04-01T00:00:00Z"), None);
        assert_eq!(since("2026-02-01T00:00:00Z"), None);
        assert_eq!(since("2026-01-09T00:00:00Z"), None);
    }

    #[test]
    fn the_log_of_one_tenant_says_nothing_of_another() {
        let mut names = crate::base::intern::Interner::default();
        let (one, other) = (names.intern("one"), names.intern("other"));
        let mut log = SignInLog::default();
        let moment = at("2026-03-01T09:00:00Z");
        log.see(one, moment);
        assert_eq!(log.covered_since(one, moment), Some(moment));
        assert_eq!(log.covered_since(Symbol::NONE, moment), Some(moment));
        assert_eq!(log.covered_since(other, moment), None);
        log.see(other, moment);
        assert_eq!(log.covered_since(Symbol::NONE, moment), None);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut names = crate::base::intern::Interner::default();
        let mut log = SignInLog::default();
        for number in 0..200_i64 {
            let tenant = names.intern(&number.to_string());
            log.see(tenant, Timestamp::from_unix_seconds(number).unwrap());
        }
        assert_eq!(log.tenants.len(), MOST_TENANTS);
        let tenant = names.intern("0");
        for number in 0..5_000_i64 {
            log.see(tenant, Timestamp::from_unix_seconds(number * 86_400).unwrap());
        }
        assert!(log.days(tenant).unwrap().len() <= MOST_DAYS);
    }
}
