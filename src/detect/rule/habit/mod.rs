//! Accounts that do what they never did, or never should.

pub mod anothers_computer;
pub mod builtin_identity_misuse;
pub mod dc_interactive_non_tier0;
pub mod dollar_account_interactive;
pub mod dormant_account_woke;
mod few;
pub mod first_admin_logon;
pub mod first_seen_host_for_account;
pub mod guest_or_default_logon;
pub mod impossible_travel;
pub mod local_account_from_network;
pub mod many_sources_one_account;
pub mod new_account_used_fast;
pub mod no_business_reason_host;
pub mod off_hours_logon;
mod place;
pub mod remote_management_first_seen;
pub mod reset_then_logon;
pub mod retired_identity_active;
pub mod runas_to_privileged;
pub mod service_account_interactive;

use crate::detect::{Entry, entry};

/// Most trusted first.
pub const ALL: &[Entry] = &[
    entry::<service_account_interactive::Rule>(),
    entry::<dollar_account_interactive::Rule>(),
    entry::<builtin_identity_misuse::Rule>(),
    entry::<dc_interactive_non_tier0::Rule>(),
    entry::<guest_or_default_logon::Rule>(),
    entry::<impossible_travel::Rule>(),
    entry::<new_account_used_fast::Rule>(),
    entry::<retired_identity_active::Rule>(),
    entry::<reset_then_logon::Rule>(),
    entry::<no_business_reason_host::Rule>(),
    entry::<anothers_computer::Rule>(),
    entry::<local_account_from_network::Rule>(),
    entry::<first_seen_host_for_account::Rule>(),
    entry::<first_admin_logon::Rule>(),
    entry::<many_sources_one_account::Rule>(),
    entry::<dormant_account_woke::Rule>(),
    entry::<runas_to_privileged::Rule>(),
    entry::<remote_management_first_seen::Rule>(),
    entry::<off_hours_logon::Rule>(),
];
