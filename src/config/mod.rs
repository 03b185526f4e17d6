//! Floor 6: the command line and the settings file, as plain values that `run` acts on.

pub mod args;
pub mod settings;
