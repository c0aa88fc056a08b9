//! Servers that are not there: nothing is lost, nothing is told twice.

use std::process::{Command, Stdio};

use flowkit::Clock;
use flowkit::api::Client;
use flowkit::model::{State, StateType};
use flowkit::prelude::*;
use flowkit::settings::DatabaseUrl;
use flowkit::wire::{FilterLogs, LogFilter, OneOf, ReadFlowRunStates};
use tokio::sync::Notify;

use crate::support::{Scratch, Server};

#[task]
async fn step(n: u32) -> u32 {
    tracing::info!("step {n}");
    n
}

#[flow]
async fn steps(count: u32) -> flowkit::Result<u32> {
    Ok((0..count).map(step).gather().await?.into_iter().sum())
}

#[flow]
async fn two_halves(
    #[resource] half: std::sync::Arc<Notify>,
    #[resource] go: std::sync::Arc<Notify>,
) -> flowkit::Result<()> {
    for n in 0..10 {
        step(n).await?;
    }
    half.notify_one();
    go.notified().await;
    for n in 10..20 {
        step(n).await?;
    }
    Ok(())
}

/// Runs on a database of their own that are reported to that server; nobody waits long at the end.
async fn reporting(server: &Server) -> Scratch {
    let url = server.url();
    let settings = [("FLOWKIT_API_URL", url.as_str()), ("FLOWKIT_REPORT_WAIT", "30s")];
    Scratch::with_settings(Clock::system(), &settings).await
}

/// Says whether the server knows those runs, each thing once.
async fn check_all_is_there(server: &Server, scratch: &Scratch) {
    let (here, there) = (scratch.flow_runs().await, server.flow_runs().await);
    assert_eq!(there.len(), here.len());
    for (here, there) in here.iter().zip(&there) {
        assert_eq!(there.state, here.state, "{}", here.name);
        let states = ReadFlowRunStates { id: here.id };
        let expected = scratch.runtime().client().call(states.clone()).await.expect("states");
        assert_eq!(server.client().call(states).await.expect("states"), expected);
    }
    assert_eq!(server.task_runs().await, scratch.task_runs().await);
    assert_eq!(server.logs().await, scratch.logs().await);
}

#[tokio::test]
async fn server_that_comes_late_hears_all() {
    let mut server = Server::absent().await;
    let scratch = reporting(&server).await;

    scratch.hold(async { steps(20).await }).await.expect("it runs without the server");
    assert_eq!(server.flow_runs().await.len(), 0);
    server.appear().await;
    scratch.runtime().report().await;

    check_all_is_there(&server, &scratch).await;
}

#[tokio::test]
async fn server_that_goes_away_in_the_middle_hears_the_rest_later() {
    let mut server = Server::start().await;
    let scratch = reporting(&server).await;
    let (half, go) = (std::sync::Arc::new(Notify::new()), std::sync::Arc::new(Notify::new()));

    let away = async {
        half.notified().await;
        while server.task_runs().await.len() < 10 {
            tokio::task::yield_now().await;
        }
        server.vanish().await;
        go.notify_one();
    };
    let run = scratch.hold(async { two_halves(half.clone(), go.clone()).await });
    let (ran, ()) = tokio::join!(run, away);
    ran.expect("it goes on without the server");
    assert_ne!(server.flow_runs().await[0].state.as_ref().map(State::is_completed), Some(true));
    server.appear().await;
    scratch.runtime().report().await;

    check_all_is_there(&server, &scratch).await;
}

#[tokio::test]
async fn what_one_runtime_could_not_tell_the_next_one_does() {
    let mut server = Server::absent().await;
    let url = server.url();
    let settings = [("FLOWKIT_API_URL", url.as_str()), ("FLOWKIT_REPORT_WAIT", "0s")];
    let scratch = Scratch::with_settings(Clock::system(), &settings).await;

    scratch.hold(async { steps(5).await }).await.expect("it runs without the server");
    scratch.runtime().report().await;
    server.appear().await;
    let settings = [("FLOWKIT_API_URL", url.as_str()), ("FLOWKIT_REPORT_WAIT", "30s")];
    let scratch = scratch.restarted(&settings).await;
    scratch.hold(async { steps(3).await }).await.expect("completed");
    scratch.runtime().report().await;

    check_all_is_there(&server, &scratch).await;
}

/// Runs a flow of the program.
fn program(flow: &str, home: &std::path::Path, url: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flowkit-program"));
    program.arg(flow).current_dir(home).env("FLOWKIT_HOME", home).env("FLOWKIT_API_URL", url);
    program.stderr(Stdio::null()).stdout(Stdio::piped());
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_left_is_told_by_the_next_one() {
    let mut server = Server::absent().await;
    let home = tempfile::tempdir().expect("a folder");
    let url = server.url();

    let mut killed = program("stubborn", home.path(), &url).spawn().expect("started");
    let output = killed.stdout.take().expect("piped");
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).expect("a line");
    killed.kill().expect("killed");
    killed.wait().expect("it is gone");
    server.appear().await;
    let next = || program("greeting", home.path(), &url).status().expect("it ends");
    let status = tokio::task::block_in_place(next);

    assert!(status.success());
    let runs = server.flow_runs().await;
    let states: Vec<_> = runs.iter().map(|run| (run.name.as_str(), run.state_type())).collect();
    let expected = [("brown-mule", StateType::Crashed), ("brave-otter", StateType::Completed)];
    assert_eq!(states, expected);
    // That a task run has begun is written in a moment, which the killed process may not have had.
    let ended = server.task_runs().await.into_iter().filter(|run| run.name != "wait-0");
    let tasks: Vec<_> = ended.map(|run| run.name).collect();
    assert_eq!(tasks, ["greet-0", "greet-0", "greet-1"]);
    let database = DatabaseUrl::Sqlite(home.path().join("flowkit.db"));
    let here = Client::open(&database, Clock::system()).await.expect("opened");
    let ids: Vec<_> = runs.iter().map(|run| run.id).collect();
    let logs = LogFilter { flow_run_id: Some(OneOf::from(ids)), ..LogFilter::default() };
    let lines = here.call(FilterLogs { logs, ..FilterLogs::default() }).await.expect("lines");
    assert_eq!(server.logs().await, lines);
}
