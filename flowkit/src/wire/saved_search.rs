//! Operations on saved searches: filters that people gave a name.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Made, Page, operations};
use crate::Timestamp;
use crate::model::or_default;

operations! {
    SetSavedSearch => Made<SavedSearch>, Put "/saved_searches/", status Made::status;
    ReadSavedSearch => SavedSearch, Get "/saved_searches/{id}";
    FilterSavedSearches => Vec<SavedSearch>, Post "/saved_searches/filter";
    DeleteSavedSearch => (), Delete "/saved_searches/{id}";
}

/// A filter that somebody gave a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedSearch {
    /// Names this search.
    pub id: Uuid,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// What it is called; unique.
    pub name: String,
    /// Its parts; what they mean is up to whoever saved them.
    pub filters: Vec<Value>,
}

/// Saves a search, in the place of one of that name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetSavedSearch {
    /// What it is called.
    pub name: String,
    /// Its parts.
    #[serde(default, deserialize_with = "or_default")]
    pub filters: Vec<Value>,
}

/// Reads a search.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadSavedSearch {
    /// Which one.
    pub id: Uuid,
}

/// Lists searches by name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterSavedSearches {
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Deletes a search.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteSavedSearch {
    /// Which one.
    pub id: Uuid,
}
