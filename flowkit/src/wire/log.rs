//! Operations on logs.

use serde::{Deserialize, Serialize};

use super::{LogFilter, Page, operations};
use crate::model::{Log, LogId, or_default};

operations! {
    CreateLogs => (), Post "/logs/", status |()| 201;
    FilterLogs => Vec<Log>, Post "/logs/filter";
}

/// Keeps log lines.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CreateLogs(pub Vec<Log>);

/// The order of a list of log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LogSort {
    /// The first written first.
    #[default]
    TimestampAsc,
    /// The last written first.
    TimestampDesc,
}

/// Lists log lines, the first written first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterLogs {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub logs: LogFilter,
    /// Only those behind this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<LogId>,
    /// In which order.
    #[serde(deserialize_with = "or_default")]
    pub sort: LogSort,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}
