//! Guard: what keeps other sites, and what users wrote, from doing anything with the page.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::failure::Failure;
use crate::Error;

/// Nothing from elsewhere, nothing written into the page: neither scripts nor styles nor pictures.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Says with every answer what a browser must not do with it.
pub(super) async fn close_in(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

/// Refuses forms that another site has sent in the name of the reader.
pub(super) async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    if reads || is_from_here(request.headers()) {
        return next.run(request).await;
    }
    let error = Error::refused("this was sent by another site")
        .with_hint("do it on the page itself; behind a proxy, pass the header Host on");
    Failure(error).into_response()
}

/// Says whether our own page sent a request.
///
/// Browsers tell by `Sec-Fetch-Site`, older ones by `Origin`. What comes with neither comes from no
/// browser, and nobody's rights are borrowed.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("?"));
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == text(header::HOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&'static str, &'static str)], expected: bool) {
        let headers = headers.iter().map(|(name, value)| {
            (header::HeaderName::from_static(name), HeaderValue::from_static(value))
        });
        assert_eq!(is_from_here(&headers.collect()), expected);
    }

    #[test]
    fn other_sites_are_told_apart() {
        check(&[], true);
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")], false);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("origin", "http://127.0.0.1:4200"), ("host", "127.0.0.1:4200")], true);
        check(&[("origin", "http://evil.example"), ("host", "127.0.0.1:4200")], false);
        check(&[("origin", "null"), ("host", "127.0.0.1:4200")], false);
    }
}
