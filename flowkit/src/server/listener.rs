//! Sockets on which clients hear of events and log lines as they happen.
//!
//! A client that does not read costs no more than its connection: what it does not take in time
//! ends it, and what it misses is not kept for it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code, rejection};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use super::App;
use super::failure::Failure;
use crate::Error;
use crate::api::news::Told;
use crate::wire::{EventFilter, EventOrder, FilterEvents, LogFilter, ReadNextEvents};

/// The subprotocol that Prefect's clients name; whoever does begins with a login.
const PROTOCOL: &str = "prefect";

/// How long a client may take to say what it wants, and to take what it is told.
const PATIENCE: Duration = Duration::from_secs(30);

/// The largest message that is read.
const LARGEST: usize = 64 * 1024;

/// How much is read at a time.
const READ: usize = 4 * 1024;

/// How much waits in the process for a client that does not read; one message may be larger.
const WAITING: usize = 256 * 1024;

/// How many events of the past are told at most.
const MOST_OF_THE_PAST: usize = 10_000;

pub(super) fn routes() -> Router<App> {
    let events = async |State(app), upgrade| open(app, upgrade, Kind::Event);
    let logs = async |State(app), upgrade| open(app, upgrade, Kind::Log);
    Router::new().route("/events/out", any(events)).route("/logs/out", any(logs))
}

/// What is heard on a socket.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Event,
    Log,
}

type Upgrade = Result<WebSocketUpgrade, rejection::WebSocketUpgradeRejection>;

fn open(app: App, upgrade: Upgrade, kind: Kind) -> Response {
    let Ok(upgrade) = upgrade else {
        return Failure(Error::invalid("this is a websocket")).into_response();
    };
    let talk = async move |socket| {
        let mut line = Line { app, socket };
        let end = match kind {
            Kind::Event => line.tell_events().await,
            Kind::Log => line.tell_logs().await,
        };
        line.hang_up(end).await;
    };
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(LARGEST)
        // Ten thousand of them must fit.
        .read_buffer_size(READ)
        .write_buffer_size(0)
        .max_write_buffer_size(WAITING)
        .on_upgrade(talk)
        .into_response()
}

/// Why nothing more is told.
#[derive(Debug)]
enum End {
    /// The client has left.
    Gone,
    /// It does not keep up.
    TooSlow,
    /// It does not say what it wants.
    Unclear(String),
    /// The database does not answer.
    Broken,
}

/// A client that listens.
struct Line {
    app: App,
    socket: WebSocket,
}

/// What a client says.
#[derive(Deserialize)]
struct Said<F> {
    #[serde(rename = "type")]
    kind: String,
    filter: Option<F>,
    #[serde(default = "yes")]
    backfill: bool,
}

const fn yes() -> bool {
    true
}

impl Line {
    async fn tell_events(&mut self) -> End {
        let wanted = match self.ask::<EventFilter>().await {
            Ok(wanted) => wanted,
            Err(end) => return end,
        };
        let filter = wanted.filter.unwrap_or_default();
        // Heard before the past is looked at, so that nothing falls between the two.
        let Ok(news) = self.app.client.news().map(|news| news.events()) else { return End::Broken };
        let mut told = HashSet::new();
        if wanted.backfill
            && let Err(end) = self.tell_past(&filter, &mut told).await
        {
            return end;
        }
        self.tell(news, "event", |event| {
            filter.includes(&event.event) && !told.remove(&event.event.id)
        })
        .await
    }

    async fn tell_logs(&mut self) -> End {
        let filter = match self.ask::<LogFilter>().await {
            Ok(wanted) => wanted.filter.unwrap_or_default(),
            Err(end) => return end,
        };
        let Ok(news) = self.app.client.news().map(|news| news.logs()) else { return End::Broken };
        self.tell(news, "log", |line| filter.includes(line)).await
    }

    /// Hears who the client is and what it wants.
    async fn ask<F: for<'f> Deserialize<'f>>(&mut self) -> Result<Said<F>, End> {
        if self.socket.protocol().is_some() {
            self.welcome().await?;
        }
        let text = self.hear().await?;
        let said: Said<F> = serde_json::from_str(&text)
            .map_err(|error| End::Unclear(format!("Invalid filter: {error}")))?;
        match said.kind.as_str() {
            "filter" => Ok(said),
            _ => Err(End::Unclear("Expected 'filter' message".to_owned())),
        }
    }

    async fn welcome(&mut self) -> Result<(), End> {
        #[derive(Deserialize)]
        struct Login {
            #[serde(rename = "type")]
            kind: String,
        }

        let text = self.hear().await?;
        match serde_json::from_str(&text) {
            Ok(Login { kind }) if kind == "auth" => {
                self.say(r#"{"type":"auth_success"}"#.to_owned()).await
            }
            Ok(_) | Err(_) => Err(End::Unclear("Expected 'auth' message".to_owned())),
        }
    }

    /// The next text of the client.
    async fn hear(&mut self) -> Result<String, End> {
        let clock = self.app.client.clock().clone();
        let text = async {
            loop {
                match self.socket.recv().await {
                    Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
                    Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => {}
                }
            }
        };
        tokio::select! {
            text = text => text,
            () = clock.sleep(PATIENCE) => Err(End::TooSlow),
        }
    }

    async fn say(&mut self, text: String) -> Result<(), End> {
        let clock = self.app.client.clock().clone();
        tokio::select! {
            sent = self.socket.send(Message::text(text)) => sent.map_err(|_| End::Gone),
            () = clock.sleep(PATIENCE) => Err(End::TooSlow),
        }
    }

    /// Tells of the kept events that are meant, the first first.
    async fn tell_past(
        &mut self,
        filter: &EventFilter,
        told: &mut HashSet<Uuid>,
    ) -> Result<(), End> {
        let filter = EventFilter { order: EventOrder::Asc, ..filter.clone() };
        let first = FilterEvents { filter, ..FilterEvents::default() };
        let mut page = self.app.client.call(first).await.map_err(|_| End::Broken)?;
        loop {
            for event in page.events {
                let json = serde_json::to_string(&event).map_err(|_| End::Broken)?;
                self.say(envelope("event", &json)).await?;
                told.insert(event.event.id);
            }
            match page.next_page {
                Some(page_token) if told.len() < MOST_OF_THE_PAST => {
                    let next = ReadNextEvents { page_token };
                    page = self.app.client.call(next).await.map_err(|_| End::Broken)?;
                }
                Some(_) | None => return Ok(()),
            }
        }
    }

    /// Tells what is meant as it happens, until something ends it.
    async fn tell<T: Serialize>(
        &mut self,
        mut news: Receiver<Arc<Told<T>>>,
        kind: &str,
        mut is_meant: impl FnMut(&T) -> bool,
    ) -> End {
        loop {
            tokio::select! {
                heard = news.recv() => match heard {
                    Ok(heard) if is_meant(&heard.what) => {
                        if let Err(end) = self.say(envelope(kind, heard.json())).await {
                            return end;
                        }
                    }
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return End::TooSlow,
                    Err(RecvError::Closed) => return End::Broken,
                },
                // Pings are answered by looking.
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Gone,
                    Some(Ok(_)) => {}
                },
            }
        }
    }

    async fn hang_up(mut self, end: End) {
        let (code, reason) = match end {
            End::Gone => return,
            End::TooSlow => (close_code::AGAIN, "too slow".to_owned()),
            End::Unclear(problem) => (close_code::PROTOCOL, problem),
            End::Broken => (close_code::ERROR, "try again".to_owned()),
        };
        // A reason has room for 123 bytes.
        let mut reason = reason;
        reason.truncate(reason.floor_char_boundary(120));
        let clock = self.app.client.clock().clone();
        let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        tokio::select! {
            _ = self.socket.send(close) => {}
            () = clock.sleep(PATIENCE) => {}
        }
    }
}

fn envelope(kind: &str, json: &str) -> String {
    format!(r#"{{"type":"{kind}","{kind}":{json}}}"#)
}
