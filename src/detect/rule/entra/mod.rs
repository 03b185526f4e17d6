//! Sign-ins to Microsoft Entra ID.

pub mod device_registration_then_prt;
pub mod entra_fail_burst_then_success;
pub mod mfa_fatigue;
pub mod silent_signin_without_parent;
pub mod token_replay_after_device_code;

use crate::detect::{Entry, entry};

/// Most trusted first.
pub const ALL: &[Entry] = &[
    entry::<entra_fail_burst_then_success::Rule>(),
    entry::<token_replay_after_device_code::Rule>(),
    entry::<silent_signin_without_parent::Rule>(),
    entry::<mfa_fatigue::Rule>(),
    entry::<device_registration_then_prt::Rule>(),
];
