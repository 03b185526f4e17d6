//! Anomalies as they are made, extended, and put on what they concern.

use crate::base::time::Timestamp;
use crate::detect::finding::{Finding, add};
use crate::detect::say;
use crate::model::anomaly::{Anomaly, Detection, EVIDENCE_KEPT, Severity};
use crate::model::ids::{AccountId, EventId, HostId, IncidentId, SessionId, SourceId};
use crate::model::world::Tables;

#[derive(Debug, Default)]
pub(super) struct Entities {
    pub(super) accounts: Vec<AccountId>,
    pub(super) hosts: Vec<HostId>,
    pub(super) sources: Vec<SourceId>,
    pub(super) sessions: Vec<SessionId>,
}

impl Entities {
    pub(super) const fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.hosts.is_empty() && self.sources.is_empty() && self.sessions.is_empty()
    }
}

pub(super) fn all_entities(anomaly: &Anomaly) -> Entities {
    Entities {
        accounts: anomaly.accounts.clone(),
        hosts: anomaly.hosts.clone(),
        sources: anomaly.sources.clone(),
        sessions: anomaly.sessions.clone(),
    }
}

/// A new anomaly; `newest` is the time of the newest event where the finding came late.
pub(super) fn raise(about: &'static Detection, at: Timestamp, newest: Option<Timestamp>, finding: Finding) -> Anomaly {
    let (score, score_parts) = finding.score.total();
    let mut records = finding.records;
    records.sort_unstable();
    records.dedup();
    let count = u32::try_from(records.len()).unwrap_or(u32::MAX).saturating_add(finding.unlisted);
    keep_evidence(&mut records);
    let why = match newest {
        Some(newest) => format!("{} The record came late: {} after newer ones.", finding.why, say::span(newest - at)),
        None => finding.why,
    };
    Anomaly {
        detection: about,
        severity: finding.score.severity,
        score,
        score_parts,
        at: finding.first_at.min(at),
        end: at.max(finding.first_at),
        raised_at: at,
        accounts: finding.accounts,
        hosts: finding.hosts,
        sources: finding.sources,
        sessions: finding.sessions,
        records,
        count,
        why,
        incident: IncidentId::NONE,
    }
}

/// Adds a repeat; gives the entities that are new to the anomaly.
pub(super) fn extend(anomaly: &mut Anomaly, last_event: EventId, at: Timestamp, finding: Finding) -> Entities {
    // What is newer than the last hit was not counted before; what is older was, or was crowded out and counted.
    let mut fresh: Vec<EventId> = finding.records.into_iter().filter(|record| *record > last_event).collect();
    fresh.sort_unstable();
    fresh.dedup();
    anomaly.count = anomaly.count.saturating_add(u32::try_from(fresh.len()).unwrap_or(u32::MAX));
    anomaly.records.extend(fresh);
    keep_evidence(&mut anomaly.records);
    anomaly.at = anomaly.at.min(finding.first_at);
    anomaly.end = anomaly.end.max(at);
    let (score, score_parts) = finding.score.total();
    if score >= anomaly.score {
        anomaly.score = score;
        anomaly.score_parts = score_parts;
    }
    anomaly.severity = anomaly.severity.max(finding.score.severity);
    anomaly.why = finding.why;
    Entities {
        accounts: add(&mut anomaly.accounts, finding.accounts, AccountId::is_some),
        hosts: add(&mut anomaly.hosts, finding.hosts, HostId::is_some),
        sources: add(&mut anomaly.sources, finding.sources, SourceId::is_some),
        sessions: add(&mut anomaly.sessions, finding.sessions, SessionId::is_some),
    }
}

/// Keeps the beginning and the newest record: how it started and where it stands.
fn keep_evidence(records: &mut Vec<EventId>) {
    if records.len() > EVIDENCE_KEPT
        && let Some(newest) = records.pop()
    {
        records.truncate(EVIDENCE_KEPT - 1);
        records.push(newest);
    }
}

/// Puts the anomaly on the accounts, hosts, sources and sessions concerned. A session as shown that has one of the logons
/// `counted` has it already.
pub(super) fn mark(tables: &mut Tables, entities: &Entities, counted: &[SessionId], severity: Severity, count: u32) {
    let stand_out = |anomalies: &mut u32, worst: &mut Option<Severity>| {
        *anomalies = anomalies.saturating_add(count);
        *worst = (*worst).max(Some(severity));
    };
    let mut accounts: Vec<AccountId> = entities.accounts.iter().map(|id| tables.account_id(*id)).collect();
    accounts.sort_unstable();
    accounts.dedup();
    // A row is copied for writing only when it changes: an extension mostly changes none.
    macro_rules! mark_all {
        ($ids:expr, $table:expr) => {
            for id in $ids {
                let changes = $table.get(id.index()).is_some_and(|row| count > 0 || row.worst < Some(severity));
                if changes && let Some(row) = $table.get_mut(id.index()) {
                    stand_out(&mut row.anomalies, &mut row.worst);
                }
            }
        };
    }
    mark_all!(&accounts, tables.accounts);
    mark_all!(&entities.hosts, tables.hosts);
    mark_all!(&entities.sources, tables.sources);
    mark_all!(&entities.sessions, tables.sessions);
    let visits_of = |sessions: &[SessionId]| {
        let mut visits: Vec<_> = sessions.iter().filter_map(|id| tables.session(*id)?.visit.some()).collect();
        visits.sort_unstable();
        visits.dedup();
        visits
    };
    let (mut visits, counted) = (visits_of(&entities.sessions), visits_of(counted));
    visits.retain(|visit| counted.binary_search(visit).is_err());
    mark_all!(&visits, tables.visits);
}
