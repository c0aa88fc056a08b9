//! The socket on which Prefect's clients of version 3 tell events.
//!
//! They take a pong for the word that all they sent before is safe. So what was received is
//! committed before the socket is looked at again: a ping is answered at the next look.

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade, rejection};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use futures_util::FutureExt;
use serde::Deserialize;

use super::App;
use super::failure::Failure;
use crate::wire::{EmitEvents, Event};
use crate::{Error, Result};

/// The subprotocol that Prefect's clients name.
const PROTOCOL: &str = "prefect";

/// How many events are kept in one transaction at most.
const BATCH: usize = 500;

/// The largest event that is read; Prefect's own limit is 1.5 MB.
const LARGEST: usize = 2 * 1024 * 1024;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/events/in", any(open))
}

async fn open(
    State(app): State<App>,
    upgrade: Result<WebSocketUpgrade, rejection::WebSocketUpgradeRejection>,
) -> Response {
    match upgrade {
        Ok(upgrade) => upgrade
            .protocols([PROTOCOL])
            .max_message_size(LARGEST)
            .on_upgrade(async move |socket| listen(app, socket).await)
            .into_response(),
        Err(_) => Failure(Error::invalid("this is a websocket")).into_response(),
    }
}

async fn listen(app: App, mut socket: WebSocket) {
    let mut events = Vec::new();
    while let Some(Ok(message)) = socket.recv().await {
        let mut next = Some(message);
        // What has arrived meanwhile belongs to the same transaction.
        while let Some(message) = next.take() {
            match read(&message) {
                Told::Event(event) => events.push(*event),
                Told::Login => {
                    let welcome = Message::text(r#"{"type":"auth_success"}"#);
                    if socket.send(welcome).await.is_err() {
                        break;
                    }
                }
                Told::Ping => break,
                Told::Nothing => {}
            }
            if events.len() < BATCH {
                next = socket.recv().now_or_never().flatten().and_then(Result::ok);
            }
        }
        let batch = std::mem::take(&mut events);
        if !batch.is_empty() && keep(&app, batch).await.is_err() {
            // The client sends what was not confirmed again, on a new connection.
            return;
        }
    }
}

async fn keep(app: &App, events: Vec<Event>) -> Result<()> {
    let kept = app.client.call(EmitEvents(events)).await;
    if let Err(error) = &kept {
        let reason = error.full_message();
        tracing::error!(target: "flowkit", "Events could not be kept: {reason}");
    }
    kept
}

/// What a message says.
enum Told {
    Event(Box<Event>),
    Login,
    Ping,
    Nothing,
}

fn read(message: &Message) -> Told {
    #[derive(Deserialize)]
    struct Typed<'m> {
        #[serde(rename = "type", borrow)]
        kind: &'m str,
    }

    match message {
        Message::Text(text) => match serde_json::from_str::<Event>(text) {
            Ok(event) => Told::Event(Box::new(event)),
            Err(_) => match serde_json::from_str(text) {
                Ok(Typed { kind: "auth" }) => Told::Login,
                // An event that cannot be read would be sent again for ever.
                Ok(_) | Err(_) => Told::Nothing,
            },
        },
        Message::Ping(_) => Told::Ping,
        Message::Binary(_) | Message::Pong(_) | Message::Close(_) => Told::Nothing,
    }
}
