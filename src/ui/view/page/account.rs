//! The page of an account: what it is, when it works, where and from where, and what is odd about it.

use super::super::{Ctx, rows, words};
use super::digest::Digest;
use super::entity::{Met, Shape};
use super::past::Past;
use super::{Band, Pane, Plan};
use crate::base::text;
use crate::model::account::{Account, HourCounts, Learned};
use crate::model::alias::{Alias, Evidence, Joined};
use crate::model::ids::AccountId;
use crate::model::lane::Lane;
use crate::ui::theme::Meaning;
use crate::ui::widget::heat::{self, Hour};
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::table::Column;

use Pane::{Anomalies, Events, Hosts, Hours, Profile, Sessions, Sources};

const PLAN: Plan = Plan {
    wide: &[
        Band { height: 9, least: 7, grows: false, columns: &[&[Profile], &[Anomalies]] },
        Band { height: 11, least: 10, grows: false, columns: &[&[Hours], &[Hosts], &[Sources]] },
        Band { height: 5, least: 4, grows: true, columns: &[&[Sessions]] },
        Band { height: 6, least: 5, grows: true, columns: &[&[Events]] },
    ],
    middle: &[
        Band { height: 9, least: 7, grows: false, columns: &[&[Profile], &[Anomalies]] },
        Band { height: 10, least: 10, grows: false, columns: &[&[Hours], &[Hosts, Sources]] },
        Band { height: 5, least: 4, grows: true, columns: &[&[Sessions]] },
        Band { height: 6, least: 5, grows: true, columns: &[&[Events]] },
    ],
    panes: &[Profile, Anomalies, Hours, Hosts, Sources, Sessions, Events],
    shared: &[],
};

const MET: &[Column<Met>] = &[
    Column::new(Met::Severity, "", 1).about("severity").sortable(),
    Column::new(Met::Name, "name", 12).sortable().grow(1),
    Column::new(Met::Sessions, "sessions", 8).sortable().right(),
    Column::new(Met::Failures, "failed", 6).sortable().right(),
    Column::new(Met::Meter, "", 8).about("share").sortable().drop(2),
    Column::new(Met::Last, "last", 15).sortable().drop(1),
    Column::new(Met::Usual, "usual", 11).about("days in the history, or first day here").sortable().extra(),
];

pub const SHAPE: Shape = Shape { plan: &PLAN, met: |_| MET, events: rows::ACCOUNT_EVENTS, sessions: rows::ACCOUNT_SESSIONS };

/// Name, class, privileges.
#[must_use]
pub fn title(id: AccountId, ctx: &Ctx<'_>) -> String {
    let Some(account) = ctx.snapshot.tables.account(id) else { return words::ABSENT.to_owned() };
    let privileged = if account.privileged { "  privileged (4672)" } else { "" };
    format!("{}  {}{privileged}", words::account(id, ctx), account.class.word())
}

#[must_use]
pub fn profile(id: AccountId, (digest, past): (&Digest, &Past), ctx: &Ctx<'_>) -> Vec<Pair> {
    let Some(account) = ctx.snapshot.tables.account(id) else { return Vec::new() };
    let names = &ctx.snapshot.names;
    let count = |number: u32| text::count(u64::from(number));
    let mut pairs = vec![
        Pair::new("seen", ctx.seen(account.first, account.last)),
        Pair::new(
            "sessions",
            format!(
                "{}, {} open now, {}, {}",
                count(account.visits),
                count(account.open_visits),
                words::plural(digest.hosts.list.len(), "host"),
                words::plural(digest.sources.list.len(), "source")
            ),
        ),
        Pair::new(
            "tried",
            format!("{} ok, {} failed, {} events", count(account.successes), count(account.failures), count(account.events)),
        )
        .meaning(if account.failures > account.successes { Meaning::Failure } else { Meaning::Text }),
        Pair::new("types", types(account)),
        Pair::new("known", known(account)),
        Pair::new("class", format!("{}: {}", account.class.word(), words::or_absent(account.class_reason.to_owned()))),
    ];
    if let Some(joined) = account.joined.as_deref().filter(|joined| !joined.aliases.is_empty()) {
        pairs.insert(pairs.len() - 1, Pair::new("also", also_known_as(joined, ctx)));
    }
    if account.object_id.is_some() && account.object_id != account.sid {
        pairs.insert(1, Pair::new("id", names.shown(account.object_id)));
    }
    if account.sid.is_some() {
        let label = if names.raw(account.sid).starts_with("S-1-") { "SID" } else { "id" };
        pairs.insert(1, Pair::new(label, names.shown(account.sid)));
    }
    // Behind what is seen now, before what may be cut.
    let place = pairs.iter().position(|pair| pair.label == "types").unwrap_or(pairs.len());
    pairs.splice(place..place, past.pairs(ctx));
    pairs
}

/// What detections go by: `learning: 9 of 14 days; 3 hosts, 2 sources, 1 client, 21 hours of the week`.
pub fn known(account: &Account) -> String {
    let learned = account.learned;
    let hours = account.hours.as_deref().map_or(0, |hours| hours.iter().filter(|count| **count > 0).count());
    let days = match learned.is_enough() {
        true => format!("by {}", words::plural(learned.days.into(), "day")),
        false => format!("learning: {} of {} days", learned.days, Learned::ENOUGH_DAYS),
    };
    let hours = words::plural_of(hours, "hour of the week", "hours of the week");
    let counts = [(learned.hosts, "host"), (learned.sources, "source"), (learned.clients, "client")];
    let mut counts: Vec<String> = counts.into_iter().map(|(count, noun)| words::plural(count.into(), noun)).collect();
    counts.push(hours);
    format!("{days}; {}", counts.join(", "))
}

/// The other names by what proved them, and old names with when they were given up:
/// `corp.example\\x by SID; x@corp.example by UPN; jdoe until 03-14 09:00, 4781`.
pub fn also_known_as(joined: &Joined, ctx: &Ctx<'_>) -> String {
    let name = |alias: &Alias| text::clean(&alias.name.key(&ctx.snapshot.names)).into_owned();
    let words = joined.aliases.iter().map(|alias| match alias.by {
        Evidence::Rename => format!("{} until {}, 4781", name(alias), ctx.day_clock(alias.since)),
        by => format!("{} by {}", name(alias), by.word()),
    });
    let mut words: Vec<String> = words.collect();
    if joined.more > 0 {
        words.push(format!("{} more", text::count(u64::from(joined.more))));
    }
    words.join("; ")
}

/// Share of each lane among the sessions, most first: `5 Service 61%  3 Network 38%`.
pub fn types(account: &Account) -> String {
    let all: u64 = account.by_lane.iter().map(|count| u64::from(*count)).sum();
    let mut shares: Vec<(Lane, u64)> = Lane::ALL.into_iter().zip(account.by_lane.iter().map(|count| u64::from(*count))).collect();
    shares.retain(|(_, count)| *count > 0);
    shares.sort_by_key(|(lane, count)| (std::cmp::Reverse(*count), *lane));
    let words: Vec<String> = shares
        .into_iter()
        .map(|(lane, count)| {
            let name = if lane.is_entra() { format!("Entra {}", lane.name()) } else { lane.name().to_owned() };
            match count * 100 / all.max(1) {
                0 => format!("{name} {count}"),
                share => format!("{name} {share}%"),
            }
        })
        .collect();
    words::or_absent(words.join("  "))
}

/// Hours of the week with their counts, busiest first.
fn by_count(hours: &HourCounts, ahead: i64) -> Vec<(u32, usize)> {
    let mut order: Vec<(u32, usize)> = (0..168).map(|hour| (heat::count(hours, hour, ahead), hour)).collect();
    order.sort_by_key(|(count, hour)| (std::cmp::Reverse(*count), *hour));
    order
}

fn total(hours: &HourCounts) -> u64 {
    hours.iter().map(|count| u64::from(*count)).sum()
}

/// `busiest Mon 03h: 12 of 120 logons`
#[must_use]
pub fn busiest(hours: &HourCounts, ahead: i64) -> String {
    match by_count(hours, ahead).first() {
        Some((most, hour)) if *most > 0 => {
            format!(
                "busiest {}: {} of {}",
                Hour(*hour).words(),
                text::count(u64::from(*most)),
                words::plural(usize::try_from(total(hours)).unwrap_or(0), "logon")
            )
        }
        _ => "no logon yet".to_owned(),
    }
}

/// How much the week is a habit: `80% of 120 logons fall into 9 of 168 hours`.
fn habit(hours: &HourCounts, ahead: i64) -> String {
    let all = usize::try_from(total(hours)).unwrap_or(0);
    format!("80% of {} fall into {} of 168 hours", words::plural(all, "logon"), busy(hours, ahead).count())
}

/// The fewest hours of the week that hold 80% of the logons.
fn busy(hours: &HourCounts, ahead: i64) -> impl Iterator<Item = usize> {
    let (all, mut sum) = (total(hours), 0);
    let order = by_count(hours, ahead).into_iter();
    let needed = order.take_while(move |(count, _)| {
        let short = sum * 5 < all * 4;
        sum += u64::from(*count);
        short
    });
    needed.map(|(_, hour)| hour)
}

/// Whether an hour of the week, as the zone shows it, is usual: one of the few that hold 80% of the logons, of these logs
/// or of the history, or as busy as one of them.
#[must_use]
pub fn usual(hours: &HourCounts, past: Option<&HourCounts>, ahead: i64) -> [bool; 168] {
    let mut usual = [false; 168];
    for hours in std::iter::once(hours).chain(past) {
        let Some(least) = busy(hours, ahead).map(|hour| heat::count(hours, hour, ahead)).min() else { continue };
        for (hour, spot) in usual.iter_mut().enumerate() {
            *spot |= heat::count(hours, hour, ahead) >= least;
        }
    }
    usual
}

/// What the sign of the heat map means: `o not usual; usual: 9 of 168 hours`.
#[must_use]
pub fn usual_words(usual: &[bool; 168]) -> String {
    format!("{} not usual; usual: {} of 168 hours", heat::UNUSUAL, usual.iter().filter(|usual| **usual).count())
}

/// What the heat map holds under its cursor.
#[must_use]
pub fn hour_sentence(id: AccountId, hour: Hour, past: &Past, baseline: bool, ctx: &Ctx<'_>) -> String {
    let ahead = heat::offset(ctx.zone, ctx.now());
    let before = past.hour_words(hour.0, ahead);
    let Some(hours) = ctx.snapshot.tables.account(id).and_then(|account| account.hours.clone()) else {
        return format!("no logon of {} yet{}", words::account(id, ctx), before.map_or_else(String::new, |words| format!("; {words}")));
    };
    let count = usize::try_from(heat::count(&hours, hour.0, ahead)).unwrap_or(0);
    let then = before.unwrap_or_else(|| habit(&hours, ahead));
    let is_usual = usual(&hours, past.hours(), ahead).get(hour.0).copied().unwrap_or(false);
    let usual = match (baseline, is_usual) {
        (false, _) => "",
        (true, true) => "a usual hour; ",
        (true, false) => "not a usual hour; ",
    };
    format!("{}: {} of {}; {usual}{then}", hour.words(), words::plural(count, "logon"), words::account(id, ctx))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_hours_hold_most_of_the_logons_of_these_logs_or_of_the_history() {
        let (mut hours, mut past) = ([0; 168], [0; 168]);
        (hours[9], hours[10], hours[33], hours[40]) = (50, 30, 10, 10);
        past[100] = 5;
        let places = |usual: [bool; 168]| -> Vec<usize> { (0..168).filter(|hour| usual[*hour]).collect() };
        assert_eq!(places(usual(&hours, None, 0)), [9, 10]);
        assert_eq!(places(usual(&hours, None, -10)), [0, 167]);
        assert_eq!(places(usual(&hours, Some(&past), 0)), [9, 10, 100]);
        assert!(places(usual(&[0; 168], None, 0)).is_empty());
        // Among hours that are equally busy none is less usual.
        assert_eq!(places(usual(&std::array::from_fn(|hour| u32::from(hour < 5)), None, 0)), [0, 1, 2, 3, 4]);
    }
}
