//! A large organisation as a stream of events, with attacks that are known: for measuring detections.
//!
//! `cast` is who and what there is; `life` is what they do on a day; `attack` what is done to them; `record` makes the
//! events as `normalise` would. `stream` brings them into the order of time, one day of one site at most ahead, so that a
//! month of thousands of accounts takes little memory; `measure` feeds them to the detections and compares. Nothing here
//! is derived from the detections: what people, hosts and tenants do is written as it is met in organisations, and each
//! attack as tools leave it. Everything is the same for one seed.
//!
//! Seeds 1 to 9 are for work on detections. From 100 on they are for measuring what was not tuned to.
//!
//! `organisation` beside it is the other generator: few people, every record as text, for the truth of sessions.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, clippy::cast_possible_wrap)]

pub mod attack;
pub mod cast;
pub mod clock;
pub mod cloud;
#[path = "../organisation/dice.rs"]
pub mod dice;
pub mod life;
pub mod measure;
pub mod places;
pub mod record;
pub mod stream;

/// Milliseconds since 1970.
pub type Moment = i64;

pub const SECOND: Moment = 1_000;
pub const MINUTE: Moment = 60 * SECOND;
pub const HOUR: Moment = 60 * MINUTE;
pub const DAY: Moment = 24 * HOUR;

/// How much there is of it.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Accounts of people, administrators, services, workloads and guests together; computers come on top.
    pub accounts: usize,
    pub days: i64,
    pub seed: u64,
    /// Instances of each kind of attack.
    pub attacks: usize,
}
