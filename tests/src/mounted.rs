//! The command line as a user's own binary mounts it.

use std::process::ExitCode;

fn main() -> ExitCode {
    flowkit_cli::run()
}
