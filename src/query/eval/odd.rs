//! `rule:`, `score:` and `incident:` of what anomalies concern: any anomaly of an account, host, source or session; of an event those
//! of its session, and those that keep it as evidence.

use super::{Judge, Subject};
use crate::model::involved::Entity;
use crate::query::ast::Test;
use crate::query::field::Field;

impl Judge<'_> {
    /// The answer for terms about anomalies; nothing for other terms, and for an anomaly, which answers for itself.
    pub(super) fn of_anomalies(self, test: &Test, subject: Subject<'_>) -> Option<bool> {
        if !matches!(test, Test::Text(Field::Rule, _) | Test::Number(Field::Score | Field::Incident, _)) {
            return None;
        }
        let any = |entity: Entity| self.tables.anomalies_of(entity).any(|(_, anomaly)| self.anomaly(test, anomaly));
        Some(match subject {
            Subject::Anomaly(_) => return None,
            Subject::Event(id, row) => any(Entity::Event(id)) || (row.session.is_some() && any(Entity::Session(row.session))),
            Subject::Session(id, _) => any(Entity::Session(id)),
            Subject::Visit(id) => any(Entity::Visit(id)),
            Subject::Account(id) => any(Entity::Account(id)),
            Subject::Host(id) => any(Entity::Host(id)),
            Subject::Source(id) => any(Entity::Source(id)),
        })
    }
}
