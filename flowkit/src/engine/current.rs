//! What code may ask about the run that it is in.

use std::fmt;
use std::sync::atomic::Ordering;

use tokio_util::sync::CancellationToken;

use super::scope::Scope;
use crate::model::{FlowRunId, TaskRunId};

/// The flow run that code is in; see [`flow_run`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentFlowRun {
    id: Option<FlowRunId>,
    name: String,
    flow_name: String,
    run_count: u32,
}

/// The task run that code is in; see [`task_run`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentTaskRun {
    id: Option<TaskRunId>,
    name: String,
    task_name: String,
    run_count: u32,
}

/// The name that code outside any run sees.
const UNTRACKED: &str = "untracked";

/// Tells about the flow run that the calling code is in.
///
/// Outside a flow run its name is `untracked` and it has no id, so that bodies can be called
/// directly in tests.
#[must_use]
pub fn flow_run() -> CurrentFlowRun {
    let found = Scope::with(|scope| {
        scope.flow.as_ref().map(|flow| CurrentFlowRun {
            id: Some(flow.id),
            name: flow.name.clone(),
            flow_name: flow.definition.options.name.to_owned(),
            run_count: flow.run_count(),
        })
    });
    found.flatten().unwrap_or_else(|| CurrentFlowRun {
        id: None,
        name: UNTRACKED.to_owned(),
        flow_name: UNTRACKED.to_owned(),
        run_count: 0,
    })
}

/// Tells about the task run that the calling code is in.
///
/// Outside a task run its name is `untracked` and it has no id, so that bodies can be called
/// directly in tests.
#[must_use]
pub fn task_run() -> CurrentTaskRun {
    let found = Scope::with(|scope| {
        scope.task.as_ref().map(|task| CurrentTaskRun {
            id: Some(task.id),
            name: task.name.clone(),
            task_name: task.task_name.to_owned(),
            run_count: task.run_count.load(Ordering::Relaxed),
        })
    });
    found.flatten().unwrap_or_else(|| CurrentTaskRun {
        id: None,
        name: UNTRACKED.to_owned(),
        task_name: UNTRACKED.to_owned(),
        run_count: 0,
    })
}

/// Says whether the run that the calling code is in was asked to stop.
///
/// Async code need not look at it: it stops at its next await. Sync code looks at
/// [`is_cancelled`](Cancellation::is_cancelled) wherever it can stop. Outside a run nobody asks.
#[must_use]
pub fn cancellation() -> Cancellation {
    Cancellation(Scope::with(|scope| scope.cancel().cloned()).flatten().unwrap_or_default())
}

/// Whether somebody was asked to stop.
#[derive(Debug, Clone)]
pub struct Cancellation(CancellationToken);

impl Cancellation {
    pub(super) const fn of(token: CancellationToken) -> Self {
        Self(token)
    }

    /// Says whether the time to stop has come.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until the time to stop has come.
    pub async fn cancelled(&self) {
        self.0.cancelled().await;
    }
}

/// Spawns a future that stays in the run of the calling code.
///
/// Tokio's own `spawn` leaves the run behind: what it logs and calls then belongs to no run.
pub fn spawn<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    #[expect(clippy::disallowed_methods, reason = "this is the spawn that carries the run along")]
    match Scope::current() {
        Some(scope) => tokio::spawn(scope.hold(future)),
        None => tokio::spawn(future),
    }
}

/// Runs a function on a thread where it may block, in the run of the calling code.
pub fn spawn_blocking<F, R>(function: F) -> tokio::task::JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    match Scope::current() {
        Some(scope) => tokio::task::spawn_blocking(move || scope.hold_blocking(function)),
        None => tokio::task::spawn_blocking(function),
    }
}

impl CurrentFlowRun {
    /// The run's id; none outside a run.
    #[must_use]
    pub const fn id(&self) -> Option<FlowRunId> {
        self.id
    }

    /// The run's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The flow's name.
    #[must_use]
    pub fn flow_name(&self) -> &str {
        &self.flow_name
    }

    /// How often the run was started, this time included.
    #[must_use]
    pub const fn run_count(&self) -> u32 {
        self.run_count
    }
}

impl CurrentTaskRun {
    /// The run's id; none outside a run.
    #[must_use]
    pub const fn id(&self) -> Option<TaskRunId> {
        self.id
    }

    /// The run's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The task's name.
    #[must_use]
    pub fn task_name(&self) -> &str {
        &self.task_name
    }

    /// How often the run was started, this time included.
    #[must_use]
    pub const fn run_count(&self) -> u32 {
        self.run_count
    }
}

impl fmt::Display for CurrentFlowRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Display for CurrentTaskRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
