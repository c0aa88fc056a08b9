//! Block type: a kind of saved configuration.

use serde::{Deserialize, Serialize};

use super::BlockTypeId;
use crate::Timestamp;

/// A kind of saved configuration, such as a bucket or a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockType {
    /// Names this type.
    pub id: BlockTypeId,
    /// When it was first registered.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// What it is called, for people.
    pub name: String,
    /// What it is called in addresses; unique.
    pub slug: String,
    /// The address of its picture.
    #[serde(default)]
    pub logo_url: Option<String>,
    /// The address of its documentation.
    #[serde(default)]
    pub documentation_url: Option<String>,
    /// What it is.
    #[serde(default)]
    pub description: Option<String>,
    /// How it is used.
    #[serde(default)]
    pub code_example: Option<String>,
    /// Whether it belongs to the server, and cannot be deleted.
    #[serde(default)]
    pub is_protected: bool,
}
