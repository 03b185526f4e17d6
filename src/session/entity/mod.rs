//! Which account, host and source an event is of.

mod host;
mod source;

use super::account::Accounts;
use super::class::Classes;
use super::settings::Rules;
use crate::base::time::Timestamp;
use crate::model::event::AuthEvent;
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::model::world::World;
pub(super) use host::{HostNames, split_host};

#[derive(Debug, Default)]
pub(super) struct Entities {
    hosts: host::Hosts,
    sources: source::Sources,
    accounts: Accounts,
}

impl Entities {
    pub fn new(rules: Rules) -> Self {
        Self {
            hosts: host::Hosts::new(rules.hosts),
            sources: source::Sources::new(rules.sources, rules.atlas),
            accounts: Accounts::new(rules.accounts),
        }
    }
    pub const fn classes(&self) -> &Classes {
        &self.accounts.classes
    }
    pub const fn has_merged(&self) -> bool {
        !self.accounts.merged.is_empty()
    }
    /// Accounts that turned out to be others since the last call.
    pub fn take_merged(&mut self) -> Vec<(AccountId, AccountId)> {
        std::mem::take(&mut self.accounts.merged)
    }
    /// See `Accounts::of_one_desktop`.
    pub fn of_one_desktop(&mut self, one: AccountId, other: AccountId, at: Timestamp, world: &mut World) {
        self.accounts.of_one_desktop(one, other, at, world);
    }
    pub fn host(&mut self, event: &AuthEvent, world: &mut World) -> HostId {
        if event.host.is_none() {
            return HostId::NONE;
        }
        let host = self.hosts.find(event, world);
        if host::tells_controller(event.kind).is_some_and(|reason| host::becomes_controller(host, reason, world)) {
            self.accounts.is_controller(self.hosts.names(host), event.at, world);
        }
        host
    }
    pub fn account(&mut self, event: &AuthEvent, host: HostId, world: &mut World) -> AccountId {
        if event.account.is_none() {
            return AccountId::NONE;
        }
        let is_controller = world.tables.host(host).is_some_and(|row| row.domain_controller);
        self.accounts.find(event, self.hosts.names(host), is_controller, world)
    }
    pub fn source(&mut self, event: &AuthEvent, host: HostId, world: &mut World) -> SourceId {
        self.sources.find(event, self.hosts.names(host), world)
    }
}
