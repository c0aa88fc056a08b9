//! Operations on block schemas.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Made, OneOf, Page, Tags, filters, operations};
use crate::model::{BlockSchema, BlockSchemaId, BlockTypeId, or_default};

operations! {
    CreateBlockSchema => Made<BlockSchema>, Post "/block_schemas/", status Made::status;
    ReadBlockSchema => BlockSchema, Get "/block_schemas/{id}";
    ReadBlockSchemaByChecksum => BlockSchema, Get "/block_schemas/checksum/{checksum}",
        query "version";
    FilterBlockSchemas => Vec<BlockSchema>, Post "/block_schemas/filter";
    DeleteBlockSchema => (), Delete "/block_schemas/{id}";
}

/// Registers a schema, or answers with the one of those fields and that version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateBlockSchema {
    /// Its type.
    pub block_type_id: BlockTypeId,
    /// The fields, as JSON Schema.
    #[serde(default)]
    pub fields: Map<String, Value>,
    /// What such blocks can do.
    #[serde(default, deserialize_with = "or_default")]
    pub capabilities: Vec<String>,
    /// The version of whatever registers it.
    #[serde(default = "any_version")]
    pub version: String,
}

/// The version of a schema that does not tell one.
fn any_version() -> String {
    "non-versioned".to_owned()
}

/// Reads a schema.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadBlockSchema {
    /// Which one.
    pub id: BlockSchemaId,
}

/// Reads the schema whose fields hash to that; without a version, the newest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadBlockSchemaByChecksum {
    /// The hash.
    pub checksum: String,
    /// The version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

filters! {
    /// Which schemas are meant.
    BlockSchemaFilter {
        /// By id.
        id: OneOf<BlockSchemaId>,
        /// By type.
        block_type_id: OneOf<BlockTypeId>,
        /// By what such blocks can do.
        #[serde(alias = "capabilities")]
        block_capabilities: Tags,
        /// By version.
        version: OneOf<String>,
    }
}

/// Lists schemas, the newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterBlockSchemas {
    /// Which ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_schemas: Option<BlockSchemaFilter>,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Deletes a schema with its documents.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteBlockSchema {
    /// Which one.
    pub id: BlockSchemaId,
}
