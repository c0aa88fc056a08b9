//! Concurrency limit: how many may hold a name at once.

use serde::{Deserialize, Serialize};

use super::ConcurrencyLimitId;
use crate::Timestamp;

/// What a concurrency limit is taken by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitScope {
    /// By every task run that carries the tag, while it runs.
    Tag,
    /// By whoever asks for it by name.
    Name,
}

/// How many may hold a name at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConcurrencyLimit {
    /// Names this limit.
    pub id: ConcurrencyLimitId,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// What it is taken by.
    pub scope: LimitScope,
    /// The tag or name.
    pub name: String,
    /// How many slots there are; none means that nobody gets in.
    pub limit: u32,
    /// Whether it is heeded.
    #[serde(default = "yes")]
    pub active: bool,
    /// How many slots a second become free by themselves: then it limits a rate.
    #[serde(default)]
    pub slot_decay_per_second: f64,
    /// How many slots are held now, by holders that live.
    #[serde(default)]
    pub active_slots: u32,
}

const fn yes() -> bool {
    true
}
