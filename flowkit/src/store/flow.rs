//! Flows: one row each, by name.

use super::filter;
use super::query::Query;
use super::tx::Tx;
use super::value::{Json, Row, values};
use crate::Result;
use crate::model::{Flow, FlowId};
use crate::wire::{FilterFlows, FlowFilter, FlowSort, Related};

const CREATE: &str = "
    INSERT INTO flow (id, name, tags, created, updated) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (name) DO NOTHING";

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, name, tags, created, updated FROM flow ", $rest)
    };
}

const READ: &str = select!("WHERE id = $1");

const READ_BY_NAME: &str = select!("WHERE name = $1");

/// Makes a flow unless there is one of that name.
pub(crate) async fn create(tx: &mut Tx<'_>, flow: &Flow) -> Result<()> {
    let values = values![flow.id, &flow.name, Json(&flow.tags), flow.created, flow.updated];
    tx.execute(CREATE, &values).await.map(drop)
}

/// One flow.
pub(crate) async fn read(tx: &mut Tx<'_>, id: FlowId) -> Result<Option<Flow>> {
    tx.row(READ, &values![id], read_flow).await
}

/// The flow of that name.
pub(crate) async fn read_by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Flow>> {
    tx.row(READ_BY_NAME, &values![name], read_flow).await
}

/// The flows that a filter means.
pub(crate) async fn filter(tx: &mut Tx<'_>, wanted: FilterFlows) -> Result<Vec<Flow>> {
    let mut query = Query::new(select!(""));
    filter::flows(&mut query, wanted.flows, wanted.related);
    query.order_by(match wanted.sort {
        FlowSort::NameAsc => "name",
        FlowSort::NameDesc => "name DESC",
        FlowSort::CreatedDesc => "created DESC, id DESC",
        FlowSort::UpdatedDesc => "updated DESC, id DESC",
    });
    query.page(wanted.page);
    query.rows(tx, read_flow).await
}

/// How many flows a filter means.
pub(crate) async fn total(tx: &mut Tx<'_>, wanted: FlowFilter, related: Related) -> Result<u64> {
    let mut query = Query::new("SELECT COUNT(*) FROM flow");
    filter::flows(&mut query, wanted, related);
    query.value(tx).await
}

fn read_flow(row: &mut Row<'_>) -> Result<Flow> {
    Ok(Flow {
        id: row.next()?,
        name: row.next()?,
        tags: row.json()?,
        created: row.next()?,
        updated: row.next()?,
    })
}
