//! The page of a source: what it is and calls itself, which accounts were tried from it and which gave in, which hosts it
//! reached.

use super::super::{Ctx, rows, words};
use super::digest::{Digest, Subject};
use super::entity::{Met, Shape};
use super::{Band, Pane, Plan};
use crate::base::{net, text};
use crate::model::ids::{AccountId, SourceId};
use crate::model::source::Source;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::table::Column;

use Pane::{Accounts, Anomalies, Events, Hosts, Outcomes, Profile, Sessions};

const BANDS: &[Band] = &[
    Band { height: 8, least: 7, grows: false, columns: &[&[Profile], &[Outcomes]] },
    Band { height: 9, least: 7, grows: true, columns: &[&[Accounts], &[Hosts]] },
    Band { height: 5, least: 5, grows: true, columns: &[&[Sessions]] },
    Band { height: 7, least: 6, grows: true, columns: &[&[Events]] },
];
const PLAN: Plan = Plan {
    wide: BANDS,
    middle: BANDS,
    panes: &[Profile, Outcomes, Anomalies, Accounts, Hosts, Sessions, Events],
    shared: &[(Outcomes, Anomalies)],
};

/// Columns of the accounts; times are as wide as they need to be.
const fn tried_in(times: u16) -> [Column<Met>; 8] {
    [
        Column::new(Met::Severity, "", 1).about("severity").sortable(),
        Column::new(Met::Name, "account", 12).sortable().grow(1),
        Column::new(Met::Failures, "failed", 6).sortable().right(),
        Column::new(Met::Successes, "ok", 4).sortable().right(),
        Column::new(Met::FirstFailure, "failed at", times).sortable().drop(2),
        Column::new(Met::FirstSuccess, "ok at", times).sortable().drop(1),
        Column::new(Met::Status, "why", 14).sortable().drop(4),
        Column::new(Met::Events, "events", 6).sortable().right().drop(3),
    ]
}
const TRIED: &[Column<Met>] = &tried_in(15);
const REACHED: &[Column<Met>] = &[
    Column::new(Met::Severity, "", 1).about("severity").sortable(),
    Column::new(Met::Name, "host", 12).sortable().grow(1),
    Column::new(Met::Lanes, "types", 8).sortable(),
    Column::new(Met::Failures, "failed", 6).sortable().right(),
    Column::new(Met::Successes, "ok", 5).sortable().right(),
    Column::new(Met::Last, "last", 15).sortable().drop(1),
];

pub const SHAPE: Shape = Shape {
    plan: &PLAN,
    met: |pane| if let Hosts = pane { REACHED } else { TRIED },
    events: rows::SOURCE_EVENTS,
    sessions: rows::SOURCE_SESSIONS,
};

/// The columns of the accounts: where all happened on one day, without it.
#[must_use]
pub fn tried(id: SourceId, ctx: &Ctx<'_>) -> Vec<Column<Met>> {
    let times = if super::entity::is_one_day(Subject::Source(id), ctx) { 9 } else { 15 };
    tried_in(times).to_vec()
}

/// Names a source claims that are told.
const NAMED: usize = 4;
/// Attempts after which accounts are usually locked out.
const LOCKOUT: u32 = 5;

#[must_use]
pub fn title(id: SourceId, ctx: &Ctx<'_>) -> String {
    let Some(source) = ctx.snapshot.tables.source(id) else { return words::ABSENT.to_owned() };
    format!("{}  {}", words::source(id, ctx), super::super::sources::class(source, ctx))
}

#[must_use]
pub fn profile(id: SourceId, digest: &Digest, ctx: &Ctx<'_>) -> Vec<Pair> {
    let Some(source) = ctx.snapshot.tables.source(id) else { return Vec::new() };
    let count = |number: u32| text::count(u64::from(number));
    let accounts = &digest.accounts.list;
    let entered = accounts.iter().filter(|tally| tally.successes > 0).count();
    let mut pairs = vec![
        Pair::new("seen", ctx.seen(source.first, source.last)),
        names(source, ctx),
        Pair::new(
            "met",
            format!(
                "{} tried, {} succeeded, {}",
                words::plural(accounts.len(), "account"),
                text::count(entered as u64),
                words::plural(digest.hosts.list.len(), "host")
            ),
        ),
        Pair::new("tried", format!("{} ok, {} failed, {} events", count(source.successes), count(source.failures), count(source.events)))
            .meaning(if source.failures > source.successes { Meaning::Failure } else { Meaning::Text }),
    ];
    pairs.extend(place(source, ctx));
    pairs.extend(notes(digest, ctx).into_iter().map(|note| Pair { label: "note", ..note }));
    pairs
}

/// Where it is and whose network it is in, and who says so; why not, where that could be known.
pub fn place(source: &Source, ctx: &Ctx<'_>) -> Option<Pair> {
    let (place, shown) = (source.whereabouts(), |symbol| ctx.snapshot.names.shown(symbol));
    let databases = &ctx.snapshot.tables.databases;
    if place.is_none() {
        let is_public = source.address.is_some_and(|address| net::class(address) == net::AddressClass::Public);
        let why = if databases.is_empty() { "not known: no database; --geo FILE" } else { "not in the databases" };
        return is_public.then(|| Pair::new("place", why).meaning(Meaning::Dim));
    }
    let asn = if place.asn == 0 { String::new() } else { format!("AS{}", place.asn) };
    let parts = [shown(place.country), shown(place.city), asn, shown(place.organisation)];
    let mut words: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if let (true, Some((latitude, longitude))) = (words.is_empty(), place.coordinates) {
        words.push(format!("{latitude:.2}, {longitude:.2}"));
    }
    let by = match (source.country.is_some() || source.asn != 0, source.place.is_none(), source.place.country.is_none()) {
        (true, ..) => "as Entra states it",
        (false, false, true) if databases.is_empty() => "by [site] places",
        _ => "by --geo",
    };
    Some(Pair::new("place", format!("{} ({by})", words.join("  "))))
}

/// The names the client claimed, with their times: who claims two is worth a look.
pub fn names(source: &Source, ctx: &Ctx<'_>) -> Pair {
    let mut claimed = source.claims();
    claimed.sort_by_key(|claim| claim.first);
    let more = claimed.len().saturating_sub(NAMED) + source.forgotten_claims() as usize;
    let mut told: Vec<String> = claimed
        .iter()
        .take(NAMED)
        .map(|claim| {
            let name = ctx.snapshot.names.shown(claim.name);
            let (from, to) = (ctx.day_clock(claim.first), ctx.day_clock(claim.last));
            if from == to { format!("{name} ({from})") } else { format!("{name} ({from} .. {to})") }
        })
        .collect();
    if more > 0 {
        told.push(format!("{more} more"));
    }
    match told.len() {
        0 => Pair::new("names", "none claimed"),
        1 => Pair::new("name", format!("{}, as the client claims", told.concat())),
        _ => Pair::new("names", format!("{}, as the client claims", told.join(", "))).meaning(Meaning::Strong),
    }
}

/// What stands out: the account that gave in after failures, and attempts few enough not to lock accounts.
#[must_use]
pub fn notes(digest: &Digest, ctx: &Ctx<'_>) -> Vec<Pair> {
    let accounts = &digest.accounts.list;
    let mut notes = Vec::new();
    let first = accounts.iter().filter_map(|tally| Some((tally.gave_in()?, tally.row))).min_by_key(|((_, success), _)| *success);
    if let Some(((failure, success), row)) = first {
        let name = words::account(AccountId::new(row), ctx);
        let words = format!("first ok after failures: {name} {}, {} after the first", ctx.day_clock(success), (success - failure).words());
        notes.push(Pair::new("", words).meaning(Meaning::Strong));
    }
    let failed = accounts.iter().filter(|tally| tally.failures > 0).count();
    let most = accounts.iter().map(|tally| tally.failures).max().unwrap_or(0);
    if failed >= 3 && most < LOCKOUT {
        let tries = if most == 1 { "1 failure".to_owned() } else { format!("at most {most} failures") };
        let words = format!("{tries} for each of {failed} accounts: stays under a lockout limit of {LOCKOUT}");
        notes.push(Pair::new("", words));
    }
    notes
}
