//! Log: one line that a run wrote.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FlowRunId, LogId, TaskRunId};
use crate::Timestamp;

/// How much a log line matters; the numbers are Python's, as in Prefect's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every step; for whoever debugs flowkit or a library.
    Trace,
    /// Every step that may matter.
    Debug,
    /// What happens.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
}

impl Level {
    /// All of them, the least important first.
    pub const ALL: [Self; 5] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// The number in Prefect's API.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Trace => 5,
            Self::Debug => 10,
            Self::Info => 20,
            Self::Warn => 30,
            Self::Error => 40,
        }
    }

    /// The level that a number of Prefect's API stands for; numbers between two count as the lower one.
    #[must_use]
    pub const fn from_number(number: i32) -> Self {
        match number {
            ..10 => Self::Trace,
            10..20 => Self::Debug,
            20..30 => Self::Info,
            30..40 => Self::Warn,
            40.. => Self::Error,
        }
    }

    /// The word that a console shows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARNING",
            Self::Error => "ERROR",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Level {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "trace" => Ok(Self::Trace),
            "debug" => Ok(Self::Debug),
            "info" => Ok(Self::Info),
            "warn" | "warning" => Ok(Self::Warn),
            "error" | "critical" => Ok(Self::Error),
            _ => Err(crate::Error::invalid(format!(
                "no log level `{text}`; the levels are trace, debug, info, warning and error"
            ))),
        }
    }
}

impl Serialize for Level {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i32(self.number())
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        i32::deserialize(from).map(Self::from_number)
    }
}

/// One line that a run wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Log {
    /// Names this line; whoever keeps it chooses one if it is nil.
    #[serde(default)]
    pub id: LogId,
    /// Who wrote it: a module path, or `flowkit`.
    pub name: String,
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub message: String,
    /// When it was written.
    pub timestamp: Timestamp,
    /// The flow run that wrote it.
    #[serde(default)]
    pub flow_run_id: Option<FlowRunId>,
    /// The task run that wrote it.
    #[serde(default)]
    pub task_run_id: Option<TaskRunId>,
    /// What it carries beside the message.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Value>,
}
