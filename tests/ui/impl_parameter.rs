//! A parameter's type has a name, and a trait object an owner.

use std::fmt::Debug;

use flowkit::task;

#[task]
async fn print(text: impl Into<String>) {
    let _: String = text.into();
}

#[task]
async fn show(#[resource] what: &dyn Debug) {
    let _ = what;
}

fn main() {}
