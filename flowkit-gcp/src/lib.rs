//! Google Cloud and Kubernetes adapters for flowkit.
//!
//! So far: the address of a folder in a bucket, which the storage of the next releases stands on.

mod bucket_path;

pub use bucket_path::BucketPath;
