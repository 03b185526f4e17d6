//! The figures of a run: how many records, logons, failures, hosts and sessions, under fixed names.
//!
//! They exist to be compared with those of another reader, so every name has one definition, and a name stands in the
//! result only where it can say something (no `sessions` where there are none). Events are counted as they are applied, repeated
//! ones included; sessions are read from the tables at the end.

mod entra;

use crate::base::intern::{Interner, Symbol};
use crate::base::time::Timestamp;
use crate::model::event::{AuthEvent, EventKind, Outcome, Tri};
use crate::model::input::InputStatus;
use crate::model::logon_type::LogonType;
use crate::model::session::SessionEnd;
use crate::model::world::Tables;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Counts events; `finish` adds what inputs and sessions say.
#[derive(Debug, Default)]
pub struct Figures {
    events: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    by_event: FxHashMap<(Symbol, u32), u64>,
    success_by_type: FxHashMap<LogonType, u64>,
    /// Event id, `Status`, `SubStatus` where the record has one.
    failures_by_code: FxHashMap<(u32, u32, Option<u32>), u64>,
    /// Domain and user of 4624 and 4625, folded.
    accounts: FxHashSet<(Symbol, Symbol)>,
    sids: FxHashSet<Symbol>,
    hosts: FxHashSet<Symbol>,
    addresses: FxHashSet<IpAddr>,
    service_luid_logons: u64,
    entra: entra::SignIns,
}

impl Figures {
    /// Counts one event; to be called for every event in the order of applying, before repeated ones are dropped.
    pub fn observe(&mut self, event: &AuthEvent, names: &Interner) {
        if event.kind == EventKind::SignIn {
            self.entra.observe(event);
            return;
        }
        // They tell of accounts, of names and of the log, not of logons.
        if matches!(
            event.kind,
            EventKind::AccountRenamed
                | EventKind::AccountEnabled
                | EventKind::AccountDisabled
                | EventKind::PasswordSet
                | EventKind::GroupJoined
                | EventKind::HostRenamed
                | EventKind::AuditPolicyChanged
        ) {
            return;
        }
        self.events += 1;
        self.first = Some(self.first.map_or(event.at, |first| first.min(event.at)));
        self.last = self.last.max(Some(event.at));
        *self.by_event.entry((event.channel, event.event_id)).or_default() += 1;
        if event.host.is_some() {
            self.hosts.insert(event.host);
        }
        if let Some(address) = event.address.filter(|_| names.raw(event.channel) == "Security") {
            self.addresses.insert(address);
        }
        match event.kind {
            EventKind::Logon => self.logon(event, names),
            EventKind::LogonFailed => {
                self.account(event, names);
                self.failure(event, Some(event.raw_sub_status));
            }
            EventKind::PreAuthFailed => self.failure(event, None),
            EventKind::TicketGranting | EventKind::CredentialValidation if event.outcome == Outcome::Failure => self.failure(event, None),
            _ => {}
        }
    }

    fn logon(&mut self, event: &AuthEvent, names: &Interner) {
        *self.success_by_type.entry(event.logon_type).or_default() += 1;
        self.account(event, names);
        if names.raw(event.account.sid).starts_with("S-1-5-21-") {
            self.sids.insert(event.account.sid);
        }
        self.service_luid_logons += u64::from(!event.logon_id.opens_session());
    }

    fn account(&mut self, event: &AuthEvent, names: &Interner) {
        if event.account.user.is_some() {
            self.accounts.insert((names.fold(event.account.domain), names.fold(event.account.user)));
        }
    }

    fn failure(&mut self, event: &AuthEvent, sub_status: Option<u32>) {
        *self.failures_by_code.entry((event.event_id, event.raw_status, sub_status)).or_default() += 1;
    }

    /// The figures as one JSON object. `duplicates` is the number of events that `Sessions` had seen before.
    #[must_use]
    pub fn finish(&self, names: &Interner, tables: &Tables, inputs: &[InputStatus], duplicates: u64) -> Value {
        let mut figures = Map::new();
        self.inputs(inputs, &mut figures);
        if self.events > 0 {
            self.records(names, &mut figures);
        }
        if tables.sessions.iter().any(|session| !session.lane.is_entra()) {
            self.sessions(tables, duplicates, &mut figures);
        }
        if let Some(entra) = self.entra.finish(names) {
            figures.insert("entra".to_owned(), entra);
        }
        Value::Object(figures)
    }

    fn inputs(&self, inputs: &[InputStatus], figures: &mut Map<String, Value>) {
        let sum = |count: fn(&InputStatus) -> u64| inputs.iter().map(count).sum::<u64>();
        let mut shapes = BTreeMap::<&str, u64>::new();
        for (shape, count) in inputs.iter().flat_map(|input| &input.shapes) {
            *shapes.entry(shape).or_default() += count;
        }
        figures.insert("shapes".to_owned(), json!(shapes));
        figures.insert("records".to_owned(), sum(|input| input.records).into());
        figures.insert("unreadable".to_owned(), sum(|input| input.unreadable).into());
        for (name, count) in [
            ("recovered_in_slack", sum(|input| input.recovered_in_slack)),
            ("out_of_time_order", sum(|input| input.out_of_order())),
            ("not_an_event", sum(|input| input.unknown)),
        ] {
            if count > 0 {
                figures.insert(name.to_owned(), count.into());
            }
        }
        figures.insert("logon_events".to_owned(), self.events.into());
    }

    fn records(&self, names: &Interner, figures: &mut Map<String, Value>) {
        let by_event: BTreeMap<_, _> =
            self.by_event.iter().map(|((channel, id), count)| (format!("{}/{id}", names.raw(*channel)), count)).collect();
        let by_type: BTreeMap<_, _> = self.success_by_type.iter().map(|(logon_type, count)| (type_name(*logon_type), count)).collect();
        let by_code: BTreeMap<_, _> = self
            .failures_by_code
            .iter()
            .map(|((id, status, sub), count)| {
                (format!("{id} {status:#x}/{}", sub.map_or("-".to_owned(), |sub| format!("{sub:#x}"))), count)
            })
            .collect();
        let accounts: BTreeSet<_> = self.accounts.iter().map(|(domain, user)| spelling(names.raw(*domain), names.raw(*user))).collect();
        let hosts: BTreeSet<_> = self.hosts.iter().map(|host| names.raw(*host)).collect();
        let addresses: BTreeSet<_> = self.addresses.iter().map(ToString::to_string).collect();
        let moment = |at: Option<Timestamp>| json!(at.map(Timestamp::rfc3339));
        let pairs = [
            ("first", moment(self.first)),
            ("last", moment(self.last)),
            ("by_event", json!(by_event)),
            ("successes", self.success_by_type.values().sum::<u64>().into()),
            ("success_by_type", json!(by_type)),
            ("failures", self.failures_by_code.values().sum::<u64>().into()),
            ("failures_by_code", json!(by_code)),
            ("accounts", accounts.len().into()),
            ("account_names", json!(accounts)),
            ("sid_count", self.sids.len().into()),
            ("hosts", json!(hosts)),
            ("host_count", hosts.len().into()),
            ("source_ips", json!(addresses)),
            ("source_ip_count", addresses.len().into()),
        ];
        figures.extend(pairs.map(|(name, value)| (name.to_owned(), value)));
    }

    fn sessions(&self, tables: &Tables, duplicates: u64, figures: &mut Map<String, Value>) {
        let sessions = || tables.sessions.iter().filter(|session| !session.lane.is_entra());
        let ended = |how: SessionEnd| sessions().filter(|session| session.end_reason == how).count();
        let mut by_type = BTreeMap::<String, u64>::new();
        for session in sessions() {
            *by_type.entry(type_name(session.logon_type)).or_default() += 1;
        }
        let is_orphan = |kind: EventKind| matches!(kind, EventKind::Logoff | EventKind::UserLogoff);
        let orphans = tables.events.iter().filter(|row| is_orphan(row.event.kind) && row.session.is_none()).count();
        let paired = sessions().filter(|session| session.linked.is_some()).count();
        let halves = sessions().filter(|session| session.linked_logon_id.0 != 0 && session.linked.is_none()).count();
        let open = ended(SessionEnd::Open);
        figures.insert(
            "sessions".to_owned(),
            json!({
                "total": sessions().count(),
                "closed": ended(SessionEnd::Logoff) + ended(SessionEnd::UserLogoff),
                "by_logoff_4634": ended(SessionEnd::Logoff),
                "by_user_logoff_4647": ended(SessionEnd::UserLogoff),
                "ended_by_boot": ended(SessionEnd::Boot),
                "superseded": ended(SessionEnd::Reused),
                "open": open,
                "by_type": by_type,
                "privileged_4672": sessions().filter(|session| session.privileged).count(),
                "elevated_yes": sessions().filter(|session| session.elevated == Tri::Yes).count(),
                "orphan_logoffs": orphans,
                "duplicates_dropped": duplicates,
                "linked_pairs": paired / 2,
                "linked_halves": halves,
            }),
        );
        figures.insert("service_luid_logons".to_owned(), self.service_luid_logons.into());
        let logged_off = sessions().filter(|session| matches!(session.end_reason, SessionEnd::Logoff | SessionEnd::UserLogoff));
        let longest = logged_off.filter_map(|session| Some(session.end? - session.start)).max();
        if let Some(longest) = longest {
            let seconds = (longest.as_seconds_f64() * 1_000.0).round() / 1_000.0;
            figures.insert("longest_closed_session_s".to_owned(), json!(seconds));
        }
    }
}

fn type_name(logon_type: LogonType) -> String {
    logon_type.number().map_or_else(|| "None".to_owned(), |number| number.to_string())
}

fn spelling(domain: &str, user: &str) -> String {
    if domain.is_empty() { user.to_owned() } else { format!("{domain}\\{user}") }
}
