//! What clients of Prefect ask of a flow run beside its states.

use flowkit::api::Client;
use flowkit::model::State;
use flowkit::wire::{
    ReadFlowRun, ResumeFlowRun, SetFlowRunState, SetStateAnswer, UpdateFlowRunLabels,
};
use serde_json::json;

use super::{at, flow_run, id};

async fn resumed(client: &Client, paused: State) -> String {
    flow_run(client, 1).await;
    for state in [State::running(at(1)), paused] {
        client.call(SetFlowRunState { id: id(1), state, force: true }).await.expect("set");
    }
    let answer = client.call(ResumeFlowRun { id: id(1), run_input: None }).await;
    assert!(matches!(answer, Ok(SetStateAnswer::Accept { .. })), "{answer:?}");
    let run = client.call(ReadFlowRun { id: id(1) }).await.expect("found");
    run.state.map(|state| state.name.into_owned()).unwrap_or_default()
}

pub(super) async fn paused_run_goes_on(client: &Client) {
    let name = resumed(client, State::paused(Some(at(3600)), at(2))).await;
    assert_eq!(name, "Running");
}

pub(super) async fn run_that_is_not_paused_does_not_resume(client: &Client) {
    flow_run(client, 1).await;
    let answer = client.call(ResumeFlowRun { id: id(1), run_input: None }).await;
    assert!(matches!(answer, Ok(SetStateAnswer::Abort { .. })), "{answer:?}");
}

pub(super) async fn labels_are_added(client: &Client) {
    flow_run(client, 1).await;
    for body in [
        json!({ "id": id::<flowkit::model::FlowRunId>(1), "a": 1, "b": "x" }),
        json!({ "id": id::<flowkit::model::FlowRunId>(1), "b": true }),
    ] {
        let change: UpdateFlowRunLabels = serde_json::from_value(body).expect("a request");
        client.call(change).await.expect("changed");
    }
    let run = client.call(ReadFlowRun { id: id(1) }).await.expect("found");
    assert_eq!(json!(run.notes.labels), json!({ "a": 1, "b": true }));
}
