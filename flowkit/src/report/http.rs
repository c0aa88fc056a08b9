//! Http: requests of the reporter, and what their answers mean for it.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::api::{Remote, Reply, Server, refusal};
use crate::wire::{Call, Method, Operation};
use crate::{Error, Result};

/// How often in a row a server may break on a request before the request is taken for the reason.
const PATIENCE: u32 = 5;

/// Why something could not be told.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server does not answer.
    Away { why: Error },
    /// The server asks to come again, perhaps after a time.
    Busy { wait: Option<Duration>, why: Error },
    /// The server does not let us in.
    Denied,
    /// The server does not take this, and never will.
    Refused { why: Error },
    /// The database does not answer.
    Local(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Local(error)
    }
}

/// Requests to one server.
pub(super) struct Http {
    remote: Remote,
    csrf: Option<Csrf>,
    broken: u32,
    /// How many requests were answered as hoped.
    answered: u64,
}

/// What a server that guards against foreign pages wants with each change.
struct Csrf {
    client: String,
    token: String,
}

impl Http {
    pub(super) fn new(server: &Server) -> Result<Self> {
        Ok(Self { remote: Remote::new(server)?, csrf: None, broken: 0, answered: 0 })
    }

    /// How many requests were answered as hoped.
    pub(super) const fn answered(&self) -> u64 {
        self.answered
    }

    /// Asks for something.
    pub(super) async fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<T, Trouble> {
        let reply = self.ask(Method::Get, path, None).await?;
        read(path, &reply)
    }

    /// Sends JSON and reads the answer; says whether it made something new, too.
    pub(super) async fn post<T: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<(T, bool), Trouble> {
        let reply = self.ask(Method::Post, path, Some(to_json(body)?)).await?;
        Ok((read(path, &reply)?, reply.status == 201))
    }

    /// Sends a body whose answer says nothing.
    pub(super) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<(), Trouble> {
        self.ask(method, path, Some(body)).await.map(drop)
    }

    /// Has an operation of our own answered.
    pub(super) async fn call<O: Operation>(&mut self, operation: &O) -> Result<O::Output, Trouble> {
        let Call { path, body } = Call::of(operation)?;
        let mut reply = self.ask(O::METHOD, &path, body).await?;
        if reply.body.is_empty() {
            reply.body = b"null".to_vec();
        }
        read(&path, &reply)
    }

    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Reply, Trouble> {
        let reply = self.exchange(method, path, body.clone()).await?;
        if reply.status == 403 && says_csrf(&reply) {
            self.csrf = Some(self.csrf_token().await?);
            let reply = self.exchange(method, path, body).await?;
            return self.judge(path, reply);
        }
        self.judge(path, reply)
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Reply, Trouble> {
        let headers = self.csrf.as_ref().map(|csrf| {
            [
                ("prefect-csrf-client", csrf.client.as_str()),
                ("prefect-csrf-token", csrf.token.as_str()),
            ]
        });
        let headers = headers.as_ref().map_or(&[][..], |headers| &headers[..]);
        let sent = self.remote.exchange(method, path, body, headers).await;
        sent.map_err(|why| Trouble::Away { why })
    }

    async fn csrf_token(&self) -> Result<Csrf, Trouble> {
        let client = crate::chance::new_id(crate::Clock::system().now()).to_string();
        let path = format!("/csrf-token?client={client}");
        let reply = self.exchange(Method::Get, &path, None).await?;
        let said: Value = read(&path, &reply)?;
        let token = said["token"].as_str().unwrap_or_default().to_owned();
        Ok(Csrf { client, token })
    }

    fn judge(&mut self, path: &str, reply: Reply) -> Result<Reply, Trouble> {
        let is_broken = reply.status == 500;
        self.broken = if is_broken { self.broken + 1 } else { 0 };
        if (200..300).contains(&reply.status) {
            self.answered += 1;
            return Ok(reply);
        }
        let why = refusal(reply.status, &reply.body);
        let why = Error::new(why.kind(), format!("{path}: {why}"));
        Err(match reply.status {
            401 | 403 => Trouble::Denied,
            408 | 429 | 502..=504 => Trouble::Busy { wait: reply.retry_after, why },
            500 if self.broken < PATIENCE => Trouble::Busy { wait: None, why },
            _ => Trouble::Refused { why },
        })
    }
}

fn says_csrf(reply: &Reply) -> bool {
    String::from_utf8_lossy(&reply.body).to_ascii_lowercase().contains("csrf")
}

fn to_json(body: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(body)
        .map_err(|error| Error::internal("a report has no JSON").with_source(error))
}

fn read<T: DeserializeOwned>(path: &str, reply: &Reply) -> Result<T, Trouble> {
    serde_json::from_slice(&reply.body).map_err(|error| Trouble::Refused {
        why: Error::internal(format!("the answer of {path} cannot be read")).with_source(error),
    })
}

/// The id in an answer that holds one.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Named {
    pub(super) id: Uuid,
}
