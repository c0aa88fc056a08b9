//! Remote: has operations answered by a server.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use serde_json::Value;

use crate::secret::Secret;
use crate::wire::{Call, Method, Operation};
use crate::{Error, ErrorKind, Result};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The version of Prefect's API that we speak.
const API_VERSION: &str = "0.8.4";

/// Where a server is, and how it knows us.
#[derive(Debug, Clone)]
pub struct Server {
    /// The address of its API, such as `http://127.0.0.1:4200/api`.
    pub url: String,
    /// How it knows us.
    pub login: Login,
}

/// How a server knows who asks.
#[derive(Debug, Clone, Default)]
pub enum Login {
    /// It does not want to.
    #[default]
    None,
    /// By a key, sent as a bearer token.
    Key(Secret),
    /// By `user:password`, as Prefect's own server has it.
    Basic(Secret),
}

/// What a server answers.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// How long to wait before trying again, where it says so.
    #[cfg_attr(
        not(feature = "sqlite"),
        expect(dead_code, reason = "only a reporter, which needs a database, comes again")
    )]
    pub(crate) retry_after: Option<Duration>,
    /// JSON, as a rule.
    pub(crate) body: Vec<u8>,
}

/// Has operations answered by a server.
#[derive(Clone)]
pub(crate) struct Remote {
    url: Arc<str>,
    http: reqwest::Client,
}

impl Remote {
    pub(crate) fn new(server: &Server) -> Result<Self> {
        let url = server.url.trim_end_matches('/').into();
        let http = http(&server.login)
            .map_err(|error| Error::invalid("no client for the API").with_source(error))?;
        Ok(Self { url, http })
    }

    /// Has an operation answered.
    pub(crate) async fn call<O: Operation>(&self, operation: &O) -> Result<O::Output> {
        let Call { path, body } = Call::of(operation)?;
        let answer = self.send(O::METHOD, &path, body).await?;
        let answer = if answer.is_empty() { b"null" } else { &answer[..] };
        serde_json::from_slice(answer).map_err(|error| {
            Error::internal(format!("the answer of {path} cannot be read")).with_source(error)
        })
    }

    /// Sends a request, and gives the body of its answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Vec<u8>> {
        let Reply { status, body, .. } = self.exchange(method, path, body, &[]).await?;
        if (200..300).contains(&status) { Ok(body) } else { Err(refusal(status, &body)) }
    }

    /// Sends a request with further headers, and gives its answer whatever it says.
    pub(crate) async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> Result<Reply> {
        let method = match method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.map_err(|error| self.unreachable(error))?;
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|seconds| seconds.trim().parse().ok());
        let retry_after = retry_after.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let body = answer.bytes().await.map_err(|error| self.unreachable(error))?;
        Ok(Reply { status, retry_after, body: body.into() })
    }

    fn unreachable(&self, error: reqwest::Error) -> Error {
        let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Unavailable };
        let problem = format!("the server at {} does not answer", self.url);
        // The address is said already, and might hold what the error must not show.
        Error::new(kind, problem).with_source(error.without_url())
    }
}

fn http(login: &Login) -> Result<reqwest::Client, Box<dyn std::error::Error + Send + Sync>> {
    // Whoever has chosen one before is heeded.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut headers = HeaderMap::new();
    headers.insert("x-prefect-api-version", HeaderValue::from_static(API_VERSION));
    headers.insert(
        USER_AGENT,
        HeaderValue::from_static(concat!("flowkit/", env!("CARGO_PKG_VERSION"))),
    );
    let authorization = match login {
        Login::None => None,
        Login::Key(key) => Some(format!("Bearer {}", key.expose())),
        Login::Basic(pair) => Some(format!("Basic {}", base64(pair.expose().as_bytes()))),
    };
    if let Some(authorization) = authorization {
        let mut value = HeaderValue::try_from(authorization)?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(reqwest::Client::builder().default_headers(headers).timeout(PATIENCE).build()?)
}

/// Base64 with padding (RFC 4648 §4).
fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// What a server says when it does not do what was asked for.
pub(crate) fn refusal(status: u16, body: &[u8]) -> Error {
    let kind = ErrorKind::of_http_status(status);
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
    let message = text("exception_message").or_else(|| text("detail"));
    let error = Error::new(kind, message.unwrap_or_else(|| format!("the server says {status}")));
    match text("hint") {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}
