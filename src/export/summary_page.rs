//! The summary as a page of text. The order is that of the questions: what was read, what is odd, who, how, what failed.

use crate::base::text::{clean, count, pad};
use crate::export::Scope;
use crate::export::cell::Cell;
use crate::export::page::Page;
use crate::export::summary::{Attempts, Summary};
use crate::model::input::{InputState, InputStatus};
use std::fmt::Write as _;
use std::io::{self, Write};

const INPUTS: usize = 12;
const ANOMALIES: usize = 8;
const ROWS: usize = 6;
pub fn write(scope: &Scope<'_>, summary: &Summary<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(scope.width);
    period(&mut page, scope, summary);
    inputs(&mut page, scope.inputs);
    anomalies(&mut page, scope, summary);
    sessions(&mut page, summary);
    accounts(&mut page, summary);
    attempts(&mut page, scope, summary);
    failures(&mut page, summary);
    page.write(out)
}

fn period(page: &mut Page, scope: &Scope<'_>, summary: &Summary<'_>) {
    let text = match (summary.first, summary.last) {
        (Some(first), Some(last)) => {
            format!("{} .. {}  ({})", scope.zone.date_time(first), scope.zone.date_time(last), (last - first).words())
        }
        _ if scope.filter.is_all() => "no logon event was found".to_owned(),
        _ => "no event passes the filter".to_owned(),
    };
    let _ = writeln!(page.text, "{}{text}", pad("period", 11));
    if !scope.filter.is_all() {
        let _ = writeln!(page.text, "{}{}", pad("filter", 11), clean(scope.filter.text()));
    }
}

fn inputs(page: &mut Page, inputs: &[InputStatus]) {
    let sum = |of: fn(&InputStatus) -> u64| inputs.iter().map(of).sum::<u64>();
    let unreadable = sum(|input| input.unreadable);
    let mut text = format!(
        "{} read: {} records, {} of them logon events",
        count(inputs.len() as u64),
        count(sum(|input| input.records)),
        count(sum(|input| input.events))
    );
    if unreadable > 0 {
        let _ = write!(text, "; {} unreadable", count(unreadable));
    }
    page.part("inputs", &text);
    // What went wrong comes first: it decides how far the rest can be trusted.
    let trouble = |input: &&InputStatus| input.unreadable > 0 || input.unknown > 0 || input.state == InputState::Failed;
    let ordered = inputs.iter().filter(trouble).chain(inputs.iter().filter(|input| !trouble(input)));
    for input in ordered.take(INPUTS) {
        let mut text =
            format!("{}  {:>10} records  {:>10} events", pad(&clean(&input.name()), 40), count(input.records), count(input.events));
        if input.unreadable > 0 {
            let _ = write!(text, "  {} unreadable", count(input.unreadable));
        }
        if input.unknown > 0 {
            let _ = write!(text, "  {} of unknown shape", count(input.unknown));
        }
        if let Some(problem) = &input.problem {
            let _ = write!(text, "  {}", clean(problem));
        }
        page.line(&text);
    }
    page.more(inputs.len(), INPUTS, "inputs");
}

fn anomalies(page: &mut Page, scope: &Scope<'_>, summary: &Summary<'_>) {
    if summary.worst.is_empty() {
        let settled =
            if summary.settled > 0 { format!("none open; {} dismissed or suppressed", count(summary.settled)) } else { "none".to_owned() };
        page.part("anomalies", &settled);
        return;
    }
    let severities = summary.severities.iter().rev().map(|(severity, number)| format!("{} {}", count(*number), severity.word()));
    page.part("anomalies", &severities.collect::<Vec<_>>().join(", "));
    for anomaly in summary.worst.iter().take(ANOMALIES) {
        let times = if anomaly.count > 1 { format!("  {} records", count(anomaly.count.into())) } else { String::new() };
        let (letter, score, at) = (anomaly.severity.letter(), anomaly.score, scope.zone.date_time(anomaly.at));
        page.line(&format!("{letter} {score:>3}  {at}  {}{times}", anomaly.detection.id));
        page.sentence(9, &clean(&anomaly.why));
    }
    page.more(summary.worst.len(), ANOMALIES, "with: report --what anomalies");
    if summary.settled > 0 {
        page.line(&format!("{} dismissed or suppressed", count(summary.settled)));
    }
}

fn sessions(page: &mut Page, summary: &Summary<'_>) {
    let ends = summary.ends.iter().map(|(end, number)| format!("{} {}", count(*number), end.word())).collect::<Vec<_>>().join(", ");
    let text = if ends.is_empty() { "0".to_owned() } else { format!("{}: {ends}", count(summary.sessions)) };
    page.part("sessions", &text);
    for (lane, of) in &summary.lanes {
        page.line(&format!(
            "{:>5} {}  {:>10} sessions  {:>8} open  {:>8} failures",
            lane.code(),
            pad(&if lane.is_entra() { format!("Entra {}", lane.name()) } else { lane.name().to_owned() }, 23),
            count(of.sessions),
            count(of.open),
            count(of.failures)
        ));
    }
}

fn accounts(page: &mut Page, summary: &Summary<'_>) {
    let classes =
        summary.classes.iter().map(|(class, number)| format!("{} {}", count(*number), class.word())).collect::<Vec<_>>().join(", ");
    let text = if classes.is_empty() { "0".to_owned() } else { format!("{}: {classes}", count(summary.accounts)) };
    page.part("accounts", &text);
    if summary.privileged > 0 {
        page.line(&format!("{} were given special privileges (4672)", count(summary.privileged)));
    }
}

fn attempts(page: &mut Page, scope: &Scope<'_>, summary: &Summary<'_>) {
    let line = |page: &mut Page, name: &str, of: &Attempts| {
        let (events, successes, failures) = (count(of.events), count(of.successes), count(of.failures));
        page.line(&format!("{}  {events:>10} events  {successes:>10} successes  {failures:>8} failures", pad(name, 40)));
    };
    page.part("hosts", &count(summary.hosts.len() as u64));
    for (id, of) in summary.hosts.iter().take(ROWS) {
        line(page, &Cell::host(scope.names, scope.tables, *id).shown(scope.zone), of);
    }
    page.more(summary.hosts.len(), ROWS, "hosts");
    page.part("sources", &count(summary.sources.len() as u64));
    for (id, of) in summary.sources.iter().take(ROWS) {
        line(page, &Cell::source(scope.names, scope.tables, *id).shown(scope.zone), of);
    }
    page.more(summary.sources.len(), ROWS, "sources");
}

fn failures(page: &mut Page, summary: &Summary<'_>) {
    let all = summary.successes + summary.failures;
    let records = match summary.codes.iter().map(|(_, number)| number).sum::<u64>() {
        same if same == summary.failures => String::new(),
        other => format!(", told by {} records", count(other)),
    };
    page.part("failures", &format!("{} of {} attempts{records}", count(summary.failures), count(all)));
    for (status, number) in summary.codes.iter().take(ROWS) {
        page.line(&format!("{:>10}  {}  {}", count(*number), pad(&status.code_text(), 10), status.text()));
    }
    page.more(summary.codes.len(), ROWS, "codes");
}
