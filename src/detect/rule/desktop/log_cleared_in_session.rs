//! `log-cleared-in-session`: a log was cleared; the session that did it, and where that came from.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::Window;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{HostId, SessionId};
use crate::model::session::Session;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

const ABOUT: Detection = Detection {
    id: "log-cleared-in-session",
    title: "Log cleared by a live session",
    severity: Severity::Critical,
    attack: &["T1070.001"],
    needs: "Security 1102, System 104",
    requires: &[&[]],
    check: "What came before is gone here: look at other hosts, the domain controllers and forwarded logs for the time before. What did the session do?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// One finding for all logs that a host loses within this time.
    pub quiet_minutes: i64,
    /// Logs named in the sentence.
    pub named: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { quiet_minutes: 10, named: 3 }
    }
}

/// Cleared logs remembered for one host.
const KEPT: usize = 512;

pub struct Rule {
    settings: Settings,
    hosts: FxHashMap<HostId, Window<Symbol>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::LogCleared];
    fn new(settings: Settings) -> Self {
        Self { settings, hosts: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let quiet = Span::minutes(self.settings.quiet_minutes);
        let is_security = event.event_id == 1102 || event.event_id == 517;
        let window = self.hosts.entry(step.row.host).or_default();
        // Quiet time slides with each hit, so the list does too.
        if window.newest().is_some_and(|newest| event.at - newest > quiet) {
            window.clear();
        }
        window.push(event.at, if is_security { Symbol::NONE } else { event.target }, Span::days(1), KEPT);
        let mut logs: Vec<Symbol> = Vec::new();
        for (_, log) in window.iter() {
            if !logs.contains(log) {
                logs.push(*log);
            }
        }
        let security = logs.contains(&Symbol::NONE) && window.iter().any(|(_, log)| log.is_none());
        // Security first: it is what matters.
        logs.sort_by_key(|log| log.is_some());
        let session = responsible(step);
        let score = if is_security || security {
            Score::new(Severity::Critical, "the Security log was cleared")
        } else {
            Score::new(Severity::High, "a log was cleared").raise_if(step.host_is_domain_controller(), "the host is a domain controller")
        }
        .plus_if(logs.len() >= 10, 5, "10 logs or more");
        let say = step.say();
        let who = if step.event().account.is_none() && step.event().subject.is_none() {
            "Somebody".to_owned()
        } else {
            say.account(step.row.account)
        };
        let with = match &session {
            Some((_, session)) => format!(" (session {}, {}, since {})", session.logon_id, from(step, session), say.time(session.start)),
            None if event.subject_logon_id.opens_session() => {
                format!(" (session {}, whose start is not in the logs)", event.subject_logon_id)
            }
            None => String::new(),
        };
        let shown =
            say.list(logs.iter().map(|log| if log.is_none() { "Security".to_owned() } else { say.text(*log) }), self.settings.named.max(1));
        let logs = if logs.len() == 1 { format!("the {shown} log") } else { format!("the logs {shown}") };
        let why = format!("{who}{with} cleared {logs} on {} at {}.", say.host(step.row.host), say.time(event.at));
        let (sources, sessions) = match session {
            Some((id, session)) => (vec![session.source], vec![id, session.parent]),
            None => (Vec::new(), Vec::new()),
        };
        out.push(Finding::new(step, Key::of(step.row.host.index(), 0), quiet, score, why).and_sources(sources).and_sessions(sessions));
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(1);
        self.hosts.retain(|_, window| {
            window.forget_before(limit);
            !window.is_empty()
        });
    }
}

/// The session of `SubjectLogonId`; 104 has none, then the newest open session of that account on the host.
fn responsible<'a>(step: &Step<'a>) -> Option<(SessionId, Cow<'a, Session>)> {
    let tables = &step.world.tables;
    if let Some(id) = step.row.session.some().or_else(|| step.subject_session()) {
        return tables.session(id).map(|session| (id, session));
    }
    if step.event().subject_logon_id.opens_session() || step.row.account.is_none() {
        return None;
    }
    tables
        .sessions_of_account(step.row.account)
        .take(256)
        .filter(|(_, session)| session.host == step.row.host && session.is_open())
        .max_by_key(|(_, session)| (session.logon_type.is_interactive(), session.start))
}

fn from(step: &Step<'_>, session: &Session) -> String {
    let say = step.say();
    let how = say.logon_type(session.logon_type);
    match session.source.some() {
        Some(source) => format!("{how} from {}", say.source(source)),
        None => how,
    }
}
