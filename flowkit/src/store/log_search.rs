//! Searches of log lines: within one run, from the last line back or from some line on.

use super::log;
use super::query::Query;
use super::tx::Tx;
use crate::Result;
use crate::model::Log;
use crate::wire::{LogOwner, Page, SearchLogs};

/// The lines that a search finds, the first written first.
pub(crate) async fn read(tx: &mut Tx<'_>, wanted: SearchLogs) -> Result<Vec<Log>> {
    let mut query = Query::new(log::SELECT);
    match wanted.owner {
        LogOwner::FlowRun(id) => query.when_value("owner_id = ?", id),
        LogOwner::TaskRun(id) => {
            let owner = "owner_id IN (SELECT flow_run_id FROM task_run WHERE id = ?)";
            query.when_value(owner, id);
            query.when_value("task_run_id = ?", id);
        }
    }
    if let Some(level) = wanted.level {
        query.when_value("level >= ?", i64::from(level.number()));
    }
    if let Some(text) = &wanted.text {
        query.when_like("message", text);
    }
    if let Some(before) = wanted.before {
        query.when_value("id < ?", before);
    }
    let is_forward = wanted.after.is_some();
    if let Some(after) = wanted.after {
        query.when_value("id > ?", after);
    }
    query.order_by(if is_forward { "id" } else { "id DESC" });
    query.page(Page::first(wanted.limit));
    let mut lines = query.rows(tx, log::read).await?;
    if !is_forward {
        lines.reverse();
    }
    Ok(lines)
}
