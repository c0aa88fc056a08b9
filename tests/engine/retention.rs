//! What is old is deleted.

use std::time::Duration;

use flowkit::prelude::*;
use flowkit::wire::{FilterFlowRuns, FilterLogs};

use crate::support::Scratch;

#[task]
async fn large() -> String {
    "x".repeat(100_000)
}

#[flow]
async fn quick() -> flowkit::Result<()> {
    large().await.map(drop)
}

async fn counts(scratch: &Scratch) -> (usize, usize, usize) {
    let client = scratch.runtime().client();
    let runs = client.call(FilterFlowRuns::default()).await.expect("answered").len();
    let logs = client.call(FilterLogs::default()).await.expect("answered").len();
    let files =
        std::fs::read_dir(scratch.folder().join("storage/results")).map_or(0, Iterator::count);
    (runs, logs, files)
}

#[tokio::test]
async fn old_runs_go_with_their_results_and_young_ones_stay() {
    let settings = [("FLOWKIT_RETENTION_RUNS", "30d")];
    let start = flowkit::Clock::system().now();
    let clock = flowkit::Clock::stub(start);
    let scratch = Scratch::with_settings(clock.clone(), &settings).await;
    scratch.hold(async { quick().await }).await.expect("completed");
    clock.advance(Duration::from_secs(20 * 24 * 3600));
    scratch.hold(async { quick().await }).await.expect("completed");
    assert_eq!(counts(&scratch).await, (2, 0, 2));
    clock.advance(Duration::from_secs(20 * 24 * 3600));
    scratch.runtime().delete_old_runs().await.expect("deleted");
    assert_eq!(counts(&scratch).await.0, 1);
    clock.advance(Duration::from_secs(20 * 24 * 3600));
    scratch.runtime().delete_old_runs().await.expect("deleted");
    assert_eq!(counts(&scratch).await, (0, 0, 0));
}
