//! Storage: where files and large results are kept.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::Result;

/// Where files and large results are kept: a folder, a bucket.
///
/// Keys are relative paths with `/` between their parts. An implementation refuses a key that
/// would leave its folder.
#[async_trait]
pub trait Storage: Debug + Send + Sync {
    /// Writes all of it, or nothing.
    ///
    /// # Errors
    /// Invalid for a key that leaves the folder; unavailable when the storage cannot be written.
    async fn write(&self, key: &str, content: Vec<u8>) -> Result<()>;

    /// Reads all of it.
    ///
    /// # Errors
    /// Not found if nothing is kept under that key; invalid and unavailable as for writing.
    async fn read(&self, key: &str) -> Result<Vec<u8>>;

    /// Deletes it; what is not there is deleted already.
    ///
    /// # Errors
    /// Invalid and unavailable as for writing.
    async fn delete(&self, key: &str) -> Result<()>;
}
