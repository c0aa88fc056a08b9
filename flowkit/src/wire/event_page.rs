//! Operations on events that were kept.

use serde::{Deserialize, Serialize};

use super::{Event, EventFilter, operations};
use crate::model::or_default;
use crate::{Error, Result, Timestamp};

operations! {
    FilterEvents => EventPage, Post "/flowkit/events/filter";
    ReadNextEvents => EventPage, Get "/flowkit/events/filter/next", query "page-token";
}

/// Lists events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterEvents {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub filter: EventFilter,
    /// How many at most.
    #[serde(deserialize_with = "or_default")]
    pub limit: EventLimit,
}

/// Lists the events behind those of another answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadNextEvents {
    /// What that answer named.
    #[serde(rename = "page-token")]
    pub page_token: String,
}

/// Some of the events that were asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EventPage {
    /// The events.
    pub events: Vec<ReceivedEvent>,
    /// How many there are in all; of very many, how many were looked at.
    pub total: u64,
    /// What names the next ones, if there are more. A server makes an address of it.
    pub next_page: Option<String>,
}

/// An event, and when it came.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReceivedEvent {
    /// The event.
    #[serde(flatten)]
    pub event: Event,
    /// When it came.
    pub received: Timestamp,
}

impl From<(Event, Timestamp)> for ReceivedEvent {
    /// An event that came at that time.
    fn from((event, received): (Event, Timestamp)) -> Self {
        Self { event, received }
    }
}

/// From none to fifty events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct EventLimit(u32);

impl EventLimit {
    const MOST: u32 = 50;
}

impl Default for EventLimit {
    fn default() -> Self {
        Self(Self::MOST)
    }
}

impl From<EventLimit> for u32 {
    fn from(EventLimit(number): EventLimit) -> Self {
        number
    }
}

impl TryFrom<u32> for EventLimit {
    type Error = Error;

    fn try_from(number: u32) -> Result<Self> {
        if number <= Self::MOST {
            return Ok(Self(number));
        }
        Err(Error::invalid(format!("the limit is {number}, but {} is the most", Self::MOST)))
    }
}
