//! `tag:` and `note:`: what people said of a row, or of what it belongs to.
//!
//! An event has what was said of its account, host, source and session, and of anomalies that concern it; a session
//! also what was said of its events. So a bookmark on a source leaves all that came from it.

use super::{Judge, LOOK_BACK, any};
use crate::model::anomaly::Anomaly;
use crate::model::ids::{AccountId, EventId, HostId, SessionId, SourceId, VisitId};
use crate::model::involved::Entity;
use crate::model::remark::{Remark, Remarks};
use crate::model::world::Row;
use crate::query::ast::Test;
use crate::query::eval::Subject;
use crate::query::field::Field;
use crate::query::pattern::Pattern;
use std::borrow::Cow;

/// Logons of one session as shown that are asked.
const LOGONS: usize = 64;

#[derive(Clone, Copy)]
struct Asked<'a> {
    judge: Judge<'a>,
    remarks: &'a dyn Remarks,
    is_tag: bool,
    patterns: &'a [Pattern],
}

impl Judge<'_> {
    /// The answer for terms about remarks; nothing for other terms.
    pub(super) fn of_remarks(self, test: &Test, subject: Subject<'_>) -> Option<bool> {
        let Test::Text(field @ (Field::Tag | Field::Note), patterns) = test else { return None };
        let Some(remarks) = self.remarks else { return Some(false) };
        let asked = Asked { judge: self, remarks, is_tag: *field == Field::Tag, patterns };
        Some(match subject {
            Subject::Event(id, row) => asked.event(id, row),
            Subject::Session(id, session) => {
                asked.of(Entity::Session(id))
                    || session.visit.is_some() && asked.of(Entity::Visit(session.visit))
                    || asked.whose(session.account, session.host, session.source)
                    || asked.of_events(id)
            }
            Subject::Visit(id) => asked.visit(id),
            Subject::Anomaly(anomaly) => asked.anomaly(anomaly),
            Subject::Account(id) => asked.of(Entity::Account(id)) || asked.any_event(self.tables.events_of_account(id)),
            Subject::Host(id) => asked.of(Entity::Host(id)) || asked.any_event(self.tables.events_of_host(id)),
            Subject::Source(id) => asked.of(Entity::Source(id)) || asked.any_event(self.tables.events_of_source(id)),
        })
    }
}

impl Asked<'_> {
    fn fits(self, remark: &Remark) -> bool {
        let texts = if self.is_tag { &remark.tags } else { &remark.notes };
        any(self.patterns, |pattern| texts.iter().any(|text| pattern.matches(text)))
    }
    /// What was said of the thing itself, or of an anomaly that concerns it.
    fn of(self, entity: Entity) -> bool {
        let Judge { names, tables, .. } = self.judge;
        self.remarks.about(entity, names, tables).is_some_and(|remark| self.fits(remark))
            || tables.anomalies_of(entity).any(|(_, anomaly)| self.verdict(anomaly))
    }
    fn verdict(self, anomaly: &Anomaly) -> bool {
        let Judge { names, tables, .. } = self.judge;
        self.remarks.about_anomaly(anomaly, names, tables).is_some_and(|remark| self.fits(&remark))
    }
    /// What was said of those it belongs to; their anomalies concern others of theirs.
    fn whose(self, account: AccountId, host: HostId, source: SourceId) -> bool {
        let Judge { names, tables, .. } = self.judge;
        let entities = [Entity::Account(account), Entity::Host(host), Entity::Source(source)];
        entities.into_iter().any(|entity| self.remarks.about(entity, names, tables).is_some_and(|remark| self.fits(remark)))
    }
    fn event(self, id: EventId, row: &Row) -> bool {
        self.of(Entity::Event(id))
            || row.session.is_some() && self.of(Entity::Session(row.session))
            || row.visit.is_some() && self.of(Entity::Visit(row.visit))
            || self.whose(row.account, row.host, row.source)
    }
    fn of_events(self, id: SessionId) -> bool {
        self.judge.tables.events_of_session(id).take(LOOK_BACK).any(|(id, _)| self.of(Entity::Event(id)))
    }
    fn visit(self, id: VisitId) -> bool {
        let tables = self.judge.tables;
        let Some(visit) = tables.visit(id) else { return false };
        self.of(Entity::Visit(id))
            || self.whose(visit.account, visit.host, visit.source)
            || tables.sessions_of_visit(id).take(LOGONS).any(|(id, _)| self.of(Entity::Session(id)) || self.of_events(id))
            || tables.loose_events_of_visit(id).take(LOOK_BACK).any(|(id, _)| self.of(Entity::Event(id)))
    }
    fn anomaly(self, anomaly: &Anomaly) -> bool {
        let Judge { names, tables, .. } = self.judge;
        let said = |entity: Entity| self.remarks.about(entity, names, tables).is_some_and(|remark| self.fits(remark));
        self.verdict(anomaly)
            || anomaly.accounts.iter().any(|id| said(Entity::Account(*id)))
            || anomaly.hosts.iter().any(|id| said(Entity::Host(*id)))
            || anomaly.sources.iter().any(|id| said(Entity::Source(*id)))
            || anomaly.sessions.iter().any(|id| said(Entity::Session(*id)))
            || anomaly.records.iter().any(|id| said(Entity::Event(*id)))
    }
    fn any_event<'r>(self, newest: impl Iterator<Item = (EventId, Cow<'r, Row>)>) -> bool {
        newest.take(LOOK_BACK).any(|(id, row)| self.event(id, &row))
    }
}
