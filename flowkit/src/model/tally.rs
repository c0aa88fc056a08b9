//! Tally: the times and counters of a run.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// The times and counters of a run; both kinds of run have them.
///
/// How they change with each state is up to [`rules::bookkeeping`](crate::rules::bookkeeping).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How often it was started.
    pub run_count: u32,
    /// For a task run, which try of the flow run it belongs to.
    pub flow_run_run_count: u32,
    /// When it was to start.
    pub expected_start_time: Option<Timestamp>,
    /// When it first started.
    pub start_time: Option<Timestamp>,
    /// When it ended.
    pub end_time: Option<Timestamp>,
    /// How long it was running.
    pub run_time: Duration,
}
