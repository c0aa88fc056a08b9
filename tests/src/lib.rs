//! Nothing to link: the tests are in `main.rs`.
