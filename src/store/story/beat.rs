//! Records become things that happened: those that tell of one thing within seconds are one beat.

use super::{Line, TOGETHER, Teller};
use crate::base::intern::Symbol;
use crate::base::time::Timestamp;
use crate::model::credential::CredentialKind as C;
use crate::model::event::{AuthEvent, EventKind, Outcome, Tri};
use crate::model::event_id;
use crate::model::ids::EventId;
use crate::model::logon_type::LogonType;
use crate::model::session::Session;
use crate::model::visit::VisitKind;
use crate::model::world::Row;

/// What kind of thing; records of one kind that lie together are one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Connected,
    LoggedOn,
    Locked,
    Unlocked,
    Disconnected,
    Reconnected,
    /// LocalSessionManager 39, 40: part of a disconnect or of a reconnect, whichever is near.
    Replaced,
    /// Checks of the authority: part of what they were asked for; nothing by themselves.
    Checked,
    Credentials,
    Failed,
    LoggedOff,
    Other(u32),
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub(super) struct Beat {
    pub what: What,
    pub at: Timestamp,
    /// When its newest record was written.
    until: Timestamp,
    words: String,
    /// How much the record behind `words` tells, against others of the same thing.
    rank: u8,
    event: EventId,
    /// Ids of the records, in the order they came.
    ids: Vec<u32>,
    is_inferred: bool,
}

impl Beat {
    pub fn new(what: What, row: &Row, event: EventId, rank: u8, words: String) -> Self {
        let at = row.event.at;
        Self { what, at, until: at, words, rank, event, ids: vec![row.event.event_id], is_inferred: false }
    }
    /// Something no record tells.
    pub fn inferred(at: Timestamp, words: &str) -> Self {
        let what = What::Other(0);
        Self { what, at, until: at, words: words.to_owned(), rank: 0, event: EventId::NONE, ids: Vec::new(), is_inferred: true }
    }
    fn add(&mut self, other: Self) {
        self.until = self.until.max(other.until);
        self.ids.extend(other.ids.into_iter().filter(|id| !self.ids.contains(id)).collect::<Vec<_>>());
        if matches!(self.what, What::Replaced | What::Checked) || other.what == What::Reconnected {
            self.what = other.what;
        }
        if self.what == What::LoggedOff && other.rank > self.rank {
            self.at = other.at;
        }
        if other.rank > self.rank && !(self.what == What::LoggedOff && other.what != What::LoggedOff) {
            (self.rank, self.words, self.event, self.is_inferred) = (other.rank, other.words, other.event, other.is_inferred);
        }
    }
    pub fn line(self) -> Line {
        let ids: Vec<String> = self.ids.iter().filter(|id| **id != 0).map(u32::to_string).collect();
        let words = if ids.is_empty() { self.words } else { format!("{} ({})", self.words, ids.join(", ")) };
        Line { at: self.at, words, event: self.event, is_inferred: self.is_inferred }
    }
}

/// Security 4627 lists the groups of a logon that 4624 tells of.
const GROUPS: u32 = 4627;

/// The beats of a visit, as its records are read.
pub(super) struct Beats<'a> {
    teller: &'a Teller<'a>,
    found: Vec<Beat>,
}

impl<'a> Beats<'a> {
    pub const fn new(teller: &'a Teller<'a>) -> Self {
        Self { teller, found: Vec::new() }
    }
    pub fn done(mut self) -> Vec<Beat> {
        self.found.retain(|beat| beat.what != What::Checked);
        self.found
    }
    pub fn take(&mut self, id: EventId) {
        let Some(row) = self.teller.tables.event(id) else { return };
        let Some(beat) = self.teller.beat(id, &row) else { return };
        let near = self.found.iter_mut().rev().take_while(|other| beat.at - other.until <= TOGETHER * 6);
        match near.into_iter().find(|other| beat.at - other.until <= TOGETHER && is_one(other.what, beat.what)) {
            Some(other) => other.add(beat),
            None => self.found.push(beat),
        }
    }
}

/// Two records within seconds tell of one thing.
fn is_one(one: What, other: What) -> bool {
    use What::{Checked, Disconnected, LoggedOff, LoggedOn, Reconnected, Replaced, Unlocked};
    one == other
        || matches!(
            (one, other),
            // To come back is to unlock, too.
            (Reconnected, Unlocked)
                | (Unlocked, Reconnected)
                // A logoff leaves nobody connected.
                | (LoggedOff, Disconnected | Replaced)
                | (Replaced, Disconnected | Reconnected)
                | (Disconnected | Reconnected, Replaced)
                | (Checked, LoggedOn | Reconnected | Unlocked)
                | (LoggedOn | Reconnected | Unlocked, Checked)
        )
}

impl Teller<'_> {
    fn shown(&self, symbol: Symbol) -> String {
        self.names.shown(symbol)
    }
    /// ` from 10.0.9.66 WS41`, or nothing.
    pub(super) fn from(&self, row: &Row) -> String {
        let event = &row.event;
        let address = event.address.map_or_else(|| self.shown(event.address_text), |address| address.to_string());
        let workstation = Some(self.shown(event.workstation)).filter(|name| *name != address).unwrap_or_default();
        match (address.as_str(), workstation.as_str()) {
            ("", "") => String::new(),
            ("", name) => format!(" from {name}"),
            (address, "") => format!(" from {address}"),
            (address, name) => format!(" from {address} {name}"),
        }
    }
    fn beat(&self, id: EventId, row: &Row) -> Option<Beat> {
        let event = &row.event;
        let from = self.from(row);
        let failed = event.outcome == Outcome::Failure;
        let (what, rank, words) = match event.kind {
            EventKind::Logon => return self.logon(id, row),
            EventKind::RdpConnection => (What::Connected, 1, format!("Remote Desktop client connected{from}")),
            EventKind::RdpAuthenticated => (What::Connected, 2, format!("Remote Desktop client let through{from}")),
            EventKind::GatewayConnected => (What::Connected, 2, format!("client came through a gateway{from}")),
            EventKind::GatewayDisconnected => (What::Disconnected, 1, format!("client left the gateway{}", gone(&from))),
            EventKind::Locked => (What::Locked, 2, "locked".to_owned()),
            EventKind::Unlocked => (What::Unlocked, 3, "unlocked".to_owned()),
            EventKind::SessionDisconnected => (What::Disconnected, 3, format!("disconnected{}", gone(&from))),
            EventKind::RdpSessionDisconnected => (What::Disconnected, 2, format!("disconnected{}", gone(&from))),
            EventKind::RdpSessionReplaced => (What::Replaced, 1, "disconnected".to_owned()),
            EventKind::SessionReconnected => (What::Reconnected, 6, format!("reconnected{from}")),
            EventKind::RdpSessionReconnected => (What::Reconnected, 5, format!("reconnected{from}")),
            EventKind::RdpSessionLogon => (What::LoggedOn, 2, format!("desktop{} begun{from}", number(event))),
            EventKind::RdpShellStarted | EventKind::DesktopLogon => (What::LoggedOn, 1, format!("desktop{} begun{from}", number(event))),
            EventKind::RdpSessionLogoff => (What::LoggedOff, 3, "desktop ended".to_owned()),
            EventKind::DesktopLogoff | EventKind::ProfileUnloaded => (What::LoggedOff, 1, "desktop ended".to_owned()),
            EventKind::UserLogoff => (What::LoggedOff, 4, "the user logged off".to_owned()),
            EventKind::Logoff if self.is_the_end(row) => (What::LoggedOff, 2, "logged off".to_owned()),
            EventKind::ExplicitCredentials if self.is_for_itself(event) => return None,
            EventKind::ExplicitCredentials => (What::Credentials, 1, self.credentials(event)),
            EventKind::LogonFailed | EventKind::PreAuthFailed => (What::Failed, 1, format!("logon failed{from}: {}", words_of(event))),
            EventKind::TicketGranting | EventKind::ServiceTicket | EventKind::CredentialValidation | EventKind::NtlmPassedOn if !failed => {
                (What::Checked, 0, String::new())
            }
            EventKind::Logoff | EventKind::SpecialPrivileges | EventKind::RdpArbitration => return None,
            _ => {
                let title = event_id::title(self.names.raw(event.channel), event.event_id);
                if title.is_empty() || event.event_id == GROUPS {
                    return None;
                }
                let why = if failed { format!(": {}", words_of(event)) } else { String::new() };
                (What::Other(event.event_id), 1, format!("{title}{from}{why}"))
            }
        };
        Some(Beat::new(what, row, id, rank, words))
    }
    /// The logoff that ends the session, not that of a throw-away logon of it.
    fn is_the_end(&self, row: &Row) -> bool {
        let is_passing = self.tables.session(row.session).is_some_and(|session| session.passing);
        let is_last =
            self.visit.logons <= 1 || self.visit.kind == VisitKind::Run || self.visit.end.is_some_and(|end| row.event.at + TOGETHER >= end);
        is_last && !is_passing
    }
    /// 4624: the logon itself, the other half of a pair, or a credential check of a desktop that is there.
    fn logon(&self, id: EventId, row: &Row) -> Option<Beat> {
        let session = self.tables.session(row.session).filter(|session| session.first_event == id)?;
        let is_first = row.session == self.visit.first_session;
        let (from, how) = (self.from(row), self.how(&session));
        let kind = session.logon_type;
        let (what, rank, words) = match kind {
            LogonType::Unlock | LogonType::CachedUnlock if session.passing => {
                (What::Unlocked, 1, format!("unlocked, as its credential check tells{how}"))
            }
            LogonType::Network if session.passing => {
                (What::Connected, 3, format!("client{} proved who it is{how}", from.trim_start_matches(" from")))
            }
            _ if session.passing => (What::Reconnected, 4, format!("came back{from}: {}{how}", named(kind))),
            _ => {
                let halves = self.halves(&session);
                let privileged = if session.privileged { ", privileged" } else { "" };
                // The half that is there first is the one the pair is told by.
                let rank = if is_first { 5 } else { 4 };
                (What::LoggedOn, rank, format!("logged on{from}: {}{how}{halves}{privileged}", named(kind)))
            }
        };
        Some(Beat::new(what, row, id, rank, words))
    }
    /// The package that checked the credentials and what they were, as far as that is known.
    pub(super) fn how(&self, session: &Session) -> String {
        let package = self.shown(session.lm_package.or(session.package));
        let package = if package.is_empty() { String::new() } else { format!(", {package}") };
        let kind = session.credential.kind;
        match kind {
            // The package says as much.
            C::NotObservable | C::None | C::Ticket | C::Ntlm | C::NtlmV1 | C::NtlmV2 => package,
            _ => format!("{package}, {}", kind.text()),
        }
    }
    fn halves(&self, session: &Session) -> String {
        let Some(other) = self.tables.session(session.linked).filter(|other| other.visit == self.id) else {
            return match session.elevated {
                Tri::Yes => ", elevated".to_owned(),
                _ => String::new(),
            };
        };
        let (elevated, limited) = if session.elevated == Tri::Yes { (session, &*other) } else { (&*other, session) };
        format!(", elevated {}, limited {}", elevated.logon_id, limited.logon_id)
    }
    /// Windows itself hands the credentials of a logon on to this very host.
    fn is_for_itself(&self, event: &AuthEvent) -> bool {
        self.names.raw(event.target).eq_ignore_ascii_case("localhost") && self.names.raw(event.subject.user).ends_with('$')
    }
    fn credentials(&self, event: &AuthEvent) -> String {
        let who = self.shown(event.account.user);
        let target = self.shown(event.target);
        let target = if target.is_empty() { String::new() } else { format!(" for {target}") };
        format!("credentials of {} given{target}", if who.is_empty() { "another account" } else { &who })
    }
}

fn named(kind: LogonType) -> String {
    kind.number().map_or_else(|| kind.name().to_owned(), |number| format!("{number} {}", kind.name()))
}

fn gone(from: &str) -> String {
    // What 4779 writes of a client that is gone.
    let from = from.trim_end_matches(" Unknown");
    from.strip_prefix(" from").filter(|client| !client.is_empty()).map_or_else(String::new, |client| format!(", client{client}"))
}

fn number(event: &AuthEvent) -> String {
    event.ts_session.map_or_else(String::new, |number| format!(" {number}"))
}

/// The code of a failure in words.
pub(super) fn words_of(event: &AuthEvent) -> String {
    match (event.outcome, event.status.text(), event.status.code_text()) {
        (Outcome::Success, ..) => "ok".to_owned(),
        (_, "", code) if code.is_empty() => "no reason stated".to_owned(),
        (_, "", code) => code,
        (_, text, _) => text.to_owned(),
    }
}
