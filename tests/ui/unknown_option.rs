//! An option that there is not is told the nearest one, or all.

use flowkit::{flow, task};

#[task(retry = 3)]
async fn close() {}

#[flow(schedule = "1h")]
async fn far() {}

#[flowkit::main(threads = 2)]
async fn main() {
    let _ = close().await;
    let _ = far().await;
}
