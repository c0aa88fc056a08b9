//! Values and cells as Postgres writes them.

use std::borrow::Cow;
use std::error::Error;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::super::value::{Cell, Value};

type Broken = Box<dyn Error + Sync + Send>;

/// What stands for a character that Postgres cannot keep.
const REPLACEMENT: &str = "\u{fffd}";

// Statements say nothing of the types of their values, so the server does.
impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Broken> {
        write(self, ty, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Writes a value as one of that type.
pub(super) fn write(value: &Value<'_>, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Broken> {
    match value {
        Value::Null => return Ok(IsNull::Yes),
        Value::Int(number) => write_number(*number, ty, out)?,
        Value::Text(text) => out.put_slice(writable(text).as_bytes()),
        Value::Bytes(bytes) => out.put_slice(bytes),
    }
    Ok(IsNull::No)
}

fn write_number(number: i64, ty: &Type, out: &mut BytesMut) -> Result<(), Broken> {
    match *ty {
        Type::INT2 => out.put_i16(number.try_into()?),
        Type::INT4 => out.put_i32(number.try_into()?),
        Type::INT8 => out.put_i64(number),
        _ => return Err(format!("a number cannot be written as {ty}").into()),
    }
    Ok(())
}

/// The text without the one character that Postgres refuses.
fn writable(text: &str) -> Cow<'_, str> {
    if text.as_bytes().contains(&0) {
        Cow::Owned(text.replace('\0', REPLACEMENT))
    } else {
        Cow::Borrowed(text)
    }
}

impl<'c> FromSql<'c> for Cell<'c> {
    fn from_sql(ty: &Type, raw: &'c [u8]) -> Result<Self, Broken> {
        Ok(match *ty {
            Type::INT2 => Self::Int(i16::from_be_bytes(raw.try_into()?).into()),
            Type::INT4 => Self::Int(i32::from_be_bytes(raw.try_into()?).into()),
            Type::INT8 => Self::Int(i64::from_be_bytes(raw.try_into()?)),
            Type::BYTEA => Self::Bytes(raw),
            _ => Self::Text(std::str::from_utf8(raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Broken> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postgres_refuses_is_replaced_and_the_rest_is_kept() {
        assert_eq!(writable("plain 🦦"), "plain 🦦");
        assert_eq!(writable("a\0b\0"), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn number_that_is_too_large_for_its_column_is_refused() {
        let mut out = BytesMut::new();
        assert!(write(&Value::Int(40_000), &Type::INT2, &mut out).is_err());
        assert!(write(&Value::Int(40_000), &Type::INT4, &mut out).is_ok());
        assert_eq!(out[..], [0, 0, 0x9c, 0x40]);
    }
}
