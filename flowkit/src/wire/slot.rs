//! The operation that says who holds a concurrency limit.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::operations;
use crate::Timestamp;
use crate::model::LimitScope;

operations! {
    ReadSlots => Vec<HeldSlots>, Get "/flowkit/concurrency_limits/{scope}/{name}/slots";
}

/// Reads who holds slots of a limit, at most the first hundred.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadSlots {
    /// What the limit is taken by.
    pub scope: LimitScope,
    /// The tag or name.
    pub name: String,
}

/// Slots that somebody holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldSlots {
    /// Who: a task run, a flow run, or anybody with an id.
    pub holder: Uuid,
    /// How many.
    pub slots: u32,
    /// Until when, unless the lease is renewed.
    pub held_until: Timestamp,
}
