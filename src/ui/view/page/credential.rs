//! The lines of a session's page on its credential: which kind, from what it is known, and which records of the authority
//! belong to it.

use super::super::Ctx;
use crate::base::text;
use crate::model::attempt::Match;
use crate::model::credential::Evidence;
use crate::model::event::EventKind;
use crate::model::ids::VisitId;
use crate::model::lane::Lane;
use crate::model::quality::Quality;
use crate::model::session::Session;
use crate::model::world::Tables;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::Pair;
use std::borrow::Cow;

/// Events of a session, and logons of a session as shown, that are looked at: the newest.
const LOOKED: usize = 256;
/// Credentials that are named.
const NAMED: usize = 4;

/// Kind, evidence and quality; then how the authority's records were found.
#[must_use]
pub fn lines(session: &Session, ctx: &Ctx<'_>) -> Vec<Pair> {
    let credential = session.credential;
    let tables = &ctx.snapshot.tables;
    let mut pairs = vec![match credential.by {
        Evidence::Nothing => {
            Pair::new("cred", format!("{}: {}", credential.kind.text(), why_not(session, tables))).meaning(Meaning::Uncertain)
        }
        by if by.is_exact() => Pair::new("cred", format!("{}  ({})", credential.kind.text(), by.text())),
        by => Pair::new("cred", format!("{}  (inferred: {})", credential.kind.text(), by.text())).meaning(Meaning::Uncertain),
    }];
    if session.authority != Match::None {
        let checked = checked_by(session, ctx);
        pairs.push(match session.authority.quality() {
            Quality::Exact => Pair::new("checked", format!("{checked}  (same LogonGuid)")),
            inferred => Pair::new("checked", format!("{checked}  ({})", inferred.note())).meaning(Meaning::Uncertain),
        });
    }
    pairs
}

/// The same of a session as shown. Its logons may have used several: the check before a Remote Desktop connection tells
/// what the desktop's own record does not.
#[must_use]
pub fn of_visit(id: VisitId, first: &Session, ctx: &Ctx<'_>) -> Vec<Pair> {
    let mut known: Vec<(Cow<'_, Session>, u64)> = Vec::new();
    for (_, session) in ctx.snapshot.tables.sessions_of_visit(id).take(LOOKED) {
        if session.credential.by == Evidence::Nothing {
            continue;
        }
        match known.iter_mut().find(|(other, _)| other.credential == session.credential) {
            Some((oldest, count)) => (*oldest, *count) = (session, *count + 1),
            None => known.push((session, 1)),
        }
    }
    known.sort_by_key(|(session, _)| session.start);
    match known.as_slice() {
        [] => lines(first, ctx),
        [(one, _)] => lines(one, ctx),
        several => {
            let words = several.iter().take(NAMED).map(|(session, count)| {
                let credential = session.credential;
                let mark = if credential.by.is_exact() { "" } else { ", inferred" };
                let times = if *count > 1 { format!(" x{}", text::count(*count)) } else { String::new() };
                format!("{} ({}{mark}){times}", credential.kind.text(), credential.by.text())
            });
            vec![Pair::new("cred", words.collect::<Vec<_>>().join(", "))]
        }
    }
}

/// `4768 4769 by DC01`; the host where the records are.
fn checked_by(session: &Session, ctx: &Ctx<'_>) -> String {
    let tables = &ctx.snapshot.tables;
    let mut ids: Vec<u32> = Vec::new();
    let mut host = None;
    let chain = std::iter::successors(tables.event(session.last_event), |row| tables.event(row.previous_of_session));
    for row in chain.take(LOOKED) {
        let is_authority = matches!(
            row.event.kind,
            EventKind::TicketGranting | EventKind::ServiceTicket | EventKind::CredentialValidation | EventKind::NtlmPassedOn
        );
        if is_authority {
            host = host.or_else(|| tables.host(row.host));
            if !ids.contains(&row.event.event_id) {
                ids.push(row.event.event_id);
            }
        }
    }
    ids.sort_unstable();
    let ids = ids.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
    match host {
        Some(host) => format!("{ids} by {}", host.short(&ctx.snapshot.names)),
        // The other half of a UAC pair holds the records.
        None => "with its pair".to_owned(),
    }
}

/// Why nothing tells the credential: there is no log that could, or it could and does not.
fn why_not(session: &Session, tables: &Tables) -> &'static str {
    if session.lane.is_entra() {
        return "the sign-in states no method";
    }
    if !matches!(session.lane, Lane::Interactive | Lane::RemoteInteractive | Lane::Unlock) {
        return "the record names no package that tells";
    }
    let covers =
        |first: Option<_>, last: Option<_>| first.is_some_and(|at| at <= session.start) && last.is_some_and(|at| session.start <= at);
    if tables.hosts.iter().any(|host| host.domain_controller && covers(host.first, host.last)) {
        "no ticket for it in the domain controller's log"
    } else {
        "no domain controller's log of that time"
    }
}
