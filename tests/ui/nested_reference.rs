//! A reference stands first in a parameter's type, without a lifetime and without `mut`.

use std::borrow::Cow;

use flowkit::task;

#[task]
async fn optional(name: Option<&str>) {
    let _ = name;
}

#[task]
async fn listed(names: &[&str]) {
    let _ = names;
}

#[task]
async fn changed(rows: &mut Vec<u8>) {
    rows.clear();
}

#[task]
async fn lasting(name: &'static str) {
    let _ = name;
}

#[task]
async fn either(name: Cow<'_, str>) {
    let _ = name;
}

fn main() {}
