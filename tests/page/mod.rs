//! The pages: what they show, what they let do, and what they must not let happen.

mod action;
mod browser;
mod filter;
mod hostile;
mod large;
mod live;
mod pages;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use flowkit::Timestamp;
use flowkit::api::Client;
use flowkit::model::{
    Artifact, ArtifactKind, FlowRunId, Level, Log, RetryPolicy, State, Task, TaskRunId,
};
use flowkit::wire::{
    CreateArtifact, CreateFlow, CreateFlowRun, ReportLogs, ReportTaskRuns, TaskRunRecord,
};
use serde_json::{Value, json};

/// An id that says when it was made, as all ids do.
fn id<Id: FromStr<Err: std::fmt::Debug>>(moment: Timestamp, number: u64) -> Id {
    let millis = moment.as_micros() / 1000;
    format!("{millis:012x}7000{:016x}", 1 << 63 | number).parse().expect("an id")
}

/// A flow run that stands in some state.
struct Run<'r> {
    flow: &'r str,
    name: &'r str,
    state: State,
    tags: &'r [&'r str],
    age: Duration,
}

impl<'r> Run<'r> {
    fn new(name: &'r str, state: State) -> Self {
        Self { flow: "etl", name, state, tags: &[], age: Duration::ZERO }
    }

    /// Makes it.
    async fn make(self, client: &Client) -> FlowRunId {
        self.made(client, None).await
    }

    /// Makes it as what a task run stands for.
    async fn make_below(self, client: &Client, task_run: TaskRunId) -> FlowRunId {
        self.made(client, Some(task_run)).await
    }

    async fn made(self, client: &Client, parent_task_run_id: Option<TaskRunId>) -> FlowRunId {
        let flow = CreateFlow { name: self.flow.to_owned(), tags: Vec::new() };
        let flow = client.call(flow).await.expect("a flow");
        let made = client.clock().now() - self.age;
        let number =
            self.name.bytes().fold(7_u64, |sum, byte| sum * 31 % 1_000_003 + u64::from(byte));
        let create = json!({
            "id": id::<FlowRunId>(made, number),
            "name": self.name,
            "flow_id": flow.id,
            "parameters": { "day": "monday" },
            "tags": self.tags,
            "parent_task_run_id": parent_task_run_id,
            "state": self.state,
        });
        let create: CreateFlowRun = serde_json::from_value(create).expect("a request");
        client.call(create).await.expect("a flow run").id
    }
}

/// A task run of a flow run, as its process tells of it.
fn task_run(flow_run: FlowRunId, number: u64, name: &str, state: State) -> TaskRunRecord {
    let task = Task {
        key: "etl::load".into(),
        name: "load".into(),
        version: "1".into(),
        description: None,
        tags: Vec::new(),
        policy: RetryPolicy::default(),
    };
    let id = id(state.timestamp, number);
    let mut record = TaskRunRecord::new(id, Arc::new(task), name.to_owned(), number.to_string());
    record.flow_run_id = Some(flow_run);
    record.tally.start_time = Some(state.timestamp);
    record.states.push(state);
    record
}

async fn tell(client: &Client, task_runs: Vec<TaskRunRecord>) {
    client.call(ReportTaskRuns { task_runs }).await.expect("they are kept");
}

async fn log(client: &Client, flow_run: FlowRunId, number: u64, level: Level, message: &str) {
    let now = client.clock().now();
    let line = Log {
        id: id(now, number),
        name: "etl".into(),
        level,
        message: message.to_owned(),
        timestamp: now,
        flow_run_id: Some(flow_run),
        task_run_id: None,
        fields: Default::default(),
    };
    client.call(ReportLogs { logs: vec![line] }).await.expect("it is kept");
}

async fn artifact(
    client: &Client,
    number: u64,
    kind: ArtifactKind,
    key: &str,
    data: Value,
) -> String {
    let now = client.clock().now();
    let artifact = Artifact {
        id: id(now, number),
        created: now,
        updated: now,
        key: Some(key.to_owned()),
        kind,
        description: None,
        data,
        flow_run_id: None,
        task_run_id: None,
        metadata: None,
    };
    client.call(CreateArtifact { artifact }).await.expect("it is kept").id.to_string()
}
