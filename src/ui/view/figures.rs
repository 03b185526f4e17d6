//! Figures that the lists of accounts, hosts and sources share: anomalies that are open, risk, what was met last.

use super::{Ctx, risk, words};
use crate::base::text;
use crate::model::ids::EventId;
use crate::model::involved::Entity;
use crate::model::world::Row;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::table::Cell;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Anomalies listed in the details pane.
const LISTED: usize = 4;

/// Anomalies of an entity that are to be dealt with, and all of them. Nothing is walked until something was decided.
fn anomalies(entity: Entity, all: u32, ctx: &Ctx<'_>) -> (u32, u32) {
    if all == 0 || ctx.triage.is_empty() {
        return (all, all);
    }
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let each = || ctx.snapshot.tables.anomalies_of(entity);
    (count(each().filter(|(id, _)| ctx.triage.state(*id).is_open()).count()), count(each().count()))
}

/// `2` while all are open, `1/2` where one was decided about.
#[must_use]
pub fn anomalies_cell(entity: Entity, all: u32, ctx: &Ctx<'_>) -> Cell {
    match anomalies(entity, all, ctx) {
        (open, all) if open == all => Cell::count(all),
        (0, all) => Cell::dim(format!("0/{}", text::count(u64::from(all)))),
        (open, all) => Cell::text(format!("{}/{}", text::count(u64::from(open)), text::count(u64::from(all)))),
    }
}

#[must_use]
pub fn risk_cell(entity: Entity, all: u32, ctx: &Ctx<'_>) -> Cell {
    if all == 0 { Cell::dim(words::ABSENT) } else { Cell::count(risk::of(entity, ctx).points) }
}

/// What rows are sorted by where it is dear to work out; rows without an anomaly have none.
#[must_use]
pub fn weights(rows: &[usize], of: impl Fn(usize) -> Option<(Entity, u32)>, by_risk: bool, ctx: &Ctx<'_>) -> BTreeMap<usize, u64> {
    let weight = |row: &usize| {
        let (entity, all) = of(*row).filter(|(_, all)| *all > 0)?;
        let weight = if by_risk {
            u64::from(risk::of(entity, ctx).points)
        } else {
            let (open, all) = anomalies(entity, all, ctx);
            u64::from(open) << 32 | u64::from(all)
        };
        Some((*row, weight))
    };
    rows.iter().filter_map(weight).collect()
}

/// The newest event, where it is still kept.
#[must_use]
pub fn last<'a>(id: EventId, ctx: &'a Ctx<'_>) -> Option<Cow<'a, Row>> {
    ctx.snapshot.tables.event(id)
}

/// A number that is not known to be nought when it is.
#[must_use]
pub fn number(count: u64) -> String {
    text::count(count)
}

/// Risk, and the newest anomalies that are open; for the details pane.
pub fn concerns(pairs: &mut Vec<Pair>, entity: Entity, all: u32, ctx: &Ctx<'_>) {
    if let Some(words) = risk::words(entity, ctx) {
        pairs.push(Pair::new("risk", words).meaning(Meaning::Strong));
    }
    if all == 0 {
        return;
    }
    let (open, all) = anomalies(entity, all, ctx);
    pairs.push(Pair::new("anomalies", format!("{} open of {}", number(u64::from(open)), number(u64::from(all)))));
    let mut listed: Vec<_> = ctx.snapshot.tables.anomalies_of(entity).filter(|(id, _)| ctx.triage.state(*id).is_open()).collect();
    listed.sort_by_key(|(id, anomaly)| std::cmp::Reverse((anomaly.severity, anomaly.score, *id)));
    for (_, anomaly) in listed.into_iter().take(LISTED) {
        let words = format!("{} {:>3} {} {}", anomaly.severity.letter(), anomaly.score, ctx.day_clock(anomaly.at), anomaly.detection.id);
        pairs.push(Pair::new("", words).meaning(Meaning::Severity(anomaly.severity)));
    }
}

/// Successes, failures and events in one line.
#[must_use]
pub fn tried(successes: u32, failures: u32, events: u32) -> Pair {
    let count = |number: u32| text::count(u64::from(number));
    Pair::new("tried", format!("{} ok, {} failed, {} events", count(successes), count(failures), count(events)))
        .meaning(if failures > successes { Meaning::Failure } else { Meaning::Text })
}

/// Sessions in all and now.
#[must_use]
pub fn sessions(visits: u32, logons: u32, open: Option<u32>) -> Pair {
    let count = |number: u32| text::count(u64::from(number));
    let open = open.map_or_else(String::new, |open| format!(", {} open now", count(open)));
    Pair::new("sessions", format!("{}{open}, of {}", count(visits), words::plural(logons as usize, "logon")))
}
