//! Put `#[flow]` and `#[task]` on Rust functions and every call becomes a tracked, durable run.
