//! Answers about block schemas.

use super::kind;
use crate::api::Answer;
use crate::api::local::Local;
use crate::model::{BlockSchema, BlockSchemaId};
use crate::store::{Tx, block_document, block_schema, block_type};
use crate::wire::{
    CreateBlockSchema, DeleteBlockSchema, FilterBlockSchemas, Made, ReadBlockSchema,
    ReadBlockSchemaByChecksum,
};
use crate::{Error, Result};

impl Answer<CreateBlockSchema> for Local {
    async fn answer(&self, wanted: CreateBlockSchema) -> Result<Made<BlockSchema>> {
        let (id, now) = (self.new_id(), self.now());
        let checksum = BlockSchema::checksum_of(&wanted.fields);
        let write = async move |tx: &mut Tx<'_>| {
            let CreateBlockSchema { block_type_id, fields, capabilities, version } = wanted;
            let block_type = kind::need(tx, block_type_id).await?;
            let known = block_schema::read_by_checksum(tx, &checksum, Some(&version)).await?;
            if let Some(known) = known {
                return Ok(Made::found(with_type(tx, known).await?));
            }
            let made = BlockSchema {
                id,
                created: now,
                updated: now,
                checksum,
                fields,
                block_type_id,
                block_type: Some(block_type),
                capabilities,
                version,
            };
            block_schema::add(tx, &made).await?;
            Ok(Made::new(made))
        };
        self.store.write(write).await
    }
}

/// The schema with its type.
pub(super) async fn with_type(tx: &mut Tx<'_>, schema: BlockSchema) -> Result<BlockSchema> {
    let block_type = block_type::read(tx, schema.block_type_id).await?;
    Ok(BlockSchema { block_type, ..schema })
}

/// The schema of that id, with its type.
pub(super) async fn need(tx: &mut Tx<'_>, id: BlockSchemaId) -> Result<BlockSchema> {
    let found = block_schema::read(tx, id).await?;
    let found = found.ok_or_else(|| Error::not_found(format!("block schema {id}")))?;
    with_type(tx, found).await
}

impl Answer<ReadBlockSchema> for Local {
    async fn answer(&self, ReadBlockSchema { id }: ReadBlockSchema) -> Result<BlockSchema> {
        self.store.read(async move |tx| need(tx, id).await).await
    }
}

impl Answer<ReadBlockSchemaByChecksum> for Local {
    async fn answer(&self, wanted: ReadBlockSchemaByChecksum) -> Result<BlockSchema> {
        let read = async move |tx: &mut Tx<'_>| {
            let ReadBlockSchemaByChecksum { checksum, version } = wanted;
            let found = block_schema::read_by_checksum(tx, &checksum, version.as_deref()).await?;
            let found =
                found.ok_or_else(|| Error::not_found(format!("block schema '{checksum}'")))?;
            with_type(tx, found).await
        };
        self.store.read(read).await
    }
}

impl Answer<FilterBlockSchemas> for Local {
    async fn answer(&self, wanted: FilterBlockSchemas) -> Result<Vec<BlockSchema>> {
        let read = async move |tx: &mut Tx<'_>| {
            let mut schemas = Vec::new();
            for found in block_schema::filter(tx, wanted).await? {
                schemas.push(with_type(tx, found).await?);
            }
            Ok(schemas)
        };
        self.store.scan(read).await
    }
}

impl Answer<DeleteBlockSchema> for Local {
    async fn answer(&self, DeleteBlockSchema { id }: DeleteBlockSchema) -> Result<()> {
        let write = async move |tx: &mut Tx<'_>| {
            need(tx, id).await?;
            block_document::delete_of_schema(tx, id).await?;
            block_schema::delete(tx, id).await.map(drop)
        };
        self.store.write(write).await
    }
}
