//! The page of a host: who logs on there, from where, what is open now.

use super::super::{Ctx, rows, words};
use super::digest::Digest;
use super::entity::{Met, Shape};
use super::{Band, Pane, Plan};
use crate::base::text;
use crate::base::time::Span;
use crate::model::host::Clock;
use crate::model::ids::HostId;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::table::Column;

use Pane::{Accounts, Anomalies, Events, Profile, Sessions, Sources};

const BANDS: &[Band] = &[
    Band { height: 8, least: 7, grows: false, columns: &[&[Profile], &[Anomalies]] },
    Band { height: 9, least: 7, grows: true, columns: &[&[Accounts], &[Sources]] },
    Band { height: 6, least: 5, grows: true, columns: &[&[Sessions]] },
    Band { height: 6, least: 6, grows: true, columns: &[&[Events]] },
];
const PLAN: Plan = Plan { wide: BANDS, middle: BANDS, panes: &[Profile, Anomalies, Accounts, Sources, Sessions, Events] };

const MET: &[Column<Met>] = &[
    Column::new(Met::Severity, "", 1),
    Column::new(Met::Name, "name", 14).grow(1),
    Column::new(Met::Sessions, "sessions", 8).right(),
    Column::new(Met::Failures, "failed", 6).right(),
    Column::new(Met::Meter, "", 8).drop(1),
    Column::new(Met::Last, "last", 15),
];

pub const SHAPE: Shape = Shape { plan: &PLAN, met: MET, events: rows::HOST_EVENTS, sessions: rows::HOST_SESSIONS };

#[must_use]
pub fn title(id: HostId, ctx: &Ctx<'_>) -> String {
    let Some(host) = ctx.snapshot.tables.host(id) else { return words::ABSENT.to_owned() };
    let role = if host.domain_controller { "  domain controller" } else { "" };
    format!("{}{role}", words::or_absent(ctx.snapshot.names.shown(host.name)))
}

/// How far its clock is from a domain controller's; what is more than a few seconds moves every comparison between the two.
fn clock(clock: Clock, ctx: &Ctx<'_>) -> Pair {
    /// Seconds from which the reference asks to show it (reference R21).
    const MUCH: i64 = 5;
    let side = if clock.ahead < Span::ZERO { "behind" } else { "ahead of" };
    let words = format!(
        "{:.1}s {side} {} (inferred: median of {})",
        clock.ahead.abs().as_seconds_f64(),
        words::host(clock.against, ctx),
        words::plural(clock.pairs as usize, "pair")
    );
    let much = clock.ahead.abs() > Span::seconds(MUCH);
    Pair::new("clock", words).meaning(if much { Meaning::Uncertain } else { Meaning::Text })
}

#[must_use]
pub fn profile(id: HostId, digest: &Digest, ctx: &Ctx<'_>) -> Vec<Pair> {
    let Some(host) = ctx.snapshot.tables.host(id) else { return Vec::new() };
    let count = |number: u32| text::count(u64::from(number));
    let boot = match host.booted_at {
        Some(at) => format!("last {}, {} seen", ctx.zone.date_time(at), host.boot),
        None => "none seen: sessions of an earlier boot may look open".to_owned(),
    };
    let mut pairs = vec![
        Pair::new("seen", words::seen(host.first, host.last, ctx.zone)),
        Pair::new("sessions", format!("{}, {} open now", count(host.visits), count(host.open_visits))),
        Pair::new(
            "met",
            format!(
                "{} accounts, {} sources",
                text::count(digest.accounts.list.len() as u64),
                text::count(digest.sources.list.len() as u64)
            ),
        ),
        Pair::new("tried", format!("{} ok, {} failed, {} events", count(host.successes), count(host.failures), count(host.events)))
            .meaning(if host.failures > host.successes { Meaning::Failure } else { Meaning::Text }),
        Pair::new("boots", boot),
    ];
    pairs.extend(host.clock.map(|known| clock(known, ctx)));
    pairs
}
