//! Desktops and RDP, and the log itself: what happens to sessions, clocks and audit.

pub mod audit_gap;
pub mod cached_credential_logon;
pub mod cached_pool_over_limit;
pub mod concurrent_desktops;
mod contact;
pub mod inactivity_lock_missing;
pub mod log_cleared_in_session;
mod open;
pub mod rdp_first_seen_source;
pub mod rdp_from_public_ip;
pub mod rdp_loopback_tunnel;
pub mod rdp_session_hijack;
pub mod restricted_admin_change;
pub mod session_open_too_long;
pub mod time_changed_in_session;
pub mod unattended_session_over_limit;

use crate::detect::{Entry, entry};

/// Most trusted first.
pub const ALL: &[Entry] = &[
    entry::<rdp_session_hijack::Rule>(),
    entry::<rdp_loopback_tunnel::Rule>(),
    entry::<log_cleared_in_session::Rule>(),
    entry::<rdp_from_public_ip::Rule>(),
    entry::<time_changed_in_session::Rule>(),
    entry::<restricted_admin_change::Rule>(),
    entry::<audit_gap::Rule>(),
    entry::<cached_credential_logon::Rule>(),
    entry::<rdp_first_seen_source::Rule>(),
    entry::<concurrent_desktops::Rule>(),
    entry::<session_open_too_long::Rule>(),
    entry::<unattended_session_over_limit::Rule>(),
    entry::<inactivity_lock_missing::Rule>(),
    entry::<cached_pool_over_limit::Rule>(),
];
