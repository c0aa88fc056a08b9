//! Configuration: what is the same for everybody who uses this database.

use super::tx::Tx;
use super::value::values;
use crate::Result;

const READ: &str = "SELECT value FROM configuration WHERE key = $1";

const PUT: &str = "
    INSERT INTO configuration (key, value) VALUES ($1, $2)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value";

const DELETE: &str = "DELETE FROM configuration WHERE key = $1";

/// What stands under a key.
pub(crate) async fn read(tx: &mut Tx<'_>, key: &str) -> Result<Option<String>> {
    tx.row(READ, &values![key], |row| row.next()).await
}

/// Writes what stands under a key.
pub(crate) async fn put(tx: &mut Tx<'_>, key: &str, value: &str) -> Result<()> {
    tx.execute(PUT, &values![key, value]).await.map(drop)
}

/// Deletes what stands under a key.
pub(crate) async fn delete(tx: &mut Tx<'_>, key: &str) -> Result<()> {
    tx.execute(DELETE, &values![key]).await.map(drop)
}
