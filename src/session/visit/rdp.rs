//! Connections of Remote Desktop on the way to a desktop: RdpCoreTS 131, RemoteConnectionManager 261 and 1149, the network
//! logon of network level authentication, the gateway they came through, and RdpCoreTS 140, which ends one that was refused.
//!
//! None of these names a desktop. They wait until one begins or is connected again by the same account from the same
//! source within a minute, and are part of it then (reference R25).

use crate::base::by_id::ById;
use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::model::ids::{AccountId, EventId, HostId, SourceId, VisitId};
use std::collections::VecDeque;

/// A connection leads to its desktop within this.
pub const ON_THE_WAY: Span = Span::seconds(60);

/// Connections that wait on one host: those of a minute, unless somebody floods it.
const KEPT: usize = 64;

/// Clients inside that are remembered; a gateway serves hundreds.
const INSIDE: usize = 512;

/// Records of one connection that are kept.
const RECORDS: usize = 4;

/// A connection that led to no desktop yet.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    at: Timestamp,
    account: AccountId,
    source: SourceId,
    records: [EventId; RECORDS],
}

/// A client that was let through a Remote Desktop Gateway.
#[derive(Clone, Copy, Debug)]
pub struct Passage {
    at: Timestamp,
    pub event: EventId,
    account: AccountId,
    /// Of the client, as the gateway saw it.
    pub source: SourceId,
    /// The computer that it asked for, folded.
    target: Symbol,
}

#[derive(Debug, Default)]
pub struct Connections {
    hosts: ById<VecDeque<Connection>>,
    passages: VecDeque<Passage>,
    /// Clients that came to a desktop through a gateway and did not leave it yet.
    inside: VecDeque<(Passage, VisitId)>,
}

impl Connections {
    /// A record of a connection; it belongs to the newest one that does not contradict it.
    pub fn note(&mut self, host: HostId, at: Timestamp, account: AccountId, source: SourceId, event: EventId) {
        let Some(waiting) = self.hosts.entry(host.index(), VecDeque::new) else { return };
        while waiting.len() >= KEPT || waiting.front().is_some_and(|oldest| at - oldest.at > ON_THE_WAY) {
            waiting.pop_front();
        }
        let fits = |known: &&mut Connection| {
            (at - known.at).abs() <= ON_THE_WAY
                && (known.account.is_none() || account.is_none())
                && (known.source.is_none() || source.is_none() || known.source == source)
                && known.records.iter().any(|record| record.is_none())
        };
        // A record of the transport begins a connection; what names the account goes on with it.
        let known = if account.is_some() || source.is_none() { waiting.iter_mut().rev().find(fits) } else { None };
        match known {
            Some(known) => {
                known.account = known.account.some().unwrap_or(account);
                known.source = known.source.some().unwrap_or(source);
                if let Some(free) = known.records.iter_mut().find(|record| record.is_none()) {
                    *free = event;
                }
            }
            None => {
                let mut records = [EventId::NONE; RECORDS];
                if let Some(first) = records.first_mut() {
                    *first = event;
                }
                waiting.push_back(Connection { at, account, source, records });
            }
        }
    }
    /// Takes out the connection that led the account to a desktop; gives its records.
    pub fn arrived(&mut self, host: HostId, at: Timestamp, account: AccountId, source: SourceId) -> impl Iterator<Item = EventId> + use<> {
        let waiting = self.hosts.get_mut(host.index());
        let found = waiting.and_then(|waiting| {
            let fits = |known: &Connection, named: bool| {
                let same_account = if named { known.account == account } else { known.account.is_none() };
                let same_source = if named {
                    known.source.is_none() || source.is_none() || known.source == source
                } else {
                    source.is_some() && known.source == source
                };
                same_account && same_source && (at - known.at).abs() <= ON_THE_WAY
            };
            let place =
                waiting.iter().rposition(|known| fits(known, true)).or_else(|| waiting.iter().rposition(|known| fits(known, false)))?;
            waiting.remove(place)
        });
        found.into_iter().flat_map(|connection| connection.records).filter(|record| record.is_some())
    }
    /// RdpCoreTS 140: the connection that began there led nowhere.
    pub fn refused(&mut self, host: HostId, at: Timestamp, source: SourceId) {
        let Some(waiting) = self.hosts.get_mut(host.index()).filter(|_| source.is_some()) else { return };
        let is_it = |known: &Connection| known.source == source && known.account.is_none() && (at - known.at).abs() <= ON_THE_WAY;
        if let Some(place) = waiting.iter().rposition(is_it) {
            waiting.remove(place);
        }
    }
    /// Gateway 302: the client is connected to `target`.
    pub fn passed(&mut self, at: Timestamp, event: EventId, account: AccountId, source: SourceId, target: Symbol) {
        while self.passages.len() >= KEPT || self.passages.front().is_some_and(|oldest| at - oldest.at > ON_THE_WAY) {
            self.passages.pop_front();
        }
        self.passages.push_back(Passage { at, event, account, source, target });
    }
    /// The client that was let through came to this desktop.
    pub fn led_to(&mut self, passage: Passage, visit: VisitId) {
        if self.inside.len() >= INSIDE {
            self.inside.pop_front();
        }
        self.inside.push_back((passage, visit));
    }
    /// Gateway 303: the desktop the client was at, told once.
    pub fn left(&mut self, account: AccountId, source: SourceId, target: Symbol) -> Option<VisitId> {
        let is_it = |(known, _): &(Passage, VisitId)| known.account == account && known.source == source && known.target == target;
        let place = self.inside.iter().rposition(is_it)?;
        self.inside.remove(place).map(|(_, visit)| visit)
    }
    /// The client behind a gateway that came to one of `names` of a host.
    pub fn behind_gateway(&self, at: Timestamp, account: AccountId, is_named: impl Fn(Symbol) -> bool) -> Option<Passage> {
        let fits = |known: &&Passage| known.account == account && (at - known.at).abs() <= ON_THE_WAY && is_named(known.target);
        self.passages.iter().rev().find(fits).copied()
    }
}
