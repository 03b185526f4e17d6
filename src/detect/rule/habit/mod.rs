//! Accounts that do what they never did, or never should.

pub mod dollar_account_interactive;
pub mod first_seen_host_for_account;
pub mod impossible_travel;
pub mod off_hours_logon;
pub mod service_account_interactive;

use crate::detect::{Entry, entry};

/// Most trusted first.
pub const ALL: &[Entry] = &[
    entry::<service_account_interactive::Rule>(),
    entry::<dollar_account_interactive::Rule>(),
    entry::<impossible_travel::Rule>(),
    entry::<first_seen_host_for_account::Rule>(),
    entry::<off_hours_logon::Rule>(),
];
