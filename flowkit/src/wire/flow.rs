//! Operations on flows.

use serde::{Deserialize, Serialize};

use super::{FlowFilter, Made, Page, Related, operations};
use crate::model::{Flow, FlowId, or_default};

operations! {
    CreateFlow => Made<Flow>, Post "/flows/", status Made::status;
    ReadFlow => Flow, Get "/flows/{id}";
    ReadFlowByName => Flow, Get "/flows/name/{name}";
    FilterFlows => Vec<Flow>, Post "/flows/filter";
}

/// Makes a flow, or answers with the one of that name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateFlow {
    /// Its name.
    pub name: String,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// Reads a flow.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadFlow {
    /// Which one.
    pub id: FlowId,
}

/// Reads the flow of that name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadFlowByName {
    /// Its name.
    pub name: String,
}

/// The order of a list of flows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FlowSort {
    /// By name.
    #[default]
    NameAsc,
    /// By name, backwards.
    NameDesc,
    /// The newest first.
    CreatedDesc,
    /// The last changed first.
    UpdatedDesc,
}

/// Lists flows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterFlows {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub flows: FlowFilter,
    /// And what they have to do with.
    #[serde(flatten)]
    pub related: Related,
    /// In which order.
    #[serde(deserialize_with = "or_default")]
    pub sort: FlowSort,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}
