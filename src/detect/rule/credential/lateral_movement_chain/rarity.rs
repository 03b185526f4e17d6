//! How rare a step is, in bits: minus the binary logarithm of its chance.
//!
//! Three histories are asked: of the account, of the source, and of the accounts of its kind. Whoever uses new hosts often
//! has cheap new hosts; what one of them knows costs nothing (catalogue 2.3, after Hopper).

use super::Settings;
use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Enough, Novelty, Profile, Value};
use crate::detect::step::Step;
use crate::model::ids::{AccountId, HostId, SourceId};

/// One step is never worth more.
const MOST: f64 = 10.0;
/// What a step is worth of which little is known.
const UNKNOWN: f64 = 3.0;
/// Peers below this number say nothing.
const PEERS: u32 = 20;

/// What one history says of a host.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Says {
    Known,
    New(f64),
    /// It is too young to say.
    Nothing,
}

impl Says {
    fn bits(self) -> f64 {
        match self {
            Self::Known => 0.0,
            Self::New(bits) => bits,
            Self::Nothing => UNKNOWN,
        }
    }
}

/// Which histories know of a step.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The account went to the host before, and so did somebody from the source.
    account: bool,
    source: bool,
    /// The account was met at the source.
    belongs: bool,
}

impl Known {
    pub fn of(step: &Step<'_>, source: SourceId, host: HostId) -> Self {
        let (account, from) = (step.row.account, step.usual.source(source));
        Self {
            account: knows(step.usual.account(account), host),
            source: knows(from, host),
            belongs: from.seen(Dimension::Account).contains(Value::Account(account)),
        }
    }
    pub const fn is_all(self) -> bool {
        self.account && self.source && self.belongs
    }
}

/// What the histories say of a step.
#[derive(Clone, Copy, Debug)]
pub struct Rarity {
    pub account: Says,
    pub source: Says,
    pub peers: f64,
    /// What it is worth that the account is met at the source; 0 where it belongs there.
    pub foreign: f64,
}

impl Rarity {
    /// Everything about it is known.
    pub const NONE: Self = Self { account: Says::Known, source: Says::Known, peers: MOST, foreign: 0.0 };

    /// `known` is what `Known` says of the same source and host.
    pub fn of(step: &Step<'_>, settings: &Settings, known: Known, (source, host): (SourceId, HostId), rdp: bool) -> Self {
        let dimension = if rdp { Dimension::Host } else { Dimension::Reached };
        let class = step.account().map(|account| account.class);
        let share = step.usual.share(class, dimension, Value::Host(host));
        let peers = if share.of >= PEERS { -share.of_peers().log2() } else { MOST };
        let reach = |is_known, usual| if is_known { Says::Known } else { new(usual, dimension, settings) };
        Self {
            account: reach(known.account, step.usual.account(step.row.account)),
            source: reach(known.source, step.usual.source(source)),
            peers,
            foreign: if known.belongs { 0.0 } else { foreign(step, settings, source) },
        }
    }
    /// The cheapest explanation: whoever knows the way makes it cheap.
    pub fn bits(&self) -> f64 {
        self.account.bits().min(self.source.bits()).min(self.peers) + self.foreign
    }
    /// Credentials of somebody else go where they always went, from where they never came: then it is the way that counts.
    pub fn bits_of_stolen(&self) -> f64 {
        self.account.bits().max(self.source.bits()).min(self.peers) + self.foreign
    }
}

/// What a history says of a host it does not know.
fn new(usual: &Profile, dimension: Dimension, settings: &Settings) -> Says {
    let seen = usual.seen(dimension);
    if usual.activity.days < settings.history_days {
        return Says::Nothing;
    }
    // A full set has forgotten hosts: what looks new may not be.
    if seen.len() >= dimension.most() { Says::Known } else { Says::New(seen.surprise().min(MOST)) }
}

/// What it is worth that the account was never met at the source: others were, few and always the same, at one and the same
/// computer.
fn foreign(step: &Step<'_>, settings: &Settings, source: SourceId) -> f64 {
    let usual = step.usual.source(source);
    let accounts = usual.seen(Dimension::Account);
    // How many first: that costs no look at each.
    if accounts.len() > settings.owners || step.site.source(source).exit {
        return 0.0;
    }
    let enough = Enough { days: settings.source_days, count: settings.source_logons, novelty: settings.wanderer };
    if usual.judge(Dimension::Account, Value::Account(step.row.account), &enough) != Novelty::New {
        return 0.0;
    }
    // An address that went to another computer took nobody's habits with it.
    let at = step.at();
    let moved =
        step.usual.machines.at(source, at).is_some_and(|met| met.own && met.activity.age(at) < Span::days(i64::from(settings.source_days)));
    if moved { 0.0 } else { accounts.surprise().min(MOST) }
}

/// Whom a source belongs to: who comes from it most, of those who are somebody.
pub fn owner(step: &Step<'_>, source: SourceId) -> Option<AccountId> {
    let accounts = step.usual.source(source).seen(Dimension::Account).by_use();
    accounts.into_iter().find_map(|(value, _)| match value {
        Value::Account(account) => {
            let row = step.world.tables.account(account)?;
            (!row.class.is_machinery()).then_some(account)
        }
        _ => None,
    })
}

/// Whether somebody ever went to a host.
pub fn knows(usual: &Profile, host: HostId) -> bool {
    // Most logons are over the network.
    usual.seen(Dimension::Reached).contains(Value::Host(host)) || usual.seen(Dimension::Host).contains(Value::Host(host))
}
