//! Artifacts: what runs leave for people to look at.

use super::filter;
use super::query::Query;
use super::tx::Tx;
use super::value::{Json, Row, Value, values};
use crate::model::{Artifact, ArtifactId, ArtifactKind, FlowRunId};
use crate::wire::{ArtifactFilter, ArtifactSort, FilterArtifacts, KeyFilter, Text, UpdateArtifact};
use crate::{Result, Timestamp};

pub(super) const PUT: &str = "
    INSERT INTO artifact (
        id, key, type, description, data, metadata, flow_run_id, task_run_id, created, updated)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (id) DO UPDATE SET key = excluded.key, type = excluded.type,
        description = excluded.description, data = excluded.data, metadata = excluded.metadata,
        updated = excluded.updated";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, key, type, description, data, metadata, flow_run_id, task_run_id, created, \
             updated FROM artifact ",
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
        metadata = COALESCE($3, metadata), updated = $4
    WHERE id = $5";

const DELETE: &str = "DELETE FROM artifact WHERE id = $1";

const DELETE_OF_FLOW_RUN: &str = "DELETE FROM artifact WHERE flow_run_id = $1";

/// The values of [`PUT`] for an artifact.
pub(super) fn row(artifact: &Artifact) -> [Value<'_>; 10] {
    values![
        artifact.id,
        artifact.key.as_deref(),
        artifact.kind.as_str(),
        artifact.description.as_deref(),
        Json(&artifact.data),
        artifact.metadata.as_ref().map(Json),
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
    let values = values![
        change.data.as_ref().map(Json),
        change.description.as_deref(),
        change.metadata.as_ref().map(Json),
        now,
        change.id,
    ];
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

/// The artifacts that a filter means.
pub(crate) async fn filter(tx: &mut Tx<'_>, wanted: FilterArtifacts) -> Result<Vec<Artifact>> {
    let mut query = Query::new(select!(""));
    conditions(&mut query, wanted.artifacts, wanted.latest);
    query.order_by(match wanted.sort {
        // Ids are as old as what they name.
        ArtifactSort::IdDesc | ArtifactSort::CreatedDesc => "id DESC",
        ArtifactSort::UpdatedDesc => "updated DESC, id DESC",
        ArtifactSort::KeyAsc => "key ASC NULLS FIRST, id DESC",
        ArtifactSort::KeyDesc => "key DESC NULLS LAST, id DESC",
    });
    query.page(wanted.page);
    query.rows(tx, read_artifact).await
}

/// How many artifacts a filter means.
pub(crate) async fn count(
    tx: &mut Tx<'_>,
    wanted: ArtifactFilter,
    only_latest: bool,
) -> Result<u64> {
    let mut query = Query::new("SELECT COUNT(*) FROM artifact");
    conditions(&mut query, wanted, only_latest);
    let counted = query.rows(tx, |row| row.next()).await?;
    Ok(counted.first().copied().unwrap_or_default())
}

fn conditions(query: &mut Query, wanted: ArtifactFilter, only_latest: bool) {
    query.when_joined(wanted.operator, |query| {
        if let Some(ids) = wanted.id {
            filter::one_of(query, "id", ids);
        }
        if let Some(flow_runs) = wanted.flow_run_id {
            filter::one_of(query, "flow_run_id", flow_runs);
        }
        if let Some(task_runs) = wanted.task_run_id {
            filter::one_of(query, "task_run_id", task_runs);
        }
        if let Some(key) = wanted.key {
            match key.exists_ {
                Some(true) => query.when("key IS NOT NULL"),
                Some(false) => query.when("key IS NULL"),
                None => {}
            }
            let KeyFilter { any_, like_, operator, .. } = key;
            filter::text(query, "key", Text { any_, like_, operator });
        }
        if let Some(kinds) = wanted.kind {
            filter::one_of(query, "type", kinds);
        }
    });
    if only_latest {
        query.when(
            "key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM artifact AS newer \
             WHERE newer.key = artifact.key AND newer.id > artifact.id)",
        );
    }
}

fn read_artifact(row: &mut Row<'_>) -> Result<Artifact> {
    let id = row.next()?;
    let key = row.next()?;
    let kind: String = row.next()?;
    Ok(Artifact {
        id,
        key,
        kind: ArtifactKind::of(kind),
        description: row.next()?,
        data: row.json()?,
        metadata: row.next::<Option<Json<_>>>()?.map(|Json(words)| words),
        flow_run_id: row.next()?,
        task_run_id: row.next()?,
        created: row.next()?,
        updated: row.next()?,
    })
}
