//! How an operation travels: taken apart into path, query and body, and put together again.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Method, Operation};
use crate::{Error, Result};

/// An operation on its way to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The path below the address of the API, with its query.
    pub path: String,
    /// The body, JSON.
    pub body: Option<Vec<u8>>,
}

/// What a server got of an operation.
#[derive(Debug, Clone)]
pub struct Parts<'p> {
    /// The values of the fields in its path, in their order.
    pub path: Vec<&'p str>,
    /// The query, decoded.
    pub query: &'p [(String, String)],
    /// The body; may be empty.
    pub body: &'p [u8],
}

/// The names of the fields that stand in a path, in their order.
pub(crate) fn path_fields(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

impl Call {
    /// Takes an operation apart.
    ///
    /// # Errors
    /// Internal when the operation has no JSON, or lacks a field that its path needs.
    pub fn of<O: Operation>(operation: &O) -> Result<Self> {
        let has_body = match O::METHOD {
            Method::Get | Method::Delete => false,
            Method::Post | Method::Put | Method::Patch => true,
        };
        if !O::PATH.contains('{') && O::QUERY.is_empty() {
            let body = if has_body { Some(to_json(operation)?) } else { None };
            return Ok(Self { path: O::PATH.to_owned(), body });
        }
        let Value::Object(mut fields) = serde_json::to_value(operation).map_err(has_no_json)?
        else {
            return Err(Error::internal(format!("{} is no object", O::PATH)));
        };
        let mut path = fill::<O>(&mut fields)?;
        for name in O::QUERY {
            let Some(value) = fields.remove(*name).filter(|value| !value.is_null()) else {
                continue;
            };
            path.push(if path.contains('?') { '&' } else { '?' });
            path.push_str(name);
            path.push('=');
            push_encoded(&mut path, &plain(&value));
        }
        let body = if has_body { Some(to_json(&fields)?) } else { None };
        Ok(Self { path, body })
    }
}

/// The path with the values of its fields, which are taken out.
fn fill<O: Operation>(fields: &mut Map<String, Value>) -> Result<String> {
    let mut path = String::with_capacity(O::PATH.len() + 40);
    let mut rest = O::PATH;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = fields.remove(name).filter(|value| !value.is_null());
        let value = value.ok_or_else(|| Error::internal(format!("{} needs {name}", O::PATH)))?;
        path.push_str(before);
        push_encoded(&mut path, &plain(&value));
        rest = after;
    }
    path.push_str(rest);
    Ok(path)
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(has_no_json)
}

fn has_no_json(error: serde_json::Error) -> Error {
    Error::internal("a request has no JSON").with_source(error)
}

/// A value as it stands in an address.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Adds a text, with all but the unreserved characters of RFC 3986 escaped.
fn push_encoded(path: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                path.push(byte.into());
            }
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
}

impl Parts<'_> {
    /// Puts an operation together.
    ///
    /// # Errors
    /// Invalid when a part is no JSON, or none of the operation's.
    pub fn read<O: Operation>(&self) -> Result<O> {
        let body = if self.body.trim_ascii().is_empty() { b"{}" } else { self.body };
        if self.path.is_empty() && O::QUERY.is_empty() {
            return serde_json::from_slice(body).map_err(|error| refuse(&error));
        }
        let mut fields: Map<String, Value> =
            serde_json::from_slice(body).map_err(|error| refuse(&error))?;
        for name in O::QUERY {
            let given = self.query.iter().find(|(given, _)| given == name);
            if let Some((_, text)) = given {
                fields.insert((*name).to_owned(), from_query(text));
            }
        }
        for (name, value) in path_fields(O::PATH).zip(&self.path) {
            fields.insert(name.to_owned(), (*value).into());
        }
        serde_json::from_value(Value::Object(fields)).map_err(|error| refuse(&error))
    }
}

/// The value of a query: a truth value where it reads as one, else text.
fn from_query(text: &str) -> Value {
    match text {
        "true" | "True" => Value::Bool(true),
        "false" | "False" => Value::Bool(false),
        _ => text.into(),
    }
}

fn refuse(error: &serde_json::Error) -> Error {
    Error::invalid(format!("the request cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::super::operations;
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Rename {
        id: String,
        #[serde(default)]
        loud: Option<bool>,
        name: String,
    }

    operations! {
        Rename => (), Patch "/things/{id}/name", query "loud";
    }

    #[test]
    fn what_is_taken_apart_is_put_together_again() {
        let operation = Rename { id: "a/b ü".into(), loud: Some(true), name: "x".into() };

        let call = Call::of(&operation).expect("a call");

        assert_eq!(call.path, "/things/a%2Fb%20%C3%BC/name?loud=true");
        assert_eq!(call.body.as_deref(), Some(br#"{"name":"x"}"#.as_slice()));
        let query = [("loud".to_owned(), "true".to_owned())];
        let body = call.body.as_deref().expect("a body");
        let parts = Parts { path: vec!["a/b ü"], query: &query, body };
        assert_eq!(parts.read::<Rename>().expect("an operation"), operation);
    }

    #[test]
    fn path_counts_more_than_body() {
        let parts = Parts { path: vec!["1"], query: &[], body: br#"{"id":"2","name":"x"}"# };
        assert_eq!(parts.read::<Rename>().expect("an operation").id, "1");
    }

    #[test]
    fn unusable_bodies_are_refused() {
        for body in [&b"{"[..], b"[]", b"{}", b"{\"name\": 1}", b"\xff"] {
            let parts = Parts { path: vec!["1"], query: &[], body };
            let error = parts.read::<Rename>().expect_err("refused");
            assert_eq!(error.kind(), crate::ErrorKind::Invalid);
        }
    }
}
