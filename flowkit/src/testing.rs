//! What tests of programs that use flowkit need.

use std::sync::{Arc, Mutex};

use crate::api::Client;
use crate::wire::{Record, TaskRunRecord};
use crate::{Durability, Result, Runtime, fault};

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

/// Hands something over to be written soon, as a run does.
pub fn record(client: &Client, record: Record) {
    client.record(record);
}

/// Returns once a task run is kept as durably as asked for, as a run does at its end.
///
/// # Errors
/// Unavailable when the database cannot be written.
pub async fn commit(
    client: &Client,
    record: &Arc<Mutex<TaskRunRecord>>,
    durability: Durability,
) -> Result<()> {
    client.commit(record, durability).await
}

/// Returns once everything that was handed over so far is kept.
///
/// # Errors
/// Unavailable when the database cannot be written.
pub async fn flush(client: &Client, durability: Durability) -> Result<()> {
    client.flush(durability).await
}

/// Lets the database behave as if its disk were full from now on, or no longer.
///
/// # Errors
/// Unavailable when the database does not answer.
#[cfg(feature = "sqlite")]
pub async fn fill_disk(client: &Client, is_full: bool) -> Result<()> {
    client.fill_disk(is_full).await
}
