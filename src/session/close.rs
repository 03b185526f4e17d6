//! How sessions end: a logoff, a boot of the host, the reuse of their `LogonId`.

use super::key::Orphan;
use super::visit::table;
use super::{Place, Sessions, count};
use crate::base::time::{Span, Timestamp};
use crate::model::event::{AuthEvent, EventKind, LogonId};
use crate::model::ids::{SessionId, VisitId};
use crate::model::session::SessionEnd;
use crate::model::world::{Changes, World};

/// EventLog 6005 is written after the first logons of a boot: it counts as one only where no better marker was seen in
/// this time before it.
const BETTER_MARKER: Span = Span::minutes(5);

/// Shutting down takes no longer than this; what the host did after it was not the end.
const SHUTTING_DOWN: Span = Span::minutes(15);

/// Ends an open session; nothing for `NONE` and for one that has ended.
pub(super) fn close(session: SessionId, at: Timestamp, how: SessionEnd, world: &mut World, changes: &mut Changes) {
    close_and_leave(session, (at, how), (at, how), world, changes);
}

/// Ends an open session, and its visit as `leaves` says.
pub(super) fn close_and_leave(
    session: SessionId,
    (at, how): (Timestamp, SessionEnd),
    leaves: (Timestamp, SessionEnd),
    world: &mut World,
    changes: &mut Changes,
) {
    if !world.tables.session(session).is_some_and(|row| row.is_open()) {
        return;
    }
    let Some(row) = world.tables.sessions.get_mut(session.index()) else { return };
    (row.end, row.end_reason) = (Some(at), how);
    // The end of the session is the end of being disconnected from it.
    if let Some((_, until @ None)) = row.disconnected_mut().last_mut() {
        *until = Some(at);
    }
    count::closed(session, world);
    table::left(session, leaves.0, leaves.1, world, changes);
    changes.closed.push(session);
}

/// A record that came late tells an earlier end of a session: it and its visit have ended then.
fn ended_earlier(session: SessionId, at: Timestamp, how: SessionEnd, world: &mut World, changes: &mut Changes) {
    let Some(row) = world.tables.sessions.get_mut(session.index()) else { return };
    if at < row.start {
        return;
    }
    let known = row.end.replace(at);
    row.end_reason = how;
    for (from, until) in row.disconnected_mut() {
        *until = until.map(|until| until.min(at).max(*from));
    }
    let visit = row.visit;
    table::ended_earlier(visit, known, at, how, world, changes);
}

impl Sessions {
    /// The first of 4634 and 4647 ends the session; a 4634 after the 4647 only joins it.
    pub(super) fn logoff(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        let how = if event.kind == EventKind::UserLogoff { SessionEnd::UserLogoff } else { SessionEnd::Logoff };
        let session = self.keys.session(place.host, event.logon_id);
        let Some((start, end, end_reason)) = world.tables.session(session).map(|row| (row.start, row.end, row.end_reason)) else {
            let visit = self.ended_unseen(event, place, world, changes);
            table::join_loose(visit, place.event, world, changes);
            table::end(visit, event.at, how, world, changes);
            self.keys.keep_orphan((place.host, event.logon_id), Orphan { at: event.at, how, event: place.event, visit });
            return;
        };
        let belongs = match end_reason {
            SessionEnd::Open => start <= event.at,
            SessionEnd::UserLogoff => how == SessionEnd::Logoff,
            // 4647 is written first: it comes late.
            SessionEnd::Logoff => how == SessionEnd::UserLogoff && start <= event.at,
            _ => false,
        };
        if belongs {
            count::join(session, place.event, world, changes);
            close(session, event.at, how, world, changes);
            if end_reason == SessionEnd::Logoff && end.is_some_and(|end| event.at <= end) {
                ended_earlier(session, event.at, how, world, changes);
            }
        }
    }

    /// A restart ends every session of the host. Several records tell of one restart: as long as nobody logged on in
    /// between it is the same boot.
    ///
    /// `alive` is the time of the last record of the host before this one: what is shown ended there (reference R11).
    pub(super) fn boot(&mut self, event: &AuthEvent, place: Place, alive: Option<Timestamp>, world: &mut World, changes: &mut Changes) {
        let since = self.keys.host(place.host);
        let recent = since.marker.is_some_and(|marker| (event.at - marker).abs() <= BETTER_MARKER);
        if event.kind == EventKind::EventLogStarted && recent {
            return;
        }
        since.marker = since.marker.max(Some(event.at));
        let is_same_boot = recent && since.sessions.is_empty();
        if let Some(host) = world.tables.hosts.get_mut(place.host.index()) {
            if let Some(known) = host.booted_at.filter(|known| *known > event.at) {
                // The better marker of the same boot comes late: what that boot ended had ended by then.
                if known - event.at <= BETTER_MARKER && event.kind == EventKind::Boot {
                    host.booted_at = Some(event.at);
                    for session in since.ended.clone() {
                        ended_earlier(session, event.at, SessionEnd::Boot, world, changes);
                    }
                }
                return;
            }
            host.booted_at = Some(event.at);
            if !is_same_boot {
                host.boot = host.boot.saturating_add(1);
            }
        }
        if is_same_boot {
            return;
        }
        let end = alive.map_or(event.at, |alive| alive.min(event.at));
        let was_shut_down = since.shutdown.take().is_some_and(|shutdown| end - shutdown <= SHUTTING_DOWN);
        since.alive = Some(end);
        let how = if was_shut_down { SessionEnd::Shutdown } else { SessionEnd::Boot };
        let tables = &world.tables;
        let row = |id| tables.session(id);
        let sessions = self.keys.restart(
            place.host,
            |id| row(id).is_some_and(|session| session.start > event.at),
            |id| row(id).map_or(LogonId::NONE, |session| session.logon_id),
        );
        let desks = self.fold.desks.take(place.host, |visit| tables.visit(visit).is_none_or(|row| row.start <= event.at));
        for visit in &desks {
            table::end(*visit, end, how, world, changes);
        }
        let mut ended = Vec::new();
        for session in sessions {
            if world.tables.session(session).is_some_and(|row| row.is_open()) {
                close_and_leave(session, (event.at, SessionEnd::Boot), (end, how), world, changes);
                ended.push(session);
            }
        }
        let since = self.keys.host(place.host);
        (since.ended, since.ended_desktops) = (ended, desks);
    }

    /// Kernel-General 13 ends what is shown on the host; its logon sessions end with the boot, if one is seen. EventLog
    /// 6006 and 4609 say only how it came to that boot.
    pub(super) fn shutdown(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        if world.tables.host(place.host).and_then(|host| host.booted_at).is_some_and(|booted_at| booted_at > event.at) {
            return;
        }
        let since = self.keys.host(place.host);
        since.shutdown = since.shutdown.max(Some(event.at));
        if event.event_id != 13 {
            return;
        }
        let open = |id: &SessionId| world.tables.session(*id).is_some_and(|row| row.is_open() && row.start <= event.at);
        let visits: Vec<_> = since.sessions.iter().filter(|id| open(id)).filter_map(|id| Some(world.tables.session(*id)?.visit)).collect();
        let desks = self.fold.desks.take(place.host, |visit| world.tables.visit(visit).is_none_or(|row| row.start <= event.at));
        for visit in desks.into_iter().chain(visits) {
            table::end(visit, event.at, SessionEnd::Shutdown, world, changes);
        }
    }

    /// Kernel-Power 41 and EventLog 6008 come with the boot after: nobody had shut the host down.
    pub(super) fn unclean(&mut self, event: &AuthEvent, place: Place, world: &mut World) {
        let since = self.keys.host(place.host);
        if since.marker.is_none_or(|marker| (event.at - marker).abs() > BETTER_MARKER) {
            return;
        }
        let of_logons = since.ended.iter().filter_map(|session| Some(world.tables.session(*session)?.visit));
        let visits: Vec<VisitId> = of_logons.chain(since.ended_desktops.iter().copied()).collect();
        for visit in visits {
            if let Some(row) = world.tables.visits.get_mut(visit.index()).filter(|row| row.end_reason == SessionEnd::Boot) {
                row.end_reason = SessionEnd::Unclean;
            }
        }
    }
}
