//! Floor 6: the command line and the settings file, as plain values that `run` acts on, and what is printed about them.

mod again;
pub mod args;
pub mod command;
pub mod completions;
pub mod help;
pub mod listen;
pub mod look;
pub mod manual;
pub mod settings;
mod value;
