//! Operations on the graph of a flow run: its task runs and subflows, and what they wait for.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::operations;
use crate::Timestamp;
use crate::model::{
    ArtifactId, ArtifactKind, FlowRunId, State, StateId, StateType, TaskInput, TaskRunId,
};

operations! {
    ReadFlowRunDependencies => Vec<Dependency>, Get "/flow_runs/{id}/graph";
    ReadFlowRunGraph => Graph, Get "/flow_runs/{id}/graph-v2", query "since";
}

/// Reads what each task run of a flow run takes from others.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadFlowRunDependencies {
    /// Of which flow run.
    pub id: FlowRunId,
}

/// A task run and what it takes from others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dependency {
    /// Names the task run.
    pub id: TaskRunId,
    /// Its name.
    pub name: String,
    /// Where its inputs come from.
    pub upstream_dependencies: Vec<TaskInput>,
    /// Where it stands.
    pub state: Option<State>,
    /// When it was to start.
    pub expected_start_time: Option<Timestamp>,
    /// When it first started.
    pub start_time: Option<Timestamp>,
    /// When it ended.
    pub end_time: Option<Timestamp>,
    /// Seconds that it was running.
    pub total_run_time: f64,
    /// The same, up to now.
    pub estimated_run_time: f64,
    /// Whether others may take its result without anybody seeing it; Prefect's clients say so.
    pub untrackable_result: bool,
}

/// Reads the graph of a flow run's task runs and subflows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadFlowRunGraph {
    /// Of which flow run.
    pub id: FlowRunId,
    /// Without what ended before this.
    #[serde(default)]
    pub since: Option<Timestamp>,
}

/// A flow run's task runs and subflows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// When the flow run started, or is to start.
    pub start_time: Option<Timestamp>,
    /// When it ended.
    pub end_time: Option<Timestamp>,
    /// The nodes that wait for no other.
    pub root_node_ids: Vec<Uuid>,
    /// All nodes with their ids, the first started first.
    pub nodes: Vec<(Uuid, Node)>,
    /// The artifacts that no task run left.
    pub artifacts: Vec<GraphArtifact>,
    /// The states that the flow run has had.
    pub states: Vec<GraphState>,
}

/// A task run or subflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Which of both.
    pub kind: NodeKind,
    /// Names it.
    pub id: Uuid,
    /// What people call it.
    pub label: String,
    /// The type of its state.
    pub state_type: StateType,
    /// When it started, or is to start.
    pub start_time: Timestamp,
    /// When it ended.
    pub end_time: Option<Timestamp>,
    /// What it takes results from.
    pub parents: Vec<Edge>,
    /// What takes its result.
    pub children: Vec<Edge>,
    /// The task runs that it is called by.
    pub encapsulating: Vec<Edge>,
    /// The artifacts that it left.
    pub artifacts: Vec<GraphArtifact>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    /// A subflow.
    FlowRun,
    /// A task run.
    TaskRun,
}

/// The other end of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// The node there.
    pub id: Uuid,
}

/// An artifact as a graph shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GraphArtifact {
    /// Names it.
    pub id: ArtifactId,
    /// When it was made.
    pub created: Timestamp,
    /// What it is called.
    pub key: Option<String>,
    /// How it is shown.
    #[serde(rename = "type")]
    pub kind: ArtifactKind,
    /// Whether it is the newest of its key.
    pub is_latest: bool,
    /// How far something has got, if it says that.
    pub data: Option<Value>,
}

/// A state as a graph shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GraphState {
    /// Names it.
    pub id: StateId,
    /// Since when.
    pub timestamp: Timestamp,
    /// What kind of state it is.
    #[serde(rename = "type")]
    pub kind: StateType,
    /// The finer name.
    pub name: String,
}
