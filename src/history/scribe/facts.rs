//! What baselines learned, as rows: of each value the count of each day, of each day the hours.

use super::super::days::{self, Counts};
use super::super::name;
use super::{SECONDS_A_DAY, Scribe};
use crate::base::intern::Names;
use crate::detect::baseline::past::{LearnedFact, Named};
use crate::detect::baseline::{Value, seen};
use rusqlite::{OptionalExtension as _, params};

impl Scribe {
    pub(super) fn put_facts(&mut self, names: &Names, left: &mut usize) -> rusqlite::Result<()> {
        let now = (*left).min(self.run.learned.facts.len());
        let facts: Vec<LearnedFact> = self.run.learned.facts.drain(..now).collect();
        *left -= now;
        for fact in &facts {
            self.put_fact(fact, names)?;
        }
        let hours = std::mem::take(&mut self.run.learned.hours);
        let mut put = self.connection.prepare_cached(
            "INSERT INTO hours (account, day, people, runs) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (account, day) DO UPDATE SET people = people | excluded.people, runs = runs | excluded.runs
             WHERE people | excluded.people <> people OR runs | excluded.runs <> runs",
        )?;
        let oldest = self.oldest_kept().div_euclid(SECONDS_A_DAY);
        for (account, hours) in hours.into_iter().filter(|(_, hours)| hours.day >= oldest) {
            put.execute(params![self.account(account.index()), hours.day, hours.people, hours.runs])?;
        }
        Ok(())
    }
    fn put_fact(&mut self, fact: &LearnedFact, names: &Names) -> rusqlite::Result<()> {
        let day = seen::day(fact.last_at);
        let (Some(holder), Some(value)) = (self.named(fact.holder, names), self.named(fact.value, names)) else { return Ok(()) };
        if fact.count == 0 || day < self.oldest_kept().div_euclid(SECONDS_A_DAY) {
            return Ok(());
        }
        let connection = &self.connection;
        let holder = self.names.number(connection, &name::write(&holder))?;
        let dimension = self.names.number(connection, &name::dimension(fact.dimension))?;
        let value = self.names.number(connection, &name::write(&value))?;
        let (first, last) = (fact.first_at.as_unix_seconds(), fact.last_at.as_unix_seconds());
        let known: Option<(i64, i64, Vec<u8>)> = connection
            .prepare_cached("SELECT first, last, days FROM facts WHERE holder = ?1 AND dimension = ?2 AND value = ?3")?
            .query_row(params![holder, dimension, value], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let is_known = known.is_some();
        let (mut from, mut to, bytes) = known.unwrap_or((first, last, Vec::new()));
        let mut counts: Counts = days::read(&bytes).unwrap_or_default();
        let grew = days::merge(&mut counts, day, fact.count);
        if is_known && !grew && from <= first && to >= last {
            return Ok(());
        }
        (from, to) = (from.min(first), to.max(last));
        connection
            .prepare_cached("INSERT OR REPLACE INTO facts (holder, dimension, value, first, last, days) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![holder, dimension, value, from, to, days::write(&counts)])?;
        Ok(())
    }
    /// `None` for what has no name: rows of another run.
    fn named(&self, value: Value, names: &Names) -> Option<Named> {
        let key = |table: usize, row: usize| {
            let symbol = self.run.keys.get(table)?.get(row)?;
            Some(names.raw(*symbol).to_owned())
        };
        Some(match value {
            Value::Account(id) => Named::Account(key(0, id.index())?),
            Value::Host(id) => Named::Host(key(1, id.index())?),
            Value::Source(id) => Named::Source(key(2, id.index())?),
            Value::Text(text) => Named::Text(names.raw(text).to_owned()),
            Value::Texts(one, other) => Named::Texts(names.raw(one).to_owned(), names.raw(other).to_owned()),
            Value::Number(number) => Named::Number(number),
            Value::LogonType(logon_type) => Named::LogonType(logon_type),
            Value::Subnet(subnet) => Named::Subnet(subnet),
            Value::Cell(north, east) => Named::Cell(north, east),
            Value::Unmet(..) => return None,
        })
    }
}
