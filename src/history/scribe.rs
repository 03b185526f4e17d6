//! Writes down what a run saw: new events, changed sessions and anomalies, and what baselines learned.
//!
//! It reads the tables of the run from where it stopped, so nothing has to wait for it and nothing is copied for it; what
//! it writes is put in steps, each one transaction. A step that fails is undone as a whole, and the scribe is of no use
//! any more: the next run writes what is missing.

mod facts;
mod sessions;

use super::error::{At as _, HistoryError};
use super::row::{Records, outcome};
use super::settings::Settings;
use super::{name, schema};
use crate::base::intern::{Names, Symbol};
use crate::base::time::{TICKS_PER_SECOND, Timestamp};
use crate::detect::baseline::past::Learned;
use crate::model::account::AccountClass;
use crate::model::anomaly::Anomaly;
use crate::model::event::{AuthEvent, EventKind};
use crate::model::ids::VisitId;
use crate::model::world::{Row, Tables};
use rusqlite::{Connection, OptionalExtension as _, params};
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) const SECONDS_A_DAY: i64 = 86_400;

/// Names that are remembered with their numbers; beyond, all are looked up anew.
const NAMES_KNOWN: usize = 1 << 18;

/// The numbers of names in the file.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    known: FxHashMap<String, i64>,
}

impl Dictionary {
    pub fn number(&mut self, connection: &Connection, text: &str) -> rusqlite::Result<i64> {
        if let Some(known) = self.known.get(text) {
            return Ok(*known);
        }
        let there = connection.prepare_cached("SELECT id FROM names WHERE text = ?1")?.query_row([text], |row| row.get(0)).optional()?;
        let number = match there {
            Some(number) => number,
            None => connection.prepare_cached("INSERT INTO names (text) VALUES (?1) RETURNING id")?.query_row([text], |row| row.get(0))?,
        };
        if self.known.len() >= NAMES_KNOWN {
            self.known.clear();
        }
        self.known.insert(text.to_owned(), number);
        Ok(number)
    }
}

/// What was read and handed over of one run.
#[derive(Debug, Default)]
struct Run {
    epoch: u64,
    /// The next event to be written.
    event: usize,
    /// Names of accounts, hosts and sources by row, and their numbers in the file.
    keys: [Vec<Symbol>; 3],
    numbers: [Vec<i64>; 3],
    records: Records,
    /// Numbers of what events are, by event id, category and code.
    words: FxHashMap<(u32, u8, u32), (i64, i64)>,
    learned: Learned,
    visits: Vec<VisitId>,
    /// Where open sessions stand in the file: their bounds may still change.
    open: FxHashMap<VisitId, (i64, i64, i64)>,
    anomalies: Vec<Arc<Anomaly>>,
    /// Of accounts, as written.
    accounts: Vec<(Symbol, AccountClass)>,
}

/// What was written so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows that were new.
    pub events: u64,
    /// Events that are older than what is kept.
    pub too_old: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Scribe {
    path: PathBuf,
    connection: Connection,
    settings: Settings,
    names: Dictionary,
    /// Second of the newest event in the file.
    newest: Option<i64>,
    run: Run,
    written: Written,
}

/// One event on its way.
struct EventRow {
    account: i64,
    at: i64,
    record: i64,
    fraction: i64,
    host: i64,
    source: i64,
    what: i64,
    outcome: i64,
    kind: Option<u8>,
    status: i64,
}

/// Whether a history keeps it: a record that tells of a logon of somebody.
#[must_use]
pub fn keeps(row: &Row) -> bool {
    row.account.is_some() && row.event.kind != EventKind::Other
}

/// `4624`, or the category of a sign-in.
fn what(event: &AuthEvent) -> (u8, String) {
    match event.entra.as_deref() {
        Some(sign_in) => (sign_in.category as u8 + 1, format!("e:{}", sign_in.category.name())),
        None => (0, format!("e:{}", event.event_id)),
    }
}

impl Scribe {
    /// Opens the history for writing, and makes it where there is none.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn open(path: &Path, settings: Settings) -> Result<Self, HistoryError> {
        let connection = schema::open(path)?;
        let newest = super::upkeep::newest(&connection).at(path)?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            settings,
            names: Dictionary::default(),
            newest,
            run: Run::default(),
            written: Written::default(),
        })
    }
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
    #[must_use]
    pub const fn written(&self) -> Written {
        self.written
    }
    pub(super) const fn parts(&self) -> (&Connection, &Settings) {
        (&self.connection, &self.settings)
    }
    /// Takes over what a run learned and which sessions changed. A run that began anew has another epoch.
    pub fn hand(&mut self, epoch: u64, learned: Learned, visits: Vec<VisitId>) {
        if self.run.epoch != epoch {
            self.run = Run { epoch, ..Run::default() };
        }
        let run = &mut self.run;
        run.learned.facts.extend(learned.facts);
        run.learned.hours.extend(learned.hours);
        for (keys, more) in run.keys.iter_mut().zip(learned.keys) {
            keys.extend(more);
        }
        run.visits.extend(visits);
    }
    /// The run that is written, and its first row that is not written yet.
    #[must_use]
    pub const fn reached(&self) -> (u64, usize) {
        (self.run.epoch, self.run.event)
    }
    /// The file keeps nothing older.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        Timestamp::from_unix_seconds(self.oldest_kept())
    }
    /// Events of these tables that are still to be written.
    #[must_use]
    pub fn left(&self, tables: &Tables) -> usize {
        tables.events.len().saturating_sub(self.run.event)
    }
    /// Writes the next `rows` rows; says whether everything is written now. `is_settled`: what is read is whole, so that
    /// what only the whole tells (classes) can be written.
    ///
    /// # Errors
    /// The file cannot be written; nothing of this step is in it.
    pub fn step(&mut self, tables: &Tables, names: &Names, rows: usize, is_settled: bool) -> Result<bool, HistoryError> {
        self.connection.execute_batch("BEGIN IMMEDIATE").at(&self.path)?;
        let done = self.put(tables, names, rows, is_settled);
        let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.connection.execute_batch(end);
        let done = done.at(&self.path)?;
        ended.at(&self.path)?;
        Ok(done)
    }
    fn put(&mut self, tables: &Tables, names: &Names, rows: usize, is_settled: bool) -> rusqlite::Result<bool> {
        self.number_keys(names)?;
        let mut left = rows;
        self.put_facts(names, &mut left)?;
        self.put_events(tables, names, &mut left)?;
        if self.left(tables) > 0 || !self.run.learned.facts.is_empty() {
            return Ok(false);
        }
        self.put_sessions(tables, &mut left)?;
        self.put_anomalies(tables, names)?;
        if is_settled {
            self.put_accounts(tables, names)?;
        }
        Ok(self.run.visits.is_empty())
    }
    /// Gives numbers to names that are new.
    fn number_keys(&mut self, names: &Names) -> rusqlite::Result<()> {
        let forms: [fn(&str) -> String; 3] = [name::account, name::host, name::source];
        for ((keys, numbers), form) in self.run.keys.iter().zip(&mut self.run.numbers).zip(forms) {
            for key in keys.iter().skip(numbers.len()) {
                numbers.push(self.names.number(&self.connection, &form(names.raw(*key)))?);
            }
        }
        for number in self.run.numbers.first().into_iter().flatten().skip(self.run.accounts.len()) {
            self.connection.prepare_cached("INSERT OR IGNORE INTO accounts (name, sid) VALUES (?1, '')")?.execute([number])?;
            self.run.accounts.push((Symbol::NONE, AccountClass::Unknown));
        }
        Ok(())
    }
    /// The number of an account's, a host's or a source's name; 0 for none.
    fn account(&self, row: usize) -> i64 {
        self.run.numbers.first().and_then(|numbers| numbers.get(row)).copied().unwrap_or(0)
    }
    fn host(&self, row: usize) -> i64 {
        self.run.numbers.get(1).and_then(|numbers| numbers.get(row)).copied().unwrap_or(0)
    }
    fn source(&self, row: usize) -> i64 {
        self.run.numbers.get(2).and_then(|numbers| numbers.get(row)).copied().unwrap_or(0)
    }
    /// The first second that is kept.
    fn oldest_kept(&self) -> i64 {
        self.newest.map_or(i64::MIN, |newest| newest.saturating_sub(i64::from(self.settings.keep_days) * SECONDS_A_DAY))
    }
    fn put_events(&mut self, tables: &Tables, names: &Names, left: &mut usize) -> rusqlite::Result<()> {
        let mut list = Vec::with_capacity((*left).min(self.left(tables)));
        // Whoever lets rows go waits for this number; were it not so, they are not counted as written.
        self.run.event = self.run.event.max(tables.events.first_kept());
        for row in tables.events.iter_from(self.run.event).take(*left) {
            self.run.event += 1;
            // Its name comes with the next hand-over.
            if row.account.is_some() && row.account.index() >= self.run.numbers.first().map_or(0, Vec::len) {
                self.run.event -= 1;
                break;
            }
            if keeps(&row) {
                let event = self.event(&row, names)?;
                list.push(event);
            }
        }
        *left = left.saturating_sub(list.len());
        self.newest = self.newest.max(list.iter().map(|event| event.at).max());
        let oldest = self.oldest_kept();
        let all = list.len();
        list.retain(|event| event.at >= oldest);
        self.written.too_old += (all - list.len()) as u64;
        // Neighbours in the file are written one after the other.
        list.sort_unstable_by_key(|event| (event.account, event.at, event.record));
        let mut insert = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO events (account, at, record, fraction, host, source, what, outcome, type, status)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        for event in list {
            let EventRow { account, at, record, fraction, host, source, what, outcome, kind, status } = event;
            let new = insert.execute(params![account, at, record, fraction, host, source, what, outcome, kind, status])?;
            self.written.events += new as u64;
        }
        Ok(())
    }
    fn event(&mut self, row: &Row, names: &Names) -> rusqlite::Result<EventRow> {
        let event = &row.event;
        let (category, _) = what(event);
        let word = (event.event_id, category, event.status.code);
        let (what, status) = match self.run.words.get(&word) {
            Some(known) => *known,
            None => {
                let what = self.names.number(&self.connection, &what(event).1)?;
                let status = if event.status.is_some() {
                    self.names.number(&self.connection, &format!("c:{}", event.status.code_text()))?
                } else {
                    0
                };
                self.run.words.insert(word, (what, status));
                (what, status)
            }
        };
        let key = self.run.keys.first().and_then(|keys| keys.get(row.account.index())).copied().unwrap_or_default();
        Ok(EventRow {
            account: self.account(row.account.index()),
            at: event.at.as_unix_seconds(),
            record: self.run.records.number(event, names.raw(key), names),
            fraction: event.at.as_ticks().rem_euclid(TICKS_PER_SECOND),
            host: self.host(row.host.index()),
            source: self.source(row.source.index()),
            what,
            outcome: outcome(event.outcome),
            kind: event.logon_type.number(),
            status,
        })
    }
    /// SIDs and classes, which may change while a run learns more.
    fn put_accounts(&mut self, tables: &Tables, names: &Names) -> rusqlite::Result<()> {
        let numbers = self.run.numbers.first().map(Vec::as_slice).unwrap_or_default();
        for ((account, number), written) in tables.accounts.iter().zip(numbers).zip(&mut self.run.accounts) {
            let now = (account.sid, account.class);
            if *written == now {
                continue;
            }
            *written = now;
            let (sid, class) = (names.raw(account.sid).to_lowercase(), account.class.word());
            self.connection
                .prepare_cached(
                    "UPDATE accounts SET sid = CASE WHEN ?2 = '' THEN sid ELSE ?2 END, class = ?3
                     WHERE name = ?1 AND (class <> ?3 OR (?2 <> '' AND sid <> ?2))",
                )?
                .execute(params![number, sid, class])?;
        }
        Ok(())
    }
}
