//! Workloads and secrets: what runs without people.

pub mod workload_host_changed;
pub mod workload_secret_changed;

use crate::detect::{Entry, entry};

/// Most trusted first.
pub const ALL: &[Entry] = &[entry::<workload_secret_changed::Rule>(), entry::<workload_host_changed::Rule>()];
