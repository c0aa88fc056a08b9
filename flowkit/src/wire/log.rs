//! Operations on logs.

use serde::{Deserialize, Serialize};

use super::{LogFilter, Page, operations};
use crate::model::{Log, LogId};

operations! {
    CreateLogs => (), Post "/logs/", status |()| 201;
    FilterLogs => Vec<Log>, Post "/logs/filter";
}

/// Keeps log lines.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CreateLogs(pub Vec<Log>);

/// Lists log lines, the first written first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterLogs {
    /// Which ones.
    pub logs: LogFilter,
    /// Only those behind this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<LogId>,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}
