//! What can be called, with what, and what comes back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use flowkit::ErrorKind;
use flowkit::prelude::*;
use flowkit::run::HookEvent;

use crate::support::Scratch;

#[task]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[task]
fn length(text: &str) -> usize {
    text.len()
}

#[task]
async fn sum(numbers: &[i64]) -> i64 {
    numbers.iter().sum()
}

#[task]
async fn maybe(value: Option<u32>) -> Option<u32> {
    value
}

#[task]
async fn nothing() {}

#[task]
async fn scaled(value: i64, #[default(10)] factor: i64) -> i64 {
    value * factor
}

#[derive(Clone)]
struct Counter(Arc<AtomicU32>);

#[task]
async fn count(#[resource] counter: Counter) -> u32 {
    counter.0.fetch_add(1, Ordering::SeqCst)
}

#[flow]
async fn all_kinds() -> flowkit::Result<()> {
    assert_eq!(add(1, 2).await?, 3);
    assert_eq!(length("four").await?, 4);
    assert_eq!(length(String::from("five!")).await?, 5);
    assert_eq!(sum(&[1, 2, 3][..]).await?, 6);
    assert_eq!(sum(vec![4, 5]).await?, 9);
    assert_eq!(maybe(Some(7)).await?, Some(7));
    assert_eq!(maybe(None).await?, None);
    nothing().await?;
    assert_eq!(scaled(2, 3).await?, 6);
    assert_eq!(scaled(2, DEFAULT).await?, 20);
    let counter = Counter(Arc::default());
    count(counter.clone()).await?;
    count(counter.clone()).await?;
    assert_eq!(counter.0.load(Ordering::SeqCst), 2);
    Ok(())
}

#[tokio::test]
async fn tasks_take_values_borrowed_forms_defaults_and_resources() {
    let scratch = Scratch::new().await;
    scratch.hold(async { all_kinds().await }).await.expect("completed");
    assert_eq!(scratch.only_flow_run().await.state.expect("a state").to_string(), "Completed()");
    let names: Vec<_> = scratch.task_runs().await.into_iter().map(|run| run.name).collect();
    let expected = [
        "add-0",
        "length-0",
        "length-1",
        "sum-0",
        "sum-1",
        "maybe-0",
        "maybe-1",
        "nothing-0",
        "scaled-0",
        "scaled-1",
        "count-0",
        "count-1",
    ];
    assert_eq!(names, expected);
}

#[derive(Debug, PartialEq)]
struct Refused {
    code: u8,
}

#[task]
async fn refuse() -> Result<u8, Refused> {
    Err(Refused { code: 7 })
}

#[task]
async fn read_missing() -> anyhow::Result<String> {
    use anyhow::Context;
    std::fs::read_to_string("/no/such/file").context("the list of customers is needed")
}

#[flow]
async fn failing() -> anyhow::Result<()> {
    let error = refuse().await.expect_err("it refuses");
    assert_eq!(error.original_ref::<Refused>(), Some(&Refused { code: 7 }));
    read_missing().await?;
    Ok(())
}

#[tokio::test]
async fn callers_get_the_original_error_with_its_story() {
    let scratch = Scratch::new().await;
    let error = scratch.hold(async { failing().await }).await.expect_err("it fails");
    assert_eq!(error.kind(), ErrorKind::Failed);
    let cause = error.downcast_ref::<std::io::Error>().expect("the io error");
    assert_eq!(cause.kind(), std::io::ErrorKind::NotFound);
    let state = scratch.task_run("read_missing-0").await.state.expect("a state");
    insta::assert_snapshot!(state, @"Failed('the list of customers is needed: No such file or directory (os error 2)')");
    let told = error.full_message().replace(&scratch.only_flow_run().await.name, "NAME");
    insta::assert_snapshot!(told, @"flow run 'NAME' failed: task run 'read_missing-0' failed: the list of customers is needed: No such file or directory (os error 2)");
}

#[task]
async fn overflow(values: Vec<i32>) -> i32 {
    values[3]
}

#[task]
fn sync_overflow(values: Vec<i32>) -> i32 {
    values[3]
}

#[flow]
async fn panicking() -> flowkit::Result<()> {
    overflow(vec![1]).await.expect_err("it panics");
    sync_overflow(vec![1]).await.expect_err("it panics");
    Ok(())
}

#[tokio::test]
async fn panic_is_a_failed_state_with_message_and_place() {
    let scratch = Scratch::new().await;
    scratch.hold(async { panicking().await }).await.expect("the flow goes on");
    for name in ["overflow-0", "sync_overflow-0"] {
        let state = scratch.task_run(name).await.state.expect("a state");
        assert_eq!(state.name, "Failed");
        let message = state.message.expect("a message");
        assert!(message.contains("index out of bounds"), "{message}");
        assert!(message.contains("call.rs:"), "{message}");
    }
}

#[task(run_name = "load-{day}", tags = ["io", "daily"], description = "Loads a day.", version = "3")]
async fn load(day: &str) -> usize {
    assert_eq!(flowkit::task_run().name(), format!("load-{day}"));
    day.len()
}

#[flow(run_name = "import-{day}")]
async fn import(day: String) -> flowkit::Result<()> {
    load(day).tags(["extra"]).await?;
    load("b").name("mine").await.expect_err("the body expects another name");
    Ok(())
}

#[tokio::test]
async fn runs_are_named_by_template_and_by_call() {
    let scratch = Scratch::new().await;
    scratch.hold(async { import("2026-01-01").await }).await.expect("completed");
    assert_eq!(scratch.only_flow_run().await.name, "import-2026-01-01");
    let run = scratch.task_run("load-2026-01-01").await;
    assert_eq!(run.tags, ["io", "daily", "extra"]);
    assert_eq!(run.task_version.as_deref(), Some("3"));
    scratch.task_run("mine").await;
}

#[flow]
async fn graph() -> flowkit::Result<i64> {
    let one = add(1, 1).submit();
    let two = add(&one, 1).submit();
    let three = sum(vec![one.clone(), two.clone()]).submit();
    nothing().after(&three).await?;
    three.await
}

#[tokio::test]
async fn handles_become_edges_of_the_graph() {
    let scratch = Scratch::new().await;
    assert_eq!(scratch.hold(async { graph().await }).await.expect("completed"), 5);
    let names: BTreeMap<_, _> =
        scratch.task_runs().await.into_iter().map(|run| (run.id, run.name)).collect();
    let mut edges = String::new();
    for run in scratch.task_runs().await {
        for (parameter, inputs) in run.task_inputs {
            for input in inputs {
                let flowkit::model::TaskInput::TaskRun { id } = input else { continue };
                edges.push_str(&format!("{} --{parameter}--> {}\n", names[&id], run.name));
            }
        }
    }
    insta::assert_snapshot!(edges, @r"
    add-0 --a--> add-1
    add-0 --numbers--> sum-0
    add-1 --numbers--> sum-0
    sum-0 --wait_for--> nothing-0
    ");
}

#[task]
async fn fail() -> flowkit::Result<i64> {
    Err(flowkit::Error::invalid("no luck"))
}

#[flow]
async fn upstream_failure() -> flowkit::Result<()> {
    let failed = fail().submit();
    let error = add(&failed, 1).await.expect_err("its input is missing");
    assert!(error.full_message().contains("upstream 'fail-0' ended Failed"), "{error:?}");
    nothing().after(&failed).await.expect_err("what comes before failed");
    nothing().after(&failed).allow_failure().await
}

#[tokio::test]
async fn run_behind_a_failed_one_is_not_ready_unless_it_allows_failure() {
    let scratch = Scratch::new().await;
    scratch.hold(async { upstream_failure().await }).await.expect("completed");
    assert_eq!(scratch.task_states("add-0").await, ["Pending", "NotReady"]);
    assert_eq!(scratch.task_states("nothing-0").await, ["Pending", "NotReady"]);
    assert_eq!(scratch.task_states("nothing-1").await, ["Pending", "Running", "Completed"]);
}

#[flow]
async fn takes_foreign(handle: flowkit::Handle<i64>) -> flowkit::Result<()> {
    let error = add(handle, 1).await.expect_err("the handle is of another run");
    assert!(error.full_message().contains("belongs to another flow run"), "{error:?}");
    Ok(())
}

#[flow]
async fn gives_foreign() -> flowkit::Result<flowkit::Handle<i64>> {
    Ok(add(1, 1).submit())
}

#[tokio::test]
async fn handle_of_another_run_is_refused() {
    let scratch = Scratch::new().await;
    let ran = scratch.hold(async {
        let handle = gives_foreign().await?;
        takes_foreign(handle).await
    });
    ran.await.expect("completed");
}

#[tokio::test]
async fn task_outside_a_flow_is_a_run_of_its_own() {
    let scratch = Scratch::new().await;
    let id = scratch.hold(async {
        let call = add(20, 22);
        let id = call.id();
        assert_eq!(call.await.expect("completed"), 42);
        id
    });
    let id = id.await;
    scratch.runtime().flush().await.expect("flushed");
    let run =
        scratch.runtime().client().call(flowkit::wire::ReadTaskRun { id }).await.expect("kept");
    assert_eq!(run.flow_run_id, None);
    assert_eq!(run.state.expect("a state").name, "Completed");
}

async fn twice<F, T>(make: impl Fn() -> F) -> flowkit::Result<(T, T)>
where
    F: IntoFuture<Output = flowkit::Result<T>>,
{
    Ok((make().await?, make().await?))
}

#[task]
async fn outer(n: i64) -> flowkit::Result<i64> {
    let inner = add(n, 1).await?;
    let spawned = flowkit::spawn(async move { add(inner, 1).await });
    spawned.await.expect("not aborted")
}

#[flow]
async fn helpers() -> flowkit::Result<()> {
    let base = 10;
    assert_eq!(twice(|| add(base, 1)).await?, (11, 11));
    assert_eq!(outer(1).await?, 3);
    Ok(())
}

#[tokio::test]
async fn closures_generic_helpers_and_tasks_in_tasks_are_tracked() {
    let scratch = Scratch::new().await;
    scratch.hold(async { helpers().await }).await.expect("completed");
    let runs = scratch.task_runs().await;
    let keys: Vec<_> = runs.iter().map(|run| format!("{} {}", run.name, run.dynamic_key)).collect();
    assert_eq!(keys, ["add-0 0", "add-1 1", "outer-0 0", "add-0 outer-0/0", "add-1 outer-0/1"]);
    let outer = &runs[2];
    assert_eq!(runs[3].parent_task_run_id, Some(outer.id));
}

fn told() -> &'static std::sync::Mutex<Vec<String>> {
    static TOLD: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());
    &TOLD
}

#[expect(clippy::needless_pass_by_value, reason = "a hook owns what it is told")]
fn note(event: HookEvent) {
    told().lock().expect("not poisoned").push(format!("{} {}", event.name, event.state.name));
}

async fn note_later(event: HookEvent) {
    tokio::task::yield_now().await;
    note(event);
}

fn panic_in_hook(_event: HookEvent) {
    panic!("a hook must not matter");
}

#[task(on_completion = [panic_in_hook, note_later], on_failure = note)]
async fn hooked(fails: bool) -> flowkit::Result<()> {
    if fails { Err(flowkit::Error::invalid("as asked")) } else { Ok(()) }
}

#[flow(on_failure = note, on_completion = note)]
async fn hooked_flow() -> flowkit::Result<()> {
    hooked(false).await?;
    hooked(true).await
}

#[tokio::test]
async fn hooks_are_called_once_for_the_end_that_came() {
    let scratch = Scratch::new().await;
    scratch.hold(async { hooked_flow().await }).await.expect_err("failed");
    let told = told().lock().expect("not poisoned").clone();
    assert_eq!(told, ["hooked Completed", "hooked Failed", "hooked_flow Failed"]);
}

#[tokio::test]
async fn body_can_be_called_without_being_tracked() {
    assert_eq!(add::untracked(1, 2).await, 3);
    assert_eq!(length::untracked("abc"), 3);
    assert_eq!(add::NAME, "add");
}
