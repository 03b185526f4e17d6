//! What the queue says of the line under the cursor: of an anomaly why it is marked, of an incident what happened.

use super::super::{Ctx, gone, words};
use super::lines::Line;
use crate::base::text;
use crate::base::time::Timestamp;
use crate::casefile::entry::Act;
use crate::model::anomaly::Anomaly;
use crate::model::ids::{AccountId, AnomalyId, HostId, SourceId};
use crate::model::incident::Incident;
use crate::model::risk::{Hit, Level, Risk};
use crate::ui::marks::{Target, marked};
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::Pair;

/// The one, or how many there are.
pub fn accounts(ids: &[AccountId], ctx: &Ctx<'_>) -> String {
    match ids {
        [] => words::ABSENT.to_owned(),
        [one] => words::account(*one, ctx),
        [one, _] => format!("{} +1", words::account(*one, ctx)),
        many => format!("{} accounts", many.len()),
    }
}

pub fn hosts(ids: &[HostId], ctx: &Ctx<'_>) -> String {
    match ids {
        [] => words::ABSENT.to_owned(),
        [one] => words::host(*one, ctx),
        many => format!("{} hosts", many.len()),
    }
}

pub fn sources(ids: &[SourceId], ctx: &Ctx<'_>) -> String {
    match ids {
        [] => words::ABSENT.to_owned(),
        [one] => words::source(*one, ctx),
        many => format!("{} sources", many.len()),
    }
}

/// `svc_backup@CORP > FS01 from 10.0.9.66`
pub fn subject(who: &[AccountId], on: &[HostId], from: &[SourceId], ctx: &Ctx<'_>) -> String {
    let mut out = accounts(who, ctx);
    for (word, name) in [(" > ", hosts(on, ctx)), (" from ", sources(from, ctx))] {
        if name != words::ABSENT {
            out.push_str(word);
            out.push_str(&name);
        }
    }
    out
}

/// The sum that makes the score: `40 new source + 30 new type = 70`.
fn score_sum(anomaly: &Anomaly) -> String {
    let parts: Vec<String> = anomaly.score_parts.iter().map(|part| format!("{} {}", part.points, part.reason)).collect();
    match parts.as_slice() {
        [] => anomaly.score.to_string(),
        [one] => one.clone(),
        many => format!("{} = {}", many.join(" + "), anomaly.score),
    }
}

/// What was decided, by whom, when and why; nothing while nothing was.
fn decided(id: AnomalyId, ctx: &Ctx<'_>) -> Option<Pair> {
    let verdict = ctx.triage.verdict(id, ctx.snapshot);
    let entry = verdict.entry?;
    let by = if entry.by.is_empty() { String::new() } else { format!(" by {}", entry.by) };
    let at = Timestamp::parse(&entry.at).map_or_else(|| entry.at.clone(), |at| ctx.zone.date_time(at));
    let scope = if let Act::Suppress { scope, .. } = &entry.act { format!(" ({})", scope.words()) } else { String::new() };
    let reason = entry.act.reason();
    let because = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    Some(Pair::new("decided", text::clean(&format!("{}{by} {at}{scope}{because}", verdict.state.word())).into_owned()))
}

fn seen(first: Timestamp, last: Timestamp, ctx: &Ctx<'_>) -> String {
    match (last - first).as_seconds() {
        0 => ctx.date_time(first),
        _ => format!("{} ({})", ctx.stretch(first, last), (last - first).words()),
    }
}

/// Everything about one anomaly, in labelled lines.
pub fn of_anomaly(id: AnomalyId, anomaly: &Anomaly, ctx: &Ctx<'_>) -> Vec<Pair> {
    let mut pairs = vec![
        Pair::new("what", anomaly.detection.title).meaning(Meaning::Strong),
        Pair::new("who", subject(&anomaly.accounts, &anomaly.hosts, &anomaly.sources, ctx)),
        Pair::new("why", anomaly.why.clone()),
        Pair::new("score", score_sum(anomaly)),
    ];
    pairs.splice(0..0, marked::note(Target::Anomaly(id), ctx));
    // What was decided is what one comes back for.
    if let Some(pair) = decided(id, ctx) {
        pairs.insert(0, pair);
    }
    let records = if anomaly.count == 1 { "1 record".to_owned() } else { format!("{} records", text::count(u64::from(anomaly.count))) };
    pairs.push(Pair::new("seen", format!("{}  {records}", seen(anomaly.at, anomaly.end, ctx))));
    pairs.push(Pair::new("check", anomaly.detection.check));
    if let Some(row) = anomaly.records.last().and_then(|id| ctx.snapshot.tables.event(*id)) {
        let names = &ctx.snapshot.names;
        let mut event = match (row.event.event_id, row.event.lane()) {
            (0, Some(lane)) => format!("{}, {}", words::kind(row.event.kind), lane.name()),
            (0, None) => words::kind(row.event.kind).to_owned(),
            (id, _) => id.to_string(),
        };
        if row.event.record != 0 {
            event.push_str(&format!(" rec {}", row.event.record));
        }
        if row.event.host.is_some() {
            event.push_str(&format!("  {}/{}", words::host(row.host, ctx), names.shown(row.event.channel)));
        }
        if row.event.logon_id.0 != 0 {
            event.push_str(&format!("  LogonId {}", row.event.logon_id));
        }
        pairs.push(Pair::new("event", event));
    } else if let Some(gone) = gone::sentence(ctx).filter(|_| !anomaly.records.is_empty()) {
        pairs.push(Pair::new("event", format!("in memory no longer; {gone}")));
    }
    if !anomaly.detection.attack.is_empty() {
        pairs.push(Pair::new("ATT&CK", anomaly.detection.attack.join(", ")));
    }
    pairs
}

/// What happened, step by step.
pub fn of_incident(line: &Line, incident: &Incident, ctx: &Ctx<'_>) -> Vec<Pair> {
    let tables = &ctx.snapshot.tables;
    let mut pairs = vec![
        Pair::new("what", incident.title()).meaning(Meaning::Strong),
        Pair::new("who", subject(&incident.accounts, &incident.hosts, &incident.sources, ctx)),
    ];
    let open: Vec<&Anomaly> = line
        .members
        .iter()
        .filter(|id| !line.state.is_open() || ctx.triage.state(**id).is_open())
        .filter_map(|id| tables.anomaly(*id).map(AsRef::as_ref))
        .collect();
    let risk = Risk::of(open.into_iter().map(Hit::whole));
    let score = match incident.is_wave {
        true => format!("{}, low: so many at once are a change of the place rather than an attack", line.score),
        false => format!("{} {}: {}", line.score, Level::of(line.score).word(), risk.contributors()),
    };
    pairs.push(Pair::new("score", score));
    pairs.push(Pair::new(
        "seen",
        format!("{}  {}", seen(incident.first, incident.last, ctx), words::plural_of(incident.count as usize, "anomaly", "anomalies")),
    ));
    let tactics: Vec<&str> = incident.tactics().into_iter().map(|tactic| tactic.word()).collect();
    if !tactics.is_empty() {
        pairs.push(Pair::new("ATT&CK", tactics.join(" > ")));
    }
    pairs.splice(0..0, marked::note(Target::Anomaly(line.lead), ctx));
    pairs.extend(decided(line.lead, ctx));
    for (place, step) in incident.steps.iter().enumerate() {
        let times = if step.count > 1 { format!(" x{}", text::count(step.count.into())) } else { String::new() };
        let words = format!("{} {} {}{times}", ctx.day_clock(step.first), step.severity.letter(), step.detection.id);
        pairs.push(Pair { label: if place == 0 { "steps" } else { "" }, words, meaning: Meaning::Severity(step.severity) });
    }
    pairs
}
