//! A task returns a type that has a name and owns what it holds.

use flowkit::task;

#[task]
async fn count() -> impl Iterator<Item = u8> {
    0..3
}

#[task]
async fn first(name: &str) -> Option<&str> {
    name.split(' ').next()
}

fn main() {}
