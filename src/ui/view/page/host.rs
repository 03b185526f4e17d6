//! The page of a host: who logs on there and from where, what is open now, and what could have been seen.

use super::super::{Ctx, rows, words};
use super::coverage::HostLogs;
use super::digest::Digest;
use super::entity::{Met, Shape};
use super::{Band, Pane, Plan};
use crate::base::text;
use crate::base::time::Span;
use crate::model::host::{Clock, HostRole};
use crate::model::ids::HostId;
use crate::model::lane::Lane;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::table::Column;

use Pane::{Accounts, Anomalies, Coverage, Events, Profile, Sessions, Sources};

const BANDS: &[Band] = &[
    Band { height: 9, least: 7, grows: false, columns: &[&[Profile], &[Coverage]] },
    Band { height: 8, least: 7, grows: true, columns: &[&[Accounts], &[Sources]] },
    Band { height: 7, least: 5, grows: true, columns: &[&[Sessions]] },
    Band { height: 6, least: 6, grows: true, columns: &[&[Events]] },
];
const PLAN: Plan = Plan {
    wide: BANDS,
    middle: BANDS,
    panes: &[Profile, Coverage, Anomalies, Accounts, Sources, Sessions, Events],
    shared: &[(Coverage, Anomalies)],
};

const ACCOUNTS: [Column<Met>; 3] = [
    Column::new(Met::Severity, "", 1).about("severity").sortable(),
    Column::new(Met::Name, "name", 14).sortable().grow(1),
    Column::new(Met::Failures, "failed", 6).sortable().right(),
];
const LAST: Column<Met> = Column::new(Met::Last, "last", 15).sortable().drop(1);
const FROM: &[Column<Met>] = &[
    Column::new(Met::Severity, "", 1).about("severity").sortable(),
    Column::new(Met::Name, "name", 14).sortable().grow(1),
    Column::new(Met::Class, "class", 10).sortable().drop(3),
    Column::new(Met::Sessions, "sess.", 5).sortable().right(),
    Column::new(Met::Failures, "failed", 6).sortable().right(),
    Column::new(Met::Meter, "", 8).about("share").sortable().drop(2),
    Column::new(Met::Last, "last", 15).sortable().drop(1),
];

pub const SHAPE: Shape = Shape { plan: &PLAN, met: |_| FROM, events: rows::HOST_EVENTS, sessions: rows::HOST_SESSIONS };

/// Lanes with a column of their own, those used most.
const TYPES: usize = 4;
/// Sessions looked at for those that are open, the newest.
const LOOKED: usize = 4_096;

/// Columns of the accounts: how often each logged on by which type.
#[must_use]
pub fn by_type(digest: &Digest) -> Vec<Column<Met>> {
    let mut sums = [0_u64; Lane::COUNT];
    for tally in &digest.accounts.list {
        sums.iter_mut().zip(tally.by_lane).for_each(|(sum, count)| *sum += u64::from(count));
    }
    let mut used: Vec<(Lane, u64)> = Lane::ALL.into_iter().zip(sums).filter(|(_, sum)| *sum > 0).collect();
    used.sort_by_key(|(lane, sum)| (std::cmp::Reverse(*sum), *lane));
    used.truncate(TYPES);
    used.sort();
    let types = used.into_iter().map(|(lane, _)| {
        let title = if lane.is_entra() { words::lane_short(lane) } else { lane.code() };
        Column::new(Met::Lane(lane), title, 5).sortable().right()
    });
    ACCOUNTS.into_iter().chain(types).chain([LAST]).collect()
}

#[must_use]
pub fn title(id: HostId, ctx: &Ctx<'_>) -> String {
    let Some(host) = ctx.snapshot.tables.host(id) else { return words::ABSENT.to_owned() };
    let role = match host.kind {
        HostRole::Unknown => String::new(),
        kind => format!("  {}: {}", kind.word(), host.kind_reason),
    };
    format!("{}{role}", words::or_absent(ctx.snapshot.names.shown(host.name)))
}

/// `17 sessions open, 5 accounts, 2 privileged`.
fn now(id: HostId, digest: &Digest, ctx: &Ctx<'_>) -> String {
    let tables = &ctx.snapshot.tables;
    let open = tables.host(id).map_or(0, |host| host.open_visits);
    let mut accounts = std::collections::BTreeSet::new();
    let (mut found, mut privileged) = (0, 0);
    for visit in (0..digest.visits().min(LOOKED)).filter_map(|row| tables.visit(digest.visit(row)?)) {
        if found == open {
            break;
        }
        if visit.is_open() {
            found += 1;
            privileged += u32::from(visit.privileged);
            accounts.insert(visit.account);
        }
    }
    let about = if found < open { "~" } else { "" };
    format!(
        "{} open, {about}{}, {about}{} privileged",
        words::plural(open as usize, "session"),
        words::plural(accounts.len(), "account"),
        text::count(u64::from(privileged))
    )
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
pub fn profile(id: HostId, digest: &Digest, logs: &HostLogs, ctx: &Ctx<'_>) -> Vec<Pair> {
    let Some(host) = ctx.snapshot.tables.host(id) else { return Vec::new() };
    let count = |number: u32| text::count(u64::from(number));
    let boot = match host.booted_at {
        Some(at) => Pair::new("boots", format!("last {}, {} seen", ctx.date_time(at), host.boot)),
        None => Pair::new("boots", "none seen: sessions of an earlier boot may look open").meaning(Meaning::Uncertain),
    };
    let mut pairs = vec![
        Pair::new("seen", ctx.seen(host.first, host.last)),
        Pair::new("logs", words::or_absent(logs.logs.clone())),
        Pair::new("now", now(id, digest, ctx)),
        Pair::new(
            "all",
            format!(
                "{}, {}, {}",
                words::plural(host.visits as usize, "session"),
                words::plural(digest.accounts.list.len(), "account"),
                words::plural(digest.sources.list.len(), "source")
            ),
        ),
        Pair::new("tried", format!("{} ok, {} failed, {} events", count(host.successes), count(host.failures), count(host.events)))
            .meaning(if host.failures > host.successes { Meaning::Failure } else { Meaning::Text }),
        boot,
        Pair::new("gaps", words::or_absent(logs.gaps.clone())),
    ];
    pairs.extend(host.clock.map(|known| clock(known, ctx)));
    let other = host.aliases().map(|name| format!("{} ({})", ctx.snapshot.names.shown(name.name), name.by.word()));
    let other: Vec<String> = other.collect();
    if !other.is_empty() {
        pairs.push(Pair::new("also", other.join(", ")));
    }
    for (word, id) in [("now", host.renamed_to), ("was", host.renamed_from)] {
        if id.is_some() {
            pairs.push(Pair::new(word, format!("{} (renamed, 6011)", words::host(id, ctx))));
        }
    }
    pairs.extend(logs.incidents.iter().map(|words| Pair::new("log", words.clone()).meaning(Meaning::Strong)));
    pairs
}
