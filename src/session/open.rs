//! 4624 opens a session; 4672 marks it; 4778 and 4779 say whether somebody is connected to it.

use super::close::close;
use super::desktop::connected;
use super::key::Orphan;
use super::{Place, Sessions, count};
use crate::base::unique::Unique;
use crate::model::event::{AuthEvent, EventKind};
use crate::model::ids::{EventId, SessionId};
use crate::model::lane::Lane;
use crate::model::session::{Session, SessionEnd};
use crate::model::world::{Changes, World};

impl Sessions {
    /// Ids that never close (SYSTEM and its like, 0x3e3 to 0x3e7) and 0 open nothing.
    pub(super) fn logon(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        if !event.logon_id.opens_session() {
            return;
        }
        let key = (place.host, event.logon_id);
        let session = count::open(self.session_of(event, place, world), world);
        (changes.session, changes.opened) = (session, true);
        if let Some(written) = self.keys.privileges_before(key, event.at) {
            // Windows wrote 4672 first: its row joins the session it announced.
            if world.tables.event(written).is_some_and(|row| row.session.is_none()) {
                count::join_session(session, written, world);
            }
            mark_privileged(session, world);
        }
        count::join_session(session, place.event, world);
        self.take_key(event, place, session, world, changes);
        self.pair(event, place, session, world, changes);
    }

    fn session_of(&self, event: &AuthEvent, place: Place, world: &World) -> Session {
        let parent = self.keys.session(place.host, event.subject_logon_id);
        Session {
            lane: Lane::of(event.logon_type).unwrap_or(Lane::Network),
            logon_type: event.logon_type,
            account: place.account,
            host: place.host,
            source: place.source,
            workstation: event.workstation,
            logon_id: event.logon_id,
            boot: world.tables.host(place.host).map_or(0, |host| host.boot),
            start: event.at,
            end: None,
            end_reason: SessionEnd::Open,
            elevated: event.elevated,
            privileged: false,
            linked_logon_id: event.linked_logon_id,
            linked: SessionId::NONE,
            parent,
            package: event.package,
            lm_package: event.lm_package,
            logon_process: event.logon_process,
            process: event.process,
            disconnected: None,
            entra_session: Unique::NONE,
            events: 0,
            first_event: place.event,
            last_event: EventId::NONE,
            anomalies: 0,
            worst: None,
            previous_of_account: SessionId::NONE,
            previous_of_host: SessionId::NONE,
            previous_of_source: SessionId::NONE,
        }
    }

    /// The session holds its `LogonId` from now on; whoever held it before has ended unseen. A logon that arrives late
    /// ends at once where its end is known already.
    fn take_key(&mut self, event: &AuthEvent, place: Place, session: SessionId, world: &mut World, changes: &mut Changes) {
        let key = (place.host, event.logon_id);
        let booted_at = world.tables.host(place.host).and_then(|host| host.booted_at);
        if let Some(booted_at) = booted_at.filter(|booted_at| *booted_at > event.at) {
            close(session, booted_at, SessionEnd::Boot, world, changes);
            return;
        }
        let holder = self.keys.session(place.host, event.logon_id);
        if let Some(next) = world.tables.session(holder).map(|row| row.start).filter(|start| *start > event.at) {
            close(session, next, SessionEnd::Reused, world, changes);
            return;
        }
        let before = self.keys.hold(key, session);
        close(before, event.at, SessionEnd::Reused, world, changes);
        if let Some(Orphan { at, how, event }) = self.keys.orphan_after(key, event.at) {
            count::join_session(session, event, world);
            close(session, at, how, world, changes);
        }
    }

    /// Two sessions that name each other in `TargetLinkedLogonId` are the two halves of one logon under UAC.
    fn pair(&mut self, event: &AuthEvent, place: Place, session: SessionId, world: &mut World, changes: &mut Changes) {
        let other = self.keys.session(place.host, event.linked_logon_id);
        let names_this = world
            .tables
            .session(other)
            .is_some_and(|row| row.linked_logon_id == event.logon_id && row.linked.is_none() && other != session);
        if !names_this {
            return;
        }
        for (one, half) in [(session, other), (other, session)] {
            if let Some(row) = world.tables.sessions.get_mut(one.index()) {
                row.linked = half;
            }
        }
        changes.touched.push(other);
    }

    /// 4672 during a session marks it; before a session it waits.
    pub(super) fn privileges(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        if let Some(account) = world.tables.accounts.get_mut(place.account.index()) {
            account.privileged = true;
        }
        if !event.logon_id.opens_session() {
            return;
        }
        self.keys.wait((place.host, event.logon_id), event.at, place.event);
        let session = self.keys.session(place.host, event.logon_id);
        if world.tables.session(session).is_some_and(|row| row.end.is_none_or(|end| event.at <= end)) {
            count::join_session(session, place.event, world);
            mark_privileged(session, world);
            changes.session = session;
            changes.touched.push(session);
        }
    }

    /// 4778 and 4779 name the session as it was first opened.
    pub(super) fn moved(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        let session = self.keys.session(place.host, event.logon_id);
        count::join_session(session, place.event, world);
        changes.session = session;
        connected(session, event.kind == EventKind::SessionReconnected, event.at, world, changes);
    }
}

fn mark_privileged(session: SessionId, world: &mut World) {
    if let Some(row) = world.tables.sessions.get_mut(session.index()) {
        row.privileged = true;
    }
}
