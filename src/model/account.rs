//! Accounts: who was logged on.

use crate::base::intern::{Interner, Names, Symbol};
use crate::base::time::Timestamp;
use crate::model::alias::{Alias, Joined};
use crate::model::anomaly::Severity;
use crate::model::event::Identity;
use crate::model::ids::{AccountId, EventId, SessionId, VisitId};
use std::sync::Arc;

/// What kind of account it is (reference: account classes). The order is that of interest to an analyst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountClass {
    Human,
    Service,
    ManagedService,
    Computer,
    /// SYSTEM, LOCAL SERVICE, NETWORK SERVICE, DWM-n, UMFD-n.
    BuiltIn,
    /// NT SERVICE\x, IIS APPPOOL\x, NT VIRTUAL MACHINE\x.
    Virtual,
    Guest,
    Anonymous,
    /// krbtgt, MSOL_*, HealthMailbox*.
    Infrastructure,
    ServicePrincipal,
    ManagedIdentity,
    #[default]
    Unknown,
}

impl AccountClass {
    pub const ALL: [Self; 12] = [
        Self::Human,
        Self::Service,
        Self::ManagedService,
        Self::Computer,
        Self::BuiltIn,
        Self::Virtual,
        Self::Guest,
        Self::Anonymous,
        Self::Infrastructure,
        Self::ServicePrincipal,
        Self::ManagedIdentity,
        Self::Unknown,
    ];
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Service => "service",
            Self::ManagedService => "gMSA",
            Self::Computer => "computer",
            Self::BuiltIn => "built-in",
            Self::Virtual => "virtual",
            Self::Guest => "guest",
            Self::Anonymous => "anonymous",
            Self::Infrastructure => "infrastructure",
            Self::ServicePrincipal => "service principal",
            Self::ManagedIdentity => "managed identity",
            Self::Unknown => "unknown",
        }
    }
    /// Accounts of machines and of Windows itself, which drown people when shown beside them.
    #[must_use]
    pub const fn is_machinery(self) -> bool {
        matches!(self, Self::Computer | Self::BuiltIn | Self::Virtual | Self::Anonymous)
    }
}

/// Logons by hour of the week in UTC: 0 = Monday 00 h .. 167 = Sunday 23 h.
pub type HourCounts = [u32; 168];

/// What detections know of an account by now; see `detect::baseline`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Days with a success.
    pub days: u16,
    /// Hosts it used, sources it came from, clients it had.
    pub hosts: u16,
    pub sources: u16,
    pub clients: u16,
}

impl Learned {
    /// Days after which most detections trust what they know of an account.
    pub const ENOUGH_DAYS: u16 = 14;

    #[must_use]
    pub const fn is_enough(&self) -> bool {
        self.days >= Self::ENOUGH_DAYS
    }
}

/// One account with what was seen of it.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Name as first written, without domain.
    pub user: Symbol,
    /// Domain, tenant or host of a local account, as first written; UPNs keep their suffix here.
    pub domain: Symbol,
    /// The object id where no SID is known.
    pub sid: Symbol,
    /// Object id in Entra, lower case; the number of an `S-1-12-1` SID.
    pub object_id: Symbol,
    pub class: AccountClass,
    /// Why it has this class, in a few words.
    pub class_reason: &'static str,
    /// The account this row was found to be; `NONE` for a row that stands for itself. `Tables::account` follows it.
    pub merged_into: AccountId,
    /// Other names and rows of it; nothing while it has one name.
    pub joined: Option<Arc<Joined>>,
    /// A 4672 was seen for one of its sessions.
    pub privileged: bool,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub events: u32,
    pub successes: u32,
    pub failures: u32,
    /// Logon sessions.
    pub sessions: u32,
    /// Sessions as shown.
    pub visits: u32,
    pub open_sessions: u32,
    pub open_visits: u32,
    /// Sessions by lane index.
    pub by_lane: [u32; crate::model::lane::Lane::COUNT],
    pub hours: Option<Arc<HourCounts>>,
    pub learned: Learned,
    pub anomalies: u32,
    pub worst: Option<Severity>,
    /// Newest event and session; each points to the one before.
    pub last_event: EventId,
    pub last_session: SessionId,
    pub last_visit: VisitId,
}

impl Account {
    /// `user@domain`, cleaned; the user alone without a domain, the SID without a user. UPNs stay as they are.
    #[must_use]
    pub fn name(&self, names: &Names) -> String {
        match (names.raw(self.user), names.raw(self.domain)) {
            ("", _) => names.shown(self.sid),
            (_, "") => names.shown(self.user),
            (user, _) if user.contains('@') => names.shown(self.user),
            _ => format!("{}@{}", names.shown(self.user), names.shown(self.domain)),
        }
    }
    /// Other names of it, in order of finding.
    pub fn aliases(&self) -> impl Iterator<Item = &Alias> {
        self.joined.iter().flat_map(|joined| joined.aliases.iter())
    }
    /// See `Identity::key`.
    #[must_use]
    pub fn key(&self, names: &Names) -> String {
        self.identity().key(names)
    }
    /// What patterns of accounts are tried on, in lower case: SID, object id, and of each of its names `domain\user`,
    /// `user@domain` and `user`.
    #[must_use]
    pub fn pattern_texts(&self, names: &Interner) -> Vec<String> {
        let mut texts = vec![names.raw(self.sid).to_lowercase(), names.raw(self.object_id).to_owned()];
        for name in std::iter::once(self.identity()).chain(self.aliases().map(|alias| alias.name)) {
            let (user, domain) = (names.raw(name.user).to_lowercase(), names.raw(name.domain).to_lowercase());
            if !domain.is_empty() {
                texts.extend([format!("{domain}\\{user}"), format!("{user}@{domain}")]);
            }
            texts.push(user);
        }
        texts.retain(|text| !text.is_empty());
        texts
    }
    #[must_use]
    pub const fn identity(&self) -> Identity {
        Identity { user: self.user, domain: self.domain, sid: self.sid }
    }
}
