//! Retention: what nobody will ask for any more is deleted, in the background.

use std::time::Duration;

use super::runtime::Runtime;
use crate::Result;
use crate::block::LocalFileSystem;

/// How often a process looks for what is too old.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(3600);

/// Deletes runs and logs that are older than the settings keep them, with their results.
pub(super) async fn apply(runtime: &Runtime) -> Result<()> {
    let settings = runtime.settings();
    let now = runtime.clock().now();
    let before = |span: Option<Duration>| span.map(|span| now - span);
    let (runs, logs) = (before(settings.retention_runs()), before(settings.retention_logs()));
    let deleted = runtime.client().delete_older(runs, logs).await?;
    if let Some(span) = settings.retention_runs() {
        // The files have no rows any more that name them; their own age says enough.
        LocalFileSystem::new(settings.storage_path()).delete_older("results", now - span).await?;
    }
    if deleted.flow_runs + deleted.logs > 0 {
        let (runs, lines) = (deleted.flow_runs, deleted.logs);
        tracing::debug!(target: "flowkit", "Deleted {runs} old flow runs and {lines} old log lines");
    }
    Ok(())
}
