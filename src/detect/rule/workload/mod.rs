//! Workloads and secrets: what runs without people.

pub mod agent_token_path_changed;
pub mod managed_identity_anomaly;
pub mod sp_failure_burst;
pub mod sp_new_country_or_asn;
pub mod stale_workload_credential;
pub mod workload_host_changed;
pub mod workload_secret_changed;
pub mod workload_time_changed;

use crate::detect::{Entry, entry};

/// Most trusted first.
pub const ALL: &[Entry] = &[
    entry::<workload_secret_changed::Rule>(),
    entry::<workload_host_changed::Rule>(),
    entry::<sp_new_country_or_asn::Rule>(),
    entry::<managed_identity_anomaly::Rule>(),
    entry::<agent_token_path_changed::Rule>(),
    entry::<workload_time_changed::Rule>(),
    entry::<sp_failure_burst::Rule>(),
    entry::<stale_workload_credential::Rule>(),
];
