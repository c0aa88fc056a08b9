//! Artifacts as Prefect takes them, from 2.20 on.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::{Artifact, ArtifactKind};

/// The body that makes an artifact.
pub(in crate::report) fn create(
    artifact: &Artifact,
    flow_run_id: Uuid,
    task_run_id: Option<Uuid>,
) -> Value {
    json!({
        "key": artifact.key,
        "type": artifact.kind,
        "description": artifact.description,
        "data": data(artifact),
        "flow_run_id": flow_run_id,
        "task_run_id": task_run_id,
    })
}

/// The body that changes one.
pub(in crate::report) fn update(artifact: &Artifact) -> Value {
    json!({ "data": data(artifact), "description": artifact.description })
}

/// Prefect keeps a table as the text of its JSON.
fn data(artifact: &Artifact) -> Value {
    match (&artifact.kind, &artifact.data) {
        (ArtifactKind::Table, rows) if !rows.is_string() => rows.to_string().into(),
        (_, data) => data.clone(),
    }
}

/// An artifact as the server knows it.
#[derive(Debug, Deserialize)]
pub(in crate::report) struct Known {
    pub(in crate::report) id: Uuid,
    key: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    data: Value,
}

impl Known {
    /// Says whether it is that artifact, told before.
    pub(in crate::report) fn is(&self, artifact: &Artifact) -> bool {
        self.key == artifact.key
            && self.kind.as_deref() == Some(artifact.kind.as_str())
            && (artifact.kind == ArtifactKind::Progress || self.data == data(artifact))
    }
}
