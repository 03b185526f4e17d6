//! Entra sign-ins grouped by their `sessionId`: everything issued from one authentication.
//!
//! There is no logoff in Entra: such a session has no end and stays open; its newest event says when it was last used.
//! Only a sign-in that was let through begins one; failed and interrupted steps join a session that is there, and steps
//! that led to a sign-in join it when it comes (`flow`). Rows without a `sessionId` (workloads, old exports) are sessions of
//! their own, by their `id`: the same sign-in in several categories is one. Where the tokens of a user's session come from
//! is its lineage (`lineage`, `holder`).

mod flow;
mod holder;
mod lineage;

use super::visit::{Seat, table};
use super::{Place, Sessions, count, credential};
use crate::base::unique::Unique;
use crate::model::event::{AuthEvent, Outcome, SignIn, SignInCategory};
use crate::model::ids::{AccountId, HostId, SessionId};
use crate::model::session::{Rare, Session};
use crate::model::visit::VisitKind;
use crate::model::world::{Changes, World};
use rustc_hash::FxHashMap;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(super) struct Entra {
    /// By account, for a `sessionId` is only unique for one user; and by `sessionId` or, where that is not stated, `id`.
    sessions: FxHashMap<(AccountId, Unique, bool), SessionId>,
    flows: flow::Flows,
    lineages: lineage::Lineages,
}

impl Entra {
    /// An account turned out to be another: its tokens are those of that one.
    pub fn merge(&mut self, goes: AccountId, stays: AccountId) {
        self.flows.merge(goes, stays);
        self.lineages.merge(goes, stays);
    }
}

impl Sessions {
    pub(super) fn sign_in(&mut self, event: &AuthEvent, place: Place, world: &mut World, changes: &mut Changes) {
        let Some(sign_in) = event.entra.as_deref() else { return };
        if sign_in.category == SignInCategory::Interactive && !world.tables.sign_in_log.knows(sign_in.tenant, event.at) {
            Arc::make_mut(&mut world.tables.sign_in_log).see(sign_in.tenant, event.at);
        }
        let has_session = sign_in.session_id.is_some();
        let name = if has_session { sign_in.session_id } else { sign_in.id };
        let key = (place.account, name, has_session);
        // It may have begun when the account had another row.
        let begun = |account| self.entra.sessions.get(&(account, name, has_session)).copied();
        let known = if name.is_some() { world.tables.rows_of_account(place.account).find_map(begun) } else { None };
        let session = match (known, event.outcome) {
            (Some(known), _) => known,
            (None, Outcome::Success | Outcome::None) => {
                let mut opening = session_of(event, sign_in, name, place);
                opening.credential = credential::of_sign_in(sign_in, world);
                let session = count::open(opening, Seat::New(VisitKind::SignIn), world, changes);
                if name.is_some() {
                    self.entra.sessions.insert(key, session);
                }
                changes.opened = true;
                session
            }
            (None, Outcome::Interrupted) => {
                self.entra.flows.wait(sign_in, event.at, place);
                return;
            }
            (None, Outcome::Failure) => return,
        };
        if matches!(event.outcome, Outcome::Success | Outcome::None) {
            if let Some(row) = world.tables.sessions.get_mut(session.index()) {
                row.start = row.start.min(event.at);
            }
            table::began_earlier(session, event.at, world, changes);
            for step in self.entra.flows.steps_to(sign_in, event.at, place.account) {
                count::join_earlier(session, step, world);
            }
        }
        count::join(session, place.event, world, changes);
        self.entra.lineages.take(event, sign_in, place, session, world);
    }
}

fn session_of(event: &AuthEvent, sign_in: &SignIn, name: Unique, place: Place) -> Session {
    let entities = (place.account, HostId::NONE, place.source);
    Session {
        logon_type: event.logon_type,
        workstation: sign_in.device_name,
        package: sign_in.protocol,
        logon_process: sign_in.app,
        process: sign_in.client_app,
        rare: Some(Box::new(Rare { entra_session: name, ..Rare::default() })),
        ..Session::new(sign_in.category.lane(), entities, event.at, place.event)
    }
}
