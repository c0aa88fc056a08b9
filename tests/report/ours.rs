//! What a flowkit server is told.

use flowkit::model::{FlowRun, TaskRun};
use flowkit::prelude::*;
use flowkit::wire::{ReadFlow, ReadFlowRunStates, ReadTaskRunStates};
use flowkit::{Clock, artifact};

use crate::support::{Scratch, Server};

#[task(tags = ["io"])]
async fn double(n: u32) -> u32 {
    tracing::info!(n, "Doubling");
    n * 2
}

#[task(retries = 1)]
async fn sometimes() -> anyhow::Result<()> {
    anyhow::ensure!(flowkit::task_run().run_count() > 1, "not at first");
    Ok(())
}

#[flow]
async fn told_inner(n: u32) -> flowkit::Result<u32> {
    double(n).await
}

#[flow(tags = ["demo"])]
async fn told_outer(n: u32) -> flowkit::Result<u32> {
    let first = double(n).submit();
    let second = double(&first).await?;
    sometimes().await?;
    artifact::markdown("report", "# all is well").await?;
    tracing::warn!("Nearly done");
    Ok(second + told_inner(n).await?)
}

async fn reporting(server: &Server) -> Scratch {
    let url = server.url();
    Scratch::with_settings(Clock::system(), &[("FLOWKIT_API_URL", &url)]).await
}

/// What must be the same there: flows have other ids, and a server cannot start the program.
fn comparable(run: FlowRun) -> FlowRun {
    let flow_id = "00000000-0000-0000-0000-000000000000".parse().expect("an id");
    FlowRun { flow_id, program: None, updated: run.created, ..run }
}

#[tokio::test]
async fn server_knows_what_runs_did_as_if_they_had_run_there() {
    let server = Server::start().await;
    let scratch = reporting(&server).await;

    let sum = scratch.hold(async { told_outer(3).await }).await.expect("completed");
    scratch.runtime().report().await;

    assert_eq!(sum, 18);
    let (here, there) = (scratch.flow_runs().await, server.flow_runs().await);
    assert_eq!(there.len(), 2);
    for (here, there) in here.into_iter().zip(there) {
        let client = scratch.runtime().client();
        let states = ReadFlowRunStates { id: here.id };
        let expected = client.call(states.clone()).await.expect("states");
        assert_eq!(server.client().call(states).await.expect("states"), expected);
        let name = client.call(ReadFlow { id: here.flow_id }).await.expect("a flow").name;
        let flow = server.client().call(ReadFlow { id: there.flow_id }).await.expect("a flow");
        assert_eq!(flow.name, name);
        assert_eq!(comparable(there), comparable(here));
    }
    let (here, there): (Vec<TaskRun>, _) = (scratch.task_runs().await, server.task_runs().await);
    assert_eq!(there, here);
    for run in here {
        let states = ReadTaskRunStates { id: run.id };
        let expected = scratch.runtime().client().call(states.clone()).await.expect("states");
        assert_eq!(server.client().call(states).await.expect("states"), expected);
    }
    assert_eq!(server.logs().await, scratch.logs().await);
    assert_eq!(server.artifacts().await, 1);
}

#[flow]
async fn told_often() {}

#[tokio::test]
async fn many_runs_at_once_are_all_told() {
    let server = Server::start().await;
    let scratch = reporting(&server).await;

    let runs = async || -> flowkit::Result<()> {
        for _ in 0..30 {
            told_often().await?;
        }
        Ok(())
    };
    scratch.hold(runs()).await.expect("completed");
    scratch.runtime().report().await;

    let there = server.flow_runs().await;
    assert_eq!(there.len(), 30);
    assert!(there.iter().all(|run| run.end_time.is_some()));
}
