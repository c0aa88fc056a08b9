//! Operations on variables.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Page, Text, operations};
use crate::model::Variable;

operations! {
    SetVariable => Variable, Post "/variables/";
    ReadVariable => Variable, Get "/variables/name/{name}";
    FilterVariables => Vec<Variable>, Post "/variables/filter";
    DeleteVariable => (), Delete "/variables/name/{name}";
}

/// Sets a variable; refuses to change one that is there unless told to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetVariable {
    /// Its name: lower-case letters, digits, `_` and `-`.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whether one that is there may be changed.
    #[serde(default)]
    pub overwrite: bool,
}

/// Reads a variable.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadVariable {
    /// Its name.
    pub name: String,
}

/// Lists variables by name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterVariables {
    /// Of these names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Deletes a variable.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteVariable {
    /// Its name.
    pub name: String,
}
