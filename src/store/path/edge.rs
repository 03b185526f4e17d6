//! Sessions, explicit credentials and failures as edges.

use super::place::{Origin, Places};
use super::{Address, Before, Edge, MachineId, Spot, Way, limits};
use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::model::account::AccountClass;
use crate::model::ids::{AccountId, EventId, HostId, SessionId, SourceId, VisitId};
use crate::model::lane::Lane;
use crate::model::logon_type::LogonType;
use crate::model::visit::{RUN_GAP, Visit, VisitKind};
use crate::model::world::{Row, Tables};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// The halves of a UAC pair, and the checks that come with a desktop, start this near to each other.
const AT_ONCE: Span = Span::seconds(2);
/// A logon this near to a 4648 that names its account and host is the one the 4648 was written for (reference: R16).
const ANSWER: (Span, Span) = (Span::seconds(5), Span::minutes(1));

/// One 4648 of an edge.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// The edge whose session wrote it.
    pub by: usize,
    pub event: EventId,
    pub at: Timestamp,
    pub account: AccountId,
    /// Where it leads; `None` for the host itself.
    pub server: Option<MachineId>,
}

/// What was gathered: edges by start, not joined yet.
#[derive(Default)]
pub struct Gathered {
    pub edges: Vec<Edge>,
    pub of_visit: FxHashMap<VisitId, usize>,
    /// By time.
    pub named: Vec<Named>,
    pub since: Timestamp,
    pub machinery: u64,
    pub unseen: u64,
}

/// Accounts that are no person's and no program's doing.
pub fn is_machinery(account: AccountId, places: &Places<'_>) -> bool {
    let class = places.ground.tables.account(account).map_or(AccountClass::Unknown, |account| account.class);
    class.is_machinery()
}

pub fn gather(places: &mut Places<'_>, until: Timestamp) -> Gathered {
    let mut out = Gathered::default();
    logons(places, until, &mut out);
    let mut failures = failures(places, until);
    let named = explicit(places, until, &out);
    let mut silent = unanswered(places, &named, &out);
    silent.append(&mut super::ticket::tickets(places, until));
    out.named = named;
    // Numbers are given anew, by time.
    let logons = out.edges.len();
    out.edges.append(&mut silent);
    out.edges.append(&mut failures);
    let mut order: Vec<usize> = (0..out.edges.len()).collect();
    order.sort_by_key(|number| out.edges.get(*number).map(|edge| (edge.start, *number >= logons, *number)));
    let mut now_at = vec![0; order.len()];
    for (now, before) in order.iter().enumerate() {
        if let Some(place) = now_at.get_mut(*before) {
            *place = now;
        }
    }
    let moved = |number: usize| now_at.get(number).copied().unwrap_or(number);
    let mut edges: Vec<Option<Edge>> = std::mem::take(&mut out.edges).into_iter().map(Some).collect();
    out.edges = order.iter().filter_map(|before| edges.get_mut(*before).and_then(Option::take)).collect();
    out.of_visit.values_mut().for_each(|number| *number = moved(*number));
    out.named.iter_mut().for_each(|named| named.by = moved(named.by));
    out
}

/// Sessions of people and programs, runs of network logons as one.
fn logons(places: &Places<'_>, until: Timestamp, out: &mut Gathered) {
    let tables = places.ground.tables;
    // Visits stand nearly in the order of their start: late records may be missed at the border.
    let (mut low, mut high) = (0, tables.visits.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let before = tables.visit(VisitId::new(middle)).is_some_and(|visit| visit.start <= until);
        if before { low = middle + 1 } else { high = middle }
    }
    let mut picked: Vec<(Timestamp, VisitId)> = Vec::new();
    let mut oldest = low;
    for number in (0..low).rev().take(limits::LOOKED_AT) {
        let id = VisitId::new(number);
        oldest = number;
        let Some(visit) = tables.visit(id) else { break };
        if visit.host.is_none() || !visit.is_shown() {
            continue;
        }
        if is_machinery(visit.account, places) {
            out.machinery += 1;
            continue;
        }
        picked.push((visit.start, id));
        if picked.len() >= limits::EDGES {
            break;
        }
    }
    out.unseen = oldest as u64;
    picked.sort_unstable();
    out.since = match tables.visit(VisitId::new(oldest)) {
        Some(visit) if oldest > 0 => visit.start,
        _ => tables.events.iter().next().map_or_else(Timestamp::default, |row| row.event.at),
    };
    let mut newest: FxHashMap<(AccountId, SourceId, HostId, LogonType), usize> = FxHashMap::default();
    for (_, id) in picked {
        let Some(visit) = tables.visit(id) else { continue };
        let key = (tables.account_id(visit.account), visit.source, visit.host, visit.logon_type);
        let is_run = matches!(visit.logon_type, LogonType::Network | LogonType::NetworkCleartext);
        let known = newest.get(&key).copied();
        if let Some((number, edge)) = known.and_then(|number| Some((number, out.edges.get_mut(number)?))) {
            let reach = if is_run { edge.end.map_or(edge.last, |end| end.max(edge.last)) + RUN_GAP } else { edge.start + AT_ONCE };
            if visit.start <= reach {
                fold(edge, places, &visit);
                out.of_visit.insert(id, number);
                continue;
            }
        }
        let Some(edge) = logon(places, id, &visit) else { continue };
        newest.insert(key, out.edges.len());
        out.of_visit.insert(id, out.edges.len());
        let again = reconnects(places, &visit, &edge);
        out.edges.push(edge);
        out.edges.extend(again);
    }
}

/// A desktop that is used from another place later on is reached from there too.
fn reconnects(places: &Places<'_>, visit: &Visit, first: &Edge) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    let clients = visit.clients();
    for client in clients.iter().take(limits::CANDIDATES) {
        let known = |edge: &Edge| edge.source == client.source;
        if client.source.is_none() || known(first) || edges.iter().any(known) {
            continue;
        }
        let workstation = places.ground.names.raw(client.workstation);
        let (from, is_local, address) =
            from(places, places.origin(client.source, workstation, first.to, client.at), first.to, client.source);
        if !is_local {
            let (start, source, workstation) = (client.at, client.source, client.workstation);
            edges.push(Edge { from, address, source, workstation, start, last: start, is_local, is_reconnect: true, ..first.clone() });
        }
    }
    edges
}

pub fn from(places: &Places<'_>, origin: Origin, own: MachineId, source: SourceId) -> (Spot, bool, Option<Address>) {
    match origin {
        // Its own screen, or a source that nothing tells: it is known only that somebody was there.
        Origin::Local => (Spot::Machine(own), true, None),
        Origin::Machine(machine, address) => (Spot::Machine(machine), false, Some(address)),
        Origin::Unknown if places.ground.tables.source(source).is_none() => (Spot::Machine(own), true, None),
        Origin::Unknown => (Spot::Source(source), false, None),
    }
}

/// The session as shown that a session turned out to be a part of.
pub fn shown(tables: &Tables, visit: VisitId) -> VisitId {
    let next = |visit: &VisitId| tables.visit(*visit).and_then(|row| row.into.some());
    // A chain of parts is short; a longer one would be a defect that must not hang the screen.
    std::iter::successors(Some(visit), next).take(limits::CANDIDATES).last().unwrap_or(visit)
}

/// How often somebody got on a host in one session, and when last: a run of network logons is many times, a desktop with all
/// its logons is once.
fn times(places: &Places<'_>, visit: &Visit) -> (u32, Timestamp) {
    match (visit.kind, places.ground.tables.session(visit.last_session)) {
        (VisitKind::Run, Some(newest)) => (visit.logons, newest.start),
        _ => (1, visit.start),
    }
}

fn fold(edge: &mut Edge, places: &Places<'_>, visit: &Visit) {
    let (count, last) = times(places, visit);
    edge.last = edge.last.max(last);
    edge.end = edge.end.zip(visit.end).map(|(one, other)| one.max(other));
    edge.end_is_inferred |= visit.end_reason.is_inferred();
    edge.count = edge.count.saturating_add(count);
    edge.privileged |= visit.privileged;
    edge.worst = edge.worst.max(visit.worst);
}

fn logon(places: &Places<'_>, id: VisitId, visit: &Visit) -> Option<Edge> {
    let ground = places.ground;
    let to = places.of_host.get(&visit.host).copied()?;
    let origin = places.origin(visit.source, ground.names.raw(visit.workstation), to, visit.start);
    let (from, is_local, address) = from(places, origin, to, visit.source);
    // Desktops that only LocalSessionManager tells of have no type.
    let is_remote = visit.logon_type == LogonType::None && visit.lane == Lane::RemoteInteractive;
    let (count, last) = times(places, visit);
    Some(Edge {
        way: Way::Logon,
        from,
        to,
        is_local,
        address,
        account: ground.tables.account_id(visit.account),
        others: Vec::new(),
        source: visit.source,
        workstation: visit.workstation,
        logon_type: if is_remote { LogonType::RemoteInteractive } else { visit.logon_type },
        is_reconnect: false,
        start: visit.start,
        last,
        end: visit.end,
        end_is_inferred: visit.end_reason.is_inferred(),
        count,
        visit: id,
        session: visit.first_session,
        event: opening(places, id, visit),
        privileged: visit.privileged,
        worst: visit.worst,
        controller: ground.tables.host(visit.host).is_some_and(|host| host.domain_controller),
        join: None,
        before: Before::default(),
    })
}

/// The record a session is known to have begun by: its first 4624, or the oldest of Remote Desktop's own where that is older.
fn opening(places: &Places<'_>, id: VisitId, visit: &Visit) -> EventId {
    let tables = places.ground.tables;
    let session = tables.session(visit.first_session);
    if let Some(session) = session.as_ref().filter(|session| session.start <= visit.start + AT_ONCE) {
        return session.first_event;
    }
    let oldest = tables.loose_events_of_visit(id).take(limits::CANDIDATES).last().map(|(event, _)| event);
    oldest.or(session.map(|session| session.first_event)).unwrap_or(EventId::NONE)
}

/// Runs of failed logons from one source to one host.
fn failures(places: &Places<'_>, until: Timestamp) -> Vec<Edge> {
    let tables = places.ground.tables;
    let rows = places.ground.trails.failed(tables, until).filter(|(_, row)| !is_machinery(row.account, places));
    let mut rows: Vec<(EventId, Cow<'_, Row>)> = rows.take(limits::EDGES).collect();
    rows.sort_by_cached_key(|(id, row)| (row.event.at, *id));
    let mut edges: Vec<Edge> = Vec::new();
    let mut newest: FxHashMap<(SourceId, HostId), usize> = FxHashMap::default();
    for (id, row) in rows {
        let key = (row.source, row.host);
        if let Some(edge) = newest.get(&key).and_then(|number| edges.get_mut(*number))
            && row.event.at <= edge.last + RUN_GAP
        {
            (edge.last, edge.end, edge.event) = (row.event.at, Some(row.event.at), id);
            edge.count = edge.count.saturating_add(1);
            let account = tables.account_id(row.account);
            if account.is_some() && edge.account != account && !edge.others.contains(&account) {
                if edge.account.is_none() {
                    edge.account = account;
                } else if edge.others.len() + 1 < limits::ACCOUNTS {
                    edge.others.push(account);
                }
            }
            continue;
        }
        if let Some(edge) = attempt(places, id, &row) {
            newest.insert(key, edges.len());
            edges.push(edge);
        }
    }
    edges
}

impl Edge {
    /// A step that one record tells of.
    pub(super) fn of_record(
        way: Way,
        (from, to): (Spot, MachineId),
        (id, row): (EventId, &Row),
        (account, address): (AccountId, Option<Address>),
    ) -> Self {
        Self {
            way,
            from,
            to,
            is_local: false,
            is_reconnect: false,
            address,
            account,
            others: Vec::new(),
            source: row.source,
            workstation: row.event.workstation,
            logon_type: LogonType::None,
            start: row.event.at,
            last: row.event.at,
            end: Some(row.event.at),
            end_is_inferred: false,
            count: 1,
            visit: VisitId::NONE,
            session: SessionId::NONE,
            event: id,
            privileged: false,
            worst: None,
            controller: false,
            join: None,
            before: Before::default(),
        }
    }
}

fn attempt(places: &Places<'_>, id: EventId, row: &Row) -> Option<Edge> {
    let ground = places.ground;
    let to = places.of_host.get(&row.host).copied()?;
    let origin = places.origin(row.source, ground.names.raw(row.event.workstation), to, row.event.at);
    let (from, address) = match origin {
        // A wrong password at the host's own screen leads nowhere.
        Origin::Local => return None,
        Origin::Machine(machine, address) => (Spot::Machine(machine), Some(address)),
        Origin::Unknown => (Spot::Source(row.source), None),
    };
    let controller = ground.tables.host(row.host).is_some_and(|host| host.domain_controller);
    let account = ground.tables.account_id(row.account);
    Some(Edge { logon_type: row.event.logon_type, controller, ..Edge::of_record(Way::Failed, (from, to), (id, row), (account, address)) })
}

/// 4648 of the gathered sessions, by time.
fn explicit(places: &mut Places<'_>, until: Timestamp, gathered: &Gathered) -> Vec<Named> {
    let ground = places.ground;
    let mut named = Vec::new();
    for (event, row) in ground.trails.explicit(ground.tables, until).take(limits::EDGES) {
        let Some(by) = gathered.of_visit.get(&shown(ground.tables, row.visit)).copied() else { continue };
        if row.account.is_none() || is_machinery(row.account, places) {
            continue;
        }
        let server = ground.names.raw(row.event.target);
        let server = if server.eq_ignore_ascii_case("localhost") { None } else { places.named(server) };
        let server = server.filter(|server| gathered.edges.get(by).is_some_and(|edge| edge.to != *server));
        named.push(Named { by, event, at: row.event.at, account: ground.tables.account_id(row.account), server });
    }
    named.sort_by_key(|named| (named.at, named.event));
    named
}

/// 4648 after which no logon of their account was seen on their server, as edges.
fn unanswered(places: &Places<'_>, named: &[Named], gathered: &Gathered) -> Vec<Edge> {
    let ground = places.ground;
    let mut starts: FxHashMap<(MachineId, AccountId), Vec<(Timestamp, Timestamp)>> = FxHashMap::default();
    for edge in &gathered.edges {
        starts.entry((edge.to, edge.account)).or_default().push((edge.start, edge.last));
    }
    let mut edges: Vec<Edge> = Vec::new();
    let mut known: FxHashMap<(usize, AccountId, MachineId), usize> = FxHashMap::default();
    for one in named {
        let (Some(server), Some(session)) = (one.server, gathered.edges.get(one.by)) else { continue };
        let answers = starts.get(&(server, one.account)).map_or(&[] as &[_], Vec::as_slice);
        let first = answers.partition_point(|(start, _)| *start <= one.at + ANSWER.1);
        let mut near = answers.iter().take(first).rev().take(limits::CANDIDATES);
        if near.any(|(_, last)| *last >= one.at - ANSWER.0) {
            continue;
        }
        let key = (one.by, one.account, server);
        if let Some(edge) = known.get(&key).and_then(|number| edges.get_mut(*number)) {
            (edge.last, edge.event) = (one.at, one.event);
            edge.count = edge.count.saturating_add(1);
            continue;
        }
        known.insert(key, edges.len());
        let host = places.machines.get(server).map_or(HostId::NONE, |machine| machine.host);
        edges.push(Edge {
            way: Way::Explicit,
            from: Spot::Machine(session.to),
            to: server,
            is_local: false,
            address: Some(Address::Here),
            account: one.account,
            others: Vec::new(),
            source: SourceId::NONE,
            workstation: Symbol::NONE,
            logon_type: LogonType::None,
            is_reconnect: false,
            start: one.at,
            last: one.at,
            end: session.end,
            end_is_inferred: true,
            count: 1,
            visit: VisitId::NONE,
            session: SessionId::NONE,
            event: one.event,
            privileged: false,
            worst: None,
            controller: ground.tables.host(host).is_some_and(|host| host.domain_controller),
            join: None,
            before: Before::default(),
        });
    }
    edges
}
