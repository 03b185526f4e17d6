//! What waits of one user name: attempts that may still get records.

use super::Place;
use super::attempt_fit::{APART, Logon, Part, Places};
use crate::base::time::{Span, Timestamp};
use crate::model::attempt::Match;
use crate::model::event::EventKind;
use crate::model::ids::EventId;
use crate::model::world::World;
use std::collections::VecDeque;

/// How long a record may wait for another: clocks that are further apart get no tickets.
pub(super) const WAIT: Span = Span::minutes(5);
/// Attempts of one name that wait.
pub(super) const KEPT: usize = 16;

/// Where an attempt was counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stand {
    pub place: Place,
    /// The record whose source it is counted at: another one where the first names none.
    pub source_by: EventId,
}

impl Stand {
    pub const fn at(place: Place) -> Self {
        Self { place, source_by: place.event }
    }
}

/// An attempt that may still get records.
#[derive(Debug)]
pub(super) struct Open {
    pub at: Timestamp,
    /// Whether it succeeded; nothing as long as only an 8004 tells of it.
    pub success: Option<bool>,
    pub logon: Option<Logon>,
    pub parts: Vec<Part>,
    pub counted: Option<Stand>,
}

impl Open {
    /// One record of each kind, but all tickets that the logon surely asked for.
    pub fn takes(&self, part: &Part, logon: &Logon) -> bool {
        logon.has_guid_of(part) || self.parts.iter().all(|other| other.kind != part.kind)
    }
    pub fn may_be(&self, success: Option<bool>) -> bool {
        self.success.is_none() || success.is_none() || self.success == success
    }
    /// The authority's record is another one of the same attempt, of which no host has told yet.
    pub fn is_same(&self, part: &Part, success: Option<bool>) -> bool {
        let differ = |one: Option<u64>, other: Option<u64>| one.is_some() && other.is_some() && one != other;
        let agree = |one: Option<u64>, other: Option<u64>| one.is_some() && one == other;
        let source = |part: &Part| part.source.some().map(|id| id.index() as u64);
        let name = |part: &Part| Some(part.workstation.index() as u64).filter(|name| *name != 0);
        self.logon.is_none()
            && self.may_be(success)
            && self.parts.iter().all(|other| {
                let is_handed_on = other.kind == part.kind && other.host != part.host;
                let is_step = other.kind != part.kind && (success != Some(true) || self.success.is_none());
                let stands_near = (other.at - part.at).abs() <= APART;
                let contradicts = differ(source(other), source(part)) || differ(name(other), name(part));
                let agrees = agree(source(other), source(part)) || agree(name(other), name(part));
                let is_ticket = other.kind == EventKind::ServiceTicket;
                let is_one = is_step || other.kind == EventKind::NtlmPassedOn || (is_handed_on && agrees);
                !is_ticket && is_one && stands_near && !contradicts
            })
    }
}

/// What waits of one user name.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub list: VecDeque<Open>,
    /// Of them, those that no host has told of.
    pub loose: usize,
}

impl Pending {
    pub fn push(&mut self, open: Open) {
        if self.list.len() >= KEPT {
            self.pop();
        }
        self.loose += usize::from(open.logon.is_none());
        self.list.push_back(open);
    }
    fn pop(&mut self) {
        if let Some(gone) = self.list.pop_front() {
            self.loose -= usize::from(gone.logon.is_none());
        }
    }
    pub fn take(&mut self, place: usize) -> Option<Open> {
        let open = self.list.remove(place)?;
        self.loose -= usize::from(open.logon.is_none());
        Some(open)
    }
    /// The authority's records that fit the logon best, oldest first among equals, of kinds that it does not have yet.
    pub fn best_loose(&self, open: &Open, logon: &Logon, places: &Places, success: bool, world: &World) -> Option<(usize, Match)> {
        let mut best: Option<(usize, Match)> = None;
        for (number, other) in self.list.iter().enumerate() {
            if other.logon.is_some() || !other.may_be(Some(success)) || !other.parts.iter().all(|part| open.takes(part, logon)) {
                continue;
            }
            let by = other.parts.iter().map(|part| places.fit(logon, part, success, world)).max().unwrap_or_default();
            if by > best.map_or(Match::None, |(_, best)| best) {
                best = Some((number, by));
            }
        }
        best
    }
    pub fn forget(&mut self, now: Timestamp) {
        while self.list.front().is_some_and(|open| now - open.at > WAIT) {
            self.pop();
        }
    }
}
