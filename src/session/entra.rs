//! Entra sign-ins grouped by their `sessionId`: everything issued from one authentication.
//!
//! There is no logoff in Entra: such a session has no end and stays open; its newest event says when it was last used.
//! Only a sign-in that was let through begins one; failed and interrupted steps join a session that is there. Rows
//! without a `sessionId` (workloads, old exports) are sessions of their own, by their `id`.

use super::{Place, Sessions, count, visit};
use crate::base::intern::Symbol;
use crate::base::unique::Unique;
use crate::model::event::{AuthEvent, LogonId, Outcome, SignIn, Tri};
use crate::model::ids::{AccountId, EventId, HostId, SessionId, VisitId};
use crate::model::lane::Lane;
use crate::model::session::{Session, SessionEnd};
use crate::model::world::{Changes, World};
use rustc_hash::FxHashMap;

/// Sessions by their text; the lane belongs to the key of a row without `sessionId` because one id stands in several
/// categories, and the account because a `sessionId` is only unique for one user.
pub(super) type EntraSessions = FxHashMap<(AccountId, Unique, Option<Lane>), SessionId>;

impl Sessions {
    pub(super) fn sign_in(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        let Some(sign_in) = event.entra.as_deref() else { return };
        let lane = sign_in.category.lane();
        let (name, of_lane) = if sign_in.session_id.is_some() { (sign_in.session_id, None) } else { (sign_in.id, Some(lane)) };
        let key = (place.account, name, of_lane);
        let known = self.entra.get(&key).copied().filter(|_| name.is_some());
        let session = match (known, event.outcome) {
            (Some(known), _) => known,
            (None, Outcome::Success | Outcome::None) => {
                let session = count::open(session_of(event, sign_in, name, lane, place), world, changes);
                if name.is_some() {
                    self.entra.insert(key, session);
                }
                changes.opened = true;
                session
            }
            (None, Outcome::Failure | Outcome::Interrupted) => return,
        };
        if let Some(row) = world.tables.sessions.get_mut(session.index()) {
            row.start = row.start.min(event.at);
        }
        visit::began_earlier(session, event.at, world);
        count::join(session, place.event, world, changes);
    }
}

fn session_of(event: &AuthEvent, sign_in: &SignIn, name: Unique, lane: Lane, place: Place) -> Session {
    Session {
        lane,
        logon_type: event.logon_type,
        account: place.account,
        host: HostId::NONE,
        source: place.source,
        workstation: sign_in.device_name,
        logon_id: LogonId::NONE,
        boot: 0,
        start: event.at,
        end: None,
        end_reason: SessionEnd::Open,
        elevated: Tri::Unknown,
        privileged: false,
        linked_logon_id: LogonId::NONE,
        linked: SessionId::NONE,
        parent: SessionId::NONE,
        package: sign_in.protocol,
        lm_package: Symbol::NONE,
        logon_process: sign_in.app,
        process: sign_in.client_app,
        disconnected: None,
        entra_session: name,
        events: 0,
        first_event: place.event,
        last_event: EventId::NONE,
        anomalies: 0,
        worst: None,
        previous_of_account: SessionId::NONE,
        previous_of_host: SessionId::NONE,
        previous_of_source: SessionId::NONE,
        visit: VisitId::NONE,
        previous_of_visit: SessionId::NONE,
    }
}
