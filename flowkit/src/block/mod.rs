//! Blocks: saved configuration with behaviour. Here are the traits that adapters implement.

mod local_file_system;
mod storage;

pub use local_file_system::LocalFileSystem;
pub use storage::Storage;
