//! Logon sessions become sessions as shown: which visit a logon belongs to.
//!
//! It is decided when the logon comes, by its type: network logons and tasks go on with their run (`run`), an unlock or the
//! second half of a UAC pair joins its desktop (`desk`), what else begins. Only what was a step on the way to a desktop is
//! known later to be one: the network logon of a Remote Desktop connection (`rdp`), and the desktop that Windows opens for
//! a reconnection before it finds the one that was left. Such logons change their visit within a minute; a visit that has
//! none left is shown no more. The rows and their counters are kept by `table`, what a desktop is in by `state`.

pub mod desk;
pub mod rdp;
pub mod run;
pub mod state;
pub mod table;

use super::open::is_other_half;
use super::{Place, Sessions};
use crate::base::time::{Span, Timestamp};
use crate::model::event::{AuthEvent, LogonId, Tri};
use crate::model::ids::{AccountId, HostId, SessionId, SourceId, VisitId};
use crate::model::lane::Lane;
use crate::model::logon_type::LogonType;
use crate::model::quality::{Basis, Quality};
use crate::model::session::Session;
use crate::model::visit::{Visit, VisitKind};
use crate::model::world::{Changes, World};
use desk::{Clue, Desk};
use std::borrow::Cow;

/// The halves of a UAC pair that do not name each other are written within this (reference R5).
const PAIR: Span = Span::seconds(1);

/// `LogonId`s of such a pair are this near to each other: both are taken from one counter of the host.
const PAIR_IDS: u64 = 0x1000;

/// Newest logons of an account among which the other half of a pair, or the logon of a connection, is sought.
const LOOKED_AT: usize = 16;

/// A logon that began so long before the record at hand is the last of them that is looked at: each further one is a row
/// that nothing else touched, and nothing comes this late.
const RECENT: Span = Span::minutes(10);

/// What folding remembers.
#[derive(Debug, Default)]
pub struct Folding {
    pub runs: run::Runs,
    pub desks: desk::Desks,
    pub connections: rdp::Connections,
}

/// Where a logon belongs.
#[derive(Clone, Copy, Debug)]
pub enum Seat {
    New(VisitKind),
    In(VisitId, Quality),
    /// It only checks credentials on the way there.
    Passing(VisitId, Quality),
}

/// Puts a session that is about to be appended as `id` into its visit.
pub fn take_seat(id: SessionId, session: &mut Session, seat: Seat, world: &mut World, changes: &mut Changes) {
    let visit = match seat {
        Seat::New(kind) => {
            session.passing = kind == VisitKind::Desktop && is_unlock(session.logon_type);
            let row = Visit {
                lane: if session.passing { lane_of_desktop(session.source) } else { session.lane },
                logon_type: session.logon_type,
                workstation: session.workstation,
                parent: world.tables.session(session.parent).map_or(VisitId::NONE, |parent| parent.visit),
                start_quality: if session.passing { Quality::Inferred(Basis::FirstRecord) } else { session.start_quality() },
                ..Visit::new(kind, session.account, session.host, session.source, session.start)
            };
            table::begin(row, world, changes)
        }
        Seat::In(visit, joined) => {
            session.joined = joined;
            visit
        }
        Seat::Passing(visit, joined) => {
            (session.joined, session.passing) = (joined, true);
            visit
        }
    };
    table::join(visit, id, session, world, changes);
}

const fn is_unlock(logon_type: LogonType) -> bool {
    matches!(logon_type, LogonType::Unlock | LogonType::CachedUnlock)
}

const fn lane_of_desktop(source: SourceId) -> Lane {
    if source.is_some() { Lane::RemoteInteractive } else { Lane::Interactive }
}

/// Somebody sits before it: neither another program that checks a password or starts one, nor a part of Windows.
fn opens_desktop(event: &AuthEvent, place: Place, world: &World) -> bool {
    match event.logon_type {
        LogonType::RemoteInteractive | LogonType::CachedRemoteInteractive => return true,
        LogonType::Interactive | LogonType::CachedInteractive => {}
        _ => return false,
    }
    let process = world.raw(event.logon_process);
    let is_logon_screen = process.is_empty() || ["User32", "Negotiat"].iter().any(|name| process.eq_ignore_ascii_case(name));
    let image = world.raw(event.process);
    let is_by_winlogon = image.len() >= 12 && image.get(image.len() - 12..).is_some_and(|name| name.eq_ignore_ascii_case("winlogon.exe"));
    (is_logon_screen || (is_by_winlogon && !process.eq_ignore_ascii_case("seclogo"))) && !is_part_of_windows(place.account, world)
}

/// The window manager and the font driver log on beside every desktop.
fn is_part_of_windows(account: AccountId, world: &World) -> bool {
    world.tables.account(account).is_some_and(|row| {
        let (domain, sid) = (world.raw(row.domain), world.raw(row.sid));
        ["Window Manager", "Font Driver Host"].iter().any(|name| domain.eq_ignore_ascii_case(name))
            || sid.starts_with("S-1-5-90-")
            || sid.starts_with("S-1-5-96-")
    })
}

/// The record cannot say that it is half of a UAC pair.
pub(super) fn may_be_old_half(event: &AuthEvent) -> bool {
    event.linked_logon_id == LogonId::NONE && event.elevated == Tri::Unknown && event.logon_type != LogonType::Service
}

/// The other half of a pair whose records cannot say so: it came at once, with an id next to this one (reference R5).
pub(super) fn is_old_half(other: &Session, event: &AuthEvent, place: Place) -> bool {
    other.host == place.host
        && other.logon_type == event.logon_type
        && other.source == place.source
        && other.elevated == Tri::Unknown
        && other.linked_logon_id == LogonId::NONE
        && other.logon_process == event.logon_process
        && (event.at - other.start).abs() <= PAIR
        && other.logon_id.0.abs_diff(event.logon_id.0) < PAIR_IDS
        && other.logon_id != event.logon_id
}

impl Sessions {
    pub(super) fn seat(&mut self, event: &AuthEvent, place: Place, world: &World) -> Seat {
        if run::comes_in_runs(event.logon_type) {
            let run = self.fold.runs.going_on(event, place, world);
            return run.map_or(Seat::New(VisitKind::Run), |visit| Seat::In(visit, Quality::Exact));
        }
        if let Some(visit) = self.keys.visit_of_orphan((place.host, event.logon_id), event.at) {
            return Seat::In(visit, Quality::Exact);
        }
        let half = self.half(event, place, world);
        if is_unlock(event.logon_type) {
            let clue = Clue { host: place.host, account: place.account, number: None, at: event.at };
            let desk = || self.fold.desks.of_account(clue, &world.tables).map(|desk| (desk.visit, Quality::Inferred(Basis::Desktop)));
            return half.or_else(desk).map_or(Seat::New(VisitKind::Desktop), |(visit, joined)| Seat::Passing(visit, joined));
        }
        if let Some((visit, joined)) = half {
            return Seat::In(visit, joined);
        }
        if !opens_desktop(event, place, world) {
            return Seat::New(VisitKind::Single);
        }
        if let Some(desk) = self.fold.desks.called(place.host, event.logon_id, event.at, &world.tables) {
            return Seat::In(desk.visit, Quality::Exact);
        }
        let clue = Clue { host: place.host, account: place.account, number: None, at: event.at };
        let waiting = self.fold.desks.waiting(clue, &world.tables);
        waiting.map_or(Seat::New(VisitKind::Desktop), |desk| Seat::In(desk.visit, Quality::Inferred(Basis::Nearness)))
    }

    /// The visit of the other half of a UAC pair: both name each other, or, in records before Windows 10, both came at
    /// once with ids that follow each other (reference R4, R5).
    fn half(&self, event: &AuthEvent, place: Place, world: &World) -> Option<(VisitId, Quality)> {
        let other = world.tables.session(self.keys.session(place.host, event.linked_logon_id));
        if let Some(other) = other.filter(|other| is_other_half(other, event)) {
            return Some((other.visit, Quality::Exact));
        }
        if !may_be_old_half(event) {
            return None;
        }
        let recent = world.tables.sessions_of_account(place.account).take(LOOKED_AT);
        recent
            .map(|(_, other)| other)
            .find(|other| is_old_half(other, event, place))
            .map(|other| (other.visit, Quality::Inferred(Basis::ConsecutiveIds)))
    }

    /// Remembers what the next logons and records need to know of this one.
    pub(super) fn seated(
        &mut self,
        event: &AuthEvent,
        place: Place,
        session: SessionId,
        seat: Seat,
        world: &mut World,
        changes: &mut Changes,
    ) {
        if run::comes_in_runs(event.logon_type) && matches!(seat, Seat::In(..)) {
            return;
        }
        let Some(visit) = world.tables.session(session).map(|row| row.visit) else { return };
        match seat {
            Seat::New(VisitKind::Run) => {
                self.fold.runs.put(run::key(event, place), visit);
                return;
            }
            Seat::New(VisitKind::Desktop) => {
                let owner = if is_unlock(event.logon_type) { SessionId::NONE } else { session };
                let desk = Desk { visit, account: place.account, number: None, owner, logon_id: LogonId::NONE };
                self.fold.desks.put(place.host, desk, event.at, &world.tables);
            }
            Seat::In(..) => self.owned(event, place, session, visit, world, changes),
            _ => return,
        }
        let is_remote = matches!(event.logon_type, LogonType::RemoteInteractive | LogonType::CachedRemoteInteractive);
        if is_remote && place.source.is_some() {
            self.arrive(visit, event, place, world, changes);
        }
    }

    /// A logon joined a desktop that was there: it is the limited half of the pair, or the logon that the records of the
    /// desktop waited for.
    fn owned(&mut self, event: &AuthEvent, place: Place, session: SessionId, visit: VisitId, world: &mut World, changes: &mut Changes) {
        let owner = self.fold.desks.of_visit(place.host, visit).map(|desk| desk.owner);
        let is_first = owner.is_none_or(SessionId::is_none);
        let is_limited = event.elevated == Tri::No;
        if is_first || is_limited {
            self.fold.desks.change(place.host, visit, |desk| desk.owner = session);
        }
        let Some(row) = world.tables.visits.get_mut(visit.index()).filter(|row| row.start_quality != Quality::Exact) else { return };
        let lane = world.tables.sessions.get(session.index()).map_or(row.lane, |row| row.lane);
        (row.start, row.start_quality, row.logon_type, row.lane) = (event.at, Quality::Exact, event.logon_type, lane);
        row.workstation = row.workstation.or(event.workstation);
        row.end = row.end.map(|end| end.max(event.at));
        changes.visits.push(visit);
    }

    /// Somebody came to a desktop from elsewhere: the records and the network logon on the way are part of it.
    pub(super) fn arrive(&mut self, visit: VisitId, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        state::connected(visit, event.at, place.source, event.workstation, world);
        for record in self.fold.connections.arrived(place.host, event.at, place.account, place.source) {
            table::join_loose_earlier(visit, record, world);
        }
        let is_check = |session: &Session| {
            session.host == place.host
                && session.source == place.source
                && session.logon_type == LogonType::Network
                && !session.passing
                && session.start <= event.at
                && event.at - session.start <= rdp::ON_THE_WAY
        };
        // One check for each connection: what else the account does from there is not a part of it.
        let is_checked = |(_, session): (SessionId, Cow<'_, Session>)| {
            session.passing
                && session.logon_type == LogonType::Network
                && session.source == place.source
                && (event.at - session.start).abs() <= rdp::ON_THE_WAY
        };
        if place.source.is_some() && !world.tables.sessions_of_visit(visit).take(LOOKED_AT).any(is_checked) {
            let is_recent = |(_, session): &(SessionId, Cow<'_, Session>)| event.at - session.start <= RECENT;
            let recent = world.tables.sessions_of_account(place.account).take(LOOKED_AT).take_while(is_recent);
            let check = recent.filter(|(_, session)| is_check(session)).map(|(id, _)| id).next();
            if let Some(check) = check {
                table::pass_on(check, visit, Quality::Inferred(Basis::Nearness), world, changes);
            }
        }
        self.pass_gateway(visit, event.at, place, world);
    }

    /// The gateway knows the client; the host saw only the gateway.
    fn pass_gateway(&mut self, visit: VisitId, at: Timestamp, place: Place, world: &mut World) {
        let Some(host) = world.tables.host(place.host).map(|host| world.raw(host.name)) else { return };
        let is_named = |name| {
            let name = world.raw(name);
            let short = host.split_once('.').map_or(host, |(short, _)| short);
            !name.is_empty() && (name.eq_ignore_ascii_case(host) || name.eq_ignore_ascii_case(short))
        };
        let Some(passage) = self.fold.connections.behind_gateway(at, place.account, is_named) else { return };
        table::join_loose_earlier(visit, passage.event, world);
        self.fold.connections.led_to(passage, visit);
        let clients = world.tables.visits.get_mut(visit.index()).and_then(|row| row.desktop.as_mut());
        if let Some(client) = clients.and_then(|desktop| desktop.clients.last_mut()).filter(|client| client.gateway.is_none()) {
            (client.gateway, client.source) = (client.source, passage.source);
        }
    }

    /// A visit that is known only from records after its beginning; `start_quality` says how well the beginning is known.
    pub(super) fn begin_desktop(
        &mut self,
        event: &AuthEvent,
        place: Place,
        start: (Timestamp, Quality),
        world: &mut World,
        changes: &mut Changes,
    ) -> VisitId {
        let row = Visit {
            lane: Lane::of(event.logon_type).unwrap_or(lane_of_desktop(place.source)),
            logon_type: event.logon_type,
            workstation: event.workstation,
            start_quality: start.1,
            ..Visit::new(VisitKind::Desktop, place.account, place.host, place.source, start.0)
        };
        let visit = table::begin(row, world, changes);
        let desk = Desk { visit, account: place.account, number: None, owner: SessionId::NONE, logon_id: event.logon_id };
        self.fold.desks.put(place.host, desk, event.at, &world.tables);
        visit
    }

    /// A logoff without a logon ends what began before the log; only desktops are of interest then (reference R9).
    pub(super) fn ended_unseen(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) -> VisitId {
        let is_desktop = match event.logon_type {
            LogonType::None => event.kind == crate::model::event::EventKind::UserLogoff,
            LogonType::Interactive | LogonType::RemoteInteractive | LogonType::CachedInteractive | LogonType::CachedRemoteInteractive => {
                true
            }
            _ => false,
        };
        if !is_desktop || place.account.is_none() || is_part_of_windows(place.account, world) {
            return VisitId::NONE;
        }
        let clue = Clue { host: place.host, account: place.account, number: None, at: event.at };
        let known = self.fold.desks.called(place.host, event.logon_id, event.at, &world.tables);
        let known = known.or_else(|| {
            let desk = self.fold.desks.of_account(clue, &world.tables)?;
            // One that has its logon is another one.
            (desk.owner.is_none()).then_some(desk)
        });
        match known {
            Some(desk) => desk.visit,
            None => {
                let start = (since_when(place.host, event.at, world), Quality::Missing);
                self.begin_desktop(event, place, start, world, changes)
            }
        }
    }
}

/// From when on the log tells of the host, since it was started.
pub fn since_when(host: HostId, at: Timestamp, world: &World) -> Timestamp {
    world.tables.host(host).and_then(|host| host.first.max(host.booted_at)).map_or(at, |since| since.min(at))
}
