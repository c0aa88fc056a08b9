//! Artifacts that runs leave for people to look at.

use serde::Serialize;
use serde_json::{Value, json};

use super::runtime::Runtime;
use super::scope::Scope;
use crate::model::{Artifact, ArtifactId, ArtifactKind};
use crate::wire::{CreateArtifact, UpdateArtifact};
use crate::{Error, Result};

/// Leaves formatted text.
///
/// # Errors
/// Invalid for a key that is not made of lower-case letters, digits and `-`; unavailable when it
/// cannot be kept. That holds for all functions of this module.
pub async fn markdown(key: &str, text: impl Into<String>) -> Result<ArtifactId> {
    create(key, ArtifactKind::Markdown, None, Value::String(text.into())).await
}

/// Leaves a table: a list of rows, each with named columns.
///
/// # Errors
/// As [`markdown`]; also invalid when the rows have no JSON.
pub async fn table<R: Serialize>(key: &str, rows: &[R]) -> Result<ArtifactId> {
    let rows = serde_json::to_value(rows)
        .map_err(|error| Error::invalid("the rows have no JSON").with_source(error))?;
    create(key, ArtifactKind::Table, None, rows).await
}

/// Leaves an address with a text.
///
/// # Errors
/// As [`markdown`].
pub async fn link(key: &str, address: &str, text: Option<&str>) -> Result<ArtifactId> {
    let text = text.unwrap_or(address);
    create(key, ArtifactKind::Link, None, json!(format!("[{text}]({address})"))).await
}

/// Leaves the address of a picture.
///
/// # Errors
/// As [`markdown`].
pub async fn image(key: &str, address: &str) -> Result<ArtifactId> {
    create(key, ArtifactKind::Image, None, json!(address)).await
}

/// Leaves a progress that starts at `percent` and is moved with [`Progress::set`].
///
/// # Errors
/// As [`markdown`].
pub async fn progress(key: &str, description: &str, percent: f64) -> Result<Progress> {
    let data = json!(percent.clamp(0.0, 100.0));
    create(key, ArtifactKind::Progress, Some(description.to_owned()), data).await.map(Progress)
}

/// A progress that people watch.
#[derive(Debug)]
pub struct Progress(ArtifactId);

impl Progress {
    /// Moves it to `percent`, between 0 and 100.
    ///
    /// # Errors
    /// As [`markdown`].
    pub async fn set(&self, percent: f64) -> Result<()> {
        let data = Some(json!(percent.clamp(0.0, 100.0)));
        let update = UpdateArtifact { id: self.0, data, ..UpdateArtifact::default() };
        Runtime::current().await?.client().call(update).await
    }

    /// The artifact's id.
    #[must_use]
    pub const fn id(&self) -> ArtifactId {
        self.0
    }
}

async fn create(
    key: &str,
    kind: ArtifactKind,
    description: Option<String>,
    data: Value,
) -> Result<ArtifactId> {
    let runtime = Runtime::current().await?;
    let (flow_run_id, task_run_id) = Scope::with(|scope| {
        let flow = scope.flow.as_ref().map(|flow| flow.id);
        (flow, scope.task.as_ref().map(|task| task.id))
    })
    .unwrap_or_default();
    let now = runtime.clock().now();
    let artifact = Artifact {
        id: runtime.new_id().into(),
        created: now,
        updated: now,
        key: Some(key.to_owned()),
        kind,
        description,
        data,
        metadata: None,
        flow_run_id,
        task_run_id,
    };
    Ok(runtime.client().call(CreateArtifact { artifact }).await?.id)
}
