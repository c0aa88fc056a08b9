//! Operations on concurrency limits and their slots.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Page, operations};
use crate::Timestamp;
use crate::model::{ConcurrencyLimit, LimitScope};

operations! {
    SetConcurrencyLimit => ConcurrencyLimit, Post "/flowkit/concurrency_limits/";
    ReadConcurrencyLimit => ConcurrencyLimit, Get "/flowkit/concurrency_limits/{scope}/{name}";
    FilterConcurrencyLimits => Vec<ConcurrencyLimit>, Post "/flowkit/concurrency_limits/filter";
    DeleteConcurrencyLimit => (), Delete "/flowkit/concurrency_limits/{scope}/{name}";
    ResetConcurrencyLimit => (), Post "/flowkit/concurrency_limits/{scope}/{name}/reset";
    AcquireSlots => Acquired, Post "/flowkit/concurrency_limits/acquire";
    ReleaseSlots => (), Post "/flowkit/concurrency_limits/release";
}

/// Makes a limit, or changes how many slots it has.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetConcurrencyLimit {
    /// What it is taken by.
    pub scope: LimitScope,
    /// The tag or name.
    pub name: String,
    /// How many slots it has.
    pub limit: u32,
}

/// Reads a limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadConcurrencyLimit {
    /// What it is taken by.
    pub scope: LimitScope,
    /// The tag or name.
    pub name: String,
}

/// Lists limits by name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterConcurrencyLimits {
    /// Only those taken by this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<LimitScope>,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Deletes a limit with its slots.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteConcurrencyLimit {
    /// What it is taken by.
    pub scope: LimitScope,
    /// The tag or name.
    pub name: String,
}

/// Frees all slots of a limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResetConcurrencyLimit {
    /// What it is taken by.
    pub scope: LimitScope,
    /// The tag or name.
    pub name: String,
}

/// Takes slots of each named limit, all or none; names without a limit are free.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AcquireSlots {
    /// What the limits are taken by.
    pub scope: LimitScope,
    /// The tags or names.
    pub names: Vec<String>,
    /// How many slots of each.
    pub slots: u32,
    /// Who holds them: a task run, a flow run, or anybody with an id.
    pub holder: Uuid,
    /// Until when they are held unless the lease is renewed.
    pub until: Timestamp,
}

/// Whether slots were taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Acquired {
    /// They are held.
    Granted,
    /// There is no room now.
    Full {
        /// The limit that is full.
        name: String,
    },
    /// There never is room: the limit is zero, or smaller than what was asked for.
    Never {
        /// The limit that is too small.
        name: String,
    },
}

/// Gives slots back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReleaseSlots {
    /// Who held them.
    pub holder: Uuid,
}
