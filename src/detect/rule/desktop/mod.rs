//! Desktops and RDP, and the log itself: what happens to sessions, clocks and audit.

pub mod log_cleared_in_session;
pub mod rdp_loopback_tunnel;
pub mod rdp_session_hijack;

use crate::detect::{Entry, entry};

/// Most trusted first.
pub const ALL: &[Entry] =
    &[entry::<rdp_session_hijack::Rule>(), entry::<rdp_loopback_tunnel::Rule>(), entry::<log_cleared_in_session::Rule>()];
