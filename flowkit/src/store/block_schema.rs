//! Block schemas: which fields the blocks of a type have.

use super::filter;
use super::query::Query;
use super::tx::Tx;
use super::value::{Json, Row, values};
use crate::Result;
use crate::model::{BlockSchema, BlockSchemaId, BlockTypeId};
use crate::wire::{BlockSchemaFilter, FilterBlockSchemas};

const ADD: &str = "
    INSERT INTO block_schema (
        id, checksum, version, block_type_id, fields, capabilities, created, updated)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, checksum, version, block_type_id, fields, capabilities, created, updated \
             FROM block_schema ",
            $rest
        )
    };
}

const READ: &str = select!("WHERE id = $1");

const READ_BY_CHECKSUM: &str = select!("WHERE checksum = $1 ORDER BY id DESC LIMIT 1");

const READ_BY_VERSION: &str = select!("WHERE checksum = $1 AND version = $2");

const CAPABILITIES: &str = "SELECT block_type_id, capabilities FROM block_schema";

const DELETE: &str = "DELETE FROM block_schema WHERE id = $1";

const DELETE_OF_TYPE: &str = "DELETE FROM block_schema WHERE block_type_id = $1";

/// Adds a schema.
pub(crate) async fn add(tx: &mut Tx<'_>, made: &BlockSchema) -> Result<()> {
    let values = values![
        made.id,
        &made.checksum,
        &made.version,
        made.block_type_id,
        Json(&made.fields),
        Json(&made.capabilities),
        made.created,
        made.updated,
    ];
    tx.execute(ADD, &values).await.map(drop)
}

/// One schema, without its type.
pub(crate) async fn read(tx: &mut Tx<'_>, id: BlockSchemaId) -> Result<Option<BlockSchema>> {
    tx.row(READ, &values![id], read_schema).await
}

/// The schema that hashes to that; without a version, the newest.
pub(crate) async fn read_by_checksum(
    tx: &mut Tx<'_>,
    checksum: &str,
    version: Option<&str>,
) -> Result<Option<BlockSchema>> {
    match version {
        Some(version) => tx.row(READ_BY_VERSION, &values![checksum, version], read_schema).await,
        None => tx.row(READ_BY_CHECKSUM, &values![checksum], read_schema).await,
    }
}

/// The schemas that a filter means, the newest first.
pub(crate) async fn filter(
    tx: &mut Tx<'_>,
    wanted: FilterBlockSchemas,
) -> Result<Vec<BlockSchema>> {
    let mut query = Query::new(select!(""));
    conditions(&mut query, wanted.block_schemas);
    query.order_by("id DESC");
    query.page(wanted.page);
    query.rows(tx, read_schema).await
}

pub(super) fn conditions(query: &mut Query, wanted: Option<BlockSchemaFilter>) {
    let wanted = wanted.unwrap_or_default();
    query.when_joined(wanted.operator, |query| {
        if let Some(ids) = wanted.id {
            filter::one_of(query, "block_schema.id", ids);
        }
        if let Some(types) = wanted.block_type_id {
            filter::one_of(query, "block_schema.block_type_id", types);
        }
        if let Some(capabilities) = wanted.block_capabilities {
            filter::tags(query, "block_schema.capabilities", capabilities);
        }
        if let Some(versions) = wanted.version {
            filter::one_of(query, "block_schema.version", versions);
        }
    });
}

/// What the blocks of each schema can do, with its type.
pub(crate) async fn capabilities(tx: &mut Tx<'_>) -> Result<Vec<(BlockTypeId, Vec<String>)>> {
    tx.rows(CAPABILITIES, &[], |row| Ok((row.next()?, row.json()?))).await
}

/// Deletes a schema, and says whether there was one.
pub(crate) async fn delete(tx: &mut Tx<'_>, id: BlockSchemaId) -> Result<bool> {
    Ok(tx.execute(DELETE, &values![id]).await? > 0)
}

/// Deletes the schemas of a type.
pub(crate) async fn delete_of_type(tx: &mut Tx<'_>, id: BlockTypeId) -> Result<()> {
    tx.execute(DELETE_OF_TYPE, &values![id]).await.map(drop)
}

fn read_schema(row: &mut Row<'_>) -> Result<BlockSchema> {
    Ok(BlockSchema {
        id: row.next()?,
        checksum: row.next()?,
        version: row.next()?,
        block_type_id: row.next()?,
        block_type: None,
        fields: row.json()?,
        capabilities: row.json()?,
        created: row.next()?,
        updated: row.next()?,
    })
}
