//! A task or flow is a plain `fn` or `async fn`.

use flowkit::{flow, task};

#[task]
const fn double(n: u8) -> u8 {
    n * 2
}

#[task]
unsafe fn read() {}

#[flow]
extern "C" fn start() {}

fn main() {
    let _ = double(1);
    start();
}
