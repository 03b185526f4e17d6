//! What baselines knew before a day.

use super::error::{At as _, HistoryError};
use super::scribe::SECONDS_A_DAY;
use super::{days, name, schema};
use crate::base::time::Timestamp;
use crate::detect::baseline::Dimension;
use crate::detect::baseline::past::{DAYS_KNOWN, Days, Fact, Hours, Past};
use crate::model::account::AccountClass;
use rusqlite::Connection;
use rustc_hash::FxHashMap;
use std::path::Path;

/// Names that facts use, numbered as they come.
#[derive(Default)]
struct Used {
    past: Past,
    places: FxHashMap<i64, Option<u32>>,
}

impl Used {
    /// The place of a name; `None` for one that is no value of this version.
    fn place(&mut self, connection: &Connection, number: i64) -> rusqlite::Result<Option<u32>> {
        if let Some(known) = self.places.get(&number) {
            return Ok(*known);
        }
        let text: String = connection.prepare_cached("SELECT text FROM names WHERE id = ?1")?.query_row([number], |row| row.get(0))?;
        let place = name::read(&text).and_then(|named| {
            let place = u32::try_from(self.past.names.len()).ok()?;
            self.past.names.push(named);
            Some(place)
        });
        self.places.insert(number, place);
        Ok(place)
    }
}

/// Counts before `day`: which of the last days, and how many.
fn before(day: i64, bytes: &[u8]) -> Option<(Days, u32)> {
    let (mut bits, mut count) = (Days::default(), 0_u32);
    for (seen, number) in days::read(bytes)?.into_iter().filter(|(seen, _)| *seen < day) {
        count = count.saturating_add(number);
        let back = usize::try_from(day - 1 - seen).ok()?;
        if let Some(word) = bits.get_mut(back / 64) {
            *word |= 1 << (back % 64);
        }
    }
    (bits != Days::default()).then_some((bits, count))
}

/// What was known before the day (since 1970) of the first event. Nothing where there is no history yet.
///
/// # Errors
/// The file cannot be read.
pub fn past(path: &Path, day: i64) -> Result<Past, HistoryError> {
    match schema::open_to_read(path) {
        Ok(connection) => read(&connection, day).at(path),
        Err(HistoryError::Absent { .. }) => Ok(Past { day, ..Past::default() }),
        Err(error) => Err(error),
    }
}

fn read(connection: &Connection, day: i64) -> rusqlite::Result<Past> {
    let mut used = Used { past: Past { day, ..Past::default() }, ..Used::default() };
    let mut dimensions: FxHashMap<i64, Dimension> = FxHashMap::default();
    for dimension in Dimension::ALL {
        let known =
            connection.prepare_cached("SELECT id FROM names WHERE text = ?1")?.query_row([name::dimension(dimension)], |row| row.get(0));
        if let Ok(number) = known {
            dimensions.insert(number, dimension);
        }
    }
    let first = day.saturating_mul(SECONDS_A_DAY);
    let oldest = first.saturating_sub(i64::try_from(DAYS_KNOWN).unwrap_or(0) * SECONDS_A_DAY);
    let mut facts = connection.prepare("SELECT holder, dimension, value, first, days FROM facts WHERE first < ?1 AND last >= ?2")?;
    let mut rows = facts.query([first, oldest])?;
    while let Some(row) = rows.next()? {
        let Some(dimension) = dimensions.get(&row.get(1)?) else { continue };
        let Some((days, count)) = row.get_ref(4)?.as_blob().ok().and_then(|bytes| before(day, bytes)) else { continue };
        let (holder, value) = (used.place(connection, row.get(0)?)?, used.place(connection, row.get(2)?)?);
        let (Some(holder), Some(value)) = (holder, value) else { continue };
        let first_at = Timestamp::from_unix_seconds(row.get(3)?).unwrap_or_default();
        used.past.facts.push(Fact { holder, dimension: *dimension, value, first_at, days, count });
    }
    let mut hours =
        connection.prepare("SELECT account, day, people, runs FROM hours WHERE day < ?1 AND day >= ?2 ORDER BY account, day")?;
    let mut rows = hours.query([day, oldest.div_euclid(SECONDS_A_DAY)])?;
    while let Some(row) = rows.next()? {
        let Some(account) = used.place(connection, row.get(0)?)? else { continue };
        used.past.hours.push((account, Hours { day: row.get(1)?, people: row.get(2)?, runs: row.get(3)? }));
    }
    let mut accounts = connection.prepare("SELECT name, sid, class FROM accounts")?;
    let mut rows = accounts.query([])?;
    while let Some(row) = rows.next()? {
        // Accounts of which nothing is known before the day are no past.
        let Some(Some(account)) = used.places.get(&row.get(0)?).copied() else { continue };
        let class: String = row.get(2)?;
        let class = AccountClass::ALL.into_iter().find(|known| known.word() == class).unwrap_or_default();
        used.past.accounts.push((account, row.get(1)?, class));
    }
    Ok(used.past)
}
