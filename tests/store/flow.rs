//! Flows.

use flowkit::ErrorKind;
use flowkit::api::Client;
use flowkit::wire::{CreateFlow, FilterFlows, FlowFilter, ReadFlow, ReadFlowByName, Text};

use super::id;

async fn make(client: &Client, name: &str) -> flowkit::model::Flow {
    let flow = CreateFlow { name: name.into(), tags: vec!["a".into()] };
    client.call(flow).await.expect("a flow").value
}

pub(super) async fn flow_is_made_once(client: &Client) {
    let first = make(client, "etl").await;
    assert_eq!(make(client, "etl").await, first);
    assert_eq!(client.call(ReadFlow { id: first.id }).await.expect("found"), first);
    let by_name = ReadFlowByName { name: "etl".into() };
    assert_eq!(client.call(by_name).await.expect("found"), first);
}

pub(super) async fn flow_is_found_by_part_of_its_name(client: &Client) {
    for name in ["load_50%", "Load_500", "loadX50", "other"] {
        make(client, name).await;
    }
    let check = async |part: &str, expected: &[&str]| {
        let flows = FlowFilter { name: Some(Text::holds(part)), ..FlowFilter::default() };
        let found = client.call(FilterFlows { flows, ..FilterFlows::default() }).await;
        let names: Vec<_> = found.expect("flows").into_iter().map(|flow| flow.name).collect();
        assert_eq!(names, expected, "{part}");
    };
    check("load", &["Load_500", "loadX50", "load_50%"]).await;
    check("d_5", &["Load_500", "load_50%"]).await;
    check("50%", &["load_50%"]).await;
    check("'; DROP TABLE flow; --", &[]).await;
}

pub(super) async fn unknown_flow_is_not_found(client: &Client) {
    let error = client.call(ReadFlow { id: id(9) }).await.expect_err("nobody made it");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = client.call(ReadFlowByName { name: "none".into() }).await.expect_err("no flow");
    assert_eq!(error.to_string(), "flow 'none' not found");
}
