//! How views say things: the same words for an account, an outcome, an event wherever they stand.
//!
//! Everything here is cleaned and may be drawn. Absent things are `-`.

use super::Ctx;
use crate::base::intern::{Names, Symbol};
use crate::base::time::{Timestamp, Zone};
use crate::model::anomaly::Severity;
use crate::model::event::{AuthEvent, EventKind, MfaResult, Outcome};
use crate::model::event_id;
use crate::model::ids::{AccountId, EventId, HostId, SourceId};
use crate::model::lane::Lane;
use crate::model::logon_type::LogonType;
use crate::model::session::{Session, SessionEnd};
use crate::model::visit::{Visit, VisitKind};
use crate::model::world::Row;
use crate::ui::theme::Meaning;
use crate::ui::widget::table::Cell;

pub const ABSENT: &str = "-";

#[must_use]
pub fn account(id: AccountId, ctx: &Ctx<'_>) -> String {
    let names = &ctx.snapshot.names;
    ctx.snapshot.tables.account(id).map_or_else(|| ABSENT.to_owned(), |account| or_absent(account.name(names)))
}

/// The short name of a host.
#[must_use]
pub fn host(id: HostId, ctx: &Ctx<'_>) -> String {
    ctx.snapshot.tables.host(id).map_or_else(|| ABSENT.to_owned(), |host| or_absent(host.short(&ctx.snapshot.names)))
}

#[must_use]
pub fn source(id: SourceId, ctx: &Ctx<'_>) -> String {
    ctx.snapshot.tables.source(id).map_or_else(|| ABSENT.to_owned(), |source| or_absent(source.name(&ctx.snapshot.names)))
}

#[must_use]
pub fn or_absent(words: String) -> String {
    if words.is_empty() { ABSENT.to_owned() } else { words }
}

/// A count with its noun: `1 host`, `1,200 hosts`.
#[must_use]
pub fn plural(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", crate::base::text::count(count as u64), if count == 1 { "" } else { "s" })
}

/// The same where the noun does not take an s.
#[must_use]
pub fn plural_of(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", crate::base::text::count(count as u64), if count == 1 { one } else { many })
}

/// The letter of a severity, or a blank.
#[must_use]
pub fn severity(worst: Option<Severity>) -> Cell {
    worst.map_or_else(|| Cell::text(" "), |severity| Cell::new(severity.letter().to_string(), Meaning::Severity(severity)))
}

/// A time with its day: `03-14 09:42:17Z`.
#[must_use]
pub fn moment(at: Option<Timestamp>, ctx: &Ctx<'_>) -> String {
    at.map_or_else(|| ABSENT.to_owned(), |at| ctx.day_clock(at))
}

/// How far a time lies behind or before another: `+3m 12s`, `-2d 4h`, `+0s`.
#[must_use]
pub fn distance(at: Timestamp, since: Timestamp) -> String {
    let span = at - since;
    if span.as_ticks() < 0 { span.words() } else { format!("+{}", span.words()) }
}

/// From and to, the day once when it is the same: `2026-03-14 09:19:40Z .. 09:22:58Z`.
#[must_use]
pub fn stretch(from: Timestamp, to: Timestamp, zone: Zone) -> String {
    let end = if zone.local(from).date() == zone.local(to).date() { zone.clock(to) } else { zone.date_time(to) };
    format!("{} .. {end}", zone.date_time(from))
}

/// What happened, when nothing tells more.
#[must_use]
pub const fn kind(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Logon => "logon",
        EventKind::LogonFailed => "logon failed",
        EventKind::Logoff => "logoff",
        EventKind::UserLogoff => "user asked to log off",
        EventKind::ExplicitCredentials => "explicit credentials",
        EventKind::SpecialPrivileges => "special privileges",
        EventKind::TicketGranting => "ticket-granting ticket",
        EventKind::ServiceTicket => "service ticket",
        EventKind::TicketRenewed => "ticket renewed",
        EventKind::PreAuthFailed => "Kerberos pre-authentication failed",
        EventKind::CredentialValidation => "NTLM credential check",
        EventKind::NtlmPassedOn => "NTLM check passed on",
        EventKind::SessionReconnected => "session reconnected",
        EventKind::SessionDisconnected => "session disconnected",
        EventKind::Locked => "locked",
        EventKind::Unlocked => "unlocked",
        EventKind::Boot => "boot",
        EventKind::EventLogStarted => "event log started",
        EventKind::Shutdown => "shutdown",
        EventKind::AccountCreated => "account created",
        EventKind::AccountDeleted => "account deleted",
        EventKind::GroupJoined => "added to a group",
        EventKind::SpecialGroups => "special groups assigned",
        EventKind::RemoteShell => "WinRM: shell opened by a client",
        EventKind::ClockStep => "clock set by a minute or more",
        EventKind::AccountEnabled => "account enabled",
        EventKind::AccountDisabled => "account disabled",
        EventKind::PasswordSet => "password set",
        EventKind::AccountRenamed => "account renamed",
        EventKind::HostRenamed => "computer renamed",
        EventKind::AuditPolicyChanged => "audit policy changed",
        EventKind::LockedOut => "account locked out",
        EventKind::LogCleared => "log cleared",
        EventKind::RdpSessionLogon => "RDP session logon",
        EventKind::RdpShellStarted => "RDP shell started",
        EventKind::RdpSessionLogoff => "RDP session logoff",
        EventKind::RdpSessionDisconnected => "RDP session disconnected",
        EventKind::RdpSessionReconnected => "RDP session reconnected",
        EventKind::RdpAuthenticated => "RDP client authenticated",
        EventKind::SignIn => "sign-in",
        EventKind::ScreenSaverOn => "screen saver on",
        EventKind::ScreenSaverOff => "screen saver off",
        EventKind::UncleanRestart => "restart without shutdown",
        EventKind::RdpArbitration => "session arbitration",
        EventKind::RdpSessionReplaced => "session disconnected, with reason",
        EventKind::RdpConnection => "RDP connection",
        EventKind::RdpRefused => "RDP connection refused",
        EventKind::DesktopLogon => "user logon notice",
        EventKind::DesktopLogoff => "user logoff notice",
        EventKind::ProfileUnloaded => "profile: logoff done",
        EventKind::GatewayConnected => "gateway: connected",
        EventKind::GatewayDisconnected => "gateway: disconnected",
        EventKind::Other => "other",
    }
}

/// What happened; records that are counted only have the title of their id.
#[must_use]
pub fn title(event: &AuthEvent, names: &Names) -> &'static str {
    match (event.kind, event_id::title(names.raw(event.channel), event.event_id)) {
        (EventKind::Other, title) if !title.is_empty() => title,
        (other, _) => kind(other),
    }
}

/// The event id, or `E` for Entra rows, which have none.
#[must_use]
pub fn event_id(event: &AuthEvent) -> String {
    match event.event_id {
        0 if event.kind == EventKind::SignIn => "E".to_owned(),
        0 => ABSENT.to_owned(),
        id => id.to_string(),
    }
}

/// Number of the logon type, or the short name of the lane of events without one.
#[must_use]
pub fn lane_code(event: &AuthEvent) -> String {
    match (event.logon_type.number(), event.lane()) {
        (Some(number), _) => number.to_string(),
        (None, Some(lane)) => lane_short(lane).to_owned(),
        (None, None) => ABSENT.to_owned(),
    }
}

/// The lane in a few cells, readable without its row of the timeline.
#[must_use]
pub const fn lane_short(lane: Lane) -> &'static str {
    match lane {
        Lane::Cached => "11-13",
        Lane::EntraInteractive => "E int",
        Lane::EntraNonInteractive => "E non",
        Lane::EntraServicePrincipal => "E spn",
        Lane::EntraManagedIdentity => "E mid",
        lane => lane.short(),
    }
}

/// `10 RemoteInteractive`, `Entra non-interactive`, `DC auth`.
#[must_use]
pub fn lane_long(event: &AuthEvent) -> String {
    match (event.logon_type.number(), event.lane()) {
        (Some(number), _) => format!("{number} {}", event.logon_type.name()),
        (None, Some(lane)) if lane.is_entra() => format!("Entra {}", lane.name()),
        (None, Some(lane)) => lane.name().to_owned(),
        (None, None) => ABSENT.to_owned(),
    }
}

/// Type of a session: `10 RemoteInteractive`, `Entra interactive`.
#[must_use]
pub fn type_long(logon_type: LogonType, lane: Lane) -> String {
    match logon_type.number() {
        Some(number) => format!("{number} {}", logon_type.name()),
        None if lane.is_entra() => format!("Entra {}", lane.name()),
        None => lane.name().to_owned(),
    }
}

/// Type number of a session, or the short name of its lane.
#[must_use]
pub fn type_code(logon_type: LogonType, lane: Lane) -> String {
    logon_type.number().map_or_else(|| lane_short(lane).to_owned(), |number| number.to_string())
}

/// How a session ended, in words that say what is known and what is concluded.
#[must_use]
pub const fn session_end(end: SessionEnd) -> &'static str {
    match end {
        SessionEnd::Open => "open",
        SessionEnd::Logoff => "logoff (4634)",
        SessionEnd::UserLogoff => "user logged off (4647)",
        SessionEnd::Boot => "inferred: the host restarted",
        SessionEnd::Reused => "inferred: LogonId given to another logon",
        SessionEnd::Desktop => "inferred: its desktop was closed",
        SessionEnd::Shutdown => "inferred: the host was shut down",
        SessionEnd::Unclean => "inferred: the host restarted without a shutdown",
    }
}

/// `ok`, or the letter of a failure with the code in words.
#[must_use]
pub fn outcome(event: &AuthEvent, failure_sign: &str) -> Cell {
    let status = || match (event.status.text(), event.status.code_text()) {
        ("", code) if code.is_empty() => "failed".to_owned(),
        ("", code) => code,
        (text, _) => text.to_owned(),
    };
    match event.outcome {
        Outcome::Success => Cell::text("ok"),
        Outcome::Failure => Cell::new(format!("{failure_sign} {}", status()), Meaning::Failure),
        Outcome::Interrupted => Cell::new(format!("~ {}", status()), Meaning::Uncertain),
        Outcome::None => Cell::dim(ABSENT),
    }
}

/// The code and its meaning: `0xC000006A wrong password`.
#[must_use]
pub fn status(event: &AuthEvent) -> String {
    let words = format!("{} {}", event.status.code_text(), event.status.text());
    or_absent(words.trim().to_owned())
}

fn add(words: &mut Vec<String>, label: &str, names: &Names, symbol: Symbol) {
    if symbol.is_some() {
        words.push(format!("{label}{}", names.shown(symbol)));
    }
}

/// What tells this event from others of its kind, in a few words.
#[must_use]
pub fn detail(event: &AuthEvent, names: &Names) -> String {
    let mut words = Vec::new();
    if !matches!(event.kind, EventKind::Logon | EventKind::LogonFailed | EventKind::SignIn) {
        words.push(title(event, names).to_owned());
    }
    match event.kind {
        EventKind::ExplicitCredentials => {
            if event.subject.user.is_some() {
                words.push(format!("by {}", names.shown(event.subject.user)));
            }
            add(&mut words, "> ", names, event.target);
        }
        EventKind::TicketGranting | EventKind::ServiceTicket => {
            add(&mut words, "", names, event.target);
            if event.ticket_encryption != 0 {
                words.push(format!("encryption {:#x}", event.ticket_encryption));
            }
        }
        EventKind::SignIn => words.extend(sign_in(event, names)),
        EventKind::LogCleared
        | EventKind::AccountCreated
        | EventKind::AccountEnabled
        | EventKind::AccountDisabled
        | EventKind::AccountDeleted
        | EventKind::PasswordSet
        | EventKind::GroupJoined
        | EventKind::AccountRenamed
        | EventKind::LockedOut => {
            add(&mut words, if event.kind == EventKind::AccountRenamed { "was" } else { "" }, names, event.target);
            if event.subject.user.is_some() {
                words.push(format!("by {}", names.shown(event.subject.user)));
            }
        }
        _ => {
            add(&mut words, "", names, event.lm_package.or(event.package));
            if event.logon_process != event.lm_package.or(event.package) {
                add(&mut words, "", names, event.logon_process);
            }
            add(&mut words, "", names, event.session_name);
            if event.elevated.known() == Some(true) {
                words.push("elevated".to_owned());
            }
        }
    }
    words.join("  ")
}

fn sign_in(event: &AuthEvent, names: &Names) -> Vec<String> {
    let Some(sign_in) = event.entra.as_deref() else { return vec![kind(event.kind).to_owned()] };
    let mut words = Vec::new();
    match (names.shown(sign_in.app), names.shown(sign_in.resource)) {
        (app, resource) if !app.is_empty() && !resource.is_empty() => words.push(format!("{app} > {resource}")),
        (app, resource) => words.extend([app, resource].into_iter().filter(|name| !name.is_empty())),
    }
    add(&mut words, "", names, sign_in.country);
    match sign_in.mfa {
        MfaResult::Approved => words.push("MFA ok".to_owned()),
        MfaResult::Denied => words.push("MFA denied".to_owned()),
        MfaResult::None => {}
    }
    add(&mut words, "", names, sign_in.protocol);
    words
}

/// `4624 logon`, over the details of an event.
#[must_use]
pub fn event_title(id: EventId, ctx: &Ctx<'_>) -> String {
    ctx.snapshot.tables.event(id).map_or_else(|| ABSENT.to_owned(), |row| row_title(&row.event, ctx))
}

/// The same of an event that is in no table.
#[must_use]
pub fn row_title(event: &AuthEvent, ctx: &Ctx<'_>) -> String {
    match event.event_id {
        0 => kind(event.kind).to_owned(),
        number => format!("{number} {}", title(event, &ctx.snapshot.names)),
    }
}

/// One sentence about an event, for the message row.
#[must_use]
pub fn event_sentence(id: EventId, ctx: &Ctx<'_>) -> String {
    ctx.snapshot.tables.event(id).map_or_else(String::new, |row| row_sentence(&row, ctx))
}

/// The same of an event that is in no table.
#[must_use]
pub fn row_sentence(row: &Row, ctx: &Ctx<'_>) -> String {
    let event = &row.event;
    let what = match event.event_id {
        0 => kind(event.kind).to_owned(),
        number => format!("{number} {}", title(event, &ctx.snapshot.names)),
    };
    let mut out = format!("{}  {what}", ctx.date_time(event.at));
    if event.logon_type.number().is_some() || event.lane().is_some_and(Lane::is_entra) {
        out.push_str(&format!(", {}", lane_long(event)));
    }
    for (word, name) in [("", account(row.account, ctx)), ("on ", host(row.host, ctx)), ("from ", source(row.source, ctx))] {
        if name != ABSENT {
            out.push_str(&format!("  {word}{name}"));
        }
    }
    if event.outcome == Outcome::Failure || event.outcome == Outcome::Interrupted {
        out.push_str(&format!("  {}: {}", event.outcome.word(), status(event)));
    }
    out
}

/// One sentence about a session.
#[must_use]
pub fn session_sentence(session: &Session, ctx: &Ctx<'_>) -> String {
    let mut out = format!("{}  {}", ctx.date_time(session.start), type_long(session.logon_type, session.lane));
    for (word, name) in [("", account(session.account, ctx)), ("on ", host(session.host, ctx)), ("from ", source(session.source, ctx))] {
        if name != ABSENT {
            out.push_str(&format!("  {word}{name}"));
        }
    }
    let length = (session.end_or(ctx.now()) - session.start).words();
    match session.end_reason {
        SessionEnd::Open => out.push_str(&format!("  open {length}")),
        reason => out.push_str(&format!("  {length}, end: {}", session_end(reason))),
    }
    out
}

/// One sentence about a session as shown.
#[must_use]
pub fn visit_sentence(visit: &Visit, ctx: &Ctx<'_>) -> String {
    let mut out = format!("{}  {}", ctx.date_time(visit.start), type_long(visit.logon_type, visit.lane));
    for (word, name) in [("", account(visit.account, ctx)), ("on ", host(visit.host, ctx)), ("from ", source(visit.source, ctx))] {
        if name != ABSENT {
            out.push_str(&format!("  {word}{name}"));
        }
    }
    if visit.logons > 1 {
        out.push_str(&format!("  {}", plural(visit.logons as usize, "logon")));
    }
    let length = (visit.end_or(ctx.now()) - visit.start).words();
    match visit.end_reason {
        _ if visit.is_open() => out.push_str(&format!("  open {length}")),
        SessionEnd::Logoff if visit.kind == VisitKind::Run => out.push_str(&format!("  over {length}, all ended")),
        reason => out.push_str(&format!("  {length}, end: {}", session_end(reason))),
    }
    out
}

/// Ids under an event, for `Selection`.
#[must_use]
pub fn selection_of(id: EventId, row: &Row) -> super::Selection {
    super::Selection {
        account: row.account.some(),
        host: row.host.some(),
        source: row.source.some(),
        visit: row.visit.some(),
        session: row.session.some(),
        event: id.some(),
        at: Some(row.event.at),
        ..super::Selection::default()
    }
}
