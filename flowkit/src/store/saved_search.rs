//! Saved searches: filters that people gave a name.

use uuid::Uuid;

use super::query::Query;
use super::tx::Tx;
use super::value::{Json, Row, values};
use crate::Result;
use crate::wire::{Page, SavedSearch};

const PUT: &str = "
    INSERT INTO saved_search (id, name, filters, created, updated) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (name) DO UPDATE SET filters = excluded.filters, updated = excluded.updated";

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, name, filters, created, updated FROM saved_search ", $rest)
    };
}

const READ: &str = select!("WHERE id = $1");

const READ_BY_NAME: &str = select!("WHERE name = $1");

const DELETE: &str = "DELETE FROM saved_search WHERE id = $1";

/// Writes a search, new or changed.
pub(crate) async fn put(tx: &mut Tx<'_>, made: &SavedSearch) -> Result<()> {
    let values = values![made.id, &made.name, Json(&made.filters), made.created, made.updated];
    tx.execute(PUT, &values).await.map(drop)
}

/// One search.
pub(crate) async fn read(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<SavedSearch>> {
    tx.row(READ, &values![id], read_search).await
}

/// The search of that name.
pub(crate) async fn read_by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<SavedSearch>> {
    tx.row(READ_BY_NAME, &values![name], read_search).await
}

/// Searches by name.
pub(crate) async fn filter(tx: &mut Tx<'_>, page: Page) -> Result<Vec<SavedSearch>> {
    let mut query = Query::new(select!(""));
    query.order_by("name");
    query.page(page);
    query.rows(tx, read_search).await
}

/// Deletes a search, and says whether there was one.
pub(crate) async fn delete(tx: &mut Tx<'_>, id: Uuid) -> Result<bool> {
    Ok(tx.execute(DELETE, &values![id]).await? > 0)
}

fn read_search(row: &mut Row<'_>) -> Result<SavedSearch> {
    Ok(SavedSearch {
        id: row.next()?,
        name: row.next()?,
        filters: row.json()?,
        created: row.next()?,
        updated: row.next()?,
    })
}
