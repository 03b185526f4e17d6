//! Whether a logon on a host and a record of the authority are one attempt.
//!
//! The account's name is the same already. An equal `LogonGuid` is proof. Else the two stand within two seconds
//! (beside what the clocks are apart) and nothing speaks against it: another address, another workstation, a ticket for
//! another host, another package, two different SIDs. What speaks for it is the quality of the link (reference R16, R26).

use super::attempt_clock::Clocks;
use super::entity::split_host;
use crate::base::by_id::ById;
use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::base::unique::Unique;
use crate::model::attempt::Match;
use crate::model::event::EventKind;
use crate::model::ids::{AccountId, EventId, HostId, SessionId, SourceId};
use crate::model::logon_type::LogonType;
use crate::model::world::World;
use rustc_hash::FxHashMap;

/// How far apart the records of one attempt stand (reference R26).
pub(super) const APART: Span = Span::seconds(2);

/// A 4624 or 4625.
#[derive(Clone, Copy, Debug)]
pub(super) struct Logon {
    pub at: Timestamp,
    pub account: AccountId,
    pub host: HostId,
    /// The host's name up to the first dot.
    pub short: Symbol,
    /// The address it came from, unless it is the host's own loopback.
    pub source: SourceId,
    pub workstation: Symbol,
    pub guid: Unique,
    pub logon_type: LogonType,
    pub package: Symbol,
    /// `NONE` for failures.
    pub session: SessionId,
}

/// A 4768, 4769, 4771, 4776 or 8004.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub at: Timestamp,
    pub event: EventId,
    pub kind: EventKind,
    pub account: AccountId,
    pub host: HostId,
    pub source: SourceId,
    pub workstation: Symbol,
    /// The host it is about, by its name up to the first dot: of 4769 and 8004.
    pub service: Symbol,
    pub guid: Unique,
    pub proof: super::credential::Proof,
}

impl Logon {
    /// The host itself turns to the domain controller; for network logons the client does.
    const fn is_local(&self) -> bool {
        !matches!(self.logon_type, LogonType::Network)
    }
    /// Proof. 4769 has the `LogonGuid` of the logon that asked for the ticket; so one at a screen has this or did not ask. The
    /// network logon that the ticket is used for has one of its own, so there two that differ prove nothing.
    pub fn has_guid_of(&self, part: &Part) -> bool {
        part.guid.is_some() && part.guid == self.guid
    }
    /// The host checks its own accounts itself.
    fn is_of_own_account(&self, world: &World) -> bool {
        world.tables.account(self.account).is_some_and(|account| world.names.fold(account.domain) == self.short)
    }
}

/// What is known of hosts and services by their names.
#[derive(Debug, Default)]
pub(super) struct Places {
    shorts: ById<Symbol>,
    services: FxHashMap<Symbol, Symbol>,
    /// The host that an address belongs to, as its computer account asks for tickets from there.
    homes: ById<Symbol>,
    pub clocks: Clocks,
}

impl Places {
    /// The host's name up to the first dot, as the record at hand has it: hosts are renamed.
    pub fn short(&mut self, name: Symbol, world: &mut World) -> Symbol {
        if let Some(known) = self.shorts.get(name.index()) {
            return *known;
        }
        self.meet_host(name, world)
    }
    #[cold]
    #[inline(never)]
    fn meet_host(&mut self, name: Symbol, world: &mut World) -> Symbol {
        let whole = world.raw(name).to_owned();
        let short = world.names.intern(split_host(&whole).0);
        self.shorts.entry(name.index(), || short);
        short
    }
    /// The host of a service or of a computer account: `FS01$`, `cifs/fs01.corp.example`, `FS01.corp.example`.
    pub fn service(&mut self, name: Symbol, world: &mut World) -> Symbol {
        if name.is_none() {
            return name;
        }
        if let Some(known) = self.services.get(&name) {
            return *known;
        }
        self.meet_service(name, world)
    }
    #[cold]
    #[inline(never)]
    fn meet_service(&mut self, name: Symbol, world: &mut World) -> Symbol {
        let text = world.raw(world.names.fold(name)).to_owned();
        let host = text.split('@').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        let short = world.names.intern(split_host(host.trim_start_matches('\\').trim_end_matches('$')).0);
        self.services.insert(name, short);
        short
    }
    /// A computer account was given a ticket for itself from this address.
    pub fn learn_home(&mut self, source: SourceId, short: Symbol) {
        if let Some(place) = self.homes.entry(source.index(), || short).filter(|place| **place != short) {
            *place = short;
        }
    }
    fn home(&self, source: SourceId) -> Symbol {
        self.homes.get(source.index()).copied().unwrap_or(Symbol::NONE)
    }

    /// What shows that the two are one attempt; `Match::None` where something speaks against it.
    pub fn fit(&self, logon: &Logon, part: &Part, is_success: bool, world: &World) -> Match {
        if logon.has_guid_of(part) {
            return Match::LogonGuid;
        }
        if logon.is_local() && part.guid.is_some() {
            return Match::None;
        }
        // With cached credentials nobody was asked; what was written then is of something else.
        let is_cached =
            matches!(logon.logon_type, LogonType::CachedInteractive | LogonType::CachedRemoteInteractive | LogonType::CachedUnlock);
        if is_success && is_cached {
            return Match::None;
        }
        let ahead = self.clocks.ahead(part.host, logon.host);
        let apart = Span::ticks((logon.at - part.at).as_ticks().saturating_sub(ahead.as_ticks()));
        if apart.abs() > APART || (is_success && !is_of_package(part.kind, world.raw(logon.package))) {
            return Match::None;
        }
        if is_somebody_else(logon.account, part.account, world) || (part.host != logon.host && logon.is_of_own_account(world)) {
            return Match::None;
        }
        let by_source = self.fit_source(logon, part);
        let by_workstation = self.fit_workstation(logon, part);
        let (Some(by_source), Some(by_workstation)) = (by_source, by_workstation) else { return Match::None };
        match part.kind {
            EventKind::ServiceTicket | EventKind::NtlmPassedOn if part.service != logon.short => Match::None,
            EventKind::ServiceTicket | EventKind::NtlmPassedOn => Match::Service,
            // A network logon on the controller itself uses a ticket for it; the first ticket was for the logon at its source.
            EventKind::TicketGranting if is_success && !logon.is_local() && part.host == logon.host => Match::None,
            _ => by_source.max(by_workstation),
        }
    }
    /// Nothing where the addresses differ.
    fn fit_source(&self, logon: &Logon, part: &Part) -> Option<Match> {
        if part.source.is_none() {
            return Some(Match::Account);
        }
        if part.source == logon.source {
            return Some(Match::Address);
        }
        let home = self.home(part.source);
        match () {
            () if logon.is_local() && home.is_none() => Some(Match::Account),
            () if logon.is_local() => (home == logon.short).then_some(Match::Address),
            () if logon.source.is_none() => Some(Match::Account),
            () => None,
        }
    }
    /// Nothing where the client claimed two names.
    fn fit_workstation(&self, logon: &Logon, part: &Part) -> Option<Match> {
        if part.workstation.is_none() {
            return Some(Match::Account);
        }
        let claimed = if logon.workstation.is_some() { logon.workstation } else { self.home(logon.source) };
        match () {
            () if part.workstation == claimed || part.workstation == logon.short => Some(Match::Workstation),
            () if claimed.is_none() => Some(Match::Account),
            () => None,
        }
    }
}

/// NTLM is checked by 4776, Kerberos gives tickets; `Negotiate` may be either.
fn is_of_package(kind: EventKind, package: &str) -> bool {
    let is_ntlm = matches!(kind, EventKind::CredentialValidation | EventKind::NtlmPassedOn);
    match () {
        () if package.eq_ignore_ascii_case("kerberos") => !is_ntlm,
        () if package.eq_ignore_ascii_case("ntlm") => is_ntlm,
        () => true,
    }
}

/// One name in two domains: both accounts have SIDs, and they are two.
fn is_somebody_else(one: AccountId, other: AccountId, world: &World) -> bool {
    let (one, other) = (world.tables.account_id(one), world.tables.account_id(other));
    let (one, other) = (world.tables.account_id(one), world.tables.account_id(other));
    let has_sid = |id| world.tables.account(id).is_some_and(|account| account.sid.is_some());
    one != other && has_sid(one) && has_sid(other)
}
