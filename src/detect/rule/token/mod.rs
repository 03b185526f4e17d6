//! Tokens and sessions of Microsoft Entra ID: what goes on after somebody signed in.

pub mod app_first_for_user_silent;
mod device;
pub mod device_registration_then_prt;
pub mod entra_windows_mismatch;
pub mod session_from_several_places;
pub mod silent_signin_while_away;
pub mod silent_signin_without_parent;
pub mod token_after_revocation;
pub mod token_replay_after_device_code;

use crate::detect::{Entry, entry};

/// Most trusted first.
pub const ALL: &[Entry] = &[
    entry::<token_replay_after_device_code::Rule>(),
    entry::<device_registration_then_prt::Rule>(),
    entry::<session_from_several_places::Rule>(),
    entry::<token_after_revocation::Rule>(),
    entry::<silent_signin_without_parent::Rule>(),
    entry::<silent_signin_while_away::Rule>(),
    entry::<app_first_for_user_silent::Rule>(),
    entry::<entra_windows_mismatch::Rule>(),
];
