//! Token lineages of Entra: what a user approved once, and everything that was issued from it since.
//!
//! A non-interactive sign-in is a client using a token on the user's behalf; it is only as good as the interactive sign-in
//! it descends from. A lineage holds the two together: its root, and its sign-ins grouped by application and by where they
//! were made. Whether a silent sign-in has a parent is asked of the lineage (`Lineage::parent_of`) and never stored: a
//! root that comes late, or older logs, change the answer.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::model::event::{Outcome, SignIn, SignInCategory};
use crate::model::ids::{AccountId, EventId, LineageId, SessionId, SourceId};
use crate::model::quality::{Basis, Quality};
use crate::model::sign_in_log::SignInLog;
use crate::model::world::{Row, Tables};

/// A refresh token of an ordinary client dies when it was not used for this long.
pub const TOKEN_LIFE: Span = Span::days(90);

/// Rows of one flow are written by several machines: a child may be stamped this much before its parent.
pub const SKEW: Span = Span::minutes(5);

/// Branches of one lineage that are kept apart; what comes beyond is counted in `Lineage::rest`.
pub const MOST_BRANCHES: usize = 256;

/// Resources of a branch that are named.
pub const MOST_RESOURCES: usize = 8;

/// Where and by what a sign-in was made. Absent parts are unknown, and unknown is never another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Point {
    pub source: SourceId,
    /// `deviceDetail.deviceId`.
    pub device: Symbol,
    /// `autonomousSystemNumber`; 0 where there is none.
    pub asn: u32,
    pub country: Symbol,
    /// Product of the user agent or browser, without versions.
    pub client: Symbol,
}

/// In what two points differ, of what both state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // five independent properties
pub struct Apart {
    pub address: bool,
    pub device: bool,
    pub asn: bool,
    pub country: bool,
    pub client: bool,
}

impl Apart {
    /// The properties that differ, in words.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        [(self.country, "country"), (self.asn, "ASN"), (self.address, "address"), (self.device, "device"), (self.client, "client")]
            .into_iter()
            .filter_map(|(differs, word)| differs.then_some(word))
    }
    #[must_use]
    pub fn is_any(self) -> bool {
        self != Self::default()
    }
    /// Another network, country or device: a token that is used there has moved. Another client or address of the same
    /// network alone is everyday.
    #[must_use]
    pub const fn is_elsewhere(self) -> bool {
        self.asn || self.country || self.device
    }
}

impl Point {
    #[must_use]
    pub const fn of(source: SourceId, sign_in: &SignIn, client: Symbol) -> Self {
        Self { source, device: sign_in.device_id, asn: sign_in.asn, country: sign_in.country, client }
    }
    #[must_use]
    pub fn apart_from(self, other: Self) -> Apart {
        let differs = |one: Symbol, other: Symbol| one.is_some() && other.is_some() && one != other;
        Apart {
            address: self.source.is_some() && other.source.is_some() && self.source != other.source,
            device: differs(self.device, other.device),
            asn: self.asn != 0 && other.asn != 0 && self.asn != other.asn,
            country: differs(self.country, other.country),
            client: differs(self.client, other.client),
        }
    }
}

/// How a lineage began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RootKind {
    Interactive,
    /// A device code was approved: `authenticationProtocol` deviceCode. The token goes to the device that showed the code.
    DeviceCode,
    /// `originalTransferMethod` authenticationTransfer: handed from one device to another.
    Transfer,
    /// The application Windows Sign In: a logon to a computer that is joined to Entra.
    WindowsSignIn,
    /// Nothing but a primary refresh token of a managed device: its root is a logon to Windows, which is in no sign-in log.
    PrimaryRefreshToken,
}

impl RootKind {
    /// The word in exports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::DeviceCode => "device_code",
            Self::Transfer => "transfer",
            Self::WindowsSignIn => "windows_sign_in",
            Self::PrimaryRefreshToken => "primary_refresh_token",
        }
    }
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interactive => "interactive sign-in",
            Self::DeviceCode => "device code approved",
            Self::Transfer => "sign-in to be transferred",
            Self::WindowsSignIn => "Windows sign-in",
            Self::PrimaryRefreshToken => "Windows logon (PRT)",
        }
    }
}

/// What ties a lineage to its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tie {
    SameSession,
    /// No `sessionId`: same user and device.
    SameDevice,
    /// No `sessionId`: same user, address, client and operating system.
    SamePlace,
    /// `incomingTokenType` primaryRefreshToken on a managed device.
    ManagedDevice,
}

impl Tie {
    #[must_use]
    pub const fn quality(self) -> Quality {
        match self {
            Self::SameSession => Quality::Exact,
            Self::SameDevice => Quality::Inferred(Basis::Device),
            Self::SamePlace => Quality::Inferred(Basis::Place),
            Self::ManagedDevice => Quality::Inferred(Basis::RefreshToken),
        }
    }
}

/// The sign-in that everything descends from.
#[derive(Clone, Copy, Debug)]
pub struct Root {
    pub kind: RootKind,
    pub tie: Tie,
    pub at: Timestamp,
    /// Its record; of `PrimaryRefreshToken` the first that presented the token.
    pub event: EventId,
    pub session: SessionId,
    pub app: Symbol,
    pub point: Point,
}

impl Root {
    /// The same as the likely root of a sign-in without its `sessionId`, made at this point.
    #[must_use]
    pub fn by_holder(self, point: Point) -> Self {
        let is_same_device = point.device.is_some() && point.device == self.point.device;
        Self { tie: if is_same_device { Tie::SameDevice } else { Tie::SamePlace }, ..self }
    }
}

/// Sign-ins of one application from one point.
#[derive(Clone, Debug, Default)]
pub struct Branch {
    /// The application's name, or its id.
    pub app: Symbol,
    pub point: Point,
    /// Sign-ins that were let through, without and with a factor given.
    pub silent: u32,
    pub interactive: u32,
    pub refused: u32,
    /// Steps that asked the user for something.
    pub interrupted: u32,
    pub first: Timestamp,
    pub last: Timestamp,
    pub first_event: EventId,
    pub last_event: EventId,
    /// The first few, in the order they were asked for.
    pub resources: Vec<Symbol>,
    /// `incomingTokenType`, `originalTransferMethod` and `authenticationProtocol` as stated last.
    pub token: Symbol,
    pub transfer: Symbol,
    pub protocol: Symbol,
}

/// Whether a silent sign-in has an interactive parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// An interactive sign-in of the same `sessionId`.
    Exact,
    /// No `sessionId`, but an interactive sign-in of the same user and this.
    Likely(Tie),
    /// A primary refresh token of a managed device.
    Windows,
    Unknown(Unknown),
    /// The log reaches back over the whole life of a token, and nothing began this one.
    Orphan,
}

/// Why it cannot be said whether there is a parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// No interactive sign-in of the tenant is in the logs.
    NoInteractive,
    /// Interactive sign-ins are in the logs from then on, which is less than the life of a token.
    LogBegins(Timestamp),
    /// It was in use, on the same device and network, before the log reached back far enough.
    InUseBefore(Timestamp),
}

impl Parent {
    /// The word in exports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Likely(_) => "likely",
            Self::Windows => "windows",
            Self::Unknown(_) => "unknown",
            Self::Orphan => "orphan",
        }
    }
    /// How well the link to the parent is known.
    #[must_use]
    pub const fn quality(self) -> Quality {
        match self {
            Self::Exact => Quality::Exact,
            Self::Likely(tie) => tie.quality(),
            Self::Windows => Tie::ManagedDevice.quality(),
            Self::Unknown(_) | Self::Orphan => Quality::Missing,
        }
    }
}

/// One approval and what came of it.
#[derive(Clone, Debug, Default)]
pub struct Lineage {
    pub account: AccountId,
    pub tenant: Symbol,
    pub root: Option<Root>,
    /// Of the sign-ins that were let through.
    pub first: Timestamp,
    pub last: Timestamp,
    /// In the order they came up.
    pub branches: Vec<Branch>,
    /// What found no room in `branches`; its application and point are those of its first sign-in.
    pub rest: Option<Box<Branch>>,
}

impl Lineage {
    /// The parent of a silent sign-in of this lineage that was made at this time and place.
    #[must_use]
    pub fn parent_of(&self, at: Timestamp, point: Point, log: &SignInLog) -> Parent {
        if let Some(root) = self.root
            && (root.tie == Tie::ManagedDevice || root.at <= at + SKEW)
        {
            return match root.tie {
                Tie::SameSession => Parent::Exact,
                Tie::ManagedDevice => Parent::Windows,
                Tie::SameDevice | Tie::SamePlace => Parent::Likely(root.by_holder(point).tie),
            };
        }
        let Some(since) = log.covered_since(self.tenant, at) else { return Parent::Unknown(Unknown::NoInteractive) };
        if since > at - TOKEN_LIFE {
            return Parent::Unknown(Unknown::LogBegins(since));
        }
        // Older than the log reaches, and still where it was: how it began is before the log.
        let is_where_it_was = self.branches.first().is_none_or(|first| !point.apart_from(first.point).is_elsewhere());
        if self.first - TOKEN_LIFE < since && is_where_it_was {
            return Parent::Unknown(Unknown::InUseBefore(self.first));
        }
        Parent::Orphan
    }
    /// The branches and what found no room.
    pub fn all(&self) -> impl Iterator<Item = &Branch> {
        self.branches.iter().chain(self.rest.as_deref())
    }
    #[must_use]
    pub fn silent(&self) -> u64 {
        self.all().map(|branch| u64::from(branch.silent)).sum()
    }
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.all().map(|branch| u64::from(branch.refused)).sum()
    }
}

impl Branch {
    /// The application a branch is of: its name, or its id.
    #[must_use]
    pub const fn app_of(sign_in: &SignIn) -> Symbol {
        sign_in.app.or(sign_in.app_id)
    }
    /// Counts a sign-in and its properties.
    pub fn count(&mut self, at: Timestamp, event: EventId, outcome: Outcome, sign_in: &SignIn, is_silent: bool) {
        let counter = match outcome {
            Outcome::Success | Outcome::None if is_silent => &mut self.silent,
            Outcome::Success | Outcome::None => &mut self.interactive,
            Outcome::Failure => &mut self.refused,
            Outcome::Interrupted => &mut self.interrupted,
        };
        *counter = counter.saturating_add(1);
        if self.first_event.is_none() || at < self.first {
            (self.first, self.first_event) = (at, event);
        }
        if self.last_event.is_none() || at >= self.last {
            (self.last, self.last_event) = (at, event);
        }
        let resource = sign_in.resource.or(sign_in.resource_id);
        if resource.is_some() && self.resources.len() < MOST_RESOURCES && !self.resources.contains(&resource) {
            self.resources.push(resource);
        }
        self.token = sign_in.incoming_token.or(self.token);
        self.transfer = sign_in.original_transfer.or(self.transfer);
        self.protocol = sign_in.protocol.or(self.protocol);
    }
    /// It counts the root itself.
    #[must_use]
    pub fn holds(&self, root: &Root) -> bool {
        self.interactive > 0 && (self.app, self.point) == (root.app, root.point) && self.first <= root.at && root.at <= self.last
    }
    #[must_use]
    pub const fn sign_ins(&self) -> u32 {
        self.silent.saturating_add(self.interactive)
    }
}

impl Tables {
    #[must_use]
    pub fn lineage(&self, id: LineageId) -> Option<&Lineage> {
        self.lineages.get(id.index()).map(AsRef::as_ref)
    }
    #[must_use]
    pub fn lineage_of(&self, session: SessionId) -> Option<&Lineage> {
        self.lineage(self.session(session)?.lineage())
    }
    /// The parent of a silent sign-in that was let through or refused; nothing for every other event.
    #[must_use]
    pub fn token_parent(&self, row: &Row) -> Option<Parent> {
        let is_silent = |sign_in: &&SignIn| sign_in.category == SignInCategory::NonInteractive;
        let sign_in = row.event.entra.as_deref().filter(|_| row.event.outcome != Outcome::Interrupted).filter(is_silent)?;
        let point = Point::of(row.source, sign_in, Symbol::NONE);
        Some(self.lineage_of(row.session)?.parent_of(row.event.at, point, &self.sign_in_log))
    }
}
