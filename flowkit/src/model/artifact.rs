//! Artifact: something that a run leaves for people to look at.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ArtifactId, FlowRunId, TaskRunId};
use crate::Timestamp;

/// Something that a run leaves for people to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Artifact {
    /// Names this artifact.
    pub id: ArtifactId,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// What it is called; artifacts with one key are versions of each other.
    #[serde(default)]
    pub key: Option<String>,
    /// How it is shown.
    #[serde(rename = "type")]
    pub kind: ArtifactKind,
    /// What it shows, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// The thing itself: text for markdown, rows for a table, a number for progress.
    pub data: Value,
    /// The flow run that left it.
    #[serde(default)]
    pub flow_run_id: Option<FlowRunId>,
    /// The task run that left it.
    #[serde(default)]
    pub task_run_id: Option<TaskRunId>,
}

/// How an artifact is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArtifactKind {
    /// Formatted text.
    Markdown,
    /// Rows with named columns.
    Table,
    /// An address with a text.
    Link,
    /// A part of a hundred.
    Progress,
    /// The address of a picture.
    Image,
}

impl ArtifactKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Markdown, Self::Table, Self::Link, Self::Progress, Self::Image];

    /// The word in Prefect's API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Table => "table",
            Self::Link => "link",
            Self::Progress => "progress",
            Self::Image => "image",
        }
    }
}

impl fmt::Display for ArtifactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ArtifactKind {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            crate::Error::invalid(format!("no kind of artifact `{text}`; the kinds are {all}"))
        })
    }
}
