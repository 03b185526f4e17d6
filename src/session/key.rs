//! Which session holds a `LogonId` on a host now, and what waits for a session that is not there yet.
//!
//! A `LogonId` is unique on one host until it restarts (reference R1), so a boot empties the keys of its host.

use crate::base::by_id::ById;
use crate::base::time::{Span, Timestamp};
use crate::model::event::LogonId;
use crate::model::ids::{EventId, HostId, SessionId, VisitId};
use crate::model::session::SessionEnd;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// For network and service logons Windows writes 4672 before 4624; this long it waits (reference R6).
pub(super) const PRIVILEGES_WAIT: Span = Span::seconds(10);

pub(super) type Key = (HostId, LogonId);

/// A key without the gaps between its parts: there are as many as open sessions.
type Packed = [u32; 3];

#[allow(clippy::cast_possible_truncation)] // an id of a row has 32 bits, and the others are the halves of 64
const fn packed((host, logon_id): Key) -> Packed {
    [host.index() as u32, (logon_id.0 >> 32) as u32, logon_id.0 as u32]
}

/// A logoff whose logon was not seen, or comes late.
#[derive(Clone, Copy, Debug)]
pub(super) struct Orphan {
    pub at: Timestamp,
    pub how: SessionEnd,
    pub event: EventId,
    /// What it ended; `NONE` where that is of no interest.
    pub visit: VisitId,
}

/// What a host's sessions need between two boots.
#[derive(Debug, Default)]
pub(super) struct SinceBoot {
    /// Sessions opened since, closed ones among them.
    pub sessions: Vec<SessionId>,
    /// Sessions that the boot ended.
    pub ended: Vec<SessionId>,
    /// The last 4608 or Kernel-General 12.
    pub marker: Option<Timestamp>,
    /// The last sign of life before the boot.
    pub alive: Option<Timestamp>,
    /// The last record that the host is being shut down.
    pub shutdown: Option<Timestamp>,
    /// Desktops that it ended, with or without logons.
    pub ended_desktops: Vec<VisitId>,
}

/// A 4672 and when it was written.
#[derive(Clone, Copy, Debug)]
struct Privileges {
    written: Timestamp,
    event: EventId,
    /// Its row belongs to a session.
    is_claimed: bool,
}

/// Privileges that were written before their logon.
#[derive(Clone, Copy, Debug)]
pub(super) enum Announced {
    /// The event belongs to no session yet.
    Unclaimed(EventId),
    Claimed,
}

/// Orphans of one generation. Logs that hold logoffs without their logons (a filtered export, a host that is watched since
/// an hour) would fill the memory with them; a logon that comes after so many other orphans stays open.
const ORPHANS: usize = 65_536;

/// Logoffs that wait for their logons: the newest `ORPHANS`, and at most as many before them.
#[derive(Debug, Default)]
struct Orphans {
    young: FxHashMap<Key, Orphan>,
    old: FxHashMap<Key, Orphan>,
}

impl Orphans {
    fn get(&self, key: &Key) -> Option<&Orphan> {
        self.young.get(key).or_else(|| self.old.get(key))
    }
    fn put(&mut self, key: Key, orphan: Orphan) {
        if self.young.len() >= ORPHANS {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, orphan);
    }
    fn remove(&mut self, key: &Key) {
        self.young.remove(key);
        self.old.remove(key);
    }
}

#[derive(Debug, Default)]
pub(super) struct Keys {
    holders: FxHashMap<Packed, SessionId>,
    privileges: FxHashMap<Key, Privileges>,
    /// Keys of `privileges` in order of arrival, so that old ones leave.
    waiting: VecDeque<(Timestamp, Key)>,
    orphans: Orphans,
    hosts: ById<SinceBoot>,
    /// That of records without a host.
    nowhere: SinceBoot,
}

impl Keys {
    /// The session that holds the id, or held it last since the boot; `NONE` for ids that open no session.
    pub fn session(&self, host: HostId, logon_id: LogonId) -> SessionId {
        if !logon_id.opens_session() {
            return SessionId::NONE;
        }
        self.holders.get(&packed((host, logon_id))).copied().unwrap_or(SessionId::NONE)
    }
    /// Gives the id to a session; says who held it before.
    pub fn hold(&mut self, key: Key, session: SessionId) -> SessionId {
        self.host(key.0).sessions.push(session);
        self.holders.insert(packed(key), session).unwrap_or(SessionId::NONE)
    }
    /// Privileges that may belong to a logon still to come.
    pub fn wait(&mut self, key: Key, at: Timestamp, event: EventId, is_claimed: bool) {
        while let Some((since, old)) = self.waiting.front().copied() {
            if at - since <= PRIVILEGES_WAIT {
                break;
            }
            self.waiting.pop_front();
            if self.privileges.get(&old).is_some_and(|waiting| waiting.written <= since) {
                self.privileges.remove(&old);
            }
        }
        self.privileges.insert(key, Privileges { written: at, event, is_claimed });
        self.waiting.push_back((at, key));
    }
    /// The 4672 written for this id up to 10 s before `at`; it is claimed from now on.
    pub fn privileges_before(&mut self, key: Key, at: Timestamp) -> Option<Announced> {
        let waiting = self.privileges.get_mut(&key)?;
        let since = at - waiting.written;
        if since < Span::ZERO || since > PRIVILEGES_WAIT {
            return None;
        }
        let was_claimed = std::mem::replace(&mut waiting.is_claimed, true);
        Some(if was_claimed { Announced::Claimed } else { Announced::Unclaimed(waiting.event) })
    }
    pub fn keep_orphan(&mut self, key: Key, orphan: Orphan) {
        if key.1.opens_session() {
            self.orphans.put(key, orphan);
        }
    }
    /// The logoff that was applied before its logon, which began at `start`.
    pub fn orphan_after(&mut self, key: Key, start: Timestamp) -> Option<Orphan> {
        let orphan = *self.orphans.get(&key)?;
        (orphan.at >= start).then(|| {
            self.orphans.remove(&key);
            orphan
        })
    }
    /// What the logoff of this id ended, which was applied before its logon at `start`.
    pub fn visit_of_orphan(&self, key: Key, start: Timestamp) -> Option<VisitId> {
        self.orphans.get(&key).filter(|orphan| orphan.at > start)?.visit.some()
    }
    pub fn host(&mut self, host: HostId) -> &mut SinceBoot {
        self.hosts.entry(host.index(), SinceBoot::default).unwrap_or(&mut self.nowhere)
    }
    /// Takes out the sessions that a restart ends and frees their ids; `keeps` says which began after it, where the
    /// record of the restart came late.
    pub fn restart(&mut self, host: HostId, keeps: impl Fn(SessionId) -> bool, logon_id: impl Fn(SessionId) -> LogonId) -> Vec<SessionId> {
        let sessions = &mut self.host(host).sessions;
        let (later, ended): (Vec<_>, Vec<_>) = sessions.drain(..).partition(|session| keeps(*session));
        *sessions = later;
        for session in &ended {
            let key = packed((host, logon_id(*session)));
            if self.holders.get(&key) == Some(session) {
                self.holders.remove(&key);
            }
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logoffs_without_logons_are_kept_up_to_a_bound() {
        let start = Timestamp::parse("2026-03-14T09:00:00Z").unwrap();
        let key = |number: usize| (HostId::new(0), LogonId(1_000 + number as u64));
        let orphan = Orphan { at: start, how: SessionEnd::Logoff, event: EventId::new(0), visit: VisitId::NONE };
        let mut keys = Keys::default();
        let all = 3 * ORPHANS + 10;
        (0..all).for_each(|number| keys.keep_orphan(key(number), orphan));
        assert!(keys.orphans.young.len() + keys.orphans.old.len() <= 2 * ORPHANS);
        assert!(keys.orphan_after(key(0), start).is_none(), "long gone");
        for number in [all - 1, all - ORPHANS] {
            assert!(keys.orphan_after(key(number), start).is_some(), "one of the newest");
            assert!(keys.orphan_after(key(number), start).is_none(), "taken");
        }
    }
}
