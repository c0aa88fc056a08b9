//! The socket on which Prefect's clients of version 3 tell events.
//!
//! They take a pong for the word that all they sent before is safe. So what was received is
//! committed before the socket is looked at again: a ping is answered at the next look.

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code, rejection};
use axum::http::HeaderMap;
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
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, rejection::WebSocketUpgradeRejection>,
) -> Response {
    match upgrade {
        Ok(upgrade) => upgrade
            .protocols([PROTOCOL])
            .max_message_size(LARGEST)
            .on_upgrade(async move |socket| listen(app, headers, socket).await)
            .into_response(),
        Err(_) => Failure(Error::invalid("this is a websocket")).into_response(),
    }
}

async fn listen(app: App, headers: HeaderMap, mut socket: WebSocket) {
    // Prefect Cloud's clients show their key here, others with their first message.
    let mut is_let_in = app.gate.admits_headers(&headers).await.unwrap_or(false);
    let mut events = Vec::new();
    while let Some(Ok(message)) = socket.recv().await {
        let mut next = Some(message);
        // What has arrived meanwhile belongs to the same transaction.
        while let Some(message) = next.take() {
            match read(&message) {
                Told::Event(event) if is_let_in => events.push(*event),
                Told::Event(_) => return refuse(socket).await,
                Told::Login(token) => {
                    let shown = app.gate.admits(token.as_deref()).await.unwrap_or(false);
                    is_let_in = is_let_in || shown;
                    if !is_let_in {
                        return refuse(socket).await;
                    }
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

/// Ends a socket of somebody who may not ask.
async fn refuse(mut socket: WebSocket) {
    let reason = "Auth required but no token was accepted".into();
    let close = CloseFrame { code: close_code::POLICY, reason };
    let _ = socket.send(Message::Close(Some(close))).await;
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
    Login(Option<String>),
    Ping,
    Nothing,
}

fn read(message: &Message) -> Told {
    #[derive(Deserialize)]
    struct Typed<'m> {
        #[serde(rename = "type", borrow)]
        kind: &'m str,
        token: Option<String>,
    }

    match message {
        Message::Text(text) => match serde_json::from_str::<Event>(text) {
            Ok(event) => Told::Event(Box::new(event)),
            Err(_) => match serde_json::from_str(text) {
                Ok(Typed { kind: "auth", token }) => Told::Login(token),
                // An event that cannot be read would be sent again for ever.
                Ok(_) | Err(_) => Told::Nothing,
            },
        },
        Message::Ping(_) => Told::Ping,
        Message::Binary(_) | Message::Pong(_) | Message::Close(_) => Told::Nothing,
    }
}
