//! Results that are kept and found again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use flowkit::block::LocalFileSystem;
use flowkit::prelude::*;

use crate::support::Scratch;

type Runs = Arc<AtomicU32>;

fn run(runs: &Runs) -> u32 {
    runs.fetch_add(1, Ordering::SeqCst)
}

#[task(cache_key = inputs, cache_expiration = "1h")]
async fn by_inputs(text: &str, #[resource] runs: Runs) -> String {
    format!("{text} {}", run(&runs))
}

#[task(cache_key = own_key)]
async fn by_initial(text: &str, #[resource] runs: Runs) -> u32 {
    let _ = text;
    run(&runs)
}

fn own_key(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.chars().take(1).collect())
}

#[flow]
async fn cached(#[resource] runs: Runs) -> flowkit::Result<()> {
    assert_eq!(by_inputs("a", runs.clone()).await?, "a 0");
    assert_eq!(by_inputs("a", runs.clone()).await?, "a 0");
    assert_eq!(by_inputs("b", runs.clone()).await?, "b 1");
    assert_eq!(by_inputs("a", runs.clone()).refresh_cache().await?, "a 2");
    assert_eq!(by_inputs("a", runs.clone()).await?, "a 2");
    assert_eq!(by_inputs("c", runs.clone()).cache_key("mine").await?, "c 3");
    assert_eq!(by_inputs("d", runs).cache_key("mine").await?, "c 3");
    Ok(())
}

#[tokio::test]
async fn same_inputs_are_run_once() {
    let scratch = Scratch::new().await;
    scratch.hold(async { cached(Runs::default()).await }).await.expect("completed");
    assert_eq!(scratch.task_states("by_inputs-0").await, ["Pending", "Running", "Completed"]);
    assert_eq!(scratch.task_states("by_inputs-1").await, ["Pending", "Cached"]);
}

#[flow]
async fn once(#[resource] runs: Runs) -> flowkit::Result<String> {
    by_inputs("x", runs).await
}

#[tokio::test]
async fn kept_result_is_found_by_other_runs_until_it_expires() {
    let scratch = Scratch::with_stub_clock().await;
    let runs = Runs::default();
    let call =
        || async { scratch.hold(async { once(runs.clone()).await }).await.expect("completed") };
    assert_eq!(call().await, "x 0");
    assert_eq!(call().await, "x 0");
    scratch.runtime().clock().advance(Duration::from_secs(3601));
    assert_eq!(call().await, "x 1");
}

#[flow]
async fn own(#[resource] runs: Runs) -> flowkit::Result<()> {
    assert_eq!(by_initial("apple", runs.clone()).await?, 0);
    assert_eq!(by_initial("avocado", runs.clone()).await?, 0);
    assert_eq!(by_initial("banana", runs.clone()).await?, 1);
    assert_eq!(by_initial("", runs.clone()).await?, 2);
    assert_eq!(by_initial("", runs).await?, 3);
    Ok(())
}

#[tokio::test]
async fn own_key_says_what_is_the_same_and_what_is_not_cached() {
    let scratch = Scratch::new().await;
    scratch.hold(async { own(Runs::default()).await }).await.expect("completed");
}

struct Opaque;

#[task(cache_key = inputs)]
async fn opaque(_value: Opaque) {}

#[task(persist_result = true)]
async fn unkeepable() -> Opaque {
    Opaque
}

#[flow]
async fn demanding() -> flowkit::Result<()> {
    let error = opaque(Opaque).await.expect_err("it has no key");
    assert!(error.full_message().contains("one of them has no JSON"), "{error:?}");
    unkeepable().persist_result(false).await?;
    unkeepable().await.map(drop)
}

#[tokio::test]
async fn what_cannot_be_written_as_json_is_refused_where_it_has_to_be() {
    let scratch = Scratch::new().await;
    let error = scratch.hold(async { demanding().await }).await.expect_err("it cannot be kept");
    let told = error.full_message();
    assert!(told.contains("the result of task run 'unkeepable-1' cannot be kept"), "{told}");
}

#[task]
async fn large(size: usize) -> String {
    "x".repeat(size)
}

#[task(persist_result = true)]
async fn precious(size: usize) -> String {
    "x".repeat(size)
}

#[flow]
async fn sizes() -> flowkit::Result<()> {
    large(100).await?;
    large(100_000).await?;
    large(2_000_000).await?;
    let error = precious(2_000_000).await.expect_err("it is too large");
    let told = error.full_message();
    assert!(told.contains("larger than the limit of 1000000 bytes"), "{told}");
    Ok(())
}

#[tokio::test]
async fn large_result_goes_to_the_storage_and_a_huge_one_is_told() {
    let clock = flowkit::Clock::system();
    let scratch = Scratch::with_settings(clock, &[("FLOWKIT_RESULTS_MAX_BYTES", "1000000")]).await;
    scratch.hold(async { sizes().await }).await.expect("completed");
    let kept = scratch.folder().join("storage/results");
    let files = std::fs::read_dir(kept).expect("a folder of results").count();
    assert_eq!(files, 1, "small ones stand in the database, huge ones nowhere");
}

#[task(result_storage = "local-file-system/archive")]
async fn archived() -> String {
    "kept elsewhere".to_owned()
}

#[flow]
async fn archiving() -> flowkit::Result<String> {
    archived().await
}

#[tokio::test]
async fn result_goes_to_the_storage_that_its_task_names() {
    let scratch = Scratch::new().await;
    let error = scratch.hold(async { archived().persist_result(true).await }).await;
    let told = error.expect_err("nobody knows that storage").full_message();
    assert!(told.contains("storage `local-file-system/archive` not found"), "{told}");
    let archive = scratch.folder().join("archive");
    let storage = std::sync::Arc::new(LocalFileSystem::new(&archive));
    scratch.runtime().register_storage("local-file-system/archive", storage);
    scratch.hold(async { archiving().await }).await.expect("completed");
    let files: Vec<_> =
        std::fs::read_dir(archive.join("results")).expect("made").flatten().collect();
    let kept = std::fs::read_to_string(files[0].path()).expect("read");
    assert_eq!((files.len(), kept.as_str()), (1, "\"kept elsewhere\""));
}
