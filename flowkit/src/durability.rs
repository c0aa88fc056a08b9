//! Durability: what an awaited call promises when it returns.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What is promised of a task's result when the awaited call of the task returns.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// It is kept soon, and for certain when the flow run ends.
    Relaxed,
    /// It survives the death of this process.
    #[default]
    Process,
    /// It survives the loss of power, too.
    Power,
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Relaxed => "relaxed",
            Self::Process => "process",
            Self::Power => "power",
        })
    }
}

impl FromStr for Durability {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "relaxed" => Ok(Self::Relaxed),
            "process" => Ok(Self::Process),
            "power" => Ok(Self::Power),
            _ => Err(crate::Error::invalid(format!(
                "no durability `{text}`; it is process, power or relaxed"
            ))),
        }
    }
}
