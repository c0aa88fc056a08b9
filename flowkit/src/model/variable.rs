//! Variable: a named value that runs share.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::VariableId;
use crate::Timestamp;

/// A named value that runs share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    /// Names this variable.
    pub id: VariableId,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Its name, unique.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
}
