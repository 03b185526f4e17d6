//! What the counts of an account, a host or a source answer without a look at its events.

use crate::base::time::Timestamp;
use crate::model::account::Account;
use crate::model::anomaly::Severity;
use crate::model::event::Outcome;
use crate::model::host::Host;
use crate::model::source::Source;
use crate::query::ast::{State, Test};
use crate::query::field::Field;

/// What accounts, hosts and sources count alike.
pub(super) struct Counted {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    successes: u32,
    failures: u32,
    /// `None` where it is not counted.
    open_sessions: Option<u32>,
    worst: Option<Severity>,
}

impl Counted {
    pub(super) const fn of_account(of: &Account) -> Self {
        Self {
            first: of.first,
            last: of.last,
            successes: of.successes,
            failures: of.failures,
            open_sessions: Some(of.open_visits),
            worst: of.worst,
        }
    }
    pub(super) const fn of_host(of: &Host) -> Self {
        Self {
            first: of.first,
            last: of.last,
            successes: of.successes,
            failures: of.failures,
            open_sessions: Some(of.open_visits),
            worst: of.worst,
        }
    }
    pub(super) const fn of_source(of: &Source) -> Self {
        Self { first: of.first, last: of.last, successes: of.successes, failures: of.failures, open_sessions: None, worst: of.worst }
    }
}

/// The answer of the counts; `None` when they do not know.
pub(super) fn counted(test: &Test, counts: &Counted) -> Option<bool> {
    match test {
        Test::Severity(bounds) => Some(counts.worst.is_some_and(|worst| bounds.iter().any(|bounds| bounds.holds(worst)))),
        Test::Outcomes(outcomes) if outcomes.iter().all(|outcome| matches!(outcome, Outcome::Success | Outcome::Failure)) => {
            Some(outcomes.iter().any(|outcome| if *outcome == Outcome::Success { counts.successes > 0 } else { counts.failures > 0 }))
        }
        Test::State(states) if matches!(states.as_slice(), [State::Open]) => counts.open_sessions.map(|open| open > 0),
        Test::Moment(Field::Time, bounds) => {
            let (Some(first), Some(last)) = (counts.first, counts.last) else { return Some(false) };
            Some(bounds.iter().any(|bounds| bounds.overlaps(first, last)))
        }
        _ => None,
    }
}
