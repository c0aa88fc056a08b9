//! What reporting costs the run: with a server to tell and without, in turns.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use flowkit::prelude::*;
use flowkit::wire::{CountTaskRuns, FilterFlowRuns};
use flowkit::{Clock, Runtime};
use tempfile::TempDir;

use super::{Meter, figure, scratch_with};

/// How many task runs a flow has, and how often each kind is measured.
const TASKS: u32 = 10_000;
const ROUNDS: usize = 9;

#[task]
async fn noop() {}

#[flow(concurrency = 100)]
async fn reported(count: u32) -> flowkit::Result<()> {
    (0..count).map(|_| noop()).gather().await.map(drop)
}

/// A flowkit server in a process of its own, ended with it.
struct Server {
    process: Child,
    url: String,
    folder: TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut process = Command::new(env!("CARGO_BIN_EXE_flowkit-mounted"))
            .args(["server", "start", "--port", "0", "--output", "json"])
            .env("FLOWKIT_HOME", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut line).expect("it says where it is");
        let said: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let url = said["api_url"].as_str().expect("an address").to_owned();
        Self { process, url, folder }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) async fn measure() {
    let server = Server::start();
    let (mut without, mut with, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        without.push(run(&scratch_with(&[]).await.1).await);
        let reporting = scratch_with(&[("FLOWKIT_API_URL", server.url.as_str())]).await.1;
        with.push(run(&reporting).await);
        let meter = Meter::start();
        reporting.report().await;
        told.push(meter.stop().wall);
    }
    let (without, with) = (median(without), median(with));
    figure("10,000 tasks at once: not reported", without * 1e3, "ms");
    figure("10,000 tasks at once: reported to a flowkit server", with * 1e3, "ms");
    figure("10,000 tasks at once: reported against not", with / without, "×");
    figure("10,000 tasks at once: until the server knows all, after the end", median(told), "s");
    check_all_is_there(&server).await;
}

async fn run(runtime: &Runtime) -> f64 {
    let meter = Meter::start();
    runtime.hold(async { reported(TASKS).await }).await.expect("completed");
    meter.stop().wall
}

async fn check_all_is_there(server: &Server) {
    let database = server.folder.path().join("flowkit.db");
    let url = flowkit::settings::DatabaseUrl::Sqlite(database);
    let client = flowkit::api::Client::open(&url, Clock::system()).await.expect("opened");
    let runs = client.call(FilterFlowRuns::default()).await.expect("answered");
    assert_eq!(runs.len(), ROUNDS);
    for run in runs {
        let counts = client.call(CountTaskRuns { flow_run_id: run.id }).await.expect("answered");
        assert_eq!(counts.total(), u64::from(TASKS));
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
