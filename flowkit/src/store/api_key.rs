//! API keys: only what a key hashes to is kept.

use super::query::Query;
use super::tx::Tx;
use super::value::{Row, values};
use crate::Result;
use crate::model::ApiKey;
use crate::wire::FilterApiKeys;

const ADD: &str = "
    INSERT INTO api_key (id, name, hash, expires, created) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (name) DO NOTHING";

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, name, expires, created FROM api_key ", $rest)
    };
}

const READ_BY_HASH: &str = select!("WHERE hash = $1");

const ANY: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM api_key LIMIT 1) AS found";

const DELETE: &str = "DELETE FROM api_key WHERE name = $1";

/// Adds a key; says whether its name was free.
pub(crate) async fn add(tx: &mut Tx<'_>, key: &ApiKey, hash: &str) -> Result<bool> {
    let values = values![key.id, &key.name, hash, key.expires, key.created];
    Ok(tx.execute(ADD, &values).await? > 0)
}

/// The key that hashes to that.
pub(crate) async fn read_by_hash(tx: &mut Tx<'_>, hash: &str) -> Result<Option<ApiKey>> {
    tx.row(READ_BY_HASH, &values![hash], read_key).await
}

/// Says whether there is any.
pub(crate) async fn any(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx.number(ANY, &[]).await? > 0)
}

/// Deletes a key, and says whether there was one.
pub(crate) async fn delete(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    Ok(tx.execute(DELETE, &values![name]).await? > 0)
}

/// The keys by name.
pub(crate) async fn filter(tx: &mut Tx<'_>, wanted: FilterApiKeys) -> Result<Vec<ApiKey>> {
    let mut query = Query::new(select!(""));
    query.order_by("name");
    query.page(wanted.page);
    query.rows(tx, read_key).await
}

fn read_key(row: &mut Row<'_>) -> Result<ApiKey> {
    Ok(ApiKey { id: row.next()?, name: row.next()?, expires: row.next()?, created: row.next()? })
}
