//! Other names of one account, what proved that they are its own, and the rows that became one.

use crate::base::intern::{Names, Symbol};
use crate::base::time::Timestamp;
use crate::model::event::Identity;
use crate::model::ids::{AccountId, EventId, SessionId, VisitId};

/// Names kept for one account; more are counted.
pub const KEPT: usize = 16;

/// What says that a name is one of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// One SID under both names.
    Sid,
    /// `S-1-12-1-...` of Windows and the object id of Entra are one number.
    ObjectId,
    /// 4781 names the old and the new name.
    Rename,
    /// The same user principal name, or `user@REALM` of Kerberos.
    Upn,
    /// The two names of the domain met under one SID before.
    LearnedDomain,
    /// The NetBIOS name is the first label of the DNS name of the one domain that has it.
    FirstLabel,
    /// Written without a domain by the host whose own account it is.
    Host,
    /// Written without a domain by a domain controller, which has no accounts but its domain's.
    Controller,
    /// Winlogon names the account of a desktop by its SID, LocalSessionManager by its name.
    Desktop,
    /// The settings say so.
    Rule,
}

impl Evidence {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sid => "SID",
            Self::ObjectId => "object id",
            Self::Rename => "renamed, 4781",
            Self::Upn => "UPN",
            Self::LearnedDomain => "learned domain",
            Self::FirstLabel => "first label of the domain",
            Self::Host => "host's own account",
            Self::Controller => "domain controller",
            Self::Desktop => "one desktop",
            Self::Rule => "rule",
        }
    }
}

/// Another name of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alias {
    pub name: Identity,
    /// When the name was first met, or, of an old name, when it was given up.
    pub since: Timestamp,
    pub by: Evidence,
}

impl Alias {
    /// `corp.example\x (SID)`
    #[must_use]
    pub fn shown(&self, names: &Names) -> String {
        format!("{} ({})", crate::base::text::clean(&self.name.key(names)), self.by.word())
    }
}

/// A row that was found to be the same account. Its events and sessions stay chained as they were.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub account: AccountId,
    /// Newest of a chain that the account's own row does not lead to.
    pub event: EventId,
    pub session: SessionId,
    pub visit: VisitId,
}

/// What an account was joined from.
#[derive(Clone, Debug, Default)]
pub struct Joined {
    /// In order of finding, at most `KEPT`.
    pub aliases: Vec<Alias>,
    /// Names beyond those.
    pub more: u32,
    pub parts: Vec<Part>,
}

impl Joined {
    pub fn add(&mut self, alias: Alias) {
        if self.aliases.len() < KEPT { self.aliases.push(alias) } else { self.more = self.more.saturating_add(1) }
    }
    /// A name that is another only by case is the same.
    #[must_use]
    pub fn has(&self, user: Symbol, domain: Symbol, fold: impl Fn(Symbol) -> Symbol) -> bool {
        self.aliases.iter().any(|alias| fold(alias.name.user) == user && fold(alias.name.domain) == domain)
    }
}
