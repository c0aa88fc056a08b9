//! The flowkit command line.
fn main() {}
