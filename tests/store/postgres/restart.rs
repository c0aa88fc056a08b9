//! A server that dies and comes back while runs go on.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use flowkit::model::StateType;
use flowkit::prelude::*;
use flowkit::wire::{CountTaskRuns, FilterTaskRuns, OneOf, Page, TaskRunFilter};

use crate::support::Scratch;
use crate::support::postgres::Server;

const TASKS: u32 = 4000;

/// Restarts the server in the middle, twice, as if it had been killed.
#[derive(Clone)]
struct Trouble {
    server: Arc<Server>,
    calls: Arc<AtomicU32>,
}

#[task]
async fn load(n: u32, #[resource] trouble: Trouble) -> u32 {
    let call = trouble.calls.fetch_add(1, Ordering::SeqCst);
    if call == TASKS / 3 || call == TASKS * 2 / 3 {
        let server = trouble.server.clone();
        let restart = move || server.control(&["-m", "immediate", "-w", "restart"]);
        tokio::task::spawn_blocking(restart).await.expect("restarted");
    }
    tracing::info!("loaded {n}");
    n
}

#[flow(concurrency = 50)]
async fn load_all(#[resource] trouble: Trouble) -> flowkit::Result<u64> {
    let loaded = (0..TASKS).map(|n| load(n, trouble.clone())).gather().await?;
    Ok(loaded.into_iter().map(u64::from).sum())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_that_dies_under_load_loses_nothing_and_doubles_nothing() {
    let server = Arc::new(Server::start());
    let address = server.address("postgres");
    let settings = [("FLOWKIT_DATABASE_URL", address.as_str())];
    let scratch = Scratch::with_settings(flowkit::Clock::system(), &settings).await;
    let trouble = Trouble { server, calls: Arc::default() };

    let sum = scratch.hold(async { load_all(trouble.clone()).await }).await.expect("completed");

    assert_eq!(sum, u64::from(TASKS) * u64::from(TASKS - 1) / 2);
    assert_eq!(trouble.calls.load(Ordering::SeqCst), TASKS, "each was done once");
    let run = scratch.only_flow_run().await;
    assert_eq!(run.state_type(), StateType::Completed);
    let client = scratch.runtime().client();
    let counts = client.call(CountTaskRuns { flow_run_id: run.id }).await.expect("counts");
    assert_eq!((counts.of(StateType::Completed), counts.total()), (TASKS.into(), TASKS.into()));
    let flow_run_id = Some(OneOf::from(vec![run.id]));
    let task_runs = TaskRunFilter { flow_run_id, ..TaskRunFilter::default() };
    let all =
        FilterTaskRuns { task_runs, page: Page::first(2 * TASKS), ..FilterTaskRuns::default() };
    let kept = client.call(all).await.expect("task runs");
    let places: HashSet<_> = kept.iter().map(|run| run.dynamic_key.clone()).collect();
    assert_eq!((kept.len(), places.len()), (TASKS as usize, TASKS as usize));
}
