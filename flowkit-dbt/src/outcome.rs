//! Outcome: what a dbt command did, or why it failed.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How many failed nodes an error tells of in full.
const TOLD: usize = 10;

/// What a dbt command did that ended well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DbtOutcome {
    /// dbt's own name for this run of it; none if it said nothing.
    pub invocation_id: Option<String>,
    /// How long the process ran.
    pub elapsed: Duration,
    /// How many nodes ended in each status, such as `success`, `pass`, `warn` or `skipped`.
    pub counts: BTreeMap<String, usize>,
}

impl DbtOutcome {
    /// How many nodes ended in that status.
    ///
    /// A model or seed that was built counts as `success`, a test that passed as `pass`.
    #[must_use]
    pub fn count(&self, status: &str) -> usize {
        self.counts.get(status).copied().unwrap_or_default()
    }

    /// How many nodes ended at all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.values().sum()
    }
}

/// Why a dbt command failed: found with [`flowkit::Error::downcast_ref`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DbtFailure {
    /// The command.
    pub command: String,
    /// The code that dbt ended with; none if a signal ended it.
    pub exit_code: Option<i32>,
    /// The nodes that failed, in the order in which they ended.
    pub nodes: Vec<NodeFailure>,
    /// What dbt said beyond nodes: a wrong command line, a project that cannot be parsed.
    pub messages: Vec<String>,
}

/// A model, test or other node that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeFailure {
    /// Its id in dbt's manifest, such as `model.jaffle_shop.customers`.
    pub unique_id: String,
    /// What it is: `model`, `test`, `seed`, `snapshot`.
    pub resource_type: String,
    /// Its name.
    pub name: String,
    /// `error`, `fail` or `runtime error`.
    pub status: String,
    /// What dbt says about it.
    pub message: String,
}

/// One line or more a node, then the command with its exit code.
impl fmt::Display for DbtFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for node in self.nodes.iter().take(TOLD) {
            writeln!(f, "{node}")?;
        }
        if let Some(more @ 1..) = self.nodes.len().checked_sub(TOLD) {
            writeln!(f, "… and {more} more")?;
        }
        for message in &self.messages {
            writeln!(f, "{message}")?;
        }
        match self.exit_code {
            Some(code) => write!(f, "`{}` ended with exit code {code}", self.command),
            None => write!(f, "`{}` was ended by a signal", self.command),
        }
    }
}

impl fmt::Display for NodeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource_type, name, message, .. } = self;
        if message.contains(name.as_str()) {
            f.write_str(message)
        } else {
            write!(f, "{resource_type} {name}: {message}")
        }
    }
}

impl Error for DbtFailure {}
