//! Prefect's own servers: answers that get lost, and what people ask of a run there.

use std::sync::Arc;

use flowkit::model::StateType;
use flowkit::prelude::*;
use flowkit::{Clock, ErrorKind, artifact};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::support::{Api, Lossy, Prefect, PrefectServer, Scratch, settle};

#[task]
async fn work_there(n: u32) -> u32 {
    tracing::info!("working on {n}");
    n
}

#[flow]
async fn subflow_there() -> flowkit::Result<u32> {
    tracing::info!("inside");
    work_there(7).await
}

#[flow]
async fn flow_there() -> flowkit::Result<u32> {
    let first = work_there(1).submit();
    let second = work_there(&first).await?;
    artifact::markdown("told-once", "# here").await?;
    tracing::info!("half of it is done");
    subflow_there().await?;
    (0..4).map(work_there).gather().await?;
    Ok(second)
}

async fn reporting(url: &str) -> Scratch {
    let settings = [("FLOWKIT_API_URL", url), ("FLOWKIT_REPORT_WAIT", "90s")];
    Scratch::with_settings(Clock::system(), &settings).await
}

fn names(objects: &[Value], field: &str) -> Vec<String> {
    let mut names: Vec<_> =
        objects.iter().map(|one| one[field].as_str().unwrap_or_default().to_owned()).collect();
    names.sort();
    names
}

async fn states(api: &Api, kind: &str, run: &Value) -> Vec<String> {
    let id = run["id"].as_str().expect("an id");
    let path = format!("/{kind}_states/?{kind}_id={id}");
    let Value::Array(states) = api.get(&path).await else { panic!("states") };
    states.iter().map(|state| state["name"].as_str().expect("a name").to_owned()).collect()
}

/// Every fifth answer is lost, and still the server knows everything once.
async fn check_nothing_is_told_twice(version: Prefect) {
    let server = PrefectServer::start(version).await;
    let api = server.api();
    let line = Lossy::to(api.url(), 5).await;
    let scratch = reporting(line.url()).await;

    scratch.hold(async { flow_there().await }).await.expect("completed");
    scratch.runtime().report().await;
    settle(api).await;

    assert!(line.lost() > 3, "answers were lost");
    let flow_runs = api.all("flow_runs").await;
    assert_eq!(flow_runs.len(), 2);
    for run in &flow_runs {
        assert_eq!(states(api, "flow_run", run).await, ["Pending", "Running", "Completed"]);
    }
    let task_runs = api.all("task_runs").await;
    let work = task_runs.iter().filter(|run| run["name"] != "subflow_there-0");
    let work: Vec<_> = work.cloned().collect();
    assert_eq!((task_runs.len(), work.len()), (8, 7));
    for run in &work {
        assert_eq!(states(api, "task_run", run).await, ["Pending", "Running", "Completed"]);
    }
    let mut lines = scratch.logs().await.into_iter().map(|line| line.message).collect::<Vec<_>>();
    lines.sort();
    assert_eq!(names(&api.all("logs").await, "message"), lines);
    let artifacts = api.all("artifacts").await;
    let takes_artifacts = version != Prefect::V2Early;
    assert_eq!(artifacts.len(), usize::from(takes_artifacts));
}

#[tokio::test]
async fn prefect_2_6_5_is_told_once_although_answers_are_lost() {
    check_nothing_is_told_twice(Prefect::V2Early).await;
}

#[tokio::test]
async fn prefect_2_20_is_told_once_although_answers_are_lost() {
    check_nothing_is_told_twice(Prefect::V2Late).await;
}

#[tokio::test]
async fn prefect_3_is_told_once_although_answers_are_lost() {
    check_nothing_is_told_twice(Prefect::V3).await;
}

#[task]
async fn wait_there(#[resource] started: Arc<Notify>) {
    started.notify_one();
    std::future::pending::<()>().await;
}

#[flow]
async fn endless_there(#[resource] started: Arc<Notify>) -> flowkit::Result<()> {
    wait_there(started).await
}

#[tokio::test]
async fn run_that_is_cancelled_on_prefects_page_stops() {
    let server = PrefectServer::start(Prefect::V3).await;
    let api = server.api();
    let scratch = reporting(api.url()).await;
    let started = Arc::new(Notify::new());

    let run = scratch.hold(async { endless_there(started.clone()).await });
    let cancel = async {
        started.notified().await;
        let running = loop {
            let runs = api.all("flow_runs").await;
            if let Some(run) = runs.into_iter().find(|run| run["state_type"] == "RUNNING") {
                break run;
            }
        };
        let path = format!("/flow_runs/{}/set_state", running["id"].as_str().expect("an id"));
        let asked = json!({ "state": { "type": "CANCELLING", "message": "from the page" } });
        let (status, answer) = api.send("POST", &path, &asked).await;
        assert_eq!((status, &answer["status"]), (201, &json!("ACCEPT")));
    };
    let (ran, ()) = tokio::join!(run, cancel);
    scratch.runtime().report().await;
    settle(api).await;

    assert_eq!(ran.expect_err("it is cancelled").kind(), ErrorKind::Cancelled);
    assert_eq!(scratch.only_flow_run().await.state_type(), StateType::Cancelled);
    let run = &api.all("flow_runs").await[0];
    let known = states(api, "flow_run", run).await;
    assert_eq!(known, ["Pending", "Running", "Cancelling", "Cancelled"]);
}
