//! Operations on the storage that results go to unless a flow names another one.

use serde::{Deserialize, Serialize};

use super::operations;
use crate::model::BlockDocumentId;

operations! {
    ReadDefaultStorage => DefaultStorage, Get "/admin/storage";
    SetDefaultStorage => DefaultStorage, Put "/admin/storage";
    ClearDefaultStorage => (), Delete "/admin/storage";
}

/// The storage that results go to unless a flow names another one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultStorage {
    /// The block, if one was chosen.
    #[serde(default)]
    pub default_result_storage_block_id: Option<BlockDocumentId>,
}

/// Reads which storage that is.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct ReadDefaultStorage {}

/// Chooses a storage.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SetDefaultStorage {
    /// The block.
    pub default_result_storage_block_id: BlockDocumentId,
}

/// Chooses none: results stay where they were made.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct ClearDefaultStorage {}
