//! What paths need of the events beside the tables, noted while the events pass.
//!
//! Which machine had which address when, as the machines' own accounts tell (FS01$ logging on from 10.0.2.31, or asking a
//! domain controller for a ticket from there), and where 4648, 4625 and the 4769 of others stand. Only those are touched.
//!
//! Bounds: `MOST_HOLDINGS` stretches of 24 bytes for each address, 8 bytes for each machine and address, 4 bytes for each
//! 4648 that belongs to a session, each 4625 that names a source, and each 4769 of no machine.

use crate::base::net::{AddressClass, class};
use crate::base::segments::SegVec;
use crate::base::time::{Span, Timestamp};
use crate::model::account::AccountClass;
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::world::{Changes, Row, Tables};
use crate::store::path::limits;
use std::borrow::Cow;
use std::sync::Arc;

/// Sightings nearer than this are one: most events of a busy machine then change nothing here.
const GRAIN: Span = Span::minutes(1);
/// An address that changed hands oftener is shared by many; later changes are not kept.
pub const MOST_HOLDINGS: usize = 16;

/// One machine was met at an address from `first` to `last`, and no other machine between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The machine's own account.
    pub account: AccountId,
    pub first: Timestamp,
    pub last: Timestamp,
}

#[derive(Clone, Debug, Default)]
pub struct Trails {
    /// By source; stretches by their start.
    held: SegVec<Option<Arc<Vec<Holding>>>>,
    /// Each machine account at each address once.
    came: SegVec<(AccountId, SourceId)>,
    explicit: SegVec<EventId>,
    failed: SegVec<EventId>,
    tickets: SegVec<EventId>,
}

impl Trails {
    /// The trails as they are now; see `SegVec::share`.
    #[must_use]
    pub fn share(&mut self) -> Self {
        Self {
            held: self.held.share(),
            came: self.came.share(),
            explicit: self.explicit.share(),
            failed: self.failed.share(),
            tickets: self.tickets.share(),
        }
    }
    /// Takes over what one event tells.
    #[inline]
    pub fn take(&mut self, tables: &Tables, changes: &Changes) {
        let Some(row) = tables.event(changes.event) else { return };
        match row.event.kind {
            EventKind::Logon | EventKind::TicketGranting | EventKind::ServiceTicket => {
                let is_machine = self.machine(&row, tables);
                let is_ticket = row.event.kind == EventKind::ServiceTicket && row.event.outcome == Outcome::Success;
                if is_ticket && !is_machine && row.source.is_some() {
                    self.tickets.push(changes.event);
                }
            }
            EventKind::ExplicitCredentials if row.session.is_some() => {
                self.explicit.push(changes.event);
            }
            EventKind::LogonFailed if row.source.is_some() && row.host.is_some() => {
                self.failed.push(changes.event);
            }
            _ => {}
        }
    }
    /// Takes over where a machine is, and says whether the event is of a machine's own account. NTLM is left out: a relayed
    /// machine account comes from the address of the relay.
    fn machine(&mut self, row: &Row, tables: &Tables) -> bool {
        let event = &row.event;
        let Some(address) = event.address else { return false };
        if tables.account(row.account).is_none_or(|account| account.class != AccountClass::Computer) {
            return false;
        }
        if event.outcome == Outcome::Success && event.lm_package.is_none() && class(address) != AddressClass::Loopback {
            self.hold(row.source, tables.account_id(row.account), event.at);
        }
        true
    }
    fn hold(&mut self, source: SourceId, account: AccountId, at: Timestamp) {
        if source.is_none() {
            return;
        }
        while self.held.len() <= source.index() {
            self.held.push(None);
        }
        let known = self.held(source);
        let place = known.partition_point(|holding| holding.first <= at);
        let before = place.checked_sub(1).and_then(|before| known.get(before)).filter(|holding| holding.account == account);
        if before.is_some_and(|holding| at <= holding.last + GRAIN) {
            return;
        }
        let after = known.get(place).filter(|holding| holding.account == account);
        if after.is_some_and(|holding| at + GRAIN >= holding.first) {
            return;
        }
        let is_new = before.is_none() && after.is_none();
        if is_new && known.len() >= MOST_HOLDINGS {
            return;
        }
        let met = known.iter().any(|holding| holding.account == account);
        let (extends, begins_earlier) = (before.is_some(), after.is_some());
        let Some(slot) = self.held.get_mut(source.index()) else { return };
        let list = Arc::make_mut(slot.get_or_insert_with(Arc::default));
        if extends {
            if let Some(holding) = list.get_mut(place - 1) {
                holding.last = at;
            }
        } else if begins_earlier {
            if let Some(holding) = list.get_mut(place) {
                holding.first = at;
            }
        } else {
            list.insert(place, Holding { account, first: at, last: at });
        }
        if !met {
            self.came.push((account, source));
        }
    }
    /// Stretches in which machines were met at an address, by their start.
    #[must_use]
    pub fn held(&self, source: SourceId) -> &[Holding] {
        self.held.get(source.index()).and_then(Option::as_ref).map_or(&[], |list| list.as_slice())
    }
    /// Every machine account at every address it was met at.
    pub fn came(&self) -> impl Iterator<Item = (AccountId, SourceId)> {
        self.came.iter().copied()
    }
    /// 4648 of sessions until a time, newest first.
    pub fn explicit<'a>(&'a self, tables: &'a Tables, until: Timestamp) -> impl Iterator<Item = (EventId, Cow<'a, Row>)> {
        newest(&self.explicit, tables, until)
    }
    /// 4769 that gave a ticket to somebody else than a machine.
    pub fn tickets<'a>(&'a self, tables: &'a Tables, until: Timestamp) -> impl Iterator<Item = (EventId, Cow<'a, Row>)> {
        newest(&self.tickets, tables, until)
    }
    /// 4625 with a source.
    pub fn failed<'a>(&'a self, tables: &'a Tables, until: Timestamp) -> impl Iterator<Item = (EventId, Cow<'a, Row>)> {
        newest(&self.failed, tables, until)
    }
}

/// Events that are nearly in order of time, from the last one before `until` back, without a look at those after it; at most
/// `limits::LOOKED_AT`.
fn newest<'a>(list: &'a SegVec<EventId>, tables: &'a Tables, until: Timestamp) -> impl Iterator<Item = (EventId, Cow<'a, Row>)> {
    let row = |place: usize| list.get(place).and_then(|id| Some((*id, tables.event(*id)?)));
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low + (high - low) / 2;
        // A row that was let go is an old one.
        let at = list.get(middle).and_then(|id| tables.events.at(id.index()));
        let is_before = at.is_none_or(|at| at <= until);
        if is_before { low = middle + 1 } else { high = middle }
    }
    (0..low).rev().take(limits::LOOKED_AT).map_while(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::default() + Span::minutes(minutes)
    }
    fn told(sightings: &[(usize, i64)]) -> Vec<(usize, i64, i64)> {
        let mut trails = Trails::default();
        for (account, minutes) in sightings {
            trails.hold(SourceId::new(3), AccountId::new(*account), at(*minutes));
        }
        let minutes = |at: Timestamp| (at - Timestamp::default()).as_seconds() / 60;
        trails.held(SourceId::new(3)).iter().map(|held| (held.account.index(), minutes(held.first), minutes(held.last))).collect()
    }

    #[test]
    fn stretches_grow_and_part_where_another_machine_stands_between() {
        assert_eq!(told(&[(1, 0), (1, 60), (1, 90)]), [(1, 0, 90)]);
        assert_eq!(told(&[(1, 0), (1, 60), (2, 120), (1, 180)]), [(1, 0, 60), (2, 120, 120), (1, 180, 180)]);
        assert_eq!(told(&[(1, 60), (1, 30), (2, 10)]), [(2, 10, 10), (1, 30, 60)]);
    }

    #[test]
    fn an_address_of_many_machines_keeps_a_bounded_number() {
        let many: Vec<(usize, i64)> = (0..100).map(|number| (number % 2, i64::try_from(number).unwrap() * 10)).collect();
        assert_eq!(told(&many).len(), MOST_HOLDINGS);
    }
}
