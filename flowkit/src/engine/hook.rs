//! Hooks: functions that are called when a run ends.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::definition::Hooks;
use crate::Error;
use crate::model::{FlowRun, FlowRunId, State, StateType, TaskRunId};
use crate::wire::TaskRunRecord;

/// What a hook is told.
#[derive(Debug, Clone)]
pub struct HookEvent {
    /// The flow run: the one that ended, or the one that the task run belongs to.
    pub flow_run_id: Option<FlowRunId>,
    /// The task run that ended; none if a flow run did.
    pub task_run_id: Option<TaskRunId>,
    /// The run's name.
    pub run_name: String,
    /// The flow's or task's name.
    pub name: String,
    /// How it ended.
    pub state: State,
    /// The error that it ended with.
    pub error: Option<Error>,
}

impl HookEvent {
    pub(super) fn flow_run(
        run: &FlowRun,
        flow_name: &str,
        state: &State,
        error: Option<&Error>,
    ) -> Self {
        Self {
            flow_run_id: Some(run.id),
            task_run_id: None,
            run_name: run.name.clone(),
            name: flow_name.to_owned(),
            state: state.clone(),
            error: error.cloned(),
        }
    }

    pub(super) fn task_run(record: TaskRunRecord, state: &State, error: Option<&Error>) -> Self {
        Self {
            flow_run_id: record.flow_run_id,
            task_run_id: Some(record.id),
            run_name: record.name,
            name: record.task.name.clone(),
            state: state.clone(),
            error: error.cloned(),
        }
    }
}

/// A hook as a definition holds it.
pub type HookFn = fn(HookEvent) -> BoxFuture<'static, ()>;

/// A function that can be a hook: one that takes a [`HookEvent`], async or not.
#[diagnostic::on_unimplemented(
    message = "a hook is a function that takes a `flowkit::run::HookEvent` and returns nothing",
    label = "not such a function"
)]
pub trait Hook<Marker> {
    /// Calls it.
    fn call(self, event: HookEvent) -> BoxFuture<'static, ()>;
}

/// Marks a hook that is not async.
#[derive(Debug)]
pub struct Sync(());

/// Marks a hook that is async.
#[derive(Debug)]
pub struct Async(());

impl<F: FnOnce(HookEvent)> Hook<Sync> for F {
    fn call(self, event: HookEvent) -> BoxFuture<'static, ()> {
        self(event);
        Box::pin(std::future::ready(()))
    }
}

impl<F, Fut> Hook<Async> for F
where
    F: FnOnce(HookEvent) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    fn call(self, event: HookEvent) -> BoxFuture<'static, ()> {
        Box::pin(self(event))
    }
}

/// Calls a hook of either kind.
pub fn hook<M>(hook: impl Hook<M>, event: HookEvent) -> BoxFuture<'static, ()> {
    hook.call(event)
}

/// The hooks that such an end calls for.
pub(super) const fn of(hooks: &Hooks, state: &State) -> &'static [HookFn] {
    match state.kind {
        StateType::Completed => hooks.on_completion,
        StateType::Failed => hooks.on_failure,
        StateType::Cancelled => hooks.on_cancellation,
        StateType::Crashed => hooks.on_crashed,
        StateType::Scheduled
        | StateType::Pending
        | StateType::Running
        | StateType::Paused
        | StateType::Cancelling => &[],
    }
}

/// Calls hooks one after another; one that panics is told of and changes nothing.
pub(super) async fn call(hooks: &'static [HookFn], event: HookEvent) {
    for hook in hooks {
        let event = event.clone();
        let name = event.run_name.clone();
        let called = std::panic::AssertUnwindSafe(async move { hook(event).await }).catch_unwind();
        if called.await.is_err() {
            tracing::error!(target: "flowkit", run_name = name, "a hook of run '{name}' panicked");
        }
    }
}
