//! Body: a function with its arguments, ready to be tried, whatever their types are.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::argument::Arguments;
use super::current;
use super::fingerprint::Fingerprint;
use super::handle::Upstream;
use super::outcome::{Failure, FailureKind, Outcome};
use super::panic;
use crate::{Error, Result};

/// What a macro knows beside the body: functions and templates that look at the arguments.
pub struct Extras<A> {
    /// The run's name.
    pub run_name: Option<fn(&A) -> String>,
    /// The task's own cache key; none for a call that is not to be cached.
    pub cache_key: Option<fn(&A) -> Option<String>>,
    /// What the flow checks before its body starts.
    pub validate: Option<fn(&A) -> Result<()>>,
}

impl<A> Extras<A> {
    /// Nothing beside the body.
    #[must_use]
    pub const fn none() -> Self {
        Self { run_name: None, cache_key: None, validate: None }
    }
}

impl<A> std::fmt::Debug for Extras<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Extras")
    }
}

/// A function with its arguments, ready to be tried.
pub(crate) trait Body<T>: Send {
    /// The task runs that have to end first, by parameter.
    fn upstreams(&self) -> Vec<(&'static str, Vec<Upstream>)>;
    /// Takes the values from the task runs that made them.
    fn settle(&mut self) -> Result<()>;
    /// Recognises the inputs; none if one of them cannot be written as JSON.
    fn fingerprint(&self, fingerprint: Fingerprint) -> Result<Option<Fingerprint>>;
    /// The JSON of the inputs that have one.
    fn json(&self) -> Result<BTreeMap<String, Value>>;
    /// The run's name, where a template says it.
    fn run_name(&self) -> Option<String>;
    /// The task's own cache key.
    fn cache_key(&self) -> Option<String>;
    /// What the flow checks before its body starts.
    fn validate(&self) -> Result<()>;
    /// Starts one try; the last one may have the only values there are.
    fn start(&mut self, is_last_try: bool) -> Result<BoxFuture<'static, Outcome<T>>>;
}

/// A body that one caller at a time may look at: arguments need not be `Sync`.
pub(crate) struct Alone<T>(Mutex<Box<dyn Body<T>>>);

impl<T> Alone<T> {
    pub(crate) fn new(body: impl Body<T> + 'static) -> Self {
        Self(Mutex::new(Box::new(body)))
    }

    /// Looks at the body, or changes it.
    pub(crate) fn with<R>(&self, look: impl FnOnce(&mut dyn Body<T>) -> R) -> R {
        look(self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut())
    }
}

/// A function of known types with its arguments.
pub(crate) struct Bound<A, F> {
    pub(crate) arguments: A,
    pub(crate) function: F,
    pub(crate) extras: Extras<A>,
}

impl<T, A, F, Fut> Body<T> for Bound<A, F>
where
    A: Arguments,
    F: Fn(A::Values) -> Fut + Send,
    Fut: Future<Output = Outcome<T>> + Send + 'static,
{
    fn upstreams(&self) -> Vec<(&'static str, Vec<Upstream>)> {
        self.arguments.upstreams()
    }

    fn settle(&mut self) -> Result<()> {
        self.arguments.settle()
    }

    fn fingerprint(&self, mut fingerprint: Fingerprint) -> Result<Option<Fingerprint>> {
        Ok(self.arguments.feed(&mut fingerprint)?.then_some(fingerprint))
    }

    fn json(&self) -> Result<BTreeMap<String, Value>> {
        self.arguments.json()
    }

    fn run_name(&self) -> Option<String> {
        self.extras.run_name.map(|render| render(&self.arguments))
    }

    fn cache_key(&self) -> Option<String> {
        self.extras.cache_key.and_then(|make| make(&self.arguments))
    }

    fn validate(&self) -> Result<()> {
        self.extras.validate.map_or(Ok(()), |check| check(&self.arguments))
    }

    fn start(&mut self, is_last_try: bool) -> Result<BoxFuture<'static, Outcome<T>>> {
        let values = self.arguments.give(is_last_try)?;
        Ok(Box::pin((self.function)(values)))
    }
}

/// Runs a sync body on a thread where it may block, in the run that it belongs to.
pub async fn blocking<T: Send + 'static>(
    body: impl FnOnce() -> Outcome<T> + Send + 'static,
) -> Outcome<T> {
    let ended = current::spawn_blocking(move || panic::catch_blocking(body)).await;
    ended.unwrap_or_else(|_| {
        let error = Error::cancelled("the runtime that executes it shut down");
        Err(Failure::of(FailureKind::Cancelled, error))
    })
}
