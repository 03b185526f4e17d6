//! Records that tell of a desktop: LocalSessionManager, Winlogon, the profile service, Security 4778 to 4803, and those of
//! connections on the way to one.
//!
//! A record joins the logon that its `LogonId` names, else the desktop that its number, its account or its time names
//! (`visit::desk`). One that names a desktop nobody told of yet begins it: there is a session, whatever its logon was.

use super::visit::desk::{AT_ONCE, Clue, Desk};
use super::visit::{rdp, since_when, state, table};
use super::{Place, Sessions, count};
use crate::base::time::Timestamp;
use crate::model::event::{AuthEvent, EventKind};
use crate::model::ids::{AccountId, SessionId, VisitId};
use crate::model::quality::{Basis, Quality};
use crate::model::session::SessionEnd;
use crate::model::visit::{State, VisitKind};
use crate::model::world::{Changes, World};

/// What a record says of the beginning of a desktop it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tells {
    /// It begins now.
    Begin,
    /// It was there before.
    Last,
    /// Nothing: the record is of no use without its desktop.
    Nothing,
}

const fn tells(kind: EventKind) -> Tells {
    match kind {
        EventKind::RdpSessionLogon | EventKind::DesktopLogon => Tells::Begin,
        EventKind::RdpSessionLogoff
        | EventKind::RdpSessionDisconnected
        | EventKind::RdpSessionReconnected
        | EventKind::DesktopLogoff
        | EventKind::SessionDisconnected
        | EventKind::SessionReconnected
        | EventKind::Locked
        | EventKind::Unlocked
        | EventKind::ScreenSaverOn
        | EventKind::ScreenSaverOff => Tells::Last,
        _ => Tells::Nothing,
    }
}

impl Sessions {
    pub(super) fn desktop(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        let place = self.known_by_desktop(event, place, world, changes);
        let named = self.keys.session(place.host, event.logon_id);
        let of_named = world.tables.session(named).map(|row| row.visit);
        let desk = match of_named {
            Some(visit) => self.fold.desks.of_visit(place.host, visit),
            None => self.desk_meant(event, place, world),
        };
        let (session, visit) = match (of_named, desk) {
            (Some(visit), _) => (named, visit),
            (None, Some(desk)) => (desk.owner, desk.visit),
            (None, None) => (SessionId::NONE, self.unheard_of(event, place, world, changes)),
        };
        let is_gone = world.tables.session(session).is_some_and(|row| row.end.is_some_and(|end| event.at > end + AT_ONCE));
        if session.is_some() && (named.is_some() || !is_gone) {
            count::join(session, place.event, world, changes);
        } else {
            table::join_loose(visit, place.event, world, changes);
        }
        if world.tables.visit(visit).is_some_and(|row| row.kind == VisitKind::Desktop) {
            self.call(event, place, visit, world, changes);
            self.tell(event, place, visit, world, changes);
        }
        match event.kind {
            EventKind::RdpSessionDisconnected | EventKind::SessionDisconnected => connected(session, false, event.at, world),
            EventKind::RdpSessionReconnected | EventKind::SessionReconnected => connected(session, true, event.at, world),
            _ => {}
        }
    }

    /// Winlogon names the account of a new desktop by its SID, LocalSessionManager by its name: one number within seconds is
    /// one desktop, so they are one account.
    fn known_by_desktop(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) -> Place {
        if tells(event.kind) != Tells::Begin || place.account.is_none() {
            return place;
        }
        let clue = Clue { host: place.host, account: AccountId::NONE, number: event.ts_session, at: event.at };
        let desk = self.fold.desks.numbered(clue, &world.tables);
        let begins = |desk: &Desk| world.tables.visit(desk.visit).is_some_and(|row| (event.at - row.start).abs() <= AT_ONCE);
        if let Some(desk) = desk.filter(|desk| desk.account != place.account && begins(desk)) {
            self.entities.of_one_desktop(desk.account, place.account, event.at, world);
            self.tell_merged(changes);
        }
        Place { account: world.tables.account_id(place.account), ..place }
    }

    /// The desktop that a record means which names no logon that is known.
    fn desk_meant(&self, event: &AuthEvent, place: Place, world: &World) -> Option<Desk> {
        let (desks, tables) = (&self.fold.desks, &world.tables);
        let clue = Clue { host: place.host, account: place.account, number: event.ts_session, at: event.at };
        if let Some(desk) = desks.called(place.host, event.logon_id, event.at, tables) {
            return Some(desk);
        }
        let numbered = desks.numbered(clue, tables);
        match (event.kind, tells(event.kind)) {
            // A number that was given before now names another desktop.
            (_, Tells::Begin) => {
                let is_now = |desk: &Desk| tables.visit(desk.visit).is_some_and(|row| (event.at - row.start).abs() <= AT_ONCE);
                numbered.filter(is_now).or_else(|| desks.just_begun(clue, tables)).or_else(|| desks.waiting(clue, tables))
            }
            (EventKind::RdpShellStarted | EventKind::RdpArbitration, _) => numbered.or_else(|| desks.just_begun(clue, tables)),
            (_, Tells::Last) => numbered.or_else(|| desks.of_account(clue, tables)),
            (_, Tells::Nothing) => numbered,
        }
    }

    /// Begins the desktop that the record is the first to tell of.
    fn unheard_of(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) -> VisitId {
        let start = match tells(event.kind) {
            Tells::Begin => (event.at, Quality::Inferred(Basis::Desktop)),
            Tells::Last => (since_when(place.host, event.at, world), Quality::Missing),
            Tells::Nothing => return VisitId::NONE,
        };
        if place.account.is_none() {
            return VisitId::NONE;
        }
        self.begin_desktop(event, place, start, world, changes)
    }

    /// The desktop is known by the number and the id of the record from now on; who had the number before is gone.
    fn call(&mut self, event: &AuthEvent, place: Place, visit: VisitId, world: &mut World, changes: &mut Changes) {
        // Arbitration gives a reconnection a number that is not that of the desktop it comes to.
        let number = event.ts_session.filter(|_| event.kind != EventKind::RdpArbitration);
        let Some(desk) = self.fold.desks.of_visit(place.host, visit) else { return };
        if desk.owner.is_none() && event.logon_id.opens_session() && desk.logon_id != event.logon_id {
            self.fold.desks.change(place.host, visit, |desk| desk.logon_id = event.logon_id);
        }
        if number.is_none() || desk.number.is_some() {
            return;
        }
        let clue = Clue { host: place.host, account: AccountId::NONE, number, at: event.at };
        let before = self.fold.desks.numbered(clue, &world.tables).map(|other| other.visit);
        self.fold.desks.change(place.host, visit, |desk| desk.number = number);
        if let Some(row) = world.tables.visits.get_mut(visit.index()) {
            row.desktop_mut().ts_session = number;
        }
        if let Some(before) = before.filter(|before| *before != visit)
            && world.tables.visit(before).is_some_and(|row| row.is_open() && row.start < event.at)
            && world.tables.visit(visit).is_some_and(|row| row.end.is_none_or(|end| end >= event.at))
        {
            table::end(before, event.at, SessionEnd::Desktop, world, changes);
        }
    }

    /// What the record says of the desktop.
    fn tell(&mut self, event: &AuthEvent, place: Place, visit: VisitId, world: &mut World, changes: &mut Changes) {
        let at = event.at;
        match event.kind {
            EventKind::RdpSessionLogon if place.source.is_some() => self.arrive(visit, event, place, world, changes),
            EventKind::RdpSessionReconnected | EventKind::SessionReconnected => {
                state::set(visit, State::Active, at, world);
                self.reconnected(event, place, visit, world, changes);
            }
            EventKind::RdpSessionDisconnected | EventKind::SessionDisconnected => {
                state::set(visit, State::Disconnected, at, world);
                self.left_from(event, place, visit, world);
            }
            EventKind::Locked => state::set(visit, State::Locked, at, world),
            EventKind::Unlocked => state::set(visit, State::Active, at, world),
            EventKind::ScreenSaverOn => state::set(visit, State::Idle, at, world),
            EventKind::ScreenSaverOff => state::touched(visit, at, world),
            EventKind::RdpSessionLogoff | EventKind::DesktopLogoff | EventKind::ProfileUnloaded => {
                table::end(visit, at, SessionEnd::Desktop, world, changes);
            }
            _ => {}
        }
    }

    /// Who left was there, where no record tells of the coming.
    fn left_from(&self, event: &AuthEvent, place: Place, visit: VisitId, world: &mut World) {
        let start = world.tables.visit(visit).filter(|row| row.clients().is_empty()).map(|row| row.start);
        if let Some(start) = start.filter(|_| place.source.is_some()) {
            state::connected(visit, start, place.source, event.workstation, world);
        }
    }

    /// The desktop that was opened for the reconnection, before Windows found this one, is a part of it.
    fn reconnected(&mut self, event: &AuthEvent, place: Place, visit: VisitId, world: &mut World, changes: &mut Changes) {
        if let Some(desk) = self.fold.desks.of_visit(place.host, visit) {
            let clue = Clue { host: place.host, account: world.tables.account_id(desk.account), number: None, at: event.at };
            if let Some(way) = self.fold.desks.way_to(&desk, clue, rdp::ON_THE_WAY, &world.tables) {
                table::take_up(way.visit, visit, Quality::Inferred(Basis::Nearness), world, changes);
            }
        }
        self.arrive(visit, event, place, world, changes);
    }

    /// RdpCoreTS 131, RemoteConnectionManager 261 and 1149: somebody is on the way to a desktop.
    pub(super) fn on_the_way(&mut self, event: &AuthEvent, place: Place) {
        self.fold.connections.note(place.host, event.at, place.account, place.source, place.event);
    }

    /// Gateway 302.
    pub(super) fn through_gateway(&mut self, event: &AuthEvent, place: Place) {
        self.fold.connections.passed(event.at, place.event, place.account, place.source, event.target);
    }

    /// Gateway 303: whoever came through it is at the desktop no more. The host may have said so, or its log may lack.
    pub(super) fn left_gateway(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        if let Some(visit) = self.fold.connections.left(place.account, place.source, event.target) {
            table::join_loose(visit, place.event, world, changes);
            state::set(visit, State::Disconnected, event.at, world);
        }
    }
}

/// Somebody is at the session from now on, or nobody is. Security and LocalSessionManager both tell; the first counts.
fn connected(session: SessionId, is_connected: bool, at: Timestamp, world: &mut World) {
    let Some(row) = world.tables.sessions.get_mut(session.index()) else { return };
    let end = row.end;
    if at < row.start || end.is_some_and(|end| at > end) {
        return;
    }
    match row.disconnected_mut().last_mut() {
        Some((from, until @ None)) if is_connected && *from <= at => *until = Some(at),
        _ if is_connected => {}
        // The stretch that is open, or one that ended later than this late record, tells it already.
        Some((_, until)) if until.is_none_or(|until| at < until) => {}
        _ => row.rare_mut().disconnected.push((at, end)),
    }
}
