//! The program `reverify`: see the library's documentation for how it works.

use std::process::ExitCode;

fn main() -> ExitCode {
    reverify::cli::main(std::env::args_os())
}
