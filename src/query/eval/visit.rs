//! Does a session as shown pass a filter?
//!
//! Who, where, when and how bad it is stand in the visit. What its logons may differ in (types, ids, packages, clients, an
//! elevated half) and what only events tell is asked of its newest `LOGONS` logons and its loose events: it holds for
//! the visit when it holds for one of them.

use super::{Judge, LOOK_BACK, any, has_lane};
use crate::base::intern::Symbol;
use crate::base::time::Timestamp;
use crate::model::event::{Identity, Outcome};
use crate::model::ids::VisitId;
use crate::model::visit::{State, Visit};
use crate::query::ast::{self, Test};
use crate::query::field::Field;

/// Logons of one visit that are looked at: what a picture asks is bounded, however long a run is.
const LOGONS: usize = 64;

impl Judge<'_> {
    pub(super) fn visit_row(self, test: &Test, id: VisitId) -> bool {
        let Some(visit) = self.tables.visit(id) else { return false };
        self.own(test, &visit).unwrap_or_else(|| {
            self.tables.sessions_of_visit(id).take(LOGONS).any(|(_, session)| self.session(test, &session))
                || self.tables.loose_events_of_visit(id).take(LOOK_BACK).any(|(_, row)| self.event(test, &row))
        })
    }
    /// What the visit itself answers.
    fn own(self, test: &Test, visit: &Visit) -> Option<bool> {
        let unknown = Identity::default();
        let source = self.tables.source(visit.source);
        let holds = match test {
            Test::Account(patterns) => any(patterns, |pattern| self.account_named(pattern, visit.account, &unknown)),
            Test::Text(Field::Host, patterns) => any(patterns, |pattern| self.host_named(pattern, visit.host, Symbol::NONE)),
            Test::Text(field @ (Field::Domain | Field::Sid | Field::Class), patterns) => {
                any(patterns, |pattern| self.account_field(*field, pattern, visit.account))
            }
            Test::Word(pattern) => {
                let named = self.account_named(pattern, visit.account, &unknown)
                    || self.host_named(pattern, visit.host, Symbol::NONE)
                    || source.is_some_and(|source| self.place_named(pattern, source.address, source.text))
                    || self.text(pattern, visit.workstation);
                // A reconnect may have come from elsewhere.
                return named.then_some(true);
            }
            Test::Source(places) => {
                let own = source.is_some_and(|source| places.iter().any(|place| self.place(place, source.address, source.text)));
                return own.then_some(true);
            }
            Test::Types(types) => return types.has(visit.logon_type.number()).then_some(true),
            Test::Lanes(bits) => return has_lane(*bits, visit.lane).then_some(true),
            Test::Outcomes(outcomes) => outcomes.contains(&Outcome::Success),
            Test::Moment(Field::Start, bounds) => bounds.iter().any(|bounds| bounds.holds(visit.start)),
            Test::Moment(Field::End, bounds) => {
                !visit.is_open() && visit.end.is_some_and(|end| bounds.iter().any(|bounds| bounds.holds(end)))
            }
            Test::Moment(_, bounds) => {
                let end = visit.end.filter(|_| !visit.is_open()).unwrap_or(Timestamp::MAX);
                bounds.iter().any(|bounds| bounds.overlaps(visit.start, end))
            }
            Test::Duration(bounds) => {
                // An open one has lasted at least until the newest event that is known.
                let newest = self.tables.events.last().map_or(visit.start, |row| row.event.at);
                let lasted = visit.end_or(newest) - visit.start;
                bounds.iter().any(|bounds| bounds.holds(lasted))
            }
            Test::State(states) => states.iter().any(|state| match state {
                ast::State::Open => visit.is_open(),
                ast::State::Closed => !visit.is_open(),
                ast::State::Inferred => visit.end_reason.is_inferred(),
                ast::State::Disconnected => visit.is_open() && visit.state() == State::Disconnected,
            }),
            Test::Severity(bounds) => visit.worst.is_some_and(|worst| bounds.iter().any(|bounds| bounds.holds(worst))),
            Test::Privileged(wanted) => visit.privileged == *wanted,
            _ => return None,
        };
        Some(holds)
    }
}
