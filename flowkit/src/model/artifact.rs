//! Artifact: something that a run leaves for people to look at.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{ArtifactId, FlowRunId, TaskRunId};
use crate::Timestamp;

/// Something that a run leaves for people to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Artifact {
    /// Names this artifact.
    #[serde(default)]
    pub id: ArtifactId,
    /// When it was made.
    #[serde(default)]
    pub created: Timestamp,
    /// When it last changed.
    #[serde(default)]
    pub updated: Timestamp,
    /// What it is called; artifacts with one key are versions of each other.
    #[serde(default)]
    pub key: Option<String>,
    /// How it is shown.
    #[serde(rename = "type", default)]
    pub kind: ArtifactKind,
    /// What it shows, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// The thing itself: text for markdown, rows for a table, a number for progress.
    #[serde(default)]
    pub data: Value,
    /// Words about it, by name.
    #[serde(rename = "metadata_", default)]
    pub metadata: Option<BTreeMap<String, Value>>,
    /// The flow run that left it.
    #[serde(default)]
    pub flow_run_id: Option<FlowRunId>,
    /// The task run that left it.
    #[serde(default)]
    pub task_run_id: Option<TaskRunId>,
}

/// How an artifact is shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    /// A word of somebody else's; none at all if it is empty.
    Other(String),
}

impl ArtifactKind {
    /// All that are shown in a way of their own.
    pub const ALL: [Self; 5] =
        [Self::Markdown, Self::Table, Self::Link, Self::Progress, Self::Image];

    /// The one of that word, whoever's word it is.
    pub(crate) fn of(word: String) -> Self {
        word.parse().unwrap_or(Self::Other(word))
    }

    /// The word in Prefect's API.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Markdown => "markdown",
            Self::Table => "table",
            Self::Link => "link",
            Self::Progress => "progress",
            Self::Image => "image",
            Self::Other(word) => word,
        }
    }
}

impl Default for ArtifactKind {
    fn default() -> Self {
        Self::Other(String::new())
    }
}

impl Serialize for ArtifactKind {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Some(self.as_str()).filter(|word| !word.is_empty()).serialize(to)
    }
}

impl<'de> Deserialize<'de> for ArtifactKind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::<String>::deserialize(from).map(|word| Self::of(word.unwrap_or_default()))
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
            let all = Self::ALL.map(|kind| kind.to_string()).join(", ");
            crate::Error::invalid(format!("no kind of artifact `{text}`; the kinds are {all}"))
        })
    }
}
