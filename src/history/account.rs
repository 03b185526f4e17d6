//! The past of one account, for its page: what was known of it before the logs that are open now.

use super::error::{At as _, HistoryError};
use super::row::outcome_word;
use super::{days, name, schema, upkeep};
use crate::base::time::{TICKS_PER_SECOND, Timestamp};
use crate::detect::baseline::Dimension;
use crate::model::account::HourCounts;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;
use std::path::Path;

/// Hosts, and sources, that are given; all are counted.
pub const MOST_MET: usize = 200;

/// Whose past, by all names the account has now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    /// `domain\user`, as `Identity::key` writes it.
    pub names: Vec<String>,
    /// Before this moment, the first of the logs that are open.
    pub before: Timestamp,
}

/// A host or source of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    pub name: String,
    pub first: Timestamp,
    pub last: Timestamp,
    /// Days with a logon.
    pub days: u32,
}

/// One event of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastEvent {
    pub at: Timestamp,
    /// `4624`, or the category of a sign-in.
    pub what: String,
    pub outcome: &'static str,
    pub logon_type: Option<u8>,
    pub host: String,
    pub source: String,
    pub status: String,
}

/// See the module. Texts are as they stood in logs: clean them before they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountPast {
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// Days with a logon.
    pub days: u32,
    /// Days on which it logged on in each hour of the week, in UTC.
    pub hours: Option<Box<HourCounts>>,
    /// Newest first.
    pub hosts: Vec<Met>,
    pub sources: Vec<Met>,
    /// Newest first.
    pub events: Vec<PastEvent>,
}

/// Reads the past of an account, with at most `events` of its newest events.
///
/// # Errors
/// There is no history, or it cannot be read.
pub fn read(path: &Path, whose: &Whose, events: usize) -> Result<AccountPast, HistoryError> {
    Reader::open(path)?.account(whose, events)
}

/// A history that is open for reading.
#[derive(Debug)]
pub struct Reader {
    path: std::path::PathBuf,
    connection: Connection,
}

impl Reader {
    /// # Errors
    /// There is no history, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        Ok(Self { path: path.to_owned(), connection: schema::open_to_read(path)? })
    }
    /// # Errors
    /// The file cannot be read.
    pub fn account(&self, whose: &Whose, events: usize) -> Result<AccountPast, HistoryError> {
        let read = || {
            let numbers = self.numbers(whose)?;
            let (mut hosts, mut sources) = (BTreeMap::new(), BTreeMap::new());
            for number in &numbers {
                self.met(*number, whose.before, &[Dimension::Host, Dimension::Reached], &mut hosts)?;
                self.met(*number, whose.before, &[Dimension::Source, Dimension::RdpSource], &mut sources)?;
            }
            let (hours, days) = self.hours_of(&numbers, whose.before)?;
            let events = self.events_of(&numbers, whose.before, events)?;
            let mut first: Option<i64> = None;
            for number in &numbers {
                let query = "SELECT min(at) FROM events WHERE account = ?1";
                let own: Option<i64> = self.connection.prepare_cached(query)?.query_row([number], |row| row.get(0))?;
                first = first.into_iter().chain(own).min();
            }
            let first = first.and_then(Timestamp::from_unix_seconds).filter(|first| *first < whose.before);
            let last = events.first().map(|event| event.at);
            Ok(AccountPast { first, last, days, hours, hosts: sorted(hosts), sources: sorted(sources), events })
        };
        read().at(&self.path)
    }
    /// The newest events of an account.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn events(&self, whose: &Whose, most: usize) -> Result<Vec<PastEvent>, HistoryError> {
        self.numbers(whose).and_then(|numbers| self.events_of(&numbers, whose.before, most)).at(&self.path)
    }
    /// Days on which an account logged on in each hour of the week, in UTC.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn hours(&self, whose: &Whose) -> Result<Option<Box<HourCounts>>, HistoryError> {
        self.numbers(whose).and_then(|numbers| self.hours_of(&numbers, whose.before)).map(|(hours, _)| hours).at(&self.path)
    }
    fn numbers(&self, whose: &Whose) -> rusqlite::Result<Vec<i64>> {
        let mut numbers = Vec::new();
        for name in &whose.names {
            numbers.extend(upkeep::number(&self.connection, name)?);
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }
    fn text(&self, number: i64) -> rusqlite::Result<String> {
        if number == 0 {
            return Ok(String::new());
        }
        let text: String = self.connection.prepare_cached("SELECT text FROM names WHERE id = ?1")?.query_row([number], |row| row.get(0))?;
        Ok(name::text(&text).to_owned())
    }
    fn events_of(&self, numbers: &[i64], before: Timestamp, most: usize) -> rusqlite::Result<Vec<PastEvent>> {
        let mut found = Vec::new();
        let mut newest = self.connection.prepare_cached(
            "SELECT at, fraction, what, outcome, type, host, source, status, record FROM events
             WHERE account = ?1 AND at <= ?2 ORDER BY at DESC, record DESC LIMIT ?3",
        )?;
        for number in numbers {
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let mut rows = newest.query(params![number, before.as_unix_seconds(), most])?;
            while let Some(row) = rows.next()? {
                let (second, fraction): (i64, i64) = (row.get(0)?, row.get(1)?);
                let at = Timestamp::from_ticks(second.saturating_mul(TICKS_PER_SECOND).saturating_add(fraction)).unwrap_or_default();
                if at < before {
                    let record: i64 = row.get(8)?;
                    let event = PastEvent {
                        at,
                        what: self.text(row.get(2)?)?,
                        outcome: outcome_word(row.get(3)?),
                        logon_type: row.get(4)?,
                        host: self.text(row.get(5)?)?,
                        source: self.text(row.get(6)?)?,
                        status: self.text(row.get(7)?)?,
                    };
                    found.push((at, record, event));
                }
            }
        }
        found.sort_unstable_by_key(|(at, record, _)| std::cmp::Reverse((*at, *record)));
        // One record under two names of the account.
        found.dedup_by_key(|(at, record, _)| (*at, *record));
        found.truncate(most);
        Ok(found.into_iter().map(|(_, _, event)| event).collect())
    }
    fn hours_of(&self, numbers: &[i64], before: Timestamp) -> rusqlite::Result<(Option<Box<HourCounts>>, u32)> {
        let today = crate::detect::baseline::seen::day(before);
        let mut masks: BTreeMap<i64, u32> = BTreeMap::new();
        for number in numbers {
            let query = "SELECT day, people | runs FROM hours WHERE account = ?1 AND day < ?2";
            let mut hours = self.connection.prepare_cached(query)?;
            let mut rows = hours.query([*number, today])?;
            while let Some(row) = rows.next()? {
                *masks.entry(row.get(0)?).or_default() |= row.get::<_, u32>(1)?;
            }
        }
        let mut counts: Box<HourCounts> = Box::new([0; 168]);
        for (day, mask) in &masks {
            // 1970-01-01 was a Thursday, day 3 of a week that starts on Monday.
            let weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap_or(0);
            for (hour, count) in counts.iter_mut().skip(weekday * 24).take(24).enumerate() {
                *count += mask >> hour & 1;
            }
        }
        Ok(((!masks.is_empty()).then_some(counts), u32::try_from(masks.len()).unwrap_or(u32::MAX)))
    }
    fn met(&self, holder: i64, before: Timestamp, dimensions: &[Dimension], into: &mut BTreeMap<String, Met>) -> rusqlite::Result<()> {
        let today = crate::detect::baseline::seen::day(before);
        for dimension in dimensions {
            let mut facts = self.connection.prepare_cached(
                "SELECT value, first, last, days FROM facts
                 WHERE holder = ?1 AND dimension = (SELECT id FROM names WHERE text = ?2) AND first < ?3",
            )?;
            let mut rows = facts.query(params![holder, name::dimension(*dimension), before.as_unix_seconds()])?;
            while let Some(row) = rows.next()? {
                let counts = row.get_ref(3)?.as_blob().ok().and_then(days::read).unwrap_or_default();
                let earlier = counts.iter().filter(|(day, _)| *day < today);
                let (mut number, mut newest) = (0, None);
                for (day, _) in earlier {
                    number += 1;
                    newest = newest.max(Some(*day));
                }
                let Some(newest) = newest else { continue };
                let at = |second: i64| Timestamp::from_unix_seconds(second).unwrap_or_default();
                let last: i64 = row.get(2)?;
                let end = (newest + 1).saturating_mul(86_400) - 1;
                let met = Met { name: self.text(row.get(0)?)?, first: at(row.get(1)?), last: at(last.min(end)), days: number };
                match into.get_mut(&met.name) {
                    Some(known) => {
                        (known.first, known.last) = (known.first.min(met.first), known.last.max(met.last));
                        known.days = known.days.max(met.days);
                    }
                    None => drop(into.insert(met.name.clone(), met)),
                }
            }
        }
        Ok(())
    }
}

fn sorted(met: BTreeMap<String, Met>) -> Vec<Met> {
    let mut list: Vec<Met> = met.into_values().collect();
    list.sort_by_key(|met| std::cmp::Reverse(met.last));
    list.truncate(MOST_MET);
    list
}
