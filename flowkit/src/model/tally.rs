//! Tally: the times and counters of a run.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The times and counters of a run; both kinds of run have them.
///
/// How they change with each state is up to [`rules::bookkeeping`](crate::rules::bookkeeping).
///
/// ```
/// use flowkit::model::State;
/// use flowkit::model::Tally;
///
/// let start = "2026-01-01T00:00:00Z".parse().unwrap();
/// let end = "2026-01-01T00:00:05Z".parse().unwrap();
/// let (running, completed) = (State::running(start), State::completed(end));
/// let mut tally = Tally::default();
/// tally.enter_task_run(None, &running, 1);
/// tally.enter_task_run(Some(&running), &completed, 1);
/// assert_eq!((tally.run_count, tally.run_time.as_secs()), (1, 5));
/// ```
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
