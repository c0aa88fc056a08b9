//! A task or flow names its types: what it stores has one type each.

use flowkit::{flow, task};

#[task]
async fn store<T>(row: T) {
    drop(row);
}

#[task]
async fn fill<const N: usize>() -> u64 {
    N as u64
}

#[flow]
async fn clean(rows: Vec<u8>)
where
    Vec<u8>: Clone,
{
    drop(rows.clone());
}

fn main() {}
