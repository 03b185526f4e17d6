//! The detections, one file each. Their order and registration is `DETECTORS`.

pub mod device_registration_then_prt;
pub mod dollar_account_interactive;
pub mod entra_fail_burst_then_success;
pub mod fail_burst_then_success;
pub mod first_seen_host_for_account;
pub mod impossible_travel;
pub mod log_cleared_in_session;
pub mod machine_account_wrong_ip;
pub mod mfa_fatigue;
pub mod off_hours_logon;
pub mod pass_the_hash_target;
pub mod password_spray_windows;
pub mod rdp_loopback_tunnel;
pub mod rdp_session_hijack;
pub mod service_account_interactive;
pub mod silent_signin_without_parent;
pub mod token_replay_after_device_code;
pub mod workload_host_changed;
pub mod workload_secret_changed;
