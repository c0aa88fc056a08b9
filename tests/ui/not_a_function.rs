//! The attributes stand on functions.

use flowkit::task;

#[task]
struct Load;

trait Loading {
    #[task]
    fn load();
}

fn main() {
    let _ = Load;
}
