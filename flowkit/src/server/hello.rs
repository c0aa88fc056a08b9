//! Hello: what clients ask before anything else.

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::App;
use super::failure::Failure;
use crate::wire::{FilterVariables, Page};

/// The version of Prefect's API that is spoken.
const API_VERSION: &str = "0.8.4";

/// The version of Prefect that we stand for: its 3.x clients ask for the same major version, and
/// warn when the server is older than they are.
const PREFECT_VERSION: &str = "3.99.0";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/health", get(async || Json(true)))
        .route("/hello", get(async || Json("👋")))
        .route("/version", get(async || Json(API_VERSION)))
        .route("/admin/version", get(async || Json(PREFECT_VERSION)))
        .route("/ready", get(ready))
        .route("/csrf-token", get(csrf_token))
        .route("/flowkit", get(async || Json(json!({ "version": env!("CARGO_PKG_VERSION") }))))
}

/// Says whether the database answers.
async fn ready(
    axum::extract::State(app): axum::extract::State<App>,
) -> Result<Json<Value>, Failure> {
    let ask = FilterVariables { page: Page::first(1), ..FilterVariables::default() };
    app.client.call(ask).await?;
    Ok(Json(json!({ "message": "OK" })))
}

/// Prefect's clients stop asking for tokens when they read this.
async fn csrf_token() -> (StatusCode, Json<Value>) {
    let answer = json!({ "detail": "CSRF protection is disabled." });
    (StatusCode::UNPROCESSABLE_ENTITY, Json(answer))
}
