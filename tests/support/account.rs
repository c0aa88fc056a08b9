//! An account of all that a server knows of its runs, which can be compared with another's.
//!
//! It is read through the API as any client would, and holds whatever the server answered: each
//! run, state, log line and artifact is a line with all its fields. Only what differs from run to
//! run is made the same: ids and names become labels (`edges#0/add#1`), moments `[time]`.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use super::Api;
use super::label::Labels;

/// What a server knows of its runs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Account(pub(super) Vec<Line>);

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) depth: usize,
    pub(super) what: String,
    pub(super) fields: Map<String, Value>,
}

impl Account {
    /// What the server knows now.
    pub(crate) async fn read(api: &Api) -> Self {
        Reading::of(api, &Known::default()).await.account()
    }

    /// What the server knows of the runs that are not known yet.
    pub(crate) async fn read_new(api: &Api, known: &Known) -> Self {
        Reading::of(api, known).await.account()
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { depth, what, fields } = self;
        let fields = serde_json::to_string(fields).expect("JSON");
        write!(f, "{:indent$}{what} {fields}", "", indent = 2 * depth)
    }
}

/// The flow runs that a server had at some time.
#[derive(Debug, Default)]
pub(crate) struct Known(HashSet<String>);

impl Known {
    pub(crate) async fn to(api: &Api) -> Self {
        let runs = api.all("flow_runs").await;
        Self(runs.iter().map(|run| text(run, "id").to_owned()).collect())
    }
}

/// How often it is asked whether all is recorded, before it is given up.
const ASKED: u32 = 120;

/// Returns once all runs have ended, and what a server was told of them is recorded.
///
/// Prefect 3 answers clients before it records what they said.
pub(crate) async fn settle(api: &Api) {
    let mut tick = tokio::time::interval(Duration::from_millis(500));
    let mut before = Vec::new();
    for _ask in 0..ASKED {
        tick.tick().await;
        let runs = [api.all("flow_runs").await, api.all("task_runs").await].concat();
        let now: Vec<_> = runs.iter().map(|run| run["state_id"].clone()).collect();
        let is_over = |run: &Value| {
            matches!(text(run, "state_type"), "COMPLETED" | "FAILED" | "CRASHED" | "CANCELLED")
        };
        if !now.is_empty() && now == before && runs.iter().all(is_over) {
            return;
        }
        before = now;
    }
    panic!("the runs do not end");
}

/// The answers of a server.
struct Reading {
    labels: Labels,
    flow_runs: Vec<Value>,
    task_runs: Vec<Value>,
    logs: Vec<Value>,
    artifacts: Vec<Value>,
    /// By the id of the run that went through them.
    states: HashMap<String, Vec<Value>>,
}

impl Reading {
    async fn of(api: &Api, known: &Known) -> Self {
        let flows = api.all("flows").await;
        let mut flow_runs = api.all("flow_runs").await;
        let mut task_runs = api.all("task_runs").await;
        flow_runs.retain(|run| !known.0.contains(text(run, "id")));
        task_runs.retain(|run| !known.0.contains(text(run, "flow_run_id")));
        let mut logs = api.all("logs").await;
        let mut artifacts = api.all("artifacts").await;
        let mut states = HashMap::new();
        for (kind, runs) in [("flow_run", &flow_runs), ("task_run", &task_runs)] {
            for run in runs {
                let id = text(run, "id");
                let path = format!("/{kind}_states/?{kind}_id={id}");
                let Value::Array(of_run) = api.get(&path).await else {
                    panic!("{path} is no list");
                };
                states.insert(id.to_owned(), of_run);
            }
        }
        flow_runs
            .sort_by(|a, b| text(a, "expected_start_time").cmp(text(b, "expected_start_time")));
        logs.sort_by(|a, b| text(a, "timestamp").cmp(text(b, "timestamp")));
        // Prefect lists the results of its runs among the artifacts; they are in the states too.
        artifacts.retain(|artifact| !artifact["key"].is_null());
        artifacts.sort_by(|a, b| text(a, "created").cmp(text(b, "created")));
        let labels = Labels::new(&flows, &flow_runs, &mut task_runs, &states);
        Self { labels, flow_runs, task_runs, logs, artifacts, states }
    }

    fn account(&self) -> Account {
        let mut lines = Vec::new();
        for flow_run in &self.flow_runs {
            let id = text(flow_run, "id");
            self.tell_run(flow_run, "flow_run", &mut lines, 0);
            for task_run in self.task_runs.iter().filter(|run| text(run, "flow_run_id") == id) {
                self.tell_run(task_run, "task_run", &mut lines, 1);
            }
        }
        Account(lines)
    }

    /// A run, and what belongs to it and to none of its task runs.
    fn tell_run(&self, run: &Value, kind: &str, lines: &mut Vec<Line>, depth: usize) {
        let id = text(run, "id");
        let flow_run = if kind == "flow_run" { id } else { text(run, "flow_run_id") };
        let tell = |what: String, depth: usize, value: &Value| {
            let fields = self.labels.apply(value, flow_run);
            Line { depth, what, fields }
        };
        lines.push(tell(format!("{kind} {}", self.labels.of(id)), depth, run));
        for state in &self.states[id] {
            lines.push(tell("state".to_owned(), depth + 1, state));
        }
        let is_own = |it: &&Value| match kind {
            "flow_run" => text(it, "flow_run_id") == id && it["task_run_id"].is_null(),
            _ => text(it, "task_run_id") == id,
        };
        for artifact in self.artifacts.iter().filter(is_own) {
            lines.push(tell("artifact".to_owned(), depth + 1, artifact));
        }
        let (mut logs, mut of_tasks) = (Vec::new(), Vec::new());
        for log in self.logs.iter().filter(is_own) {
            let mut line = tell("log".to_owned(), depth + 1, log);
            // Its place says whose it is, and when it was said.
            line.fields.retain(|field, _| {
                !matches!(&**field, "flow_run_id" | "task_run_id" | "timestamp")
            });
            // Tasks begin in any order.
            let is_of_task = kind == "flow_run" && self.labels.names_task(text(log, "message"), id);
            if is_of_task { of_tasks.push(line) } else { logs.push(line) }
        }
        of_tasks.sort_by_key(ToString::to_string);
        lines.extend(logs.into_iter().chain(of_tasks));
    }
}

/// A field that is a text, or nothing.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}
