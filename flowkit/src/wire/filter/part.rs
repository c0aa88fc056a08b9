//! The parts of filters: lists, texts, tags, times, states.

use serde::{Deserialize, Serialize};

use super::filters;
use crate::Timestamp;
use crate::model::{Level, StateType};

/// How the parts of a filter are joined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    /// All of them hold.
    #[default]
    #[serde(rename = "and_")]
    And,
    /// One of them holds.
    #[serde(rename = "or_")]
    Or,
}

impl Operator {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands the field over like this")]
    pub(super) const fn is_and(&self) -> bool {
        matches!(self, Self::And)
    }
}

filters! {
    /// One of a list.
    OneOf<T> {
        /// One of these.
        any_: Vec<T>,
        /// None of these.
        not_any_: Vec<T>,
        /// Whether there is none at all.
        is_null_: bool,
    }

    /// A text that is one of a list, or holds a part.
    Text {
        /// One of these.
        any_: Vec<String>,
        /// Holds this, in upper or lower case.
        like_: String,
    }

    /// Tags.
    Tags {
        /// All of these are there.
        all_: Vec<String>,
        /// One of these is there.
        any_: Vec<String>,
        /// Whether there are none.
        is_null_: bool,
    }

    /// A span of time; both ends belong to it.
    TimeSpan {
        /// Not before this.
        after_: Timestamp,
        /// Not after this.
        before_: Timestamp,
        /// Whether there is no time at all.
        is_null_: bool,
    }

    /// States by type or by name.
    StateFilter {
        /// One of these types.
        #[serde(rename = "type")]
        kind: OneOf<StateType>,
        /// One of these names.
        name: OneOf<String>,
    }

    /// Levels of log lines; both ends belong to it.
    LevelSpan {
        /// At least this.
        ge_: Level,
        /// At most this.
        le_: Level,
    }

    /// Whether something is so.
    Truth {
        /// Whether it is.
        eq_: bool,
        /// Whether there is such a thing.
        exists_: bool,
    }
}

impl<T> From<Vec<T>> for OneOf<T> {
    fn from(list: Vec<T>) -> Self {
        Self { any_: Some(list), ..Self::default() }
    }
}

impl From<Vec<StateType>> for StateFilter {
    fn from(kinds: Vec<StateType>) -> Self {
        Self { kind: Some(kinds.into()), ..Self::default() }
    }
}

impl From<Vec<String>> for StateFilter {
    fn from(names: Vec<String>) -> Self {
        Self { name: Some(names.into()), ..Self::default() }
    }
}

impl From<Level> for LevelSpan {
    /// That level and all above it.
    fn from(level: Level) -> Self {
        Self { ge_: Some(level), ..Self::default() }
    }
}

impl Text {
    /// Exactly this.
    #[must_use]
    pub fn is(text: impl Into<String>) -> Self {
        Self { any_: Some(vec![text.into()]), ..Self::default() }
    }

    /// Holds this, in upper or lower case.
    #[must_use]
    pub fn holds(part: impl Into<String>) -> Self {
        Self { like_: Some(part.into()), ..Self::default() }
    }
}

impl From<Vec<String>> for Tags {
    /// All of these.
    fn from(tags: Vec<String>) -> Self {
        Self { all_: Some(tags), ..Self::default() }
    }
}

impl TimeSpan {
    /// From then on.
    #[must_use]
    pub fn since(moment: Timestamp) -> Self {
        Self { after_: Some(moment), ..Self::default() }
    }

    /// From the one to the other.
    #[must_use]
    pub fn between(after: Timestamp, before: Timestamp) -> Self {
        Self { after_: Some(after), before_: Some(before), ..Self::default() }
    }
}
