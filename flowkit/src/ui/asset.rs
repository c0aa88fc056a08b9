//! Assets: the style sheet, the script and the sign of the page, kept by browsers for good.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use crate::api::Client;

const CSS: &str = include_str!("asset/page.css");
const JS: &str = include_str!("asset/page.js");
const SIGN: &str = include_str!("asset/sign.svg");

/// Their names hold a hash of what they say, so that a new version has a new address.
static CSS_PATH: LazyLock<String> = LazyLock::new(|| path(CSS, "css"));
static JS_PATH: LazyLock<String> = LazyLock::new(|| path(JS, "js"));

fn path(content: &str, kind: &str) -> String {
    let digest = Sha256::digest(content);
    let hash: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("/assets/page-{hash}.{kind}")
}

/// The address of the style sheet.
pub(super) fn css() -> &'static str {
    &CSS_PATH
}

/// The address of the script.
pub(super) fn js() -> &'static str {
    &JS_PATH
}

pub(super) fn routes() -> Router<Client> {
    Router::new()
        .route("/assets/{name}", get(asset))
        .route("/favicon.svg", get(async || kept("image/svg+xml", "max-age=86400", SIGN)))
        .route("/favicon.ico", get(async || kept("image/svg+xml", "max-age=86400", SIGN)))
        .route("/robots.txt", get(async || "User-agent: *\nDisallow: /\n"))
}

async fn asset(Path(name): Path<String>) -> Response {
    let forever = "max-age=31536000, immutable";
    match format!("/assets/{name}") {
        path if path == css() => kept("text/css; charset=utf-8", forever, CSS),
        path if path == js() => kept("text/javascript; charset=utf-8", forever, JS),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn kept(kind: &'static str, how_long: &'static str, content: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, how_long)], content).into_response()
}
