//! HTML: one page that needs nothing else. No script, no address, no font: the page says so itself (`Content-Security-Policy`),
//! so a name in a log that got through as markup could still load and run nothing.
//!
//! It is well-formed XML too, which the tests hold. Every text passes `escaped`.

mod heat;
mod picture;
mod review;

pub use review::write_review;

use crate::base::text::{clean, count};
use crate::export::Scope;
use crate::export::cell::{Cell, Report};
use crate::export::review::head;
use std::io::{self, Write};

/// Colours of Okabe and Ito, darkened on light ground as the themes of the screen are.
const STYLE: &str = include_str!("../../../assets/report.css");

/// Text for an element or an attribute.
pub fn escaped(text: &str) -> String {
    let clean = clean(text);
    let mut out = String::with_capacity(clean.len() + 8);
    for c in clean.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // No characters of XML.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Everything before the contents.
fn begin(title: &str, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\"/>\n\
         <meta name=\"referrer\" content=\"no-referrer\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n",
        escaped(title),
        escaped(title)
    )
}

fn end(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</main>\n</body>\n</html>")
}

/// Labels and words.
fn facts(facts: &[(&'static str, String)], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<dl class=\"facts\">")?;
    facts.iter().try_for_each(|(label, words)| writeln!(out, "<dt>{}</dt><dd>{}</dd>", escaped(label), escaped(words)))?;
    writeln!(out, "</dl>")
}

/// The columns of tables for people; times in the zone of the report.
pub fn table(scope: &Scope<'_>, report: Report<'_>, caption: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut columns: Vec<_> = report.columns.iter().enumerate().filter_map(|(cell, column)| Some((column.head?, cell))).collect();
    columns.sort_by_key(|(head, _)| head.place);
    let mut rows = report.rows.peekable();
    if rows.peek().is_none() {
        return writeln!(out, "<p>{}</p>", escaped(report.empty));
    }
    write!(out, "<div class=\"wide\"><table><caption>{}</caption>\n<thead><tr>", escaped(caption))?;
    for (head, _) in &columns {
        write!(out, "<th scope=\"col\"{}>{}</th>", if head.right { " class=\"n\"" } else { "" }, escaped(head.title))?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for row in rows {
        write!(out, "<tr>")?;
        for (head, cell) in &columns {
            let text = row.get(*cell).map_or_else(String::new, |cell: &Cell| escaped(&cell.shown(scope.zone)));
            write!(out, "<td{}>{text}</td>", if head.right { " class=\"n\"" } else { "" })?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

/// One table as a page.
pub fn write(scope: &Scope<'_>, report: Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    begin("logonscope", out)?;
    facts(&head(scope), out)?;
    table(scope, report, "rows", out)?;
    end(out)
}

/// A count with its noun in an element of its own.
fn more(number: u64, words: &str, out: &mut dyn Write) -> io::Result<()> {
    if number == 0 { Ok(()) } else { writeln!(out, "<p class=\"more\">{} {}</p>", count(number), escaped(words)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_makes_an_element_or_ends_an_attribute() {
        assert_eq!(escaped("<a href=\"x\" id='y'>&amp;]]>"), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;]]&gt;");
        assert_eq!(escaped("a\u{1b}[31m\u{202e}\u{ffff}"), "a^[[31m&lt;U+202E&gt;\u{fffd}");
    }
}
