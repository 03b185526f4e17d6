//! Floor 6: the command line and the settings file, as plain values that `run` acts on, and what is printed about them.

pub mod args;
pub mod completions;
pub mod help;
pub mod manual;
pub mod settings;
