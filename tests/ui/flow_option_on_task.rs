//! An option of another attribute says whose it is.

use flowkit::{flow, task};

#[task(concurrency = 3)]
async fn load() {}

#[flow(cache_key = inputs)]
async fn etl() {}

#[flowkit::main(retries = 3)]
async fn main() {
    let _ = load().await;
    let _ = etl().await;
}
