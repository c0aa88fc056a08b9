//! Null: clients of other languages write it where they mean "as usual".

use serde::{Deserialize, Deserializer};

/// Reads a null as the default.
pub(crate) fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}
