//! Query: what an address says behind its question mark, and addresses that say a little more.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;

/// What an address says behind its question mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Params(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri))
    }
}

impl Params {
    /// What an address says; nothing if it cannot be read.
    pub(super) fn of(uri: &Uri) -> Self {
        Self(Query::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default())
    }

    /// A value that says something.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// A value as a form shows it.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// A value that can be read; none if it is nonsense.
    pub(super) fn parse<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    /// The same with other values; an empty one is left out.
    pub(super) fn with(&self, changes: &[(&str, &str)]) -> Self {
        let keep = |(name, value): &&(String, String)| {
            !value.trim().is_empty() && changes.iter().all(|(changed, _)| changed != name)
        };
        let mut pairs: Vec<_> = self.0.iter().filter(keep).cloned().collect();
        let new = changes.iter().filter(|(_, value)| !value.is_empty());
        pairs.extend(new.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self(pairs)
    }

    /// A page with this behind it.
    pub(super) fn link(&self, path: &str) -> String {
        let mut link = path.to_owned();
        for (index, (name, value)) in self.0.iter().enumerate() {
            link.push(if index == 0 { '?' } else { '&' });
            push_encoded(&mut link, name);
            link.push('=');
            push_encoded(&mut link, value);
        }
        link
    }
}

/// A path whose last part is that text.
pub(super) fn path_to(folder: &str, name: &str) -> String {
    let mut path = format!("{folder}/");
    push_encoded(&mut path, name);
    path
}

/// Adds a text, with all but the unreserved characters of RFC 3986 escaped.
fn push_encoded(link: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                link.push(byte.into());
            }
            _ => link.push_str(&format!("%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_says_a_little_more() {
        let params = Params::of(&Uri::from_static("/?state=failed&q=&tag=a%26b&before=7"));
        assert_eq!(params.get("tag"), Some("a&b"));
        assert_eq!(params.get("q"), None);
        let link = params.with(&[("before", ""), ("state", "running")]).link("/");
        assert_eq!(link, "/?tag=a%26b&state=running");
    }
}
