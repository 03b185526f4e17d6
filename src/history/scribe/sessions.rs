//! Sessions as shown, and anomalies: rows that may grow until they are done.

use super::super::row::Number;
use super::Scribe;
use crate::base::intern::Names;
use crate::casefile::subject::Subject;
use crate::model::ids::VisitId;
use crate::model::visit::Visit;
use crate::model::world::Tables;
use rusqlite::params;
use std::sync::Arc;

impl Scribe {
    /// Account, start and number of a session.
    fn place(&self, visit: &Visit) -> (i64, i64, i64) {
        let (account, host, source) =
            (self.account(visit.account.index()), self.host(visit.host.index()), self.source(visit.source.index()));
        let number = Number::default()
            .number(host.cast_unsigned())
            .number(source.cast_unsigned())
            .text(visit.lane.name())
            .text(visit.kind.word())
            .number(visit.start.as_ticks().cast_unsigned());
        (account, visit.start.as_unix_seconds(), number.finish())
    }
    pub(super) fn put_sessions(&mut self, tables: &Tables, left: &mut usize) -> rusqlite::Result<()> {
        let mut ids: Vec<VisitId> = std::mem::take(&mut self.run.visits);
        ids.sort_unstable();
        ids.dedup();
        let later = ids.split_off(ids.len().min(*left));
        *left -= ids.len();
        self.run.visits = later;
        let oldest = self.oldest_kept();
        for id in ids {
            let Some(visit) = tables.visit(id) else { continue };
            let place = self.place(&visit);
            let before = self.run.open.remove(&id);
            if let Some(gone) = before.filter(|before| *before != place).or_else(|| (!visit.is_shown()).then_some(place)) {
                self.connection
                    .prepare_cached("DELETE FROM sessions WHERE account = ?1 AND start = ?2 AND session = ?3")?
                    .execute(params![gone.0, gone.1, gone.2])?;
            }
            if !visit.is_shown() || visit.account.is_none() || place.1 < oldest {
                continue;
            }
            if visit.is_open() {
                self.run.open.insert(id, place);
            }
            self.put_session(&visit, place)?;
        }
        Ok(())
    }
    fn put_session(&mut self, visit: &Visit, place: (i64, i64, i64)) -> rusqlite::Result<()> {
        let lane = self.names.number(&self.connection, &format!("w:{}", visit.lane.name()))?;
        let stop = visit.end.map(crate::base::time::Timestamp::as_unix_seconds);
        // A run that is read again knows less than the file until it has read all.
        self.connection
            .prepare_cached(
                "INSERT INTO sessions (account, start, session, host, source, lane, start_quality, stop, reason, logons)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (account, start, session) DO UPDATE SET
                    start_quality = excluded.start_quality, stop = excluded.stop, reason = excluded.reason, logons = excluded.logons
                 WHERE (excluded.reason <> 'open' OR reason = 'open') AND excluded.logons >= logons
                    AND (stop IS NULL OR excluded.stop >= stop)
                    AND (stop IS NOT excluded.stop OR reason <> excluded.reason OR logons <> excluded.logons
                        OR start_quality <> excluded.start_quality)",
            )?
            .execute(params![
                place.0,
                place.1,
                place.2,
                self.host(visit.host.index()),
                self.source(visit.source.index()),
                lane,
                visit.start_quality.word(),
                stop,
                visit.end_reason.word(),
                visit.logons
            ])?;
        Ok(())
    }
    /// Those that are new or grew since the last look.
    pub(super) fn put_anomalies(&mut self, tables: &Tables, names: &Names) -> rusqlite::Result<()> {
        let oldest = self.oldest_kept();
        for (index, anomaly) in tables.anomalies.iter().enumerate() {
            if self.run.anomalies.get(index).is_some_and(|known| Arc::ptr_eq(known, anomaly)) {
                continue;
            }
            match self.run.anomalies.get_mut(index) {
                Some(known) => *known = Arc::clone(anomaly),
                None => self.run.anomalies.push(Arc::clone(anomaly)),
            }
            let at = anomaly.raised_at.as_unix_seconds();
            if at < oldest {
                continue;
            }
            let subject = Subject::of(anomaly, names, tables);
            let whose = subject.accounts.first().or(subject.hosts.first()).or(subject.sources.first());
            let number = Number::default()
                .text(&subject.detection)
                .number(anomaly.raised_at.as_ticks().cast_unsigned())
                .text(whose.map(String::as_str).unwrap_or_default())
                .finish();
            let subject = serde_json::to_string(&subject).unwrap_or_default();
            self.connection
                .prepare_cached(
                    "INSERT INTO anomalies (at, anomaly, detection, severity, score, subject, why, records)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                     ON CONFLICT (at, anomaly) DO UPDATE SET severity = excluded.severity, score = excluded.score,
                        subject = excluded.subject, why = excluded.why, records = excluded.records
                     WHERE excluded.records >= records AND (severity <> excluded.severity OR score <> excluded.score
                        OR subject <> excluded.subject OR why <> excluded.why OR records <> excluded.records)",
                )?
                .execute(params![
                    at,
                    number,
                    anomaly.detection.id,
                    anomaly.severity.word(),
                    anomaly.score,
                    subject,
                    anomaly.why,
                    anomaly.count
                ])?;
            for account in &anomaly.accounts {
                self.connection
                    .prepare_cached("INSERT OR IGNORE INTO anomalies_of (account, at, anomaly) VALUES (?1, ?2, ?3)")?
                    .execute(params![self.account(account.index()), at, number])?;
            }
        }
        Ok(())
    }
}
