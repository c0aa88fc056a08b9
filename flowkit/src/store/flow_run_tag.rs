//! Tags of flow runs: kept with the runs as well, and here so that runs are found by them.

use super::query::Query;
use super::tx::Tx;
use super::value::values;
use crate::Result;
use crate::model::FlowRunId;
use crate::wire::Page;

const PUT: &str = "
    INSERT INTO flow_run_tag (tag, flow_run_id) VALUES ($1, $2)
    ON CONFLICT (tag, flow_run_id) DO NOTHING";

const DELETE: &str = "DELETE FROM flow_run_tag WHERE flow_run_id = $1";

/// Notes the tags of a run.
pub(super) async fn put(tx: &mut Tx<'_>, id: FlowRunId, tags: &[String]) -> Result<()> {
    for tag in tags {
        tx.execute(PUT, &values![tag, id]).await?;
    }
    Ok(())
}

/// Forgets the tags of a run.
pub(super) async fn delete(tx: &mut Tx<'_>, id: FlowRunId) -> Result<()> {
    tx.execute(DELETE, &values![id]).await.map(drop)
}

/// The newest runs with a tag that were made from that id on.
pub(super) async fn newest(
    tx: &mut Tx<'_>,
    tag: &str,
    from: Option<FlowRunId>,
    most: u32,
) -> Result<Vec<FlowRunId>> {
    let mut query = Query::new("SELECT flow_run_id FROM flow_run_tag");
    query.when_value("tag = ?", tag.to_owned());
    if let Some(from) = from {
        query.when_value("flow_run_id >= ?", from);
    }
    query.order_by("flow_run_id DESC");
    query.page(Page::first(most));
    query.rows(tx, |row| row.next()).await
}
