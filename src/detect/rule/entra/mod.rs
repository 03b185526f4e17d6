//! People who sign in to Microsoft Entra ID.

pub mod anonymous_or_hosting_asn;
pub mod break_glass_signin;
pub mod ca_failure_then_success;
pub mod device_code_first_use;
pub mod disabled_account_entra;
pub mod entra_fail_burst_then_success;
pub mod entra_password_spray;
pub mod entra_user_enumeration;
pub mod guest_anomaly;
pub mod legacy_auth_signin;
pub mod mfa_fatigue;
pub mod mfa_fraud_reported;
pub mod mfa_requirement_dropped;
pub mod new_country;
pub mod noncompliant_device_signin;
pub mod provider_access;
pub mod risk_flag_passed;
pub mod ropc_signin;
pub mod totp_guessing;
pub mod unfamiliar_signin_properties;

use crate::detect::{Entry, entry};

/// Most trusted first.
pub const ALL: &[Entry] = &[
    entry::<break_glass_signin::Rule>(),
    entry::<entra_fail_burst_then_success::Rule>(),
    entry::<entra_password_spray::Rule>(),
    entry::<mfa_fatigue::Rule>(),
    entry::<mfa_fraud_reported::Rule>(),
    entry::<totp_guessing::Rule>(),
    entry::<ca_failure_then_success::Rule>(),
    entry::<risk_flag_passed::Rule>(),
    entry::<unfamiliar_signin_properties::Rule>(),
    entry::<anonymous_or_hosting_asn::Rule>(),
    entry::<legacy_auth_signin::Rule>(),
    entry::<ropc_signin::Rule>(),
    entry::<device_code_first_use::Rule>(),
    entry::<mfa_requirement_dropped::Rule>(),
    entry::<guest_anomaly::Rule>(),
    entry::<provider_access::Rule>(),
    entry::<disabled_account_entra::Rule>(),
    entry::<new_country::Rule>(),
    entry::<noncompliant_device_signin::Rule>(),
    entry::<entra_user_enumeration::Rule>(),
];
