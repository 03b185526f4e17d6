//! What is odd, and why: detections over events and sessions.

use crate::model::ids::AnomalyId;
use crate::model::world::{Changes, World};

/// All detections with their state. A pure fold: no clock, no I/O.
#[derive(Debug, Default)]
pub struct Watch {}

impl Watch {
    /// Looks at what one event changed; appends or extends anomalies in `world` and says which.
    pub fn observe(&mut self, _world: &mut World, _changes: &Changes) -> Vec<AnomalyId> {
        Vec::new()
    }
}
