//! A flowkit server on a database of its own, which can go away and come back.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use flowkit::api::Client;
use flowkit::model::{FlowRun, Log, TaskRun};
use flowkit::settings::DatabaseUrl;
use flowkit::wire::{
    FilterArtifacts, FilterFlowRuns, FilterLogs, FilterTaskRuns, FlowRunSort, LogFilter, OneOf,
    Page, TaskRunFilter,
};
use flowkit::{Clock, server};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// A flowkit server on a database of its own.
pub(crate) struct Server {
    _folder: TempDir,
    address: SocketAddr,
    client: Client,
    serving: JoinSet<()>,
    stop: CancellationToken,
}

impl Server {
    /// One that answers.
    pub(crate) async fn start() -> Self {
        let mut server = Self::absent().await;
        server.appear().await;
        server
    }

    /// One that has an address and does not answer yet.
    pub(crate) async fn absent() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let client = open(folder.path()).await;
        let free = server::listen((Ipv4Addr::LOCALHOST, 0).into()).await.expect("a port");
        let address = free.local_addr().expect("an address");
        let (serving, stop) = (JoinSet::new(), CancellationToken::new());
        Self { _folder: folder, address, client, serving, stop }
    }

    /// Answers from now on.
    pub(crate) async fn appear(&mut self) {
        let listener = server::listen(self.address).await.expect("the port is still free");
        self.stop = CancellationToken::new();
        let (client, stop) = (self.client.clone(), self.stop.clone());
        self.serving.spawn(async move {
            let stopped = stop.clone();
            tokio::select! {
                served = server::serve(listener, client, std::future::pending()) => {
                    served.expect("served");
                }
                () = stopped.cancelled() => {}
            }
        });
    }

    /// Answers no more, and closes what is open, in the middle of whatever it is.
    pub(crate) async fn vanish(&mut self) {
        self.stop.cancel();
        self.serving.shutdown().await;
    }

    /// The address of its API.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// What it knows, straight from its database.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Its flow runs, the oldest first.
    pub(crate) async fn flow_runs(&self) -> Vec<FlowRun> {
        let all = FilterFlowRuns {
            sort: FlowRunSort::IdDesc,
            page: Page::first(1000),
            ..FilterFlowRuns::default()
        };
        let mut runs = self.client.call(all).await.expect("runs");
        runs.reverse();
        runs
    }

    /// Its task runs, the first called first.
    pub(crate) async fn task_runs(&self) -> Vec<TaskRun> {
        let page = Page::first(1000);
        let task_runs = TaskRunFilter::default();
        let all = FilterTaskRuns { task_runs, page, ..FilterTaskRuns::default() };
        self.client.call(all).await.expect("task runs")
    }

    /// The lines of all its flow runs, the first written first.
    pub(crate) async fn logs(&self) -> Vec<Log> {
        let ids = self.flow_runs().await.into_iter().map(|run| run.id).collect::<Vec<_>>();
        let logs = LogFilter { flow_run_id: Some(OneOf::from(ids)), ..LogFilter::default() };
        let all = FilterLogs { logs, page: Page::first(1000), ..FilterLogs::default() };
        self.client.call(all).await.expect("lines")
    }

    /// How many artifacts it has.
    pub(crate) async fn artifacts(&self) -> usize {
        self.client.call(FilterArtifacts::default()).await.expect("artifacts").len()
    }
}

async fn open(folder: &Path) -> Client {
    let url = DatabaseUrl::Sqlite(folder.join("server.db"));
    Client::open(&url, Clock::system()).await.expect("opened")
}
