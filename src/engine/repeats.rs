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

/// A computer and a channel.
type Log = (Symbol, Symbol);

/// Late and repeated events, by input and log; as many entries as there are logs at most.
#[derive(Debug, Default)]
pub struct Repeats {
    by_input: FxHashMap<InputId, FxHashMap<Log, (u64, u64)>>,
    pub late: u64,
    pub duplicates: u64,
}

impl Repeats {
    fn entry(&mut self, origin: Origin) -> &mut (u64, u64) {
        self.by_input.entry(origin.input).or_default().entry((origin.host, origin.channel)).or_default()
    }
    pub fn late(&mut self, origin: Origin) {
        self.late += 1;
        self.entry(origin).0 += 1;
    }
    pub fn duplicate(&mut self, origin: Origin) {
        self.duplicates += 1;
        self.entry(origin).1 += 1;
    }
    /// Writes them into the inputs, which must not hold them yet.
    pub fn tell(&self, names: &Interner, inputs: &mut [InputStatus]) {
        for (input, counts) in &self.by_input {
            let Some(input) = inputs.get_mut(input.index()) else { continue };
            // Logs keep the spelling of their records, events have the names folded.
            let folded = |(computer, channel): Log| (names.fold(computer), names.fold(channel));
            let mut places: FxHashMap<Log, usize> = FxHashMap::default();
            for (place, log) in input.logs.iter().enumerate() {
                places.entry(folded((log.computer, log.channel))).or_insert(place);
            }
            for (log, (late, duplicates)) in counts {
                input.tally.repeats(*late, *duplicates, places.get(&folded(*log)).copied());
            }
        }
    }
}
