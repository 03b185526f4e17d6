//! What a report for people holds, whether it is written as Markdown or as HTML: what was read, what happened, why it is
//! odd, what shows it, what could have been seen at all. All words in it are masked and cleaned; a writer only escapes.

use crate::base::text::{clean, count};
use crate::base::time::{Span, Timestamp};
use crate::casefile::entry::State;
use crate::export::{Scope, losses};
use crate::model::account::{Account, HourCounts};
use crate::model::anomaly::{Anomaly, Severity};
use crate::model::coverage::coverage_by_host;
use crate::model::event_id;
use crate::model::ids::{AccountId, AnomalyId, EventId};
use crate::model::incident::Incident;
use crate::model::involved::Entity;
use crate::model::risk::Level;
use crate::model::visible::{Fact, HostCoverage};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Most of each; what is left out is counted.
pub const MOST_INCIDENTS: usize = 100;
const MOST_ANOMALIES: usize = 40;
const MOST_RECORDS: usize = 12;
const MOST_HEATS: usize = 12;
const MOST_HOSTS: usize = 60;
const MOST_INPUTS: usize = 200;
/// Rows of what the screen showed.
pub const MOST_ROWS: usize = 2_000;

/// A record that shows something.
pub struct Record {
    /// `2026-03-14 09:31:20Z`
    pub at: String,
    /// `4624 logon`, with the number of the record and the log.
    pub what: String,
    pub who: String,
}

/// One anomaly.
pub struct Finding {
    pub severity: Severity,
    pub score: u8,
    pub detection: &'static str,
    pub title: &'static str,
    pub state: State,
    pub when: String,
    pub why: String,
    /// `40 new source + 30 new type = 70`
    pub sum: String,
    pub check: &'static str,
    pub attack: String,
    pub records: Vec<Record>,
    pub more_records: u64,
}

/// Anomalies that belong together, or one that stands alone.
pub struct Part {
    /// From 1; nothing for one that stands alone.
    pub number: Option<usize>,
    pub severity: Severity,
    pub score: u32,
    pub level: &'static str,
    pub title: String,
    pub state: State,
    pub when: String,
    pub accounts: String,
    pub hosts: String,
    pub sources: String,
    pub tactics: String,
    pub findings: Vec<Finding>,
    pub more_findings: usize,
}

/// Logons of an account by hour of the week in the zone of the report.
pub struct Heat {
    pub name: String,
    pub hours: Box<HourCounts>,
    /// Hours in which something odd began.
    pub odd: BTreeSet<usize>,
}

/// What could have been seen on a host.
pub struct Seen {
    pub host: String,
    pub answers: Vec<(&'static str, String)>,
}

/// One input.
pub struct Read {
    pub name: String,
    pub bytes: u64,
    pub state: String,
    pub records: u64,
    pub events: u64,
    pub stretch: String,
    pub losses: String,
}

/// See the module.
pub struct Review {
    /// Label and words.
    pub facts: Vec<(&'static str, String)>,
    /// Open findings by severity, the worst first.
    pub severities: Vec<(Severity, usize)>,
    pub parts: Vec<Part>,
    pub more_parts: usize,
    pub heats: Vec<Heat>,
    pub more_heats: usize,
    pub seen: Vec<Seen>,
    pub more_seen: usize,
    pub inputs: Vec<Read>,
    pub more_inputs: usize,
    /// First and last moment of what the report is about.
    pub reach: Option<(Timestamp, Timestamp)>,
}

/// Masked and cleaned.
pub fn words(scope: &Scope<'_>, text: &str) -> String {
    clean(&scope.told(text)).into_owned()
}

/// `2026-03-14 09:19:40Z .. 09:22:58Z (3m 18s)`
fn stretch(scope: &Scope<'_>, from: Timestamp, to: Timestamp) -> String {
    let zone = scope.zone;
    if to - from < Span::seconds(1) {
        return zone.date_time(from);
    }
    let end = if zone.local(from).date() == zone.local(to).date() { zone.clock(to) } else { zone.date_time(to) };
    format!("{} .. {end} ({})", zone.date_time(from), (to - from).words())
}

/// Up to `most` names, and how many more there are.
fn list(names: impl Iterator<Item = String>, most: usize) -> String {
    let names: Vec<String> = names.collect();
    let mut out = names.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > most {
        out.push_str(&format!(" and {} more", count((names.len() - most) as u64)));
    }
    out
}

impl Review {
    #[must_use]
    pub fn of(scope: &Scope<'_>) -> Self {
        let (parts, more_parts, severities) = parts(scope);
        let (heats, more_heats) = heats(scope);
        let (seen, more_seen) = seen(scope);
        let reach = reach(scope);
        Self {
            facts: facts(scope, reach),
            severities,
            parts,
            more_parts,
            heats,
            more_heats,
            seen,
            more_seen,
            inputs: scope.inputs.iter().take(MOST_INPUTS).map(|input| read(scope, input)).collect(),
            more_inputs: scope.inputs.len().saturating_sub(MOST_INPUTS),
            reach,
        }
    }
}

/// The window, or from the first to the last event that passes the filter.
fn reach(scope: &Scope<'_>) -> Option<(Timestamp, Timestamp)> {
    if scope.more.window.is_some() {
        return scope.more.window;
    }
    if let Some(totals) = scope.tables.totals.as_deref().filter(|_| scope.filter.is_all()) {
        return totals.first.zip(totals.last);
    }
    let passing = scope.tables.each_event().filter(|(id, _)| scope.filter.matches_event(*id, scope.names, scope.tables));
    passing.map(|(_, row)| row.event.at).fold(None, |reach, at| match reach {
        None => Some((at, at)),
        Some((first, last)) => Some((first.min(at), last.max(at))),
    })
}

/// What the report is made of, as its head says.
pub fn head(scope: &Scope<'_>) -> Vec<(&'static str, String)> {
    let names = scope.inputs.iter().map(|input| words(scope, &input.path.display().to_string()));
    let filter = if scope.filter.is_all() { "none".to_owned() } else { words(scope, scope.filter.text()) };
    let mut facts = vec![
        ("written by", format!("logonscope {}", env!("CARGO_PKG_VERSION"))),
        ("inputs", list(names, 8)),
        ("filter", filter),
        ("times", scope.zone.label().to_owned()),
    ];
    if let Some((from, to)) = scope.more.window {
        facts.push(("window", stretch(scope, from, to)));
    }
    let gone = scope.tables.events.first_kept();
    if gone > 0 {
        let what = "the oldest events, in memory no longer; `logonscope report` reads the logs whole";
        facts.push(("left out", format!("{} of {what}", count(gone as u64))));
    }
    if scope.names.mask().is_some() {
        facts.push(("names", "replaced by the privacy mask".to_owned()));
    }
    facts
}

fn facts(scope: &Scope<'_>, reach: Option<(Timestamp, Timestamp)>) -> Vec<(&'static str, String)> {
    let (names, tables) = (scope.names, scope.tables);
    let mut facts = head(scope);
    if let Some((from, to)) = reach.filter(|_| scope.more.window.is_none()) {
        facts.push(("events from .. to", stretch(scope, from, to)));
    }
    let number = |number: usize| count(number as u64);
    let events = if scope.filter.is_all() && scope.more.window.is_none() {
        tables.totals.as_deref().map_or(tables.events.len() as u64, |totals| totals.events)
    } else {
        tables
            .each_event()
            .filter(|(id, row)| scope.is_in_window(row.event.at, row.event.at) && scope.filter.matches_event(*id, names, tables))
            .count() as u64
    };
    facts.push(("events", count(events)));
    facts.push(("sessions", number(tables.visits().filter(|(id, visit)| scope.has_visit(*id, visit)).count())));
    facts.push(("accounts", number(tables.each_account().filter(|(id, _)| scope.filter.matches_account(*id, names, tables)).count())));
    facts
}

fn parts(scope: &Scope<'_>) -> (Vec<Part>, usize, Vec<(Severity, usize)>) {
    let tables = scope.tables;
    let passing = |id: &AnomalyId| tables.anomaly(*id).is_some_and(|anomaly| scope.has_anomaly(anomaly));
    let mut parts: Vec<(bool, Part)> = Vec::new();
    let mut taken: BTreeSet<AnomalyId> = BTreeSet::new();
    for (id, incident) in tables.each_incident() {
        let members: Vec<AnomalyId> = incident.anomalies().filter(&passing).collect();
        if members.is_empty() {
            continue;
        }
        taken.extend(members.iter().copied());
        parts.push(incident_part(scope, id.index() + 1, incident, &members));
    }
    let mut severities = vec![0; Severity::ALL.len()];
    for (place, anomaly) in tables.anomalies.iter().enumerate() {
        let id = AnomalyId::new(place);
        if !scope.has_anomaly(anomaly) {
            continue;
        }
        let is_open = scope.verdict(anomaly).state.is_open();
        if let Some(number) = severities.get_mut(anomaly.severity as usize).filter(|_| is_open) {
            *number += 1;
        }
        if !taken.contains(&id) {
            parts.push(lone_part(scope, anomaly));
        }
    }
    parts.sort_by_key(|(is_open, part)| (!is_open, Reverse(part.severity), Reverse(part.score), part.number));
    let all = parts.len();
    let parts: Vec<Part> = parts.into_iter().take(MOST_INCIDENTS).map(|(_, part)| part).collect();
    let severities = Severity::ALL.into_iter().zip(severities).filter(|(_, number)| *number > 0).rev().collect();
    (parts, all.saturating_sub(MOST_INCIDENTS), severities)
}

fn accounts(scope: &Scope<'_>, ids: &[AccountId]) -> String {
    let mut known = BTreeSet::new();
    let ids = ids.iter().map(|id| scope.tables.account_id(*id)).filter(|id| known.insert(*id)).collect::<Vec<_>>();
    list(ids.into_iter().filter_map(|id| scope.tables.account(id)).map(|account| words(scope, &account.name(scope.names))), 6)
}

fn incident_part(scope: &Scope<'_>, number: usize, incident: &Incident, members: &[AnomalyId]) -> (bool, Part) {
    let tables = scope.tables;
    let states: Vec<(AnomalyId, State)> = members.iter().filter_map(|id| Some((*id, scope.verdict(tables.anomaly(*id)?).state))).collect();
    let is_open = |id: AnomalyId| states.iter().any(|(of, state)| *of == id && state.is_open());
    let score = tables.score_of(incident, is_open);
    let open = states.iter().any(|(_, state)| state.is_open());
    let worst = members.iter().filter(|id| is_open(**id)).filter_map(|id| tables.anomaly(*id)).map(|anomaly| tables.weight(anomaly)).max();
    let part = Part {
        number: Some(number),
        severity: worst.unwrap_or(incident.severity()),
        score,
        level: Level::of(score).word(),
        title: incident.title(),
        state: states.iter().map(|(_, state)| *state).min_by_key(|state| !state.is_open()).unwrap_or_default(),
        when: stretch(scope, incident.first, incident.last),
        accounts: accounts(scope, &incident.accounts),
        hosts: list(incident.hosts.iter().filter_map(|id| tables.host(*id)).map(|host| words(scope, &host.short(scope.names))), 6),
        sources: list(incident.sources.iter().filter_map(|id| tables.source(*id)).map(|source| words(scope, &source.name(scope.names))), 6),
        tactics: incident.tactics().into_iter().map(|tactic| tactic.word()).collect::<Vec<_>>().join(" > "),
        findings: members.iter().take(MOST_ANOMALIES).filter_map(|id| tables.anomaly(*id)).map(|anomaly| finding(scope, anomaly)).collect(),
        more_findings: members.len().saturating_sub(MOST_ANOMALIES),
    };
    (open, part)
}

fn lone_part(scope: &Scope<'_>, anomaly: &Anomaly) -> (bool, Part) {
    let tables = scope.tables;
    let state = scope.verdict(anomaly).state;
    let part = Part {
        number: None,
        severity: anomaly.severity,
        score: anomaly.score.into(),
        level: Level::of(anomaly.score.into()).word(),
        title: anomaly.detection.title.to_owned(),
        state,
        when: stretch(scope, anomaly.at, anomaly.end),
        accounts: accounts(scope, &anomaly.accounts),
        hosts: list(anomaly.hosts.iter().filter_map(|id| tables.host(*id)).map(|host| words(scope, &host.short(scope.names))), 6),
        sources: list(anomaly.sources.iter().filter_map(|id| tables.source(*id)).map(|source| words(scope, &source.name(scope.names))), 6),
        tactics: String::new(),
        findings: vec![finding(scope, anomaly)],
        more_findings: 0,
    };
    (state.is_open(), part)
}

fn finding(scope: &Scope<'_>, anomaly: &Anomaly) -> Finding {
    let terms: Vec<String> = anomaly.score_parts.iter().map(|part| format!("{} {}", part.points, words(scope, &part.reason))).collect();
    let sum = if terms.len() > 1 { format!("{} = {}", terms.join(" + "), anomaly.score) } else { terms.join("") };
    let records: Vec<Record> = anomaly.records.iter().take(MOST_RECORDS).filter_map(|id| record(scope, *id)).collect();
    Finding {
        severity: anomaly.severity,
        score: anomaly.score,
        detection: anomaly.detection.id,
        title: anomaly.detection.title,
        state: scope.verdict(anomaly).state,
        when: stretch(scope, anomaly.at, anomaly.end),
        why: words(scope, &anomaly.why),
        sum,
        check: anomaly.detection.check,
        attack: anomaly.detection.attack.join(", "),
        more_records: u64::from(anomaly.count).saturating_sub(records.len() as u64),
        records,
    }
}

fn record(scope: &Scope<'_>, id: EventId) -> Option<Record> {
    let (names, tables) = (scope.names, scope.tables);
    let row = tables.event(id)?;
    let event = &row.event;
    let mut what = match (event.event_id, event_id::title(names.raw(event.channel), event.event_id)) {
        (0, _) => "sign-in".to_owned(),
        (number, title) => format!("{number} {title}").trim_end().to_owned(),
    };
    if event.status.is_some() && event.status.code != 0 {
        what.push_str(&format!(" {} {}", event.status.code_text(), event.status.text()));
    }
    if event.record != 0 {
        what.push_str(&format!(", record {} of {}", event.record, names.shown(event.channel)));
    }
    let mut who = tables.account(row.account).map_or_else(String::new, |account| account.name(names));
    if let Some(host) = tables.host(row.host) {
        who.push_str(&format!(" on {}", host.short(names)));
    }
    if let Some(source) = tables.source(row.source) {
        who.push_str(&format!(" from {}", source.name(names)));
    }
    Some(Record { at: scope.zone.date_time(event.at), what: words(scope, what.trim()), who: words(scope, who.trim()) })
}

/// Of accounts with something odd, the worst first.
fn heats(scope: &Scope<'_>) -> (Vec<Heat>, usize) {
    let tables = scope.tables;
    let mut found: Vec<(Option<Severity>, u32, AccountId, &Account)> = tables
        .each_account()
        .filter(|(id, account)| account.anomalies > 0 && account.hours.is_some() && scope.filter.matches_account(*id, scope.names, tables))
        .map(|(id, account)| (account.worst, account.anomalies, id, account))
        .collect();
    found.sort_by_key(|(worst, anomalies, id, _)| (Reverse(*worst), Reverse(*anomalies), *id));
    let more = found.len().saturating_sub(MOST_HEATS);
    let heat = |(_, _, id, account): (Option<Severity>, u32, AccountId, &Account)| {
        let mut hours = Box::new([0; 168]);
        let last = account.last.unwrap_or_default();
        let ahead = (scope.zone.local(last) - crate::base::time::Zone::Utc.local(last)).num_hours();
        for (hour, number) in account.hours.iter().flat_map(|hours| hours.iter()).enumerate() {
            let place = i64::try_from(hour).unwrap_or(0).saturating_add(ahead).rem_euclid(168);
            if let Some(sum) = usize::try_from(place).ok().and_then(|place| hours.get_mut(place)) {
                *sum += number;
            }
        }
        let anomalies = tables.anomalies_of(Entity::Account(id)).filter(|(_, anomaly)| scope.has_anomaly(anomaly));
        let odd = anomalies.map(|(_, anomaly)| scope.zone.hour_of_week(anomaly.at)).collect();
        Heat { name: words(scope, &account.name(scope.names)), hours, odd }
    };
    (found.into_iter().take(MOST_HEATS).map(heat).collect(), more)
}

fn seen(scope: &Scope<'_>) -> (Vec<Seen>, usize) {
    let mut logs = coverage_by_host(scope.inputs, scope.names);
    let hosts: Vec<_> = scope
        .tables
        .hosts
        .iter()
        .enumerate()
        .filter(|(place, _)| scope.filter.matches_host(crate::model::ids::HostId::new(*place), scope.names, scope.tables))
        .collect();
    let more = hosts.len().saturating_sub(MOST_HOSTS);
    let seen = hosts.into_iter().take(MOST_HOSTS).map(|(_, host)| {
        let logs = host.all_names().filter_map(|name| logs.remove(scope.names.raw(name))).flatten().collect();
        let coverage = HostCoverage::with(host, logs, scope.names, scope.zone);
        let answers = Fact::ALL.into_iter().map(|fact| {
            let answer = coverage.could_see(fact, None);
            (answer.visibility.word(), words(scope, &answer.words))
        });
        Seen { host: words(scope, &host.short(scope.names)), answers: answers.collect() }
    });
    (seen.collect(), more)
}

fn read(scope: &Scope<'_>, input: &crate::model::input::InputStatus) -> Read {
    let problem = input.problem.as_deref().map_or_else(|| losses::counted(&input.tally), str::to_owned);
    Read {
        name: words(scope, &input.path.display().to_string()),
        bytes: input.bytes,
        state: input.state.word().to_owned(),
        records: input.records,
        events: input.events,
        stretch: input.first.zip(input.last).map_or_else(String::new, |(first, last)| stretch(scope, first, last)),
        losses: words(scope, &problem),
    }
}
