//! logonscope: who logged on where, as an instrument.
//!
//! # Map
//!
//! ```text
//! source --blocks--> decode --fields--> normalise --AuthEvent--> engine: order > session > detect > store --Arc<Snapshot>--> ui / export
//! ```
//!
//! Floors: a module imports only from lower floors and from its own folder; modules of one floor do not know each
//! other. `tests/structure.rs` holds it.
//!
//! | floor | modules |
//! |---|---|
//! | 0 | `base`: time, interned text, cleaning, addresses, containers with cheap clones |
//! | 1 | `model`: the nouns |
//! | 2 | `source` finds and watches inputs; `decode` turns bytes into fields; `normalise` fields into events; `session` events into sessions; `detect` both into anomalies; `query` is the filter language; `casefile` what people decided |
//! | 3 | `store`: what screens read: snapshot, densities, session index, paths; `history`: what earlier runs saw, in a database |
//! | 4 | `engine`: order, threads, clocks, replay; `export`: tables, JSON, CSV |
//! | 5 | `ui` |
//! | 6 | `config`: the command line |
//! | 7 | `run` |
//!
//! The engine is a pure fold: live, replay, report and tests call the same `Engine::apply`, so the same events give the
//! same sessions and anomalies.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

// Worlds made for the tests of screens name the crate from outside; tests inside it use them too.
#[cfg(test)]
extern crate self as logonscope;

pub mod base;
pub mod casefile;
pub mod config;
pub mod decode;
pub mod detect;
pub mod engine;
pub mod export;
pub mod history;
pub mod model;
pub mod normalise;
pub mod query;
pub mod run;
pub mod session;
pub mod source;
pub mod store;
pub mod ui;
