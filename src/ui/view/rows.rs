//! Rows of events and of sessions as tables show them, in lists and in panes.

use super::{Ctx, Selection, words};
use crate::model::event::AuthEvent;
use crate::model::ids::{EventId, SessionId};
use crate::model::world::Row;
use crate::ui::theme::Meaning;
use crate::ui::widget::table::{Cell, Column};

/// What a column of an event table shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventColumn {
    /// Date and time.
    Date,
    /// Month, day and time.
    Day,
    Id,
    Lane,
    Outcome,
    Account,
    Host,
    Source,
    Detail,
}

use EventColumn as E;

const ID: Column<E> = Column::new(E::Id, "id", 5).right().field("id");
const LANE: Column<E> = Column::new(E::Lane, "type", 5).right().field("type");
const OUTCOME: Column<E> = Column::new(E::Outcome, "outcome", 16).grow(1).field("outcome");
const ACCOUNT: Column<E> = Column::new(E::Account, "account", 18).grow(1).field("account");
const HOST: Column<E> = Column::new(E::Host, "host", 12).field("host");
const SOURCE: Column<E> = Column::new(E::Source, "source", 15).field("source");
const DETAIL: Column<E> = Column::new(E::Detail, "detail", 16).grow(2).drop(1);

/// Columns of the list of events: with the year where there is room.
#[must_use]
pub const fn event_columns(width: u16) -> &'static [Column<E>] {
    const WIDE: &[Column<E>] = &[Column::new(E::Date, "time", 20), ID, LANE, OUTCOME, ACCOUNT, HOST, SOURCE, DETAIL];
    const NARROW: &[Column<E>] =
        &[Column::new(E::Day, "time", 15), ID, LANE.drop(2), OUTCOME, ACCOUNT, HOST, SOURCE.drop(3), DETAIL.drop(4)];
    if width >= 110 { WIDE } else { NARROW }
}
pub const ACCOUNT_EVENTS: &[Column<E>] = &[Column::new(E::Day, "time", 15), ID, LANE, OUTCOME, HOST, SOURCE, DETAIL];
pub const HOST_EVENTS: &[Column<E>] = &[Column::new(E::Day, "time", 15), ID, LANE.drop(2), OUTCOME, ACCOUNT, SOURCE, DETAIL];
pub const SOURCE_EVENTS: &[Column<E>] = &[Column::new(E::Day, "time", 15), ID, LANE.drop(2), OUTCOME, ACCOUNT, HOST, DETAIL];
/// Events of one session, where account, host and source are known.
pub const SESSION_EVENTS: &[Column<E>] = &[
    Column::new(E::Day, "time", 15),
    ID,
    Column::new(E::Outcome, "outcome", 7).field("outcome").drop(2),
    Column::new(E::Detail, "what", 16).grow(1),
];

#[must_use]
pub fn event_cell(id: EventId, column: E, ctx: &Ctx<'_>) -> Cell {
    let Some(row) = ctx.snapshot.tables.event(id) else { return Cell::dim(words::ABSENT) };
    let event = &row.event;
    match column {
        E::Date => Cell::text(ctx.zone.date_time(event.at)),
        E::Day => Cell::text(ctx.day_clock(event.at)),
        E::Id => Cell::text(words::event_id(event)),
        E::Lane => Cell::text(words::lane_code(event)),
        E::Outcome => words::outcome(event, ctx.glyphs.failure),
        E::Account => named(words::account(row.account, ctx)),
        E::Host => named(words::host(row.host, ctx)),
        E::Source => named(words::source(row.source, ctx)),
        E::Detail => Cell::dim(detail(event, ctx)),
    }
}

fn detail(event: &AuthEvent, ctx: &Ctx<'_>) -> String {
    let words = words::detail(event, &ctx.snapshot.names);
    if words.is_empty() { words::kind(event.kind).to_owned() } else { words }
}

#[must_use]
pub fn named(name: String) -> Cell {
    if name == words::ABSENT { Cell::dim(name) } else { Cell::text(name) }
}

/// The filter value of the cell, in the language of the filter; `None` for cells that no filter can name.
#[must_use]
pub fn event_term(row: &Row, column: E, ctx: &Ctx<'_>) -> Option<(&'static str, String)> {
    let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
    let event = &row.event;
    match column {
        E::Id => (event.event_id != 0).then(|| ("id", event.event_id.to_string())),
        E::Lane => match (event.logon_type.number(), event.lane()) {
            (Some(number), _) => Some(("type", number.to_string())),
            (None, Some(lane)) => Some(("lane", lane.word().to_owned())),
            (None, None) => None,
        },
        E::Outcome if event.status.is_some() && event.status.code != 0 => Some(("status", event.status.code_text())),
        E::Outcome => (event.outcome.word() != words::ABSENT).then(|| ("outcome", event.outcome.word().to_owned())),
        E::Account => tables.account(row.account).map(|account| ("account", account.name(names))),
        E::Host => tables.host(row.host).map(|host| ("host", names.shown(host.name))),
        E::Source => tables.source(row.source).map(|source| ("source", source.name(names))),
        E::Date | E::Day | E::Detail => None,
    }
}

/// What is under the cursor of an event table.
#[must_use]
pub fn event_selection(id: EventId, column: Option<E>, ctx: &Ctx<'_>) -> Selection {
    let Some(row) = ctx.snapshot.tables.event(id) else { return Selection::default() };
    let term = column.and_then(|column| event_term(row, column, ctx)).or_else(|| event_term(row, E::Account, ctx));
    Selection { term, ..words::selection_of(id, row) }
}

/// What a column of a session table shows; `Bar` is drawn over by the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionColumn {
    Severity,
    Lane,
    Account,
    Host,
    Source,
    Start,
    Length,
    Bar,
}

use SessionColumn as S;

const BAR: Column<S> = Column::new(S::Bar, "", 12).grow(1).drop(3);
const FRONT: [Column<S>; 4] = [
    Column::new(S::Severity, "", 1),
    Column::new(S::Lane, "type", 5).right(),
    Column::new(S::Start, "start", 15),
    Column::new(S::Length, "length", 7).right(),
];
const WHO: Column<S> = Column::new(S::Account, "account", 20);
const WHERE: Column<S> = Column::new(S::Host, "host", 12);
const FROM: Column<S> = Column::new(S::Source, "source", 15);
pub const ACCOUNT_SESSIONS: &[Column<S>] = &[FRONT[0], FRONT[1], WHERE, FROM, FRONT[2], FRONT[3], BAR];
pub const HOST_SESSIONS: &[Column<S>] = &[FRONT[0], FRONT[1], WHO, FROM.drop(4), FRONT[2], FRONT[3], BAR];
pub const SOURCE_SESSIONS: &[Column<S>] = &[FRONT[0], FRONT[1], WHO, WHERE, FRONT[2], FRONT[3], BAR];

#[must_use]
pub fn session_cell(id: SessionId, column: S, ctx: &Ctx<'_>) -> Cell {
    let Some(session) = ctx.snapshot.tables.session(id) else { return Cell::dim(words::ABSENT) };
    match column {
        S::Severity => words::severity(session.worst),
        S::Lane => Cell::text(words::session_code(session)),
        S::Account => named(words::account(session.account, ctx)),
        // The application is what is logged on to in Entra.
        S::Host if session.lane.is_entra() => Cell::text(words::or_absent(ctx.snapshot.names.shown(session.logon_process))),
        S::Host => named(words::host(session.host, ctx)),
        S::Source => named(words::source(session.source, ctx)),
        S::Start => Cell::text(ctx.day_clock(session.start)),
        S::Length => {
            let meaning = match session.end_reason {
                reason if reason.is_inferred() => Meaning::Uncertain,
                _ if session.is_open() => Meaning::Open,
                _ => Meaning::Text,
            };
            Cell::new((session.end_or(ctx.now()) - session.start).words(), meaning)
        }
        S::Bar => Cell::text(""),
    }
}
