//! Live: tells an open page that what it shows has changed.
//!
//! A page says its own address; a number is worked out of what is shown there, and whenever it
//! becomes another one the page is told, and reads itself again. A page that begins to listen is
//! told at once, since something may have changed while it was on its way. Nothing is asked while no
//! page listens.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};

use super::query::Params;
use super::{artifact, concurrency, flow, flow_run, runs, task_run, variable};
use crate::api::Client;
use crate::{Error, Result, Timestamp};

/// How often it is looked whether something has changed.
const PERIOD: Duration = Duration::from_millis(100);

/// How long one connection is held; browsers come back by themselves. A server that stops waits
/// for its connections.
const LONGEST: Duration = Duration::from_secs(5);

/// How soon browsers come back.
const RETURN: Duration = Duration::from_millis(50);

/// What is told of a page.
struct Watch {
    client: Client,
    page: Uri,
    told: Option<u64>,
    until: Timestamp,
}

/// Tells each time when the page that is named changes.
pub(super) async fn changes(
    State(client): State<Client>,
    headers: HeaderMap,
    params: Params,
) -> Sse<impl Stream<Item = std::result::Result<Event, Infallible>>> {
    let page = params.get("page").and_then(|page| page.parse().ok()).unwrap_or_default();
    // Browsers that come back say what they were told last.
    let told = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let until = client.clock().now() + LONGEST;
    let watch = Watch { client, page, told, until };
    let changes = stream::unfold(watch, async |mut watch| {
        let event = watch.next().await?;
        Some((Ok(event), watch))
    });
    Sse::new(changes).keep_alive(KeepAlive::default())
}

impl Watch {
    /// Waits for the next change; none when the connection has been held long enough.
    async fn next(&mut self) -> Option<Event> {
        loop {
            // A database that does not answer now may do so later.
            if let Ok(seen) = fingerprint(&self.client, &self.page).await
                && self.told != Some(seen)
            {
                self.told = Some(seen);
                let id = seen.to_string();
                return Some(Event::default().event("change").id(&id).data(&id).retry(RETURN));
            }
            if self.client.clock().now() >= self.until {
                return None;
            }
            self.client.clock().sleep(PERIOD).await;
        }
    }
}

/// A number that changes with what a page shows.
async fn fingerprint(client: &Client, page: &Uri) -> Result<u64> {
    let params = Params::of(page);
    let mut path = page.path().trim_matches('/').split('/');
    match (path.next().unwrap_or_default(), path.next()) {
        ("", _) => runs::fingerprint(client, &params).await,
        ("flow-runs", Some(id)) => flow_run::fingerprint(client, id).await,
        ("task-runs", Some(id)) => task_run::fingerprint(client, id).await,
        ("flows", None) => flow::fingerprint(client, &params).await,
        ("flows", Some(id)) => flow::fingerprint_of(client, id).await,
        ("artifacts", None) => artifact::fingerprint(client, &params).await,
        ("artifacts", Some(id)) => artifact::fingerprint_of(client, id).await,
        ("variables", _) => variable::fingerprint(client).await,
        ("concurrency", _) => concurrency::fingerprint(client).await,
        _ => Err(Error::not_found(format!("live page {}", page.path()))),
    }
}
