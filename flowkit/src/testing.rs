//! What tests of programs that use flowkit need.

use crate::{Runtime, fault};

/// Lets other runtimes believe that the process of this one died without a word.
///
/// What the runtime was executing has to be forgotten ([`std::mem::forget`]), since a future
/// that is dropped says that it was cancelled, which a killed process cannot.
///
/// # Panics
/// When the system refuses to unlock a file that this process holds locked.
pub fn play_dead(runtime: &Runtime) {
    runtime.play_dead();
}

/// Lets this process die hard in front of or behind its `place`th write, counted from one.
pub fn die_at_write(place: u64) {
    fault::die_at(place);
}
