//! A flow that dies in the middle, once, and goes on where it was: run this example twice.
//!
//! Every step writes a line into `target/crash/effects.txt`, so that nobody has to believe it.

use std::fs::{self, OpenOptions};
use std::io::Write;

use flowkit::prelude::*;

const EFFECTS: &str = "target/crash/effects.txt";

#[task(run_name = "step-{number}")]
fn step(number: u32) -> std::io::Result<u32> {
    let mut effects = OpenOptions::new().append(true).create(true).open(EFFECTS)?;
    writeln!(effects, "step {number}")?;
    Ok(number * 10)
}

#[flow(on_crash = resume)]
async fn journey() -> anyhow::Result<()> {
    let is_first_start = flowkit::flow_run().run_count() == 1;
    if is_first_start {
        fs::create_dir_all("target/crash")?;
        fs::write(EFFECTS, "")?;
    }

    let mut sum = step(1).await?;
    sum += step(2).await?;

    if is_first_start {
        tracing::warn!("This process dies now, with two of four steps done. Run it again:");
        tracing::warn!("    cargo run --example crash");
        flowkit::log::flush_console();
        std::process::abort();
    }

    sum += step(3).await?;
    sum += step(4).await?;

    let effects = fs::read_to_string(EFFECTS)?;
    anyhow::ensure!(effects == "step 1\nstep 2\nstep 3\nstep 4\n", "effects: {effects:?}");
    anyhow::ensure!(sum == 100, "the sum is {sum}");
    tracing::info!("Each of four steps was done once, by two processes; their sum is {sum}");
    Ok(())
}

#[flowkit::main]
async fn main() -> flowkit::Result<()> {
    journey().await
}
