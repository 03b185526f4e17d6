//! Steps of a sign-in that asked the user for something (50074, 50140, 65001, ...) belong to the sign-in they led to.
//!
//! Rows of one attempt share the `correlationId`; where it is not stated, `originalRequestId` names the first of them. The
//! id comes from the client, so it only counts for a short time and for one account.

use super::Place;
use crate::base::time::{Span, Timestamp};
use crate::base::unique::Unique;
use crate::model::event::SignIn;
use crate::model::ids::{AccountId, EventId};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// From the first step to the sign-in.
const FLOW: Span = Span::minutes(10);

/// Steps that are remembered: of one flow, and of all. A flood of them costs no more.
const MOST_OF_FLOW: usize = 16;
const MOST: usize = 65_536;

#[derive(Clone, Copy, Debug)]
struct Waiting {
    at: Timestamp,
    account: AccountId,
    session: Unique,
    event: EventId,
}

#[derive(Debug, Default)]
pub(super) struct Flows {
    steps: FxHashMap<Unique, Vec<Waiting>>,
    /// In order of arrival, so that old ones leave.
    order: VecDeque<(Timestamp, Unique)>,
}

impl Flows {
    pub fn wait(&mut self, sign_in: &SignIn, at: Timestamp, place: Place) {
        let Some(key) = [sign_in.correlation_id, sign_in.original_request_id, sign_in.id].into_iter().find(|id| id.is_some()) else {
            return;
        };
        while let Some((since, old)) = self.order.front().copied().filter(|(since, _)| self.order.len() >= MOST || at - *since > FLOW) {
            self.order.pop_front();
            if self.steps.get(&old).is_some_and(|steps| steps.iter().all(|step| step.at <= since)) {
                self.steps.remove(&old);
            }
        }
        let steps = self.steps.entry(key).or_default();
        if steps.len() < MOST_OF_FLOW {
            steps.push(Waiting { at, account: place.account, session: sign_in.session_id, event: place.event });
            self.order.push_back((at, key));
        }
    }
    pub fn merge(&mut self, goes: AccountId, stays: AccountId) {
        for step in self.steps.values_mut().flatten().filter(|step| step.account == goes) {
            step.account = stays;
        }
    }
    /// The steps that led to a sign-in; each is given once.
    pub fn steps_to(&mut self, sign_in: &SignIn, at: Timestamp, account: AccountId) -> impl Iterator<Item = EventId> + use<> {
        let known = |id: Unique| id.is_some() && self.steps.contains_key(&id);
        let key = if self.steps.is_empty() {
            None
        } else {
            [sign_in.correlation_id, sign_in.original_request_id].into_iter().find(|id| known(*id))
        };
        let steps = key.and_then(|key| self.steps.remove(&key)).unwrap_or_default();
        let session = sign_in.session_id;
        let belongs = move |step: &Waiting| {
            (at - step.at).abs() <= FLOW
                && (step.account == account || step.account.is_none())
                && (step.session == session || step.session.is_none())
        };
        steps.into_iter().filter(belongs).map(|step| step.event)
    }
}
