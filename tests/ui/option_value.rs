//! An option says what it takes.

use flowkit::{flow, task};

#[task(retries = "3")]
async fn count() {}

#[task(retries)]
async fn no_value() {}

#[task(tags = "io")]
async fn list() {}

#[task(name = "a/b")]
async fn slash() {}

#[task(cache_key = [inputs, url])]
async fn mixed(url: String) {
    drop(url);
}

#[task(result_storage = "local")]
async fn block() {}

#[flow(concurrency = 0)]
async fn none() {}

#[flow(on_crash = retry)]
async fn word() {}

fn main() {}
