//! An API to talk to in plain JSON, without any of flowkit's own types in between.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

/// As long as a server of Prefect may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A server's API.
pub(crate) struct Api {
    url: String,
    http: reqwest::Client,
}

impl Api {
    /// The API at that address, for example `http://127.0.0.1:4200/api`.
    pub(crate) fn new(url: impl Into<String>) -> Self {
        // Only the first one counts, and all are the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build();
        Self { url: url.into(), http: http.expect("a client") }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Sends a request; an answer without a body is null.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.send_with(method, path, body, None).await
    }

    /// The same with a header.
    pub(crate) async fn send_with(
        &self,
        method: &str,
        path: &str,
        body: &Value,
        header: Option<(&str, &str)>,
    ) -> (u16, Value) {
        let method: Method = method.parse().expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some((header, value)) = header {
            request = request.header(header, value);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text).or_null()))
    }

    /// Reads what must be there.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.send("GET", path, &Value::Null).await;
        assert_eq!(status, 200, "GET {path}: {answer}");
        answer
    }

    /// All objects of a kind, or none when the server does not know the kind.
    pub(crate) async fn all(&self, kind: &str) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let page = json!({ "limit": 200, "offset": all.len() });
            let path = format!("/{kind}/filter");
            let (status, answer) = self.send("POST", &path, &page).await;
            let Value::Array(found) = answer else {
                assert!(matches!(status, 404 | 405), "POST {path}: {status} {answer}");
                return all;
            };
            let is_last = found.len() < 200;
            all.extend(found);
            if is_last {
                return all;
            }
        }
    }
}

/// An empty text as null.
trait OrNull {
    fn or_null(self) -> Self;
}

impl OrNull for Value {
    fn or_null(self) -> Self {
        if self == "" { Self::Null } else { self }
    }
}
