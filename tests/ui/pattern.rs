//! A parameter has a plain name.

use flowkit::task;

#[task]
async fn sum((a, b): (u8, u8)) -> u8 {
    a + b
}

#[task]
async fn ignore(_: u8) {}

#[task]
async fn whole(all @ (_, _): (u8, u8)) -> (u8, u8) {
    all
}

fn main() {}
