//! The block types that belong to the server.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::model::{BlockSchema, BlockSchemaId, BlockType, BlockTypeId};
use crate::store::{Tx, block_schema, block_type};
use crate::{Error, Result, Timestamp};

/// A type with its schema.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Block {
    name: String,
    description: String,
    capabilities: Vec<String>,
    fields: Map<String, Value>,
}

pub(super) fn blocks() -> Result<Vec<Block>> {
    serde_json::from_str(include_str!("system.json"))
        .map_err(|error| Error::internal("the blocks of the server are broken").with_source(error))
}

/// Registers a block, unless it is known.
pub(super) async fn install(
    tx: &mut Tx<'_>,
    block: Block,
    (type_id, schema_id): (BlockTypeId, BlockSchemaId),
    now: Timestamp,
) -> Result<()> {
    let slug = block.fields["block_type_slug"].as_str().unwrap_or_default().to_owned();
    let known = block_type::read_by_slug(tx, &slug).await?;
    let block_type_id = match known {
        Some(known) => known.id,
        None => {
            let made = BlockType {
                id: type_id,
                created: now,
                updated: now,
                name: block.name,
                slug,
                logo_url: None,
                documentation_url: None,
                description: Some(block.description),
                code_example: None,
                is_protected: true,
            };
            block_type::add(tx, &made).await?;
            made.id
        }
    };
    let checksum = BlockSchema::checksum_of(&block.fields);
    if block_schema::read_by_checksum(tx, &checksum, None).await?.is_some() {
        return Ok(());
    }
    let made = BlockSchema {
        id: schema_id,
        created: now,
        updated: now,
        checksum,
        fields: block.fields,
        block_type_id,
        block_type: None,
        capabilities: block.capabilities,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    block_schema::add(tx, &made).await
}
