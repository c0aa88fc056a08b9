//! Auth: who may ask.
//!
//! Whoever shows the user and password of the settings, or an API key. A server without either lets
//! everybody in, and therefore listens only where nobody but this machine can reach it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::api::Client;
use crate::secret::Secret;
use crate::{Result, Timestamp};

/// How soon a server that was open notices the first key.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Lets in who may ask.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The hash of `user:password`; what is compared then says nothing by how long it takes.
    password: Option<[u8; 32]>,
    client: Client,
    /// Whether something has to be shown. Once closed, a gate stays so: taking the last key back
    /// must not open it.
    is_closed: AtomicBool,
    looked: AtomicI64,
}

impl Gate {
    pub(super) fn new(client: Client, auth: Option<&Secret>, is_closed: bool) -> Self {
        Self(Arc::new(Inner {
            password: auth.map(|auth| hash(auth.expose())),
            client,
            is_closed: AtomicBool::new(is_closed || auth.is_some()),
            looked: AtomicI64::new(i64::MIN),
        }))
    }

    /// Says whether everybody may ask.
    pub(super) async fn is_open(&self) -> Result<bool> {
        let Inner { client, is_closed, looked, .. } = &*self.0;
        if is_closed.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let now = client.clock().now();
        let before = looked.load(Ordering::Relaxed);
        if before != i64::MIN && now.since(Timestamp::from_micros(before)) < LOOK_EVERY {
            return Ok(true);
        }
        let has_keys = client.has_keys().await?;
        looked.store(now.as_micros(), Ordering::Relaxed);
        is_closed.fetch_or(has_keys, Ordering::Relaxed);
        Ok(!has_keys)
    }

    /// Says whether whoever shows that may ask: `user:password` or a key, as the first message of a
    /// websocket carries them.
    pub(crate) async fn admits(&self, token: Option<&str>) -> Result<bool> {
        if self.is_open().await? {
            return Ok(true);
        }
        let Some(token) = token else { return Ok(false) };
        Ok(self.is_password(token) || self.0.client.is_key(token).await?)
    }

    /// Says whether whoever sends these headers may ask.
    pub(super) async fn admits_headers(&self, headers: &HeaderMap) -> Result<bool> {
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some((scheme, shown)) = shown.and_then(|shown| shown.split_once(' ')) else {
            return self.admits(None).await;
        };
        let shown = shown.trim();
        if !scheme.eq_ignore_ascii_case("basic") {
            let token = scheme.eq_ignore_ascii_case("bearer").then_some(shown);
            return self.admits(token).await;
        }
        let pair = STANDARD.decode(shown).ok().and_then(|pair| String::from_utf8(pair).ok());
        let Some(pair) = pair else { return self.admits(None).await };
        if self.admits(Some(&pair)).await? {
            return Ok(true);
        }
        // A browser asks for a user and a password: a key is a password of any user.
        self.admits(pair.split_once(':').map(|(_, key)| key)).await
    }

    fn is_password(&self, token: &str) -> bool {
        let Some(password) = &self.0.password else { return false };
        let shown = hash(token);
        let differences =
            password.iter().zip(shown).fold(0, |all, (one, other)| all | (one ^ other));
        std::hint::black_box(differences) == 0
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::settings::DatabaseUrl;
    use crate::wire::{CreateApiKey, RevokeApiKey};

    async fn client() -> Client {
        let clock = Clock::stub(Timestamp::from_micros(0));
        Client::open(&DatabaseUrl::Memory, clock).await.expect("a database")
    }

    async fn key(client: &Client, name: &str, expires: Option<Timestamp>) -> String {
        client.call(CreateApiKey { name: name.into(), expires }).await.expect("a key").secret
    }

    async fn shows(gate: &Gate, authorization: &str) -> bool {
        let mut headers = HeaderMap::new();
        let value = authorization.parse().expect("a header");
        headers.insert(header::AUTHORIZATION, value);
        gate.admits_headers(&headers).await.expect("an answer")
    }

    fn basic(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    #[tokio::test]
    async fn password_is_shown_as_prefect_shows_it() {
        let gate = Gate::new(client().await, Some(&Secret::new("me:hunter:22")), false);

        assert!(shows(&gate, &basic("me:hunter:22")).await);
        assert!(gate.admits(Some("me:hunter:22")).await.expect("an answer"));
        for wrong in [basic("me:hunter:2"), basic("me"), "Basic ?".into(), "Bearer".into()] {
            assert!(!shows(&gate, &wrong).await, "{wrong}");
        }
        assert!(!gate.admits(None).await.expect("an answer"));
        assert!(!gate.admits(Some("")).await.expect("an answer"));
    }

    #[tokio::test]
    async fn key_opens_until_it_ends_or_is_revoked() {
        let client = client().await;
        let in_a_day = client.clock().now() + Duration::from_hours(24);
        let short = key(&client, "short", Some(in_a_day)).await;
        let long = key(&client, "long", None).await;
        let gate = Gate::new(client.clone(), None, false);

        assert!(shows(&gate, &format!("bearer {short}")).await);
        assert!(shows(&gate, &basic(&format!("any:{long}"))).await);
        client.clock().advance(Duration::from_hours(24));
        assert!(!shows(&gate, &format!("Bearer {short}")).await, "it has ended");
        for name in ["long", "short"] {
            client.call(RevokeApiKey { name: name.into() }).await.expect("revoked");
        }
        assert!(!shows(&gate, &format!("Bearer {long}")).await, "it is revoked");
        assert!(!gate.is_open().await.expect("an answer"), "a gate does not open again");
    }

    #[tokio::test]
    async fn open_gate_closes_with_the_first_key() {
        let client = client().await;
        let gate = Gate::new(client.clone(), None, false);
        assert!(gate.admits(None).await.expect("an answer"));

        key(&client, "first", None).await;
        client.clock().advance(LOOK_EVERY);

        assert!(!gate.admits(None).await.expect("an answer"));
    }
}
