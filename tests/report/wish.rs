//! What people ask of a run on the server's page.

use std::sync::Arc;

use flowkit::model::{State, StateType};
use flowkit::prelude::*;
use flowkit::wire::{ReadFlowRun, SetFlowRunState};
use flowkit::{Clock, ErrorKind};
use tokio::sync::Notify;

use crate::support::{Scratch, Server};

#[task]
async fn endless(#[resource] started: Arc<Notify>) {
    started.notify_one();
    std::future::pending::<()>().await;
}

#[task]
async fn brief() {}

#[flow]
async fn waiting_there(#[resource] started: Arc<Notify>) -> flowkit::Result<()> {
    endless(started).await
}

#[flow]
async fn pausing_there(
    #[resource] started: Arc<Notify>,
    #[resource] go: Arc<Notify>,
) -> flowkit::Result<()> {
    started.notify_one();
    go.notified().await;
    brief().await
}

async fn reporting(server: &Server) -> Scratch {
    let url = server.url();
    Scratch::with_settings(Clock::system(), &[("FLOWKIT_API_URL", &url)]).await
}

/// Waits until the server knows the only run to be in a state of that type.
async fn until(server: &Server, kind: StateType) {
    while server.flow_runs().await.first().is_none_or(|run| run.state_type() != kind) {
        tokio::task::yield_now().await;
    }
}

async fn ask(server: &Server, state: State) {
    let id = server.flow_runs().await[0].id;
    let asked = server.client().call(SetFlowRunState { id, state, force: false }).await;
    asked.expect("the server takes it");
}

#[tokio::test]
async fn run_that_is_cancelled_on_the_server_stops() {
    let server = Server::start().await;
    let scratch = reporting(&server).await;
    let started = Arc::new(Notify::new());

    let run = scratch.hold(async { waiting_there(started.clone()).await });
    let cancel = async {
        started.notified().await;
        until(&server, StateType::Running).await;
        let state = State::cancelling(Clock::system().now()).with_message("no longer needed");
        ask(&server, state).await;
    };
    let (ran, ()) = tokio::join!(run, cancel);
    scratch.runtime().report().await;

    assert_eq!(ran.expect_err("it is cancelled").kind(), ErrorKind::Cancelled);
    assert_eq!(scratch.only_flow_run().await.state_type(), StateType::Cancelled);
    assert_eq!(server.flow_runs().await[0].state_type(), StateType::Cancelled);
    let states = scratch.flow_states().await;
    assert_eq!(states, ["Pending", "Running", "Cancelling", "Cancelled"]);
}

#[tokio::test]
async fn run_that_is_paused_on_the_server_waits_until_it_is_resumed_there() {
    let server = Server::start().await;
    let scratch = reporting(&server).await;
    let (started, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));

    let run = scratch.hold(async { pausing_there(started.clone(), go.clone()).await });
    let pause = async {
        started.notified().await;
        until(&server, StateType::Running).await;
        ask(&server, State::paused(None, Clock::system().now())).await;
        let id = server.flow_runs().await[0].id;
        let client = scratch.runtime().client();
        while client.call(ReadFlowRun { id }).await.expect("a run").state_type()
            != StateType::Paused
        {
            tokio::task::yield_now().await;
        }
        scratch.runtime().look_after_runs().await.expect("it hears of the pause");
        go.notify_one();
        ask(&server, State::running(Clock::system().now())).await;
    };
    let (ran, ()) = tokio::join!(run, pause);
    scratch.runtime().report().await;

    ran.expect("it goes on");
    let states = scratch.flow_states().await;
    assert_eq!(states, ["Pending", "Running", "Paused", "Running", "Completed"]);
    assert!(server.flow_runs().await[0].state.as_ref().is_some_and(State::is_completed));
}
