//! Concurrency limits by tag and by name.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flowkit::model::LimitScope;
use flowkit::prelude::*;
use flowkit::wire::SetConcurrencyLimit;

use crate::support::Scratch;

#[derive(Clone, Default)]
struct Inside(Arc<AtomicUsize>);

#[task(tags = ["database"])]
async fn query(n: u32, #[resource] inside: Inside) -> u32 {
    assert_eq!(inside.0.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
    tokio::task::yield_now().await;
    inside.0.fetch_sub(1, Ordering::SeqCst);
    n
}

#[flow]
async fn queries() -> flowkit::Result<Vec<u32>> {
    let inside = Inside::default();
    (0..5).map(|n| query(n, inside.clone())).gather().await
}

async fn limit(scratch: &Scratch, scope: LimitScope, name: &str, limit: u32) {
    let set = SetConcurrencyLimit { scope, name: name.to_owned(), limit };
    scratch.runtime().client().call(set).await.expect("set");
}

#[tokio::test(flavor = "multi_thread")]
async fn tagged_task_runs_keep_to_the_limit_of_their_tag() {
    let scratch = Scratch::new().await;
    limit(&scratch, LimitScope::Tag, "database", 1).await;
    let runtime = scratch.restart().await;
    let ran = runtime.hold(async { queries().await }).await;
    assert_eq!(ran.expect("completed"), [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn limit_of_zero_is_told_and_not_waited_for() {
    let scratch = Scratch::new().await;
    limit(&scratch, LimitScope::Tag, "database", 0).await;
    let runtime = scratch.restart().await;
    let error = runtime.hold(async { queries().await }).await.expect_err("never");
    let told = error.full_message();
    assert!(told.contains("concurrency limit for tag 'database' is 0"), "{told}");
}

#[tokio::test]
async fn slots_by_name_are_held_as_long_as_their_value_lives() {
    let scratch = Scratch::new().await;
    limit(&scratch, LimitScope::Name, "licence", 2).await;
    let held = scratch.hold(async {
        let one = flowkit::concurrency("licence", 1).await?;
        let two = flowkit::concurrency("licence", 1).await?;
        let third = flowkit::concurrency("licence", 1);
        tokio::pin!(third);
        assert!(futures_util::poll!(&mut third).is_pending());
        drop((one, two));
        third.await.map(drop)
    });
    held.await.expect("granted");
    let error = scratch.hold(flowkit::concurrency("licence", 3)).await.expect_err("never");
    assert!(error.to_string().contains("fewer than 3 slots"), "{error}");
}
