//! Small worlds made by hand: rows, sessions and anomalies put into the tables and the store as the writer would, so
//! that a screen can be tested without logs.

#![allow(dead_code)] // each test file uses a part

use logonscope::base::time::{Span, Timestamp};
use logonscope::model::account::{Account, AccountClass};
use logonscope::model::anomaly::{Anomaly, Detection, ScorePart, Severity};
use logonscope::model::event::{AuthEvent, EventKind, LogonId, Outcome, SignIn, SignInCategory, Tri};
use logonscope::model::host::Host;
use logonscope::model::ids::{AccountId, AnomalyId, EventId, HostId, IncidentId, SessionId, SourceId, VisitId};
use logonscope::model::lane::Lane;
use logonscope::model::logon_type::LogonType;
use logonscope::model::session::{Session, SessionEnd};
use logonscope::model::source::Source;
use logonscope::model::visit::{State, Visit, VisitKind};
use logonscope::model::world::{Changes, Row, World};
use logonscope::store::{Meters, Phase, Snapshot, Store};
use std::collections::BTreeMap;
use std::sync::Arc;

pub fn at(text: &str) -> Timestamp {
    let text = if text.contains('T') { text.to_owned() } else { format!("2026-03-14T{text}Z") };
    Timestamp::parse(&text).expect("a time of the test")
}

#[derive(Default)]
pub struct Made {
    pub world: World,
    pub store: Store,
    accounts: BTreeMap<String, AccountId>,
    hosts: BTreeMap<String, HostId>,
    sources: BTreeMap<String, SourceId>,
    logon_id: u64,
}

/// The logon type a lane is fed by; none for tickets and sign-ins.
const fn logon_type(lane: Lane) -> LogonType {
    match lane {
        Lane::Interactive => LogonType::Interactive,
        Lane::Network => LogonType::Network,
        Lane::Batch => LogonType::Batch,
        Lane::Service => LogonType::Service,
        Lane::Unlock => LogonType::Unlock,
        Lane::NetworkCleartext => LogonType::NetworkCleartext,
        Lane::NewCredentials => LogonType::NewCredentials,
        Lane::RemoteInteractive => LogonType::RemoteInteractive,
        Lane::Cached => LogonType::CachedInteractive,
        _ => LogonType::None,
    }
}

fn event(lane: Lane, at: Timestamp, failed: bool) -> AuthEvent {
    let outcome = if failed { Outcome::Failure } else { Outcome::Success };
    let mut event = AuthEvent { at, outcome, logon_type: logon_type(lane), kind: EventKind::Logon, event_id: 4624, ..AuthEvent::default() };
    let category = match lane {
        Lane::EntraInteractive => Some(SignInCategory::Interactive),
        Lane::EntraNonInteractive => Some(SignInCategory::NonInteractive),
        Lane::EntraServicePrincipal => Some(SignInCategory::ServicePrincipal),
        Lane::EntraManagedIdentity => Some(SignInCategory::ManagedIdentity),
        _ => None,
    };
    if let Some(category) = category {
        event.kind = EventKind::SignIn;
        event.entra = Some(Box::new(SignIn { category, ..SignIn::default() }));
    } else if lane == Lane::DomainController {
        event.kind = EventKind::ServiceTicket;
    }
    event
}

impl Made {
    /// `user@DOMAIN`; a name that ends with `$` is a computer, `SYSTEM` is built in.
    pub fn account(&mut self, name: &str) -> AccountId {
        if let Some(id) = self.accounts.get(name) {
            return *id;
        }
        let (user, domain) = name.split_once('@').unwrap_or((name, ""));
        let class = match user {
            "SYSTEM" => AccountClass::BuiltIn,
            user if user.ends_with('$') => AccountClass::Computer,
            _ => AccountClass::Human,
        };
        let names = &mut self.world.names;
        let account =
            Account { user: names.intern(user), domain: names.intern(domain), sid: names.intern(""), class, ..Account::default() };
        let id = AccountId::new(self.world.tables.accounts.push(account));
        self.accounts.insert(name.to_owned(), id);
        id
    }
    pub fn host(&mut self, name: &str) -> HostId {
        if name.is_empty() {
            return HostId::NONE;
        }
        if let Some(id) = self.hosts.get(name) {
            return *id;
        }
        let host = Host { name: self.world.names.intern(&name.to_lowercase()), ..Host::default() };
        let id = HostId::new(self.world.tables.hosts.push(host));
        self.hosts.insert(name.to_owned(), id);
        id
    }
    pub fn source(&mut self, name: &str) -> SourceId {
        if name.is_empty() {
            return SourceId::NONE;
        }
        if let Some(id) = self.sources.get(name) {
            return *id;
        }
        let text = self.world.names.intern(name);
        let id = SourceId::new(self.world.tables.sources.push(Source { address: name.parse().ok(), text, ..Source::default() }));
        self.sources.insert(name.to_owned(), id);
        id
    }
    fn row(&mut self, event: AuthEvent, (account, host, source): (AccountId, HostId, SourceId), session: SessionId) -> EventId {
        EventId::new(self.world.tables.events.push(Row {
            event,
            counted: Default::default(),
            account,
            host,
            source,
            session,
            visit: Default::default(),
            previous_of_account: EventId::NONE,
            previous_of_host: EventId::NONE,
            previous_of_source: EventId::NONE,
            previous_of_session: EventId::NONE,
        }))
    }
    /// An event without a session.
    pub fn event(&mut self, lane: Lane, when: Timestamp, failed: bool) -> EventId {
        let id = self.row(event(lane, when, failed), (AccountId::NONE, HostId::NONE, SourceId::NONE), SessionId::NONE);
        self.store.append(&self.world.tables, &Changes { event: id, ..Changes::default() });
        id
    }
    /// An event that is no logon: a boot.
    pub fn boot(&mut self, when: Timestamp) -> EventId {
        let event = AuthEvent { at: when, kind: EventKind::Boot, event_id: 4608, ..AuthEvent::default() };
        let id = self.row(event, (AccountId::NONE, HostId::NONE, SourceId::NONE), SessionId::NONE);
        self.store.append(&self.world.tables, &Changes { event: id, ..Changes::default() });
        id
    }
    /// A session with its opening event; `who` is `user@DOMAIN > HOST < SOURCE`, the last two optional.
    pub fn session(&mut self, lane: Lane, who: &str, start: Timestamp, end: Option<(Timestamp, SessionEnd)>) -> SessionId {
        let (rest, source) = who.split_once(" < ").unwrap_or((who, ""));
        let (account, host) = rest.split_once(" > ").unwrap_or((rest, ""));
        let about = (self.account(account), self.host(host), self.source(source));
        self.logon_id += 0x1f3;
        let none = self.world.names.intern("");
        let id = SessionId::new(self.world.tables.sessions.len());
        let opening = self.row(event(lane, start, false), about, id);
        let visit = self.visit(VisitKind::Single, lane, about, start, end, id);
        self.world.tables.sessions.push(Session {
            lane,
            logon_type: logon_type(lane),
            account: about.0,
            host: about.1,
            source: about.2,
            workstation: none,
            logon_id: LogonId(if lane.is_entra() { 0 } else { 0x1f_0000 + self.logon_id }),
            boot: 0,
            start,
            end: end.map(|(end, _)| end),
            end_reason: end.map_or(SessionEnd::Open, |(_, reason)| reason),
            elevated: Tri::default(),
            privileged: false,
            linked_logon_id: LogonId(0),
            linked: SessionId::NONE,
            parent: SessionId::NONE,
            package: none,
            lm_package: none,
            logon_process: none,
            process: none,
            credential: Default::default(),
            authority: Default::default(),
            rare: None,
            events: 1,
            first_event: opening,
            last_event: opening,
            anomalies: 0,
            worst: None,
            previous_of_account: SessionId::NONE,
            previous_of_host: SessionId::NONE,
            previous_of_source: SessionId::NONE,
            visit,
            previous_of_visit: SessionId::NONE,
            joined: logonscope::model::quality::Quality::Exact,
            passing: false,
        });
        let mut changes = Changes { event: opening, session: id, visit, opened: true, ..Changes::default() };
        changes.visits.push(visit);
        self.store.append(&self.world.tables, &changes);
        id
    }
    fn visit(
        &mut self,
        kind: VisitKind,
        lane: Lane,
        (account, host, source): (AccountId, HostId, SourceId),
        start: Timestamp,
        end: Option<(Timestamp, SessionEnd)>,
        first: SessionId,
    ) -> VisitId {
        let none = self.world.names.intern("");
        VisitId::new(self.world.tables.visits.push(Visit {
            lane,
            logon_type: logon_type(lane),
            workstation: none,
            end: end.map(|(end, _)| end),
            end_reason: end.map_or(SessionEnd::Open, |(_, reason)| reason),
            logons: 1,
            open_logons: u32::from(end.is_none()),
            first_session: first,
            last_session: first,
            ..Visit::new(kind, account, host, source, start)
        }))
    }
    /// The session as shown that a logon session is part of.
    pub fn visit_of(&self, id: SessionId) -> VisitId {
        self.world.tables.session(id).expect("a session of the test").visit
    }
    /// Changes the visit of a logon session, and files it anew.
    pub fn change(&mut self, id: SessionId, change: impl FnOnce(&mut Visit)) {
        let visit = self.visit_of(id);
        change(self.world.tables.visits.get_mut(visit.index()).expect("a visit of the test"));
        let mut changes = Changes::default();
        changes.visits.push(visit);
        self.store.draw(&self.world.tables, &changes);
    }
    pub fn state(&mut self, id: SessionId, state: State, from: Timestamp, to: Option<Timestamp>) {
        self.change(id, |visit| {
            let states = &mut visit.desktop_mut().states;
            states.push((from, state));
            states.extend(to.map(|to| (to, State::Active)));
        });
    }
    /// A finding shown by `records`; names `sessions`.
    pub fn anomaly(
        &mut self,
        detection: &'static Detection,
        score: u8,
        why: &str,
        records: &[EventId],
        sessions: &[SessionId],
    ) -> AnomalyId {
        let when = |id: &EventId| self.world.tables.event(*id).expect("a record of the test").event.at;
        let (at, end) = (records.iter().map(when).min().unwrap_or_default(), records.iter().map(when).max().unwrap_or_default());
        let about = |id: &SessionId| self.world.tables.session(*id).map(|session| (session.account, session.host, session.source));
        let about: Vec<_> = sessions.iter().filter_map(about).collect();
        let anomaly = Anomaly {
            detection,
            severity: detection.severity,
            score,
            score_parts: vec![ScorePart { points: score, reason: "all of it".to_owned() }],
            at,
            end,
            raised_at: end,
            accounts: about.iter().map(|about| about.0).collect(),
            hosts: about.iter().map(|about| about.1).collect(),
            sources: about.iter().map(|about| about.2).collect(),
            sessions: sessions.to_vec(),
            records: records.to_vec(),
            count: u32::try_from(records.len()).unwrap_or(u32::MAX),
            why: why.to_owned(),
            incident: IncidentId::NONE,
        };
        let id = self.world.tables.raise(anomaly);
        for session in sessions {
            let session = self.world.tables.sessions.get_mut(session.index()).expect("a session of the test");
            session.anomalies += 1;
            session.worst = session.worst.max(Some(detection.severity));
            let visit = self.world.tables.visits.get_mut(session.visit.index()).expect("a visit of the test");
            visit.anomalies += 1;
            visit.worst = visit.worst.max(Some(detection.severity));
        }
        self.store.mark(&self.world.tables, id);
        id
    }
    /// The opening event of a session.
    pub fn opening(&self, id: SessionId) -> EventId {
        self.world.tables.session(id).expect("a session of the test").first_event
    }
    pub fn snapshot(&mut self, phase: Phase, now: Timestamp) -> Snapshot {
        self.store.snapshot(&mut self.world, Arc::new(Vec::new()), Meters::default(), phase, now)
    }
}

macro_rules! detection {
    ($name:ident $id:literal $title:literal $severity:ident) => {
        pub static $name: Detection =
            Detection { id: $id, title: $title, severity: Severity::$severity, attack: &[], needs: "", requires: &[], check: "" };
    };
}
detection!(FIRST_SOURCE "first-source" "source never seen for this account" High);
detection!(SPRAY "password-spray" "one source, many accounts" High);
detection!(TICKETS "rc4-ticket-burst" "many RC4 service tickets" Medium);
detection!(CLEARTEXT "cleartext-logon" "clear-text network logon" High);
detection!(EXPLICIT "explicit-credentials" "other credentials used" Medium);
detection!(TRAVEL "impossible-travel" "two countries too soon" Critical);
detection!(CLEARED "log-cleared" "the Security log was cleared" High);

/// An hour of one morning: a spray from 10.0.9.66, then a service account moving through FS01, as in the design.
pub fn morning() -> Made {
    let mut made = Made::default();
    let ended = |time: &str| Some((at(time), SessionEnd::Logoff));
    made.event(Lane::Network, at("2026-03-09T08:00:00Z"), false);
    // A quiet day before: one logon an hour.
    for hour in 0..24 {
        made.event(Lane::Service, at("2026-03-13T00:10:00Z") + Span::hours(hour), false);
    }
    for minute in 0..28 {
        let start = at("09:14:00") + Span::minutes(minute);
        for part in 0..=(minute % 3) {
            made.event(Lane::Network, start + Span::seconds(part * 7), false);
            made.event(Lane::EntraNonInteractive, start + Span::seconds(part * 13), false);
        }
        if minute % 4 == 0 {
            made.session(Lane::Service, "SYSTEM > FS01", start, None);
        }
    }
    let remote = Lane::RemoteInteractive;
    made.session(Lane::Interactive, "adm_kl@CORP > WS17.corp.local", at("09:02:00"), ended("09:29:10"));
    made.session(Lane::Interactive, "jdoe@CORP > WS22.corp.local", at("09:34:00"), None);
    let sql = made.session(Lane::Network, "svc_sql@CORP > SQL1 < 10.0.4.9", at("09:19:00"), ended("09:23:30"));
    let _ = sql;
    for second in 0..12 {
        let start = at("09:35:00") + Span::seconds(second * 9);
        made.session(Lane::Network, "web_pool@CORP > IIS2 < 10.0.4.31", start, Some((start + Span::seconds(4), SessionEnd::Logoff)));
    }
    let tried: Vec<EventId> = (0..36).map(|number| made.event(Lane::Network, at("09:19:40") + Span::seconds(number * 5), true)).collect();
    made.anomaly(&SPRAY, 79, "36 failures in 3 minutes, 12 accounts, one source 10.0.9.66", &tried, &[]);
    let backup = made.session(Lane::Network, "svc_backup@CORP > FS01.corp.local < 10.0.9.66", at("09:27:20"), ended("09:33:50"));
    let opening = made.opening(backup);
    made.anomaly(&EXPLICIT, 52, "first type 3 of svc_backup from 10.0.9.66", &[opening], &[backup]);
    let clear = made.session(Lane::NetworkCleartext, "web_pool@CORP > IIS2 < 10.0.9.66", at("09:29:55"), ended("09:29:58"));
    let opening = made.opening(clear);
    made.anomaly(&CLEARTEXT, 81, "the password of web_pool crossed the network in clear text", &[opening], &[clear]);
    let other = made.event(Lane::NewCredentials, at("09:20:02"), false);
    made.anomaly(&EXPLICIT, 55, "jdoe used credentials of adm_kl (4648)", &[other], &[]);
    let jump = made.session(remote, "adm_kl@CORP > JMP1 < 10.0.4.17", at("09:05:00"), ended("09:33:00"));
    made.state(jump, State::Disconnected, at("09:18:00"), Some(at("09:24:30")));
    made.session(remote, "adm_kl@CORP > DC01 < 10.0.4.17", at("09:26:00"), Some((at("09:29:20"), SessionEnd::Boot)));
    made.session(remote, "jdoe@CORP > RDS3 < 10.0.4.22", at("09:36:00"), None);
    let odd = made.session(remote, "svc_backup@CORP > FS01.corp.local < 10.0.9.66", at("09:31:20"), None);
    let opening = made.opening(odd);
    made.anomaly(
        &FIRST_SOURCE,
        88,
        "source never seen for this account in 90 days; first type 10; same source as the 09:19 spray",
        &[opening],
        &[odd],
    );
    let tickets: Vec<EventId> =
        (0..14).map(|number| made.event(Lane::DomainController, at("09:20:31") + Span::seconds(number), false)).collect();
    made.anomaly(&TICKETS, 61, "14 RC4 service tickets in 20 s by jdoe", &tickets, &[]);
    let travel = made.session(Lane::EntraInteractive, "jdoe@corp.example < 177.10.0.4", at("09:31:02"), ended("09:31:02"));
    let opening = made.opening(travel);
    made.anomaly(&TRAVEL, 94, "GB 09:25 then BR 09:31: 9,300 km in 6 minutes", &[opening], &[travel]);
    let cleared = made.boot(at("09:38:30"));
    made.anomaly(&CLEARED, 70, "the Security log of FS01 was cleared by svc_backup", &[cleared], &[]);
    made
}

/// When the morning is looked at.
pub fn morning_now() -> Timestamp {
    at("09:42:17")
}
