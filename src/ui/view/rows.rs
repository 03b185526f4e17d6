//! Rows of events and of sessions as tables show them, in lists and in panes.

use super::{Ctx, Selection, words};
use crate::base::text;
use crate::model::event::{AuthEvent, Tri};
use crate::model::ids::{EventId, SessionId, VisitId};
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
/// Events of one session or logon, where account, host and source are known.
pub const OWN_EVENTS: &[Column<E>] = &[
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
    /// How many logons it is made of, unless one.
    Logons,
    Length,
    Bar,
}

use SessionColumn as S;

const BAR: Column<S> = Column::new(S::Bar, "", 12).grow(1).drop(3);
const FRONT: [Column<S>; 5] = [
    Column::new(S::Severity, "", 1),
    Column::new(S::Lane, "type", 5).right(),
    Column::new(S::Start, "start", 15),
    Column::new(S::Length, "length", 7).right(),
    Column::new(S::Logons, "logons", 6).right().drop(2),
];
const WHO: Column<S> = Column::new(S::Account, "account", 20);
const WHERE: Column<S> = Column::new(S::Host, "host", 12);
const FROM: Column<S> = Column::new(S::Source, "source", 15);
pub const ACCOUNT_SESSIONS: &[Column<S>] = &[FRONT[0], FRONT[1], WHERE, FROM, FRONT[2], FRONT[3], FRONT[4], BAR];
pub const HOST_SESSIONS: &[Column<S>] = &[FRONT[0], FRONT[1], WHO, FROM.drop(4), FRONT[2], FRONT[3], FRONT[4], BAR];
pub const SOURCE_SESSIONS: &[Column<S>] = &[FRONT[0], FRONT[1], WHO, WHERE, FRONT[2], FRONT[3], FRONT[4], BAR];

#[must_use]
pub fn visit_cell(id: VisitId, column: S, ctx: &Ctx<'_>) -> Cell {
    let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
    let Some(visit) = tables.visit(id) else { return Cell::dim(words::ABSENT) };
    match column {
        S::Severity => words::severity(visit.worst),
        S::Lane => Cell::text(words::type_code(visit.logon_type, visit.lane)),
        S::Account => named(words::account(visit.account, ctx)),
        // The application is what is logged on to in Entra.
        S::Host if visit.lane.is_entra() => {
            let app = tables.session(visit.first_session).map_or_else(String::new, |session| names.shown(session.logon_process));
            named(words::or_absent(app))
        }
        S::Host => named(words::host(visit.host, ctx)),
        S::Source => named(words::source(visit.source, ctx)),
        S::Start => Cell::text(ctx.day_clock(visit.start)),
        S::Logons => Cell::text(if visit.logons == 1 { String::new() } else { text::count(u64::from(visit.logons)) }),
        S::Length => {
            let meaning = match visit.end_reason {
                _ if visit.is_open() => Meaning::Open,
                reason if reason.is_inferred() => Meaning::Uncertain,
                _ => Meaning::Text,
            };
            Cell::new((visit.end_or(ctx.now()) - visit.start).words(), meaning)
        }
        S::Bar => Cell::text(""),
    }
}

/// What is under the cursor of a session table.
#[must_use]
pub fn visit_selection(id: VisitId, ctx: &Ctx<'_>) -> Selection {
    let tables = &ctx.snapshot.tables;
    let Some(visit) = tables.visit(id) else { return Selection::default() };
    let first = tables.session(visit.first_session);
    Selection {
        decided_with: Vec::new(),
        account: visit.account.some(),
        host: visit.host.some(),
        source: visit.source.some(),
        visit: Some(id),
        session: visit.first_session.some(),
        event: first.and_then(|session| session.first_event.some()).or(visit.last_event.some()),
        anomaly: None,
        at: Some(visit.start),
        term: first.filter(|session| session.logon_id.0 != 0).map(|session| ("session", session.logon_id.to_string())),
    }
}

/// What a column of the logons of a session shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogonColumn {
    Severity,
    LogonId,
    Type,
    Start,
    End,
    How,
    Elevated,
    Source,
    Events,
}

use LogonColumn as L;

pub const LOGONS: &[Column<L>] = &[
    Column::new(L::Severity, "", 1),
    Column::new(L::LogonId, "LogonId", 10),
    Column::new(L::Type, "type", 4).right(),
    Column::new(L::Start, "start", 15),
    Column::new(L::End, "length", 7).right(),
    Column::new(L::How, "end", 8).drop(1),
    Column::new(L::Elevated, "token", 5).drop(2),
    Column::new(L::Source, "from", 15).drop(4),
    Column::new(L::Events, "ev", 3).right().drop(3),
];

#[must_use]
pub fn logon_cell(id: SessionId, column: L, ctx: &Ctx<'_>) -> Cell {
    let Some(session) = ctx.snapshot.tables.session(id) else { return Cell::dim(words::ABSENT) };
    let meaning = match session.end_reason {
        _ if session.is_open() => Meaning::Open,
        reason if reason.is_inferred() => Meaning::Uncertain,
        _ => Meaning::Text,
    };
    match column {
        L::Severity => words::severity(session.worst),
        L::LogonId if session.logon_id.0 == 0 => Cell::dim(words::ABSENT),
        L::LogonId => Cell::text(session.logon_id.to_string()),
        L::Type => Cell::text(words::type_code(session.logon_type, session.lane)),
        L::Start => Cell::text(ctx.day_clock(session.start)),
        L::End => Cell::new((session.end_or(ctx.now()) - session.start).words(), meaning),
        L::How => Cell::new(session.end_reason.word(), meaning),
        L::Elevated => match session.elevated {
            Tri::Yes => Cell::text("full"),
            Tri::No => Cell::text("limit"),
            Tri::Unknown => Cell::dim(words::ABSENT),
        },
        L::Source => named(words::source(session.source, ctx)),
        L::Events => Cell::count(session.events),
    }
}
