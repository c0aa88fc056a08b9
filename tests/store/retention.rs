//! What is old, and the database as a whole.

use flowkit::Durability;
use flowkit::api::{Client, Deleted};
use flowkit::model::{Level, Log, State};
use flowkit::testing::{commit, flush, record};
use flowkit::wire::{
    CreateFlowRun, FilterFlowRuns, FilterFlows, FilterLogs, FilterTaskRuns, Record, SetFlowRunState,
};

use super::{at, completed, flow_run, id, new_flow_run, shared};

async fn ended_run(client: &Client, number: u32, seconds: u64) {
    flow_run(client, number).await;
    end(client, number, seconds).await;
}

async fn end(client: &Client, number: u32, seconds: u64) {
    let set = SetFlowRunState { id: id(number), state: State::completed(at(seconds)), force: true };
    client.call(set).await.expect("ended");
}

async fn keep(client: &Client, flow_run: Option<u32>, number: u32) {
    let task_run = shared(completed(flow_run, number));
    commit(client, &task_run, Durability::Process).await.expect("kept");
}

async fn tell(client: &Client, flow_run: u32, number: u32, seconds: u64) {
    let line = Log {
        id: id(number),
        name: "etl".into(),
        level: Level::Info,
        message: "done".into(),
        timestamp: at(seconds),
        flow_run_id: Some(id(flow_run)),
        task_run_id: None,
        fields: Default::default(),
    };
    record(client, Record::Log(line));
    flush(client, Durability::Process).await.expect("kept");
}

async fn names(client: &Client) -> Vec<String> {
    let runs = client.call(FilterFlowRuns::default()).await.expect("runs");
    runs.into_iter().map(|run| run.name).collect()
}

pub(super) async fn old_runs_go_and_new_ones_stay(client: &Client) {
    ended_run(client, 1, 10).await;
    keep(client, Some(1), 10).await;
    tell(client, 1, 20, 10).await;
    ended_run(client, 2, 30).await;
    flow_run(client, 3).await;
    // A subflow of run 3, which goes on, ended long ago.
    keep(client, Some(3), 11).await;
    let child = CreateFlowRun { parent_task_run_id: Some(id(11)), ..new_flow_run(client, 4).await };
    client.call(child).await.expect("made");
    end(client, 4, 10).await;
    // Two task runs on their own.
    keep(client, None, 12).await;
    keep(client, None, 13).await;
    let deleted = client.delete_older(Some(at(20)), None).await.expect("deleted");
    assert_eq!(deleted, Deleted { flow_runs: 1, task_runs: 3, logs: 1 });
    assert_eq!(names(client).await, ["run-4", "run-3", "run-2"]);
    let deleted = client.delete_older(Some(at(20)), None).await.expect("deleted");
    assert_eq!(deleted, Deleted::default());
}

pub(super) async fn old_lines_go_and_new_ones_stay(client: &Client) {
    flow_run(client, 1).await;
    for (number, seconds) in [(20, 10), (21, 19), (22, 20)] {
        tell(client, 1, number, seconds).await;
    }
    let deleted = client.delete_older(None, Some(at(20))).await.expect("deleted");
    assert_eq!(deleted, Deleted { logs: 2, ..Deleted::default() });
    assert_eq!(client.call(FilterLogs::default()).await.expect("lines").len(), 1);
    client.vacuum().await.expect("vacuumed");
    assert_eq!(client.call(FilterLogs::default()).await.expect("lines").len(), 1);
}

pub(super) async fn reset_leaves_nothing(client: &Client) {
    ended_run(client, 1, 10).await;
    keep(client, Some(1), 10).await;
    tell(client, 1, 20, 10).await;
    client.reset().await.expect("reset");
    assert!(client.call(FilterFlows::default()).await.expect("flows").is_empty());
    assert!(client.call(FilterFlowRuns::default()).await.expect("runs").is_empty());
    assert!(client.call(FilterTaskRuns::default()).await.expect("task runs").is_empty());
    assert!(client.call(FilterLogs::default()).await.expect("lines").is_empty());
    ended_run(client, 1, 10).await;
    keep(client, Some(1), 10).await;
    assert_eq!(client.call(FilterTaskRuns::default()).await.expect("task runs").len(), 1);
}

pub(super) async fn schema_has_a_version(client: &Client) {
    assert_eq!(client.schema_version().await.expect("a version"), 1);
}
