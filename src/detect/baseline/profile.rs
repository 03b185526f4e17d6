//! What is usual for one account, host or source.

use super::hours::HourProfile;
use super::past::Sort;
use super::seen::{Activity, Added, SeenSet};
use crate::base::intern::Symbol;
use crate::base::time::Timestamp;
use crate::model::account::{AccountClass, Learned};
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::model::logon_type::LogonType;

/// What is remembered of an account, host or source. Only successes teach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Of an account: hosts it logged on to at the screen or by RDP.
    Host,
    /// Of an account: hosts it reached over the network (types 3 and 8).
    Reached,
    /// Of an account: hosts it reached over the network with Kerberos, and with NTLM.
    Kerberos,
    Ntlm,
    /// Of an account: services it asked tickets for (4769 `ServiceName`).
    Service,
    /// Of an account and of a source: where it came from.
    Source,
    /// Of an account and of a host: sources of RDP.
    RdpSource,
    /// Of an account: /24 of IPv4, /48 of IPv6.
    Subnet,
    /// Of an account: `WorkstationName` its clients claimed.
    Workstation,
    LogonType,
    /// `LmPackageName`, else `AuthenticationPackageName`.
    Package,
    /// `CertIssuerName` and the like of a logon by certificate.
    Certificate,
    /// Of an account: the host, and the account whose credentials its logons of type 9 used from there.
    Outbound,
    /// Autonomous systems, as the record or a database says.
    Asn,
    /// Countries, likewise.
    Country,
    /// Places by `cell`, likewise.
    Place,
    Device,
    /// Operating system and browser.
    Client,
    App,
    Resource,
    /// `clientAppUsed`.
    ClientApp,
    /// `authenticationProtocol`.
    Protocol,
    /// `incomingTokenType`.
    IncomingToken,
    /// Credential key id, else thumbprint, else federated credential.
    Credential,
    /// `clientCredentialType`.
    CredentialType,
    /// `signInTokenProtectionStatus`.
    TokenProtection,
    /// `RestrictedAdminMode` of Remote Desktop logons, as the number of a `Tri`.
    RdpMode,
    /// Of a host and of a source: accounts that logged on there, or from there.
    Account,
}

impl Dimension {
    pub const ALL: [Self; 28] = [
        Self::Host,
        Self::Reached,
        Self::Kerberos,
        Self::Ntlm,
        Self::Service,
        Self::Source,
        Self::RdpSource,
        Self::Subnet,
        Self::Workstation,
        Self::LogonType,
        Self::Package,
        Self::Certificate,
        Self::Outbound,
        Self::Asn,
        Self::Country,
        Self::Place,
        Self::Device,
        Self::Client,
        Self::App,
        Self::Resource,
        Self::ClientApp,
        Self::Protocol,
        Self::IncomingToken,
        Self::Credential,
        Self::CredentialType,
        Self::TokenProtection,
        Self::RdpMode,
        Self::Account,
    ];
    pub const COUNT: usize = Self::ALL.len();

    /// Values remembered of one entity; beyond, the one unseen for longest is forgotten.
    #[must_use]
    pub const fn most(self) -> usize {
        match self {
            Self::Host | Self::Reached | Self::Kerberos | Self::Ntlm | Self::Source => 256,
            Self::LogonType | Self::Package | Self::ClientApp | Self::Protocol | Self::IncomingToken => 16,
            _ => 64,
        }
    }
    /// Accounts that share a value are counted for these: what peers use, and what is everybody's.
    #[must_use]
    pub const fn is_shared(self) -> bool {
        matches!(
            self,
            Self::Host
                | Self::Reached
                | Self::Source
                | Self::Subnet
                | Self::Certificate
                | Self::Asn
                | Self::Country
                | Self::Client
                | Self::App
                | Self::Resource
                | Self::ClientApp
                | Self::Protocol
        )
    }
}

/// A value of any dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    Account(AccountId),
    Host(HostId),
    Source(SourceId),
    Text(Symbol),
    Texts(Symbol, Symbol),
    Number(u32),
    LogonType(LogonType),
    /// The network part of an address.
    Subnet(u64),
    /// Whole degrees of latitude and longitude.
    Cell(i16, i16),
    /// Known from the history by this name, and not met in this run.
    Unmet(Sort, Symbol),
}

/// How much must be known before something can be new, and how often new values may come before they are usual.
#[derive(Clone, Copy, Debug)]
pub struct Enough {
    pub days: u32,
    pub count: u32,
    /// Good-Turing chance of a new value.
    pub novelty: f64,
}

/// What a value is to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    Known,
    /// Too little is known of it: so many active days.
    Learning {
        days: u32,
    },
    /// New values are usual.
    Wanders,
    New,
}

/// Everything usual for one account, host or source.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Those with something in them, side by side: what one event teaches goes to many of them.
    sets: Vec<(Dimension, SeenSet<Value>)>,
    /// Place of a dimension's set in `sets` plus one; 0 where there is none.
    places: [u8; Dimension::COUNT],
    /// Successes of any kind.
    pub activity: Activity,
    /// Hours at which a person logs on.
    pub hours: Option<Box<HourProfile>>,
    /// Hours at which something runs without a person: batch, service, network, workloads.
    pub runs: Option<Box<HourProfile>>,
    /// The class it is counted in among its peers.
    pub(super) group: Option<AccountClass>,
    /// Its group of accounts that do the same work.
    pub(super) peers: Option<u32>,
    /// It stands in the list of what is to be told.
    pub(super) is_untold: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Self::EMPTY
    }
}

static NOTHING: SeenSet<Value> = SeenSet::EMPTY;
pub(super) static NOBODY: Profile = Profile::EMPTY;

impl Profile {
    const EMPTY: Self = Self {
        sets: Vec::new(),
        places: [0; Dimension::COUNT],
        activity: Activity::NONE,
        hours: None,
        runs: None,
        group: None,
        peers: None,
        is_untold: false,
    };

    fn place(&self, dimension: Dimension) -> Option<usize> {
        usize::from(*self.places.get(dimension as usize)?).checked_sub(1)
    }
    #[must_use]
    pub fn seen(&self, dimension: Dimension) -> &SeenSet<Value> {
        self.place(dimension).and_then(|place| self.sets.get(place)).map_or(&NOTHING, |(_, set)| set)
    }
    /// Dimensions with something in them, in the order in which they came.
    pub fn sets(&self) -> impl Iterator<Item = (Dimension, &SeenSet<Value>)> {
        self.sets.iter().map(|(dimension, set)| (*dimension, set))
    }
    pub(super) fn sets_mut(&mut self) -> impl Iterator<Item = (Dimension, &mut SeenSet<Value>)> {
        self.sets.iter_mut().map(|(dimension, set)| (*dimension, set))
    }
    /// The set of a dimension, made when there is none.
    fn set(&mut self, dimension: Dimension) -> Option<&mut SeenSet<Value>> {
        let place = match self.place(dimension) {
            Some(place) => place,
            None => {
                self.sets.push((dimension, SeenSet::EMPTY));
                *self.places.get_mut(dimension as usize)? = u8::try_from(self.sets.len()).ok()?;
                self.sets.len() - 1
            }
        };
        self.sets.get_mut(place).map(|(_, set)| set)
    }
    /// What an earlier run knew.
    pub(super) fn put(&mut self, dimension: Dimension, known: SeenSet<Value>) {
        if let Some(set) = self.set(dimension) {
            *set = known;
        }
    }
    /// Another name for a value; gives the dimensions that have it.
    pub(super) fn rename(&mut self, from: Value, to: Value) -> Vec<Dimension> {
        self.sets_mut().filter_map(|(dimension, set)| set.rename(from, to).then_some(dimension)).collect()
    }
    /// Whether `value` is new for it.
    #[must_use]
    pub fn judge(&self, dimension: Dimension, value: Value, enough: &Enough) -> Novelty {
        let seen = self.seen(dimension);
        match seen.activity {
            _ if seen.contains(value) => Novelty::Known,
            activity if activity.days < enough.days || activity.count < enough.count => Novelty::Learning { days: activity.days },
            _ if seen.novelty() >= enough.novelty => Novelty::Wanders,
            _ => Novelty::New,
        }
    }
    pub(super) fn add(&mut self, dimension: Dimension, value: Value, at: Timestamp) -> Added<Value> {
        self.set(dimension).map_or(Added::Known, |set| set.add(value, at, dimension.most()))
    }
    /// The extent of it, for people.
    #[must_use]
    pub fn learned(&self) -> Learned {
        let count = |dimensions: &[Dimension]| {
            u16::try_from(dimensions.iter().map(|dimension| self.seen(*dimension).len()).sum::<usize>()).unwrap_or(u16::MAX)
        };
        Learned {
            days: u16::try_from(self.activity.days).unwrap_or(u16::MAX),
            hosts: count(&[Dimension::Host, Dimension::Reached]),
            sources: count(&[Dimension::Source]),
            clients: count(&[Dimension::Workstation, Dimension::Client]),
        }
    }
    pub(super) fn absorb(&mut self, other: Self) {
        for (dimension, theirs) in other.sets {
            match self.set(dimension) {
                Some(mine) if mine.is_empty() && mine.activity.count == 0 => *mine = theirs,
                Some(mine) => mine.absorb(&theirs, dimension.most()),
                None => {}
            }
        }
        for (mine, theirs) in [(&mut self.hours, other.hours), (&mut self.runs, other.runs)] {
            match (mine.as_deref_mut(), theirs) {
                (Some(mine), Some(theirs)) => mine.absorb(*theirs),
                (None, theirs) => *mine = theirs,
                (Some(_), None) => {}
            }
        }
        self.activity.absorb(&other.activity);
    }
    /// Forgets values unseen since `limit`, and gives them.
    pub(super) fn forget_before(&mut self, limit: Timestamp) -> Vec<(Dimension, Value)> {
        self.sets_mut().flat_map(|(dimension, set)| set.forget_before(limit).into_iter().map(move |value| (dimension, value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;

    #[test]
    fn a_dimension_stands_at_its_place() {
        assert!(Dimension::ALL.iter().enumerate().all(|(place, dimension)| *dimension as usize == place));
    }

    #[test]
    fn a_value_is_new_only_when_enough_is_known() {
        let start = Timestamp::parse("2024-01-01T09:00:00Z").unwrap();
        let enough = Enough { days: 10, count: 20, novelty: 0.1 };
        let mut profile = Profile::default();
        let judge = |profile: &Profile| profile.judge(Dimension::Country, Value::Number(7), &enough);
        for date in 0..10 {
            assert_eq!(judge(&profile), Novelty::Learning { days: u32::try_from(date).unwrap() });
            for _ in 0..2 {
                profile.add(Dimension::Country, Value::Number(1), start + Span::days(date));
            }
        }
        assert_eq!(judge(&profile), Novelty::New);
        assert_eq!(profile.judge(Dimension::Country, Value::Number(1), &enough), Novelty::Known);
        for date in 10..20 {
            profile.add(Dimension::Country, Value::Number(100 + u32::try_from(date).unwrap()), start + Span::days(date));
        }
        assert_eq!(judge(&profile), Novelty::Wanders);
    }
}
