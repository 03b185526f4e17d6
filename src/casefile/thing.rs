//! What a bookmark or a note is about, as a case file names it: by what its records say, since numbers of rows differ
//! from run to run and from computer to computer.

use super::subject::Subject;
use crate::base::intern::Names;
use crate::base::time::Timestamp;
use crate::model::account::Account;
use crate::model::event::AuthEvent;
use crate::model::host::Host;
use crate::model::session::Session;
use crate::model::source::Source;
use crate::model::visit::Visit;
use crate::model::world::{Row, Tables};
use serde::{Deserialize, Serialize};

/// See the module. Texts are those of the records, not cleaned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "thing", rename_all = "lowercase")]
pub enum Thing {
    Event {
        /// RFC 3339.
        at: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        host: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        channel: String,
        /// `EventRecordID`; 0 where there is none.
        #[serde(default, skip_serializing_if = "is_zero")]
        record: u64,
        /// `id` of an Entra row; elsewhere, where there is no record number, a checksum over what the record says.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        id: String,
        /// What the event is, for people who have not its log at hand.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        words: String,
    },
    Session {
        /// RFC 3339: the logon that opened it.
        at: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        host: String,
        /// `0x1f3a8c2`: unique on one host since one boot, which the time tells from others.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        logon_id: String,
        /// `sessionId` of Entra.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        id: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        account: String,
    },
    Account {
        /// `domain\user` in lower case, as reports write it.
        name: String,
        /// SID or object id.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        sid: String,
    },
    Host {
        name: String,
    },
    Source {
        /// Address, or the claimed name where there is none.
        name: String,
    },
    Anomaly {
        #[serde(flatten)]
        subject: Subject,
    },
    /// A moment, whatever happened then.
    Moment {
        at: String,
    },
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn seconds(at: &str) -> i64 {
    Timestamp::parse(at).map_or(0, Timestamp::as_unix_seconds)
}

/// What tells one of these from another; two spellings of one thing have one in common.
pub type Keys = Vec<String>;

impl Thing {
    #[must_use]
    pub fn of_event(row: &Row, names: &Names, tables: &Tables, words: String) -> Self {
        let event = &row.event;
        Self::Event {
            at: event.at.rfc3339(),
            host: names.raw(event.host).to_owned(),
            channel: names.raw(event.channel).to_owned(),
            record: event.record,
            id: event_id(event, row, names, tables),
            words,
        }
    }
    #[must_use]
    pub fn of_session(session: &Session, names: &Names, tables: &Tables) -> Self {
        Self::Session {
            at: session.start.rfc3339(),
            host: tables.host(session.host).map(|host| names.raw(host.name).to_owned()).unwrap_or_default(),
            logon_id: if session.logon_id.0 == 0 { String::new() } else { session.logon_id.to_string() },
            id: if session.entra_session().is_some() { session.entra_session().shown(names) } else { String::new() },
            account: tables.account(session.account).map(|account| account.key(names)).unwrap_or_default(),
        }
    }
    /// A session as shown: its first logon, or what is known where no logon tells of it.
    #[must_use]
    pub fn of_visit(visit: &Visit, names: &Names, tables: &Tables) -> Self {
        if let Some(session) = tables.session(visit.first_session) {
            return Self::of_session(&session, names, tables);
        }
        Self::Session {
            at: visit.start.rfc3339(),
            host: tables.host(visit.host).map(|host| names.raw(host.name).to_owned()).unwrap_or_default(),
            logon_id: String::new(),
            id: String::new(),
            account: tables.account(visit.account).map(|account| account.key(names)).unwrap_or_default(),
        }
    }
    #[must_use]
    pub fn of_account(account: &Account, names: &Names) -> Self {
        let sid = if account.sid.is_some() { account.sid } else { account.object_id };
        Self::Account { name: account.key(names), sid: names.raw(sid).to_owned() }
    }
    #[must_use]
    pub fn of_host(host: &Host, names: &Names) -> Self {
        Self::Host { name: names.raw(host.name).to_owned() }
    }
    #[must_use]
    pub fn of_source(source: &Source, names: &Names) -> Self {
        Self::Source { name: source.address.map_or_else(|| names.raw(source.text).to_owned(), |address| address.to_string()) }
    }
    /// The noun: `event`, `session`, `account` ...
    #[must_use]
    pub const fn noun(&self) -> &'static str {
        match self {
            Self::Event { .. } => "event",
            Self::Session { .. } => "session",
            Self::Account { .. } => "account",
            Self::Host { .. } => "host",
            Self::Source { .. } => "source",
            Self::Anomaly { .. } => "anomaly",
            Self::Moment { .. } => "moment",
        }
    }
    /// When it was; accounts, hosts and sources have no time of their own.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Event { at, .. } | Self::Session { at, .. } | Self::Moment { at } => Timestamp::parse(at),
            Self::Anomaly { subject } => Timestamp::parse(&subject.at),
            Self::Account { .. } | Self::Host { .. } | Self::Source { .. } => None,
        }
    }
    /// What it is called without its log: not cleaned.
    #[must_use]
    pub fn words(&self) -> String {
        let on = |host: &str| if host.is_empty() { String::new() } else { format!(" on {host}") };
        match self {
            Self::Event { host, record, id, words, .. } => {
                let words = if words.is_empty() { "event" } else { words };
                match (*record, id.is_empty()) {
                    (0, true) => format!("{words}{}", on(host)),
                    (0, false) => format!("{words}{} id {id}", on(host)),
                    (record, _) => format!("{words}{} rec {record}", on(host)),
                }
            }
            Self::Session { host, logon_id, id, account, .. } => {
                let number = if logon_id.is_empty() { id } else { logon_id };
                format!("{account}{} {number}", on(host)).trim().to_owned()
            }
            Self::Account { name, sid } => if name.is_empty() { sid } else { name }.clone(),
            Self::Host { name } | Self::Source { name } => name.clone(),
            Self::Anomaly { subject } => {
                let who = [&subject.accounts, &subject.hosts, &subject.sources].into_iter().find_map(|names| names.first());
                format!("{} {}", subject.detection, who.map_or("", String::as_str)).trim_end().to_owned()
            }
            Self::Moment { .. } => "a moment".to_owned(),
        }
    }
    /// What tells it from others. Times count by the second: exports of one log differ in their fractions.
    #[must_use]
    pub fn keys(&self) -> Keys {
        let key = match self {
            Self::Event { at, host, channel, record, id, .. } => format!("event|{}|{host}|{channel}|{record}|{id}", seconds(at)),
            Self::Session { at, host, logon_id, id, account } => match (id.is_empty(), logon_id.is_empty()) {
                (false, _) => format!("session|{id}"),
                (true, false) => format!("session|{}|{host}|{logon_id}", seconds(at)),
                (true, true) => format!("session|{}|{host}|{account}", seconds(at)),
            },
            Self::Account { name, sid } => {
                let of_name = (!name.is_empty()).then(|| format!("account|{name}").to_lowercase());
                let of_sid = (!sid.is_empty()).then(|| format!("account||{sid}").to_lowercase());
                return of_name.into_iter().chain(of_sid).collect();
            }
            Self::Host { name } => format!("host|{name}"),
            Self::Source { name } => format!("source|{name}"),
            // Lists may grow at their ends.
            Self::Anomaly { subject } => {
                let first = |names: &[String]| names.first().cloned().unwrap_or_default();
                let who = [first(&subject.accounts), first(&subject.hosts), first(&subject.sources)];
                format!("anomaly|{}|{}|{}", subject.detection, subject.at, who.join("|"))
            }
            Self::Moment { at } => format!("moment|{at}"),
        };
        vec![key.to_lowercase()]
    }
    /// The same thing.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        if let (Self::Anomaly { subject }, Self::Anomaly { subject: other }) = (self, other) {
            return subject.is(other);
        }
        let others = other.keys();
        self.keys().iter().any(|key| others.contains(key))
    }
}

/// The `id` of Entra; where a record has no number, a checksum over what it says.
fn event_id(event: &AuthEvent, row: &Row, names: &Names, tables: &Tables) -> String {
    if let Some(sign_in) = event.entra.as_deref().filter(|sign_in| sign_in.id.is_some()) {
        return sign_in.id.shown(names);
    }
    if event.record != 0 {
        return String::new();
    }
    let account = tables.account(row.account).map(|account| account.key(names)).unwrap_or_default();
    let address = event.address.map(|address| address.to_string()).unwrap_or_default();
    let said = format!(
        "{}|{}|{account}|{address}|{}|{}|{}|{}",
        event.event_id,
        event.at.as_unix_seconds(),
        names.raw(event.address_text),
        event.logon_id,
        event.status.code_text(),
        names.raw(event.target),
    );
    format!("{:08x}", crc32fast::hash(said.as_bytes()))
}
