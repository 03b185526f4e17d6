//! The rows of visits: begun, joined by logons, left by them, ended, taken up by another one. Every counter and chain that
//! knows of visits is kept here.

use crate::base::time::Timestamp;
use crate::model::anomaly::Anomaly;
use crate::model::ids::{AccountId, EventId, HostId, SessionId, VisitId};
use crate::model::lane::Lane;
use crate::model::quality::Quality;
use crate::model::session::{Session, SessionEnd};
use crate::model::visit::{LENGTHS, Visit, VisitKind};
use crate::model::world::{Changes, Tables, World};
use std::borrow::Cow;
use std::sync::Arc;

/// Steps back in the chain of a visit to find one of its newest logons.
const LOOKED_BACK: usize = 256;

/// Newest anomalies that are looked at for those of a logon that changes its visit.
const ANOMALIES_LOOKED_AT: usize = 4_096;

/// The visit, or the one that it became a part of.
fn standing(mut visit: VisitId, world: &World) -> VisitId {
    while let Some(into) = world.tables.visit(visit).and_then(|row| row.into.some()) {
        visit = into;
    }
    visit
}

/// Appends a visit and counts it at its account, host and source.
pub fn begin(mut row: Visit, world: &mut World, changes: &mut Changes) -> VisitId {
    let visit = VisitId::new(world.tables.visits.len());
    let open = u32::from(row.is_open());
    if let Some(account) = world.tables.account_mut(row.account) {
        account.visits = account.visits.saturating_add(1);
        account.open_visits = account.open_visits.saturating_add(open);
        row.previous_of_account = std::mem::replace(&mut account.last_visit, visit);
    }
    if let Some(host) = world.tables.hosts.get_mut(row.host.index()) {
        host.visits = host.visits.saturating_add(1);
        host.open_visits = host.open_visits.saturating_add(open);
        row.previous_of_host = std::mem::replace(&mut host.last_visit, visit);
    }
    if let Some(source) = world.tables.sources.get_mut(row.source.index()) {
        source.visits = source.visits.saturating_add(1);
        row.previous_of_source = std::mem::replace(&mut source.last_visit, visit);
    }
    if let Some(count) = Place::of(&row).run_in.and_then(|lane| world.tables.open_runs.get_mut(lane.index())) {
        *count = count.saturating_add(open);
    }
    world.tables.visits.push(row);
    changes.visits.push(visit);
    visit
}

/// Where an open visit is counted: at its account and host, and a run at its lane too, which no index of open ones holds.
#[derive(Clone, Copy)]
struct Place {
    account: AccountId,
    host: HostId,
    run_in: Option<Lane>,
}

impl Place {
    fn of(row: &Visit) -> Self {
        Self { account: row.account, host: row.host, run_in: (row.kind == VisitKind::Run).then_some(row.lane) }
    }
}

/// One more, or one fewer, of the visits of an account and a host is open.
fn count_open(Place { account, host, run_in }: Place, more: bool, world: &mut World) {
    let step = |count: u32| if more { count.saturating_add(1) } else { count.saturating_sub(1) };
    if let Some(row) = world.tables.account_mut(account) {
        row.open_visits = step(row.open_visits);
    }
    if let Some(row) = world.tables.hosts.get_mut(host.index()) {
        row.open_visits = step(row.open_visits);
    }
    if let Some(count) = run_in.and_then(|lane| world.tables.open_runs.get_mut(lane.index())) {
        *count = step(*count);
    }
}

/// The class of length by which timelines file it.
fn class(row: &Visit) -> usize {
    let length = row.end.unwrap_or(row.start) - row.start;
    LENGTHS.iter().filter(|bound| length >= **bound).count()
}

/// A logon becomes the newest of a visit. `session` is not in its table yet, or was in another visit before.
pub fn join(id: VisitId, number: SessionId, session: &mut Session, world: &mut World, changes: &mut Changes) {
    let id = standing(id, world);
    let Some(row) = world.tables.visits.get_mut(id.index()) else { return };
    let (was_open, before) = (row.is_open(), (class(row), row.start));
    row.logons = row.logons.saturating_add(1);
    row.privileged |= session.privileged;
    if session.is_open() {
        row.open_logons = row.open_logons.saturating_add(1);
    }
    if !session.passing {
        row.start = row.start.min(session.start);
        if session.is_open() {
            row.held_by = row.held_by.saturating_add(1);
        }
        if row.kind == VisitKind::Run {
            row.end = row.end.max(Some(session.end.unwrap_or(session.start)));
        }
    }
    if row.first_session.is_none() {
        row.first_session = number;
    }
    session.visit = id;
    session.previous_of_visit = std::mem::replace(&mut row.last_session, number);
    let goes_on = !was_open && row.held_by > 0 && row.kind != VisitKind::Desktop;
    if goes_on {
        row.end_reason = SessionEnd::Open;
        row.end = row.end.filter(|_| row.kind == VisitKind::Run);
    }
    let place = Place::of(row);
    let refile = (class(row), row.start) != before || (goes_on && row.kind != VisitKind::Run);
    if goes_on {
        count_open(place, true, world);
    }
    if refile {
        changes.visits.push(id);
    }
}

/// A logon session has ended; its visit ends with the last of those that hold it.
pub fn left(session: SessionId, at: Timestamp, how: SessionEnd, world: &mut World, changes: &mut Changes) {
    let Some((visit, passing)) = world.tables.session(session).map(|row| (row.visit, row.passing)) else { return };
    let Some(row) = world.tables.visits.get_mut(visit.index()) else { return };
    row.open_logons = row.open_logons.saturating_sub(1);
    if passing {
        return;
    }
    row.held_by = row.held_by.saturating_sub(1);
    let before = class(row);
    if row.kind == VisitKind::Run && !how.is_inferred() {
        row.end = row.end.max(Some(at));
    }
    let refile = class(row) != before;
    if how == SessionEnd::UserLogoff {
        end(visit, at, how, world, changes);
    } else if row.held_by == 0 {
        // Its last logoff may have come before this one.
        let at = if row.logons > 1 && how == SessionEnd::Logoff { at.max(last_logoff(visit, &world.tables)) } else { at };
        end(visit, at, how, world, changes);
    }
    if refile {
        changes.visits.push(visit);
    }
}

/// The last logoff of the logons that hold a visit, among its newest.
fn last_logoff(visit: VisitId, tables: &Tables) -> Timestamp {
    let ended = |session: &Session| session.end.filter(|_| !session.passing && session.end_reason == SessionEnd::Logoff);
    tables.sessions_of_visit(visit).take(LOOKED_BACK).filter_map(|(_, session)| ended(&session)).max().unwrap_or(Timestamp::MIN)
}

/// Ends a visit. A logoff that comes after the end was concluded makes the end exact.
pub fn end(id: VisitId, at: Timestamp, how: SessionEnd, world: &mut World, changes: &mut Changes) {
    let Some(row) = world.tables.visits.get_mut(id.index()) else { return };
    let was_open = row.is_open();
    // 4647 comes late, behind the logoffs it led to.
    let is_of_user = how == SessionEnd::UserLogoff && row.end_reason == SessionEnd::Logoff && row.end >= Some(at);
    let is_better = is_of_user || matches!(row.end_reason, SessionEnd::Desktop | SessionEnd::Shutdown) && !how.is_inferred();
    let changes_it = was_open || (is_better && row.is_shown());
    if !changes_it {
        return;
    }
    row.end_reason = how;
    if row.kind != VisitKind::Run {
        row.end = Some(at.max(row.start));
        changes.visits.push(id);
    }
    let place = Place::of(row);
    if was_open {
        count_open(place, false, world);
    }
}

/// A record that came late tells that a logon of the visit ended earlier than `known`.
pub fn ended_earlier(id: VisitId, known: Option<Timestamp>, at: Timestamp, how: SessionEnd, world: &mut World, changes: &mut Changes) {
    let Some(row) = world.tables.visits.get_mut(id.index()) else { return };
    // 4647 ends a desktop whatever else of it goes on.
    let is_of_user = how == SessionEnd::UserLogoff && row.kind == VisitKind::Desktop;
    if row.is_open() && is_of_user {
        end(id, at, how, world, changes);
        return;
    }
    if row.is_open() || row.kind == VisitKind::Run {
        return;
    }
    if row.end == known || (is_of_user && row.end > Some(at)) {
        (row.end, row.end_reason) = (Some(at.max(row.start)), how);
    } else if row.end_reason.is_inferred() {
        row.end = row.end.map(|end| end.min(at).max(row.start));
    }
    changes.visits.push(id);
}

/// Its first logon is known to have begun earlier than its first record said.
pub fn began_earlier(session: SessionId, at: Timestamp, world: &mut World, changes: &mut Changes) {
    let Some(visit) = world.tables.session(session).map(|row| row.visit) else { return };
    if let Some(row) = world.tables.visits.get_mut(visit.index()).filter(|row| at < row.start) {
        row.start = at;
        changes.visits.push(visit);
    }
}

/// The event at hand, whose row is appended later, belongs to the visit and to none of its logons.
pub fn join_loose(visit: VisitId, event: EventId, world: &mut World, changes: &mut Changes) {
    let visit = standing(visit, world);
    if let Some(row) = world.tables.visits.get_mut(visit.index()) {
        changes.visit = visit;
        changes.previous_of_session = std::mem::replace(&mut row.last_event, event);
    }
}

/// An earlier event, which belonged to nothing, belongs to the visit. Its row may have been let go.
pub fn join_loose_earlier(visit: VisitId, event: EventId, world: &mut World) {
    let visit = standing(visit, world);
    let is_free = world.tables.events.standing(event.index()).is_some_and(|row| row.session.is_none() && row.visit.is_none());
    let Some(of) = world.tables.visits.get_mut(visit.index()).filter(|_| is_free) else { return };
    let previous = std::mem::replace(&mut of.last_event, event);
    world.tables.events.change(event.index(), |row| (row.visit, row.previous_of_session) = (visit, previous));
}

/// An event that belonged to a visit only is to join one of its logons.
pub fn leave_loose(event: EventId, world: &mut World) {
    let Some(standing) = world.tables.events.standing(event.index()).filter(|row| row.session.is_none()) else { return };
    let (visit, previous) = (standing.visit, standing.previous_of_session);
    let Some(newest) = world.tables.visit(visit).map(|row| row.last_event) else { return };
    if newest == event {
        if let Some(row) = world.tables.visits.get_mut(visit.index()) {
            row.last_event = previous;
        }
        return;
    }
    let rows = &world.tables.events;
    let before = |id: EventId| rows.standing(id.index()).map(|row| row.previous_of_session);
    let mut chain = std::iter::successors(Some(newest), |id| before(*id)).take(LOOKED_BACK);
    if let Some(newer) = chain.find(|id| before(*id) == Some(event)) {
        world.tables.events.change(newer.index(), |row| row.previous_of_session = previous);
    }
}

/// Takes a logon that passed through out of the visit it was in and puts it into another one; a visit that has no logon
/// left is a part of that.
pub fn pass_on(number: SessionId, to: VisitId, joined: Quality, world: &mut World, changes: &mut Changes) {
    let to = standing(to, world);
    let Some(mut session) = world.tables.session(number).map(Cow::into_owned) else { return };
    let from = session.visit;
    if from == to || !unlink(number, &session, world) {
        return;
    }
    (session.passing, session.joined) = (true, joined);
    join(to, number, &mut session, world, changes);
    let (first, privileged, anomalies) = (session.last_event, session.privileged, session.anomalies);
    if let Some(row) = world.tables.sessions.get_mut(number.index()) {
        *row = session;
    }
    relink_rows(first, to, world);
    if anomalies > 0 {
        move_anomalies(number, from, to, world);
    }
    let Some(row) = world.tables.visits.get_mut(from.index()) else { return };
    if row.logons == 0 {
        vanish(from, to, world, changes);
    } else if privileged {
        let still = world.tables.sessions_of_visit(from).take(LOOKED_BACK).any(|(_, other)| other.privileged);
        if let Some(row) = world.tables.visits.get_mut(from.index()) {
            row.privileged = still;
        }
    }
}

/// Takes a logon out of the chain and the counts of its visit; says whether it was found there.
fn unlink(number: SessionId, session: &Session, world: &mut World) -> bool {
    let newer = world.tables.sessions_of_visit(session.visit).take(LOOKED_BACK).find(|(_, newer)| newer.previous_of_visit == number);
    let newer = newer.map(|(id, _)| id);
    let Some(row) = world.tables.visits.get_mut(session.visit.index()) else { return false };
    if newer.is_none() && row.last_session != number {
        return false;
    }
    let was_open = row.is_open();
    row.logons = row.logons.saturating_sub(1);
    if session.is_open() {
        row.open_logons = row.open_logons.saturating_sub(1);
        if !session.passing {
            row.held_by = row.held_by.saturating_sub(1);
        }
    }
    if row.last_session == number {
        row.last_session = session.previous_of_visit;
    }
    if row.first_session == number {
        row.first_session = newer.unwrap_or_default();
    }
    // What was open only by this logon ended with the one before.
    let ends = was_open && row.held_by == 0 && row.logons > 0;
    if ends {
        row.end_reason = SessionEnd::Logoff;
    }
    let place = Place::of(row);
    if ends {
        count_open(place, false, world);
    }
    if let Some(row) = newer.and_then(|id| world.tables.sessions.get_mut(id.index())) {
        row.previous_of_visit = session.previous_of_visit;
    }
    true
}

/// The rows of a logon, newest first from `event`, belong to the visit.
fn relink_rows(event: EventId, visit: VisitId, world: &mut World) {
    let mut next = event;
    while let Some(row) = world.tables.events.standing(next.index()) {
        world.tables.events.change(next.index(), |row| row.visit = visit);
        next = row.previous_of_session;
    }
}

/// A visit without logons is shown no more; its loose events and clients go to the visit it is a part of.
fn vanish(from: VisitId, to: VisitId, world: &mut World, changes: &mut Changes) {
    let Some(row) = world.tables.visits.get_mut(from.index()) else { return };
    let was_open = row.is_open();
    row.into = to;
    let loose = std::mem::take(&mut row.last_event);
    let place = Place::of(row);
    let Place { account, host, .. } = place;
    let source = row.source;
    if was_open {
        count_open(place, false, world);
    }
    if let Some(row) = world.tables.account_mut(account) {
        row.visits = row.visits.saturating_sub(1);
    }
    if let Some(row) = world.tables.hosts.get_mut(host.index()) {
        row.visits = row.visits.saturating_sub(1);
    }
    if let Some(row) = world.tables.sources.get_mut(source.index()) {
        row.visits = row.visits.saturating_sub(1);
    }
    let mut next = loose;
    while let Some(row) = world.tables.events.standing(next.index()) {
        let event = std::mem::replace(&mut next, row.previous_of_session);
        world.tables.events.change(event.index(), |row| (row.visit, row.previous_of_session) = (VisitId::NONE, EventId::NONE));
        join_loose_earlier(to, event, world);
    }
    changes.visits.push(from);
}

/// The logons of a desktop that was only a way to another one go over to that.
pub fn take_up(from: VisitId, to: VisitId, joined: Quality, world: &mut World, changes: &mut Changes) {
    let to = standing(to, world);
    if from == to {
        return;
    }
    let mut members: Vec<SessionId> = world.tables.sessions_of_visit(from).take(LOOKED_BACK).map(|(id, _)| id).collect();
    members.reverse();
    for member in members {
        pass_on(member, to, joined, world, changes);
    }
    if world.tables.visit(from).is_some_and(|row| row.logons == 0 && row.is_shown()) {
        vanish(from, to, world, changes);
    }
}

/// Anomalies of a logon count at the visit it is in now, and no more at the one it was in, unless others of its logons are
/// concerned.
fn move_anomalies(number: SessionId, from: VisitId, to: VisitId, world: &mut World) {
    let tables = &world.tables;
    let touches = |anomaly: &Anomaly, visit: VisitId| {
        anomaly.sessions.iter().any(|id| *id != number && tables.session(*id).is_some_and(|row| row.visit == visit))
    };
    let (mut lost, mut gained, mut worst) = (0_u32, 0_u32, None);
    let newest = tables.anomalies.len().saturating_sub(ANOMALIES_LOOKED_AT);
    for anomaly in tables.anomalies.iter_from(newest).map(Arc::as_ref).filter(|anomaly| anomaly.sessions.contains(&number)) {
        lost += u32::from(!touches(anomaly, from));
        gained += u32::from(!touches(anomaly, to));
        worst = worst.max(Some(anomaly.severity));
    }
    if let Some(row) = world.tables.visits.get_mut(to.index()) {
        row.anomalies = row.anomalies.saturating_add(gained);
        row.worst = row.worst.max(worst);
    }
    if let Some(row) = world.tables.visits.get_mut(from.index()) {
        row.anomalies = row.anomalies.saturating_sub(lost);
        row.worst = row.worst.filter(|_| row.anomalies > 0);
    }
}
