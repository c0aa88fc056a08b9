//! A runtime on a database of its own.

use std::path::PathBuf;
use std::time::Duration;

use flowkit::model::{FlowRun, Log, State, TaskRun};
use flowkit::settings::{Environment, Profiles, Settings};
use flowkit::wire::{
    FilterFlowRuns, FilterLogs, FilterTaskRuns, LogFilter, OneOf, Page, ReadFlowRunStates,
    ReadTaskRunStates, TaskRunFilter,
};
use flowkit::{Clock, Runtime};
use tempfile::TempDir;

/// A runtime on a database of its own, gone with it.
pub(crate) struct Scratch {
    folder: TempDir,
    runtime: Runtime,
}

impl Scratch {
    /// On the machine's clock.
    pub(crate) async fn new() -> Self {
        Self::with_clock(Clock::system()).await
    }

    /// On a clock that the test moves.
    pub(crate) async fn with_stub_clock() -> Self {
        let start = "2026-01-01T00:00:00Z".parse().expect("a time");
        Self::with_clock(Clock::stub(start)).await
    }

    async fn with_clock(clock: Clock) -> Self {
        Self::with_settings(clock, &[]).await
    }

    /// With settings of its own.
    pub(crate) async fn with_settings(clock: Clock, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = start(folder.path().into(), clock, settings).await;
        Self { folder, runtime }
    }

    /// Another process on the same database, as far as one process can be another one.
    pub(crate) async fn restart(&self) -> Runtime {
        start(self.folder.path().into(), self.runtime.clock().clone(), &[]).await
    }

    /// The same database, looked at by another process with settings of its own.
    pub(crate) async fn restarted(self, settings: &[(&str, &str)]) -> Self {
        let Self { folder, runtime } = self;
        let clock = runtime.clock().clone();
        drop(runtime);
        let runtime = start(folder.path().into(), clock, settings).await;
        Self { folder, runtime }
    }

    pub(crate) const fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Executes code in the runtime.
    pub(crate) async fn hold<F: Future>(&self, code: F) -> F::Output {
        self.runtime.hold(code).await
    }

    /// Executes code while the stub clock runs as fast as it can.
    pub(crate) async fn hold_while_time_flies<F: Future>(&self, code: F) -> F::Output {
        let flying = async {
            loop {
                self.runtime.clock().advance(Duration::from_millis(100));
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            done = self.hold(code) => done,
            never = flying => never,
        }
    }

    /// All flow runs, the oldest first.
    pub(crate) async fn flow_runs(&self) -> Vec<FlowRun> {
        self.runtime.flush().await.expect("flushed");
        let mut runs = self.runtime.client().call(FilterFlowRuns::default()).await.expect("runs");
        runs.sort_by_key(|run| run.id);
        runs
    }

    /// The only flow run there is.
    pub(crate) async fn only_flow_run(&self) -> FlowRun {
        let mut runs = self.flow_runs().await;
        assert_eq!(runs.len(), 1, "one flow run");
        runs.remove(0)
    }

    /// All task runs, the first called first.
    pub(crate) async fn task_runs(&self) -> Vec<TaskRun> {
        self.runtime.flush().await.expect("flushed");
        let flow_runs = self.flow_runs().await.into_iter().map(|run| run.id).collect::<Vec<_>>();
        let filter =
            TaskRunFilter { flow_run_id: Some(OneOf::from(flow_runs)), ..TaskRunFilter::default() };
        let call = FilterTaskRuns {
            task_runs: filter,
            page: Page::first(200),
            ..FilterTaskRuns::default()
        };
        self.runtime.client().call(call).await.expect("task runs")
    }

    /// The task run of that name.
    pub(crate) async fn task_run(&self, name: &str) -> TaskRun {
        let runs = self.task_runs().await;
        let names: Vec<_> = runs.iter().map(|run| run.name.clone()).collect();
        let found = runs.into_iter().find(|run| run.name == name);
        found.unwrap_or_else(|| panic!("no task run {name} among {names:?}"))
    }

    /// The names of all states that the task run of that name has had.
    pub(crate) async fn task_states(&self, name: &str) -> Vec<String> {
        let id = self.task_run(name).await.id;
        names(self.runtime.client().call(ReadTaskRunStates { id }).await.expect("states"))
    }

    /// The names of all states that the only flow run has had.
    pub(crate) async fn flow_states(&self) -> Vec<String> {
        let id = self.only_flow_run().await.id;
        names(self.runtime.client().call(ReadFlowRunStates { id }).await.expect("states"))
    }

    /// All log lines, the first written first.
    pub(crate) async fn logs(&self) -> Vec<Log> {
        self.runtime.flush().await.expect("flushed");
        let flow_runs = self.flow_runs().await.into_iter().map(|run| run.id).collect::<Vec<_>>();
        let logs = LogFilter { flow_run_id: Some(OneOf::from(flow_runs)), ..LogFilter::default() };
        self.runtime
            .client()
            .call(FilterLogs { logs, ..FilterLogs::default() })
            .await
            .expect("logs")
    }
}

async fn start(home: PathBuf, clock: Clock, settings: &[(&str, &str)]) -> Runtime {
    let home = home.to_str().expect("a path in UTF-8").to_owned();
    let all = [("FLOWKIT_HOME", home.as_str())].into_iter().chain(settings.iter().copied());
    let environment = Environment::of(all);
    let settings = Settings::from_sources(&environment, &Profiles::default(), None);
    Runtime::start(settings.expect("settings"), clock).await.expect("a runtime")
}

fn names(states: Vec<State>) -> Vec<String> {
    states.into_iter().map(|state| state.name.into_owned()).collect()
}
