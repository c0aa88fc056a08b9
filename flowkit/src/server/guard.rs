//! Guard: what every request passes before it is looked at.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::App;
use super::failure::Failure;
use crate::{Error, Result};

/// Open to everybody: whether the server is there, and what it is.
const OPEN: &[&str] = &[
    "/api/admin/version",
    "/api/flowkit",
    "/api/health",
    "/api/hello",
    "/api/ready",
    "/api/version",
];

/// Sockets, which ask for a login in their first message.
const SOCKETS: &[&str] = &[
    "/api/events/in",
    "/api/events/out",
    "/api/logs/out",
    "/api/task_runs/subscriptions/scheduled",
];

/// Lets a request pass, or answers it.
pub(super) async fn watch(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let path = request.uri().path();
    if OPEN.contains(&path) && request.method() == Method::GET {
        return Ok(next.run(request).await);
    }
    let (method, headers) = (request.method(), request.headers());
    let is_open = app.gate.is_open().await?;
    check_origin(&app, method, headers)?;
    if is_open {
        check_host(&app, headers)?;
    } else if !SOCKETS.contains(&path)
        && method != Method::OPTIONS
        && !app.gate.admits_headers(headers).await?
    {
        return Ok(unauthorized());
    }
    Ok(next.run(request).await)
}

/// Refuses what a page of another site makes a browser send, with the browser's login.
fn check_origin(app: &App, method: &Method, headers: &HeaderMap) -> Result<()> {
    let Some(origin) = text(headers, &header::ORIGIN) else { return Ok(()) };
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    // What a socket carries is not known yet.
    if reads && !headers.contains_key(header::UPGRADE) {
        return Ok(());
    }
    let is_own = text(headers, &header::HOST).is_some_and(|host| authority(origin) == Some(host));
    if is_own || app.options.allows(origin) {
        return Ok(());
    }
    Err(Error::refused("a page of another address may not ask this server")
        .with_hint(format!("allow it: --allow-origin {origin}")))
}

/// Refuses names that are not this machine's: where everybody may ask, a page whose name was bent
/// to 127.0.0.1 must not.
fn check_host(app: &App, headers: &HeaderMap) -> Result<()> {
    let Some(host) = text(headers, &header::HOST) else { return Ok(()) };
    if is_local(host) || app.options.allows_host(host) {
        return Ok(());
    }
    Err(Error::refused(format!("this server answers to localhost, not to '{host}'"))
        .with_hint(format!("allow the name: --allow-origin http://{host}")))
}

fn is_local(host: &str) -> bool {
    let is_port = |port: &str| port.bytes().all(|digit| digit.is_ascii_digit());
    let name =
        host.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(host, |(name, _)| name);
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let address = name.parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// What stands between `://` and the path of an address.
pub(super) fn authority(address: &str) -> Option<&str> {
    address.split_once("://")?.1.split('/').next()
}

fn text<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    // A value that is no text is nobody's name.
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

fn unauthorized() -> Response {
    let body = Json(json!({
        "exception_message": "Unauthorized",
        "hint": "set FLOWKIT_API_KEY, or FLOWKIT_API_AUTH to 'user:password'",
    }));
    let ask = [(header::WWW_AUTHENTICATE, r#"Basic realm="flowkit", charset="UTF-8""#)];
    (StatusCode::UNAUTHORIZED, ask, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine_are_known() {
        for local in ["localhost", "LOCALHOST:4200", "127.0.0.1", "127.1.2.3:1", "[::1]:4200"] {
            assert!(is_local(local), "{local}");
        }
        for foreign in ["evil.example", "localhost.evil.example", "10.0.0.1:4200", "?", ""] {
            assert!(!is_local(foreign), "{foreign}");
        }
    }
}
