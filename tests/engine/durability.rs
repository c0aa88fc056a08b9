//! What is kept when a call returns, and when a flow ends.
//!
//! That a kept row survives the death of its process is tested in `store::process`, with real kills.

use flowkit::prelude::*;
use flowkit::wire::{FilterTaskRuns, OneOf, TaskRunFilter};
use flowkit::{Durability, Runtime};

use crate::support::Scratch;

#[task]
async fn work() -> u8 {
    1
}

/// How many task runs another process sees as completed now.
async fn seen(other: &Runtime) -> usize {
    let flow_run_id = flowkit::flow_run().id().expect("in a flow run");
    let flow_runs = Some(OneOf::from(vec![flow_run_id]));
    let task_runs = TaskRunFilter { flow_run_id: flow_runs, ..TaskRunFilter::default() };
    let all = FilterTaskRuns { task_runs, ..FilterTaskRuns::default() };
    let runs = other.client().call(all).await.expect("answered");
    runs.iter().filter(|run| run.state.as_ref().is_some_and(|state| state.is_completed())).count()
}

#[flow(durability = process)]
async fn for_process(#[resource] other: Runtime) -> flowkit::Result<usize> {
    work().await?;
    Ok(seen(&other).await)
}

#[flow(durability = power)]
async fn for_power(#[resource] other: Runtime) -> flowkit::Result<usize> {
    work().await?;
    Ok(seen(&other).await)
}

#[flow(durability = relaxed)]
async fn relaxed(count: u32) -> flowkit::Result<()> {
    (0..count).map(|_| work()).gather().await.map(drop)
}

#[tokio::test]
async fn result_is_in_the_database_when_its_call_returns() {
    let scratch = Scratch::new().await;
    let other = scratch.restart().await;
    let seen = scratch.hold(async { for_process(other.clone()).await }).await;
    assert_eq!(seen.expect("completed"), 1, "{}", Durability::Process);
    let seen = scratch.hold(async { for_power(other.clone()).await }).await;
    assert_eq!(seen.expect("completed"), 1, "{}", Durability::Power);
}

#[tokio::test]
async fn relaxed_results_are_in_the_database_when_the_flow_has_ended() {
    let scratch = Scratch::new().await;
    scratch.hold(async { relaxed(150).await }).await.expect("completed");
    let other = scratch.restart().await;
    let id = scratch.only_flow_run().await.id;
    let counts = other.client().call(flowkit::wire::CountTaskRuns { flow_run_id: id }).await;
    assert_eq!(counts.expect("answered").of(flowkit::model::StateType::Completed), 150);
}
