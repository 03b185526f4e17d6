//! Columns of event tables and what stands in them: the usual ones, and all that a record may state for those who choose.

use super::order::Key;
use super::rows::named;
use super::{Ctx, Selection, words};
use crate::base::intern::Symbol;
use crate::base::text;
use crate::model::event::{AuthEvent, MfaResult, SignIn, Tri};
use crate::model::ids::EventId;
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
    /// Time to the millisecond.
    Exact,
    /// Of grouped events: when the first was, and how many.
    Since,
    Count,
    Id,
    Lane,
    Outcome,
    Account,
    Host,
    Source,
    Detail,
    Severity,
    Record,
    Input,
    Channel,
    Workstation,
    Port,
    Process,
    LogonProcess,
    Auth,
    Code,
    SubStatus,
    LogonId,
    Domain,
    Sid,
    Subject,
    Target,
    Elevated,
    App,
    Resource,
    Client,
    Country,
    Asn,
    Mfa,
    Risk,
}

use EventColumn as E;

const ID: Column<E> = Column::new(E::Id, "id", 5).about("event id").right().field("id").sortable();
const LANE: Column<E> = Column::new(E::Lane, "type", 5).about("logon type, or lane").right().field("type").sortable();
const OUTCOME: Column<E> = Column::new(E::Outcome, "outcome", 16).grow(1).field("outcome").sortable();
const ACCOUNT: Column<E> = Column::new(E::Account, "account", 18).grow(1).field("account").sortable();
const HOST: Column<E> = Column::new(E::Host, "host", 12).field("host").sortable();
const SOURCE: Column<E> = Column::new(E::Source, "source", 15).field("source").sortable();
const DETAIL: Column<E> = Column::new(E::Detail, "detail", 16).grow(2).drop(1).sortable();
const SINCE: Column<E> = Column::new(E::Since, "since", 15).about("first event of the group").extra();
const COUNT: Column<E> = Column::new(E::Count, "n", 6).about("events of the group").right().extra();

/// A column that is there to be chosen.
const fn more(key: E, title: &'static str, width: u16, about: &'static str) -> Column<E> {
    Column::new(key, title, width).about(about).drop(9).extra().sortable()
}

const EXACT: Column<E> = more(E::Exact, "exact", 24, "time to the millisecond");
const SEVERITY: Column<E> = more(E::Severity, "sev", 3, "of the worst anomaly it is evidence of");
const RECORD: Column<E> = more(E::Record, "record", 11, "EventRecordID").right();
const INPUT: Column<E> = more(E::Input, "input", 20, "file or stream it came from");
const CHANNEL: Column<E> = more(E::Channel, "channel", 16, "log it was written to");
const WORKSTATION: Column<E> = more(E::Workstation, "workstation", 14, "name the client claimed").field("workstation");
const PORT: Column<E> = more(E::Port, "port", 5, "of the client").right();
const PROCESS: Column<E> = more(E::Process, "process", 24, "image of the caller").field("process");
const LOGON_PROCESS: Column<E> = more(E::LogonProcess, "via", 12, "logon process, such as NtLmSsp").field("process");
const AUTH: Column<E> = more(E::Auth, "auth", 12, "authentication package").field("auth");
const CODE: Column<E> = more(E::Code, "status", 10, "status code").field("status");
const SUB_STATUS: Column<E> = more(E::SubStatus, "sub status", 10, "as the record states it").field("status.sub");
const LOGON_ID: Column<E> = more(E::LogonId, "logon id", 12, "or Entra session id").field("session");
const DOMAIN: Column<E> = more(E::Domain, "domain", 14, "of the account").field("domain");
const SID: Column<E> = more(E::Sid, "SID", 20, "or object id").field("sid");
const SUBJECT: Column<E> = more(E::Subject, "by", 18, "who asked for it");
const TARGET: Column<E> = more(E::Target, "target", 20, "service, server or group");
const ELEVATED: Column<E> = more(E::Elevated, "elevated", 8, "elevated token").field("elevated");
const APP: Column<E> = more(E::App, "app", 20, "Entra application").field("app");
const RESOURCE: Column<E> = more(E::Resource, "resource", 20, "Entra resource").field("resource");
const CLIENT: Column<E> = more(E::Client, "client", 20, "Entra: browser, system, device");
const COUNTRY: Column<E> = more(E::Country, "country", 7, "as logged, else by --geo").field("country");
const ASN: Column<E> = more(E::Asn, "asn", 8, "number of the network").right().field("asn");
const MFA: Column<E> = more(E::Mfa, "mfa", 8, "second factor").field("mfa");
const RISK: Column<E> = more(E::Risk, "entra risk", 10, "risk level Entra states").field("risk");

/// The columns that are shown at first, and behind them those there are to choose.
const fn with_more(first: [Column<E>; 10]) -> [Column<E>; 35] {
    let [time, since, count, id, lane, outcome, account, host, source, detail] = first;
    [
        time,
        since,
        count,
        id,
        lane,
        outcome,
        account,
        host,
        source,
        detail,
        EXACT,
        SEVERITY,
        WORKSTATION,
        AUTH,
        LOGON_PROCESS,
        CODE,
        SUB_STATUS,
        LOGON_ID,
        RECORD,
        INPUT,
        CHANNEL,
        PORT,
        PROCESS,
        DOMAIN,
        SID,
        SUBJECT,
        TARGET,
        ELEVATED,
        APP,
        RESOURCE,
        CLIENT,
        COUNTRY,
        ASN,
        MFA,
        RISK,
    ]
}

const DAY: Column<E> = Column::new(E::Day, "time", 15).sortable();

const fn of_events(time: Column<E>, narrow: bool) -> [Column<E>; 35] {
    let (lane, source, detail) = if narrow { (LANE.drop(2), SOURCE.drop(3), DETAIL.drop(4)) } else { (LANE, SOURCE, DETAIL) };
    with_more([time, SINCE, COUNT, ID, lane, OUTCOME, ACCOUNT, HOST, source, detail])
}

/// Columns of the list of events: with the year where there is room.
#[must_use]
pub const fn event_columns(width: u16) -> &'static [Column<E>] {
    const WIDE: &[Column<E>] = &of_events(Column::new(E::Date, "time", 20).sortable(), false);
    const NARROW: &[Column<E>] = &of_events(DAY, true);
    if width >= 110 { WIDE } else { NARROW }
}

/// What is the same in all rows of a page is there to be chosen.
const fn own(column: Column<E>) -> Column<E> {
    column.drop(9).extra()
}

pub const ACCOUNT_EVENTS: &[Column<E>] = &with_more([DAY, SINCE, COUNT, ID, LANE, OUTCOME, own(ACCOUNT), HOST, SOURCE, DETAIL]);
pub const HOST_EVENTS: &[Column<E>] = &with_more([DAY, SINCE, COUNT, ID, LANE.drop(2), OUTCOME, ACCOUNT, own(HOST), SOURCE, DETAIL]);
pub const SOURCE_EVENTS: &[Column<E>] = &with_more([DAY, SINCE, COUNT, ID, LANE.drop(2), OUTCOME, ACCOUNT, HOST, own(SOURCE), DETAIL]);
/// Events of one session or logon, where account, host and source are known.
pub const OWN_EVENTS: &[Column<E>] = &with_more([
    DAY,
    SINCE,
    COUNT,
    ID,
    own(LANE),
    Column::new(E::Outcome, "outcome", 7).field("outcome").drop(2).sortable(),
    own(ACCOUNT),
    own(HOST),
    own(SOURCE),
    Column::new(E::Detail, "what", 16).grow(1).sortable(),
]);

/// A column of grouped events, which only the list of events has.
#[must_use]
pub const fn is_of_groups(column: E) -> bool {
    matches!(column, E::Since | E::Count)
}

#[must_use]
pub fn event_cell(id: EventId, column: E, ctx: &Ctx<'_>) -> Cell {
    ctx.snapshot.tables.event(id).map_or_else(|| Cell::dim(words::ABSENT), |row| row_cell(id, &row, column, ctx))
}

/// Stands where the history keeps nothing.
pub const NOT_KEPT: &str = "not kept";

/// The cell of an event that is read from the history, where what is not kept is said to be so.
#[must_use]
pub fn old_cell(row: &Row, column: E, ctx: &Ctx<'_>) -> Cell {
    let cell = row_cell(EventId::NONE, row, column, ctx);
    match column {
        E::Detail => Cell::dim("from the history"),
        column if is_kept(column) => Cell { meaning: if cell.meaning == Meaning::Text { Meaning::Dim } else { cell.meaning }, ..cell },
        _ => Cell::dim(NOT_KEPT),
    }
}

/// The history keeps what the column shows.
#[must_use]
pub const fn is_kept(column: E) -> bool {
    match column {
        E::Date | E::Day | E::Exact | E::Since | E::Count | E::Id | E::Lane | E::Outcome | E::Account | E::Host | E::Source => true,
        column => matches!(column, E::Code | E::Domain | E::Sid),
    }
}

/// What is under the cursor on an event of the history.
#[must_use]
pub fn old_selection(row: &Row, column: Option<E>, ctx: &Ctx<'_>) -> Selection {
    let term = column.filter(|column| is_kept(*column)).and_then(|column| event_term(row, column, ctx));
    let term = term.or_else(|| event_term(row, E::Account, ctx));
    let text = column.map(|column| text::clean(&old_cell(row, column, ctx).text).into_owned());
    Selection { term, text, ..words::selection_of(EventId::NONE, row) }
}

fn row_cell(id: EventId, row: &Row, column: E, ctx: &Ctx<'_>) -> Cell {
    let event = &row.event;
    match column {
        E::Date => Cell::text(ctx.date_time(event.at)),
        E::Day | E::Since => Cell::text(ctx.day_clock(event.at)),
        E::Exact => Cell::text(exact(event, ctx)),
        E::Count => Cell::text("1"),
        E::Id => Cell::text(words::event_id(event)),
        E::Lane => Cell::text(words::lane_code(event)),
        E::Outcome => words::outcome(event, ctx.glyphs.failure),
        E::Account => named(words::account(row.account, ctx)),
        E::Host => named(words::host(row.host, ctx)),
        E::Source => named(words::source(row.source, ctx)),
        E::Detail => Cell::dim(detail(event, ctx)),
        E::Severity => {
            let of = crate::model::involved::Entity::Event(id);
            words::severity(ctx.snapshot.tables.anomalies_of(of).map(|(_, anomaly)| anomaly.severity).max())
        }
        column => named(words::or_absent(stated(row, column, ctx))),
    }
}

/// What an event table is sorted by.
#[must_use]
pub fn event_key(id: EventId, column: E, ctx: &Ctx<'_>) -> Key {
    match (column, ctx.snapshot.tables.event(id)) {
        (E::Date | E::Day | E::Since | E::Exact, row) => Key::time(row.map(|row| row.event.at)),
        (E::Severity, _) => {
            let of = crate::model::involved::Entity::Event(id);
            let worst = ctx.snapshot.tables.anomalies_of(of).map(|(_, anomaly)| anomaly.severity).max();
            worst.map_or(Key::Nothing, |worst| Key::Number(worst as i64))
        }
        _ => Key::of(&event_cell(id, column, ctx)),
    }
}

/// Date and time with milliseconds: `2026-03-14 09:31:20.123Z`.
fn exact(event: &AuthEvent, ctx: &Ctx<'_>) -> String {
    let millis = ctx.zone.local(event.at).format("%Y-%m-%d %H:%M:%S%.3f");
    format!("{millis}{}", ctx.zone.suffix())
}

/// What a record states, cleaned; empty where it does not.
fn stated(row: &Row, column: E, ctx: &Ctx<'_>) -> String {
    let (names, event) = (&ctx.snapshot.names, &row.event);
    let shown = |symbol: Symbol| names.shown(symbol);
    let entra = |of: fn(&SignIn) -> Symbol| event.entra.as_deref().map_or_else(String::new, |sign_in| shown(of(sign_in)));
    let place = || ctx.snapshot.tables.source(row.source).map(crate::model::source::Source::whereabouts);
    let number = |number: u64| if number == 0 { String::new() } else { number.to_string() };
    let code = |code: u32| if code == 0 { String::new() } else { format!("{code:#010X}").replacen("0X", "0x", 1) };
    match column {
        E::Record => number(event.record),
        E::Input => {
            let input = ctx.snapshot.inputs.iter().find(|input| input.id == event.provenance.input);
            input.map_or_else(String::new, |input| text::clean(&input.name()).into_owned())
        }
        E::Channel => shown(event.channel),
        E::Workstation => shown(event.workstation),
        E::Port => number(event.port.into()),
        E::Process => shown(event.process),
        E::LogonProcess => shown(event.logon_process),
        E::Auth => shown(event.lm_package.or(event.package)),
        E::Code => event.status.code_text(),
        E::SubStatus => code(event.raw_sub_status),
        E::LogonId => match event.entra.as_deref() {
            Some(sign_in) => sign_in.session_id.shown(names),
            None if event.logon_id.0 == 0 => String::new(),
            None => event.logon_id.to_string(),
        },
        E::Domain => shown(event.account.domain),
        E::Sid => shown(event.account.sid),
        E::Subject => match (shown(event.subject.user), shown(event.subject.domain)) {
            (user, domain) if user.is_empty() || domain.is_empty() => user,
            (user, domain) => format!("{user}@{domain}"),
        },
        E::Target => shown(event.target),
        E::Elevated => {
            if event.elevated == Tri::Unknown {
                String::new()
            } else {
                event.elevated.word().to_owned()
            }
        }
        E::App => entra(|sign_in| sign_in.app),
        E::Resource => entra(|sign_in| sign_in.resource),
        E::Client => event.entra.as_deref().map_or_else(String::new, |sign_in| {
            let parts = [sign_in.browser, sign_in.operating_system, sign_in.device_name].map(shown);
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
        }),
        E::Country => match entra(|sign_in| sign_in.country) {
            country if country.is_empty() => place().map_or_else(String::new, |place| shown(place.country)),
            country => country,
        },
        E::Asn => match event.entra.as_deref().map_or(0, |sign_in| sign_in.asn) {
            0 => place().map_or_else(String::new, |place| number(place.asn.into())),
            asn => number(asn.into()),
        },
        E::Mfa => match event.entra.as_deref().map(|sign_in| sign_in.mfa) {
            Some(MfaResult::Approved) => "approved".to_owned(),
            Some(MfaResult::Denied) => "denied".to_owned(),
            Some(MfaResult::None) | None => String::new(),
        },
        E::Risk => entra(|sign_in| sign_in.risk),
        _ => String::new(),
    }
}

fn detail(event: &AuthEvent, ctx: &Ctx<'_>) -> String {
    let words = words::detail(event, &ctx.snapshot.names);
    if words.is_empty() { words::kind(event.kind).to_owned() } else { words }
}

/// The field of the filter language that names what a chosen column states.
fn field(column: E) -> Option<&'static str> {
    event_columns(u16::MAX).iter().find(|other| other.key == column)?.field
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
        column => Some((field(column)?, stated(row, column, ctx))).filter(|(_, value)| !value.is_empty()),
    }
}

/// What is under the cursor of an event table.
#[must_use]
pub fn event_selection(id: EventId, column: Option<E>, ctx: &Ctx<'_>) -> Selection {
    let Some(row) = ctx.snapshot.tables.event(id) else { return Selection::default() };
    let term = column.and_then(|column| event_term(&row, column, ctx)).or_else(|| event_term(&row, E::Account, ctx));
    let text = column.map(|column| text::clean(&event_cell(id, column, ctx).text).into_owned());
    Selection { term, text, ..words::selection_of(id, &row) }
}

/// A count of events in its cell; more than one stands out.
#[must_use]
pub fn count_cell(count: usize) -> Cell {
    let words = text::count(count as u64);
    if count > 1 { Cell::new(words, Meaning::Strong) } else { Cell::dim(words) }
}
