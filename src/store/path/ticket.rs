//! Service tickets for hosts without a log (reference: R16): all that a domain controller's log alone tells of who went where.

use super::edge::{from, is_machinery};
use super::place::Places;
use super::{Edge, MachineId, Spot, Way, limits};
use crate::base::time::Timestamp;
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::visit::RUN_GAP;
use crate::model::world::Row;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// Runs of 4769 of one account from one source for one host. Where the host has a log, its own logons tell more.
pub fn tickets(places: &mut Places<'_>, until: Timestamp) -> Vec<Edge> {
    let ground = places.ground;
    let mut picked: Vec<(EventId, Cow<'_, Row>, MachineId)> = Vec::new();
    for (id, row) in ground.trails.tickets(ground.tables, until) {
        // Services of accounts (`svc_sql`, `krbtgt`) name no host.
        let Some(service) = ground.names.raw(row.event.target).strip_suffix('$') else { continue };
        if is_machinery(row.account, places) {
            continue;
        }
        let Some(host) = places.named(service) else { continue };
        if places.machines.get(host).is_none_or(|machine| machine.host.is_some()) {
            continue;
        }
        picked.push((id, row, host));
        if picked.len() >= limits::EDGES {
            break;
        }
    }
    picked.sort_by_cached_key(|(id, row, _)| (row.event.at, *id));
    let mut edges: Vec<Edge> = Vec::new();
    let mut newest: FxHashMap<(AccountId, SourceId, MachineId), usize> = FxHashMap::default();
    for (id, row, host) in picked {
        let account = ground.tables.account_id(row.account);
        let key = (account, row.source, host);
        if let Some(edge) = newest.get(&key).and_then(|number| edges.get_mut(*number))
            && row.event.at <= edge.last + RUN_GAP
        {
            (edge.last, edge.end, edge.event) = (row.event.at, Some(row.event.at), id);
            edge.count = edge.count.saturating_add(1);
            continue;
        }
        let (from, is_local, address) = from(places, places.origin(row.source, "", host, row.event.at), host, row.source);
        if is_local || from == Spot::Machine(host) {
            continue;
        }
        newest.insert(key, edges.len());
        edges.push(Edge::of_record(Way::Ticket, (from, host), (id, &row), (account, address)));
    }
    edges
}
