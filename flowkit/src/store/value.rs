//! Values on their way into a statement, and rows on their way out, whatever the driver.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::Timestamp;
use crate::model::{
    ApiKeyId, ArtifactId, BlockDocumentId, BlockSchemaId, BlockTypeId, ConcurrencyLimitId, FlowId,
    FlowRunId, LogId, StateType, TaskRunId, VariableId,
};
use crate::{Error, Result};

/// A value that stands for a placeholder of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'v> {
    Null,
    Int(i64),
    Text(Cow<'v, str>),
    /// An id or a hash.
    Bytes([u8; 16]),
}

/// One cell of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell<'c> {
    Null,
    Int(i64),
    Text(&'c str),
    Bytes(&'c [u8]),
}

/// A type that a cell can be read as.
pub(crate) trait Column: Sized {
    fn read(cell: Cell<'_>) -> Option<Self>;
}

/// Something that is kept as JSON.
pub(crate) struct Json<T>(pub(crate) T);

/// Makes the values of a statement, in the order of its placeholders.
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::store::value::Value::from($value)),*] };
}
pub(crate) use values;

impl<T: Serialize> From<Json<T>> for Value<'static> {
    fn from(Json(value): Json<T>) -> Self {
        // Our own types and JSON values cannot fail to be written; a null would be refused.
        serde_json::to_string(&value).map_or(Self::Null, |text| Self::Text(text.into()))
    }
}

impl<T: DeserializeOwned> Column for Json<T> {
    fn read(cell: Cell<'_>) -> Option<Self> {
        let Cell::Text(text) = cell else { return None };
        serde_json::from_str(text).ok().map(Self)
    }
}

impl<'v, T> From<Option<T>> for Value<'v>
where
    Self: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

impl<T: Column> Column for Option<T> {
    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            Cell::Int(_) | Cell::Text(_) | Cell::Bytes(_) => T::read(cell).map(Some),
        }
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text.into())
    }
}

impl<'v> From<&'v String> for Value<'v> {
    fn from(text: &'v String) -> Self {
        Self::Text(text.as_str().into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl Column for String {
    fn read(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Text(text) = cell { Some(text.to_owned()) } else { None }
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl Column for i64 {
    fn read(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Int(number) = cell { Some(number) } else { None }
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl Column for u32 {
    fn read(cell: Cell<'_>) -> Option<Self> {
        i64::read(cell)?.try_into().ok()
    }
}

impl Column for u64 {
    fn read(cell: Cell<'_>) -> Option<Self> {
        i64::read(cell)?.try_into().ok()
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(moment: Timestamp) -> Self {
        Self::Int(moment.as_micros())
    }
}

impl Column for Timestamp {
    fn read(cell: Cell<'_>) -> Option<Self> {
        i64::read(cell).map(Self::from_micros)
    }
}

impl From<StateType> for Value<'_> {
    fn from(kind: StateType) -> Self {
        Self::Int(kind.code())
    }
}

impl Column for StateType {
    fn read(cell: Cell<'_>) -> Option<Self> {
        Self::from_code(i64::read(cell)?)
    }
}

impl From<u128> for Value<'_> {
    fn from(hash: u128) -> Self {
        Self::Bytes(hash.to_be_bytes())
    }
}

impl Column for u128 {
    fn read(cell: Cell<'_>) -> Option<Self> {
        let Cell::Bytes(bytes) = cell else { return None };
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

macro_rules! ids {
    ($($id:ty)*) => {$(
        impl From<$id> for Value<'_> {
            fn from(id: $id) -> Self {
                Self::Bytes(*id.as_bytes())
            }
        }

        impl Column for $id {
            fn read(cell: Cell<'_>) -> Option<Self> {
                let Cell::Bytes(bytes) = cell else { return None };
                Uuid::from_slice(bytes).ok().map(Self::from)
            }
        }
    )*};
}

ids! { Uuid ApiKeyId ArtifactId BlockDocumentId BlockSchemaId BlockTypeId ConcurrencyLimitId FlowId FlowRunId LogId TaskRunId VariableId }

/// One row of an answer, read column by column from the left.
pub(crate) struct Row<'r> {
    cells: &'r dyn Fn(usize) -> Option<Cell<'r>>,
    next: usize,
}

impl<'r> Row<'r> {
    /// A row whose cells are found by their number.
    pub(super) fn new(cells: &'r dyn Fn(usize) -> Option<Cell<'r>>) -> Self {
        Self { cells, next: 0 }
    }

    /// The next column.
    pub(crate) fn next<T: Column>(&mut self) -> Result<T> {
        let index = self.next;
        self.next += 1;
        let cell = (self.cells)(index);
        cell.and_then(T::read).ok_or_else(|| {
            let wanted = std::any::type_name::<T>();
            Error::internal(format!("column {index} of a row of the database is no {wanted}"))
        })
    }

    /// The next column, which is kept as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        self.next::<Json<T>>().map(|Json(value)| value)
    }
}
