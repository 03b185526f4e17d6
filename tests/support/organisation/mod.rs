//! An organisation whose true sessions are known: people with shifts, their desktops, servers, services and restarts, for
//! some weeks, and the records that this leaves, as collectors would bring them.
//!
//! `sim` runs the days; `people` decides who does what when; `desktop`, `remote`, `network` and `machine` know which
//! records each deed leaves (reference, sections 6 and 7); `power` switches hosts off and on; `truth` keeps what really
//! happened; `arrival` is what collectors make of the records. Everything is the same for one seed.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod arrival;
pub mod controller;
pub mod desktop;
pub mod dice;
pub mod host;
pub mod logon;
pub mod machine;
pub mod network;
pub mod people;
pub mod power;
pub mod record;
pub mod remote;
pub mod sim;
pub mod truth;

/// Milliseconds since 1970.
pub type Moment = i64;

pub const SECOND: Moment = 1_000;
pub const MINUTE: Moment = 60 * SECOND;
pub const HOUR: Moment = 60 * MINUTE;
pub const DAY: Moment = 24 * HOUR;

/// 2026-03-02T00:00:00Z, a Monday.
pub const BEGIN: Moment = 1_772_409_600_000;

/// How much there is of it.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub people: usize,
    pub days: i64,
    /// Desktops locked and opened again by one person on one day.
    pub breaks: i64,
    /// Times one person reaches for a file server on one day.
    pub errands: i64,
}

impl Scale {
    pub const SMALL: Self = Self { people: 24, days: 9, breaks: 3, errands: 5 };
    pub const MONTH: Self = Self { people: 120, days: 30, breaks: 1, errands: 2 };
}
