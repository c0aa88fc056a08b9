//! A task is a free function, not a method.

use flowkit::task;

struct Store;

impl Store {
    #[task]
    async fn load(&self, day: u32) -> u32 {
        day
    }
}

fn main() {
    let _ = Store.load(1);
}
