//! Recall: what an earlier execution of a flow run recorded, found again call by call.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::model::TaskRunId;
use crate::wire::TaskRunRecord;

/// The recorded calls of an earlier execution, by task and place.
#[derive(Debug, Default)]
pub(crate) struct Recall {
    /// Most runs have no earlier execution and need not lock anything to know it.
    has_any: AtomicBool,
    calls: Mutex<HashMap<(String, String), TaskRunRecord>>,
}

impl Recall {
    /// Puts recorded calls in place of those that were there.
    pub(crate) fn load(&self, records: Vec<TaskRunRecord>) {
        let calls: HashMap<_, _> = records
            .into_iter()
            .map(|record| ((record.task.key.clone(), record.dynamic_key.clone()), record))
            .collect();
        self.has_any.store(!calls.is_empty(), Ordering::Release);
        *self.calls.lock().unwrap_or_else(PoisonError::into_inner) = calls;
    }

    /// The id of the run that was recorded at that place.
    pub(crate) fn id(
        &self,
        task_key: &str,
        dynamic_key: impl FnOnce() -> String,
    ) -> Option<TaskRunId> {
        if !self.has_any.load(Ordering::Acquire) {
            return None;
        }
        let place = (task_key.to_owned(), dynamic_key());
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.get(&place).map(|record| record.id)
    }

    /// What was recorded at that place; told once.
    pub(crate) fn take(&self, task_key: &str, dynamic_key: &str) -> Option<TaskRunRecord> {
        if !self.has_any.load(Ordering::Acquire) {
            return None;
        }
        let place = (task_key.to_owned(), dynamic_key.to_owned());
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).remove(&place)
    }
}
