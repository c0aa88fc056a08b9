//! Migrations: forward only, each once, however many processes start at the same time.

use sha2::{Digest, Sha256};

use super::tx::Tx;
use super::value::values;
use crate::Timestamp;
use crate::{Error, Result};

/// A step from one version of the tables to the next.
pub(super) struct Migration {
    name: &'static str,
    sql: &'static str,
}

/// The steps for SQLite; the version after each is its number, counted from one.
pub(super) const SQLITE: &[Migration] =
    &[Migration { name: "first", sql: include_str!("migrations/sqlite/0001_first.sql") }];

/// The same steps for Postgres.
#[cfg(feature = "postgres")]
pub(super) const POSTGRES: &[Migration] =
    &[Migration { name: "first", sql: include_str!("migrations/postgres/0001_first.sql") }];

const MAKE_TABLE: &str = "
    CREATE TABLE IF NOT EXISTS schema_migration (
        version  INTEGER NOT NULL PRIMARY KEY,
        name     TEXT NOT NULL,
        checksum TEXT NOT NULL,
        applied  BIGINT NOT NULL
    )";

const READ: &str = "SELECT version, checksum FROM schema_migration ORDER BY version";

const CURRENT: &str = "SELECT MAX(version) FROM schema_migration";

const ADD: &str =
    "INSERT INTO schema_migration (version, name, checksum, applied) VALUES ($1, $2, $3, $4)";

impl Migration {
    fn checksum(&self) -> String {
        use std::fmt::Write;
        let digest = Sha256::digest(self.sql);
        digest.iter().take(8).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// The version of the tables that a list of migrations leads to.
pub(super) fn latest(migrations: &[Migration]) -> i64 {
    i64::try_from(migrations.len()).unwrap_or(i64::MAX)
}

/// The version of the tables, if the database is one that these migrations have made.
///
/// Refuses a database whose tables are newer or not the ones that are known.
pub(super) async fn version(
    tx: &mut Tx<'_>,
    migrations: &[Migration],
    database: &str,
) -> Result<i64> {
    let read = |row: &mut super::value::Row<'_>| Ok((row.next::<i64>()?, row.next::<String>()?));
    let applied = tx.rows(READ, &[], read).await?;
    let known = latest(migrations);
    let version = applied.last().map_or(0, |(version, _)| *version);
    if version > known {
        let problem = format!(
            "database '{database}' was written by a newer flowkit (schema {version}, this one knows {known})"
        );
        return Err(Error::invalid(problem).with_hint("use a flowkit that is at least as new"));
    }
    for ((version, checksum), migration) in applied.iter().zip(migrations) {
        if *checksum != migration.checksum() {
            let problem = format!(
                "database '{database}' was written by another flowkit (its schema {version} is not the one known here)"
            );
            return Err(Error::invalid(problem).with_hint("was it made by an unreleased version?"));
        }
    }
    Ok(version)
}

/// Brings the tables up to date, in the transaction that keeps all others out.
pub(super) async fn apply(
    tx: &mut Tx<'_>,
    migrations: &[Migration],
    database: &str,
    now: Timestamp,
) -> Result<()> {
    tx.script(MAKE_TABLE).await?;
    // Another process may have been here in the meantime.
    let version = version(tx, migrations, database).await?;
    for (number, migration) in (1..).zip(migrations).skip_while(|(number, _)| *number <= version) {
        tx.script(migration.sql).await?;
        tx.execute(ADD, &values![number, migration.name, migration.checksum(), now]).await?;
    }
    Ok(())
}

/// The version of the tables.
pub(super) async fn current(tx: &mut Tx<'_>) -> Result<u32> {
    let version = tx.number(CURRENT, &[]).await?;
    u32::try_from(version).map_err(|_| Error::internal("the version of the tables is no number"))
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;

    /// The columns of each table, and the indices.
    fn shape(sql: &str) -> Vec<String> {
        let mut table = "";
        let mut shape = Vec::new();
        for line in sql.lines() {
            let mut words = line.split_whitespace();
            match (words.next(), words.next(), words.next()) {
                (Some("CREATE"), Some("TABLE"), Some(name)) => table = name,
                (Some("CREATE"), Some("INDEX"), Some(name)) => shape.push(name.to_owned()),
                (Some("CREATE"), Some("UNIQUE"), Some(_)) => {
                    shape.extend(words.next().map(Into::into))
                }
                (Some(");" | ")"), ..) => table = "",
                (Some(column), Some(_), _) if line.starts_with("    ") && !table.is_empty() => {
                    let is_column = column.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                    shape.extend(is_column.then(|| format!("{table}.{column}")));
                }
                (..) => {}
            }
        }
        shape.sort();
        shape
    }

    #[test]
    fn both_databases_hold_the_same() {
        // What only one of them needs.
        let own = ["barrier.", "flow_run_part_of_name", "flow_run_start_last"];
        let of = |migrations: &[Migration]| {
            let mut shape: Vec<_> = migrations.iter().flat_map(|step| shape(step.sql)).collect();
            shape.retain(|part| !own.iter().any(|own| part.starts_with(own)));
            shape
        };
        assert_eq!(of(POSTGRES), of(SQLITE));
        assert!(of(SQLITE).len() > 100, "they were read");
    }
}
