//! Which input and which log late and repeated events came from.
//!
//! Only the fold knows that an event came late or was there before; what a reader counted is in the `InputStatus`. The
//! two meet when a snapshot is made.

use crate::base::intern::{Interner, Symbol};
use crate::model::event::AuthEvent;
use crate::model::ids::InputId;
use crate::model::input::InputStatus;
use rustc_hash::FxHashMap;

/// Where an event came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    input: InputId,
    host: Symbol,
    channel: Symbol,
}

impl Origin {
    #[must_use]
    pub const fn of(event: &AuthEvent) -> Self {
        Self { input: event.provenance.input, host: event.host, channel: event.channel }
    }
}

/// Late and repeated events, by origin; as many entries as there are logs at most.
#[derive(Debug, Default)]
pub struct Repeats {
    by_origin: FxHashMap<Origin, (u64, u64)>,
    pub late: u64,
    pub duplicates: u64,
}

impl Repeats {
    pub fn late(&mut self, origin: Origin) {
        self.late += 1;
        self.by_origin.entry(origin).or_default().0 += 1;
    }
    pub fn duplicate(&mut self, origin: Origin) {
        self.duplicates += 1;
        self.by_origin.entry(origin).or_default().1 += 1;
    }
    /// Writes them into the inputs, which must not hold them yet.
    pub fn tell(&self, names: &Interner, inputs: &mut [InputStatus]) {
        for (origin, (late, duplicates)) in &self.by_origin {
            if let Some(input) = inputs.get_mut(origin.input.index()) {
                let same = |a, b| names.fold(a) == names.fold(b);
                input.tally.repeats(*late, *duplicates, |log| same(log.channel, origin.channel) && same(log.computer, origin.host));
            }
        }
    }
}
