//! Many calls at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flowkit::prelude::*;
use tokio::sync::Barrier;

use crate::support::Scratch;

/// Counts how many are inside at once, and the most there were.
#[derive(Clone, Default)]
struct Gauge(Arc<(AtomicUsize, AtomicUsize)>);

impl Gauge {
    async fn inside(&self) {
        let now = self.0.0.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.1.fetch_max(now, Ordering::SeqCst);
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }

    fn most(&self) -> usize {
        self.0.1.load(Ordering::SeqCst)
    }
}

#[task]
async fn square(n: u64, #[resource] gauge: Gauge) -> flowkit::Result<u64> {
    gauge.inside().await;
    if n == 13 { Err(flowkit::Error::invalid("thirteen")) } else { Ok(n * n) }
}

#[flow(concurrency = 4)]
async fn squares(count: u64, #[resource] gauge: Gauge) -> flowkit::Result<Vec<u64>> {
    (0..count).map(|n| square(n, gauge.clone())).gather().await
}

#[task]
async fn meet(n: u64, #[resource] gauge: Gauge, #[resource] four: Arc<Barrier>) -> u64 {
    four.wait().await;
    gauge.inside().await;
    n
}

#[flow(concurrency = 4)]
async fn meetings(#[resource] gauge: Gauge) -> flowkit::Result<Vec<u64>> {
    let four = Arc::new(Barrier::new(4));
    (0..8).map(|n| meet(n, gauge.clone(), four.clone())).gather().await
}

#[tokio::test(flavor = "multi_thread")]
async fn results_come_in_order_and_as_many_run_at_once_as_the_flow_allows() {
    let scratch = Scratch::new().await;
    let gauge = Gauge::default();
    let met = scratch.hold(async { meetings(gauge.clone()).await }).await;
    assert_eq!(met.expect("four at once, or they would wait for ever"), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert!(gauge.most() <= 4, "{} at once", gauge.most());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failure_no_further_call_is_started() {
    let scratch = Scratch::new().await;
    let error = scratch.hold(async { squares(1000, Gauge::default()).await }).await;
    assert!(error.expect_err("thirteen fails").full_message().contains("thirteen"));
    let ran = scratch.task_runs().await.len();
    assert!((14..30).contains(&ran), "{ran} ran");
}

#[flow]
async fn tolerant(#[resource] gauge: Gauge) -> flowkit::Result<usize> {
    let all = (10..16).map(|n| square(n, gauge.clone())).gather().bound(2).all().await;
    assert!(gauge.most() <= 2);
    assert!(all[3].is_err());
    Ok(all.into_iter().filter(Result::is_ok).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_them_are_run_where_failures_are_wanted_too() {
    let scratch = Scratch::new().await;
    assert_eq!(scratch.hold(async { tolerant(Gauge::default()).await }).await.expect("counted"), 5);
}

#[flow(concurrency = 3)]
async fn submitting(#[resource] gauge: Gauge) -> flowkit::Result<u64> {
    let handles: Vec<_> = (0..8).map(|n| square(n, gauge.clone()).submit()).collect();
    Ok(handles.gather().await?.into_iter().sum())
}

#[tokio::test(flavor = "multi_thread")]
async fn submitted_runs_keep_to_the_bound_too() {
    let scratch = Scratch::new().await;
    let gauge = Gauge::default();
    let sum = scratch.hold(async { submitting(gauge.clone()).await }).await;
    assert_eq!(sum.expect("completed"), 140);
    assert!(gauge.most() <= 3, "{} at once", gauge.most());
}

#[task]
async fn nested(n: u64, #[resource] gauge: Gauge) -> flowkit::Result<u64> {
    (0..3).map(|m| square(n + m, gauge.clone())).gather().await.map(|all| all.into_iter().sum())
}

#[flow(concurrency = 2)]
async fn deep(#[resource] gauge: Gauge) -> flowkit::Result<Vec<u64>> {
    (0..4).map(|n| nested(n, gauge.clone())).gather().await
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_inside_tasks_do_not_wait_for_the_places_of_their_callers() {
    let scratch = Scratch::new().await;
    let sums = scratch.hold(async { deep(Gauge::default()).await }).await;
    assert_eq!(sums.expect("no deadlock"), [5, 14, 29, 50]);
}
