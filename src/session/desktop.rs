//! Which session is behind a desktop number: LocalSessionManager and 4800/4801 name desktops by their Terminal Services
//! number, Security by `LogonId`.
//!
//! Numbers are given again after a logoff and a boot, so a number is bound to a session for as long as that is open. 4800
//! and 4801 state both; LocalSessionManager 21 comes within seconds of the logon of the same account (reference R13).

use super::{Place, Sessions, count};
use crate::base::time::{Span, Timestamp};
use crate::model::event::{AuthEvent, EventKind, Tri};
use crate::model::ids::{HostId, SessionId};
use crate::model::lane::Lane;
use crate::model::session::Session;
use crate::model::world::{Changes, World};
use rustc_hash::FxHashMap;

/// LocalSessionManager 21 follows its 4624 in less than this.
const LOGON_TO_DESKTOP: Span = Span::seconds(10);

/// The newest sessions of an account that are looked at for the one a desktop belongs to.
const LOOKED_AT: usize = 16;

pub(super) type Desktops = FxHashMap<(HostId, u32), SessionId>;

impl Sessions {
    /// LocalSessionManager 21 to 25 and Security 4800, 4801: the record joins the session of its desktop.
    pub(super) fn desktop(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        let named = self.keys.session(place.host, event.logon_id);
        let session = match event.ts_session {
            None => named,
            Some(number) => {
                let bound = if named.is_some() {
                    named
                } else if event.kind == EventKind::RdpSessionLogon {
                    just_begun(event.at, place, world)
                } else {
                    self.desktops
                        .get(&(place.host, number))
                        .copied()
                        .filter(|id| is_its_own(*id, event, place, world))
                        .unwrap_or(SessionId::NONE)
                };
                if bound.is_some() {
                    self.desktops.insert((place.host, number), bound);
                }
                bound
            }
        };
        count::join(session, place.event, world, changes);
        match event.kind {
            EventKind::RdpSessionDisconnected => connected(session, false, event.at, world),
            EventKind::RdpSessionReconnected => connected(session, true, event.at, world),
            _ => {}
        }
    }
}

/// The desktop session the account of the record began moments ago; of a UAC pair the limited half, which owns the
/// desktop (reference R4).
fn just_begun(at: Timestamp, place: Place, world: &World) -> SessionId {
    let fits = |session: &Session| {
        session.host == place.host
            && matches!(session.lane, Lane::Interactive | Lane::RemoteInteractive | Lane::Cached)
            && (at - session.start).abs() <= LOGON_TO_DESKTOP
    };
    let mut recent = world.tables.sessions_of_account(place.account).take(LOOKED_AT).filter(|(_, session)| fits(session));
    let Some((newest, session)) = recent.next() else { return SessionId::NONE };
    if session.elevated == Tri::Yes {
        return recent.find(|(_, other)| other.elevated == Tri::No).map_or(newest, |(limited, _)| limited);
    }
    newest
}

/// A number that was given to somebody else since does not mislead: the account must be that of the session, and the
/// session open or ended with this very record.
fn is_its_own(id: SessionId, event: &AuthEvent, place: Place, world: &World) -> bool {
    world.tables.session(id).is_some_and(|session| {
        world.tables.account_id(session.account) == place.account
            && session.end.is_none_or(|end| (event.at - end).abs() <= LOGON_TO_DESKTOP)
    })
}

/// Somebody is at the session from now on, or nobody is. Security and LocalSessionManager both tell; the first counts.
pub(super) fn connected(session: SessionId, is_connected: bool, at: Timestamp, world: &mut World) {
    let Some(row) = world.tables.sessions.get_mut(session.index()) else { return };
    let end = row.end;
    if at < row.start || end.is_some_and(|end| at > end) {
        return;
    }
    let last = row.disconnected.as_deref_mut().and_then(|stretches| stretches.last_mut());
    match last {
        Some((from, until @ None)) if is_connected && *from <= at => *until = Some(at),
        _ if is_connected => {}
        // The stretch that is open, or one that ended later than this late record, tells it already.
        Some((_, until)) if until.is_none_or(|until| at < until) => {}
        _ => row.disconnected.get_or_insert_default().push((at, end)),
    }
}
