//! The one error of flowkit: what kind it is, what it says, and what caused it.
//!
//! Every layer makes its errors here; nothing else in the crate is an error type that callers see.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The result of a call into flowkit.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of error it is: decides the exit code, the HTTP status and whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The named thing does not exist.
    NotFound,
    /// It exists already, or somebody else changed it first.
    Conflict,
    /// The input cannot be used as it is.
    Invalid,
    /// The rules do not allow it.
    Refused,
    /// A part that is needed did not answer; trying again may help.
    Unavailable,
    /// It took longer than allowed; trying again may help.
    Timeout,
    /// Somebody asked to stop.
    Cancelled,
    /// The body of a flow or task returned an error or panicked.
    Failed,
    /// A mistake in flowkit, or a machine that misbehaves.
    Internal,
}

impl ErrorKind {
    /// Says whether the same call may succeed later without a change.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Unavailable | Self::Timeout)
    }

    /// The exit code of a program that ends with this kind.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failed | Self::Internal => 1,
            Self::Invalid => 2,
            Self::NotFound => 3,
            Self::Conflict => 4,
            Self::Refused => 5,
            Self::Unavailable => 6,
            Self::Timeout => 7,
            Self::Cancelled => 130,
        }
    }

    /// The HTTP status of an answer that carries this kind.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Invalid => 422,
            Self::Refused => 403,
            Self::Unavailable => 503,
            Self::Timeout => 504,
            Self::Cancelled => 499,
            Self::Failed | Self::Internal => 500,
        }
    }

    /// The kind that an HTTP status stands for, on the way back.
    #[must_use]
    pub const fn of_http_status(status: u16) -> Self {
        match status {
            404 | 410 => Self::NotFound,
            409 | 412 | 423 => Self::Conflict,
            401 | 403 => Self::Refused,
            408 | 504 => Self::Timeout,
            429 | 502 | 503 => Self::Unavailable,
            499 => Self::Cancelled,
            400..=498 => Self::Invalid,
            _ => Self::Internal,
        }
    }
}

/// An error of flowkit, or of a flow or task that flowkit ran.
///
/// The message is a fragment that fits after "could not …: "; the cause is the
/// [`source`](StdError::source). The value that a body returned as its error is
/// kept and can be asked for with [`Error::downcast_ref`].
///
/// ```
/// let error = flowkit::Error::not_found("flow run 'brave-otter'");
/// assert_eq!(error.kind(), flowkit::ErrorKind::NotFound);
/// assert_eq!(error.to_string(), "flow run 'brave-otter' not found");
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    original: Option<Arc<dyn Any + Send + Sync>>,
    retry_after: Option<Duration>,
}

impl Error {
    /// An error of the given kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            hint: None,
            source: None,
            original: None,
            retry_after: None,
        }))
    }

    /// The named thing does not exist; says "`what` not found".
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::NotFound, format!("{what} not found"))
    }

    /// It exists already, or somebody else changed it first.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// The input cannot be used as it is.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// The rules do not allow it.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Refused, message)
    }

    /// A part that is needed did not answer.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, message)
    }

    /// It took longer than allowed.
    pub fn timeout(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Timeout, message)
    }

    /// Somebody asked to stop.
    pub fn cancelled(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Cancelled, message)
    }

    /// A body returned an error or panicked.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Failed, message)
    }

    /// A mistake in flowkit, or a machine that misbehaves.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.change(|inner| inner.source = Some(Arc::from(source.into())))
    }

    /// The same error with its cause, which others hold too.
    #[must_use]
    pub(crate) fn with_shared_source(self, source: Arc<dyn StdError + Send + Sync>) -> Self {
        self.change(|inner| inner.source = Some(source))
    }

    /// The same error with a sentence that says what to do about it.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        self.change(|inner| inner.hint = Some(hint.into()))
    }

    /// The same error, with when to try again: there was no room.
    #[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "only a database has room"))]
    #[must_use]
    pub(crate) fn with_retry_after(self, delay: Duration) -> Self {
        self.change(|inner| inner.retry_after = Some(delay))
    }

    /// When to try again, if there was no room.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The same error with the value that a body returned as its error.
    #[must_use]
    pub(crate) fn with_original(self, original: Arc<dyn Any + Send + Sync>) -> Self {
        self.change(|inner| inner.original = Some(original))
    }

    fn change(self, edit: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Arc::try_unwrap(self.0).unwrap_or_else(|shared| shared.copy());
        edit(&mut inner);
        Self(Arc::new(inner))
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The sentence that says what to do about it, where it or one of its causes has one.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        let mut hint = self.0.hint.as_deref();
        let mut cause = self.source();
        while let (None, Some(error)) = (hint, cause) {
            hint = error.downcast_ref::<Self>().and_then(|error| error.0.hint.as_deref());
            cause = error.source();
        }
        hint
    }

    /// The error that the body of a flow or task returned, if it is an `E`.
    ///
    /// Looks at the returned value itself first, then along its sources.
    #[must_use]
    pub fn downcast_ref<E: StdError + Send + Sync + 'static>(&self) -> Option<&E> {
        if let Some(found) = self.original_ref::<E>() {
            return Some(found);
        }
        let mut cause = self.source();
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref::<E>() {
                return Some(found);
            }
            if let Some(inner) = error.downcast_ref::<Self>()
                && let Some(found) = inner.downcast_ref::<E>()
            {
                return Some(found);
            }
            cause = error.source();
        }
        None
    }

    /// The value that the body returned as its error, if it is a `T`; also for types that are no `Error`.
    #[must_use]
    pub fn original_ref<T: 'static>(&self) -> Option<&T> {
        self.0.original.as_ref()?.downcast_ref::<T>()
    }

    /// The message and the messages of its causes, joined by ": ".
    #[must_use]
    pub fn full_message(&self) -> String {
        story(self)
    }
}

/// What an error says, with what its causes say, each part once.
pub(crate) fn story(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let part = error.to_string();
        if !text.ends_with(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        cause = error.source();
    }
    text
}

impl Inner {
    fn copy(&self) -> Self {
        Self {
            kind: self.kind,
            message: self.message.clone(),
            hint: self.hint.clone(),
            source: self.source.clone(),
            original: self.original.clone(),
            retry_after: self.retry_after,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// Reads like a person would say it, since this is what `main` prints when it returns an error.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full_message())?;
        if let Some(hint) = self.hint() {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn original_error_is_found_behind_any_number_of_sources() {
        let io = std::io::Error::new(std::io::ErrorKind::NotFound, "gone");
        let inner = Error::failed("task run 'a' failed").with_source(io);
        let outer = Error::failed("flow run 'b' failed").with_source(inner);
        let found = outer.downcast_ref::<std::io::Error>().expect("the io error is kept");
        assert_eq!(found.to_string(), "gone");
        assert_eq!(outer.full_message(), "flow run 'b' failed: task run 'a' failed: gone");
    }

    #[test]
    fn hint_of_a_cause_is_not_lost() {
        let inner = Error::not_found("dbt").with_hint("install it");
        let outer = Error::failed("task run 'a' failed").with_source(inner);
        assert_eq!(outer.hint(), Some("install it"));
        assert_eq!(format!("{outer:?}"), "task run 'a' failed: dbt not found\nhint: install it");
        assert_eq!(outer.with_hint("try again").hint(), Some("try again"));
    }

    #[test]
    fn only_unavailable_and_timeout_may_be_tried_again() {
        assert!(ErrorKind::Unavailable.is_transient());
        assert!(ErrorKind::Timeout.is_transient());
        assert!(!ErrorKind::Failed.is_transient());
        assert!(!ErrorKind::Invalid.is_transient());
    }
}
