//! Retries and timeouts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use flowkit::ErrorKind;
use flowkit::prelude::*;

use crate::support::Scratch;

/// How often a body was tried.
type Tries = Arc<AtomicU32>;

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("try {0} failed")]
    Passing(u32),
    #[error("this will not help")]
    Lasting,
}

fn is_passing(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Passing(_))
}

#[task(retries = 3, retry_delay = ["1s", "5s"])]
async fn third_time(#[resource] tries: Tries) -> Result<u32, Trouble> {
    match tries.fetch_add(1, Ordering::SeqCst) {
        before @ 0..2 => Err(Trouble::Passing(before)),
        before => Ok(before),
    }
}

#[task(retries = 3, retry_if = is_passing)]
fn hopeless(#[resource] tries: Tries) -> Result<u32, Trouble> {
    tries.fetch_add(1, Ordering::SeqCst);
    Err(Trouble::Lasting)
}

#[flow]
async fn patient(#[resource] tries: Tries) -> flowkit::Result<u32> {
    third_time(tries).await
}

#[tokio::test]
async fn failed_run_is_tried_again_after_its_delays() {
    let scratch = Scratch::with_stub_clock().await;
    let start = scratch.runtime().clock().now();
    let value = scratch.hold_while_time_flies(async { patient(Tries::default()).await });
    assert_eq!(value.await.expect("the third try"), 2);
    let expected = [
        "Pending",
        "Running",
        "Failed",
        "AwaitingRetry",
        "Retrying",
        "Failed",
        "AwaitingRetry",
        "Retrying",
        "Completed",
    ];
    assert_eq!(scratch.task_states("third_time-0").await, expected);
    let run = scratch.task_run("third_time-0").await;
    assert_eq!(run.run_count, 3);
    let waited = run.end_time.expect("an end").since(start);
    assert!(waited >= Duration::from_secs(6), "{waited:?}");
}

#[flow]
async fn impatient(#[resource] tries: Tries) -> flowkit::Result<u32> {
    hopeless(tries).await
}

#[tokio::test]
async fn predicate_decides_whether_another_try_may_help() {
    let scratch = Scratch::new().await;
    let tries = Tries::default();
    let error = scratch.hold(async { impatient(tries.clone()).await }).await.expect_err("failed");
    assert!(matches!(error.downcast_ref::<Trouble>(), Some(Trouble::Lasting)));
    assert_eq!(tries.load(Ordering::SeqCst), 1);
    assert_eq!(scratch.task_states("hopeless-0").await, ["Pending", "Running", "Failed"]);
}

#[flow]
async fn insistent(#[resource] tries: Tries) -> flowkit::Result<u32> {
    hopeless(tries.clone()).retries(0).await.expect_err("no try is left");
    third_time(tries).retries(1).retry_delay(Duration::ZERO).await
}

#[tokio::test]
async fn call_says_how_often_it_is_tried() {
    let scratch = Scratch::new().await;
    let tries = Tries::default();
    let value = scratch.hold(async { insistent(tries.clone()).await }).await;
    assert_eq!(value.expect("the second try"), 2);
    assert_eq!(tries.load(Ordering::SeqCst), 3);
}

struct NotClone(u8);

#[task(retries = 1)]
async fn consume(value: NotClone) -> flowkit::Result<()> {
    Err(flowkit::Error::invalid(format!("{} as ever", value.0)))
}

#[flow]
async fn consuming() -> flowkit::Result<()> {
    consume(NotClone(1)).retries(0).await.expect_err("tried once, as it can be");
    consume(NotClone(1)).await
}

#[tokio::test]
async fn value_that_cannot_be_kept_for_another_try_is_told() {
    let scratch = Scratch::new().await;
    let error = scratch.hold(async { consuming().await }).await.expect_err("it needs two values");
    let told = error.full_message();
    assert!(told.contains("argument `value` cannot be kept for another try"), "{told}");
}

#[task(timeout = "30s")]
async fn slow() {
    std::future::pending::<()>().await;
}

#[flow]
async fn waiting() -> flowkit::Result<()> {
    slow().await
}

#[tokio::test]
async fn run_over_its_time_is_timed_out() {
    let scratch = Scratch::with_stub_clock().await;
    let error = scratch.hold_while_time_flies(async { waiting().await }).await.expect_err("late");
    assert_eq!(error.kind(), ErrorKind::Failed);
    let cause = error.downcast_ref::<flowkit::Error>().expect("the task's error");
    assert_eq!(cause.kind(), ErrorKind::Timeout);
    let state = scratch.task_run("slow-0").await.state.expect("a state");
    insta::assert_snapshot!(state, @"TimedOut('exceeded its timeout of 30 seconds')");
}

#[flow(timeout = "1m")]
async fn stuck() -> flowkit::Result<()> {
    slow().timeout(Duration::from_secs(3600)).await
}

#[tokio::test]
async fn flow_over_its_time_takes_its_tasks_along() {
    let scratch = Scratch::with_stub_clock().await;
    let error = scratch.hold_while_time_flies(async { stuck().await }).await.expect_err("late");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(scratch.flow_states().await, ["Pending", "Running", "TimedOut"]);
    assert_eq!(scratch.task_states("slow-0").await, ["Pending", "Running", "Cancelled"]);
}

#[task]
async fn step(#[resource] done: Tries, name: String) -> String {
    done.fetch_add(1, Ordering::SeqCst);
    name
}

#[flow(retries = 2, retry_delay = "10s")]
async fn clumsy(#[resource] done: Tries, #[resource] tries: Tries) -> flowkit::Result<String> {
    let first = step(done.clone(), "first").await?;
    if tries.fetch_add(1, Ordering::SeqCst) < 2 {
        return Err(flowkit::Error::unavailable("not yet"));
    }
    step(done, first).await
}

#[tokio::test]
async fn retried_flow_skips_what_it_has_done() {
    let scratch = Scratch::with_stub_clock().await;
    let (done, tries) = (Tries::default(), Tries::default());
    let value = scratch.hold_while_time_flies(async { clumsy(done.clone(), tries.clone()).await });
    assert_eq!(value.await.expect("the third try"), "first");
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    assert_eq!(done.load(Ordering::SeqCst), 2, "each step was run once");
    let run = scratch.only_flow_run().await;
    assert_eq!(run.run_count, 3);
    assert_eq!(scratch.task_runs().await.len(), 2);
}
