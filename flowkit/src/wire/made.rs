//! Made: an answer to a request that makes something unless it is there already.

use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Something that was asked to be made, and whether it is new.
///
/// Its JSON is that of the thing; whether it is new travels as the status, 201 or 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made<T> {
    /// The thing, made now or found.
    pub value: T,
    /// Whether it was made now.
    pub is_new: bool,
}

impl<T> Made<T> {
    /// Something that was made now.
    pub const fn new(value: T) -> Self {
        Self { value, is_new: true }
    }

    /// Something that was there already.
    pub const fn found(value: T) -> Self {
        Self { value, is_new: false }
    }

    /// The HTTP status of such an answer.
    pub const fn status(&self) -> u16 {
        if self.is_new { 201 } else { 200 }
    }
}

impl<T> Deref for Made<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Serialize> Serialize for Made<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(to)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Made<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(Self::new)
    }
}
