//! An option that does nothing alone asks for its companion.

use flowkit::task;

#[task(retry_delay = "2s")]
async fn delay() {}

#[task(retries = 3, retry_jitter = 0.5)]
async fn jitter() {}

#[task(cache_expiration = "1h")]
async fn expiration() {}

#[task(retries = 3, retry_if = is_io)]
async fn infallible() {}

fn main() {}
