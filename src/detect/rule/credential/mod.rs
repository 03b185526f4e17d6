//! Credentials used in the wrong way: hashes, tickets, relays, and paths made of them.

pub mod machine_account_wrong_ip;
pub mod pass_the_hash_target;

use crate::detect::{Entry, entry};

/// Most trusted first.
pub const ALL: &[Entry] = &[entry::<machine_account_wrong_ip::Rule>(), entry::<pass_the_hash_target::Rule>()];
