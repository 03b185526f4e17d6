//! What is in the file; opening, refusing, migrating.
//!
//! A file is looked at as bytes before SQLite sees it, so that one which is something else stays as it is, byte for byte.
//! A new file is made whole beside its place and put there in one step: whatever ends the program, there is a history or
//! there is none. Journalling is WAL: readers never wait, two programs write in turns, and `kill -9` at any moment leaves
//! what was committed.

use super::error::{At as _, HistoryError};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `LSCP`, in the header of the file.
const APPLICATION: i32 = 0x4c53_4350;

/// What brings an empty file to version 1, one of version 1 to version 2, and so on.
const STEPS: [&str; 2] = [VERSION_1, VERSION_2];

/// Of the file as this program writes it.
pub const VERSION: i32 = STEPS.len() as i32;

/// Events stand by account and time: the newest of an account are neighbours, and new ones of a log of all accounts touch
/// one page for each account. Times are in seconds, `fraction` in 100 ns; `record` is a number made of what makes a record
/// one (`row`). Days count from 1970.
const VERSION_1: &str = "
CREATE TABLE names (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE accounts (name INTEGER PRIMARY KEY, sid TEXT NOT NULL) STRICT;
CREATE TABLE events (
    account INTEGER NOT NULL, at INTEGER NOT NULL, record INTEGER NOT NULL, fraction INTEGER NOT NULL,
    host INTEGER NOT NULL, source INTEGER NOT NULL, what INTEGER NOT NULL, outcome INTEGER NOT NULL,
    type INTEGER, status INTEGER NOT NULL,
    PRIMARY KEY (account, at, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
    account INTEGER NOT NULL, start INTEGER NOT NULL, session INTEGER NOT NULL, host INTEGER NOT NULL, source INTEGER NOT NULL,
    lane INTEGER NOT NULL, start_quality TEXT NOT NULL, stop INTEGER, reason TEXT NOT NULL, logons INTEGER NOT NULL,
    PRIMARY KEY (account, start, session)
) STRICT, WITHOUT ROWID;
CREATE TABLE anomalies (
    at INTEGER NOT NULL, anomaly INTEGER NOT NULL, detection TEXT NOT NULL, severity TEXT NOT NULL, score INTEGER NOT NULL,
    subject TEXT NOT NULL, why TEXT NOT NULL, records INTEGER NOT NULL,
    PRIMARY KEY (at, anomaly)
) STRICT, WITHOUT ROWID;
CREATE TABLE anomalies_of (account INTEGER NOT NULL, at INTEGER NOT NULL, anomaly INTEGER NOT NULL, PRIMARY KEY (account, at, anomaly)) STRICT, WITHOUT ROWID;
CREATE TABLE facts (
    holder INTEGER NOT NULL, dimension INTEGER NOT NULL, value INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, days BLOB NOT NULL,
    PRIMARY KEY (holder, dimension, value)
) STRICT, WITHOUT ROWID;
CREATE TABLE hours (account INTEGER NOT NULL, day INTEGER NOT NULL, people INTEGER NOT NULL, runs INTEGER NOT NULL, PRIMARY KEY (account, day)) STRICT, WITHOUT ROWID;
";

/// The class of accounts: shares among peers count accounts that were not met yet too.
const VERSION_2: &str = "ALTER TABLE accounts ADD COLUMN class TEXT NOT NULL DEFAULT '';";

const TABLES: [&str; 8] = ["names", "accounts", "events", "sessions", "anomalies", "anomalies_of", "facts", "hours"];

/// How long one program waits while another writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Nothing,
    /// A history, of this version.
    History(i32),
}

fn number<const N: usize>(head: &[u8], place: usize) -> [u8; N] {
    head.get(place..place + N).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N])
}

/// Looks at the bytes of a file.
///
/// # Errors
/// It is something else, cut off, or of a newer version.
pub fn inspect(path: &Path) -> Result<Found, HistoryError> {
    let foreign = |reason| Err(HistoryError::Foreign { path: path.to_owned(), reason });
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(HistoryError::io(path, &error)),
    };
    let length = match file.metadata() {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(_) => return foreign("it is no file"),
        Err(error) => return Err(HistoryError::io(path, &error)),
    };
    if length == 0 {
        return Ok(Found::Nothing);
    }
    let mut head = Vec::new();
    file.by_ref().take(100).read_to_end(&mut head).map_err(|error| HistoryError::io(path, &error))?;
    if head.len() < 100 || !head.starts_with(b"SQLite format 3\0") {
        return foreign("it is no database");
    }
    if i32::from_be_bytes(number(&head, 68)) != APPLICATION {
        return foreign("another program made this database");
    }
    let version = i32::from_be_bytes(number(&head, 60));
    if version > VERSION {
        return Err(HistoryError::Newer { path: path.to_owned(), version });
    }
    let damaged = |problem: &str| Err(HistoryError::Damaged { path: path.to_owned(), problem: problem.to_owned() });
    if version < 1 {
        return damaged("its header states no version");
    }
    let page = match u16::from_be_bytes(number(&head, 16)) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u64::from(u32::from_be_bytes(number(&head, 28)));
    // What is missing may stand in the log that is written ahead.
    let has_log = std::fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0);
    if length < pages.saturating_mul(page) && !has_log {
        return damaged("it is shorter than its header says");
    }
    Ok(Found::History(version))
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, HistoryError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).at(path)?;
    connection.busy_timeout(PATIENCE).at(path)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Makes a history where none is.
fn create(path: &Path) -> Result<(), HistoryError> {
    let io = |error: std::io::Error| HistoryError::io(path, &error);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    let new = beside(path, &format!(".new-{}", std::process::id()));
    let _ = std::fs::remove_file(&new); // left by an earlier program of that number
    let made = begin(&new).at(path);
    let placed = made.and_then(|()| match std::fs::hard_link(&new, path) {
        Ok(()) => Ok(()),
        // Another program was faster, or a file without a byte stands there.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => match std::fs::metadata(path) {
            Ok(there) if there.len() > 0 => Ok(()),
            _ => std::fs::rename(&new, path).map_err(io),
        },
        // File systems without links.
        Err(_) => std::fs::rename(&new, path).map_err(io),
    });
    let _ = std::fs::remove_file(&new); // it was renamed, or has its other name now
    placed
}

fn begin(path: &Path) -> rusqlite::Result<()> {
    let mut connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;")?;
    let step = connection.transaction()?;
    step.execute_batch(&format!("PRAGMA application_id = {APPLICATION};"))?;
    migrate(&step, 0)?;
    step.commit()?;
    keep_private(path);
    connection.close().map_err(|(_, error)| error)
}

/// Who logged on where is nobody else's business. SQLite gives the files beside it the same rights.
fn keep_private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // A file system without rights has none to give.
        let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
    }
    #[cfg(not(unix))]
    let _ = path;
}

fn migrate(transaction: &Transaction<'_>, from: i32) -> rusqlite::Result<()> {
    for step in STEPS.iter().skip(usize::try_from(from).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.execute_batch(&format!("PRAGMA user_version = {VERSION};"))
}

fn version(connection: &Connection) -> rusqlite::Result<i32> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn has_tables(connection: &Connection, path: &Path) -> Result<(), HistoryError> {
    for table in TABLES {
        let known: bool = connection
            .query_row("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1", [table], |row| row.get(0))
            .at(path)?;
        if !known {
            return Err(HistoryError::Damaged { path: path.to_owned(), problem: format!("the table {table} is missing") });
        }
    }
    Ok(())
}

/// Opens a history for writing; makes it where there is none, and brings an older one to this version.
///
/// # Errors
/// The file is something else, damaged, newer, or cannot be written.
pub fn open(path: &Path) -> Result<Connection, HistoryError> {
    if inspect(path)? == Found::Nothing {
        create(path)?;
    }
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    has_tables(&connection, path)?;
    connection
        .execute_batch(
            "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; PRAGMA trusted_schema = OFF; PRAGMA wal_autocheckpoint = 8000;",
        )
        .at(path)?;
    if version(&connection).at(path)? < VERSION {
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate).at(path)?;
        // Another program may have done it meanwhile.
        let from = version(&step).at(path)?;
        if from < VERSION {
            migrate(&step, from).at(path)?;
        }
        step.commit().at(path)?;
        // The version in the header is looked at before the log is read.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).at(path)?;
    }
    match version(&connection).at(path)? {
        VERSION => Ok(connection),
        version => Err(HistoryError::Newer { path: path.to_owned(), version }),
    }
}

/// Opens a history that is there, to read it.
///
/// # Errors
/// There is none, or it cannot be used.
pub fn open_to_read(path: &Path) -> Result<Connection, HistoryError> {
    match inspect(path)? {
        Found::Nothing => return Err(HistoryError::Absent { path: path.to_owned() }),
        // Queries are of this version.
        Found::History(version) if version < VERSION => drop(open(path)?),
        Found::History(_) => {}
    }
    // Writable as a file: a reader of a log that is written ahead keeps its place in a file beside it.
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;").at(path)?;
    has_tables(&connection, path)?;
    Ok(connection)
}

#[cfg(test)]
mod tests;
