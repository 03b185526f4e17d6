//! A run of logons: its first and last, and what differs between them.

use super::beat::{Beat, What, words_of};
use super::{Teller, opening};
use crate::base::text;
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::EventId;
use rustc_hash::FxHashMap;

/// Runs of no more logons than this are told one by one.
pub(super) const FEW: u32 = 6;

pub(super) fn beats(teller: &Teller<'_>) -> Vec<Beat> {
    let (visit, tables) = (teller.visit, teller.tables);
    let mut beats = Vec::new();
    let logons = text::count(u64::from(visit.logons));
    let first = opening(tables, visit.first_session);
    let last = opening(tables, visit.last_session);
    let mut seen: FxHashMap<String, (EventId, u32)> = FxHashMap::default();
    for id in teller.events {
        let Some(row) = tables.event(*id) else { continue };
        let key = match (row.event.kind, row.event.outcome) {
            (EventKind::Logon, _) => match tables.session(row.session).filter(|session| session.first_event == *id) {
                Some(session) => {
                    let privileged = if session.privileged { ", privileged" } else { "" };
                    let how = format!("{}{privileged}", teller.how(&session));
                    format!("logged on{}{}", teller.from(&row), how.replacen(',', ":", 1))
                }
                None => continue,
            },
            (_, Outcome::Failure) => format!("logon failed{}: {}", teller.from(&row), words_of(&row.event)),
            (EventKind::ExplicitCredentials, _) => "other credentials given".to_owned(),
            _ => continue,
        };
        seen.entry(key).or_insert((*id, 0)).1 += 1;
    }
    let mut kinds: Vec<_> = seen.into_iter().collect();
    kinds.sort_unstable_by_key(|(_, (id, _))| *id);
    if let Some((id, row)) = first.and_then(|id| Some((id, tables.event(id)?))) {
        beats.push(Beat::new(What::LoggedOn, &row, id, 1, format!("the first of {logons} logons")));
    }
    for (words, (id, count)) in kinds {
        if let Some(row) = tables.event(id) {
            let times = if count > 1 { format!("{} times from here on: ", text::count(u64::from(count))) } else { String::new() };
            beats.push(Beat::new(What::Other(0), &row, id, 1, format!("{times}{words}")));
        }
    }
    if let Some((id, row)) = last.and_then(|id| Some((id, tables.event(id)?))) {
        let open = match visit.open_logons {
            0 if visit.end_quality().is_inferred() => "not every end was written".to_owned(),
            0 => "all have ended".to_owned(),
            open => format!("{} without a logoff so far", text::count(u64::from(open))),
        };
        beats.push(Beat::new(What::LoggedOn, &row, id, 1, format!("the last logon; {open}")));
    }
    beats.sort_by_key(|beat| beat.at);
    beats
}
