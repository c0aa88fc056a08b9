//! API key: lets a program ask a server.

use serde::{Deserialize, Serialize};

use super::ApiKeyId;
use crate::Timestamp;

/// A key that lets a program ask a server. The key itself is nowhere kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Names this key.
    pub id: ApiKeyId,
    /// When it was made.
    pub created: Timestamp,
    /// What it is called, for people; unique.
    pub name: String,
    /// When it ends; never by default.
    #[serde(default)]
    pub expires: Option<Timestamp>,
}
