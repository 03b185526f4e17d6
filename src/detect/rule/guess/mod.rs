//! Guessing: passwords, names, tickets.

pub mod anonymous_network_logon;
pub mod disabled_account_attempt;
pub mod fail_burst_then_success;
pub mod kerberos_preauth_spray;
pub mod lockout_storm;
pub mod password_spray_windows;
pub mod rdp_guessing;
pub mod refused_by_policy;
pub mod run;
pub mod user_enumeration;

use crate::detect::{Entry, entry};

/// Most trusted first.
pub const ALL: &[Entry] = &[
    entry::<fail_burst_then_success::Rule>(),
    entry::<password_spray_windows::Rule>(),
    entry::<kerberos_preauth_spray::Rule>(),
    entry::<lockout_storm::Rule>(),
    entry::<rdp_guessing::Rule>(),
    entry::<user_enumeration::Rule>(),
    entry::<disabled_account_attempt::Rule>(),
    entry::<refused_by_policy::Rule>(),
    entry::<anonymous_network_logon::Rule>(),
];
