//! The report for people as a page.

use super::{begin, end, escaped, facts, heat, more, picture, table};
use crate::base::text::count;
use crate::export::cell::{Cell, Report};
use crate::export::review::{Finding, MOST_ROWS, Part, Review};
use crate::export::{Scope, rows};
use std::io::{self, Write};

pub fn write_review(scope: &Scope<'_>, out: &mut dyn Write) -> io::Result<()> {
    let review = Review::of(scope);
    begin("Logons: what happened, and what shows it", out)?;
    facts(&review.facts, out)?;
    write!(out, "<p class=\"counts\">")?;
    for (severity, number) in &review.severities {
        write!(out, "<span class=\"badge {}\">{} {}</span> ", severity.word(), count(*number as u64), severity.word())?;
    }
    writeln!(out, "{}</p>", if review.severities.is_empty() { "Nothing odd is open." } else { "open findings" })?;
    let mut links: Vec<(&str, &str)> = vec![("timeline", "Timeline"), ("incidents", "Incidents")];
    if !review.heats.is_empty() {
        links.push(("hours", "Hours of the week"));
    }
    if scope.more.also.is_some() {
        links.push(("shown", "What the screen showed"));
    }
    links.extend([("seen", "What could have been seen"), ("inputs", "Inputs")]);
    let links: Vec<String> = links.into_iter().map(|(id, words)| format!("<a href=\"#{id}\">{words}</a>")).collect();
    writeln!(out, "<nav aria-label=\"parts\">{}</nav>", links.join(" "))?;

    writeln!(out, "<section id=\"timeline\"><h2>Timeline</h2>")?;
    picture::write(scope, review.reach, out)?;
    writeln!(out, "</section>\n<section id=\"incidents\"><h2>Incidents</h2>")?;
    if review.parts.is_empty() {
        writeln!(out, "<p>Nothing odd was found. Below stands what could have been seen.</p>")?;
    }
    review.parts.iter().try_for_each(|part| incident(part, out))?;
    more(review.more_parts as u64, "more are not listed: a report of anomalies writes all.", out)?;
    writeln!(out, "</section>")?;

    if !review.heats.is_empty() {
        writeln!(
            out,
            "<section id=\"hours\"><h2>Hours of the week</h2>\n<p>Successful logons of accounts with something odd, times in {}. Darker is more; ! marks hours in which something odd began.</p>\n<div class=\"heats\">",
            escaped(scope.zone.label())
        )?;
        review.heats.iter().try_for_each(|map| heat::write(map, out))?;
        writeln!(out, "</div>")?;
        more(review.more_heats as u64, "more accounts have something odd.", out)?;
        writeln!(out, "</section>")?;
    }
    if let Some(report) = scope.more.also.and_then(|what| rows(what, scope)) {
        writeln!(out, "<section id=\"shown\"><h2>What the screen showed</h2>")?;
        let Report { columns, mut rows, empty } = report;
        let mut first: Vec<Vec<Cell>> = rows.by_ref().take(MOST_ROWS).collect();
        first.iter_mut().flatten().for_each(|cell| cell.hide(scope.names));
        if let Some(written) = scope.more.written {
            written.set(written.get() + first.len() as u64);
        }
        table(scope, Report { columns, rows: Box::new(first.into_iter()), empty }, "rows in the order of the screen", out)?;
        more(rows.count() as u64, "more rows are in the CSV of the same view.", out)?;
        writeln!(out, "</section>")?;
    }
    seen(&review, out)?;
    inputs(&review, out)?;
    end(out)
}

fn incident(part: &Part, out: &mut dyn Write) -> io::Result<()> {
    let number = part.number.map_or_else(String::new, |number| format!("{number}. "));
    writeln!(
        out,
        "<article><h3><span class=\"badge {0}\">{0}</span> {number}{1}</h3>\n<dl class=\"facts\">",
        part.severity.word(),
        escaped(&part.title)
    )?;
    let lines = [
        ("when", part.when.clone()),
        ("accounts", part.accounts.clone()),
        ("hosts", part.hosts.clone()),
        ("sources", part.sources.clone()),
        ("tactics", part.tactics.clone()),
        ("score", format!("{} {}", part.score, part.level)),
        ("state", part.state.word().to_owned()),
    ];
    for (label, words) in lines.iter().filter(|(_, words)| !words.is_empty()) {
        writeln!(out, "<dt>{label}</dt><dd>{}</dd>", escaped(words))?;
    }
    writeln!(out, "</dl>")?;
    part.findings.iter().try_for_each(|found| finding(found, out))?;
    more(part.more_findings as u64, "more findings belong to it.", out)?;
    writeln!(out, "</article>")
}

fn finding(found: &Finding, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"finding {}\"><h4>{} <small>{}, score {}, {}</small></h4>\n<p class=\"why\">{}</p>\n<dl class=\"facts\">",
        found.severity.word(),
        escaped(found.detection),
        found.severity.word(),
        found.score,
        found.state.word(),
        escaped(&found.why)
    )?;
    let lines =
        [("what", found.title), ("when", &found.when), ("score", &found.sum), ("check next", found.check), ("ATT&CK", &found.attack)];
    for (label, words) in lines.into_iter().filter(|(_, words)| !words.is_empty()) {
        writeln!(out, "<dt>{}</dt><dd>{}</dd>", escaped(label), escaped(words))?;
    }
    writeln!(out, "</dl>")?;
    if !found.records.is_empty() {
        writeln!(
            out,
            "<table><caption>records that show it</caption><thead><tr><th scope=\"col\">time</th><th scope=\"col\">record</th><th scope=\"col\">who</th></tr></thead><tbody>"
        )?;
        for record in &found.records {
            writeln!(out, "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", escaped(&record.at), escaped(&record.what), escaped(&record.who))?;
        }
        writeln!(out, "</tbody></table>")?;
        more(found.more_records, "more records count towards it.", out)?;
    }
    writeln!(out, "</div>")
}

fn seen(review: &Review, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section id=\"seen\"><h2>What could have been seen</h2>\n<p>What is not in a log may not have happened, or may not have been recorded. For each host, what its logs would have told.</p>"
    )?;
    for seen in &review.seen {
        writeln!(out, "<details><summary>{}</summary><ul>", escaped(&seen.host))?;
        for (word, words) in &seen.answers {
            writeln!(out, "<li><strong>{}</strong>: {}</li>", escaped(word), escaped(words))?;
        }
        writeln!(out, "</ul></details>")?;
    }
    more(review.more_seen as u64, "more hosts: a report of hosts writes all.", out)?;
    writeln!(out, "</section>")
}

fn inputs(review: &Review, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section id=\"inputs\"><h2>Inputs</h2>\n<div class=\"wide\"><table><caption>what was read</caption><thead><tr><th scope=\"col\">input</th><th scope=\"col\" class=\"n\">bytes</th><th scope=\"col\">state</th><th scope=\"col\" class=\"n\">records</th><th scope=\"col\" class=\"n\">events</th><th scope=\"col\">from .. to</th><th scope=\"col\">losses</th></tr></thead><tbody>"
    )?;
    for input in &review.inputs {
        writeln!(
            out,
            "<tr><td>{}</td><td class=\"n\">{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td></tr>",
            escaped(&input.name),
            count(input.bytes),
            escaped(&input.state),
            count(input.records),
            count(input.events),
            escaped(&input.stretch),
            escaped(&input.losses)
        )?;
    }
    writeln!(out, "</tbody></table></div>")?;
    more(review.more_inputs as u64, "more inputs: a report of inputs writes all.", out)?;
    writeln!(out, "</section>")
}
