//! Block types: kinds of saved configuration.

use super::filter;
use super::query::Query;
use super::tx::Tx;
use super::value::{Row, values};
use crate::Result;
use crate::model::{BlockType, BlockTypeId};
use crate::wire::BlockTypeFilter;

const ADD: &str = "
    INSERT INTO block_type (
        id, name, slug, logo_url, documentation_url, description, code_example, is_protected,
        created, updated)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (slug) DO NOTHING";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, slug, logo_url, documentation_url, description, code_example, \
             is_protected, created, updated FROM block_type ",
            $rest
        )
    };
}

const READ: &str = select!("WHERE id = $1");

const READ_BY_SLUG: &str = select!("WHERE slug = $1");

const UPDATE: &str = "
    UPDATE block_type SET logo_url = $1, documentation_url = $2, description = $3,
        code_example = $4, updated = $5
    WHERE id = $6";

const DELETE: &str = "DELETE FROM block_type WHERE id = $1";

/// Adds a type; says whether its slug was free.
pub(crate) async fn add(tx: &mut Tx<'_>, made: &BlockType) -> Result<bool> {
    let values = values![
        made.id,
        &made.name,
        &made.slug,
        made.logo_url.as_deref(),
        made.documentation_url.as_deref(),
        made.description.as_deref(),
        made.code_example.as_deref(),
        i64::from(made.is_protected),
        made.created,
        made.updated,
    ];
    Ok(tx.execute(ADD, &values).await? > 0)
}

/// One type.
pub(crate) async fn read(tx: &mut Tx<'_>, id: BlockTypeId) -> Result<Option<BlockType>> {
    tx.row(READ, &values![id], read_type).await
}

/// The type of that slug.
pub(crate) async fn read_by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<BlockType>> {
    tx.row(READ_BY_SLUG, &values![slug], read_type).await
}

/// The types that a filter means, by name.
pub(crate) async fn filter(
    tx: &mut Tx<'_>,
    wanted: Option<BlockTypeFilter>,
) -> Result<Vec<BlockType>> {
    let mut query = Query::new(select!(""));
    conditions(&mut query, wanted);
    query.order_by("name, slug");
    query.rows(tx, read_type).await
}

pub(super) fn conditions(query: &mut Query, wanted: Option<BlockTypeFilter>) {
    let wanted = wanted.unwrap_or_default();
    query.when_joined(wanted.operator, |query| {
        if let Some(name) = wanted.name {
            filter::text(query, "block_type.name", name);
        }
        if let Some(slug) = wanted.slug {
            filter::text(query, "block_type.slug", slug);
        }
    });
}

/// Changes what is told of a type for people.
pub(crate) async fn update(tx: &mut Tx<'_>, changed: &BlockType) -> Result<()> {
    let values = values![
        changed.logo_url.as_deref(),
        changed.documentation_url.as_deref(),
        changed.description.as_deref(),
        changed.code_example.as_deref(),
        changed.updated,
        changed.id,
    ];
    tx.execute(UPDATE, &values).await.map(drop)
}

/// Deletes a type, and says whether there was one. What belongs to it is another matter.
pub(crate) async fn delete(tx: &mut Tx<'_>, id: BlockTypeId) -> Result<bool> {
    Ok(tx.execute(DELETE, &values![id]).await? > 0)
}

fn read_type(row: &mut Row<'_>) -> Result<BlockType> {
    Ok(BlockType {
        id: row.next()?,
        name: row.next()?,
        slug: row.next()?,
        logo_url: row.next()?,
        documentation_url: row.next()?,
        description: row.next()?,
        code_example: row.next()?,
        is_protected: row.next::<i64>()? != 0,
        created: row.next()?,
        updated: row.next()?,
    })
}
