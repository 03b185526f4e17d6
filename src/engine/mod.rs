//! The only place that knows all stages, threads and clocks.
//!
//! `Engine` is the pure fold; `flow` reads inputs and feeds it, `replay` feeds it by a clock of its own, `handle` is all
//! that a screen sees of either.

pub mod handle;
