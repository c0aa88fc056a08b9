//! Variables: named values that runs share.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::runtime::Runtime;
use crate::wire::{DeleteVariable, ReadVariable, SetVariable};
use crate::{Error, ErrorKind, Result};

/// Reads a variable; none if there is none of that name.
///
/// # Errors
/// Invalid when its value is no `T`; unavailable when the database does not answer.
pub async fn get<T: DeserializeOwned>(name: &str) -> Result<Option<T>> {
    let client = Runtime::current().await?;
    let variable = match client.client().call(ReadVariable { name: name.to_owned() }).await {
        Ok(variable) => variable,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    serde_json::from_value(variable.value).map(Some).map_err(|error| {
        let type_name = std::any::type_name::<T>();
        Error::invalid(format!("variable `{name}` is no `{type_name}`")).with_source(error)
    })
}

/// Sets a variable, whether it is there or not.
///
/// # Errors
/// Invalid for a name with other signs than lower-case letters, digits, `_` and `-`, and for a
/// value that has no JSON; unavailable when it cannot be kept.
pub async fn set<T: Serialize>(name: &str, value: &T) -> Result<()> {
    let value = serde_json::to_value(value).map_err(|error| {
        Error::invalid(format!("variable `{name}` has no JSON")).with_source(error)
    })?;
    let set = SetVariable { name: name.to_owned(), value, tags: Vec::new(), overwrite: true };
    Runtime::current().await?.client().call(set).await.map(drop)
}

/// Deletes a variable.
///
/// # Errors
/// Not found if there is none of that name; unavailable when the database does not answer.
pub async fn unset(name: &str) -> Result<()> {
    let unset = DeleteVariable { name: name.to_owned() };
    Runtime::current().await?.client().call(unset).await
}
