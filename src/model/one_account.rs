//! Accounts as they are read: rows that were found to be one account are one.
//!
//! The table only grows. A row that was merged says into which (`Account::merged_into`, which is never itself merged), and
//! events, sessions and visits keep the id they were given. Whoever compares ids, or counts by them, asks `account_id`
//! first; rows are read by `account`, which follows.

use crate::model::account::Account;
use crate::model::alias::Part;
use crate::model::chain::newest_first;
use crate::model::ids::{AccountId, EventId, SessionId, VisitId};
use crate::model::session::Session;
use crate::model::visit::Visit;
use crate::model::world::{Row, Tables};
use std::borrow::Cow;

impl Tables {
    /// The account an id stands for now: itself, or the one its row was merged into.
    #[must_use]
    #[inline]
    pub fn account_id(&self, id: AccountId) -> AccountId {
        match self.accounts.get(id.index()) {
            Some(row) if row.merged_into.is_some() => row.merged_into,
            _ => id,
        }
    }
    #[must_use]
    #[inline]
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        let row = self.accounts.get(id.index())?;
        if row.merged_into.is_none() { Some(row) } else { self.accounts.get(row.merged_into.index()) }
    }
    #[inline]
    pub fn account_mut(&mut self, id: AccountId) -> Option<&mut Account> {
        let id = if self.merged_accounts == 0 { id } else { self.account_id(id) };
        self.accounts.get_mut(id.index())
    }
    /// Accounts in order of their first row, without rows that were merged into others.
    pub fn each_account(&self) -> impl Iterator<Item = (AccountId, &Account)> {
        let rows = self.accounts.iter().enumerate().map(|(place, row)| (AccountId::new(place), row));
        rows.filter(|(_, row)| row.merged_into.is_none())
    }
    fn parts(&self, id: AccountId) -> &[Part] {
        self.account(id).and_then(|account| account.joined.as_deref()).map_or(&[], |joined| joined.parts.as_slice())
    }
    /// The account's own row and those that were merged into it.
    pub fn rows_of_account(&self, id: AccountId) -> impl Iterator<Item = AccountId> {
        std::iter::once(self.account_id(id)).chain(self.parts(id).iter().map(|part| part.account))
    }
    /// Events of an account, newest first.
    pub fn events_of_account(&self, id: AccountId) -> impl Iterator<Item = (EventId, Cow<'_, Row>)> {
        let first = self.account(id).map_or(EventId::NONE, |account| account.last_event);
        let others = self.parts(id).iter().map(|part| part.event).collect();
        let is_there = |id: EventId| (self.events.first_kept()..self.events.len()).contains(&id.index());
        newest_first(first, others, is_there, |id| {
            let row = self.event(id)?;
            let before = row.previous_of_account.some();
            Some((row, before))
        })
    }
    /// Logon sessions of an account, newest first.
    pub fn sessions_of_account(&self, id: AccountId) -> impl Iterator<Item = (SessionId, Cow<'_, Session>)> {
        let first = self.account(id).map_or(SessionId::NONE, |account| account.last_session);
        let others = self.parts(id).iter().map(|part| part.session).collect();
        newest_first(
            first,
            others,
            |id| id.index() < self.sessions.len(),
            |id| {
                let row = self.session(id)?;
                let before = row.previous_of_account.some();
                Some((row, before))
            },
        )
    }
    /// Sessions of an account as shown, newest first.
    pub fn visits_of_account(&self, id: AccountId) -> impl Iterator<Item = (VisitId, Cow<'_, Visit>)> {
        let first = self.account(id).map_or(VisitId::NONE, |account| account.last_visit);
        let others = self.parts(id).iter().map(|part| part.visit).collect();
        let all = newest_first(
            first,
            others,
            |id| id.index() < self.visits.len(),
            |id| {
                let row = self.visit(id)?;
                let before = row.previous_of_account.some();
                Some((row, before))
            },
        );
        all.filter(|(_, visit)| visit.is_shown())
    }
}
