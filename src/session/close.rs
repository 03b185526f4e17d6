//! How sessions end: a logoff, a boot of the host, the reuse of their `LogonId`.

use super::key::Orphan;
use super::{Place, Sessions, count, visit};
use crate::base::time::{Span, Timestamp};
use crate::model::event::{AuthEvent, EventKind, LogonId};
use crate::model::ids::SessionId;
use crate::model::session::{Session, SessionEnd};
use crate::model::world::{Changes, World};

/// EventLog 6005 is written after the first logons of a boot: it counts as one only where no better marker was seen in
/// this time before it.
const BETTER_MARKER: Span = Span::minutes(5);

/// Ends an open session; nothing for `NONE` and for one that has ended.
pub(super) fn close(session: SessionId, at: Timestamp, how: SessionEnd, world: &mut World, changes: &mut Changes) {
    if !world.tables.session(session).is_some_and(Session::is_open) {
        return;
    }
    let Some(row) = world.tables.sessions.get_mut(session.index()) else { return };
    (row.end, row.end_reason) = (Some(at), how);
    // The end of the session is the end of being disconnected from it.
    if let Some((_, until @ None)) = row.disconnected.as_deref_mut().and_then(|stretches| stretches.last_mut()) {
        *until = Some(at);
    }
    count::closed(session, world);
    visit::logon_closed(session, at, how, world, changes);
    changes.closed.push(session);
}

/// A record that came late tells an earlier end of a session: it and its visit have ended then.
fn ended_earlier(session: SessionId, at: Timestamp, how: SessionEnd, world: &mut World) {
    let Some(row) = world.tables.sessions.get_mut(session.index()) else { return };
    if at < row.start {
        return;
    }
    let known = row.end.replace(at);
    row.end_reason = how;
    for (from, until) in row.disconnected.as_deref_mut().into_iter().flatten() {
        *until = until.map(|until| until.min(at).max(*from));
    }
    let visit = row.visit;
    if world.tables.visits.get(visit.index()).is_some_and(|visit| visit.end == known && !visit.is_open())
        && let Some(visit) = world.tables.visits.get_mut(visit.index())
    {
        (visit.end, visit.end_reason) = (Some(at), how);
    }
}

impl Sessions {
    /// The first of 4634 and 4647 ends the session; a 4634 after the 4647 only joins it.
    pub(super) fn logoff(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        let how = if event.kind == EventKind::UserLogoff { SessionEnd::UserLogoff } else { SessionEnd::Logoff };
        let session = self.keys.session(place.host, event.logon_id);
        let Some((start, end, end_reason)) = world.tables.session(session).map(|row| (row.start, row.end, row.end_reason)) else {
            self.keys.keep_orphan((place.host, event.logon_id), Orphan { at: event.at, how, event: place.event });
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
                ended_earlier(session, event.at, how, world);
            }
        }
    }

    /// A restart ends every session of the host. Several records tell of one restart: as long as nobody logged on in
    /// between it is the same boot.
    pub(super) fn boot(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
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
                        ended_earlier(session, event.at, SessionEnd::Boot, world);
                    }
                }
                return;
            }
            host.booted_at = Some(event.at);
            if !is_same_boot {
                host.boot = host.boot.saturating_add(1);
            }
        }
        let tables = &world.tables;
        let row = |id| tables.session(id);
        let sessions = self.keys.restart(
            place.host,
            |id| row(id).is_some_and(|session| session.start > event.at),
            |id| row(id).map_or(LogonId::NONE, |session| session.logon_id),
        );
        let mut ended = Vec::new();
        for session in sessions {
            if world.tables.session(session).is_some_and(Session::is_open) {
                close(session, event.at, SessionEnd::Boot, world, changes);
                ended.push(session);
            }
        }
        if !is_same_boot {
            self.keys.host(place.host).ended = ended;
        }
    }
}
