//! Counters and chains: every event and session is counted once at its account, host, source and session, and points to
//! the one before it there.

use super::Place;
use super::attempt_open::Stand;
use super::visit::{self, Seat};
use crate::base::time::Timestamp;
use crate::model::account::{Account, HourCounts};
use crate::model::attempt::Counted;
use crate::model::event::AuthEvent;
use crate::model::host::Host;
use crate::model::ids::{EventId, SessionId, VisitId};
use crate::model::logon_type::LogonType;
use crate::model::quality::Quality;
use crate::model::session::Session;
use crate::model::sightings::Sightings;
use crate::model::source::Source;
use crate::model::world::{Changes, World};
use std::sync::Arc;

/// The newest events of an event's account, host and source before it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Before {
    pub of_account: EventId,
    pub of_host: EventId,
    pub of_source: EventId,
}

/// Counts the event in the totals and at its account, host and source.
pub(super) fn event(event: &AuthEvent, place: Place, counted: Counted, world: &mut World) -> Before {
    world.tables.totals.get_or_insert_default().count(event, counted);
    let mut before = Before::default();
    macro_rules! count {
        ($table:ident, $id:ident, $previous:ident, $more:expr) => {
            if let Some(row) = world.tables.$table.get_mut(place.$id.index()) {
                let (successes, failures) = counted.attempts(counted.$id);
                row.events = row.events.saturating_add(1);
                row.successes = row.successes.saturating_add(successes);
                row.failures = row.failures.saturating_add(failures);
                row.first = earlier(row.first, event.at);
                row.last = row.last.max(Some(event.at));
                before.$previous = std::mem::replace(&mut row.last_event, place.event);
                $more(row);
            }
        };
    }
    count!(accounts, account, of_account, |row: &mut Account| {
        if counted.account && counted.success {
            let hours = Arc::make_mut(row.hours.get_or_insert_with(no_hours));
            if let Some(hour) = hours.get_mut(event.at.hour_of_week()) {
                *hour = hour.saturating_add(1);
            }
        }
    });
    count!(hosts, host, of_host, |row: &mut Host| {
        Arc::make_mut(row.seen.get_or_insert_with(nothing_seen)).see(event);
    });
    count!(sources, source, of_source, |_: &mut Source| ());
    before
}

#[cold]
#[inline(never)]
fn no_hours() -> Arc<HourCounts> {
    Arc::new([0; 168])
}

#[cold]
#[inline(never)]
fn nothing_seen() -> Arc<Sightings> {
    Arc::default()
}

/// The attempt that a record of the authority counted as stands elsewhere from now on: the host tells of it too.
pub(super) fn take_back(Stand { place, source_by }: Stand, at: Timestamp, counted: Counted, world: &mut World) {
    if let Some(totals) = world.tables.totals.as_mut() {
        totals.take_back(counted);
    }
    for (event, counted) in
        [(place.event, Counted { source: false, ..counted }), (source_by, Counted { account: false, host: false, ..counted })]
    {
        world.tables.events.change(event.index(), |row| row.counted.remove(counted));
    }
    let place = Place { account: world.tables.account_id(place.account), ..place };
    macro_rules! take {
        ($table:ident, $id:ident, $more:expr) => {
            if counted.$id
                && let Some(row) = world.tables.$table.get_mut(place.$id.index())
            {
                let (successes, failures) = counted.attempts(true);
                row.successes = row.successes.saturating_sub(successes);
                row.failures = row.failures.saturating_sub(failures);
                $more(row);
            }
        };
    }
    take!(accounts, account, |row: &mut Account| {
        let hours = row.hours.as_mut().filter(|_| counted.success).map(Arc::make_mut);
        if let Some(hour) = hours.and_then(|hours| hours.get_mut(at.hour_of_week())) {
            *hour = hour.saturating_sub(1);
        }
    });
    take!(hosts, host, |_: &mut Host| ());
    take!(sources, source, |_: &mut Source| ());
}

fn earlier(known: Option<Timestamp>, at: Timestamp) -> Option<Timestamp> {
    Some(known.map_or(at, |known| known.min(at)))
}

/// Appends a session, counts it at its account, host and source, and puts it into its visit.
pub(super) fn open(mut session: Session, seat: Seat, world: &mut World, changes: &mut Changes) -> SessionId {
    let id = SessionId::new(world.tables.sessions.len());
    if let Some(row) = world.tables.account_mut(session.account) {
        row.sessions = row.sessions.saturating_add(1);
        row.open_sessions = row.open_sessions.saturating_add(1);
        if let Some(lane) = row.by_lane.get_mut(session.lane.index()) {
            *lane = lane.saturating_add(1);
        }
        session.previous_of_account = std::mem::replace(&mut row.last_session, id);
    }
    if let Some(row) = world.tables.hosts.get_mut(session.host.index()) {
        row.sessions = row.sessions.saturating_add(1);
        row.open_sessions = row.open_sessions.saturating_add(1);
        row.network_sessions = row.network_sessions.saturating_add(u32::from(session.logon_type == LogonType::Network));
        session.previous_of_host = std::mem::replace(&mut row.last_session, id);
    }
    if let Some(row) = world.tables.sources.get_mut(session.source.index()) {
        row.sessions = row.sessions.saturating_add(1);
        session.previous_of_source = std::mem::replace(&mut row.last_session, id);
    }
    visit::take_seat(id, &mut session, seat, world, changes);
    world.tables.sessions.push(session);
    id
}

/// An open session is open no more.
pub(super) fn closed(session: SessionId, world: &mut World) {
    let Some(session) = world.tables.session(session) else { return };
    let is_logoff = session.logon_type == LogonType::Network && session.end_reason.quality() == Quality::Exact;
    let (account, host) = (session.account, session.host);
    if let Some(row) = world.tables.account_mut(account) {
        row.open_sessions = row.open_sessions.saturating_sub(1);
    }
    if let Some(row) = world.tables.hosts.get_mut(host.index()) {
        row.open_sessions = row.open_sessions.saturating_sub(1);
        row.network_logoffs = row.network_logoffs.saturating_add(u32::from(is_logoff));
    }
}

/// Counts an event at its session; gives the one before it there, and nothing for `NONE`.
fn count_at(session: SessionId, event: EventId, world: &mut World) -> Option<EventId> {
    let row = world.tables.sessions.get_mut(session.index())?;
    row.events = row.events.saturating_add(1);
    Some(std::mem::replace(&mut row.last_event, event))
}

/// The event at hand, whose row is appended later, belongs to the session; to none for `NONE`.
pub(super) fn join(session: SessionId, event: EventId, world: &mut World, changes: &mut Changes) {
    changes.session = session;
    changes.visit = world.tables.session(session).map_or(VisitId::NONE, |row| row.visit);
    if let Some(previous) = count_at(session, event, world) {
        changes.previous_of_session = previous;
    }
}

/// An event that was applied before belongs to the session. Its row may have been let go.
pub(super) fn join_earlier(session: SessionId, event: EventId, world: &mut World) {
    let Some(previous) = count_at(session, event, world) else { return };
    let visit = world.tables.session(session).map_or(VisitId::NONE, |row| row.visit);
    visit::table::leave_loose(event, world);
    world.tables.events.change(event.index(), |row| {
        (row.session, row.visit, row.previous_of_session) = (session, visit, previous);
    });
}
