//! An option is given once.

use flowkit::task;

#[task(retries = 3, timeout = "1s", retries = 4)]
async fn load() {}

fn main() {
    let _ = load();
}
