//! Logon sessions become sessions as shown.

use crate::base::time::Timestamp;
use crate::model::ids::{EventId, SessionId, VisitId};
use crate::model::session::{Session, SessionEnd};
use crate::model::visit::{Visit, VisitKind};
use crate::model::world::{Changes, World};

/// Appends a visit of one logon session and counts it at its account, host and source.
pub(super) fn open(id: SessionId, session: &mut Session, world: &mut World, changes: &mut Changes) {
    let visit = VisitId::new(world.tables.visits.len());
    let mut row = Visit {
        kind: if session.host.is_none() { VisitKind::SignIn } else { VisitKind::Single },
        lane: session.lane,
        logon_type: session.logon_type,
        account: session.account,
        host: session.host,
        source: session.source,
        workstation: session.workstation,
        start: session.start,
        end: session.end,
        end_reason: session.end_reason,
        logons: 1,
        open_logons: 1,
        first_session: id,
        last_session: id,
        parent: world.tables.session(session.parent).map_or(VisitId::NONE, |parent| parent.visit),
        states: None,
        privileged: session.privileged,
        last_event: EventId::NONE,
        anomalies: 0,
        worst: None,
        previous_of_account: VisitId::NONE,
        previous_of_host: VisitId::NONE,
        previous_of_source: VisitId::NONE,
    };
    if let Some(account) = world.tables.account_mut(row.account) {
        account.visits = account.visits.saturating_add(1);
        account.open_visits = account.open_visits.saturating_add(1);
        row.previous_of_account = std::mem::replace(&mut account.last_visit, visit);
    }
    if let Some(host) = world.tables.hosts.get_mut(row.host.index()) {
        host.visits = host.visits.saturating_add(1);
        host.open_visits = host.open_visits.saturating_add(1);
        row.previous_of_host = std::mem::replace(&mut host.last_visit, visit);
    }
    if let Some(source) = world.tables.sources.get_mut(row.source.index()) {
        source.visits = source.visits.saturating_add(1);
        row.previous_of_source = std::mem::replace(&mut source.last_visit, visit);
    }
    world.tables.visits.push(row);
    session.visit = visit;
    changes.visits.push(visit);
}

/// A logon session has ended; its visit ends with the last of them.
pub(super) fn logon_closed(session: SessionId, at: Timestamp, how: SessionEnd, world: &mut World, changes: &mut Changes) {
    let Some(visit) = world.tables.session(session).map(|row| row.visit) else { return };
    let Some(row) = world.tables.visits.get_mut(visit.index()) else { return };
    row.open_logons = row.open_logons.saturating_sub(1);
    if row.open_logons > 0 {
        return;
    }
    (row.end, row.end_reason) = (Some(at), how);
    let (account, host) = (row.account, row.host);
    if let Some(row) = world.tables.account_mut(account) {
        row.open_visits = row.open_visits.saturating_sub(1);
    }
    if let Some(row) = world.tables.hosts.get_mut(host.index()) {
        row.open_visits = row.open_visits.saturating_sub(1);
    }
    changes.visits.push(visit);
}

/// A logon session is known to have begun earlier than its first record said.
pub(super) fn began_earlier(session: SessionId, at: Timestamp, world: &mut World) {
    let Some(visit) = world.tables.session(session).map(|row| row.visit) else { return };
    if let Some(row) = world.tables.visits.get_mut(visit.index()) {
        row.start = row.start.min(at);
    }
}
