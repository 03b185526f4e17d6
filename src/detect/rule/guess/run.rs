//! Guessing that goes on: counted since it was raised, and told again as it grows.
//!
//! A sentence for each of ten thousand attempts would cost more than all other detections together, so after the first
//! ones it is made anew only when the count has grown by a tenth, or after ten minutes.

use crate::base::time::{Span, Timestamp};
use crate::detect::step::{Origin, Step, UserKey};
use crate::model::anomaly::EVIDENCE_KEPT;
use crate::model::ids::{AccountId, EventId};
use rustc_hash::{FxHashMap, FxHashSet};

/// Names, and places, that are told apart in one run; more are not counted.
const MOST: usize = 4_096;
/// Attempts that are told one by one.
const ONE_BY_ONE: usize = 20;
/// After this long it is told again, however little it grew.
const AT_LEAST_EVERY: Span = Span::minutes(10);

/// One attempt in a window of those that may become a run.
#[derive(Clone, Copy, Debug)]
pub struct Try {
    pub user: UserKey,
    pub account: AccountId,
    pub event: EventId,
}

impl Try {
    #[must_use]
    pub fn of(step: &Step<'_>) -> Self {
        Self { user: step.user_key(), account: step.row.account, event: step.id }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Run {
    names: FxHashMap<UserKey, (AccountId, u32)>,
    pub origins: FxHashSet<Origin>,
    pub attempts: usize,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    /// Records since it was told last, at most `EVIDENCE_KEPT`.
    untold: Vec<EventId>,
    told: usize,
    told_at: Timestamp,
}

impl Run {
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self {
            names: FxHashMap::default(),
            origins: FxHashSet::default(),
            attempts: 0,
            first_at: at,
            last_at: at,
            untold: Vec::new(),
            told: 0,
            told_at: at,
        }
    }
    pub fn add(&mut self, at: Timestamp, attempt: Try, origin: Option<Origin>) {
        self.attempts += 1;
        self.first_at = self.first_at.min(at);
        self.last_at = self.last_at.max(at);
        if self.untold.len() < EVIDENCE_KEPT {
            self.untold.push(attempt.event);
        }
        if attempt.account.is_some() && (self.names.len() < MOST || self.names.contains_key(&attempt.user)) {
            self.names.entry(attempt.user).or_insert((attempt.account, 0)).1 += 1;
        }
        if let Some(origin) = origin
            && self.origins.len() < MOST
        {
            self.origins.insert(origin);
        }
    }
    /// Nothing was heard of it for `quiet`.
    #[must_use]
    pub fn is_over(&self, at: Timestamp, quiet: Span) -> bool {
        (at - self.last_at).abs() > quiet
    }
    /// The records since it was told last, when it is time to tell again.
    pub fn due(&mut self, at: Timestamp) -> Option<Vec<EventId>> {
        let grown = self.attempts <= ONE_BY_ONE || self.attempts - self.told >= self.told / 10;
        if self.told > 0 && !grown && at - self.told_at < AT_LEAST_EVERY {
            return None;
        }
        self.told = self.attempts;
        self.told_at = at;
        Some(std::mem::take(&mut self.untold))
    }
    /// How many names were tried.
    #[must_use]
    pub fn names(&self) -> usize {
        self.names.len()
    }
    #[must_use]
    pub fn has(&self, user: UserKey) -> bool {
        self.names.contains_key(&user)
    }
    /// Accounts by how often they were tried, most first.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountId> {
        let mut names: Vec<(AccountId, u32)> = self.names.values().copied().collect();
        names.sort_unstable_by_key(|(account, count)| (std::cmp::Reverse(*count), account.index()));
        names.into_iter().map(|(account, _)| account).collect()
    }
}

/// Accounts that log on from one source above which it serves many people: a terminal server, a proxy, a gateway.
pub const SHARED: usize = 10;

/// Many people come from the source of the event: its failures are those of many.
#[must_use]
pub fn is_shared(step: &Step<'_>) -> bool {
    use crate::detect::baseline::Dimension;
    step.source_tags().exit || step.usual_source().seen(Dimension::Account).len() >= SHARED
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn a_long_run_is_told_seldom_and_keeps_its_numbers() {
        let mut run = Run::new(at(0));
        let mut told = 0;
        for second in 0..10_000 {
            let user = UserKey(u64::try_from(second).unwrap() % 3);
            let account = AccountId::new(usize::try_from(user.0).unwrap());
            run.add(at(second), Try { user, account, event: EventId::new(usize::try_from(second).unwrap()) }, None);
            told += usize::from(run.due(at(second)).is_some());
        }
        assert!((60..130).contains(&told), "{told}");
        assert_eq!((run.attempts, run.names(), run.accounts().len()), (10_000, 3, 3));
        assert!(!run.is_over(at(10_060), Span::hours(1)) && run.is_over(at(20_000), Span::hours(1)));
    }
}
