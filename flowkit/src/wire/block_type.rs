//! Operations on block types.

use serde::{Deserialize, Serialize};

use super::{Page, Tags, Text, filters, operations};
use crate::model::{BlockType, BlockTypeId};

operations! {
    CreateBlockType => BlockType, Post "/block_types/", status |_| 201;
    ReadBlockType => BlockType, Get "/block_types/{id}";
    ReadBlockTypeBySlug => BlockType, Get "/block_types/slug/{slug}";
    FilterBlockTypes => Vec<BlockType>, Post "/block_types/filter";
    UpdateBlockType => (), Patch "/block_types/{id}";
    DeleteBlockType => (), Delete "/block_types/{id}";
    InstallSystemBlockTypes => (), Post "/block_types/install_system_block_types", status |()| 200;
    ReadBlockCapabilities => Vec<String>, Get "/block_capabilities/";
}

/// Registers a type; conflict if its slug is taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateBlockType {
    /// What it is called, for people.
    pub name: String,
    /// What it is called in addresses.
    pub slug: String,
    /// The rest.
    #[serde(flatten)]
    pub about: AboutBlockType,
}

/// What is told of a type for people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AboutBlockType {
    /// The address of its picture.
    pub logo_url: Option<String>,
    /// The address of its documentation.
    pub documentation_url: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// How it is used.
    pub code_example: Option<String>,
}

/// Reads a type.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadBlockType {
    /// Which one.
    pub id: BlockTypeId,
}

/// Reads the type of that slug.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadBlockTypeBySlug {
    /// Its slug.
    pub slug: String,
}

filters! {
    /// Which types are meant.
    BlockTypeFilter {
        /// By name.
        name: Text,
        /// By slug.
        slug: Text,
    }

    /// Schemas by what their blocks can do.
    CapabilityFilter {
        /// What they must be able to do.
        #[serde(alias = "capabilities")]
        block_capabilities: Tags,
    }
}

/// Lists types by name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterBlockTypes {
    /// Which ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_types: Option<BlockTypeFilter>,
    /// Only those with such a schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_schemas: Option<CapabilityFilter>,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Changes what is told of a type for people; what is not given stays.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UpdateBlockType {
    /// Which one.
    pub id: BlockTypeId,
    /// What is told.
    #[serde(flatten)]
    pub about: AboutBlockType,
}

/// Deletes a type with its schemas and documents.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteBlockType {
    /// Which one.
    pub id: BlockTypeId,
}

/// Registers the types that belong to the server.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct InstallSystemBlockTypes {}

/// Lists what blocks can do.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ReadBlockCapabilities {}
