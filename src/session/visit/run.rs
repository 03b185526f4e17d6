//! Runs: network logons and tasks of one account on one host from one source, which come in numbers (reference R7).
//!
//! Finding the run of a logon is one look-up by three row numbers. Runs that nobody used for long are forgotten: of the
//! last 65,536 keys at least half are known, so memory is bounded whatever comes.

use crate::model::event::AuthEvent;
use crate::model::ids::{AccountId, HostId, SourceId, VisitId};
use crate::model::logon_type::LogonType;
use crate::model::visit::RUN_GAP;
use crate::model::world::World;
use rustc_hash::FxHashMap;

use super::super::Place;

/// Keys in one of the two maps.
const ROOM: usize = 32_768;

pub type Key = (AccountId, HostId, SourceId, LogonType);

/// The runs used last. When one map is full it becomes the older one, and what was in the older one is forgotten.
#[derive(Debug, Default)]
pub struct Runs {
    newer: FxHashMap<Key, VisitId>,
    older: FxHashMap<Key, VisitId>,
}

impl Runs {
    fn get(&mut self, key: &Key) -> Option<VisitId> {
        if let Some(visit) = self.newer.get(key) {
            return Some(*visit);
        }
        let visit = self.older.remove(key)?;
        self.put(*key, visit);
        Some(visit)
    }
    /// The run of `key` from now on.
    pub fn put(&mut self, key: Key, visit: VisitId) {
        if self.newer.len() >= ROOM {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(key, visit);
    }
    /// The run that the logon goes on with.
    pub fn going_on(&mut self, event: &AuthEvent, place: Place, world: &World) -> Option<VisitId> {
        let visit = self.get(&key(event, place))?;
        let row = world.tables.visit(visit).filter(|row| row.is_shown())?;
        let newest = row.end.unwrap_or(row.start);
        let is_near = event.at <= newest + RUN_GAP && event.at + RUN_GAP >= row.start;
        // No session outlives a restart.
        let booted = world.tables.host(place.host).and_then(|host| host.booted_at);
        (is_near && booted.is_none_or(|booted| booted <= newest || booted > event.at)).then_some(visit)
    }
}

pub const fn key(event: &AuthEvent, place: Place) -> Key {
    (place.account, place.host, place.source, event.logon_type)
}

/// Logons of these types come in runs: a task that starts every minute is one thing to a person, as is a share in use. A
/// service logs on once and lives (reference R18): each stands for itself, as what else is no desktop.
pub const fn comes_in_runs(logon_type: LogonType) -> bool {
    matches!(logon_type, LogonType::Network | LogonType::NetworkCleartext | LogonType::Batch)
}
