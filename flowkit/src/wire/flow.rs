//! Operations on flows.

use serde::{Deserialize, Serialize};

use super::{Made, Page, Text, operations};
use crate::model::{Flow, FlowId};

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

/// Lists flows by name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterFlows {
    /// Of these names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}
