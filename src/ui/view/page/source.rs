//! The page of a source: what it is, which accounts were tried from it and which gave in, which hosts it reached.

use super::super::{Ctx, rows, words};
use super::digest::Digest;
use super::entity::{Met, Shape};
use super::{Band, Pane, Plan};
use crate::base::text;
use crate::model::ids::SourceId;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::table::Column;

use Pane::{Accounts, Anomalies, Events, Hosts, Profile, Sessions};

const BANDS: &[Band] = &[
    Band { height: 8, least: 7, grows: false, columns: &[&[Profile], &[Anomalies]] },
    Band { height: 9, least: 7, grows: true, columns: &[&[Accounts], &[Hosts]] },
    Band { height: 5, least: 5, grows: true, columns: &[&[Sessions]] },
    Band { height: 7, least: 6, grows: true, columns: &[&[Events]] },
];
const PLAN: Plan = Plan { wide: BANDS, middle: BANDS, panes: &[Profile, Anomalies, Accounts, Hosts, Sessions, Events] };

const MET: &[Column<Met>] = &[
    Column::new(Met::Severity, "", 1),
    Column::new(Met::Name, "name", 12).grow(1),
    Column::new(Met::Events, "events", 6).right().drop(3),
    Column::new(Met::Failures, "failed", 6).right(),
    Column::new(Met::Successes, "ok", 6).right(),
    Column::new(Met::FirstFailure, "first failed", 15).drop(2),
    Column::new(Met::FirstSuccess, "first ok", 15).drop(1),
];

pub const SHAPE: Shape = Shape { plan: &PLAN, met: MET, events: rows::SOURCE_EVENTS, sessions: rows::SOURCE_SESSIONS };

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
        Pair::new("seen", words::seen(source.first, source.last, ctx.zone)),
        Pair::new("name", format!("{} (as the client claims)", words::or_absent(ctx.snapshot.names.shown(source.workstation)))),
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
    // The account that was guessed: the first success of one that had failed before from here.
    let guessed = accounts
        .iter()
        .filter_map(|tally| Some((tally.first_success?, tally.first_failure?, tally.row)))
        .filter(|(success, failure, _)| success > failure)
        .min();
    if let Some((success, failure, row)) = guessed {
        let name = words::account(crate::model::ids::AccountId::new(row), ctx);
        let words = format!("ok after failures: {name} {}, {} after the first", ctx.day_clock(success), (success - failure).words());
        pairs.push(Pair::new("note", words).meaning(Meaning::Strong));
    }
    pairs
}
