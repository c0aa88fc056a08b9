//! Many flow runs at once.

use flowkit::api::Client;
use flowkit::model::{FlowRunId, State};
use flowkit::wire::{
    BulkDeleteFlowRuns, BulkSetFlowRunState, ClaimFlowRun, FilterFlowRuns, LeaseHolder,
    ReadFlowRun, SetFlowRunState, SetStateAnswer,
};
use serde_json::json;

use super::{at, flow_run, id};

pub(super) async fn runs_are_deleted_but_for_those_being_executed(client: &Client) {
    for number in 1..=3 {
        flow_run(client, number).await;
    }
    let holder = LeaseHolder { id: id(50), host: "here/boot".into(), pid: 50, lock_file: None };
    let claim = ClaimFlowRun { id: id(2), holder, until: at(60) };
    client.call(claim).await.expect("claimed");

    let all = client.call(BulkDeleteFlowRuns::default()).await.expect("an answer");

    assert_eq!(all.deleted, [id::<FlowRunId>(3), id(1)]);
    let left = client.call(FilterFlowRuns::default()).await.expect("runs");
    assert_eq!(left.iter().map(|run| run.id).collect::<Vec<_>>(), [id::<FlowRunId>(2)]);
    let too_many = serde_json::from_value::<BulkDeleteFlowRuns>(json!({ "limit": 51 }));
    assert!(too_many.is_err());
}

pub(super) async fn state_is_proposed_for_each_run(client: &Client) {
    flow_run(client, 1).await;
    flow_run(client, 2).await;
    let state = State::completed(at(1));
    client.call(SetFlowRunState { id: id(1), state, force: true }).await.expect("set");

    let body = json!({ "flow_runs": {}, "state": { "type": "CANCELLED", "name": "Cancelled" } });
    let bulk: BulkSetFlowRunState = serde_json::from_value(body).expect("a request");
    let answer = client.call(bulk).await.expect("an answer");

    assert_eq!(answer.results.len(), 2);
    assert!(matches!(answer.results[0].answer, SetStateAnswer::Accept { .. }));
    assert!(matches!(answer.results[1].answer, SetStateAnswer::Abort { .. }));
    let told = serde_json::to_value(&answer.results[1]).expect("JSON");
    assert_eq!(
        (&told["flow_run_id"], &told["status"]),
        (&json!(id::<FlowRunId>(1)), &json!("ABORT"))
    );
    let run = client.call(ReadFlowRun { id: id(2) }).await.expect("found");
    assert_eq!(run.state.map(|state| state.name.into_owned()).as_deref(), Some("Cancelled"));
}
