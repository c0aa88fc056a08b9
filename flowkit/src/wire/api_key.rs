//! Operations on API keys.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Page, operations};
use crate::Timestamp;
use crate::model::ApiKey;

operations! {
    CreateApiKey => NewApiKey, Post "/flowkit/api_keys/", status |_| 201;
    FilterApiKeys => Vec<ApiKey>, Post "/flowkit/api_keys/filter";
    RevokeApiKey => (), Delete "/flowkit/api_keys/{name}";
}

/// Makes a key; conflict if there is one of that name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateApiKey {
    /// What it is called.
    pub name: String,
    /// When it ends; never by default.
    #[serde(default)]
    pub expires: Option<Timestamp>,
}

/// A key that was just made, told this once.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewApiKey {
    /// What is kept of it.
    #[serde(flatten)]
    pub key: ApiKey,
    /// The key itself.
    pub secret: String,
}

impl fmt::Debug for NewApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewApiKey").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Lists the keys by name, those that have ended too.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterApiKeys {
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Takes a key back: from then on it opens nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RevokeApiKey {
    /// What it is called.
    pub name: String,
}
