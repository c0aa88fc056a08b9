//! Graphs of flow runs.

use flowkit::api::Client;
use flowkit::model::{Artifact, ArtifactKind, State};
use flowkit::testing::commit;
use flowkit::wire::{
    CreateArtifact, CreateFlowRun, NodeKind, ReadFlowRunDependencies, ReadFlowRunGraph,
};
use flowkit::{Durability, ErrorKind};

use super::{at, completed, flow_run, id, new_flow_run, record, shared};

fn input(number: u32) -> String {
    let id: flowkit::model::TaskRunId = id(number);
    format!(r#"{{"input_type":"task_run","id":"{id}"}}"#)
}

/// Task run 20 is taken by 21 and by 22, which stands for flow run 2; 23 is called by 21 and takes
/// the result of that flow run.
async fn some_runs(client: &Client) {
    flow_run(client, 1).await;
    let child = CreateFlowRun { parent_task_run_id: Some(id(22)), ..new_flow_run(client, 2).await };
    client.call(child).await.expect("made");
    let inputs = [
        (20, None),
        (21, Some(format!(r#"{{"a":[{0}],"b":[{0}]}}"#, input(20)))),
        (22, Some(format!(r#"{{"a":[{}]}}"#, input(20)))),
        (23, Some(format!(r#"{{"__parents__":[{}],"a":[{}]}}"#, input(21), input(22)))),
    ];
    for (number, inputs) in inputs {
        let mut record = match number {
            23 => record(Some(1), 23, vec![State::pending(at(5)), State::running(at(6))]),
            _ => completed(Some(1), number),
        };
        record.task_inputs = inputs;
        commit(client, &shared(record), Durability::Process).await.expect("kept");
    }
}

pub(super) async fn nodes_know_what_they_wait_for(client: &Client) {
    some_runs(client).await;
    for (number, task_run) in [(40, None), (41, Some(21)), (42, Some(21))] {
        let artifact = Artifact {
            id: id(number),
            created: at(0),
            updated: at(0),
            key: Some("rows".into()),
            kind: ArtifactKind::Progress,
            description: None,
            data: 50.into(),
            flow_run_id: Some(id(1)),
            task_run_id: task_run.map(id),
        };
        client.call(CreateArtifact { artifact }).await.expect("made");
    }
    let read = ReadFlowRunGraph { id: id(1), since: None };
    let graph = client.call(read).await.expect("a graph");
    let label = |id| {
        let node = graph.nodes.iter().find(|(known, _)| *known == id);
        node.map(|(_, node)| node.label.clone()).expect("a node")
    };
    let labels = |edges: &[flowkit::wire::Edge]| {
        let mut labels: Vec<_> = edges.iter().map(|edge| label(edge.id)).collect();
        labels.sort();
        labels
    };
    assert_eq!(graph.root_node_ids.iter().map(|id| label(*id)).collect::<Vec<_>>(), ["load-20"]);
    let nodes: Vec<_> = graph.nodes.iter().map(|(_, node)| node).collect();
    let named = |name: &str| nodes.iter().find(|node| node.label == name).expect("a node");
    assert_eq!(labels(&named("load-20").children), ["etl / run-2", "load-21"]);
    assert_eq!(labels(&named("load-21").parents), ["load-20"]);
    let child = named("etl / run-2");
    assert_eq!(child.kind, NodeKind::FlowRun);
    assert_eq!(labels(&child.children), ["load-23"]);
    let last = named("load-23");
    assert_eq!(labels(&last.parents), ["etl / run-2"]);
    assert_eq!(labels(&last.encapsulating), ["load-21"]);
    assert_eq!((last.start_time, last.end_time), (at(6), None));
    let artifacts = &named("load-21").artifacts;
    let brief: Vec<_> =
        artifacts.iter().map(|found| (found.is_latest, found.data.clone())).collect();
    assert_eq!(brief, [(false, Some(50.into())), (true, Some(50.into()))]);
    assert_eq!((graph.artifacts.len(), graph.states.len()), (1, 1));
    assert_eq!((graph.start_time, graph.end_time), (Some(at(0)), None));

    let late = ReadFlowRunGraph { id: id(1), since: Some(at(100)) };
    let graph = client.call(late).await.expect("a graph");
    let left: Vec<_> = graph.nodes.iter().map(|(_, node)| node.label.as_str()).collect();
    assert_eq!(left, ["load-23"], "what goes on stays");
}

pub(super) async fn dependencies_name_each_input_once(client: &Client) {
    some_runs(client).await;
    let read = ReadFlowRunDependencies { id: id(1) };
    let found = client.call(read).await.expect("dependencies");
    let brief: Vec<_> =
        found.iter().map(|run| (run.name.as_str(), run.upstream_dependencies.len())).collect();
    assert_eq!(brief, [("load-20", 0), ("load-21", 1), ("load-22", 1), ("load-23", 2)]);
}

pub(super) async fn unknown_run_has_no_graph(client: &Client) {
    let error = client.call(ReadFlowRunGraph { id: id(9), since: None }).await.expect_err("none");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = client.call(ReadFlowRunDependencies { id: id(9) }).await.expect_err("none");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}
