//! A program that dies where it is told to: `flowkit-journey EFFECTS PLACE`.
//!
//! Every step writes a line to the file of effects when it is done and another one when its call
//! has returned, so that a test can count what was done twice although it was kept.

use std::fs::OpenOptions;
use std::io::Write;

use flowkit::prelude::*;

fn note(line: &str) {
    let path = std::env::args().nth(1).expect("a file for the effects");
    let file = OpenOptions::new().append(true).create(true).open(path);
    // One write a line, so that lines of steps that run at once do not mix.
    file.expect("opened").write_all(format!("{line}\n").as_bytes()).expect("written");
}

#[task]
async fn step(n: u32) -> u32 {
    note(&format!("done {n}"));
    n
}

async fn kept(n: u32) -> flowkit::Result<u32> {
    let value = step(n).await?;
    note(&format!("kept {n}"));
    Ok(value)
}

#[flow]
async fn inner() -> flowkit::Result<u32> {
    Ok(kept(20).await? + kept(21).await?)
}

#[flow(on_crash = resume)]
async fn journey() -> flowkit::Result<u32> {
    let mut sum = kept(0).await? + kept(1).await?;
    sum += (10..14).map(step).gather().await?.into_iter().sum::<u32>();
    (10..14).for_each(|n| note(&format!("kept {n}")));
    let background = step(2).submit();
    sum += inner().await?;
    note("kept inner");
    sum += background.await?;
    note("kept 2");
    Ok(sum)
}

#[flowkit::main]
async fn main() -> flowkit::Result<()> {
    let place = std::env::args().nth(2).and_then(|place| place.parse().ok());
    flowkit::testing::die_at_write(place.unwrap_or(0));
    let sum = journey().await?;
    note(&format!("sum {sum}"));
    Ok(())
}
