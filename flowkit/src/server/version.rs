//! Version: which versions of Prefect's API clients may speak.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Json, http::HeaderMap};
use serde_json::json;

/// How clients say which version they speak.
const HEADER: &str = "x-prefect-api-version";

/// The oldest one that Prefect's own servers still answer.
const OLDEST: [u32; 3] = [0, 8, 0];

/// Refuses clients that speak another language; who says nothing speaks ours.
pub(super) async fn check(request: Request, next: Next) -> Response {
    match problem(request.headers()) {
        Some(problem) => {
            let body = json!({ "detail": problem, "exception_message": problem });
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
        None => next.run(request).await,
    }
}

fn problem(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(HEADER)?;
    let text = given.to_str().unwrap_or("what is no text");
    if text.is_empty() {
        return None;
    }
    let Some(version) = parse(text) else {
        return Some(format!("the header {HEADER} is x.y.z, not '{text}'"));
    };
    let [x, y, z] = OLDEST;
    let is_too_old = version < OLDEST;
    is_too_old.then(|| format!("version {text} of the API is too old; {x}.{y}.{z} is the oldest"))
}

fn parse(text: &str) -> Option<[u32; 3]> {
    let mut parts = text.split('.').map(|part| part.trim().parse().ok());
    let version = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_old_and_broken_versions_are_refused() {
        let is_refused = |version: &'static [u8]| {
            let value = HeaderValue::from_bytes(version).expect("a header");
            problem(&HeaderMap::from_iter([(HEADER.parse().expect("a name"), value)])).is_some()
        };
        for good in ["0.8.0", "0.8.3", "0.8.4", "0.10.0", "1.0.0", ""] {
            assert!(!is_refused(good.as_bytes()), "{good}");
        }
        for bad in ["0.7.9", "0.8", "0.8.4.1", "a.b.c", "-1.8.4", "latest"] {
            assert!(is_refused(bad.as_bytes()), "{bad}");
        }
        assert!(is_refused(b"\xff"));
        assert!(problem(&HeaderMap::new()).is_none());
    }
}
