//! What a detection sees: one applied event, with everything known at that moment.

use crate::base::intern::Symbol;
use crate::base::net::{self, AddressClass};
use crate::base::time::Timestamp;
use crate::detect::baseline::{Baselines, Dimension, Profile, Value};
use crate::detect::say::Say;
use crate::detect::site::{AccountTags, Site, SourceTags};
use crate::model::account::{Account, AccountClass};
use crate::model::attempt::Attempt;
use crate::model::event::{AuthEvent, LogonId, SignIn};
use crate::model::host::Host;
use crate::model::ids::{EventId, HostId, SessionId, SourceId};
use crate::model::place::Place;
use crate::model::session::Session;
use crate::model::source::Source;
use crate::model::world::{Changes, Row, World};
use rustc_hash::FxHasher;
use std::borrow::Cow;
use std::hash::Hasher;

/// Where something came from, as one number: an address, else a claimed name, else the host itself. Loopback is the
/// host: 127.0.0.1 on two hosts are two places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    Source(SourceId),
    Host(HostId),
    /// The session that acts, on its host: for records that are written where an attempt starts (4648).
    Session(HostId, LogonId),
}

/// What many rules ask of one event, found out once.
#[derive(Clone, Copy, Debug)]
struct Facts<'a> {
    account: Option<&'a Account>,
    host: Option<&'a Host>,
    source: Option<&'a Source>,
    address_class: Option<AddressClass>,
    account_tags: &'a AccountTags,
    source_tags: SourceTags,
    usual_account: &'a Profile,
}

/// One event after it was applied.
pub struct Step<'a> {
    pub world: &'a World,
    pub id: EventId,
    pub row: &'a Row,
    pub changes: &'a Changes,
    /// The account's user name; see `user_key`.
    pub user: User,
    /// What was usual before this event.
    pub usual: &'a Baselines,
    /// What people said of accounts and networks.
    pub site: &'a Site,
    facts: Facts<'a>,
}

/// What a detection sees when it looks at the clock.
pub struct Tick<'a> {
    pub world: &'a World,
    /// Time of the newest event.
    pub now: Timestamp,
    pub usual: &'a Baselines,
    pub site: &'a Site,
}

impl<'a> Tick<'a> {
    /// Words for sentences; make one only when something is to be said.
    #[must_use]
    pub fn say(&self) -> Say<'a> {
        Say::new(self.world, self.now)
    }
}

impl<'a> Step<'a> {
    pub(super) fn new((world, changes): (&'a World, &'a Changes), row: &'a Row, user: User, usual: &'a Baselines, site: &'a Site) -> Self {
        let facts = Facts {
            account: world.tables.account(row.account),
            host: world.tables.host(row.host),
            source: world.tables.source(row.source),
            address_class: row.event.address.map(net::class),
            account_tags: site.account(row.account),
            source_tags: site.source(row.source),
            usual_account: usual.account(row.account),
        };
        Self { world, id: changes.event, row, changes, user, usual, site, facts }
    }
    #[must_use]
    #[inline]
    pub const fn event(&self) -> &'a AuthEvent {
        &self.row.event
    }
    #[must_use]
    #[inline]
    pub const fn at(&self) -> Timestamp {
        self.row.event.at
    }
    #[must_use]
    pub fn sign_in(&self) -> Option<&'a SignIn> {
        self.row.event.entra.as_deref()
    }
    #[must_use]
    #[inline]
    pub fn raw(&self, symbol: Symbol) -> &'a str {
        self.world.raw(symbol)
    }
    /// Set for records of an attempt to log on that carry a verdict.
    #[must_use]
    #[inline]
    pub const fn attempt(&self) -> Option<Attempt> {
        self.changes.attempt
    }
    #[must_use]
    #[inline]
    pub const fn account(&self) -> Option<&'a Account> {
        self.facts.account
    }
    #[must_use]
    #[inline]
    pub const fn host(&self) -> Option<&'a Host> {
        self.facts.host
    }
    #[must_use]
    #[inline]
    pub const fn source(&self) -> Option<&'a Source> {
        self.facts.source
    }
    /// Where it came from: as the record states it, else as the settings or a database place the address.
    #[must_use]
    pub fn place(&self) -> Place {
        let known = self.source().map_or_else(Place::default, |source| source.place);
        let Some(sign_in) = self.sign_in() else { return known };
        let stated = Place {
            country: sign_in.country,
            city: sign_in.city,
            coordinates: sign_in.coordinates.and_then(|(latitude, longitude)| Place::on_earth(latitude, longitude)),
            asn: sign_in.asn,
            ..Place::default()
        };
        stated.or(known)
    }
    /// The country of `place`.
    #[must_use]
    #[inline]
    pub fn country(&self) -> Symbol {
        let stated = self.sign_in().map_or(Symbol::NONE, |sign_in| sign_in.country);
        if stated.is_some() { stated } else { self.source().map_or(Symbol::NONE, |source| source.place.country) }
    }
    /// The autonomous system of `place`; 0 where it is not known.
    #[must_use]
    #[inline]
    pub fn asn(&self) -> u32 {
        let stated = self.sign_in().map_or(0, |sign_in| sign_in.asn);
        if stated == 0 { self.source().map_or(0, |source| source.place.asn) } else { stated }
    }
    /// It came out of the network of a hosting or VPN provider.
    #[must_use]
    pub fn is_from_hosting(&self) -> bool {
        self.site.is_hosting(self.asn())
    }
    #[must_use]
    #[inline]
    pub fn session(&self) -> Option<Cow<'a, Session>> {
        self.world.tables.session(self.row.session)
    }
    /// What is usual for the account.
    #[must_use]
    #[inline]
    pub const fn usual_account(&self) -> &'a Profile {
        self.facts.usual_account
    }
    /// What is usual for the host.
    #[must_use]
    #[inline]
    pub fn usual_host(&self) -> &'a Profile {
        self.usual.host(self.row.host)
    }
    /// What is usual for the source.
    #[must_use]
    #[inline]
    pub fn usual_source(&self) -> &'a Profile {
        self.usual.source(self.row.source)
    }
    /// When the host was first heard of, in this run or before.
    #[must_use]
    pub fn host_since(&self) -> Option<Timestamp> {
        self.host().and_then(|host| host.first).into_iter().chain(self.usual_host().activity.first_at).min()
    }
    /// When the account was first heard of, in this run or before.
    #[must_use]
    pub fn account_since(&self) -> Option<Timestamp> {
        self.account().and_then(|account| account.first).into_iter().chain(self.usual_account().activity.first_at).min()
    }
    /// What the settings say of the account.
    #[must_use]
    #[inline]
    pub const fn account_tags(&self) -> &'a AccountTags {
        self.facts.account_tags
    }
    /// What the settings say of the source.
    #[must_use]
    #[inline]
    pub const fn source_tags(&self) -> SourceTags {
        self.facts.source_tags
    }
    /// Hour of the week where the account lives.
    #[must_use]
    pub fn hour_of_week(&self) -> usize {
        self.site.hour_of_week(self.row.account, self.at())
    }
    /// The account's user name in lower case, without the suffix of a UPN: what all records of one person agree on.
    /// Domains come in too many spellings (NetBIOS, DNS, `.`, the host) and some records have none.
    #[must_use]
    #[inline]
    pub const fn user_key(&self) -> UserKey {
        self.user.key
    }
    /// A person may be behind the account: it is no machine, no part of Windows, and not made for programs.
    #[must_use]
    pub fn is_a_persons(&self) -> bool {
        self.account().is_some_and(|account| matches!(account.class, AccountClass::Human | AccountClass::Unknown | AccountClass::Guest))
    }
    #[must_use]
    pub fn account_is_privileged(&self) -> bool {
        let tags = self.account_tags();
        tags.tier0 || tags.admin || self.account().is_some_and(|account| account.privileged)
    }
    /// NTLM by package or logon process; a record that states neither is none.
    #[must_use]
    pub fn is_ntlm(&self) -> bool {
        let event = self.event();
        let package = self.raw(event.package);
        package.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("NTLM"))
            || self.raw(event.logon_process).eq_ignore_ascii_case("NtLmSsp")
    }
    #[must_use]
    pub fn is_kerberos(&self) -> bool {
        self.raw(self.event().package).eq_ignore_ascii_case("Kerberos")
    }
    /// The account is somebody who may be abused: no computer, nothing built into Windows.
    #[must_use]
    pub fn is_somebody(&self) -> bool {
        !self.user.is_dollar && self.account().is_some_and(|account| !account.class.is_machinery())
    }
    #[must_use]
    pub fn host_is_domain_controller(&self) -> bool {
        self.host().is_some_and(|host| host.domain_controller)
    }
    #[must_use]
    #[inline]
    pub const fn address_class(&self) -> Option<AddressClass> {
        self.facts.address_class
    }
    #[must_use]
    #[inline]
    pub fn is_from_loopback(&self) -> bool {
        self.address_class() == Some(AddressClass::Loopback)
    }
    /// From another machine: an address that is not loopback.
    #[must_use]
    #[inline]
    pub fn is_remote(&self) -> bool {
        self.address_class().is_some_and(|class| class != AddressClass::Loopback)
    }
    #[must_use]
    #[inline]
    pub fn origin(&self) -> Option<Origin> {
        match self.row.source.some() {
            Some(source) if !self.is_from_loopback() => Some(Origin::Source(source)),
            _ => self.row.host.some().map(Origin::Host),
        }
    }
    /// The account came from here on so many days before: from this source, from the computer that stands there now (leases
    /// change hands), or at the screen of this host where the record names none.
    #[must_use]
    pub fn is_usual_place(&self, days: u32) -> bool {
        let (dimension, value) = match self.origin() {
            Some(Origin::Source(source)) => (Dimension::Source, Value::Source(source)),
            Some(Origin::Host(host)) => (Dimension::Host, Value::Host(host)),
            _ => return false,
        };
        let is_known = |dimension, value| self.usual_account().seen(dimension).get(value).is_some_and(|seen| seen.days >= days);
        let computer = || self.usual.machines.host_of(self.world, self.row.source, self.at());
        is_known(dimension, value)
            || (dimension == Dimension::Source && computer().is_some_and(|host| is_known(Dimension::Host, Value::Host(host))))
    }
    /// The session of `SubjectLogonId` on this host, the newest one with that id that had begun.
    #[must_use]
    pub fn subject_session(&self) -> Option<SessionId> {
        let wanted = self.event().subject_logon_id;
        if !wanted.opens_session() {
            return None;
        }
        // Ids are given out rising, so the session is near the newest; the bound keeps a hostile log from costing more.
        self.world.tables.sessions_of_host(self.row.host).take(4_096).find(|(_, session)| session.logon_id == wanted).map(|(id, _)| id)
    }
    /// Words for sentences; make one only when something is to be said.
    #[must_use]
    pub fn say(&self) -> Say<'a> {
        Say::new(self.world, self.at())
    }
}

/// A user name as one number: see `Step::user_key`. A hash of the text, so that it is the same in every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserKey(pub u64);

/// What detections ask of a user name again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    pub key: UserKey,
    /// It ends in `$`, as those of computers do; also as 4769 writes it, `HOST$@REALM`.
    pub is_dollar: bool,
    /// It names a computer: `HOST$` or `HOST$@DOMAIN`.
    pub is_computer: bool,
}

impl User {
    #[must_use]
    pub fn of(world: &World, user: Symbol) -> Self {
        let text = world.raw(user);
        let bare = text.split('@').next().unwrap_or(text);
        Self { key: UserKey::of(world, user), is_dollar: bare.ends_with('$'), is_computer: computer(text).is_some() }
    }
}

/// The computer's name out of `HOST$` or `HOST$@DOMAIN`.
#[must_use]
pub fn computer(user: &str) -> Option<&str> {
    let user = user.split('@').next().unwrap_or(user);
    user.strip_suffix('$').filter(|name| !name.is_empty())
}

impl UserKey {
    #[must_use]
    pub fn of(world: &World, user: Symbol) -> Self {
        let folded = world.raw(world.names.fold(user));
        let bare = match folded.split_once('@') {
            Some((user, _)) if !user.is_empty() => user,
            _ => folded,
        };
        let mut hasher = FxHasher::default();
        hasher.write(bare.as_bytes());
        Self(hasher.finish())
    }
}
