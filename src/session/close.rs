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

impl Sessions {
    /// The first of 4634 and 4647 ends the session; a 4634 after the 4647 only joins it.
    pub(super) fn logoff(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        let how = if event.kind == EventKind::UserLogoff { SessionEnd::UserLogoff } else { SessionEnd::Logoff };
        let session = self.keys.session(place.host, event.logon_id);
        let Some((start, end_reason)) = world.tables.session(session).map(|row| (row.start, row.end_reason)) else {
            self.keys.keep_orphan((place.host, event.logon_id), Orphan { at: event.at, how, event: place.event });
            return;
        };
        let belongs = match end_reason {
            SessionEnd::Open => start <= event.at,
            SessionEnd::UserLogoff => how == SessionEnd::Logoff,
            _ => false,
        };
        if belongs {
            count::join(session, place.event, world, changes);
            close(session, event.at, how, world, changes);
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
            if host.booted_at.is_some_and(|booted_at| booted_at > event.at) {
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
        for session in sessions {
            close(session, event.at, SessionEnd::Boot, world, changes);
        }
    }
}
