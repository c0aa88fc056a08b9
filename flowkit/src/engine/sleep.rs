//! Sleep that a restart does not start anew, and pauses that wait for a person.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::scope::{FlowScope, Scope};
use crate::clock;
use crate::model::{RetryPolicy, State, StateType, Task};
use crate::wire::{Record, SetFlowRunState, SetStateAnswer, TaskRunRecord, look};
use crate::{Durability, Error, Result, Timestamp};

/// The key under which sleeps are recorded.
const SLEEP: &str = "flowkit::sleep";

/// Sleeps for that long in all, however often the run is restarted meanwhile.
///
/// It is recorded like a task run. A run that crashed while it slept and is resumed sleeps on
/// until the time that it first wanted to wake at.
///
/// # Errors
/// Cancelled when the run is asked to stop; unavailable when the sleep cannot be recorded.
pub async fn sleep(duration: Duration) -> Result<()> {
    let Some((scope, flow)) = current_flow() else {
        clock::Clock::system().sleep(duration).await;
        return Ok(());
    };
    let clock = scope.runtime.clock();
    let (record, wake) = recorded(&scope, &flow, clock.now() + duration);
    if look(&record, |record| record.state().is_some_and(State::is_completed)) {
        return Ok(());
    }
    scope.runtime.client().commit(&record, flow.durability.max(Durability::Process)).await?;
    let end = tokio::select! {
        () = clock.sleep_until(wake) => State::completed(clock.now()),
        () = flow.cancel.cancelled() => State::cancelled(clock.now()),
    };
    let was_cancelled = end.kind == StateType::Cancelled;
    enter(&record, &flow, end);
    scope.runtime.client().record(Record::TaskRun(record));
    if was_cancelled {
        return Err(Error::cancelled("the flow run was asked to stop"));
    }
    Ok(())
}

fn current_flow() -> Option<(Scope, Arc<FlowScope>)> {
    let scope = Scope::current()?;
    let flow = scope.flow.clone()?;
    Some((scope, flow))
}

/// The record of this sleep, and the time to wake at: that of an earlier execution if there is one.
fn recorded(
    scope: &Scope,
    flow: &FlowScope,
    wake: Timestamp,
) -> (Arc<Mutex<TaskRunRecord>>, Timestamp) {
    let dynamic_key = scope.dynamic_key(scope.next_place(SLEEP));
    if let Some(earlier) = flow.recall.take(SLEEP, &dynamic_key) {
        let wanted = earlier.states.iter().find_map(|state| state.details().scheduled_time);
        return (Arc::new(Mutex::new(earlier)), wanted.unwrap_or(wake));
    }
    let now = scope.runtime.clock().now();
    let task = Arc::new(Task {
        key: SLEEP.to_owned(),
        name: "sleep".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        description: None,
        tags: Vec::new(),
        policy: RetryPolicy::default(),
    });
    let name = format!("sleep-{dynamic_key}");
    let record = TaskRunRecord {
        flow_run_id: Some(flow.id),
        parent_task_run_id: scope.task.as_ref().map(|task| task.id),
        ..TaskRunRecord::new(scope.runtime.new_id().into(), task, name, dynamic_key)
    };
    let record = Arc::new(Mutex::new(record));
    enter(&record, flow, State::scheduled(wake, now).with_message("sleeping"));
    (record, wake)
}

fn enter(record: &Mutex<TaskRunRecord>, flow: &FlowScope, state: State) {
    let run_count = flow.run_count();
    look(record, |record| {
        record.tally.enter_task_run(record.states.last(), &state, run_count);
        record.states.push(state);
    });
}

/// Pauses the flow run until somebody resumes it: `flowkit flow-run resume NAME`.
///
/// Code that runs goes on; task runs that have not started wait, and so does whoever awaits this.
///
/// # Errors
/// Timeout when nobody resumes it in that time; cancelled when it is asked to stop meanwhile;
/// refused outside a flow run.
pub async fn pause(timeout: Option<Duration>) -> Result<()> {
    let (scope, flow) =
        current_flow().ok_or_else(|| Error::refused("only a flow run can be paused"))?;
    let clock = scope.runtime.clock();
    let now = clock.now();
    let until = timeout.map(|timeout| now + timeout);
    let proposal = SetFlowRunState { id: flow.id, state: State::paused(until, now), force: false };
    match scope.runtime.client().call(proposal).await? {
        SetStateAnswer::Accept { .. } => {}
        SetStateAnswer::Reject { reason, .. }
        | SetStateAnswer::Wait { reason, .. }
        | SetStateAnswer::Abort { reason } => {
            return Err(Error::refused(format!(
                "flow run '{}' was not paused: {reason}",
                flow.name
            )));
        }
    }
    flow.gate.close();
    let name = &flow.name;
    tracing::info!(target: "flowkit", "Paused; let it go on with: flowkit flow-run resume {name}");
    tokio::select! {
        passed = flow.gate.pass(&flow.cancel) => passed,
        () = wait_until(clock, until) => {
            flow.gate.open();
            Err(Error::timeout(format!("flow run '{name}' was paused and nobody resumed it in time")))
        }
    }
}

async fn wait_until(clock: &clock::Clock, until: Option<Timestamp>) {
    match until {
        Some(until) => clock.sleep_until(until).await,
        None => std::future::pending().await,
    }
}
