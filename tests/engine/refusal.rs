//! Bad input: each a clear error, and nothing lost.

use std::collections::BTreeMap;

use flowkit::ErrorKind;
use flowkit::model::{CrashPolicy, FlowRunId, FlowRunNotes, RetryPolicy, State};
use flowkit::prelude::*;
use flowkit::wire::{CreateFlow, CreateFlowRun};
use serde_json::{Value, json};

use crate::support::{Scratch, run_program};

/// A run of the flow `greet` of the program `flowkit-greeter`, made from outside with that JSON.
async fn made_outside(scratch: &Scratch, parameters: Value) -> FlowRunId {
    let client = scratch.runtime().client();
    let flow = CreateFlow { name: "greet".to_owned(), tags: Vec::new() };
    let flow_id = client.call(flow).await.expect("made").id;
    let now = scratch.runtime().clock().now();
    let parameters: BTreeMap<String, Value> = serde_json::from_value(parameters).expect("a map");
    let state = State::pending(now);
    let id: FlowRunId = "01900000-0000-7000-8000-000000000001".parse().expect("an id");
    client
        .call(CreateFlowRun {
            id,
            name: "made-outside".to_owned(),
            flow_id,
            flow_version: None,
            parameters,
            tags: Vec::new(),
            parent_task_run_id: None,
            empirical_policy: RetryPolicy::default(),
            idempotency_key: None,
            state,
            program: None,
            notes: FlowRunNotes::default(),
            on_crash: CrashPolicy::Fail,
        })
        .await
        .expect("made")
        .id
}

/// Executes that run in its program, and tells what the program said last.
async fn executed(parameters: Value) -> (String, String) {
    let scratch = Scratch::new().await;
    let id = made_outside(&scratch, parameters).await;
    let home = scratch.folder().to_str().expect("a path in UTF-8").to_owned();
    let environment = [("FLOWKIT_HOME", home), ("FLOWKIT_FLOW_RUN_ID", id.to_string())];
    let told = run_program(env!("CARGO_BIN_EXE_flowkit-greeter"), &environment);
    let state = scratch.only_flow_run().await.state.expect("a state").to_string();
    (state, told.lines().last().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn run_made_outside_is_executed_with_its_parameters_and_defaults() {
    let (state, told) = executed(json!({ "name": "Ada", "times": 2 })).await;
    assert_eq!(state, "Completed()", "{told}");
    let (state, told) = executed(json!({ "name": "Ada" })).await;
    assert_eq!(state, "Completed()", "{told}");
}

#[tokio::test]
async fn parameters_that_do_not_fit_fail_the_run_with_a_sentence() {
    let (state, told) = executed(json!({ "name": "Ada", "times": "often" })).await;
    insta::assert_snapshot!(state, @r#"Failed('parameter `times` of flow `greet` takes a `u32`, not "often": invalid type: string "often", expected u32')"#);
    assert!(told.contains("parameter `times`"), "{told}");
    let (state, _) = executed(json!({ "times": 2 })).await;
    insta::assert_snapshot!(state, @"Failed('parameter `name` of flow `greet` is missing')");
    let (state, _) = executed(json!({ "name": "Ada", "tims": 2 })).await;
    insta::assert_snapshot!(state, @"Failed('flow `greet` has no parameter `tims`')");
}

#[test]
fn program_describes_its_flows() {
    let environment = [("FLOWKIT_DESCRIBE", "1".to_owned())];
    let told = run_program(env!("CARGO_BIN_EXE_flowkit-greeter"), &environment);
    let mut told: Value = serde_json::from_str(&told).expect("JSON");
    told["flows"][0]["version"] = "…".into();
    told["flowkit"] = "…".into();
    insta::assert_json_snapshot!(told, @r#"
    {
      "flowkit": "…",
      "flows": [
        {
          "description": "Greets somebody.",
          "key": "flowkit_greeter::greet",
          "name": "greet",
          "parameter_openapi_schema": {
            "properties": {
              "name": {
                "position": 0,
                "title": "name",
                "type": "string"
              },
              "times": {
                "default": 1,
                "format": "uint32",
                "minimum": 0,
                "position": 1,
                "title": "times",
                "type": "integer"
              }
            },
            "required": [
              "name"
            ],
            "title": "Parameters",
            "type": "object"
          },
          "tags": [
            "demo"
          ],
          "version": "…"
        }
      ],
      "version": "0.1.0"
    }
    "#);
}

struct Unprintable;

#[task(cache_key = source)]
async fn mute(_value: Unprintable) -> u8 {
    1
}

#[flow]
async fn muting() -> flowkit::Result<u8> {
    mute(Unprintable).await
}

#[tokio::test]
async fn input_without_json_is_passed_through() {
    let scratch = Scratch::new().await;
    assert_eq!(scratch.hold(async { muting().await }).await.expect("completed"), 1);
}

mod one {
    use flowkit::prelude::*;

    #[task]
    pub(super) async fn load() {}
}

mod other {
    use flowkit::prelude::*;

    #[task]
    pub(super) async fn load() {}
}

#[flow]
async fn namesakes() -> flowkit::Result<()> {
    one::load().await?;
    other::load().await
}

#[tokio::test]
async fn two_tasks_of_one_name_are_told_apart_and_told_of() {
    use tracing_subscriber::layer::SubscriberExt;

    let scratch = Scratch::new().await;
    let layer = flowkit::log::layer(scratch.runtime().settings());
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    scratch.hold(async { namesakes().await }).await.expect("completed");
    let keys: Vec<_> = scratch.task_runs().await.into_iter().map(|run| run.task_key).collect();
    assert!(keys[0].ends_with("one::load") && keys[1].ends_with("other::load"), "{keys:?}");
    let logs = scratch.logs().await;
    assert!(logs.iter().any(|log| log.message.starts_with("Two tasks are called `load`")));
}

#[tokio::test]
async fn flow_run_of_another_flow_is_not_continued() {
    let scratch = Scratch::new().await;
    scratch.hold(async { muting().await }).await.expect("completed");
    let id = scratch.only_flow_run().await.id;
    let error = scratch.hold(async { namesakes().continue_run(id).await }).await;
    let error = error.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("is one of flow `muting`, not of `namesakes`"), "{error}");
}
