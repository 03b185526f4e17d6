//! Tables for people: aligned by what a terminal draws, cut to its width.
//!
//! Column widths come from the first `MEASURED` rows; later rows that need more are cut, so that writing may begin
//! before the last row is known.

use crate::base::text::{fit, pad, width};
use crate::export::Scope;
use crate::export::cell::{Cell, Head, Report};
use std::io::{self, Write};

const MEASURED: usize = 2_000;
/// Between two columns.
const GAP: &str = "  ";
/// A column is not made narrower than this to fit a line.
const LEAST: usize = 6;

struct Shown {
    head: Head,
    /// Place of the cell in its row.
    cell: usize,
    width: usize,
}

pub fn write(scope: &Scope<'_>, report: Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let columns = report.columns.iter().enumerate();
    let mut columns: Vec<Shown> =
        columns.filter_map(|(cell, column)| column.head.map(|head| Shown { head, cell, width: width(head.title) })).collect();
    columns.sort_by_key(|column| column.head.place);

    let mut rows = report.rows.map(|row| texts(scope, &columns, &row)).collect_some(MEASURED);
    if rows.first.is_empty() {
        return writeln!(out, "{}", report.empty);
    }
    let widths: Vec<usize> = (0..columns.len())
        .map(|place| rows.first.iter().filter_map(|row| row.get(place)).map(|text| width(text)).max().unwrap_or(0))
        .collect();
    let mut columns: Vec<(Head, usize)> =
        columns.iter().zip(widths).map(|(column, seen)| (column.head, column.width.max(seen.min(column.head.most)))).collect();
    if let Some(total) = scope.width {
        squeeze(&mut columns, total);
    }
    let titles: Vec<String> = columns.iter().map(|(head, _)| head.title.to_owned()).collect();
    line(scope, &columns, &titles, out)?;
    let rule: usize = columns.iter().map(|(_, width)| width + GAP.len()).sum::<usize>().saturating_sub(GAP.len());
    writeln!(out, "{}", "-".repeat(scope.width.map_or(rule, |total| rule.min(total))))?;
    for row in rows.first.drain(..) {
        line(scope, &columns, &row, out)?;
    }
    rows.rest.try_for_each(|row| line(scope, &columns, &row, out))
}

fn texts(scope: &Scope<'_>, columns: &[Shown], row: &[Cell]) -> Vec<String> {
    columns.iter().map(|column| row.get(column.cell).map_or_else(String::new, |cell| cell.shown(scope.zone))).collect()
}

/// Takes cells from the widest column until the line fits; the last column gives first.
fn squeeze(columns: &mut [(Head, usize)], total: usize) {
    let gaps = GAP.len() * columns.len().saturating_sub(1);
    loop {
        let used: usize = columns.iter().map(|(_, width)| *width).sum::<usize>() + gaps;
        let widest = columns.iter_mut().map(|(_, width)| width).max_by_key(|width| **width);
        match widest {
            Some(width) if used > total && *width > LEAST => *width -= 1,
            _ => return,
        }
    }
}

fn line(scope: &Scope<'_>, columns: &[(Head, usize)], texts: &[String], out: &mut dyn Write) -> io::Result<()> {
    let mut line = String::new();
    for (number, ((head, cells), text)) in columns.iter().zip(texts).enumerate() {
        if number > 0 {
            line.push_str(GAP);
        }
        if head.right {
            let text = fit(text, *cells);
            line.extend(std::iter::repeat_n(' ', cells.saturating_sub(width(&text))));
            line.push_str(&text);
        } else {
            line.push_str(&pad(text, *cells));
        }
    }
    let line = line.trim_end();
    writeln!(out, "{}", scope.width.map_or(line.into(), |total| fit(line, total)))
}

/// The first rows, and the rest still to come.
struct Begun<I> {
    first: Vec<Vec<String>>,
    rest: I,
}

trait CollectSome: Iterator<Item = Vec<String>> + Sized {
    fn collect_some(mut self, most: usize) -> Begun<Self> {
        Begun { first: self.by_ref().take(most).collect(), rest: self }
    }
}

impl<I: Iterator<Item = Vec<String>>> CollectSome for I {}
