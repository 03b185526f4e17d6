//! Floor 6: the command line, as plain values that `run` acts on.

pub mod args;
