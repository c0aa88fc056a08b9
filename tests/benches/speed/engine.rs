//! What a task costs, alone and among many.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use flowkit::model::StateType;
use flowkit::prelude::*;
use flowkit::wire::{
    CountTaskRuns, FilterFlowRuns, FilterTaskRuns, OneOf, Page, TaskRunFilter, TaskRunSort,
};
use tokio::sync::Notify;

use super::process::memory;
use super::yardstick::Yardstick;
use super::{Meter, Wanted, figure, scratch};

#[task]
async fn noop() {}

#[task]
async fn same(n: u64) -> u64 {
    n
}

#[flow]
async fn sequential(count: u32) -> flowkit::Result<()> {
    for _ in 0..count {
        noop().await?;
    }
    Ok(())
}

#[flow(concurrency = 100)]
async fn mapped(count: u32) -> flowkit::Result<()> {
    (0..count).map(|_| noop()).gather().await.map(drop)
}

type Moments = Arc<Mutex<Vec<f64>>>;

#[task]
async fn first_line(called: u64, #[resource] clock: Start, #[resource] moments: Moments) {
    let nanos = clock.0.elapsed().as_nanos() - u128::from(called);
    moments.lock().expect("not poisoned").push(nanos as f64 / 1000.0);
}

#[derive(Clone, Copy)]
struct Start(Instant);

#[flow]
async fn submitting(count: u32, #[resource] moments: Moments) -> flowkit::Result<()> {
    let start = Start(Instant::now());
    for _ in 0..count {
        let called = u64::try_from(start.0.elapsed().as_nanos()).unwrap_or(0);
        first_line(called, start, moments.clone()).submit().await?;
    }
    Ok(())
}

#[task]
async fn wait(#[resource] go: Arc<Notify>) {
    go.notified().await;
}

#[flow(concurrency = 10)]
async fn waiting(count: u32, #[resource] memory_each: Arc<Mutex<f64>>) -> flowkit::Result<()> {
    let go = Arc::new(Notify::new());
    let before = memory();
    let handles: Vec<_> = (0..count).map(|_| wait(go.clone()).submit()).collect();
    tokio::task::yield_now().await;
    *memory_each.lock().expect("not poisoned") = (memory() - before) / f64::from(count);
    let open = async {
        loop {
            go.notify_waiters();
            go.notify_one();
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        done = handles.gather() => done.map(drop),
        never = open => never,
    }
}

/// Measures those that are wanted.
pub(crate) async fn measure(yardstick: Option<&Yardstick>, wanted: &Wanted) {
    if wanted.has("sequential") {
        one_after_another(yardstick).await;
    }
    if wanted.has("submit") {
        submit_to_body().await;
    }
    if wanted.has("untracked") {
        untracked().await;
    }
    if wanted.has("mapped") {
        many_at_once(yardstick).await;
    }
    if wanted.has("waiting") {
        waiting_memory().await;
    }
    if wanted.has_long("million") {
        a_million().await;
    }
}

async fn one_after_another(yardstick: Option<&Yardstick>) {
    let (_folder, runtime) = scratch().await;
    let count = 20_000;
    runtime.hold(async { sequential(1_000).await }).await.expect("completed");
    let meter = Meter::start();
    runtime.hold(async { sequential(count).await }).await.expect("completed");
    let cost = meter.stop();
    let each = cost.wall / f64::from(count);
    figure("one after another: tasks", 1.0 / each, "/s");
    figure("one after another: processor time a task", cost.cpu / f64::from(count) * 1e6, "µs");
    if let Some(yardstick) = yardstick {
        figure("one after another: a task against a bare commit", each / yardstick.commit, "×");
    }
}

async fn submit_to_body() {
    let (_folder, runtime) = scratch().await;
    let moments = Moments::default();
    runtime.hold(async { submitting(5_000, moments.clone()).await }).await.expect("completed");
    let mut moments = moments.lock().expect("not poisoned").clone();
    moments.sort_by(f64::total_cmp);
    figure("submit to the first line of the body, p50", moments[moments.len() / 2], "µs");
    figure("submit to the first line of the body, p99", moments[moments.len() * 99 / 100], "µs");
}

async fn untracked() {
    let (_folder, runtime) = scratch().await;
    let count = 1_000_u32;
    let meter = Meter::start();
    for n in 0..count {
        runtime.hold(async { same(u64::from(n)).await }).await.expect("completed");
    }
    figure("task run outside a flow", meter.stop().wall / f64::from(count) * 1e6, "µs");
    let count = 10_000_000_u32;
    let meter = Meter::start();
    for n in 0..u64::from(count) {
        std::hint::black_box(same::untracked(std::hint::black_box(n)).await);
    }
    figure("untracked call", meter.stop().wall / f64::from(count) * 1e9, "ns");
}

async fn many_at_once(yardstick: Option<&Yardstick>) {
    let (_folder, runtime) = scratch().await;
    runtime.hold(async { mapped(1_000).await }).await.expect("completed");
    let count = 100_000;
    let before = memory();
    let meter = Meter::start();
    runtime.hold(async { mapped(count).await }).await.expect("completed");
    let cost = meter.stop();
    let rate = f64::from(count) / cost.wall;
    figure("a hundred at once: tasks", rate, "/s");
    figure("a hundred at once: processor time a task", cost.cpu / f64::from(count) * 1e6, "µs");
    if let Some(yardstick) = yardstick {
        figure("a hundred at once: against the batched yardstick", rate / yardstick.batched, "×");
    }
    let grown = (memory() - before).max(0.0);
    figure("a hundred at once: memory kept a finished task", grown / f64::from(count), "B");
}

async fn waiting_memory() {
    let (_folder, runtime) = scratch().await;
    let each = Arc::new(Mutex::new(0.0));
    runtime.hold(async { waiting(100_000, each.clone()).await }).await.expect("completed");
    let each = *each.lock().expect("not poisoned");
    figure("submitted and waiting: memory a task", each, "B");
}

async fn a_million() {
    let (_folder, runtime) = scratch().await;
    let count = 1_000_000;
    let before = memory();
    let meter = Meter::start();
    runtime.hold(async { mapped(count).await }).await.expect("completed");
    let cost = meter.stop();
    figure("a million: tasks", f64::from(count) / cost.wall, "/s");
    figure("a million: memory grown", (memory() - before).max(0.0) / 1e6, "MB");
    let client = runtime.client();
    let flow_run_id = client.call(FilterFlowRuns::default()).await.expect("answered")[0].id;
    let flow_runs = Some(OneOf::from(vec![flow_run_id]));
    let task_runs = TaskRunFilter { flow_run_id: flow_runs, ..TaskRunFilter::default() };
    let first = FilterTaskRuns {
        task_runs: task_runs.clone(),
        page: Page::first(200),
        ..FilterTaskRuns::default()
    };
    let (page, sort) = (Page::first(10), TaskRunSort::RunTimeDesc);
    let slowest = FilterTaskRuns { task_runs, page, sort, ..FilterTaskRuns::default() };
    let meter = Meter::start();
    let counts = client.call(CountTaskRuns { flow_run_id }).await.expect("answered");
    let first = client.call(first).await.expect("answered");
    client.call(slowest).await.expect("answered");
    figure("a million: counts, first page and slowest", meter.stop().wall * 1e3, "ms");
    assert_eq!(counts.of(StateType::Completed), u64::from(count));
    assert_eq!(first.len(), 200);
}
