//! Answers about the storage that results go to.

use super::Local;
use crate::api::Answer;
use crate::store::{Tx, block_document, configuration};
use crate::wire::{ClearDefaultStorage, DefaultStorage, ReadDefaultStorage, SetDefaultStorage};
use crate::{Error, Result};

/// Where the choice stands.
const KEY: &str = "default_result_storage_block_id";

impl Answer<ReadDefaultStorage> for Local {
    async fn answer(&self, _: ReadDefaultStorage) -> Result<DefaultStorage> {
        let read = async move |tx: &mut Tx<'_>| {
            let Some(id) = configuration::read(tx, KEY).await? else {
                return Ok(DefaultStorage::default());
            };
            let Ok(id) = id.parse() else { return Ok(DefaultStorage::default()) };
            // A block may have been deleted since it was chosen.
            let known = block_document::read(tx, id).await?;
            Ok(DefaultStorage { default_result_storage_block_id: known.map(|block| block.id) })
        };
        self.store.read(read).await
    }
}

impl Answer<SetDefaultStorage> for Local {
    async fn answer(&self, wanted: SetDefaultStorage) -> Result<DefaultStorage> {
        let id = wanted.default_result_storage_block_id;
        let write = async move |tx: &mut Tx<'_>| {
            if block_document::read(tx, id).await?.is_none() {
                return Err(Error::not_found(format!("block document {id}")));
            }
            configuration::put(tx, KEY, &id.to_string()).await?;
            Ok(DefaultStorage { default_result_storage_block_id: Some(id) })
        };
        self.store.write(write).await
    }
}

impl Answer<ClearDefaultStorage> for Local {
    async fn answer(&self, _: ClearDefaultStorage) -> Result<()> {
        self.store.write(async |tx| configuration::delete(tx, KEY).await).await
    }
}
