//! Markdown: a table of any report, and of the summary a report for people.
//!
//! Texts are cleaned and every sign that Markdown or HTML would read is escaped, so a name cannot make a link, a picture, a
//! column or a heading.

use crate::base::text::count;
use crate::export::cell::{Cell, Report};
use crate::export::review::{MOST_ROWS, Part, Review, head};
use crate::export::{Scope, What};
use std::io::{self, Write};

/// One line of text, harmless in a table cell, a list or a sentence.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let letters: Vec<char> = text.chars().collect();
    for (place, c) in letters.iter().enumerate() {
        let beside = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| c.is_alphanumeric());
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Inside a word it means nothing, and names are full of it.
            '_' if beside(place.checked_sub(1)) && beside(Some(place + 1)) => out.push('_'),
            // What readers make a link of by themselves: `http://`, `www.`
            ':' if letters.get(place + 1) == Some(&'/') => out.push_str("&#58;"),
            '.' if place >= 3
                && letters.get(place - 3..place).is_some_and(|before| before.iter().all(|c| c.eq_ignore_ascii_case(&'w'))) =>
            {
                out.push_str("&#46;");
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => out.extend(['\\', *c]),
            c => out.push(*c),
        }
    }
    // A mark in front would begin a list or a quotation.
    match out.chars().next() {
        Some('-' | '+') => out.insert(0, '\\'),
        Some(c) if c.is_ascii_digit() => {
            let rest = out.trim_start_matches(|c: char| c.is_ascii_digit());
            if rest.starts_with(". ") || rest.starts_with(") ") {
                out = out.replacen(['.', ')'], "&#46;", 1);
            }
        }
        _ => {}
    }
    out
}

fn line(out: &mut dyn Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    writeln!(out, "| {} |", cells.collect::<Vec<_>>().join(" | "))
}

/// One table under its head.
pub fn write(scope: &Scope<'_>, report: Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_head(scope, "logonscope", out)?;
    table(scope, report, out)
}

/// The columns of tables for people, as a pipe table.
fn table(scope: &Scope<'_>, report: Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut columns: Vec<_> = report.columns.iter().enumerate().filter_map(|(cell, column)| Some((column.head?, cell))).collect();
    columns.sort_by_key(|(head, _)| head.place);
    let mut rows = report.rows.peekable();
    if rows.peek().is_none() {
        return writeln!(out, "{}", report.empty);
    }
    line(out, columns.iter().map(|(head, _)| head.title.to_owned()))?;
    line(out, columns.iter().map(|(head, _)| if head.right { "---:" } else { "---" }.to_owned()))?;
    rows.try_for_each(|row| {
        let text = |cell: &usize| row.get(*cell).map_or_else(String::new, |cell: &Cell| escaped(&cell.shown(scope.zone)));
        line(out, columns.iter().map(|(_, cell)| text(cell)))
    })
}

/// The head of a file, as a list.
fn write_head(scope: &Scope<'_>, title: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {title}\n")?;
    head(scope).iter().try_for_each(|(label, words)| writeln!(out, "- {label}: {}", escaped(words)))?;
    writeln!(out)
}

/// A report for people.
pub fn write_review(scope: &Scope<'_>, out: &mut dyn Write) -> io::Result<()> {
    let review = Review::of(scope);
    writeln!(out, "# Logons: what happened, and what shows it\n")?;
    review.facts.iter().try_for_each(|(label, words)| writeln!(out, "- {label}: {}", escaped(words)))?;
    let told: Vec<String> = review.severities.iter().map(|(severity, number)| format!("{number} {}", severity.word())).collect();
    writeln!(out, "- open findings: {}", if told.is_empty() { "none".to_owned() } else { told.join(", ") })?;
    writeln!(out, "\n## Incidents\n")?;
    if review.parts.is_empty() {
        writeln!(out, "Nothing odd was found. Below stands what could have been seen.")?;
    }
    review.parts.iter().try_for_each(|part| write_part(part, out))?;
    if review.more_parts > 0 {
        writeln!(out, "{} more are not listed: `--what anomalies` writes all.\n", count(review.more_parts as u64))?;
    }
    if let Some(what) = scope.more.also {
        writeln!(out, "\n## What the screen showed\n")?;
        write_also(scope, what, out)?;
    }
    writeln!(out, "\n## What could have been seen\n")?;
    for seen in &review.seen {
        writeln!(out, "**{}**\n", escaped(&seen.host))?;
        seen.answers.iter().try_for_each(|(word, words)| writeln!(out, "- {word}: {}", escaped(words)))?;
        writeln!(out)?;
    }
    if review.more_seen > 0 {
        writeln!(out, "{} more hosts: `--what hosts` writes all.\n", count(review.more_seen as u64))?;
    }
    writeln!(out, "## Inputs\n")?;
    line(out, ["input", "bytes", "state", "records", "events", "from .. to", "losses"].into_iter().map(str::to_owned))?;
    line(out, ["---", "---:", "---", "---:", "---:", "---", "---"].into_iter().map(str::to_owned))?;
    for input in &review.inputs {
        let cells = [
            escaped(&input.name),
            count(input.bytes),
            input.state.clone(),
            count(input.records),
            count(input.events),
            escaped(&input.stretch),
            escaped(&input.losses),
        ];
        line(out, cells.into_iter())?;
    }
    if review.more_inputs > 0 {
        writeln!(out, "\n{} more inputs: `--what inputs` writes all.", count(review.more_inputs as u64))?;
    }
    Ok(())
}

/// The rows of the screen as a part of a report: at most `MOST_ROWS`, and where the rest can be had.
fn write_also(scope: &Scope<'_>, what: What, out: &mut dyn Write) -> io::Result<()> {
    let Some(Report { columns, mut rows, empty }) = super::rows(what, scope) else { return Ok(()) };
    let mut first: Vec<Vec<Cell>> = rows.by_ref().take(MOST_ROWS).collect();
    first.iter_mut().flatten().for_each(|cell| cell.hide(scope.names));
    if let Some(written) = scope.more.written {
        written.set(written.get() + first.len() as u64);
    }
    table(scope, Report { columns, rows: Box::new(first.into_iter()), empty }, out)?;
    match rows.count() as u64 {
        0 => Ok(()),
        left => writeln!(out, "\n{} more rows are in the CSV of the same view.", count(left)),
    }
}

fn write_part(part: &Part, out: &mut dyn Write) -> io::Result<()> {
    let number = part.number.map_or_else(String::new, |number| format!("{number}. "));
    writeln!(out, "### {number}{}: {} ({} {})\n", part.severity.word(), escaped(&part.title), part.score, part.level)?;
    let lines = [
        ("when", &part.when),
        ("accounts", &part.accounts),
        ("hosts", &part.hosts),
        ("sources", &part.sources),
        ("tactics", &part.tactics),
    ];
    for (label, words) in lines.into_iter().filter(|(_, words)| !words.is_empty()) {
        writeln!(out, "- {label}: {}", escaped(words))?;
    }
    writeln!(out, "- state: {}\n", part.state.word())?;
    for finding in &part.findings {
        writeln!(out, "**{}** {}, {}\n", escaped(finding.detection), finding.severity.word(), finding.when)?;
        writeln!(out, "- why: {}", escaped(&finding.why))?;
        let more = [("score", &finding.sum), ("ATT&amp;CK", &finding.attack)];
        for (label, words) in more.into_iter().filter(|(_, words)| !words.is_empty()) {
            writeln!(out, "- {label}: {}", escaped(words))?;
        }
        if !finding.check.is_empty() {
            writeln!(out, "- check: {}", escaped(finding.check))?;
        }
        writeln!(out, "- state: {}", finding.state.word())?;
        for record in &finding.records {
            writeln!(out, "- record: {} {} {}", record.at, escaped(&record.what), escaped(&record.who))?;
        }
        if finding.more_records > 0 {
            writeln!(out, "- {} more records", count(finding.more_records))?;
        }
        writeln!(out)?;
    }
    if part.more_findings > 0 {
        writeln!(out, "{} more findings of this incident: `--what anomalies` writes all.\n", count(part.more_findings as u64))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_make_no_markup() {
        for (text, safe) in [
            ("svc_backup@CORP", "svc_backup@CORP"),
            ("a|b", "a\\|b"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("`x` *b* _i_ [l](http://e)", "\\`x\\` \\*b\\* \\_i\\_ \\[l\\](http&#58;//e)"),
            ("www.evil.example", "www&#46;evil.example"),
            ("# head", "\\# head"),
            ("- item", "\\- item"),
            ("1. item", "1&#46; item"),
            ("FS02$", "FS02\\$"),
            ("10.0.9.66", "10.0.9.66"),
        ] {
            assert_eq!(escaped(text), safe);
        }
    }
}
