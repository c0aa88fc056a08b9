//! Flows that call flows.

use flowkit::ErrorKind;
use flowkit::model::StateType;
use flowkit::prelude::*;

use crate::support::Scratch;

#[task]
async fn double(n: i64) -> i64 {
    n * 2
}

#[flow]
async fn child(n: i64) -> flowkit::Result<i64> {
    double(n).await
}

#[flow]
async fn parent() -> flowkit::Result<i64> {
    let handle = double(1).submit();
    let a = child(&handle).await?;
    let b = child(10).name("second").await?;
    Ok(a + b)
}

#[tokio::test]
async fn subflow_is_a_run_behind_a_task_run_of_its_caller() {
    let scratch = Scratch::new().await;
    assert_eq!(scratch.hold(async { parent().await }).await.expect("completed"), 24);
    let runs = scratch.flow_runs().await;
    assert_eq!(runs.len(), 3);
    assert!(runs.iter().all(|run| run.state_type() == StateType::Completed));
    let placeholder = scratch.task_run("child-1").await;
    assert_eq!(placeholder.flow_run_id, Some(runs[0].id));
    assert_eq!(placeholder.state_type(), StateType::Completed);
    let second = runs.iter().find(|run| run.name == "second").expect("the named one");
    assert_eq!(second.parent_task_run_id, Some(placeholder.id));
    assert_eq!(second.parameters["n"], 10);
}

#[flow]
async fn endless(n: u32) -> flowkit::Result<u32> {
    endless(n + 1).await
}

#[tokio::test]
async fn flow_that_calls_itself_without_end_is_stopped() {
    let scratch = Scratch::new().await;
    let error = scratch.hold(async { endless(0).await }).await.expect_err("stopped");
    let told = error.full_message();
    assert!(told.ends_with("flow `endless` is called inside 50 other flows"), "{told}");
    assert_eq!(error.kind(), ErrorKind::Failed);
}

mod twin {
    use flowkit::prelude::*;

    #[flow(name = "twin")]
    pub(super) async fn one() {}

    #[flow(name = "twin")]
    pub(super) async fn other() {}
}

#[tokio::test]
async fn two_flows_of_one_name_are_refused() {
    let scratch = Scratch::new().await;
    for error in [
        scratch.hold(async { twin::one().await }).await.expect_err("refused"),
        scratch.hold(async { twin::other().await }).await.expect_err("refused"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert!(error.to_string().contains("two flows are called `twin`"), "{error}");
    }
}
