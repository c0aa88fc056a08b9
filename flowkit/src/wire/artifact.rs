//! Operations on artifacts.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{OneOf, Page, operations};
use crate::model::{Artifact, ArtifactId, ArtifactKind, FlowRunId, TaskRunId};

operations! {
    CreateArtifact => Artifact, Post "/artifacts/";
    ReadArtifact => Artifact, Get "/artifacts/{id}";
    ReadLatestArtifact => Artifact, Get "/artifacts/{key}/latest";
    FilterArtifacts => Vec<Artifact>, Post "/artifacts/filter";
    UpdateArtifact => (), Patch "/artifacts/{id}";
    DeleteArtifact => (), Delete "/artifacts/{id}";
}

/// Makes an artifact.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateArtifact {
    /// The artifact; its times are set by whoever keeps it.
    #[serde(flatten)]
    pub artifact: Artifact,
}

/// Reads an artifact.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadArtifact {
    /// Which one.
    pub id: ArtifactId,
}

/// Reads the newest artifact with that key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadLatestArtifact {
    /// The key.
    pub key: String,
}

/// Lists artifacts, the newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterArtifacts {
    /// Of these flow runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_run_id: Option<OneOf<FlowRunId>>,
    /// Of these task runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_run_id: Option<OneOf<TaskRunId>>,
    /// With one of these keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<OneOf<String>>,
    /// Of this kind.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ArtifactKind>,
    /// Only the newest of each key.
    pub latest: bool,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Changes what was given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UpdateArtifact {
    /// Which one.
    pub id: ArtifactId,
    /// Another thing to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// Another description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Deletes an artifact.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteArtifact {
    /// Which one.
    pub id: ArtifactId,
}
