//! A parameter is an input, an input with a default, or a resource.

use flowkit::task;

#[task]
async fn shared(#[resource(shared)] client: String) {
    let _ = client;
}

#[task]
async fn defaulted(#[default] limit: u32) {
    let _ = limit;
}

#[task]
async fn both(
    #[resource]
    #[default(3)]
    limit: u32,
) {
    let _ = limit;
}

fn main() {}
