//! Placeholder: the task run that stands for a subflow in the run that called it.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use super::flow_call::PreparedFlow;
use super::scope::{FlowScope, Scope};
use crate::model::{FlowRunId, RetryPolicy, State, Task, TaskInput, TaskRunId};
use crate::wire::{Record, TaskRunRecord, look};
use crate::{Durability, Result};

/// The task run that stands for a subflow in the run that called it.
pub(super) struct Placeholder {
    scope: Scope,
    flow: Arc<FlowScope>,
    record: Arc<Mutex<TaskRunRecord>>,
    /// The subflow's run of an earlier execution.
    pub(super) child: Option<FlowRunId>,
}

impl Placeholder {
    /// Makes one for a call inside a flow run; none for a call outside.
    pub(super) fn of<T>(call: &PreparedFlow<T>) -> Option<Self> {
        let scope = call.scope.clone()?;
        let flow = scope.flow.clone()?;
        let options = &call.definition.options;
        let dynamic_key = scope.dynamic_key(call.place);
        let earlier = flow.recall.take(options.key, &dynamic_key);
        let record = earlier.unwrap_or_else(|| {
            let task = Arc::new(Task {
                key: options.key.to_owned(),
                name: options.name.to_owned(),
                version: options.version.to_owned(),
                description: options.description.map(str::to_owned),
                tags: Vec::new(),
                policy: RetryPolicy::default(),
            });
            let name = format!("{}-{}", options.name, call.place);
            TaskRunRecord {
                flow_run_id: Some(flow.id),
                parent_task_run_id: scope.task.as_ref().map(|task| task.id),
                task_inputs: inputs(call),
                ..TaskRunRecord::new(scope.runtime.new_id().into(), task, name, dynamic_key)
            }
        });
        let child = record.states.iter().rev().find_map(|state| state.details().child_flow_run_id);
        Some(Self { scope, flow, record: Arc::new(Mutex::new(record)), child })
    }

    pub(super) fn id(&self) -> TaskRunId {
        look(&self.record, |record| record.id)
    }

    /// Keeps which run is the subflow's, before there is one.
    pub(super) async fn begin(&self, child: FlowRunId) -> Result<()> {
        self.enter(child, &State::pending(self.scope.runtime.clock().now()));
        let durability = self.flow.durability.max(Durability::Process);
        self.scope.runtime.client().commit(&self.record, durability).await
    }

    /// Shows the state of the subflow's run, and tells the store soon.
    pub(super) fn show(&self, child: FlowRunId, state: &State) {
        self.enter(child, state);
        self.scope.runtime.client().record(Record::TaskRun(self.record.clone()));
    }

    /// Shows how the subflow's run ended, and returns once that is kept.
    pub(super) async fn end(&self, child: FlowRunId, state: &State) -> Result<()> {
        self.enter(child, state);
        match self.flow.durability {
            Durability::Relaxed => {
                self.scope.runtime.client().record(Record::TaskRun(self.record.clone()));
                Ok(())
            }
            durability => self.scope.runtime.client().commit(&self.record, durability).await,
        }
    }

    fn enter(&self, child: FlowRunId, state: &State) {
        let now = self.scope.runtime.clock().now();
        let mut mirrored = State::new(state.kind, now);
        mirrored.name = Cow::clone(&state.name);
        mirrored.message.clone_from(&state.message);
        mirrored.details_mut().child_flow_run_id = Some(child);
        let run_count = self.flow.run_count();
        look(&self.record, |record| {
            record.tally.enter_task_run(record.states.last(), &mirrored, run_count);
            record.states.push(mirrored);
        });
    }
}

/// The edges that lead to the subflow.
fn inputs<T>(call: &PreparedFlow<T>) -> Option<String> {
    let upstreams = call.body.with(|body| body.upstreams());
    if upstreams.is_empty() {
        return None;
    }
    let edges: std::collections::BTreeMap<_, Vec<_>> = upstreams
        .iter()
        .map(|(name, from)| {
            (*name, from.iter().map(|run| TaskInput::TaskRun { id: run.id() }).collect())
        })
        .collect();
    serde_json::to_string(&edges).ok()
}
