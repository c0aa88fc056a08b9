//! Answers about API keys, and whether one opens the door.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::Local;
use crate::api::{Answer, vault};
use crate::model::ApiKey;
use crate::store::{Tx, api_key};
use crate::wire::{CreateApiKey, FilterApiKeys, NewApiKey, RevokeApiKey};
use crate::{Error, Result, secret};

/// What every key begins with, so that scanners of secrets and people know it for one.
const PREFIX: &str = "fku_";

/// How many letters a name may have.
const LONGEST_NAME: usize = 100;

impl Answer<CreateApiKey> for Local {
    async fn answer(&self, CreateApiKey { name, expires }: CreateApiKey) -> Result<NewApiKey> {
        check_name(&name)?;
        let now = self.now();
        if expires.is_some_and(|expires| expires <= now) {
            return Err(Error::invalid(format!("API key '{name}' would have ended already")));
        }
        let secret = format!("{PREFIX}{}", vault::unguessable()?);
        secret::register(&secret);
        let key = ApiKey { id: self.new_id(), created: now, name, expires };
        let hash = hash(&secret);
        let write = async move |tx: &mut Tx<'_>| match api_key::add(tx, &key, &hash).await? {
            true => Ok(NewApiKey { key, secret }),
            false => Err(Error::conflict(format!("API key '{}' exists already", key.name))
                .with_hint("revoke it first, or choose another name")),
        };
        self.store.write(write).await
    }
}

fn check_name(name: &str) -> Result<()> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(is_allowed) {
        return Ok(());
    }
    let rule = "a name has 1 to 100 letters, digits, `_`, `-` and `.`";
    Err(Error::invalid("an API key cannot be called that").with_hint(rule))
}

/// What is kept of a key. It is random enough that no salt or slow hash is needed.
fn hash(key: &str) -> String {
    STANDARD.encode(Sha256::digest(key))
}

impl Answer<FilterApiKeys> for Local {
    async fn answer(&self, wanted: FilterApiKeys) -> Result<Vec<ApiKey>> {
        self.store.read(async move |tx| api_key::filter(tx, wanted).await).await
    }
}

impl Answer<RevokeApiKey> for Local {
    async fn answer(&self, RevokeApiKey { name }: RevokeApiKey) -> Result<()> {
        let write = async move |tx: &mut Tx<'_>| match api_key::delete(tx, &name).await? {
            true => Ok(()),
            false => Err(Error::not_found(format!("API key '{name}'"))),
        };
        self.store.write(write).await
    }
}

impl Local {
    /// Says whether that is a key which has not ended.
    #[cfg(feature = "server")]
    pub(in crate::api) async fn is_key(&self, key: &str) -> Result<bool> {
        if !key.starts_with(PREFIX) {
            return Ok(false);
        }
        let (hash, now) = (hash(key), self.now());
        let found = self.store.read(async move |tx| api_key::read_by_hash(tx, &hash).await).await?;
        Ok(found.is_some_and(|key| key.expires.is_none_or(|expires| expires > now)))
    }

    /// Says whether there are keys.
    #[cfg(feature = "server")]
    pub(in crate::api) async fn has_keys(&self) -> Result<bool> {
        self.store.read(api_key::any).await
    }
}
