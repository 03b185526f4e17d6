//! What a desktop is in, and who is connected to it, over time.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::model::ids::{SourceId, VisitId};
use crate::model::visit::{Client, State, Visit};
use crate::model::world::World;

/// Changes of state kept for one visit; older ones make room.
const STATES_KEPT: usize = 4_096;

/// Connections kept for one visit; older ones make room.
const CLIENTS_KEPT: usize = 1_024;

/// Records of one connection stand within this.
const ONE_CONNECTION: Span = Span::seconds(60);

/// From `at` on the visit is in `state`. Several logs tell of one change: the first record counts.
pub fn set(visit: VisitId, state: State, at: Timestamp, world: &mut World) {
    let Some(row) = world.tables.visits.get_mut(visit.index()) else { return };
    if at < row.start || row.end.is_some_and(|end| at > end) {
        return;
    }
    if row.states().is_empty() && state == State::Active {
        return;
    }
    let states = &mut row.desktop_mut().states;
    let place = states.partition_point(|(since, _)| *since <= at);
    let before = place.checked_sub(1).and_then(|last| states.get(last)).map_or(State::Active, |(_, state)| *state);
    // A desktop that is left is locked as well, and its screen saver is of no interest.
    let is_covered = before == State::Disconnected && state != State::Active;
    let is_deeper = before == State::Locked && state == State::Idle;
    if state == before || is_covered || is_deeper {
        return;
    }
    if states.get(place).is_some_and(|(_, after)| *after == state) {
        if let Some((since, _)) = states.get_mut(place) {
            *since = at;
        }
        return;
    }
    states.insert(place, (at, state));
    if states.len() > STATES_KEPT {
        states.remove(0);
    }
}

/// The screen saver went off: what was idle is in use, what was locked stays so.
pub fn touched(visit: VisitId, at: Timestamp, world: &mut World) {
    let row = world.tables.visit(visit);
    let now = row.as_deref().map_or(&[][..], Visit::states).iter().rev().find(|(since, _)| *since <= at);
    if now.is_some_and(|(_, state)| *state == State::Idle) {
        set(visit, State::Active, at, world);
    }
}

/// Somebody uses the desktop from there. Records of one connection from one place say it once.
pub fn connected(visit: VisitId, at: Timestamp, source: SourceId, workstation: Symbol, world: &mut World) {
    let Some(row) = world.tables.visits.get_mut(visit.index()) else { return };
    if source.is_none() && workstation.is_none() && row.clients().is_empty() {
        return;
    }
    let clients = &mut row.desktop_mut().clients;
    let place = clients.partition_point(|client| client.at <= at);
    let near = [place.checked_sub(1), Some(place)];
    for near in near.into_iter().flatten() {
        if let Some(client) = clients.get_mut(near)
            && (client.at - at).abs() <= ONE_CONNECTION
            && (client.source == source || client.source.is_none() || source.is_none())
        {
            client.at = client.at.min(at);
            client.source = client.source.some().unwrap_or(source);
            client.workstation = client.workstation.or(workstation);
            return;
        }
    }
    clients.insert(place, Client { at, source, workstation, gateway: SourceId::NONE });
    if clients.len() > CLIENTS_KEPT {
        clients.remove(0);
    }
}
