//! Operations on block documents.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{BlockSchemaFilter, BlockTypeFilter, OneOf, Page, Text, Truth, filters, operations};
use crate::model::{BlockDocument, BlockDocumentId, BlockSchemaId, BlockTypeId, or_default};

operations! {
    CreateBlockDocument => BlockDocument, Post "/block_documents/", status |_| 201;
    ReadBlockDocument => BlockDocument, Get "/block_documents/{id}", query "include_secrets";
    ReadBlockDocumentByName => BlockDocument,
        Get "/block_types/slug/{slug}/block_documents/name/{name}", query "include_secrets";
    ReadBlockDocumentsOfType => Vec<BlockDocument>,
        Get "/block_types/slug/{slug}/block_documents", query "include_secrets";
    FilterBlockDocuments => Vec<BlockDocument>, Post "/block_documents/filter";
    CountBlockDocuments => u64, Post "/block_documents/count";
    UpdateBlockDocument => (), Patch "/block_documents/{id}";
    DeleteBlockDocument => (), Delete "/block_documents/{id}";
}

/// Saves a block; conflict if the name is taken in its type.
///
/// One without a name, saved by a program for itself, is kept once for all that are equal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateBlockDocument {
    /// What it is called: lower-case letters, digits and dashes.
    #[serde(default)]
    pub name: Option<String>,
    /// The values of its fields; `{"$ref": {"block_document_id": …}}` refers to another block.
    #[serde(default, deserialize_with = "or_default")]
    pub data: Map<String, Value>,
    /// Its schema.
    pub block_schema_id: BlockSchemaId,
    /// Its type.
    pub block_type_id: BlockTypeId,
    /// Whether a program saves it for itself.
    #[serde(default)]
    pub is_anonymous: bool,
}

/// Reads a block.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadBlockDocument {
    /// Which one.
    pub id: BlockDocumentId,
    /// Whether secret values are shown.
    #[serde(default)]
    pub include_secrets: bool,
}

/// Reads the block of that type and name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadBlockDocumentByName {
    /// The slug of its type.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whether secret values are shown.
    #[serde(default)]
    pub include_secrets: bool,
}

/// Lists the blocks of a type by name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadBlockDocumentsOfType {
    /// The slug of the type.
    pub slug: String,
    /// Whether secret values are shown.
    #[serde(default)]
    pub include_secrets: bool,
}

filters! {
    /// Which blocks are meant; without a word about it, none that programs saved for themselves.
    BlockDocumentFilter {
        /// By id.
        id: OneOf<BlockDocumentId>,
        /// By name.
        name: Text,
        /// By type.
        block_type_id: OneOf<BlockTypeId>,
        /// Whether a program saved them for itself.
        is_anonymous: Truth,
    }
}

/// The order of a list of blocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BlockDocumentSort {
    /// By name.
    #[default]
    NameAsc,
    /// By name, from the end.
    NameDesc,
    /// By the name of the type, then by name.
    BlockTypeAndNameAsc,
}

/// Lists blocks.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterBlockDocuments {
    /// Which ones.
    #[serde(flatten)]
    pub which: WhichBlockDocuments,
    /// Whether secret values are shown.
    pub include_secrets: bool,
    /// In which order.
    #[serde(deserialize_with = "or_default")]
    pub sort: BlockDocumentSort,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Counts blocks.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CountBlockDocuments {
    /// Which ones.
    #[serde(flatten)]
    pub which: WhichBlockDocuments,
}

/// Which blocks are meant, by what they are and what their types and schemas are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WhichBlockDocuments {
    /// By what they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_documents: Option<BlockDocumentFilter>,
    /// By their type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_types: Option<BlockTypeFilter>,
    /// By their schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_schemas: Option<BlockSchemaFilter>,
}

/// Changes a block. A value that is a mask stays what it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UpdateBlockDocument {
    /// Which one.
    pub id: BlockDocumentId,
    /// Another schema of its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_schema_id: Option<BlockSchemaId>,
    /// Other values.
    #[serde(default, deserialize_with = "or_default")]
    pub data: Map<String, Value>,
    /// Whether fields that are not given stay.
    #[serde(default = "yes")]
    pub merge_existing_data: bool,
}

const fn yes() -> bool {
    true
}

/// Deletes a block.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteBlockDocument {
    /// Which one.
    pub id: BlockDocumentId,
}
