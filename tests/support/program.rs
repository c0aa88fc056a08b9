//! Programs that tests run.

use std::process::Command;

/// Runs a program with that environment, and tells what it wrote, both streams one after the other.
pub(crate) fn run_program(program: &str, environment: &[(&str, String)]) -> String {
    let output = Command::new(program).envs(environment.iter().cloned()).output().expect("started");
    let written = [output.stdout, output.stderr].concat();
    String::from_utf8(written).expect("text")
}
