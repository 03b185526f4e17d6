//! An attempt to log on: one thing somebody did, however many records tell of it.
//!
//! A good or bad logon is written by the host (4624, 4625) and by the authority that checked it: a domain controller, or the
//! host itself for its own accounts (4768, 4769, 4771, 4776, 8004). `session::attempt` joins them.

use crate::model::quality::{Basis, Quality};
use crate::model::status::StatusClass;

/// What one record says about the attempt it tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub class: StatusClass,
    /// Another record told of this attempt before.
    pub repeat: bool,
}

impl Attempt {
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.class == StatusClass::Success
    }
    /// A wrong password or other wrong secret of an account that exists.
    #[must_use]
    pub fn is_guess(&self) -> bool {
        self.class == StatusClass::Guess
    }
}

/// Where a record counts as an attempt to log on; nowhere if another record of the attempt counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counted {
    pub success: bool,
    /// At its account, and in the totals.
    pub account: bool,
    pub host: bool,
    pub source: bool,
}

impl Counted {
    #[must_use]
    pub const fn everywhere(success: bool) -> Self {
        Self { success, account: true, host: true, source: true }
    }
    /// Successes and failures to add.
    #[must_use]
    pub const fn attempts(self, is_here: bool) -> (u32, u32) {
        (if is_here && self.success { 1 } else { 0 }, if is_here && !self.success { 1 } else { 0 })
    }
    /// It counts no more where the other says.
    pub const fn remove(&mut self, other: Self) {
        self.account &= !other.account;
        self.host &= !other.host;
        self.source &= !other.source;
    }
}

/// What shows that a logon on a host and a record of the authority are one attempt. All but `LogonGuid` also ask for the
/// same account within two seconds. The order is that of trust.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Match {
    /// No record of the authority was found for it.
    #[default]
    None,
    /// Nothing but account and time; nothing speaks against it.
    Account,
    /// The client claimed the same name in both.
    Workstation,
    /// The same address in both, or the one of the host itself for a logon at its screen.
    Address,
    /// The authority's record names the host: `ServiceName` of 4769, `SChannelName` of 8004.
    Service,
    /// `LogonGuid` is the same in both, which is proof.
    LogonGuid,
}

impl Match {
    /// How well the link is known.
    #[must_use]
    pub const fn quality(self) -> Quality {
        match self {
            Self::None => Quality::Missing,
            Self::Account => Quality::Inferred(Basis::Nearness),
            Self::Workstation => Quality::Inferred(Basis::Workstation),
            Self::Address => Quality::Inferred(Basis::Address),
            Self::Service => Quality::Inferred(Basis::Service),
            Self::LogonGuid => Quality::Exact,
        }
    }
}
