//! Which anomalies concern an account, host, source, session or record.
//!
//! One sorted list of pairs: an entity's anomalies are a stretch of it. It holds what the anomalies hold, so it is bounded
//! as they are.

use crate::model::anomaly::{Anomaly, EVIDENCE_KEPT};
use crate::model::ids::{AccountId, AnomalyId, EventId, HostId, SessionId, SourceId, VisitId};
use crate::model::world::Tables;
use std::sync::Arc;

/// Whom or what an anomaly concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    Account(AccountId),
    Host(HostId),
    Source(SourceId),
    Session(SessionId),
    Visit(VisitId),
    /// A record that is kept as evidence.
    Event(EventId),
}

impl Tables {
    /// Appends an anomaly.
    pub fn raise(&mut self, anomaly: Anomaly) -> AnomalyId {
        let id = AnomalyId::new(self.anomalies.push(Arc::new(anomaly)));
        self.involve(id);
        id
    }
    /// Files an anomaly under all that it concerns.
    fn involve(&mut self, id: AnomalyId) {
        let Some(anomaly) = self.anomalies.get(id.index()).map(Arc::clone) else { return };
        self.involve_also(id, (&anomaly.accounts, &anomaly.hosts, &anomaly.sources, &anomaly.sessions), &anomaly.records);
    }
    /// Files an anomaly that grew under what is new to it. `records` are those that it did not have.
    pub fn involve_also(
        &mut self,
        id: AnomalyId,
        (accounts, hosts, sources, sessions): (&[AccountId], &[HostId], &[SourceId], &[SessionId]),
        records: &[EventId],
    ) {
        let accounts = accounts.iter().map(|id| Entity::Account(*id));
        let hosts = hosts.iter().map(|id| Entity::Host(*id));
        let sources = sources.iter().map(|id| Entity::Source(*id));
        let visits = sessions.iter().filter_map(|id| self.session(*id)?.visit.some()).map(Entity::Visit);
        // The last place of a full list is another record with every repeat.
        let events = records.iter().take(EVIDENCE_KEPT - 1).map(|id| Entity::Event(*id));
        let sessions = sessions.iter().map(|id| Entity::Session(*id));
        let entities: Vec<Entity> = accounts.chain(hosts).chain(sources).chain(sessions).chain(events).chain(visits).collect();
        for entity in entities {
            self.involved.update((entity, id), || (), |()| ());
        }
    }
    fn involving(&self, entity: Entity) -> impl Iterator<Item = (AnomalyId, &Arc<Anomaly>)> {
        let stretch = self.involved.range((entity, AnomalyId::new(0)), (entity, AnomalyId::NONE));
        stretch.filter_map(|((_, id), ())| Some((id, self.anomaly(id)?)))
    }
    /// Anomalies of an entity, oldest first; those of an account also under the rows that were merged into it, row by row.
    pub fn anomalies_of(&self, entity: Entity) -> impl Iterator<Item = (AnomalyId, &Arc<Anomaly>)> {
        let account = if let Entity::Account(id) = entity { Some(id) } else { None };
        let rows = account.into_iter().flat_map(|id| self.rows_of_account(id)).map(Entity::Account);
        let alone = account.is_none().then_some(entity);
        rows.chain(alone).flat_map(|entity| self.involving(entity))
    }
}
