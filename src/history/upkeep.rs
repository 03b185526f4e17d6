//! Keeping the file in bounds, and looking after it: stats, prune, verify.

use super::error::{At as _, HistoryError};
use super::scribe::{SECONDS_A_DAY, Scribe};
use super::{days, name, schema};
use crate::base::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::path::Path;

/// What is in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    pub version: i32,
    pub bytes: u64,
    pub accounts: u64,
    pub events: u64,
    pub sessions: u64,
    pub anomalies: u64,
    /// Values that baselines learned.
    pub facts: u64,
    /// Days on which something was learned.
    pub days: u64,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
}

/// Second of an end of the events; by account, which is quicker than to look at all.
fn end(connection: &Connection, which: &str) -> rusqlite::Result<Option<i64>> {
    let query = format!("SELECT {which}((SELECT {which}(at) FROM events WHERE account = accounts.name)) FROM accounts");
    connection.query_row(&query, [], |row| row.get(0))
}

/// Second of the newest event.
pub(super) fn newest(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    end(connection, "max")
}

fn bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let number = |pragma: &str| connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0));
    let (pages, free, size) = (number("page_count")?, number("freelist_count")?, number("page_size")?);
    Ok(u64::try_from((pages - free) * size).unwrap_or(0))
}

/// Counts what is in a file.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn stats(path: &Path) -> Result<Stats, HistoryError> {
    let connection = schema::open_to_read(path)?;
    let read = || -> rusqlite::Result<Stats> {
        let count = |what: &str| connection.query_row(&format!("SELECT count({what}"), [], |row| row.get::<_, u32>(0)).map(u64::from);
        let at = |second: Option<i64>| second.and_then(Timestamp::from_unix_seconds);
        Ok(Stats {
            version: connection.query_row("PRAGMA user_version", [], |row| row.get(0))?,
            bytes: bytes(&connection)?,
            accounts: count("*) FROM accounts")?,
            events: count("*) FROM events")?,
            sessions: count("*) FROM sessions")?,
            anomalies: count("*) FROM anomalies")?,
            facts: count("*) FROM facts")?,
            days: count("DISTINCT day) FROM hours")?,
            first: at(end(&connection, "min")?),
            last: at(end(&connection, "max")?),
        })
    };
    read().at(path)
}

/// Looks whether everything in a file fits together; a sentence for each thing that does not.
///
/// # Errors
/// There is no file, or SQLite cannot read it at all.
pub fn verify(path: &Path) -> Result<Vec<String>, HistoryError> {
    let connection = schema::open_to_read(path)?;
    let mut found = Vec::new();
    let mut check = || -> rusqlite::Result<()> {
        let mut pages = connection.prepare("PRAGMA integrity_check(20)")?;
        let lines: Vec<String> = pages.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        found.extend(lines.into_iter().filter(|line| line != "ok"));
        if !found.is_empty() {
            return Ok(());
        }
        for (what, table, column) in [
            ("events", "events", "account"),
            ("sessions", "sessions", "account"),
            ("baselines", "facts", "holder"),
            ("baselines", "facts", "value"),
            ("baselines", "facts", "dimension"),
            ("hours", "hours", "account"),
        ] {
            let query = format!(
                "SELECT count(*) FROM (SELECT DISTINCT {column} AS number FROM {table}) WHERE number NOT IN (SELECT id FROM names)"
            );
            let lost: u32 = connection.query_row(&query, [], |row| row.get(0))?;
            if lost > 0 {
                found.push(format!("{what}: {lost} numbers of {column} have no name"));
            }
        }
        let mut facts = connection.prepare("SELECT holder, first, last, days FROM facts")?;
        let mut rows = facts.query([])?;
        let mut unreadable = 0_u64;
        while let Some(row) = rows.next()? {
            let (first, last): (i64, i64) = (row.get(1)?, row.get(2)?);
            let counts = row.get_ref(3)?.as_blob().ok().and_then(days::read);
            let is_right = counts.is_some_and(|counts| {
                let is_rising = counts.iter().zip(counts.iter().skip(1)).all(|(one, next)| one.0 < next.0);
                is_rising && !counts.is_empty() && first <= last
            });
            unreadable += u64::from(!is_right);
        }
        if unreadable > 0 {
            found.push(format!("baselines: {unreadable} rows have no readable days"));
        }
        Ok(())
    };
    match check().at(path) {
        Ok(()) => Ok(found),
        Err(HistoryError::Damaged { problem, .. }) => {
            found.push(problem);
            Ok(found)
        }
        Err(error) => Err(error),
    }
}

/// Rows that a step of pruning looks for at most.
const STEP: u32 = 20_000;

/// What was pruned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// The first second that is kept.
    pub from: Option<i64>,
    pub rows: u64,
}

impl Scribe {
    /// Lets the oldest go as the settings say, in one small step; says whether there is more to be done.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn prune(&mut self, pruned: &mut Pruned) -> Result<bool, HistoryError> {
        let path = self.path().to_owned();
        let (connection, settings) = self.parts();
        let from = match pruned.from {
            Some(from) => Some(from),
            None => bound(connection, settings).at(&path)?,
        };
        let Some(from) = from else { return Ok(false) };
        pruned.from = Some(from);
        connection.execute_batch("BEGIN IMMEDIATE").at(&path)?;
        let gone = forget(connection, from);
        connection.execute_batch(if gone.is_ok() { "COMMIT" } else { "ROLLBACK" }).at(&path)?;
        let gone = gone.at(&path)?;
        pruned.rows += gone;
        if gone > 0 {
            return Ok(true);
        }
        connection.execute_batch("PRAGMA incremental_vacuum(4000)").at(&path)?;
        // The size may ask for more days than the age did.
        pruned.from = bound(connection, settings).at(&path)?.filter(|next| *next > from);
        Ok(pruned.from.is_some())
    }
}

/// The first second that is kept: by age, and by a tenth of the time kept where the file is too large.
fn bound(connection: &Connection, settings: &super::Settings) -> rusqlite::Result<Option<i64>> {
    let (Some(first), Some(last)) = (end(connection, "min")?, end(connection, "max")?) else { return Ok(None) };
    let by_age = last.saturating_sub(i64::from(settings.keep_days) * SECONDS_A_DAY);
    if first < by_age {
        return Ok(Some(by_age));
    }
    let is_too_large = bytes(connection)? > u64::from(settings.most_megabytes) << 20;
    // Whole days, so that a day is there or is not; the newest stays.
    let next = (first + ((last - first) / 10).max(SECONDS_A_DAY)).div_euclid(SECONDS_A_DAY) * SECONDS_A_DAY;
    Ok(Some(next).filter(|next| is_too_large && *next > first && *next < last))
}

fn forget(connection: &Connection, from: i64) -> rusqlite::Result<u64> {
    let mut gone = 0;
    let old: Vec<i64> = {
        let mut accounts = connection
            .prepare_cached("SELECT name FROM accounts WHERE (SELECT min(at) FROM events WHERE account = accounts.name) < ?1 LIMIT 64")?;
        accounts.query_map([from], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    for account in old {
        let delete = "DELETE FROM events WHERE account = ?1 AND at < ?2 AND record IN
            (SELECT record FROM events WHERE account = ?1 AND at < ?2 ORDER BY at LIMIT ?3)";
        gone += connection.prepare_cached(delete)?.execute(params![account, from, STEP])?;
        if gone >= STEP as usize {
            return Ok(gone as u64);
        }
    }
    if gone > 0 {
        return Ok(gone as u64);
    }
    let day = from.div_euclid(SECONDS_A_DAY);
    for (statement, before) in [
        ("DELETE FROM sessions WHERE coalesce(stop, start) < ?1", from),
        ("DELETE FROM anomalies WHERE at < ?1", from),
        ("DELETE FROM anomalies_of WHERE at < ?1", from),
        ("DELETE FROM hours WHERE day < ?1", day),
        ("DELETE FROM facts WHERE last < ?1", from),
    ] {
        gone += connection.prepare_cached(statement)?.execute([before])?;
    }
    // Days of values that are still in use.
    let older: Vec<(i64, i64, i64, Vec<u8>)> = {
        let mut facts = connection.prepare_cached("SELECT holder, dimension, value, days FROM facts WHERE first < ?1 LIMIT ?2")?;
        facts.query_map(params![from, STEP], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?.collect::<Result<_, _>>()?
    };
    for (holder, dimension, value, bytes) in older {
        let mut counts = days::read(&bytes).unwrap_or_default();
        counts.retain(|(seen, _)| *seen >= day);
        let first = counts.first().map_or(from, |(seen, _)| seen * SECONDS_A_DAY).max(from);
        gone += connection
            .prepare_cached("UPDATE facts SET first = ?4, days = ?5 WHERE holder = ?1 AND dimension = ?2 AND value = ?3")?
            .execute(params![holder, dimension, value, first, days::write(&counts)])?;
    }
    Ok(gone as u64)
}

/// The number of a name, where the file has it.
pub(super) fn number(connection: &Connection, account: &str) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached("SELECT id FROM names WHERE text = ?1")?.query_row([name::account(account)], |row| row.get(0)).optional()
}
