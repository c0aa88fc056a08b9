//! Maintenance: emptying the database, and giving room back.

use super::worker::Link;
use crate::Result;

const TABLES: &[&str] = &[
    "artifact",
    "block_document",
    "block_schema",
    "block_type",
    "concurrency_limit",
    "configuration",
    "event",
    "flow",
    "flow_run",
    "flow_run_input",
    "flow_run_state",
    "flow_run_tag",
    "lease",
    "log",
    "report",
    "saved_search",
    "slot",
    "task_run",
    "task_run_count",
    "task_run_key",
    "variable",
];

/// Deletes everything but the definitions of tasks, whose ids other processes remember.
pub(super) async fn reset(link: &mut Link) -> Result<()> {
    script(link, &format!("TRUNCATE {}", TABLES.join(", "))).await
}

/// Gives the room that deleted rows took to new ones, and what is at the end back to the disk.
///
/// Nobody has to wait meanwhile; `VACUUM FULL`, which gives back all of it, would hold up everybody.
pub(super) async fn vacuum(link: &mut Link) -> Result<()> {
    script(link, &format!("VACUUM (ANALYZE) {}", TABLES.join(", "))).await
}

/// Lets the database behave as if its disk were full, or no longer.
#[cfg(feature = "testing")]
pub(super) async fn fill_disk(link: &mut Link, is_full: bool) -> Result<()> {
    let mut sql = String::new();
    if is_full {
        sql.push_str(
            "CREATE FUNCTION flowkit_disk_is_full() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN RAISE EXCEPTION USING ERRCODE = ''53100'', MESSAGE = ''could not extend file''; END';",
        );
        for table in ["artifact", "flow_run", "log", "task_run"] {
            sql.push_str(&format!(
                "CREATE TRIGGER disk_is_full BEFORE INSERT ON {table}
                 EXECUTE FUNCTION flowkit_disk_is_full();"
            ));
        }
    } else {
        sql.push_str("DROP FUNCTION flowkit_disk_is_full() CASCADE");
    }
    script(link, &sql).await
}

/// Executes a script outside a transaction.
async fn script(link: &mut Link, sql: &str) -> Result<()> {
    let (session, _) = link.connect().await?;
    session.client().batch_execute(sql).await.map_err(|error| super::error::explain(&error))
}
