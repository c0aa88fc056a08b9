//! Replay: what a client said to Prefect's server, said to another.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::answer::Bound;
use super::recording::Exchange;
use crate::support::Api;

/// A conversation with a server, and where it did not answer as Prefect's did.
pub(super) struct Replay<'a> {
    api: &'a Api,
    bound: Bound,
    socket: Option<WebSocketStream<MaybeTlsStream<TcpStream>>>,
    pub(super) differences: Vec<String>,
}

impl<'a> Replay<'a> {
    pub(super) fn new(api: &'a Api) -> Self {
        Self { api, bound: Bound::default(), socket: None, differences: Vec::new() }
    }

    /// Sends a request and compares the answer.
    pub(super) async fn exchange(&mut self, exchange: &Exchange) {
        let name = exchange.name();
        let path = self.bound.translate_text(&exchange.path);
        let body = self.bound.translate(&exchange.body);
        let version = exchange.api_version.as_deref();
        let header = version.map(|version| ("x-prefect-api-version", version));
        let (status, answer) = self.api.send_with(&exchange.method, &path, &body, header).await;
        if status != exchange.status {
            let recorded = exchange.status;
            self.differences.push(format!("{name}: {status} {answer}, should be {recorded}"));
            return;
        }
        let Some(recorded) = &exchange.answer else { return };
        if body["name"].is_null()
            && let (Some(recorded), Some(ours)) =
                (recorded["name"].as_str(), answer["name"].as_str())
        {
            self.bound.bind(recorded, ours);
        }
        // Our version is another one.
        if path != "/admin/version" {
            self.differences.extend(self.bound.compare(&name, recorded, &answer));
        }
    }

    /// Opens a socket.
    pub(super) async fn open(&mut self, path: &str) {
        let url = format!("{}{path}", self.api.url().replacen("http", "ws", 1));
        let mut request = url.into_client_request().expect("an address");
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("prefect"));
        match connect_async(request).await {
            Ok((socket, _)) => self.socket = Some(socket),
            Err(error) => self.differences.push(format!("{path} is not opened: {error}")),
        }
    }

    /// Sends a frame.
    pub(super) async fn say(&mut self, frame: &Value) {
        let frame = self.bound.translate(frame).to_string();
        if let Some(socket) = &mut self.socket
            && let Err(error) = socket.send(frame.as_str().into()).await
        {
            self.differences.push(format!("{frame} is not taken: {error}"));
        }
    }

    /// Compares a frame that the server sends.
    pub(super) async fn hear(&mut self, recorded: &Value) {
        let Some(socket) = &mut self.socket else { return };
        match socket.next().await {
            Some(Ok(frame)) => {
                let ours = frame.to_text().ok().and_then(|text| serde_json::from_str(text).ok());
                let ours = ours.unwrap_or(Value::Null);
                self.differences.extend(self.bound.compare("frame", recorded, &ours));
            }
            ended => self.differences.push(format!("{ended:?} is sent, should be {recorded}")),
        }
    }
}
