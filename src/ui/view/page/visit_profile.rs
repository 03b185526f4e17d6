//! What a session as shown is, in labelled lines: type, bounds with how sure they are, clients, rights, states.

use super::super::{Ctx, risk, words};
use super::{credential, lineage, logon};
use crate::base::text;
use crate::model::event::Tri;
use crate::model::ids::{SourceId, VisitId};
use crate::model::involved::Entity;
use crate::model::quality::Quality;
use crate::model::session::{Session, SessionEnd};
use crate::model::visit::{Client, RUN_GAP, State, Visit, VisitKind};
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::Pair;
use std::collections::BTreeSet;

/// Logons looked at for the clients and rights of a session, the newest.
const LOOKED: usize = 256;
/// Clients and states that are named.
const NAMED: usize = 4;

#[must_use]
pub fn profile(id: VisitId, visit: &Visit, ctx: &Ctx<'_>) -> Vec<Pair> {
    let tables = &ctx.snapshot.tables;
    let first = tables.session(visit.first_session);
    let first = first.as_deref();
    let mut pairs: Vec<Pair> = crate::ui::marks::marked::note(crate::ui::marks::Target::Visit(id), ctx).into_iter().collect();
    pairs.push(kind(visit));
    pairs.extend(risk::words(Entity::Visit(id), ctx).map(|words| Pair::new("risk", words)));
    pairs.push(start(visit, first, ctx));
    pairs.push(end(visit, ctx));
    pairs.push(Pair::new("from", clients(id, visit, first, ctx)));
    let opening = first.and_then(|session| tables.event(session.first_event));
    match (first, opening) {
        (Some(session), Some(row)) if row.event.entra.is_some() => {
            pairs.extend(lineage::pair(session, ctx));
            pairs.extend(logon::entra(&row, ctx));
            pairs.extend(categories(visit, ctx));
            pairs.extend(credential::of_visit(id, session, ctx));
            pairs.push(Pair::new("id", logon::identity(session, ctx)));
        }
        (Some(session), _) => {
            pairs.extend(credential::of_visit(id, session, ctx));
            pairs.push(Pair::new("auth", auth(session, ctx)));
            pairs.push(Pair::new("id", identities(id, visit, session, ctx)));
            pairs.push(Pair::new("rights", rights(id, visit, ctx)));
        }
        (None, _) => {
            let words = format!("{}: no record of its logon (4624) is there", words::host(visit.host, ctx));
            pairs.push(Pair::new("id", words).meaning(Meaning::Uncertain));
        }
    }
    if let Some(parent) = tables.visit(visit.parent) {
        let words = format!(
            "{} {}  {}",
            words::type_long(parent.logon_type, parent.lane),
            words::account(parent.account, ctx),
            ctx.date_time(parent.start)
        );
        pairs.push(Pair::new("parent", words));
    }
    pairs.extend(states(visit, ctx));
    pairs
}

/// Packages and the program that asked, without its folder.
fn auth(session: &Session, ctx: &Ctx<'_>) -> String {
    let whole = logon::auth(session, ctx);
    match whole.rsplit_once("  ") {
        Some((packages, program)) => format!("{packages}  {}", program.rsplit('\\').next().unwrap_or(program)),
        None => whole,
    }
}

fn kind(visit: &Visit) -> Pair {
    let mut words = words::type_long(visit.logon_type, visit.lane);
    match visit.kind {
        VisitKind::Run => words.push_str(&format!("  run of {} logons", text::count(u64::from(visit.logons)))),
        _ if visit.logons > 1 => words.push_str(&format!("  {} logons", text::count(u64::from(visit.logons)))),
        _ => {}
    }
    if let Some(worst) = visit.worst {
        let noun = if visit.anomalies == 1 { "anomaly" } else { "anomalies" };
        words.push_str(&format!("   {} {} {noun}", worst.letter(), text::count(u64::from(visit.anomalies))));
    }
    Pair::new("type", words).meaning(visit.worst.map_or(Meaning::Text, Meaning::Severity))
}

fn start(visit: &Visit, first: Option<&Session>, ctx: &Ctx<'_>) -> Pair {
    let row = first.and_then(|session| ctx.snapshot.tables.event(session.first_event));
    let by = row.map_or_else(String::new, |row| match row.event.record {
        0 => format!("  ({})", words::event_id(&row.event)),
        record => format!("  ({} rec {record})", words::event_id(&row.event)),
    });
    let at = ctx.date_time(visit.start);
    match visit.start_quality {
        Quality::Exact => Pair::new("start", format!("{at}{by}")),
        Quality::Missing => Pair::new("start", format!("not seen; the logs tell of the host since {at}")).meaning(Meaning::Uncertain),
        quality => Pair::new("start", format!("{at}{by}  {}", quality.note())).meaning(Meaning::Uncertain),
    }
}

fn end(visit: &Visit, ctx: &Ctx<'_>) -> Pair {
    let length = (visit.end_or(ctx.now()) - visit.start).words();
    let open = text::count(u64::from(visit.open_logons));
    match visit.end {
        Some(end) if visit.is_open() && end + RUN_GAP < ctx.now() => {
            let words = format!("{} its newest logon, after {length}; {open} without a logoff", ctx.date_time(end));
            Pair::new("end", words).meaning(Meaning::Uncertain)
        }
        Some(_) if visit.is_open() => Pair::new("end", format!("open: {open} without a logoff, {length} so far")).meaning(Meaning::Open),
        _ if visit.is_open() => Pair::new("end", format!("open, {length} so far")).meaning(Meaning::Open),
        Some(end) if visit.kind == VisitKind::Run && visit.end_quality() == Quality::Exact => {
            Pair::new("end", format!("{}  its last logoff (4634), after {length}", ctx.date_time(end)))
        }
        Some(end) if visit.kind == VisitKind::Run => {
            Pair::new("end", format!("{}, after {length}; {}", ctx.date_time(end), visit.end_quality().note())).meaning(Meaning::Uncertain)
        }
        Some(end) if visit.end_quality().is_inferred() => {
            let about = match visit.end_reason {
                SessionEnd::Boot | SessionEnd::Unclean => " the last record before,",
                SessionEnd::Reused => " at the latest,",
                _ => "",
            };
            Pair::new("end", format!("{}{about} {}", ctx.date_time(end), words::session_end(visit.end_reason))).meaning(Meaning::Uncertain)
        }
        Some(end) => Pair::new("end", format!("{}  {}, after {length}", ctx.date_time(end), words::session_end(visit.end_reason))),
        None => Pair::new("end", words::session_end(visit.end_reason)).meaning(Meaning::Uncertain),
    }
}

/// Where from, the first client first: address, claimed name and port, and when others came.
fn clients(id: VisitId, visit: &Visit, first: Option<&Session>, ctx: &Ctx<'_>) -> String {
    let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
    let is_absent = visit.source.is_none() && visit.kind == VisitKind::SignIn;
    let mut words = if is_absent { "not logged".to_owned() } else { words::source(visit.source, ctx) };
    if visit.workstation.is_some() {
        words.push_str(&format!("  {}", names.shown(visit.workstation)));
    }
    let port = first.and_then(|session| tables.event(session.first_event)).map(|row| row.event.port);
    if let Some(port) = port.filter(|port| *port != 0) {
        words.push_str(&format!("  port {port}"));
    }
    let quality = visit.source_quality(tables.source(visit.source));
    if quality != Quality::Exact && !is_absent {
        words.push_str(&format!("  ({})", quality.note()));
    }
    let clients = visit.clients();
    if !clients.is_empty() {
        return remote_clients(words, visit, clients, ctx);
    }
    let mut others: Vec<(SourceId, crate::base::time::Timestamp)> = Vec::new();
    let of_logons = tables.sessions_of_visit(id).take(LOOKED).map(|(_, session)| (session.source, session.start));
    let loose = tables.loose_events_of_visit(id).take(LOOKED).map(|(_, row)| (row.source, row.event.at));
    for (source, at) in of_logons.chain(loose).filter(|(source, _)| source.is_some() && *source != visit.source) {
        match others.iter_mut().find(|(known, _)| *known == source) {
            Some((_, first)) => *first = at.min(*first),
            None => others.push((source, at)),
        }
    }
    others.sort_by_key(|(_, at)| *at);
    let more = others.len().saturating_sub(NAMED);
    for (source, at) in others.into_iter().take(NAMED) {
        words.push_str(&format!(", {} at {}", words::source(source, ctx), ctx.clock(at)));
    }
    if more > 0 {
        words.push_str(&format!(", {more} more"));
    }
    words
}

/// The categories that have rows of an Entra session, where there are several.
fn categories(visit: &Visit, ctx: &Ctx<'_>) -> Option<Pair> {
    let rows = ctx.snapshot.tables.events_of_session(visit.first_session).take(LOOKED);
    let categories: BTreeSet<_> = rows.filter_map(|(_, row)| row.event.entra.as_deref().map(|sign_in| sign_in.category)).collect();
    let names: Vec<&str> = categories.iter().map(|category| category.name()).collect();
    (names.len() > 1).then(|| Pair::new("seen in", names.join(", ")))
}

/// The clients of a Remote Desktop, each with its claimed name, its gateway and since when.
fn remote_clients(mut words: String, visit: &Visit, clients: &[Client], ctx: &Ctx<'_>) -> String {
    let names = &ctx.snapshot.names;
    let others: Vec<_> = clients.iter().filter(|client| client.source != visit.source || client.gateway.is_some()).collect();
    for client in others.iter().take(NAMED) {
        words.push_str(&format!(", {}", words::source(client.source, ctx)));
        if client.workstation.is_some() {
            words.push_str(&format!(" {}", names.shown(client.workstation)));
        }
        if client.gateway.is_some() {
            words.push_str(&format!(" through {}", words::source(client.gateway, ctx)));
        }
        words.push_str(&format!(" at {}", ctx.clock(client.at)));
    }
    match others.len().saturating_sub(NAMED) {
        0 => words,
        more => format!("{words}, {more} more"),
    }
}

fn identities(id: VisitId, visit: &Visit, first: &Session, ctx: &Ctx<'_>) -> String {
    let mut words = logon::identity(first, ctx);
    let other = ctx.snapshot.tables.sessions_of_visit(id).take(LOOKED).find(|(_, session)| session.linked == visit.first_session);
    if let Some((_, other)) = other {
        let half = if other.elevated == Tri::Yes { "elevated" } else { "limited" };
        words.push_str(&format!(" and {} ({half})", other.logon_id));
    }
    words
}

fn rights(id: VisitId, visit: &Visit, ctx: &Ctx<'_>) -> String {
    let tables = &ctx.snapshot.tables;
    let tokens = || tables.sessions_of_visit(id).take(LOOKED).map(|(_, session)| session.elevated);
    let elevated = match (tokens().any(|token| token == Tri::Yes), tokens().any(|token| token == Tri::No)) {
        (true, true) => "an elevated and a limited token",
        (true, false) => "elevated token",
        (false, true) => "limited token",
        (false, false) => "elevation not stated",
    };
    let is_privileged = visit.privileged || tables.sessions_of_visit(id).take(LOOKED).any(|(_, session)| session.privileged);
    let privileged = if is_privileged { "privileged (4672)" } else { "no special privileges seen" };
    format!("{elevated}, {privileged}")
}

/// How long it was locked and disconnected, and the newest of these stretches.
fn states(visit: &Visit, ctx: &Ctx<'_>) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (state, label, verb) in [(State::Locked, "locked", "locked"), (State::Disconnected, "away", "disconnected")] {
        let stretches: Vec<_> = visit.stretches().filter(|(other, ..)| *other == state).collect();
        let older = stretches.len().saturating_sub(NAMED);
        if older > 0 {
            pairs.push(Pair::new(label, format!("{verb} {} times, the last {NAMED}:", text::count(stretches.len() as u64))));
        }
        for (_, from, to) in stretches.into_iter().skip(older) {
            let until = to.map_or_else(|| "now".to_owned(), |to| ctx.clock(to));
            let length = (to.unwrap_or_else(|| ctx.now()) - from).words();
            pairs.push(Pair::new(label, format!("{verb} {} .. {until}, {length}", ctx.date_time(from))).meaning(Meaning::Uncertain));
        }
    }
    pairs
}
