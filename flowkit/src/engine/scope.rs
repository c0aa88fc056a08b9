//! Scope: the run that code is in, carried by the async task or thread that executes it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::definition::FlowDefinition;
use super::handle::Upstream;
use super::pause::Gate;
use super::recall::Recall;
use super::runtime::Runtime;
use crate::Durability;
use crate::model::{FlowRunId, TaskRunId};

tokio::task_local! {
    static SCOPE: Scope;
}

/// The run that code is in: a flow run, a task run, or a task run in a flow run.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    pub(crate) runtime: Runtime,
    pub(crate) flow: Option<Arc<FlowScope>>,
    pub(crate) task: Option<Arc<TaskScope>>,
    /// How many runs are around this code.
    pub(crate) depth: u32,
}

/// What all code in one flow run shares.
#[derive(Debug)]
pub(crate) struct FlowScope {
    pub(crate) id: FlowRunId,
    pub(crate) name: String,
    pub(crate) definition: &'static FlowDefinition,
    pub(crate) durability: Durability,
    /// How many flows are around it.
    pub(crate) depth: u32,
    /// How often the run was started.
    pub(crate) run_count: AtomicU32,
    /// How many of its task runs told how they ended.
    pub(crate) told: AtomicU32,
    pub(crate) cancel: CancellationToken,
    pub(crate) gate: Gate,
    pub(crate) places: Places,
    /// Bounds how many of its task runs run at once.
    pub(crate) bound: Arc<Semaphore>,
    pub(crate) recall: Recall,
    /// Task runs in the background, and how those that nobody looked at ended.
    pub(crate) background: TaskTracker,
    pub(crate) unseen: Mutex<Vec<Upstream>>,
}

/// What all code in one task run shares.
#[derive(Debug)]
pub(crate) struct TaskScope {
    pub(crate) id: TaskRunId,
    pub(crate) name: String,
    pub(crate) task_name: &'static str,
    pub(crate) dynamic_key: String,
    pub(crate) run_count: AtomicU32,
    pub(crate) cancel: CancellationToken,
    pub(crate) places: Places,
    /// Runs inside one try of it, and work that it lets come to its end.
    pub(crate) inside: TaskTracker,
}

/// Counts the calls of each task, so that every call has a place of its own.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<HashMap<&'static str, u64>>);

impl Places {
    /// The next place of that task.
    pub(crate) fn next(&self, key: &'static str) -> u64 {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = places.entry(key).or_default();
        *place += 1;
        *place - 1
    }
}

impl FlowScope {
    pub(crate) fn run_count(&self) -> u32 {
        self.run_count.load(Ordering::Relaxed)
    }

    /// Counts the task runs that told how they ended.
    pub(crate) fn count_told(&self) -> u32 {
        self.told.fetch_add(1, Ordering::Relaxed)
    }

    /// Remembers a task run in the background until its end was looked at.
    pub(crate) fn watch(&self, upstream: Upstream) {
        let mut unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that ended well need no watching: a million of them must not pile up.
        if unseen.len() == unseen.capacity() {
            unseen.retain(|known| known.state().is_none() || known.is_unseen_failure());
        }
        unseen.push(upstream);
    }

    /// The failures that nobody looked at.
    pub(crate) fn unseen_failures(&self) -> Vec<Upstream> {
        let unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner);
        unseen.iter().filter(|known| known.is_unseen_failure()).cloned().collect()
    }
}

impl Scope {
    /// Code outside any run.
    pub(crate) const fn outside(runtime: Runtime) -> Self {
        Self { runtime, flow: None, task: None, depth: 0 }
    }

    /// The scope of the code that asks, if it is in a run.
    pub(crate) fn current() -> Option<Self> {
        SCOPE.try_with(Self::clone).ok()
    }

    /// Looks at the scope of the code that asks.
    pub(crate) fn with<R>(look: impl FnOnce(&Self) -> R) -> Option<R> {
        SCOPE.try_with(look).ok()
    }

    /// Executes a future inside this scope.
    pub(crate) async fn hold<F: Future>(self, future: F) -> F::Output {
        SCOPE.scope(self, future).await
    }

    /// Executes a function inside this scope.
    pub(crate) fn hold_blocking<R>(self, function: impl FnOnce() -> R) -> R {
        SCOPE.sync_scope(self, function)
    }

    /// Keeps the runs around this code from ending while somebody has what it returns.
    pub(crate) fn hold_open(&self) -> [Option<TaskTrackerToken>; 2] {
        let task = self.task.as_ref().map(|task| task.inside.token());
        [task, self.flow.as_ref().map(|flow| flow.background.token())]
    }

    /// The token that tells this code to stop.
    pub(crate) fn cancel(&self) -> Option<&CancellationToken> {
        let task = self.task.as_ref().map(|task| &task.cancel);
        task.or(self.flow.as_ref().map(|flow| &flow.cancel))
    }

    /// The next place of a call of that task here.
    pub(crate) fn next_place(&self, key: &'static str) -> u64 {
        match (&self.task, &self.flow) {
            (Some(task), _) => task.places.next(key),
            (None, Some(flow)) => flow.places.next(key),
            (None, None) => 0,
        }
    }

    /// The id of the run that an earlier execution recorded for a call.
    pub(crate) fn earlier_id(&self, key: &str, place: u64) -> Option<TaskRunId> {
        self.flow.as_ref()?.recall.id(key, || self.dynamic_key(place))
    }

    /// What stands before the place in a dynamic key: nothing, or the task run that calls.
    pub(crate) fn dynamic_key(&self, place: u64) -> String {
        match &self.task {
            Some(task) => format!("{}-{}/{place}", task.task_name, task.dynamic_key),
            None => place.to_string(),
        }
    }
}
