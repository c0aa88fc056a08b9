//! Outcome: how one try of a body ended, as the engine sees it.

use std::any::Any;
use std::error::Error as StdError;
use std::sync::Arc;

use super::probe::Handles;
use crate::error::story;
use crate::{Error, ErrorKind};

/// How one try of a body ended.
pub type Outcome<T> = Result<T, Failure>;

/// Why a try did not end well.
#[derive(Debug)]
pub struct Failure {
    /// What the body returned, or what was done to it.
    cause: Arc<dyn StdError + Send + Sync>,
    /// The returned value itself, for whoever asks for its type.
    original: Option<Arc<dyn Any + Send + Sync>>,
    /// Whether another try may help; the task's predicate can say no.
    pub(crate) may_retry: bool,
    /// What it was.
    pub(crate) kind: FailureKind,
}

/// What a failure was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The body returned an error.
    Returned,
    /// The body panicked.
    Panicked,
    /// It took too long.
    TimedOut,
    /// Somebody asked it to stop.
    Cancelled,
    /// A task run that it needed did not complete.
    NotReady,
}

impl Failure {
    /// A failure with that cause.
    pub(crate) fn new(cause: Arc<dyn StdError + Send + Sync>) -> Self {
        Self { cause, original: None, may_retry: true, kind: FailureKind::Returned }
    }

    /// A failure of that kind, told by one of our own errors.
    pub(crate) fn of(kind: FailureKind, error: Error) -> Self {
        Self { kind, ..Self::new(Arc::new(error)) }
    }

    /// The same failure with the value that the body returned.
    #[must_use]
    pub(crate) fn with_original(mut self, original: Arc<dyn Any + Send + Sync>) -> Self {
        self.original = Some(original);
        self
    }

    /// The same failure, with what the task's predicate says of it.
    #[must_use]
    pub const fn may_retry(mut self, may: bool) -> Self {
        self.may_retry = may;
        self
    }

    /// What it says, with its causes: the message of the run's state.
    pub(crate) fn message(&self) -> String {
        story(self.cause.as_ref())
    }

    /// The error that the caller of the run gets.
    pub(crate) fn into_error(self, message: String) -> Error {
        let kind = match self.kind {
            FailureKind::Returned | FailureKind::Panicked | FailureKind::NotReady => {
                ErrorKind::Failed
            }
            FailureKind::TimedOut => ErrorKind::Timeout,
            FailureKind::Cancelled => ErrorKind::Cancelled,
        };
        let error = Error::new(kind, message).with_shared_source(self.cause);
        match self.original {
            Some(original) => error.with_original(original),
            None => error,
        }
    }
}

/// A return type that can say no: a `Result`, under whatever alias.
#[diagnostic::on_unimplemented(
    message = "a return type whose name ends in `Result` has to be a `Result`",
    label = "this is another type",
    note = "rename the type, or return a `Result`"
)]
pub trait Fallible {
    /// What it returns when it went well.
    type Ok;
    /// What it returns otherwise.
    type Error;
}

impl<T, E> Fallible for Result<T, E> {
    type Ok = T;
    type Error = E;
}

/// How a result is written and read, as far as its type can be.
pub struct Codec<T> {
    /// Its JSON.
    pub write: Option<fn(&T) -> serde_json::Result<String>>,
    /// The value that a JSON text stands for.
    pub read: Option<fn(&str) -> serde_json::Result<T>>,
    /// The task runs that it stands for, where it is made of handles.
    pub handles: Option<Handles<T>>,
}

impl<T> Clone for Codec<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Codec<T> {}

impl<T> std::fmt::Debug for Codec<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Codec")
            .field("write", &self.write.is_some())
            .field("read", &self.read.is_some())
            .finish()
    }
}
