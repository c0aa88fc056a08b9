//! The flowkit command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    flowkit_cli::run()
}
