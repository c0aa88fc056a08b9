//! Log lines as Prefect takes them.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;
use crate::model::Log;

/// The largest line that is sent; Prefect's own clients drop larger ones.
const LONGEST: usize = 1_000_000;

/// A log line as it is sent, and as it is read back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::report) struct Line {
    name: String,
    level: i32,
    message: String,
    pub(in crate::report) timestamp: Timestamp,
    flow_run_id: Option<Uuid>,
    task_run_id: Option<Uuid>,
}

impl Line {
    /// A line under the ids that its runs have there.
    pub(in crate::report) fn of(log: &Log, flow_run_id: Uuid, task_run_id: Option<Uuid>) -> Self {
        let mut message = log.message.clone();
        for (name, value) in &log.fields {
            let _ = match value {
                serde_json::Value::String(value) => write!(message, " {name}={value}"),
                value => write!(message, " {name}={value}"),
            };
        }
        if message.len() > LONGEST {
            let cut = message.floor_char_boundary(LONGEST);
            let left_out = message.len() - cut;
            message.truncate(cut);
            let _ = write!(message, " … ({left_out} bytes left out)");
        }
        Self {
            name: log.name.clone(),
            level: log.level.number(),
            message,
            timestamp: log.timestamp,
            flow_run_id: Some(flow_run_id),
            task_run_id,
        }
    }
}
