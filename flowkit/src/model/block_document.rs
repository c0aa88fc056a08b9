//! Block document: configuration that was saved.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{BlockDocumentId, BlockSchema, BlockSchemaId, BlockType, BlockTypeId};
use crate::Timestamp;

/// Configuration that was saved under a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockDocument {
    /// Names this document.
    pub id: BlockDocumentId,
    /// When it was saved first.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// What it is called; unique in its type.
    #[serde(default)]
    pub name: Option<String>,
    /// The values of its fields; secret ones are masked unless they were asked for. Blocks that it
    /// refers to stand in it.
    pub data: Map<String, Value>,
    /// Its schema.
    pub block_schema_id: BlockSchemaId,
    /// Its schema, as it is.
    #[serde(default)]
    pub block_schema: Option<BlockSchema>,
    /// Its type.
    pub block_type_id: BlockTypeId,
    /// What its type is called.
    #[serde(default)]
    pub block_type_name: Option<String>,
    /// Its type, as it is.
    #[serde(default)]
    pub block_type: Option<BlockType>,
    /// The blocks that it refers to, by field.
    #[serde(default)]
    pub block_document_references: Map<String, Value>,
    /// Whether a program saved it for itself; then lists leave it out.
    #[serde(default)]
    pub is_anonymous: bool,
}
