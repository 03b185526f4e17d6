//! `logonscope`: see the library for the map.

use std::process::ExitCode;

fn main() -> ExitCode {
    logonscope::run::main(std::env::args_os())
}
