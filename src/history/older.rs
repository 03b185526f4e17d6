//! Events of a time, of all accounts, page by page: what a run has no room for in memory any more.
//!
//! Events stand by account and time, so a stretch of time is one search for each account. A page is collected from
//! stretches next to each other that grow until it is full: whether a log has a thousand events a second or one an hour,
//! few of them are read in vain, and the file needs no second index, which every event would have to be written into.

use super::error::{At as _, HistoryError};
use super::{name, schema};
use crate::base::time::{TICKS_PER_SECOND, Timestamp};
use rusqlite::{Connection, params};
use rustc_hash::FxHashMap;
use std::path::Path;

/// How much longer each next search is.
const LONGER: i64 = 8;

/// Where an event stands among all: by its time, then by what makes its record one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    pub at: Timestamp,
    pub record: i64,
}

/// A part of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Behind which event it begins.
    pub from: Spot,
    /// The last moment that is in it.
    pub to: Timestamp,
    /// It is read back in time.
    pub is_back: bool,
}

/// An event as it is kept. Names are numbers of this page, see `Page::name`; 0 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub spot: Spot,
    pub account: i64,
    pub host: i64,
    pub source: i64,
    /// `4624`, or the category of a sign-in.
    pub what: i64,
    pub status: i64,
    pub outcome: i64,
    pub logon_type: Option<u8>,
}

/// Events in the order in which they were asked for.
#[derive(Debug, Default)]
pub struct Page {
    pub events: Vec<Kept>,
    /// There is nothing behind them up to the end of what was asked for.
    pub is_end: bool,
}

/// A history that is open for paging.
#[derive(Debug)]
pub struct Pages {
    path: std::path::PathBuf,
    connection: Connection,
    names: FxHashMap<i64, String>,
}

const COLUMNS: &str = "SELECT e.account, e.at, e.fraction, e.record, e.host, e.source, e.what, e.status, e.outcome, e.type
    FROM accounts AS a CROSS JOIN events AS e ON e.account = a.name";
const BACK: &str = "WHERE e.at BETWEEN ?1 AND ?2 AND (e.at, e.fraction, e.record) < (?3, ?4, ?5)
    ORDER BY e.at DESC, e.fraction DESC, e.record DESC LIMIT ?6";
const FORWARD: &str = "WHERE e.at BETWEEN ?1 AND ?2 AND (e.at, e.fraction, e.record) > (?3, ?4, ?5)
    ORDER BY e.at, e.fraction, e.record LIMIT ?6";

impl Pages {
    /// # Errors
    /// There is no history, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        Ok(Self { path: path.to_owned(), connection: schema::open_to_read(path)?, names: FxHashMap::default() })
    }
    /// The text of a name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn name(&mut self, number: i64) -> Result<&str, HistoryError> {
        if let std::collections::hash_map::Entry::Vacant(unknown) = self.names.entry(number) {
            let text: String = match number {
                0 => String::new(),
                _ => {
                    let query = "SELECT text FROM names WHERE id = ?1";
                    let mut query = self.connection.prepare_cached(query).at(&self.path)?;
                    query.query_row([number], |row| row.get(0)).at(&self.path)?
                }
            };
            unknown.insert(name::text(&text).to_owned());
        }
        Ok(self.names.get(&number).map_or("", String::as_str))
    }
    /// The first events of a stretch, at most `most`; about `seconds` hold so many.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn page(&self, stretch: Stretch, most: usize, seconds: i64) -> Result<Page, HistoryError> {
        self.read(stretch, most, seconds.max(1)).at(&self.path)
    }
    fn read(&self, stretch: Stretch, most: usize, seconds: i64) -> rusqlite::Result<Page> {
        let is_back = stretch.is_back;
        let mut query = self.connection.prepare_cached(&format!("{COLUMNS} {}", if is_back { BACK } else { FORWARD }))?;
        let (from, end) = (stretch.from.at.as_unix_seconds(), stretch.to.as_unix_seconds());
        let fraction = stretch.from.at.as_ticks().rem_euclid(TICKS_PER_SECOND);
        let mut page = Page::default();
        let (mut near, mut length) = (from, seconds);
        page.is_end = if is_back { near < end } else { near > end };
        while !page.is_end {
            // The whole second of the last moment: who asked knows what is beyond it.
            let far = if is_back { near.saturating_sub(length).max(end) } else { near.saturating_add(length).min(end) };
            let left = i64::try_from(most - page.events.len()).unwrap_or(i64::MAX);
            let mut rows = query.query(params![near.min(far), near.max(far), from, fraction, stretch.from.record, left])?;
            while let Some(row) = rows.next()? {
                let (second, fraction): (i64, i64) = (row.get(1)?, row.get(2)?);
                let at = Timestamp::from_ticks(second.saturating_mul(TICKS_PER_SECOND).saturating_add(fraction)).unwrap_or_default();
                page.events.push(Kept {
                    spot: Spot { at, record: row.get(3)? },
                    account: row.get(0)?,
                    host: row.get(4)?,
                    source: row.get(5)?,
                    what: row.get(6)?,
                    status: row.get(7)?,
                    outcome: row.get(8)?,
                    logon_type: row.get(9)?,
                });
            }
            if page.events.len() >= most {
                break;
            }
            page.is_end = far == end;
            near = if is_back { far.saturating_sub(1) } else { far.saturating_add(1) };
            length = length.saturating_mul(LONGER);
        }
        page.events.retain(|event| if is_back { event.spot.at >= stretch.to } else { event.spot.at <= stretch.to });
        Ok(page)
    }
}
