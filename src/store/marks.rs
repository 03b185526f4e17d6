//! Where anomalies stand on the timeline: by time, by lane, by session as shown.
//!
//! An anomaly keeps the place of its first mark, also when later evidence extends it, so that it never walks across the
//! screen. The lane is that of its newest record that has one; what concerns a host as a whole (a cleared log) has none.

use crate::base::segments::SegMap;
use crate::base::time::Timestamp;
use crate::model::anomaly::Anomaly;
use crate::model::ids::{AnomalyId, VisitId};
use crate::model::lane::Lane;
use crate::model::world::Tables;

/// A lane and a moment; no lane for what concerns a whole host.
pub type Place = (Option<Lane>, Timestamp);

/// The places of all anomalies.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    places: SegMap<AnomalyId, Place>,
    by_time: SegMap<(Timestamp, AnomalyId), Option<Lane>>,
    by_lane: SegMap<(Option<Lane>, Timestamp, AnomalyId), ()>,
    by_visit: SegMap<(VisitId, AnomalyId), ()>,
}

/// The lane of an anomaly, as far as its records and sessions are known now; see the module.
#[must_use]
pub fn lane_of(tables: &Tables, anomaly: &Anomaly) -> Option<Lane> {
    let of_records = anomaly.records.iter().rev().find_map(|id| tables.event(*id)?.event.lane());
    of_records.or_else(|| anomaly.sessions.iter().find_map(|id| Some(tables.visit(tables.session(*id)?.visit)?.lane)))
}

impl Marks {
    /// The places as they are now, without a copy; see `SegVec::share`.
    #[must_use]
    pub fn share(&mut self) -> Self {
        Self { places: self.places.share(), by_time: self.by_time.share(), by_lane: self.by_lane.share(), by_visit: self.by_visit.share() }
    }
    /// Files an anomaly, or the sessions that were added to it; gives its place.
    pub fn put(&mut self, tables: &Tables, id: AnomalyId, anomaly: &Anomaly) -> Place {
        let place = self.place(id).unwrap_or_else(|| {
            let place = (lane_of(tables, anomaly), anomaly.raised_at);
            self.places.update(id, || place, |_| ());
            self.by_time.update((place.1, id), || place.0, |_| ());
            self.by_lane.update((place.0, place.1, id), || (), |()| ());
            place
        });
        for visit in anomaly.sessions.iter().filter_map(|session| tables.session(*session)?.visit.some()) {
            self.by_visit.update((visit, id), || (), |()| ());
        }
        place
    }
    #[must_use]
    pub fn place(&self, id: AnomalyId) -> Option<Place> {
        self.places.get(id).copied()
    }
    /// Anomalies of a lane with `from <= place < to`, in order of time; `None` for those without a lane.
    pub fn in_lane(&self, lane: Option<Lane>, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (Timestamp, AnomalyId)> {
        let first = AnomalyId::new(0);
        self.by_lane.range((lane, from, first), (lane, to, first)).map(|((_, at, id), ())| (at, id))
    }
    /// Anomalies with `from <= place < to`, in order of time.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (Timestamp, AnomalyId)> {
        let first = AnomalyId::new(0);
        self.by_time.range((from, first), (to, first)).map(|((at, id), _)| (at, id))
    }
    /// Those behind `(at, id)`, nearest first.
    pub fn after(&self, at: Timestamp, id: AnomalyId) -> impl Iterator<Item = (Timestamp, AnomalyId)> {
        let end = (Timestamp::MAX, AnomalyId::NONE);
        self.by_time.range((at, id), end).map(|(key, _)| key).filter(move |key| *key != (at, id))
    }
    /// Those before `(at, id)`, nearest first.
    pub fn before(&self, at: Timestamp, id: AnomalyId) -> impl Iterator<Item = (Timestamp, AnomalyId)> {
        self.by_time.before((at, id)).map(|(key, _)| key)
    }
    /// Anomalies that name a logon session of a visit.
    pub fn of_visit(&self, visit: VisitId) -> impl Iterator<Item = AnomalyId> {
        self.by_visit.range((visit, AnomalyId::new(0)), (visit, AnomalyId::NONE)).map(|((_, id), ())| id)
    }
}
