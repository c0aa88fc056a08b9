//! Tasks: what the runs of one task share, kept once.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::tx::Tx;
use super::value::{Column, Json, Row, values};
use crate::model::Task;
use crate::{Error, Result};

const KEEP: &str = "
    INSERT INTO task (digest, key, name, version, description, tags, policy)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (digest) DO UPDATE SET key = excluded.key
    RETURNING id";

/// A row's id of every task that a connection has written, by the address of the task.
///
/// The tasks are held, so that no other one can get an address that is remembered.
#[derive(Default)]
pub(super) struct TaskIds(HashMap<usize, (Arc<Task>, i64)>);

/// More tasks than a program has; one that makes new ones all the time must not grow without end.
const MOST: usize = 4096;

impl TaskIds {
    pub(super) fn find(&self, task: &Arc<Task>) -> Option<i64> {
        self.0.get(&address(task)).map(|(_, id)| *id)
    }

    fn remember(&mut self, task: &Arc<Task>, id: i64) {
        if self.0.len() >= MOST {
            self.forget();
        }
        self.0.insert(address(task), (task.clone(), id));
    }

    /// Forgets all of them, since the transaction that made one may have been undone.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

fn address(task: &Arc<Task>) -> usize {
    Arc::as_ptr(task).addr()
}

/// The id of the task's row, which is made if there is none.
pub(super) async fn keep(tx: &mut Tx<'_>, task: &Arc<Task>) -> Result<i64> {
    if let Some(id) = tx.task_ids().find(task) {
        return Ok(id);
    }
    let description = task.description.as_deref();
    let (tags, policy) = (Json(&task.tags), Json(&task.policy));
    let values =
        values![digest(task)?, &task.key, &task.name, &task.version, description, tags, policy];
    let id = tx.number(KEEP, &values).await?;
    tx.task_ids().remember(task, id);
    Ok(id)
}

fn digest(task: &Task) -> Result<u128> {
    let json = serde_json::to_vec(task)
        .map_err(|error| Error::internal("a task cannot be written as JSON").with_source(error))?;
    let hash = Sha256::digest(json);
    u128::read(super::value::Cell::Bytes(&hash[..16]))
        .ok_or_else(|| Error::internal("a hash is too short"))
}

/// The columns of a task, as [`read`] takes them from the right table.
macro_rules! columns {
    () => {
        "task.key, task.name, task.version, task.description, task.tags, task.policy"
    };
}
pub(super) use columns;

/// The task that the next columns of a row tell.
pub(super) fn read(row: &mut Row<'_>) -> Result<Task> {
    Ok(Task {
        key: row.next()?,
        name: row.next()?,
        version: row.next()?,
        description: row.next()?,
        tags: row.json()?,
        policy: row.json()?,
    })
}
