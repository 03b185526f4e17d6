//! Reads on in the history where rows were let go of: the events of a run that are in memory no longer.

use super::limits::{OLDER_AT_ONCE, OLDER_LOOKED_AT, OLDER_MOST};
use crate::history::HistoryError;
use crate::history::older::{Pages, Spot, Stretch};
use crate::history::older_row::{OldRow, Run, spots};
use crate::query::Filter;
use crate::store::Snapshot;
use std::path::Path;

/// What is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Behind which event; back from the newest that was let go of where none is named.
    pub from: Option<Spot>,
    /// Later events, not earlier ones.
    pub forward: bool,
    /// What they have to pass.
    pub filter: Filter,
}

/// Events that were let go of, in the order of their time.
#[derive(Clone, Debug, Default)]
pub struct Older {
    pub rows: Vec<OldRow>,
    /// How far was looked; more is asked for from here.
    pub reached: Spot,
    /// There are none beyond: the logs begin, or what is in memory does.
    pub is_end: bool,
}

/// Reads a page. What is in memory still is left out, and what other logs said.
///
/// # Errors
/// There is no history, or it cannot be read.
pub fn read(path: &Path, snapshot: &Snapshot, asked: &Asked) -> Result<Older, HistoryError> {
    let (tables, names) = (&snapshot.tables, &snapshot.names);
    let (Some(first), Some(until)) = (snapshot.first, snapshot.let_go.until) else {
        return Ok(Older { is_end: true, ..Older::default() });
    };
    let mut found = Older { rows: Vec::new(), reached: asked.from.unwrap_or(Spot { at: until, record: i64::MAX }), is_end: false };
    let mut pages = Pages::open(path)?;
    let mut run = Run::new(names, tables);
    let (mut looked_at, mut most) = (0, OLDER_AT_ONCE);
    let seconds = (until - first).as_seconds_f64() / snapshot.let_go.remembered.max(1) as f64;
    let to = if asked.forward { until } else { first };
    while !found.is_end && found.rows.len() < OLDER_AT_ONCE && looked_at < OLDER_LOOKED_AT {
        // Seconds that hold a page where events come evenly; the page ends all the same where they do not.
        #[allow(clippy::cast_possible_truncation)]
        let about = (seconds * most as f64) as i64;
        let page = pages.page(Stretch { from: found.reached, to, is_back: !asked.forward }, most, about)?;
        looked_at += page.events.len();
        found.is_end = page.is_end;
        // A filter that leaves little is given more to look at.
        most = (most * 4).min(OLDER_LOOKED_AT);
        let Some((one, other)) = page.events.first().zip(page.events.last()) else { continue };
        found.reached = other.spot;
        let (from, to) = (one.spot.at.min(other.spot.at), one.spot.at.max(other.spot.at));
        let there = spots(names, tables, from, to);
        let mut rows = run.rows(&mut pages, &page.events)?;
        rows.retain(|old| !there.contains(&old.spot) && asked.filter.matches_row(&old.row, names, tables));
        found.rows.extend(rows);
    }
    if found.rows.len() > OLDER_MOST {
        found.rows.truncate(OLDER_MOST);
        found.is_end = false;
        found.reached = found.rows.last().map_or(found.reached, |old| old.spot);
    }
    if !asked.forward {
        found.rows.reverse();
    }
    Ok(found)
}
