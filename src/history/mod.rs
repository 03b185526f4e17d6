//! Floor 3: what earlier runs saw, in one database file that survives them.
//!
//! Everything is kept by names (account as `domain\user`, host, source, text), never by numbers of a run, and so that
//! writing the same again changes nothing: a record is one row of `events` whoever read it, a session and an anomaly are
//! what they say, of each value and day the largest count stays. So a log may be opened any number of times.
//!
//! | file | part |
//! |---|---|
//! | `place` | where the file lies unless it is named |
//! | `schema` | what is in it; opening, refusing, migrating |
//! | `name`, `days` | how names and counts by day are written |
//! | `scribe`, `row` | from tables of a run to rows |
//! | `recall` | what baselines knew before a day |
//! | `account` | the past of one account, for its page |
//! | `older`, `older_row` | events page by page, as rows of a run |
//! | `upkeep`, `dump` | stats, prune, verify, export |
//!
//! Only this folder speaks to the database. It reads no clock: retention counts back from the newest event kept.

pub mod account;
mod days;
pub mod dump;
pub mod error;
mod name;
pub mod older;
pub mod older_row;
pub mod place;
pub mod recall;
mod row;
mod schema;
pub mod scribe;
pub mod settings;
pub mod upkeep;

pub use error::HistoryError;
pub use schema::VERSION;
pub use scribe::{Scribe, keeps};
pub use settings::Settings;

use std::path::Path;

/// Looks whether a file can be used as history, without changing it; one that is not there can.
///
/// # Errors
/// It is something else, damaged, or of a newer version.
pub fn check(path: &Path) -> Result<(), HistoryError> {
    schema::inspect(path).map(drop)
}
