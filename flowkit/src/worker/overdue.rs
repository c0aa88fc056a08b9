//! Overdue: runs that somebody waits for in vain.

use std::time::Duration;

use crate::model::{FlowRun, State, StateType};
use crate::wire::{FilterFlowRuns, FlowRunFilter, Page, SetFlowRunState};
use crate::{Result, Runtime, Timestamp};

/// How long the process of a paused run may take to notice by itself that its time is over.
const NOTICE: Duration = Duration::from_secs(10);

/// Marks runs as Cancelled that have been Cancelling for so long.
pub(super) async fn end_cancelling(runtime: &Runtime, patience: Duration) -> Result<()> {
    let now = runtime.clock().now();
    for run in all(runtime, StateType::Cancelling).await? {
        let since = run.state.as_ref().map_or(now, |state| state.timestamp);
        if now.since(since) >= patience {
            let message = "nobody stopped it in time";
            propose(runtime, &run, State::cancelled(now).with_message(message)).await?;
        }
    }
    Ok(())
}

/// Fails runs that were paused for longer than they allow.
pub(super) async fn fail_paused(runtime: &Runtime) -> Result<()> {
    let now = runtime.clock().now();
    for run in all(runtime, StateType::Paused).await? {
        let timeout = run.state.as_ref().and_then(|state| state.details().pause_timeout);
        if timeout.is_some_and(|timeout: Timestamp| timeout + NOTICE <= now) {
            let message = "The flow was paused and never resumed.";
            propose(runtime, &run, State::failed(message, now)).await?;
        }
    }
    Ok(())
}

async fn all(runtime: &Runtime, kind: StateType) -> Result<Vec<FlowRun>> {
    let flow_runs = FlowRunFilter { state: Some(vec![kind].into()), ..FlowRunFilter::default() };
    let page = Page::first(1000);
    runtime.client().call(FilterFlowRuns { flow_runs, page, ..FilterFlowRuns::default() }).await
}

/// The rules decide: the run may have gone on meanwhile.
async fn propose(runtime: &Runtime, run: &FlowRun, state: State) -> Result<()> {
    let wanted = SetFlowRunState { id: run.id, state, force: false };
    runtime.client().call(wanted).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::settings::{Environment, Profiles, Settings};
    use crate::wire::{CreateFlow, CreateFlowRun, ReadFlowRun};

    async fn runtime(home: &std::path::Path) -> Runtime {
        let home = home.to_str().expect("a path in UTF-8");
        let environment =
            Environment::of([("FLOWKIT_HOME", home), ("FLOWKIT_DATABASE_URL", "sqlite::memory:")]);
        let settings = Settings::from_sources(&environment, &Profiles::default(), None);
        let clock = Clock::stub(Timestamp::from_micros(0));
        Runtime::start(settings.expect("usable"), clock).await.expect("a runtime")
    }

    async fn run_in(runtime: &Runtime, state: State) -> FlowRun {
        let flow = CreateFlow { name: "etl".into(), tags: Vec::new() };
        let flow = runtime.client().call(flow).await.expect("a flow");
        let body = serde_json::json!({ "flow_id": flow.id, "state": { "type": "PENDING" } });
        let create: CreateFlowRun = serde_json::from_value(body).expect("a request");
        let run = runtime.client().call(create).await.expect("a run").value;
        let set = SetFlowRunState { id: run.id, state, force: true };
        runtime.client().call(set).await.expect("set");
        run
    }

    async fn state_of(runtime: &Runtime, run: &FlowRun) -> StateType {
        let read = ReadFlowRun { id: run.id };
        runtime.client().call(read).await.expect("found").state_type()
    }

    #[tokio::test]
    async fn run_is_not_cancelling_for_ever() {
        let home = tempfile::tempdir().expect("a folder");
        let runtime = runtime(home.path()).await;
        let run = run_in(&runtime, State::cancelling(runtime.clock().now())).await;
        let patience = Duration::from_secs(300);

        runtime.clock().advance(patience - Duration::from_secs(1));
        end_cancelling(&runtime, patience).await.expect("done");
        assert_eq!(state_of(&runtime, &run).await, StateType::Cancelling);
        runtime.clock().advance(Duration::from_secs(1));
        end_cancelling(&runtime, patience).await.expect("done");
        assert_eq!(state_of(&runtime, &run).await, StateType::Cancelled);
    }

    #[tokio::test]
    async fn paused_run_fails_when_its_time_is_over() {
        let home = tempfile::tempdir().expect("a folder");
        let runtime = runtime(home.path()).await;
        let now = runtime.clock().now();
        let timeout = now + Duration::from_secs(60);
        let run = run_in(&runtime, State::paused(Some(timeout), now)).await;
        let patient = run_in(&runtime, State::paused(None, now)).await;

        fail_paused(&runtime).await.expect("done");
        assert_eq!(state_of(&runtime, &run).await, StateType::Paused);
        runtime.clock().advance(Duration::from_secs(70));
        fail_paused(&runtime).await.expect("done");
        assert_eq!(state_of(&runtime, &run).await, StateType::Failed);
        assert_eq!(state_of(&runtime, &patient).await, StateType::Paused);
    }
}
