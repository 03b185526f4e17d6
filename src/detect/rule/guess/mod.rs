//! Guessing: passwords, names, tickets.

pub mod fail_burst_then_success;
pub mod password_spray_windows;

use crate::detect::{Entry, entry};

/// Most trusted first.
pub const ALL: &[Entry] = &[entry::<fail_burst_then_success::Rule>(), entry::<password_spray_windows::Rule>()];
