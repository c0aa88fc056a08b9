//! Small things that are kept: input of runs, saved searches, the default storage.

use flowkit::ErrorKind;
use flowkit::api::Client;
use flowkit::wire::{
    ClearDefaultStorage, CreateFlowRunInput, DeleteFlowRun, DeleteFlowRunInput, DeleteSavedSearch,
    FilterFlowRunInput, FilterSavedSearches, ReadDefaultStorage, ReadFlowRunInput, ReadSavedSearch,
    SetDefaultStorage, SetSavedSearch,
};
use serde_json::json;

use super::{flow_run, id};

pub(super) async fn input_is_handed_to_a_run(client: &Client) {
    let run = flow_run(client, 1).await;
    let hand = |key: &str, value: &str| CreateFlowRunInput {
        id: run.id,
        key: key.into(),
        value: value.into(),
        sender: Some("prefect.flow-run.x".into()),
    };
    let read = async |key: &str| {
        let read = ReadFlowRunInput { id: run.id, key: key.into() };
        client.call(read).await.map(|value| value.get().to_owned())
    };
    client.call(hand("a-1", r#"{"b": 1,  "a": 2}"#)).await.expect("handed over");
    client.call(hand("a-2", "no JSON")).await.expect("handed over");
    client.call(hand("b", "1")).await.expect("handed over");
    let error = client.call(hand("b", "2")).await.expect_err("taken");
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(read("a-1").await.expect("found"), r#"{"b": 1,  "a": 2}"#, "as it was");
    assert_eq!(read("a-2").await.expect("found"), r#""no JSON""#);
    let filter = |exclude: &str| FilterFlowRunInput {
        id: run.id,
        prefix: "a-".into(),
        limit: 10,
        exclude_keys: vec![exclude.into()],
    };
    let keys = async |wanted: FilterFlowRunInput| {
        let found = client.call(wanted).await.expect("input");
        found.into_iter().map(|input| input.key).collect::<Vec<_>>()
    };
    assert_eq!(keys(filter("")).await, ["a-1", "a-2"]);
    assert_eq!(keys(filter("a-1")).await, ["a-2"]);
    client.call(DeleteFlowRunInput { id: run.id, key: "b".into() }).await.expect("deleted");
    assert_eq!(read("b").await.expect_err("gone").kind(), ErrorKind::NotFound);
    for wrong in ["", "a/b", "<b>"] {
        let error = client.call(hand(wrong, "1")).await.expect_err(wrong);
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
    client.call(DeleteFlowRun { id: run.id }).await.expect("deleted");
    assert_eq!(keys(filter("")).await, [""; 0]);
}

pub(super) async fn search_is_saved_under_its_name(client: &Client) {
    let save = |filter: &str| SetSavedSearch { name: "mine".into(), filters: vec![json!(filter)] };
    let made = client.call(save("a")).await.expect("saved");
    let changed = client.call(save("b")).await.expect("saved");
    assert!(made.is_new && !changed.is_new);
    let read = client.call(ReadSavedSearch { id: made.id }).await.expect("found");
    assert_eq!(read.filters, [json!("b")]);
    assert_eq!(client.call(FilterSavedSearches::default()).await.expect("searches"), [read]);
    client.call(DeleteSavedSearch { id: made.id }).await.expect("deleted");
    let gone = client.call(ReadSavedSearch { id: made.id }).await.expect_err("gone");
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

pub(super) async fn default_storage_is_a_block_that_is_there(client: &Client) {
    let read = client.call(ReadDefaultStorage {}).await.expect("an answer");
    assert_eq!(read.default_result_storage_block_id, None);
    let nowhere = SetDefaultStorage { default_result_storage_block_id: id(7) };
    assert_eq!(client.call(nowhere).await.expect_err("none").kind(), ErrorKind::NotFound);
    let block = super::block::saved(client).await;
    let set = SetDefaultStorage { default_result_storage_block_id: block };
    client.call(set).await.expect("set");
    let read = client.call(ReadDefaultStorage {}).await.expect("an answer");
    assert_eq!(read.default_result_storage_block_id, Some(block));
    client.call(ClearDefaultStorage {}).await.expect("cleared");
    let read = client.call(ReadDefaultStorage {}).await.expect("an answer");
    assert_eq!(read.default_result_storage_block_id, None);
}
