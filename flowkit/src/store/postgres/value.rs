//! Values and cells as Postgres writes them.

use std::borrow::Cow;
use std::error::Error;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::super::value::{Cell, Value};

type Broken = Box<dyn Error + Sync + Send>;

/// What stands for a character that Postgres cannot keep.
const REPLACEMENT: &str = "\u{fffd}";

/// A version in front of the text of a JSONB value.
const JSONB_VERSION: u8 = 1;

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
        Value::Text(text) if *ty == Type::JSONB => {
            out.put_u8(JSONB_VERSION);
            out.put_slice(writable_json(text).as_bytes());
        }
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

/// The JSON without that character's escape, which Postgres refuses where it looks into JSON.
fn writable_json(json: &str) -> Cow<'_, str> {
    const NUL: &str = "\\u0000";
    if !json.contains(NUL) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (kept, length) = if rest.starts_with(NUL) {
            (REPLACEMENT, NUL.len())
        } else {
            // An escape is taken whole, so that an escaped backslash is not taken for one.
            (rest.get(..2).unwrap_or(rest), rest.len().min(2))
        };
        text.push_str(kept);
        rest = &rest[length..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

impl<'c> FromSql<'c> for Cell<'c> {
    fn from_sql(ty: &Type, raw: &'c [u8]) -> Result<Self, Broken> {
        Ok(match *ty {
            Type::INT2 => Self::Int(i16::from_be_bytes(raw.try_into()?).into()),
            Type::INT4 => Self::Int(i32::from_be_bytes(raw.try_into()?).into()),
            Type::INT8 => Self::Int(i64::from_be_bytes(raw.try_into()?)),
            Type::BYTEA => Self::Bytes(raw),
            Type::JSONB => Self::Text(std::str::from_utf8(raw.get(1..).unwrap_or_default())?),
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
        #[track_caller]
        fn check(text: &str, kept: &str, kept_as_json: &str) {
            assert_eq!(writable(text), kept);
            assert_eq!(writable_json(text), kept_as_json);
        }
        check("plain 🦦", "plain 🦦", "plain 🦦");
        check("a\0b", "a\u{fffd}b", "a\0b");
        check(r#"["a\u0000b"]"#, r#"["a\u0000b"]"#, "[\"a\u{fffd}b\"]");
        check(r#"["a\\u0000"]"#, r#"["a\\u0000"]"#, r#"["a\\u0000"]"#);
        check(r#"["\\\u0000\"ä"]"#, r#"["\\\u0000\"ä"]"#, "[\"\\\\\u{fffd}\\\"ä\"]");
    }

    #[test]
    fn number_that_is_too_large_for_its_column_is_refused() {
        let mut out = BytesMut::new();
        assert!(write(&Value::Int(40_000), &Type::INT2, &mut out).is_err());
        assert!(write(&Value::Int(40_000), &Type::INT4, &mut out).is_ok());
        assert_eq!(out[..], [0, 0, 0x9c, 0x40]);
    }
}
