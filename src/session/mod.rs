//! Events become sessions: who was logged on where, from when to when, and how it ended.

use crate::model::event::AuthEvent;
use crate::model::world::{Changes, World};

/// The state that turns events into sessions. A pure fold: no clock, no I/O.
#[derive(Debug, Default)]
pub struct Sessions {}

impl Sessions {
    /// Takes an event (its symbols are of `world.names`) into the tables: finds or makes its account, host and source,
    /// appends the row, opens, changes or closes sessions, and says what changed.
    pub fn apply(&mut self, _event: AuthEvent, _world: &mut World) -> Changes {
        Changes::default()
    }
}
