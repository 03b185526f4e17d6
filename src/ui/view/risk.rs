//! What the anomalies of an account, host, source or session weigh now, with what was decided about them.

use super::Ctx;
use crate::casefile::entry::State;
use crate::model::ids::{HostId, VisitId};
use crate::model::involved::Entity;
use crate::model::risk::{Hit, Risk};
use std::collections::BTreeMap;

/// Anomalies that count: dismissed and suppressed ones do not, confirmed ones do not fade.
fn hits<'a>(entity: Entity, ctx: &'a Ctx<'_>) -> impl Iterator<Item = (Option<VisitId>, Hit)> + 'a {
    let tables = &ctx.snapshot.tables;
    tables.anomalies_of(entity).filter_map(move |(id, anomaly)| {
        let visit = anomaly.sessions.first().and_then(|session| tables.session(*session)?.visit.some());
        match ctx.triage.state(id) {
            State::Confirmed => Some((visit, Hit::whole(anomaly))),
            state if state.is_open() => Some((visit, Hit::faded(anomaly, ctx.now()))),
            _ => None,
        }
    })
}

#[must_use]
pub fn of(entity: Entity, ctx: &Ctx<'_>) -> Risk {
    match entity {
        Entity::Visit(id) => of_visit(id, ctx),
        Entity::Host(id) => of_host(id, ctx),
        entity => Risk::of(hits(entity, ctx).map(|(_, hit)| hit)),
    }
}

/// Its own, a share of its account's, and a share of the session it was begun from.
fn of_visit(id: VisitId, ctx: &Ctx<'_>) -> Risk {
    let own = |id: VisitId| Risk::of(hits(Entity::Visit(id), ctx).map(|(_, hit)| hit));
    let Some(visit) = ctx.snapshot.tables.visit(id) else { return Risk::default() };
    let account = of(Entity::Account(visit.account), ctx);
    let risk = own(id).with_account(&account);
    if visit.parent.is_some() { risk.with_parent(&own(visit.parent)) } else { risk }
}

/// The worst of its sessions, and what concerns none of them. The sum of all would make every busy server critical.
fn of_host(id: HostId, ctx: &Ctx<'_>) -> Risk {
    let mut by_visit: BTreeMap<Option<VisitId>, Vec<Hit>> = BTreeMap::new();
    for (visit, hit) in hits(Entity::Host(id), ctx) {
        by_visit.entry(visit).or_default().push(hit);
    }
    let own = by_visit.remove(&None).unwrap_or_default();
    let worst = by_visit.into_values().max_by_key(|hits| Risk::of(hits.iter().copied()).points).unwrap_or_default();
    Risk::of(own.into_iter().chain(worst))
}

/// `62 hot: 50 impossible-travel, 12 new-country`; nothing where nothing counts.
#[must_use]
pub fn words(entity: Entity, ctx: &Ctx<'_>) -> Option<String> {
    let risk = of(entity, ctx);
    match risk.top.as_slice() {
        [] if risk.points == 0 => None,
        [] => Some(risk.words()),
        _ => Some(format!("{}: {}", risk.words(), risk.contributors())),
    }
}
