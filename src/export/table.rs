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

/// A column on its way to the page.
struct Shown {
    head: Head,
    /// Place of the cell in its row.
    cell: usize,
    width: usize,
}

impl Shown {
    fn least(&self) -> usize {
        self.width.min(self.head.least)
    }
}

pub fn write(scope: &Scope<'_>, report: Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let columns = report.columns.iter().enumerate();
    let mut columns: Vec<Shown> =
        columns.filter_map(|(cell, column)| column.head.map(|head| Shown { head, cell, width: width(head.title) })).collect();
    columns.sort_by_key(|column| column.head.place);

    let mut rows = report.rows;
    let first: Vec<Vec<Cell>> = rows.by_ref().take(MEASURED).collect();
    if first.is_empty() {
        return writeln!(out, "{}", report.empty);
    }
    for column in &mut columns {
        let seen = first.iter().map(|row| width(&text(scope, column, row))).max().unwrap_or(0);
        column.width = column.width.max(seen.min(column.head.most));
    }
    if let Some(total) = scope.width {
        make_room(&mut columns, total);
    }
    line(scope, &columns, |column| column.head.title.to_owned(), out)?;
    let rule = needed(&columns, |column| column.width);
    writeln!(out, "{}", "-".repeat(scope.width.map_or(rule, |total| rule.min(total))))?;
    first.into_iter().chain(rows).try_for_each(|row| line(scope, &columns, |column| text(scope, column, &row), out))
}

fn text(scope: &Scope<'_>, column: &Shown, row: &[Cell]) -> String {
    row.get(column.cell).map_or_else(String::new, |cell| cell.shown(scope.zone))
}

/// Cells of a line whose columns take what `width` says.
fn needed(columns: &[Shown], width: impl Fn(&Shown) -> usize) -> usize {
    columns.iter().map(width).sum::<usize>() + GAP.len() * columns.len().saturating_sub(1)
}

/// Leaves out spare columns until the rest fits at its narrowest, then narrows the widest ones.
fn make_room(columns: &mut Vec<Shown>, total: usize) {
    while needed(columns, Shown::least) > total {
        let spare = columns.iter().enumerate().filter(|(_, column)| column.head.spare > 0).min_by_key(|(_, column)| column.head.spare);
        let Some((place, _)) = spare else { break };
        columns.remove(place);
    }
    while needed(columns, |column| column.width) > total {
        let widest = columns.iter_mut().filter(|column| column.width > column.least()).max_by_key(|column| column.width - column.least());
        let Some(widest) = widest else { return };
        widest.width -= 1;
    }
}

fn line(scope: &Scope<'_>, columns: &[Shown], text: impl Fn(&Shown) -> String, out: &mut dyn Write) -> io::Result<()> {
    let mut line = String::new();
    for (number, column) in columns.iter().enumerate() {
        if number > 0 {
            line.push_str(GAP);
        }
        let text = text(column);
        if column.head.right {
            let text = fit(&text, column.width);
            line.extend(std::iter::repeat_n(' ', column.width.saturating_sub(width(&text))));
            line.push_str(&text);
        } else {
            line.push_str(&pad(&text, column.width));
        }
    }
    let line = line.trim_end();
    writeln!(out, "{}", scope.width.map_or(line.into(), |total| fit(line, total)))
}
