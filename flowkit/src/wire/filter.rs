//! Filters: which of many are meant. All parts are joined by "and"; the JSON is Prefect's.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::model::{FlowId, FlowRunId, Level, StateType, TaskRunId};

/// One of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OneOf<T> {
    /// The list.
    pub any_: Vec<T>,
}

impl<T> From<Vec<T>> for OneOf<T> {
    fn from(any_: Vec<T>) -> Self {
        Self { any_ }
    }
}

/// A text that is one of a list, or holds a part.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Text {
    /// One of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub any_: Option<Vec<String>>,
    /// Holds this, in upper or lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub like_: Option<String>,
}

/// Tags that must all be there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tags {
    /// The tags.
    pub all_: Vec<String>,
}

/// A span of time; both ends belong to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TimeSpan {
    /// Not before this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_: Option<Timestamp>,
    /// Not after this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_: Option<Timestamp>,
}

/// States by type or by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StateFilter {
    /// One of these types.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<OneOf<StateType>>,
    /// One of these names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<OneOf<String>>,
}

/// Which flow runs are meant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FlowRunFilter {
    /// By id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<OneOf<FlowRunId>>,
    /// By name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// By flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_id: Option<OneOf<FlowId>>,
    /// By the flow's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_name: Option<Text>,
    /// By state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StateFilter>,
    /// By tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// By the time that they first started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<TimeSpan>,
    /// By the time that they were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<TimeSpan>,
    /// Made before that run; where the next page of a list begins that has the newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_before: Option<FlowRunId>,
    /// By the task run that stands for them in the run that called them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_task_run_id: Option<OneOf<TaskRunId>>,
    /// Whether they were called by another run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_subflow: Option<bool>,
}

/// Which task runs are meant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskRunFilter {
    /// By id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<OneOf<TaskRunId>>,
    /// By name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// By flow run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_run_id: Option<OneOf<FlowRunId>>,
    /// By state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StateFilter>,
}

/// Which log lines are meant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogFilter {
    /// Of these flow runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_run_id: Option<OneOf<FlowRunId>>,
    /// Of these task runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_run_id: Option<OneOf<TaskRunId>>,
    /// At least of this level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Written in this span.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<TimeSpan>,
}

/// Which part of a long list is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    /// At most so many.
    pub limit: u32,
    /// After so many others.
    pub offset: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self::first(200)
    }
}

impl Page {
    /// The first `limit`.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { limit, offset: 0 }
    }
}
