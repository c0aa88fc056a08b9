//! Flow: the annotated function that runs are made of.

use serde::{Deserialize, Serialize};

use super::FlowId;
use crate::Timestamp;

/// A flow as the database knows it: by its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// Names this flow.
    pub id: FlowId,
    /// When it was first seen.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Its name, unique.
    pub name: String,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
}
