//! What was met together with the subject of a page, counted.

use crate::base::time::Timestamp;
use crate::model::anomaly::Severity;
use crate::model::event::{AuthEvent, EventKind, Outcome};
use crate::model::ids::EventId;
use crate::model::lane::Lane;
use crate::model::status::Status;
use rustc_hash::FxHashMap;

/// An account, host or source that was met together with the subject; `row` is its number in its table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub row: usize,
    pub events: u32,
    pub sessions: u32,
    pub successes: u32,
    pub failures: u32,
    pub first: Option<Timestamp>,
    pub first_failure: Option<Timestamp>,
    pub first_success: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub worst: Option<Severity>,
    /// Logons and sign-ins by lane index.
    pub by_lane: [u32; Lane::COUNT],
    /// Why the newest of its failures failed.
    pub status: Option<(Timestamp, Status)>,
}

/// Tallies, most sessions and attempts first.
#[derive(Clone, Debug, Default)]
pub struct Tallies {
    places: FxHashMap<usize, usize>,
    pub list: Vec<Tally>,
}

impl Tally {
    /// Failures, and then a success.
    #[must_use]
    pub fn gave_in(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.first_failure?, self.first_success?)).filter(|(failure, success)| success > failure)
    }
    /// Codes of the lanes it was met in, as `3,10`.
    #[must_use]
    pub fn lanes(&self) -> String {
        let met = Lane::ALL.into_iter().zip(self.by_lane).filter(|(_, count)| *count > 0);
        met.map(|(lane, _)| if lane.is_entra() { super::super::words::lane_short(lane) } else { lane.code() }).collect::<Vec<_>>().join(",")
    }
}

fn earlier(old: Option<Timestamp>, at: Timestamp) -> Option<Timestamp> {
    Some(old.map_or(at, |old| old.min(at)))
}

impl Tallies {
    #[must_use]
    pub fn knows(&self, row: usize) -> bool {
        self.places.contains_key(&row)
    }
    pub(super) fn of(&mut self, row: usize) -> Option<&mut Tally> {
        if row == EventId::NONE.index() {
            return None;
        }
        let list = &mut self.list;
        let place = *self.places.entry(row).or_insert_with(|| {
            list.push(Tally { row, ..Tally::default() });
            list.len() - 1
        });
        list.get_mut(place)
    }
    pub(super) fn count(&mut self, row: usize, event: &AuthEvent) {
        let Some(tally) = self.of(row) else { return };
        tally.events = tally.events.saturating_add(1);
        tally.first = earlier(tally.first, event.at);
        tally.last = tally.last.max(Some(event.at));
        match event.outcome {
            Outcome::Success => {
                let is_logon = matches!(event.kind, EventKind::Logon | EventKind::SignIn);
                let lane = event.lane().filter(|_| is_logon).and_then(|lane| tally.by_lane.get_mut(lane.index()));
                if let Some(count) = lane {
                    *count = count.saturating_add(1);
                }
                tally.successes = tally.successes.saturating_add(1);
                tally.first_success = earlier(tally.first_success, event.at);
            }
            Outcome::Failure => {
                tally.failures = tally.failures.saturating_add(1);
                tally.first_failure = earlier(tally.first_failure, event.at);
                if tally.status.is_none_or(|(at, _)| at <= event.at) {
                    tally.status = Some((event.at, event.status));
                }
            }
            Outcome::Interrupted | Outcome::None => {}
        }
    }
    /// Most sessions and failures first; those that are `last` stand behind the others.
    pub(super) fn sort(&mut self, last: impl Fn(usize) -> bool) {
        self.list.sort_by_cached_key(|tally| {
            let rank = (tally.sessions.saturating_add(tally.failures), tally.events);
            (last(tally.row), std::cmp::Reverse(rank), tally.row)
        });
        self.places = self.list.iter().enumerate().map(|(place, tally)| (tally.row, place)).collect();
    }
}
