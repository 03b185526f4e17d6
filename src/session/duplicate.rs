//! Records that were applied before: a log opened twice, or one record forwarded by two collectors.
//!
//! Windows numbers the records of a log, but starts again at 1 when the log is cleared, so the time belongs to the key.
//! The key is kept whole, not as a hash: a collision would drop a real record.

use crate::base::intern::Symbol;
use crate::base::unique::Unique;
use crate::model::event::AuthEvent;
use crate::model::ids::HostId;
use rustc_hash::FxHashSet;

/// Host, log, record number, time in ticks, event id.
type Key = (HostId, Symbol, u64, i64, u32);

#[derive(Debug, Default)]
pub(super) struct Seen {
    records: FxHashSet<Key>,
    /// Entra rows have no record number; the sign-in id stands in several categories, so both make the key.
    sign_ins: FxHashSet<(Unique, u8, i64)>,
}

impl Seen {
    /// Remembers the record; false when it was there before. Records without a number are always new.
    pub fn is_new(&mut self, host: HostId, event: &AuthEvent) -> bool {
        let ticks = event.at.as_ticks();
        if let Some(sign_in) = event.entra.as_deref() {
            return sign_in.id.is_none() || self.sign_ins.insert((sign_in.id, sign_in.category as u8, ticks));
        }
        event.record == 0 || self.records.insert((host, event.channel, event.record, ticks, event.event_id))
    }
}
