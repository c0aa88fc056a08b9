//! Operations on artifacts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{OneOf, Page, filters, operations};
use crate::model::{Artifact, ArtifactId, ArtifactKind, FlowRunId, TaskRunId, or_default};

operations! {
    CreateArtifact => Artifact, Post "/artifacts/", status |_| 201;
    ReadArtifact => Artifact, Get "/artifacts/{id}";
    ReadLatestArtifact => Artifact, Get "/artifacts/{key}/latest";
    FilterArtifacts => Vec<Artifact>, Post "/artifacts/filter";
    CountArtifacts => u64, Post "/artifacts/count";
    FilterLatestArtifacts => Vec<LatestArtifact>, Post "/artifacts/latest/filter";
    CountLatestArtifacts => u64, Post "/artifacts/latest/count";
    UpdateArtifact => (), Patch "/artifacts/{id}";
    DeleteArtifact => (), Delete "/artifacts/{id}";
}

/// Makes an artifact; a new id is chosen if its is nil.
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

filters! {
    /// Which artifacts are meant.
    ArtifactFilter {
        /// By id.
        #[serde(alias = "latest_id")]
        id: OneOf<ArtifactId>,
        /// By key.
        key: KeyFilter,
        /// By flow run.
        flow_run_id: OneOf<FlowRunId>,
        /// By task run.
        task_run_id: OneOf<TaskRunId>,
        /// By how they are shown.
        #[serde(rename = "type")]
        kind: OneOf<String>,
    }

    /// Keys of artifacts.
    KeyFilter {
        /// One of these.
        any_: Vec<String>,
        /// Holds this, in upper or lower case.
        like_: String,
        /// Whether there is one.
        exists_: bool,
    }
}

impl From<String> for KeyFilter {
    fn from(key: String) -> Self {
        Self { any_: Some(vec![key]), ..Self::default() }
    }
}

impl From<ArtifactKind> for OneOf<String> {
    fn from(kind: ArtifactKind) -> Self {
        vec![kind.to_string()].into()
    }
}

/// The order of a list of artifacts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ArtifactSort {
    /// The newest first.
    #[default]
    IdDesc,
    /// The newest first.
    CreatedDesc,
    /// The last changed first.
    UpdatedDesc,
    /// By key.
    KeyAsc,
    /// By key, from the end.
    KeyDesc,
}

/// Lists artifacts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterArtifacts {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub artifacts: ArtifactFilter,
    /// Only the newest of each key.
    pub latest: bool,
    /// In which order.
    #[serde(deserialize_with = "or_default")]
    pub sort: ArtifactSort,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Counts artifacts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CountArtifacts {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub artifacts: ArtifactFilter,
}

/// Lists the newest artifact of each key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterLatestArtifacts {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub artifacts: ArtifactFilter,
    /// In which order.
    #[serde(deserialize_with = "or_default")]
    pub sort: ArtifactSort,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Counts keys of artifacts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CountLatestArtifacts {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub artifacts: ArtifactFilter,
}

/// The newest artifact of a key, and its id by the name that Prefect has for it there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LatestArtifact {
    /// The artifact.
    #[serde(flatten)]
    pub artifact: Artifact,
    /// Its id.
    pub latest_id: ArtifactId,
}

/// Changes what was given.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct UpdateArtifact {
    /// Which one.
    pub id: ArtifactId,
    /// Another thing to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// Another description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Other words about it.
    #[serde(rename = "metadata_", default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, Value>>,
}

/// Deletes an artifact.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteArtifact {
    /// Which one.
    pub id: ArtifactId,
}
