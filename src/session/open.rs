//! 4624 opens a session; 4672 marks it.

use super::close::{close, close_and_leave};
use super::key::{Announced, Orphan};
use super::visit::desk::AT_ONCE;
use super::{Place, Sessions, count, credential};
use crate::model::event::AuthEvent;
use crate::model::ids::SessionId;
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
        let mut opening = self.session_of(event, place, world);
        let announced = self.keys.privileges_before(key, event.at);
        opening.privileged = announced.is_some();
        let seat = self.seat(event, place, world);
        let session = count::open(opening, seat, world, changes);
        changes.opened = true;
        self.seated(event, place, session, seat, world, changes);
        // Windows wrote 4672 first: its row joins the session it announced.
        if let Some(Announced::Unclaimed(written)) = announced {
            count::join_earlier(session, written, world);
        }
        count::join(session, place.event, world, changes);
        self.take_key(event, place, session, world, changes);
        self.pair(event, place, session, world);
    }

    fn session_of(&self, event: &AuthEvent, place: Place, world: &World) -> Session {
        let parent = self.keys.session(place.host, event.subject_logon_id);
        let lane = Lane::of(event.logon_type).unwrap_or(Lane::Network);
        Session {
            logon_type: event.logon_type,
            workstation: event.workstation,
            logon_id: event.logon_id,
            boot: world.tables.host(place.host).map_or(0, |host| host.boot),
            elevated: event.elevated,
            linked_logon_id: event.linked_logon_id,
            parent,
            package: event.package,
            lm_package: event.lm_package,
            logon_process: event.logon_process,
            process: event.process,
            credential: credential::of_logon(event, place.account, place.host, world),
            ..Session::new(lane, (place.account, place.host, place.source), event.at, place.event)
        }
    }

    /// The session holds its `LogonId` from now on; whoever held it before has ended unseen. A logon that arrives late
    /// ends at once where its end is known already.
    fn take_key(&mut self, event: &AuthEvent, place: Place, session: SessionId, world: &mut World, changes: &mut Changes) {
        let key = (place.host, event.logon_id);
        let booted_at = world.tables.host(place.host).and_then(|host| host.booted_at);
        if let Some(booted_at) = booted_at.filter(|booted_at| *booted_at > event.at) {
            let alive = self.keys.host(place.host).alive.map_or(booted_at, |alive| alive.max(event.at).min(booted_at));
            close_and_leave(session, (booted_at, SessionEnd::Boot), (alive, SessionEnd::Boot), world, changes);
            return;
        }
        let holder = self.keys.session(place.host, event.logon_id);
        if let Some(next) = world.tables.session(holder).map(|row| row.start).filter(|start| *start > event.at) {
            close(session, next, SessionEnd::Reused, world, changes);
            return;
        }
        let before = self.keys.hold(key, session);
        close(before, event.at, SessionEnd::Reused, world, changes);
        if let Some(Orphan { at, how, event, .. }) = self.keys.orphan_after(key, event.at) {
            count::join_earlier(session, event, world);
            close(session, at, how, world, changes);
        }
    }

    /// Two sessions that name each other in `TargetLinkedLogonId` are the two halves of one logon under UAC.
    fn pair(&mut self, event: &AuthEvent, place: Place, session: SessionId, world: &mut World) {
        let other = self.keys.session(place.host, event.linked_logon_id);
        let names_this =
            world.tables.session(other).is_some_and(|row| row.linked.is_none() && other != session && is_other_half(&row, event));
        if !names_this {
            return;
        }
        for (one, half) in [(session, other), (other, session)] {
            if let Some(row) = world.tables.sessions.get_mut(one.index()) {
                row.linked = half;
            }
        }
    }

    /// 4672 during a session marks it; before a session it waits.
    pub(super) fn privileges(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        if world.tables.account(place.account).is_some_and(|account| !account.privileged)
            && let Some(account) = world.tables.account_mut(place.account)
        {
            account.privileged = true;
        }
        if !event.logon_id.opens_session() {
            return;
        }
        let session = self.keys.session(place.host, event.logon_id);
        let holder = world.tables.sessions.get_mut(session.index()).filter(|row| row.end.is_none_or(|end| event.at <= end));
        let is_claimed = holder.is_some();
        if let Some(row) = holder {
            row.privileged = true;
            let visit = row.visit;
            if let Some(row) = world.tables.visits.get_mut(visit.index()) {
                row.privileged = true;
            }
            count::join(session, place.event, world, changes);
        }
        self.keys.wait((place.host, event.logon_id), event.at, place.event, is_claimed);
    }
}

/// The two name each other and came at once: after a restart that nobody saw, both ids may be those of an older pair.
pub(super) fn is_other_half(other: &Session, event: &AuthEvent) -> bool {
    other.linked_logon_id == event.logon_id && other.logon_id != event.logon_id && (event.at - other.start).abs() <= AT_ONCE
}
