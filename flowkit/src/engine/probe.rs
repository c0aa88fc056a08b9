//! Probes: what a concrete type can do, found out by the compiler where a macro names the type.
//!
//! An inherent constant wins over one of a trait. So `Probe::<T>::ENCODE` is the inherent one
//! where `T: Serialize`, and the trait's `None` elsewhere: a result that cannot be written as
//! JSON is passed through instead of being refused.

use std::cell::Cell;
use std::error::Error as StdError;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::fingerprint::Fingerprint;
use super::handle::{Handle, Upstream};
use super::outcome::Failure;
use crate::Error;

/// Tells the task runs that a value stands for.
pub(super) type Handles<T> = fn(&T) -> Vec<Upstream>;

/// Asks what `T` can do.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

impl<T: Clone> Probe<T> {
    /// Makes another one.
    pub const CLONE: Option<fn(&T) -> T> = Some(T::clone);
}

impl<T: Serialize> Probe<T> {
    /// Feeds its JSON to a fingerprint.
    pub const FEED: Option<fn(&T, &mut Fingerprint) -> serde_json::Result<()>> =
        Some(Fingerprint::feed_json::<T>);
    /// Its JSON as a value.
    pub const ENCODE: Option<fn(&T) -> serde_json::Result<Value>> = Some(encode::<T>);
    /// Its JSON as a text.
    pub const WRITE: Option<fn(&T) -> serde_json::Result<String>> = Some(write::<T>);
}

impl<T: DeserializeOwned> Probe<T> {
    /// The value that a JSON text stands for.
    pub const READ: Option<fn(&str) -> serde_json::Result<T>> = Some(read::<T>);
    /// The value that a JSON value stands for.
    pub const DECODE: Option<fn(Value) -> serde_json::Result<T>> =
        Some(serde_json::from_value::<T>);
}

impl<T: schemars::JsonSchema> Probe<T> {
    /// The JSON schema of the type.
    pub const SCHEMA: Option<fn() -> Value> = Some(schema::<T>);
}

impl<T: Send + Sync + 'static> Probe<Handle<T>> {
    /// The task runs that a value stands for.
    pub const HANDLES: Option<Handles<Handle<T>>> = Some(|handle| vec![handle.upstream()]);
}

impl<T: Send + Sync + 'static> Probe<Vec<Handle<T>>> {
    /// The task runs that a value stands for.
    pub const HANDLES: Option<Handles<Vec<Handle<T>>>> =
        Some(|handles| handles.iter().map(Handle::upstream).collect());
}

impl<T, E> Probe<Result<T, E>> {
    /// Whether the type is a `Result`: one under another name must not be taken for a value.
    pub const IS_RESULT: bool = true;
}

impl<T: Default> Probe<T> {
    /// A value to start from.
    pub const DEFAULT: Option<fn() -> T> = Some(T::default);
}

fn encode<T: Serialize>(value: &T) -> serde_json::Result<Value> {
    serde_json::to_value(value)
}

fn write<T: Serialize>(value: &T) -> serde_json::Result<String> {
    serde_json::to_string(value)
}

fn read<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str(text)
}

fn schema<T: schemars::JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}

/// What holds for a type that cannot do the thing asked for.
pub trait Otherwise<T>: Sized {
    /// It cannot be made twice.
    const CLONE: Option<fn(&T) -> T> = None;
    /// It has no JSON.
    const FEED: Option<fn(&T, &mut Fingerprint) -> serde_json::Result<()>> = None;
    /// It has no JSON.
    const ENCODE: Option<fn(&T) -> serde_json::Result<Value>> = None;
    /// It has no JSON.
    const WRITE: Option<fn(&T) -> serde_json::Result<String>> = None;
    /// It cannot be read from JSON.
    const READ: Option<fn(&str) -> serde_json::Result<T>> = None;
    /// It cannot be read from JSON.
    const DECODE: Option<fn(Value) -> serde_json::Result<T>> = None;
    /// It has no schema.
    const SCHEMA: Option<fn() -> Value> = None;
    /// It stands for no task runs.
    const HANDLES: Option<Handles<T>> = None;
    /// It is no `Result`.
    const IS_RESULT: bool = false;
    /// It has no value to start from.
    const DEFAULT: Option<fn() -> T> = None;
}

impl<T> Otherwise<T> for Probe<T> {}

/// An error that a body returned, on its way to becoming ours.
///
/// Method lookup tries `&&&Caught` before `&&Caught` before `&Caught`: an [`Error`](StdError)
/// is kept as it is, what converts into a boxed one is converted, and the rest is told by `Debug`.
pub struct Caught<E>(Cell<Option<E>>);

impl<E> std::fmt::Debug for Caught<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Caught")
    }
}

impl<E> Caught<E> {
    /// Holds the error.
    pub const fn new(error: E) -> Self {
        Self(Cell::new(Some(error)))
    }

    fn take(&self) -> E {
        self.0.take().expect("an error is converted once")
    }
}

/// For errors that are one.
pub trait ByError {
    /// Makes it ours.
    fn convert(&self) -> Failure;
}

impl<E: StdError + Send + Sync + 'static> ByError for &&Caught<E> {
    fn convert(&self) -> Failure {
        let error = Arc::new(self.take());
        Failure::new(error.clone()).with_original(error)
    }
}

/// For what becomes an error, like `anyhow::Error` and `String`.
pub trait ByBox {
    /// Makes it ours.
    fn convert(&self) -> Failure;
}

impl<E: Into<Box<dyn StdError + Send + Sync>>> ByBox for &Caught<E> {
    fn convert(&self) -> Failure {
        let error: Box<dyn StdError + Send + Sync> = self.take().into();
        Failure::new(Arc::from(error))
    }
}

/// For what can at least be printed.
pub trait ByDebug {
    /// Makes it ours.
    fn convert(&self) -> Failure;
}

impl<E: Debug + Send + Sync + 'static> ByDebug for Caught<E> {
    fn convert(&self) -> Failure {
        let error = self.take();
        let told = Error::failed(format!("{error:?}"));
        Failure::new(Arc::new(told)).with_original(Arc::new(error))
    }
}
