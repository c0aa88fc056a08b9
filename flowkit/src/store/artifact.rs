//! Artifacts: what runs leave for people to look at.

use super::filter;
use super::query::Query;
use super::tx::Tx;
use super::value::{Json, Row, Value, values};
use crate::Timestamp;
use crate::model::{Artifact, ArtifactId, FlowRunId};
use crate::wire::{FilterArtifacts, UpdateArtifact};
use crate::{Error, Result};

pub(super) const PUT: &str = "
    INSERT INTO artifact (
        id, key, type, description, data, flow_run_id, task_run_id, created, updated)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (id) DO UPDATE SET key = excluded.key, type = excluded.type,
        description = excluded.description, data = excluded.data, updated = excluded.updated";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, key, type, description, data, flow_run_id, task_run_id, created, updated \
             FROM artifact ",
            $rest
        )
    };
}

const READ: &str = select!("WHERE id = $1");

const READ_LATEST: &str = select!("WHERE key = $1 ORDER BY id DESC LIMIT 1");

#[cfg(any(feature = "client", test))]
const CHANGED_SINCE: &str =
    select!("WHERE flow_run_id = $1 AND updated > $2 ORDER BY updated, id LIMIT 200");

const UPDATE: &str = "
    UPDATE artifact SET data = COALESCE($1, data), description = COALESCE($2, description),
        updated = $3
    WHERE id = $4";

const DELETE: &str = "DELETE FROM artifact WHERE id = $1";

const DELETE_OF_FLOW_RUN: &str = "DELETE FROM artifact WHERE flow_run_id = $1";

/// The values of [`PUT`] for an artifact.
pub(super) fn row(artifact: &Artifact) -> [Value<'_>; 9] {
    values![
        artifact.id,
        artifact.key.as_deref(),
        artifact.kind.as_str(),
        artifact.description.as_deref(),
        Json(&artifact.data),
        artifact.flow_run_id,
        artifact.task_run_id,
        artifact.created,
        artifact.updated,
    ]
}

/// Writes an artifact, new or changed.
pub(crate) async fn put(tx: &mut Tx<'_>, artifact: &Artifact) -> Result<()> {
    tx.execute(PUT, &row(artifact)).await.map(drop)
}

/// One artifact.
pub(crate) async fn read(tx: &mut Tx<'_>, id: ArtifactId) -> Result<Option<Artifact>> {
    tx.row(READ, &values![id], read_artifact).await
}

/// The newest artifact with that key.
pub(crate) async fn read_latest(tx: &mut Tx<'_>, key: &str) -> Result<Option<Artifact>> {
    tx.row(READ_LATEST, &values![key], read_artifact).await
}

/// Changes what was given; says whether there is such an artifact.
pub(crate) async fn update(
    tx: &mut Tx<'_>,
    change: &UpdateArtifact,
    now: Timestamp,
) -> Result<bool> {
    let values =
        values![change.data.as_ref().map(Json), change.description.as_deref(), now, change.id];
    Ok(tx.execute(UPDATE, &values).await? > 0)
}

#[cfg(any(feature = "client", test))]
/// A flow run's artifacts that changed after that time, in that order.
pub(crate) async fn changed_since(
    tx: &mut Tx<'_>,
    id: FlowRunId,
    since: Timestamp,
) -> Result<Vec<Artifact>> {
    tx.rows(CHANGED_SINCE, &values![id, since], read_artifact).await
}

/// Deletes an artifact, and says whether there was one.
pub(crate) async fn delete(tx: &mut Tx<'_>, id: ArtifactId) -> Result<bool> {
    Ok(tx.execute(DELETE, &values![id]).await? > 0)
}

/// Deletes the artifacts of a flow run.
pub(crate) async fn delete_of_flow_run(tx: &mut Tx<'_>, id: FlowRunId) -> Result<()> {
    tx.execute(DELETE_OF_FLOW_RUN, &values![id]).await.map(drop)
}

/// The artifacts that a filter means, the newest first.
pub(crate) async fn filter(tx: &mut Tx<'_>, wanted: FilterArtifacts) -> Result<Vec<Artifact>> {
    let mut query = Query::new(select!(""));
    if let Some(flow_runs) = wanted.flow_run_id {
        filter::one_of(&mut query, "flow_run_id", flow_runs);
    }
    if let Some(task_runs) = wanted.task_run_id {
        filter::one_of(&mut query, "task_run_id", task_runs);
    }
    if let Some(keys) = wanted.key {
        filter::one_of(&mut query, "key", keys);
    }
    if let Some(kind) = wanted.kind {
        query.when_value("type = ?", kind.as_str());
    }
    if wanted.latest {
        query.when(
            "key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM artifact AS newer \
             WHERE newer.key = artifact.key AND newer.id > artifact.id)",
        );
    }
    query.order_by("id DESC");
    query.page(wanted.page);
    query.rows(tx, read_artifact).await
}

fn read_artifact(row: &mut Row<'_>) -> Result<Artifact> {
    let id = row.next()?;
    let key = row.next()?;
    let kind: String = row.next()?;
    let kind = kind.parse().map_err(|error: Error| {
        Error::internal(format!("artifact {id} cannot be read")).with_source(error)
    })?;
    Ok(Artifact {
        id,
        key,
        kind,
        description: row.next()?,
        data: row.json()?,
        flow_run_id: row.next()?,
        task_run_id: row.next()?,
        created: row.next()?,
        updated: row.next()?,
    })
}
