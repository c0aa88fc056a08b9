//! Operations on concurrency limits of tags, as Prefect has them; see `concurrency` for our own.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Made, Page, operations};
use crate::Timestamp;
use crate::model::{ConcurrencyLimitId, or_default};

operations! {
    SetTagLimit => Made<TagLimit>, Post "/concurrency_limits/", status Made::status;
    ReadTagLimit => TagLimit, Get "/concurrency_limits/tag/{tag}";
    ReadTagLimitById => TagLimit, Get "/concurrency_limits/{id}";
    FilterTagLimits => Vec<TagLimit>, Post "/concurrency_limits/filter";
    DeleteTagLimit => (), Delete "/concurrency_limits/tag/{tag}";
    DeleteTagLimitById => (), Delete "/concurrency_limits/{id}";
    ResetTagLimit => (), Post "/concurrency_limits/tag/{tag}/reset", status |()| 200;
    TakeTagSlots => Vec<SlotsOf>, Post "/concurrency_limits/increment";
    GiveTagSlotsBack => Vec<SlotsOf>, Post "/concurrency_limits/decrement";
}

/// How many task runs with a tag may run at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagLimit {
    /// Names this limit.
    pub id: ConcurrencyLimitId,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// The tag.
    pub tag: String,
    /// How many slots there are.
    pub concurrency_limit: u32,
    /// The task runs that hold one.
    pub active_slots: Vec<Uuid>,
}

/// Makes a limit, or changes how many slots it has.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetTagLimit {
    /// The tag.
    pub tag: String,
    /// How many slots there are.
    pub concurrency_limit: u32,
}

/// Reads the limit of a tag.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadTagLimit {
    /// The tag.
    pub tag: String,
}

/// Reads a limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadTagLimitById {
    /// Which one.
    pub id: ConcurrencyLimitId,
}

/// Lists the limits by tag.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterTagLimits {
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Deletes the limit of a tag.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteTagLimit {
    /// The tag.
    pub tag: String,
}

/// Deletes a limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteTagLimitById {
    /// Which one.
    pub id: ConcurrencyLimitId,
}

/// Says anew who holds slots of a limit; nobody if nobody is named.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResetTagLimit {
    /// The tag.
    pub tag: String,
    /// Who holds a slot.
    #[serde(default, deserialize_with = "or_default")]
    pub slot_override: Vec<Uuid>,
}

/// Takes a slot of each tag that has a limit, all or none.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TakeTagSlots {
    /// The tags.
    pub names: Vec<String>,
    /// Who holds them.
    pub task_run_id: Uuid,
}

/// Gives slots back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GiveTagSlotsBack {
    /// The tags.
    pub names: Vec<String>,
    /// Who held them.
    pub task_run_id: Uuid,
}

/// A limit of which slots were taken or given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotsOf {
    /// Names the limit.
    pub id: ConcurrencyLimitId,
    /// What it is called.
    pub name: String,
    /// How many slots it has.
    pub limit: u32,
}
