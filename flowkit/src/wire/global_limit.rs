//! Operations on named concurrency limits, as Prefect has them; see `concurrency` for our own.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Page, SlotsOf, operations};
use crate::Timestamp;
use crate::model::ConcurrencyLimitId;

operations! {
    CreateGlobalLimit => GlobalLimit, Post "/v2/concurrency_limits/", status |_| 201;
    ReadGlobalLimit => GlobalLimit, Get "/v2/concurrency_limits/{id_or_name}";
    FilterGlobalLimits => Vec<GlobalLimit>, Post "/v2/concurrency_limits/filter";
    UpdateGlobalLimit => (), Patch "/v2/concurrency_limits/{id_or_name}";
    DeleteGlobalLimit => (), Delete "/v2/concurrency_limits/{id_or_name}";
    TakeSlots => Vec<SlotsOf>, Post "/v2/concurrency_limits/increment";
    GiveSlotsBack => Vec<SlotsOf>, Post "/v2/concurrency_limits/decrement";
    LeaseSlots => SlotLease, Post "/v2/concurrency_limits/increment-with-lease";
    RenewSlotLease => (), Post "/v2/concurrency_limits/leases/{id}/renew";
    EndSlotLease => (), Post "/v2/concurrency_limits/decrement-with-lease";
}

/// How many may hold a name at once, or how often it may be taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GlobalLimit {
    /// Names this limit.
    pub id: ConcurrencyLimitId,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Whether it is heeded.
    pub active: bool,
    /// What it is called.
    pub name: String,
    /// How many slots there are.
    pub limit: u32,
    /// How many are held now.
    pub active_slots: u32,
    /// Always none: nobody is counted who was told to come again.
    pub denied_slots: u32,
    /// How many slots a second become free by themselves.
    pub slot_decay_per_second: f64,
    /// How long a slot is held, roughly.
    pub avg_slot_occupancy_seconds: f64,
}

/// Makes a limit; conflict if there is one of that name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateGlobalLimit {
    /// What it is called.
    pub name: String,
    /// How many slots there are.
    pub limit: u32,
    /// Whether it is heeded.
    #[serde(default = "yes")]
    pub active: bool,
    /// How many slots a second become free by themselves.
    #[serde(default)]
    pub slot_decay_per_second: f64,
}

const fn yes() -> bool {
    true
}

/// Reads a limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadGlobalLimit {
    /// Its id or its name.
    pub id_or_name: String,
}

/// Lists limits by name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterGlobalLimits {
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Changes what was given.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct UpdateGlobalLimit {
    /// Its id or its name.
    pub id_or_name: String,
    /// Whether it is heeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another number of slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// How many slots a second become free by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_decay_per_second: Option<f64>,
}

/// Deletes a limit with its slots.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteGlobalLimit {
    /// Its id or its name.
    pub id_or_name: String,
}

/// What slots are taken for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotMode {
    /// To be held for a while and given back.
    #[default]
    Concurrency,
    /// To go on when there is room, and never be given back.
    RateLimit,
}

/// Takes slots of each named limit, all or none, until they are given back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TakeSlots {
    /// How many of each.
    pub slots: u32,
    /// The names; those without a limit are free.
    pub names: Vec<String>,
    /// What for.
    #[serde(default)]
    pub mode: SlotMode,
}

/// Gives slots back that were taken without a lease.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GiveSlotsBack {
    /// How many of each.
    pub slots: u32,
    /// The names.
    pub names: Vec<String>,
}

/// Takes slots of each named limit, all or none, until the lease ends.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LeaseSlots {
    /// How many of each.
    pub slots: u32,
    /// The names; those without a limit are free.
    pub names: Vec<String>,
    /// What for.
    #[serde(default)]
    pub mode: SlotMode,
    /// How many seconds the lease lasts, 60 to 86400.
    #[serde(default = "five_minutes")]
    pub lease_duration: f64,
    /// Who takes them, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Value>,
}

const fn five_minutes() -> f64 {
    300.0
}

/// Slots that are held until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotLease {
    /// Names the lease.
    pub lease_id: Uuid,
    /// The limits whose slots are held.
    pub limits: Vec<SlotsOf>,
}

/// Lets a lease last longer; not found if it has ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RenewSlotLease {
    /// Which one.
    pub id: Uuid,
    /// How many seconds from now, 60 to 86400.
    #[serde(default = "five_minutes")]
    pub lease_duration: f64,
}

/// Ends a lease and gives its slots back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EndSlotLease {
    /// Which one.
    pub lease_id: Uuid,
}
