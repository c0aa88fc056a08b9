//! Block documents: saved configuration. What is in one comes here encrypted and leaves so.

use super::query::Query;
use super::tx::Tx;
use super::value::{Row, values};
use super::{block_schema, block_type, filter};
use crate::model::{BlockDocumentId, BlockSchemaId, BlockTypeId};
use crate::wire::{BlockDocumentSort, Page, Truth, WhichBlockDocuments};
use crate::{Result, Timestamp};

const ADD: &str = "
    INSERT INTO block_document (
        id, name, sealed, digest, block_schema_id, block_type_id, is_anonymous, created, updated)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT block_document.id, block_document.name, sealed, block_schema_id, \
             block_document.block_type_id, is_anonymous, block_document.created, \
             block_document.updated FROM block_document ",
            $rest
        )
    };
}

/// The types and schemas that a filter may ask about.
macro_rules! joined {
    () => {
        "JOIN block_type ON block_type.id = block_document.block_type_id \
         JOIN block_schema ON block_schema.id = block_document.block_schema_id"
    };
}

const READ: &str = select!("WHERE id = $1");

const READ_BY_NAME: &str = select!("WHERE block_type_id = $1 AND name = $2");

const READ_SAME: &str = select!("WHERE block_schema_id = $1 AND digest = $2");

const LIST: &str = concat!(select!(""), joined!());

const COUNT: &str = concat!("SELECT COUNT(*) FROM block_document ", joined!());

const UPDATE: &str = "
    UPDATE block_document SET sealed = $1, digest = $2, block_schema_id = $3, updated = $4
    WHERE id = $5";

const DELETE: &str = "DELETE FROM block_document WHERE id = $1";

const DELETE_OF_TYPE: &str = "DELETE FROM block_document WHERE block_type_id = $1";

const DELETE_OF_SCHEMA: &str = "DELETE FROM block_document WHERE block_schema_id = $1";

/// A block as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) id: BlockDocumentId,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) name: String,
    pub(crate) sealed: String,
    pub(crate) block_schema_id: BlockSchemaId,
    pub(crate) block_type_id: BlockTypeId,
    pub(crate) is_anonymous: bool,
}

/// Adds a block; says whether its name was free, and no other with that digest was there.
pub(crate) async fn add(tx: &mut Tx<'_>, made: &Sealed, digest: Option<u128>) -> Result<bool> {
    let values = values![
        made.id,
        &made.name,
        &made.sealed,
        digest,
        made.block_schema_id,
        made.block_type_id,
        i64::from(made.is_anonymous),
        made.created,
        made.updated,
    ];
    Ok(tx.execute(ADD, &values).await? > 0)
}

/// One block.
pub(crate) async fn read(tx: &mut Tx<'_>, id: BlockDocumentId) -> Result<Option<Sealed>> {
    tx.row(READ, &values![id], read_sealed).await
}

/// The block of that type and name.
pub(crate) async fn read_by_name(
    tx: &mut Tx<'_>,
    of: BlockTypeId,
    name: &str,
) -> Result<Option<Sealed>> {
    tx.row(READ_BY_NAME, &values![of, name], read_sealed).await
}

/// The anonymous block of that schema with that content.
pub(crate) async fn read_same(
    tx: &mut Tx<'_>,
    of: BlockSchemaId,
    digest: u128,
) -> Result<Option<Sealed>> {
    tx.row(READ_SAME, &values![of, digest], read_sealed).await
}

/// The blocks that a filter means.
pub(crate) async fn filter(
    tx: &mut Tx<'_>,
    which: WhichBlockDocuments,
    sort: BlockDocumentSort,
    page: Page,
) -> Result<Vec<Sealed>> {
    let mut query = Query::new(LIST);
    conditions(&mut query, which);
    query.order_by(match sort {
        BlockDocumentSort::NameAsc => "block_document.name, block_document.id",
        BlockDocumentSort::NameDesc => "block_document.name DESC, block_document.id DESC",
        BlockDocumentSort::BlockTypeAndNameAsc => {
            "block_type.name, block_document.name, block_document.id"
        }
    });
    query.page(page);
    query.rows(tx, read_sealed).await
}

/// How many blocks a filter means.
pub(crate) async fn count(tx: &mut Tx<'_>, which: WhichBlockDocuments) -> Result<u64> {
    let mut query = Query::new(COUNT);
    conditions(&mut query, which);
    let counted = query.rows(tx, |row| row.next()).await?;
    Ok(counted.first().copied().unwrap_or_default())
}

fn conditions(query: &mut Query, which: WhichBlockDocuments) {
    let wanted = which.block_documents.unwrap_or_default();
    let is_anonymous = wanted.is_anonymous;
    query.when_joined(wanted.operator, |query| {
        if let Some(ids) = wanted.id {
            filter::one_of(query, "block_document.id", ids);
        }
        if let Some(name) = wanted.name {
            filter::text(query, "block_document.name", name);
        }
        if let Some(types) = wanted.block_type_id {
            filter::one_of(query, "block_document.block_type_id", types);
        }
    });
    let of_all = Truth { eq_: Some(false), ..Truth::default() };
    if let Some(eq_) = is_anonymous.unwrap_or(of_all).eq_ {
        query.when_value("is_anonymous = ?", i64::from(eq_));
    }
    block_type::conditions(query, which.block_types);
    block_schema::conditions(query, which.block_schemas);
}

/// Changes a block.
pub(crate) async fn update(tx: &mut Tx<'_>, changed: &Sealed, digest: Option<u128>) -> Result<()> {
    let values =
        values![&changed.sealed, digest, changed.block_schema_id, changed.updated, changed.id,];
    tx.execute(UPDATE, &values).await.map(drop)
}

/// Deletes a block, and says whether there was one.
pub(crate) async fn delete(tx: &mut Tx<'_>, id: BlockDocumentId) -> Result<bool> {
    Ok(tx.execute(DELETE, &values![id]).await? > 0)
}

/// Deletes the blocks of a type.
pub(crate) async fn delete_of_type(tx: &mut Tx<'_>, id: BlockTypeId) -> Result<()> {
    tx.execute(DELETE_OF_TYPE, &values![id]).await.map(drop)
}

/// Deletes the blocks of a schema.
pub(crate) async fn delete_of_schema(tx: &mut Tx<'_>, id: BlockSchemaId) -> Result<()> {
    tx.execute(DELETE_OF_SCHEMA, &values![id]).await.map(drop)
}

fn read_sealed(row: &mut Row<'_>) -> Result<Sealed> {
    Ok(Sealed {
        id: row.next()?,
        name: row.next()?,
        sealed: row.next()?,
        block_schema_id: row.next()?,
        block_type_id: row.next()?,
        is_anonymous: row.next::<i64>()? != 0,
        created: row.next()?,
        updated: row.next()?,
    })
}
