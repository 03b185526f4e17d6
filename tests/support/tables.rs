//! A small world made by hand: rows, accounts, hosts, sources and sessions linked as the writer links them.
#![allow(dead_code)] // each test file uses its part

use logonscope::base::intern::{Interner, Names, Symbol};
use logonscope::base::time::Timestamp;
use logonscope::model::account::{Account, AccountClass};
use logonscope::model::anomaly::{Anomaly, Detection, ScorePart, Severity};
use logonscope::model::attempt::Counted;
use logonscope::model::event::{AuthEvent, EventKind, Identity, LogonId, Outcome, Provenance, SignIn, Tri};
use logonscope::model::host::Host;
use logonscope::model::ids::{AccountId, AnomalyId, EventId, HostId, IncidentId, SessionId, SourceId, VisitId};
use logonscope::model::lane::Lane;
use logonscope::model::logon_type::LogonType;
use logonscope::model::session::{Session, SessionEnd};
use logonscope::model::source::Source;
use logonscope::model::status::Status;
use logonscope::model::visit::{Visit, VisitKind};
use logonscope::model::world::{Row, Tables, World};

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_else(|| panic!("no time: {text}"))
}

/// One logon in short: `account` as `user@domain`, times as RFC 3339.
#[derive(Clone, Debug)]
pub struct Logon<'a> {
    pub at: &'a str,
    pub account: &'a str,
    pub host: &'a str,
    pub source: &'a str,
    pub workstation: &'a str,
    pub logon_type: u64,
    pub status: u32,
    pub logon_id: u64,
    pub end: Option<(&'a str, SessionEnd)>,
    pub package: &'a str,
}

impl Default for Logon<'_> {
    fn default() -> Self {
        Self {
            at: "2026-03-14T09:00:00Z",
            account: "jdoe@CORP",
            host: "fs01.corp.local",
            source: "10.0.4.22",
            workstation: "",
            logon_type: 3,
            status: 0,
            logon_id: 0,
            end: None,
            package: "Kerberos",
        }
    }
}

#[derive(Default)]
pub struct Builder {
    pub world: World,
}

impl Builder {
    pub fn names(&self) -> Names {
        self.world.names.names()
    }
    pub fn tables(&self) -> &Tables {
        &self.world.tables
    }
    pub fn interner(&mut self) -> &mut Interner {
        &mut self.world.names
    }
    pub fn sym(&mut self, text: &str) -> Symbol {
        self.world.names.intern(text)
    }
    pub fn identity(&mut self, account: &str, sid: &str) -> Identity {
        let (user, domain) = account.rsplit_once('@').unwrap_or((account, ""));
        Identity { user: self.sym(user), domain: self.sym(domain), sid: self.sym(sid) }
    }
    pub fn account(&mut self, identity: Identity) -> AccountId {
        if identity.is_none() {
            return AccountId::NONE;
        }
        let same = |account: &Account| account.user == identity.user && account.domain == identity.domain;
        if let Some(place) = self.world.tables.accounts.iter().position(same) {
            return AccountId::new(place);
        }
        let user = self.world.names.raw(identity.user);
        let (class, class_reason) = match user {
            user if user.starts_with("svc_") => (AccountClass::Service, "name begins with svc_"),
            user if user.ends_with('$') => (AccountClass::Computer, "name ends with $"),
            _ => (AccountClass::Human, "nothing speaks against it"),
        };
        AccountId::new(self.world.tables.accounts.push(Account {
            user: identity.user,
            domain: identity.domain,
            sid: identity.sid,
            class,
            class_reason,
            ..Account::default()
        }))
    }
    pub fn host(&mut self, name: &str) -> HostId {
        if name.is_empty() {
            return HostId::NONE;
        }
        let name = self.sym(name);
        let known = self.world.tables.hosts.iter().position(|host| host.name == name);
        match known {
            Some(place) => HostId::new(place),
            None => HostId::new(self.world.tables.hosts.push(Host { name, ..Host::default() })),
        }
    }
    pub fn source(&mut self, text: &str) -> SourceId {
        if text.is_empty() {
            return SourceId::NONE;
        }
        let address = text.parse().ok();
        let text = if address.is_some() { Symbol::NONE } else { self.sym(text) };
        let known = self.world.tables.sources.iter().position(|source| source.address == address && source.text == text);
        match known {
            Some(place) => SourceId::new(place),
            None => SourceId::new(self.world.tables.sources.push(Source { address, text, ..Source::default() })),
        }
    }
    /// Puts an event into the tables, linked and counted; the entities are found from its texts.
    pub fn event(&mut self, event: AuthEvent, session: SessionId) -> EventId {
        let account = self.account(event.account);
        let host_name = self.world.names.raw(event.host).to_owned();
        let host = self.host(&host_name);
        let source_name = event.address.map_or_else(|| self.world.names.raw(event.address_text).to_owned(), |address| address.to_string());
        let source = self.source(&source_name);
        let id = EventId::new(self.world.tables.events.len());
        let counted = match event.outcome {
            Outcome::Success => Counted::everywhere(true),
            Outcome::Failure => Counted::everywhere(false),
            Outcome::Interrupted | Outcome::None => Counted::default(),
        };
        let mut row = Row {
            counted,
            account,
            host,
            source,
            session,
            visit: Default::default(),
            previous_of_account: EventId::NONE,
            previous_of_host: EventId::NONE,
            previous_of_source: EventId::NONE,
            previous_of_session: EventId::NONE,
            event,
        };
        let (success, failure) = (u32::from(row.event.outcome == Outcome::Success), u32::from(row.event.outcome == Outcome::Failure));
        let now = Some(row.event.at);
        let tables = &mut self.world.tables;
        macro_rules! count {
            ($table:ident, $id:expr, $previous:ident) => {
                if let Some(of) = tables.$table.get_mut($id.index()) {
                    row.$previous = std::mem::replace(&mut of.last_event, id);
                    of.events += 1;
                    of.successes += success;
                    of.failures += failure;
                    of.first = of.first.map_or(now, |first| now.map(|now| now.min(first)));
                    of.last = of.last.max(now);
                }
            };
        }
        count!(accounts, account, previous_of_account);
        count!(hosts, host, previous_of_host);
        count!(sources, source, previous_of_source);
        if let Some(of) = tables.sessions.get_mut(session.index()) {
            row.previous_of_session = std::mem::replace(&mut of.last_event, id);
            if of.first_event.is_none() {
                of.first_event = id;
            }
            of.events += 1;
        }
        tables.events.push(row);
        id
    }
    /// A logon and, where it succeeded and has a logon id, its session.
    pub fn logon(&mut self, logon: &Logon<'_>) -> (EventId, SessionId) {
        let account = self.identity(logon.account, "S-1-5-21-1-2-3-1001");
        let start = at(logon.at);
        let success = logon.status == 0;
        let event = AuthEvent {
            at: start,
            kind: if success { EventKind::Logon } else { EventKind::LogonFailed },
            event_id: if success { 4624 } else { 4625 },
            record: 100 + self.world.tables.events.len() as u64,
            provenance: Provenance::default(),
            host: self.sym(logon.host),
            channel: self.sym("Security"),
            outcome: if success { Outcome::Success } else { Outcome::Failure },
            status: if success { Status::default() } else { Status::nt(logon.status) },
            logon_type: LogonType::from_number(logon.logon_type),
            account,
            logon_id: LogonId(logon.logon_id),
            address: logon.source.parse().ok(),
            address_text: if logon.source.parse::<std::net::IpAddr>().is_ok() { Symbol::NONE } else { self.sym(logon.source) },
            workstation: self.sym(logon.workstation),
            package: self.sym(logon.package),
            ..AuthEvent::default()
        };
        let lane = event.lane();
        let session = match lane {
            Some(lane) if success && logon.logon_id != 0 => self.session(logon, lane),
            _ => SessionId::NONE,
        };
        (self.event(event, session), session)
    }
    fn session(&mut self, logon: &Logon<'_>, lane: Lane) -> SessionId {
        let identity = self.identity(logon.account, "S-1-5-21-1-2-3-1001");
        let (account, host, source) = (self.account(identity), self.host(logon.host), self.source(logon.source));
        let (workstation, package) = (self.sym(logon.workstation), self.sym(logon.package));
        let tables = &mut self.world.tables;
        let id = SessionId::new(tables.sessions.len());
        let open = u32::from(logon.end.is_none());
        let mut previous_of_account = SessionId::NONE;
        if let Some(of) = tables.accounts.get_mut(account.index()) {
            previous_of_account = std::mem::replace(&mut of.last_session, id);
            (of.sessions, of.visits) = (of.sessions + 1, of.visits + 1);
            (of.open_sessions, of.open_visits) = (of.open_sessions + open, of.open_visits + open);
            of.by_lane[lane.index()] += 1;
        }
        if let Some(of) = tables.hosts.get_mut(host.index()) {
            (of.sessions, of.visits) = (of.sessions + 1, of.visits + 1);
            (of.open_sessions, of.open_visits) = (of.open_sessions + open, of.open_visits + open);
        }
        if let Some(of) = tables.sources.get_mut(source.index()) {
            (of.sessions, of.visits) = (of.sessions + 1, of.visits + 1);
        }
        let visit = VisitId::new(tables.visits.push(Visit {
            lane,
            logon_type: LogonType::from_number(logon.logon_type),
            workstation,
            end: logon.end.map(|(end, _)| at(end)),
            end_reason: logon.end.map_or(SessionEnd::Open, |(_, reason)| reason),
            logons: 1,
            open_logons: open,
            first_session: id,
            last_session: id,
            ..Visit::new(VisitKind::Single, account, host, source, at(logon.at))
        }));
        tables.sessions.push(Session {
            lane,
            logon_type: LogonType::from_number(logon.logon_type),
            account,
            host,
            source,
            workstation,
            logon_id: LogonId(logon.logon_id),
            boot: 0,
            start: at(logon.at),
            end: logon.end.map(|(end, _)| at(end)),
            end_reason: logon.end.map_or(SessionEnd::Open, |(_, reason)| reason),
            elevated: Tri::Unknown,
            privileged: false,
            linked_logon_id: LogonId::NONE,
            linked: SessionId::NONE,
            parent: SessionId::NONE,
            package,
            lm_package: Symbol::NONE,
            logon_process: Symbol::NONE,
            process: Symbol::NONE,
            credential: Default::default(),
            authority: Default::default(),
            rare: None,
            events: 0,
            first_event: EventId::NONE,
            last_event: EventId::NONE,
            anomalies: 0,
            worst: None,
            previous_of_account,
            previous_of_host: SessionId::NONE,
            previous_of_source: SessionId::NONE,
            visit,
            previous_of_visit: SessionId::NONE,
            joined: logonscope::model::quality::Quality::Exact,
            passing: false,
        });
        id
    }
    /// An Entra sign-in with a country and an application.
    pub fn sign_in(&mut self, time: &str, upn: &str, address: &str, country: &str, app: &str, error: u32) -> EventId {
        let sign_in = SignIn { country: self.sym(country), app: self.sym(app), asn: 64_496, risk: self.sym("high"), ..SignIn::default() };
        let event = AuthEvent {
            at: at(time),
            kind: EventKind::SignIn,
            outcome: if error == 0 { Outcome::Success } else { Outcome::Failure },
            status: Status::entra(error),
            account: Identity { user: self.sym(upn), ..Identity::default() },
            address: address.parse().ok(),
            entra: Some(Box::new(sign_in)),
            provenance: Provenance { line: 7, ..Provenance::default() },
            ..AuthEvent::default()
        };
        self.event(event, SessionId::NONE)
    }
    /// A finding on some records; accounts, hosts, sources and sessions are theirs.
    pub fn anomaly(&mut self, detection: &'static Detection, score: u8, records: &[EventId], why: &str) -> AnomalyId {
        let rows: Vec<Row> = records.iter().map(|id| self.world.tables.event(*id).expect("a record").into_owned()).collect();
        fn once<T: PartialEq + Copy>(ids: impl Iterator<Item = T>) -> Vec<T> {
            let mut kept = Vec::new();
            ids.for_each(|id| {
                if !kept.contains(&id) {
                    kept.push(id)
                }
            });
            kept
        }
        let anomaly = Anomaly {
            detection,
            severity: detection.severity,
            score,
            score_parts: vec![ScorePart { points: score, reason: "because".into() }],
            at: rows.first().expect("a record").event.at,
            end: rows.last().expect("a record").event.at,
            raised_at: rows.last().expect("a record").event.at,
            accounts: once(rows.iter().map(|row| row.account).filter(|id| id.is_some())),
            hosts: once(rows.iter().map(|row| row.host).filter(|id| id.is_some())),
            sources: once(rows.iter().map(|row| row.source).filter(|id| id.is_some())),
            sessions: once(rows.iter().map(|row| row.session).filter(|id| id.is_some())),
            records: records.to_vec(),
            count: records.len() as u32,
            why: why.to_owned(),
            incident: IncidentId::NONE,
        };
        let tables = &mut self.world.tables;
        for id in &anomaly.sessions {
            if let Some(session) = tables.sessions.get_mut(id.index()) {
                session.anomalies += 1;
                session.worst = session.worst.max(Some(anomaly.severity));
                if let Some(visit) = tables.visits.get_mut(session.visit.index()) {
                    visit.anomalies += 1;
                    visit.worst = session.worst;
                }
            }
        }
        for id in &anomaly.accounts {
            if let Some(account) = tables.accounts.get_mut(id.index()) {
                account.anomalies += 1;
                account.worst = account.worst.max(Some(anomaly.severity));
            }
        }
        tables.raise(anomaly)
    }
}

pub static SPRAY: Detection = Detection {
    id: "password-spray-windows",
    title: "Password spray",
    severity: Severity::High,
    attack: &["T1110.003"],
    needs: "4625",
    requires: &[],
    check: "who owns the source?",
};
pub static NEW_HOST: Detection = Detection {
    id: "first-seen-host-for-account",
    title: "First logon of an account to a host",
    severity: Severity::Low,
    attack: &["T1078"],
    needs: "4624",
    requires: &[],
    check: "is it expected?",
};
