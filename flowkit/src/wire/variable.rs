//! Operations on variables.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{OneOf, Page, Tags, Text, filters, operations};
use crate::model::{Variable, VariableId, or_default};

operations! {
    SetVariable => Variable, Post "/variables/", status |_| 201;
    ReadVariable => Variable, Get "/variables/name/{name}";
    ReadVariableById => Variable, Get "/variables/{id}";
    FilterVariables => Vec<Variable>, Post "/variables/filter";
    CountVariables => u64, Post "/variables/count";
    UpdateVariable => (), Patch "/variables/name/{name}";
    UpdateVariableById => (), Patch "/variables/{id}";
    DeleteVariable => (), Delete "/variables/name/{name}";
    DeleteVariableById => (), Delete "/variables/{id}";
}

/// Sets a variable; refuses to change one that is there unless told to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetVariable {
    /// Its name: lower-case letters, digits, `_` and `-`.
    pub name: String,
    /// Its value.
    #[serde(default)]
    pub value: Value,
    /// Words to find it by.
    #[serde(default, deserialize_with = "or_default")]
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

/// Reads a variable.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadVariableById {
    /// Which one.
    pub id: VariableId,
}

filters! {
    /// Which variables are meant.
    VariableFilter {
        /// By id.
        id: OneOf<VariableId>,
        /// By name.
        name: Text,
        /// By tags.
        tags: Tags,
    }
}

/// The order of a list of variables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VariableSort {
    /// By name.
    #[default]
    NameAsc,
    /// By name, from the end.
    NameDesc,
    /// The newest first.
    CreatedDesc,
    /// The last changed first.
    UpdatedDesc,
}

/// Lists variables.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterVariables {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub variables: VariableFilter,
    /// In which order.
    #[serde(deserialize_with = "or_default")]
    pub sort: VariableSort,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Counts variables.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CountVariables {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub variables: VariableFilter,
}

/// What changes of a variable; what is not given stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VariableChange {
    /// Another value; null is one.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Other words to find it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

/// Tells a null from what is not there.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

/// Changes a variable.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UpdateVariable {
    /// Its name.
    pub name: String,
    /// What changes.
    #[serde(flatten)]
    pub change: VariableChange,
}

/// Changes a variable.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UpdateVariableById {
    /// Which one.
    pub id: VariableId,
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What changes besides.
    #[serde(flatten)]
    pub change: VariableChange,
}

/// Deletes a variable.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteVariable {
    /// Its name.
    pub name: String,
}

/// Deletes a variable.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteVariableById {
    /// Which one.
    pub id: VariableId,
}
