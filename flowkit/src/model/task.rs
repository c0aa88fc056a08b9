//! Task: the smaller annotated function, as its runs share it.

use serde::{Deserialize, Serialize};

use super::RetryPolicy;

/// What all runs of one task share; kept once, not in every run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Names the task across programs: its path, `crate::module::function`.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// Its version, or a hash of its source.
    pub version: String,
    /// What it does, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// Words to find its runs by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// When and how often its runs are tried again.
    #[serde(default)]
    pub policy: RetryPolicy,
}
