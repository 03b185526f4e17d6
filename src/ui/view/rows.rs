//! Rows of sessions as tables show them, in lists and in panes; those of events stand in `event_cells`.

pub use super::event_cells::{
    ACCOUNT_EVENTS, EventColumn, HOST_EVENTS, OWN_EVENTS, SOURCE_EVENTS, event_cell, event_columns, event_key, event_selection, event_term,
    is_of_groups,
};
use super::order::Key;
use super::{Ctx, Selection, words};
use crate::base::text;
use crate::model::event::Tri;
use crate::model::ids::{SessionId, VisitId};
use crate::ui::theme::Meaning;
use crate::ui::widget::table::{Cell, Column};

#[must_use]
pub fn named(name: String) -> Cell {
    if name == words::ABSENT { Cell::dim(name) } else { Cell::text(name) }
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

const BAR: Column<S> = Column::new(S::Bar, "", 12).about("chart").grow(1).drop(3);
const FRONT: [Column<S>; 5] = [
    Column::new(S::Severity, "", 1).about("severity").sortable(),
    Column::new(S::Lane, "type", 5).right().sortable(),
    Column::new(S::Start, "start", 15).sortable(),
    Column::new(S::Length, "length", 7).right().sortable(),
    Column::new(S::Logons, "logons", 6).right().sortable().drop(2),
];
const WHO: Column<S> = Column::new(S::Account, "account", 20).sortable();
const WHERE: Column<S> = Column::new(S::Host, "host", 12).sortable();
const FROM: Column<S> = Column::new(S::Source, "source", 15).sortable();
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

/// What a session table is sorted by.
#[must_use]
pub fn visit_key(id: VisitId, column: S, ctx: &Ctx<'_>) -> Key {
    let Some(visit) = ctx.snapshot.tables.visit(id) else { return Key::Nothing };
    match column {
        S::Severity => visit.worst.map_or(Key::Nothing, |worst| Key::Number(worst as i64)),
        S::Start => Key::time(Some(visit.start)),
        S::Length => Key::Number((visit.end_or(ctx.now()) - visit.start).as_ticks()),
        S::Logons => Key::Number(visit.logons.into()),
        column => Key::of(&visit_cell(id, column, ctx)),
    }
}

/// What is under the cursor of a session table.
#[must_use]
pub fn visit_selection(id: VisitId, ctx: &Ctx<'_>) -> Selection {
    let tables = &ctx.snapshot.tables;
    let Some(visit) = tables.visit(id) else { return Selection::default() };
    let first = tables.session(visit.first_session);
    Selection {
        account: visit.account.some(),
        host: visit.host.some(),
        source: visit.source.some(),
        visit: Some(id),
        session: visit.first_session.some(),
        event: first.as_ref().and_then(|session| session.first_event.some()).or(visit.last_event.some()),
        at: Some(visit.start),
        term: first.filter(|session| session.logon_id.0 != 0).map(|session| ("session", session.logon_id.to_string())),
        ..Selection::default()
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
    Column::new(L::Severity, "", 1).about("severity").sortable(),
    Column::new(L::LogonId, "LogonId", 10).sortable(),
    Column::new(L::Type, "type", 4).right().sortable(),
    Column::new(L::Start, "start", 15).sortable(),
    Column::new(L::End, "length", 7).right().sortable(),
    Column::new(L::How, "end", 8).drop(1).sortable(),
    Column::new(L::Elevated, "token", 5).drop(2).sortable(),
    Column::new(L::Source, "from", 15).drop(4).sortable(),
    Column::new(L::Events, "ev", 3).right().drop(3).sortable(),
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

/// What the logons of a session are sorted by.
#[must_use]
pub fn logon_key(id: SessionId, column: L, ctx: &Ctx<'_>) -> Key {
    let Some(session) = ctx.snapshot.tables.session(id) else { return Key::Nothing };
    match column {
        L::Severity => session.worst.map_or(Key::Nothing, |worst| Key::Number(worst as i64)),
        L::Start => Key::time(Some(session.start)),
        L::End => Key::Number((session.end_or(ctx.now()) - session.start).as_ticks()),
        column => Key::of(&logon_cell(id, column, ctx)),
    }
}
