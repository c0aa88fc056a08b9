//! Events that were kept, as Prefect's clients ask for them: the next page has an address.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::routing::{get, post};
use axum::{Json, Router};

use super::App;
use super::failure::Failure;
use crate::wire::{EventPage, FilterEvents, Parts, ReadNextEvents};
use crate::{Error, Result};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/events/filter", post(first)).route("/events/filter/next", get(next))
}

async fn first(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<EventPage>, Failure> {
    let wanted: FilterEvents = Parts { path: Vec::new(), query: &[], body: &body }.read()?;
    Ok(Json(with_address(app.client.call(wanted).await?, &headers)))
}

async fn next(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<EventPage>, Failure> {
    let token = query.into_iter().find(|(name, _)| name == "page-token");
    let (_, page_token) = token.ok_or_else(|| Error::invalid("a page-token is missing"))?;
    let page = app.client.call(ReadNextEvents { page_token }).await?;
    Ok(Json(with_address(page, &headers)))
}

/// The page with the address of the next one, as whoever asks reaches this server.
fn with_address(mut page: EventPage, headers: &HeaderMap) -> EventPage {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST.as_str()).unwrap_or("localhost");
    let scheme = text("x-forwarded-proto").unwrap_or("http");
    page.next_page = page
        .next_page
        .map(|token| format!("{scheme}://{host}/api/events/filter/next?page-token={token}"));
    page
}
