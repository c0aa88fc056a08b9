//! One filter a noun.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::filters;
use super::part::{LevelSpan, OneOf, StateFilter, Tags, Text, TimeSpan, Truth};
use super::search::Search;
use crate::model::{FlowId, FlowRunId, LogId, TaskRunId};

filters! {
    /// Which flows are meant.
    FlowFilter {
        /// By id.
        id: OneOf<FlowId>,
        /// By name.
        name: Text,
        /// By tags.
        tags: Tags,
        /// By whether they have a deployment.
        deployment: OneOf<Uuid>,
    }

    /// Which flow runs are meant.
    FlowRunFilter {
        /// By id.
        id: OneOf<FlowRunId>,
        /// By name.
        name: Text,
        /// By flow.
        flow_id: OneOf<FlowId>,
        /// By the flow's name.
        flow_name: Text,
        /// By state.
        state: StateFilter,
        /// By tags.
        tags: Tags,
        /// By the flow's version.
        flow_version: OneOf<String>,
        /// By the time that they first started.
        start_time: TimeSpan,
        /// By the time that they were made.
        created: TimeSpan,
        /// Made before that run; where the next page of a list begins that has the newest first.
        made_before: FlowRunId,
        /// By the time that they ended.
        end_time: TimeSpan,
        /// By the time that they were to start.
        expected_start_time: TimeSpan,
        /// By the time that they are to start next.
        next_scheduled_start_time: TimeSpan,
        /// By the flow run that called them.
        parent_flow_run_id: OneOf<FlowRunId>,
        /// By the task run that stands for them in the run that called them.
        parent_task_run_id: OneOf<TaskRunId>,
        /// By the key that made their request count once.
        idempotency_key: OneOf<String>,
        /// By deployment.
        deployment_id: OneOf<Uuid>,
        /// By work queue.
        work_queue_name: OneOf<String>,
        /// Whether they were called by another run.
        is_subflow: bool,
    }

    /// Which task runs are meant.
    TaskRunFilter {
        /// By id.
        id: OneOf<TaskRunId>,
        /// By name.
        name: Text,
        /// By flow run.
        flow_run_id: OneOf<FlowRunId>,
        /// By state.
        state: StateFilter,
        /// By tags.
        tags: Tags,
        /// By the time that they first started.
        start_time: TimeSpan,
        /// By the time that they ended.
        end_time: TimeSpan,
        /// By the time that they were to start.
        expected_start_time: TimeSpan,
        /// By whether they stand for a flow run.
        subflow_runs: Truth,
    }

    /// Which log lines are meant.
    LogFilter {
        /// By id.
        id: OneOf<LogId>,
        /// Of these flow runs.
        flow_run_id: OneOf<FlowRunId>,
        /// Of these task runs.
        task_run_id: OneOf<TaskRunId>,
        /// Of these levels.
        level: LevelSpan,
        /// Written in this span.
        timestamp: TimeSpan,
        /// That say this.
        text: Search,
    }

    /// Which deployments are meant.
    DeploymentFilter {
        /// By id.
        id: OneOf<Uuid>,
        /// By name.
        name: Text,
        /// By their flow's name or their own.
        flow_or_deployment_name: Text,
        /// By tags.
        tags: Tags,
        /// By work queue.
        work_queue_name: OneOf<String>,
        /// By whether they rest.
        paused: Truth,
        /// By whether they make runs.
        is_schedule_active: Truth,
    }

    /// Which work pools are meant.
    WorkPoolFilter {
        /// By id.
        id: OneOf<Uuid>,
        /// By name.
        name: OneOf<String>,
        /// By where they have runs executed.
        #[serde(rename = "type")]
        kind: OneOf<String>,
    }

    /// Which work queues are meant.
    WorkQueueFilter {
        /// By id.
        id: OneOf<Uuid>,
        /// By name.
        name: OneOf<String>,
    }
}

/// What the things that are looked for have to do with, beside what they are themselves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Related {
    /// Of such flows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flows: Option<FlowFilter>,
    /// Of such flow runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_runs: Option<FlowRunFilter>,
    /// With such task runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_runs: Option<TaskRunFilter>,
    /// Of such deployments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployments: Option<DeploymentFilter>,
    /// In such work pools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_pools: Option<WorkPoolFilter>,
    /// In such work queues.
    #[serde(skip_serializing_if = "Option::is_none", alias = "work_queues")]
    pub work_pool_queues: Option<WorkQueueFilter>,
}
